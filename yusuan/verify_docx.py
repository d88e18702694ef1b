"""The second reading of a Word document: python-docx's tables, rows, cells and texts, through its own interface.

Nothing of `extract/word*.py` is used. The XML behind a cell is looked at only to tell which known limit of python-docx 1.2
explains a difference.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import docx
from docx.oxml.ns import qn
from lxml import etree

from yusuan.difference import Difference
from yusuan.extract.grid import Cell, Grid

Element = Any

REFUSED = "python-docx does not open this file"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Choice"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"

_LOSES = {
    "w:sdt": "a content control",
    "w:ins": "a tracked insertion",
    "w:moveTo": "a tracked move",
    "w:txbxContent": "a text box",
    "w:sym": "a symbol",
    "w:smartTag": "a smart tag",
    "w:customXml": "custom XML",
    "w:fldSimple": "a simple field",
    "w:fldChar": "a form field",
    "w:dir": "a change of the writing direction",
    "w:bdo": "a change of the writing direction",
    "w:ruby": "text with a phonetic guide",
    "w:numPr": "an automatic number",
    "w:pStyle": "an automatic number of a style",
    "w:br": "a page break inside of a text",
}
_KEEPS = {
    "w:vanish": "hidden text",
    "w:strike": "crossed-out text",
    "w:dstrike": "crossed-out text",
    "w:rStyle": "text hidden by its style",
    "w:pStyle": "text hidden by its style",
    "w:fldChar": "the instruction of a field",
    "w:del": "the line end of a deleted paragraph",
    "w:moveFrom": "the line end of a moved paragraph",
}
"""Tags that explain a difference: python-docx leaves such text out, or keeps what the reader of the document cannot see."""


@dataclass(slots=True)
class SecondTable:
    """What python-docx makes of one table: cells by the place of their top left corner, with the XML behind them."""

    cells: dict[tuple[int, int], tuple[Cell, Element]] = field(default_factory=dict)
    reason: str | None = None
    """Why the whole table was not reached."""
    row_reasons: dict[int, str] = field(default_factory=dict)
    """Rows that python-docx does not reach, misplaces or stops at."""
    extra: list[tuple[str, str]] = field(default_factory=list)
    """Text and reason of cells in rows that the final document does not have."""


@dataclass(slots=True)
class SecondReading:
    """Tables in document order, nested ones behind the outer one; `refused` says why there are none at all."""

    tables: list[SecondTable] = field(default_factory=list)
    refused: str | None = None


def second_reading(data: bytes) -> SecondReading:
    try:
        document = docx.Document(io.BytesIO(data))
        reached = {table._tbl: table for table in _tables(document)}
    except Exception as error:  # python-docx answers with whatever its parts raise; all of it means "not read"
        return SecondReading(refused=f"{REFUSED}: {type(error).__name__}: {error}")
    everything = [element for element in document.element.body.iter(qn("w:tbl")) if _in_final_document(element)]
    return SecondReading([_second_table(element, reached.get(element)) for element in everything])


def _tables(holder: Any) -> Iterator[Any]:
    """Tables of the body or of a cell as python-docx gives them, with those nested in their cells."""
    for table in holder.tables:
        yield table
        for tr in table._tbl.tr_lst:
            for tc in tr.tc_lst:
                yield from _tables(docx.table._Cell(tc, table))


def _in_final_document(element: Element) -> bool:
    """Not in a deletion, nor in a fallback that stands beside what it falls back from."""
    for ancestor in element.iterancestors():
        if ancestor.tag in (qn("w:del"), qn("w:moveFrom")) or (ancestor.tag == qn("w:tr") and _deleted(ancestor)):
            return False
        parent = ancestor.getparent()
        if parent is not None and parent.tag == _ALTERNATIVES and parent.find(_CHOICE) not in (None, ancestor):
            return False
    return True


def _deleted(row: Element) -> str | None:
    properties = row.find(qn("w:trPr"))
    if properties is None:
        return None
    if properties.find(qn("w:del")) is not None:
        return "a tracked deletion: python-docx keeps the row"
    if properties.find(qn("w:hidden")) is not None:
        return "a hidden row: python-docx keeps it"
    return None


def _second_table(element: Element, table: Any) -> SecondTable:
    second = SecondTable()
    if table is None:
        second.reason = f"python-docx does not reach tables in {_wrapper(element)}"
        return second
    direct = {row._tr: row for row in table.rows}
    index = 0
    spans: dict[Element, list[tuple[int, int]]] = {}
    for tr in element.iter(qn("w:tr")):
        if next(tr.iterancestors(qn("w:tbl"))) is not element:
            continue
        if (gone := _deleted(tr)) is not None and (
            tr.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None or not _shows(tr)
        ):
            second.extra += [("".join(t.text or "" for t in tc.iter(qn("w:t"))), gone) for tc in tr.iter(qn("w:tc"))]
            continue
        if tr not in direct:
            second.row_reasons[index] = f"python-docx does not reach rows in {_wrapper(tr)}"
        else:
            _read_row(direct[tr], index, spans, second)
        index += 1
    for tc, places in spans.items():
        (top, left), (bottom, right) = places[0], (max(r for r, _ in places), max(c for _, c in places))
        text = docx.table._Cell(tc, table).text
        second.cells[top, left] = (Cell(top, left, bottom - top + 1, right - left + 1, text), tc)
    return second


def _shows(row: Element) -> bool:
    runs = row.iter(qn("w:r"))
    return any(run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") is None and run.find(qn("w:t")) is not None for run in runs)


def _read_row(row: Any, index: int, spans: dict[Element, list[tuple[int, int]]], second: SecondTable) -> None:
    tr = row._tr
    odd = [name for name in ("w:hMerge", "w:cellDel", "w:cellMerge") if next(tr.iter(qn(name)), None) is not None]
    if odd:
        second.row_reasons[index] = f"python-docx knows no {odd[0]}"
    if len(tr.tc_lst) != sum(1 for tc in tr.iter(qn("w:tc")) if next(tc.iterancestors(qn("w:tr"))) is tr):
        second.row_reasons[index] = "python-docx leaves out cells in content controls or tracked insertions"
    if any(tc.vMerge == "continue" and _begins_nothing(tc) for tc in tr.tc_lst):
        second.row_reasons[index] = "python-docx continues a vertical merge from a cell that is not merged"
    try:
        cells = row.cells
    except (ValueError, IndexError, KeyError, AttributeError, RecursionError) as error:
        second.row_reasons[index] = (
            f"python-docx stops at a vertical merge that does not continue a cell above: {type(error).__name__}: {error}"
        )
        return
    for col, cell in enumerate(cells, start=row.grid_cols_before):
        spans.setdefault(cell._tc, []).append((index, col))


def _begins_nothing(tc: Element) -> bool:
    try:
        return tc._tc_above.vMerge is None
    except ValueError:  # no cell of these columns above
        return False


def _wrapper(element: Element) -> str:
    names = {**_LOSES, "w:txbxContent": "a text box", "w:tc": "a nested cell"}
    for ancestor in element.iterancestors():
        for name, words in names.items():
            if ancestor.tag == qn(name):
                return words
    return "an unknown element"


# --- comparison -------------------------------------------------------------------------------------------------------


def compare(grids: Sequence[Grid], second: SecondReading) -> list[Difference]:
    """Cells whose place, span or text differ, in document order."""
    if second.refused is not None:
        return [Difference(None, None, None, None, None, None, second.refused)]
    found: list[Difference] = []
    for index, grid in enumerate(grids):
        if index >= len(second.tables):
            found.append(Difference(None, index, None, None, _size(grid), None, None))
        elif (table := second.tables[index]).reason is not None:
            found.append(Difference(None, index, None, None, _size(grid), None, table.reason))
        else:
            found += _compare_grid(index, grid, table)
    return found


def _size(grid: Grid) -> str:
    return f"{grid.n_rows} × {grid.n_cols}"


def _compare_grid(index: int, grid: Grid, table: SecondTable) -> Iterator[Difference]:
    ours = {(cell.row, cell.col): cell for cell in grid.cells}
    for place in sorted({*ours, *table.cells}):
        cell = ours.get(place)
        other, element = table.cells.get(place, (None, None))
        if cell is not None and other is not None and cell.text == other.text:
            if (cell.row_span, cell.col_span) != (other.row_span, other.col_span):
                yield Difference(
                    None, index, *place, _with_span(cell), _with_span(other), _row_reason(table, cell, other)
                )
        elif cell is not None and other is not None:
            reason = _text_reason(cell.text, other.text, element) or _row_reason(table, cell, other)
            yield Difference(None, index, *place, cell.text, other.text, reason)
        else:
            reason = _row_reason(table, cell, other)
            yield Difference(None, index, *place, cell.text if cell else None, other.text if other else None, reason)
    for text, reason in table.extra:
        yield Difference(None, index, None, None, None, text, reason)


def _with_span(cell: Cell) -> str:
    return f"{cell.text} [{cell.row_span} × {cell.col_span}]"


def _row_reason(table: SecondTable, *cells: Cell | None) -> str | None:
    rows = {row for cell in cells if cell is not None for row in range(cell.row, cell.row + cell.row_span)}
    return next((table.row_reasons[row] for row in sorted(rows) if row in table.row_reasons), None)


def _text_reason(ours: str, theirs: str, element: Element) -> str | None:
    if _holds(ours, theirs):
        for name, words in _LOSES.items():
            if next(element.iter(qn(name)), None) is not None:
                return f"python-docx leaves out {words}"
        if next(element.iter(_MATH), None) is not None:
            return "python-docx leaves out a formula"
        if next(element.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
            return "python-docx ends a text at a comment in the XML"
    if _holds(theirs, ours):
        for name, words in _KEEPS.items():
            if next(element.iter(qn(name)), None) is not None:
                return f"python-docx keeps {words}"
    if len(ours) == len(theirs) and next(element.iter(qn("w:rFonts")), None) is not None:
        differ = [two for one, two in zip(ours, theirs, strict=True) if one != two]
        if all(char < "\u0100" or "\uf000" <= char < "\uf100" for char in differ):
            return "python-docx keeps the codes of a symbol font"
    if len(ours) == len(theirs) and next(element.iter(qn("w:vertAlign")), None) is not None:
        return "python-docx does not tell raised digits from others"
    several = [name for name in (*_LOSES, *_KEEPS) if next(element.iter(qn(name)), None) is not None]
    return f"python-docx reads several things otherwise here: {', '.join(several)}" if len(several) > 1 else None


def _holds(long: str, short: str) -> bool:
    """Whether `short` is what remains of `long` after leaving characters out."""
    rest = iter(long)
    return all(char in rest for char in short)

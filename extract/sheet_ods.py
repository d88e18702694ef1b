"""OpenDocument spreadsheets (.ods) → grids. The text that stands in each cell is the one that was shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import repeat

import numpy as np

from yusuan.extract.grid import MAX_POSITIONS, Document, Note, encrypted
from yusuan.extract.package import Element, Package, corrupt, parse_xml
from yusuan.extract.sheet_flat import LAST_COLUMN, LAST_ROW, Sheet
from yusuan.extract.sheet_format import general
from yusuan.extract.sheet_grid import document_of
from yusuan.extract.sheet_ods_scan import BLOCK, Block, scan
from yusuan.extract.sheet_struck import strike

_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _TEXT, _OFFICE = (f"{{{_NAMESPACE}{name}:1.0}}" for name in ("table", "text", "office"))
_STYLE = f"{{{_NAMESPACE}style:1.0}}"
_ROW, _CELL, _COVERED = _TABLE + "table-row", _TABLE + "table-cell", _TABLE + "covered-table-cell"
_ROWS_IN = tuple(_TABLE + name for name in ("table-row-group", "table-header-rows", "table-rows"))
_PARAGRAPHS = (_TEXT + "p", _TEXT + "h")
_UNSEEN = (_OFFICE + "annotation", _TEXT + "note", _TEXT + "ruby-text")
_ROWS_REPEATED, _COLUMNS_REPEATED, _ROWS_SPANNED, _COLUMNS_SPANNED = (
    f"{_TABLE}number-{name}" for name in ("rows-repeated", "columns-repeated", "rows-spanned", "columns-spanned")
)
_VISIBILITY, _UNSEEN_LINES = _TABLE + "visibility", ("collapse", "filter")
_BOOLEANS = {"true": "TRUE", "false": "FALSE"}
_SPAN, _DEFAULT_STYLE = _TEXT + "span", _TABLE + "default-cell-style-name"
_CROSSES_OUT = re.compile(rb"""text-line-through-(?:style|type)\s*=\s*["'](?!none)""")


Struck = Mapping[str, bool]
"""Names of styles that say whether they cross out."""


def read_ods(data: bytes) -> Document:
    """All sheets, hidden ones marked. Raises UnreadableError: `corrupt`, `too-large`, `encrypted`."""
    package = Package(data)
    if package.is_encrypted_opendocument():
        raise encrypted("表格文件")
    content = package.read_xml("content.xml")
    struck = _struck_styles(parse_xml(content, "content.xml")) if _CROSSES_OUT.search(content) else {}
    xml, blocks = scan(content) if True not in struck.values() else (content, [])
    root = parse_xml(xml, "content.xml")
    book = next(root.iter(_OFFICE + "spreadsheet"), None)
    if book is None:
        raise corrupt("content.xml 里没有电子表格")
    hidden = {
        style.get(_STYLE + "name")
        for style in root.iter(_STYLE + "style")
        for properties in style.iter(_STYLE + "table-properties")
        if properties.get(_TABLE + "display") == "false"
    }
    notes: list[Note] = []
    sheets = []
    for number, table in enumerate(book.iterchildren(_TABLE + "table"), 1):
        sheet = Sheet(table.get(_TABLE + "name", ""), table.get(_TABLE + "style-name") in hidden)
        sheets.append(sheet)
        sheet.struck = bool(struck)
        if not _fill(sheet, table, blocks, struck):
            message = f"工作表“{sheet.name}”超过 {MAX_POSITIONS:,} 个单元格，只读取了前面的部分：请拆成几个文件。"
            notes.append(Note("unread-part", message, page=number))
    return document_of("ods", sheets, notes)


def _struck_styles(root: Element) -> Struck:
    struck = {}
    for style in root.iter(_STYLE + "style"):
        for properties in style.iter(_STYLE + "text-properties"):
            said = [properties.get(_STYLE + f"text-line-through-{name}") for name in ("style", "type")]
            if any(said):
                struck[style.get(_STYLE + "name", "")] = "none" not in said
    return struck


def _fill(sheet: Sheet, table: Element, blocks: list[Block], struck: Struck) -> bool:
    """False where the sheet holds more than can be read: what came first is in it."""
    row = 0
    col = 0
    struck_cols: set[int] = set()
    for column in table.iter(_TABLE + "table-column"):
        wide = _count(column, _COLUMNS_REPEATED, LAST_COLUMN)
        if struck and struck.get(column.get(_DEFAULT_STYLE, "")):
            struck_cols.update(range(col, min(col + wide, LAST_COLUMN)))
        if column.get(_VISIBILITY) in _UNSEEN_LINES:
            sheet.hidden_cols.append((col, col + wide - 1))
        col += wide
    for line in _rows(table):
        if blocks and (number := line.get(BLOCK)):
            height = blocks[int(number)].height
            complete = _put(sheet, blocks[int(number)], row)
        else:
            height = _count(line, _ROWS_REPEATED, LAST_ROW)
            complete = _fill_rows(sheet, line, row, height, (struck, struck_cols))
        row += height
        if not complete or row >= LAST_ROW:
            return complete
    return True


def _fill_rows(sheet: Sheet, line: Element, row: int, repeated: int, struck: tuple[Struck, set[int]]) -> bool:
    if line.get(_VISIBILITY) in _UNSEEN_LINES:
        sheet.hidden_rows.append((row, row + repeated - 1))
    first = len(sheet.texts)
    merges = len(sheet.merges)
    _fill_row(sheet, line, row, *struck)
    own = list(zip(sheet.cols[first:], sheet.texts[first:], strict=True))
    spans = sheet.merges[merges:]
    if len(sheet.texts) + len(own) * (repeated - 1) > MAX_POSITIONS:
        return False
    if own or spans:
        for below in range(row + 1, row + repeated if own else row + 1):
            sheet.rows.extend(repeat(below, len(own)))
            sheet.cols.extend(col for col, _ in own)
            sheet.texts += [text for _, text in own]
            sheet.merges += [(below, c0, below + r1 - r0, c1) for r0, c0, r1, c1 in spans]
    return True


def _put(sheet: Sheet, block: Block, row: int) -> bool:
    """Puts a block of rows into the sheet from this row on; what `_fill` gives."""
    wide = np.minimum(block.wide, LAST_COLUMN - block.cols).clip(0) * (block.rows < LAST_ROW - row)
    total = np.cumsum(wide)
    over = total > MAX_POSITIONS - len(sheet.texts)
    if over.any():
        wide[block.rows > block.rows[over.argmax()]] = 0
    index = np.repeat(np.arange(len(wide)), wide)
    nth = np.arange(len(index)) - np.repeat(total - wide, wide)
    sheet.add(row + block.rows[index], block.cols[index] + nth, block.texts[index].tolist())
    return not over.any()


def _rows(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == _ROW:
            yield child
        elif child.tag in _ROWS_IN:
            yield from _rows(child)


def _fill_row(sheet: Sheet, line: Element, row: int, struck: Struck, struck_cols: set[int]) -> None:
    col = 0
    for cell in line.iterchildren(_CELL, _COVERED):
        repeated = _count(cell, _COLUMNS_REPEATED, LAST_COLUMN)
        text = _shown(cell, struck, _is_struck(cell, col, struck, struck_cols)) if struck else _shown(cell)
        down, across = _count(cell, _ROWS_SPANNED, LAST_ROW), _count(cell, _COLUMNS_SPANNED, LAST_COLUMN)
        for at in range(col, min(col + repeated, LAST_COLUMN) if text else col):
            sheet.rows.append(row)
            sheet.cols.append(at)
            sheet.texts.append(text)
        if down > 1 or across > 1:
            sheet.merges.append((row, col, row + down - 1, col + across - 1))
        col += repeated


def _count(item: Element, name: str, most: int) -> int:
    written = item.get(name)
    if written is None or not written.isdigit():
        return 1
    return max(1, min(int(written), most))


def _is_struck(cell: Element, col: int, struck: Struck, struck_cols: set[int]) -> bool:
    own = cell.get(_TABLE + "style-name")
    return struck.get(own, False) if own else col in struck_cols


def _shown(cell: Element, struck: Struck | None = None, crossed_out: bool = False) -> str:
    if not len(cell):
        text = _value(cell) if cell.get(_OFFICE + "value-type") else ""
        return strike(text) if crossed_out else text
    first = cell[0]
    if struck:
        text = "\n".join(
            ["".join(_pieces_struck(part, struck, crossed_out)) for part in cell if part.tag in _PARAGRAPHS]
        )
    elif len(cell) == 1 and first.tag == _PARAGRAPHS[0] and not len(first):  # nearly all of them
        text = first.text or ""
    else:
        text = "\n".join(["".join(_pieces(part)) for part in cell if part.tag in _PARAGRAPHS])
    if not text and cell.get(_OFFICE + "value-type"):
        text = _value(cell)
    if cell.get(_OFFICE + "value-type") not in (None, "string"):
        return text.strip()  # formats pad numbers with blanks
    return "" if text.isspace() else text


def _pieces_struck(part: Element, struck: Struck, crossed_out: bool) -> Iterator[str]:
    """What `_pieces` gives, crossed-out letters marked. Of spans in a text each may have a style."""
    mark = strike if crossed_out else str
    yield mark(part.text or "")
    for child in part:
        if child.tag == _SPAN:
            yield from _pieces_struck(child, struck, struck.get(child.get(_TEXT + "style-name", ""), crossed_out))
        elif child.tag not in _UNSEEN:
            yield mark("".join(_piece(child)))
        yield mark(child.tail or "")


def _value(cell: Element) -> str:
    """The stored value, where a program wrote no text beside it."""
    if (number := cell.get(_OFFICE + "value")) is not None:
        if cell.get(_OFFICE + "value-type") == "percentage":
            return f"{general(number + 'E2')}%"
        return general(number)
    if (boolean := cell.get(_OFFICE + "boolean-value")) is not None:
        return _BOOLEANS.get(str(boolean), str(boolean))
    names = ("date-value", "string-value", "time-value")
    return next((str(cell.get(_OFFICE + name)) for name in names if cell.get(_OFFICE + name)), "")


def _pieces(part: Element) -> Iterator[str]:
    """Text with the blanks that OpenDocument writes as elements."""
    yield part.text or ""
    for child in part:
        if child.tag not in _UNSEEN:
            yield from _piece(child)
        yield child.tail or ""


def _piece(child: Element) -> Iterator[str]:
    if child.tag == _TEXT + "s":
        count = child.get(_TEXT + "c", "1")
        yield " " * (min(int(count), 10_000) if count.isdigit() else 1)
    elif child.tag == _TEXT + "tab":
        yield "\t"
    elif child.tag == _TEXT + "line-break":
        yield "\n"
    else:
        yield from _pieces(child)

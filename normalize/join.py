"""Document → sheets: texts repaired, tables that a page break cut in two made one again, places kept.

A table goes on at the top of the next page when both have the same outer borders and the lower one has no title and no beginning of a
form of its own. Repeated header rows go, a cell merged over the break is one again, and so is a row that the break cut through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from yusuan.extract.grid import Cell, Document, Grid, make_cell
from yusuan.normalize.abreast import SPREADSHEETS, apart
from yusuan.normalize.block import Place, Places, Sheet, first_filled
from yusuan.normalize.finder import Finder, is_header, known_words
from yusuan.normalize.repair import unwrap
from yusuan.normalize.seam import JoinedRow, is_cut_name
from yusuan.normalize.sideways import Wide, WidePart, cut_off, wide_tables
from yusuan.normalize.strip import Strip, all_edges, columns_on, row_texts
from yusuan.normalize.text import is_filler, label_key, label_of

EDGE_TOLERANCE = 3.0
"""Points by which the same border may differ between two pages: writers round, scans and askew lines do worse."""
_NUMBER = re.compile(r"\d+")
_HEADER_ROWS = 4
"""So many first rows of a table can be its repeated header; forms repeat a title, a caption and two rows of column labels at most."""
_CONTINUED = re.compile(
    r"^[-—–\s(（]*(?:第?\s*\d+\s*[页頁]?(?:\s*[/共,，]\s*\d+\s*[页頁]?)?|续\s*(?:表|上表|前表)?.{0,8})[)）\s—–-]*$"
)


@dataclass(frozen=True)
class Sheets:
    """The tables of a document as they are read on, the rows that were made one, what was put to the right of its first part, texts at
    a side where a table is cut off, and the first texts of pages at which a table without lines around it may go on."""

    sheets: tuple[Sheet, ...]
    joined_rows: tuple[JoinedRow, ...]
    wide_parts: tuple[WidePart, ...] = ()
    cut_off: tuple[Place, ...] = ()
    open_seams: tuple[Place, ...] = ()


def sheets_of(document: Document, finder: Finder) -> Sheets:
    """All tables of a document in reading order, those cut by a page break joined."""
    strips: list[Strip] = []
    last_page: int | None = None
    last: Wide | None = None
    rows: list[JoinedRow] = []
    tops: list[str] = []
    seams: list[Place] = []
    tables, moved = wide_tables(document.grids, finder)
    cut = filter(None, map(cut_off, tables))
    for table in tables:
        grid = _with_context(table.grid, document, finder)
        follows = last is not None and last.is_followed_by(table)
        repeated = _goes_on(strips[-1], grid, {*document.headers, *tops}) if strips and follows else None
        if strips and strips[-1].ends_open and follows and grid.page != last_page and not grid.context:
            first = first_filled(grid.cells) or grid.cells[0]
            seams.append(table.places.first(first[:2]))
        if grid.page != last_page:
            tops = [line for line in map(_running, grid.context) if not finder.is_title(label_key(line))]
        if repeated is not None:
            _join(strips[-1], grid, table.places, repeated, rows)
        else:
            strips.append(Strip(grid, table.places, finder))
        last, last_page = table, grid.page
    sheets = [_repaired(strip.grid(), strip.places) for strip in strips]
    if document.format in SPREADSHEETS:
        sheets = [part for sheet in sheets for part in apart(sheet, finder)]
    return Sheets(tuple(sheets), tuple(rows), tuple(moved), tuple(cut), tuple(seams))


def _with_context(grid: Grid, document: Document, finder: Finder) -> Grid:
    """A table in a cell of another one that only arranges the page stands below the lines above that one (forms side by side)."""
    outer = grid
    while not outer.context and outer.parent is not None:
        outer = document.grids[outer.parent]
        if any(finder.is_label(label_of(cell.text)) for cell in outer.cells):
            return grid
    return replace(grid, context=outer.context) if outer is not grid else grid


def _repaired(grid: Grid, places: Places) -> Sheet:
    # Most texts stand on one line and without blanks at the edges (of white space only the blank is printable).
    cells = tuple(
        [
            cell if (text := cell.text).isprintable() and text.strip() == text else _unwrapped(cell)
            for cell in grid.cells
        ]
    )
    return Sheet(grid if cells == grid.cells else replace(grid, cells=cells), places)


def _unwrapped(cell: Cell) -> Cell:
    row, col, row_span, col_span, text, page, box, confidence, full_lines, room = cell
    whole = unwrap(text, full_lines, typed=box is None)
    if whole == text:
        return cell
    return make_cell((row, col, row_span, col_span, whole, page, box, confidence, full_lines, room))


# --- does it go on? ---------------------------------------------------------------------------------------------------


def _running(line: str) -> str:
    """A line as the next page would repeat it: the number of a page or a second may differ."""
    return _NUMBER.sub("#", line)


def _goes_on(above: Strip, below: Grid, headers: AbstractSet[str]) -> list[int] | None:
    """The rows above that the lower table repeats (`_repeated_rows`), if it goes on with the upper one.

    `headers` are lines that stand on other pages, too: running headers of the document, and what stood above the first table of the
    page before (a document of two pages has no other sign of them), as `_running` gives it.
    """
    if not above.edges or not below.edges or not below.cells:
        return None
    if abs(above.edges[0] - below.edges[0]) > EDGE_TOLERANCE or abs(above.edges[-1] - below.edges[-1]) > EDGE_TOLERANCE:
        return None
    new = any(not {line, _running(line)} & headers and not _CONTINUED.match(line) for line in below.context)
    if new and below.context != above.first.context:
        return None
    repeated = _repeated_rows(above, below)
    if new and not any(above.header(row_texts(cells)) is not None for cells in below.rows[: len(repeated)]):
        return None  # title, unit and header again, as a spreadsheet prints them on each page: nothing less is a list that goes on
    rest = len(repeated)
    if rest == below.n_rows:
        return None
    captioned = True  # so far: a title stands in the first row, or behind a line like 附件1
    for cells in below.rows[rest : rest + 2]:
        filled = [cell for cell in cells if cell.text]
        words = known_words(filled, above.finder)
        if captioned and len(filled) <= 2 and any(word.title for word in words) and above.is_labelled():
            return None
        named = any(word.anchor for word in words) and not is_header({word.column for word in words})
        if named and above.is_named():
            return None
        captioned = len(filled) == 1 and _is_caption(filled[0], above)
    return repeated


def _is_caption(cell: Cell, above: Strip) -> bool:
    """Whether a text that stands alone in its row can belong to a title below it: it is no label, nor the end of one above."""
    if cell.col > 0 or is_filler(cell.text) or above.finder.is_label(label_of(cell.text)):
        return False
    return not any(is_cut_name(top, cell, above.finder) for top in above.bottom())


def _repeated_rows(above: Strip, below: Grid) -> list[int]:
    """The rows above that the first rows of the lower table only repeat, one for each."""
    repeated: list[int] = []
    for row, cells in enumerate(below.rows[:_HEADER_ROWS]):
        texts = row_texts(cells)
        header = above.header(texts)
        if not texts or (header is None and (row >= len(above.rows) or texts != row_texts(above.rows[row]))):
            break
        if row == 0 and header is None and len(texts) > 2 and not all(map(above.finder.is_label, texts)):
            break
        repeated.append(header if header is not None else row)
    return repeated


def _join(above: Strip, below: Grid, places: Places, repeated: Sequence[int], joined: list[JoinedRow]) -> None:
    """Makes the lower table the end of the strip."""
    edges = all_edges(above.edges, below.edges)
    above.move_to(edges)
    columns = columns_on(below.edges, edges)
    for home, cells in zip(repeated, below.rows, strict=False):  # the repeated header stands behind the first one
        for cell in (cell for cell in cells if cell.row + cell.row_span <= len(repeated)):
            above.add_place(home, columns[cell.col], places[cell.row, cell.col])
    row = above.append(*_behind(len(repeated), below, places), len(repeated), columns)
    if row is not None:
        joined.append(row)


def _behind(skipped: int, below: Grid, places: Places) -> tuple[Grid, Places]:
    """A table whose repeated header is skipped: the label of all the table, merged beside it, goes on without its text."""
    beside = [cell for cells in below.rows[:skipped] for cell in cells if cell.row + cell.row_span > skipped]
    if not beside:
        return below, places
    onward = [
        cell._replace(row=skipped, row_span=cell.row + cell.row_span - skipped, text="", full_lines=(), room=None)
        for cell in beside
    ]
    moved = {(cell.row, cell.col): places[old.row, old.col] for cell, old in zip(onward, beside, strict=True)}
    cells = sorted({*below.cells, *onward} - set(beside), key=lambda cell: (cell.row, cell.col))
    places.update(moved)
    return replace(below, cells=tuple(cells)), places

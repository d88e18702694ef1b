"""Document → sheets: texts repaired, tables that a page break cut in two made one again, places kept.

A table goes on at the top of the next page when both have the same outer borders and the lower one has no title and no beginning of a
form of its own. Repeated header rows go, a cell merged over the break is one again, and so is a row that the break cut through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yusuan.extract.grid import Cell, Document, Grid
from yusuan.normalize.block import Place, Sheet, cell_keys
from yusuan.normalize.cutting import Finder
from yusuan.normalize.repair import unwrap
from yusuan.normalize.seam import JoinedRow, Places, close_seam
from yusuan.normalize.text import label_key

EDGE_TOLERANCE = 3.0
"""Points by which the same border may differ between two pages: writers round, scans and askew lines do worse."""
_MERGE_TOLERANCE = 1.5
_HEADER_ROWS = 4
"""So many first rows of a table can be its repeated header; forms repeat a title, a caption and two rows of column labels at most."""
_CONTINUED = re.compile(
    r"^[-—–\s(（]*(?:第?\s*\d+\s*[页頁]?(?:\s*[/共,，]\s*\d+\s*[页頁]?)?|续\s*(?:表|上表|前表)?.{0,8})[)）\s—–-]*$"
)


@dataclass(frozen=True)
class Sheets:
    """The tables of a document as they are read on, and the rows that were made one."""

    sheets: tuple[Sheet, ...]
    joined_rows: tuple[JoinedRow, ...]


def sheets_of(document: Document, finder: Finder) -> Sheets:
    """All tables of a document in reading order, those cut by a page break joined."""
    joined: list[tuple[Grid, Places]] = []
    last_page: int | None = None
    rows: list[JoinedRow] = []
    for number, grid in enumerate(document.grids):
        places: Places = {(cell.row, cell.col): (Place(cell.page, number, cell.row, cell.col),) for cell in grid.cells}
        if joined and grid.page is not None and last_page is not None and grid.page == last_page + 1:
            above = joined[-1][0]
            if _goes_on(above, grid, document.headers, finder):
                joined[-1] = _join(joined[-1], (grid, places), finder, rows)
                last_page = grid.page
                continue
        joined.append((grid, places))
        last_page = grid.page
    return Sheets(tuple(_repaired(grid, places) for grid, places in joined), tuple(rows))


def _repaired(grid: Grid, places: Places) -> Sheet:
    return Sheet(replace(grid, cells=tuple(_unwrapped(cell) for cell in grid.cells)), places)


def _unwrapped(cell: Cell) -> Cell:
    text = unwrap(cell.text, cell.full_lines)
    if text == cell.text:
        return cell
    return Cell(  # spelled out: dataclasses.replace takes five times as long, and every wrapped cell of a PDF comes by here
        cell.row,
        cell.col,
        cell.row_span,
        cell.col_span,
        text,
        cell.page,
        cell.bbox,
        cell.confidence,
        cell.full_lines,
        cell.room,
    )


# --- does it go on? ---------------------------------------------------------------------------------------------------


def _goes_on(above: Grid, below: Grid, headers: Sequence[str], finder: Finder) -> bool:
    if not above.edges or not below.edges or not below.cells:
        return False
    if abs(above.edges[0] - below.edges[0]) > EDGE_TOLERANCE or abs(above.edges[-1] - below.edges[-1]) > EDGE_TOLERANCE:
        return False
    if any(line not in headers and not _CONTINUED.match(line) for line in below.context):
        return False
    rest = _repeated_rows(above, below, finder)
    if rest == below.n_rows:
        return False
    seen = _last_form(above, finder)
    labelled, named = any(map(finder.is_label, seen)), any(map(finder.is_anchor, seen))
    keys = cell_keys(below)
    for row in range(rest, min(rest + 2, below.n_rows)):
        texts = [keys[cell.row, cell.col] for cell in below.cells if cell.row == row and cell.text]
        if labelled and len(texts) <= 2 and any(finder.is_title(text) for text in texts):
            return False
        if named and any(finder.is_anchor(text) for text in texts) and not finder.is_header(texts):
            return False
    return True


def _last_form(grid: Grid, finder: Finder) -> list[str]:
    """The texts of a table from its last title on: what the form at its end has said so far."""
    keys = cell_keys(grid)
    start = max((cell.row for cell in grid.cells if finder.is_title(keys[cell.row, cell.col])), default=0)
    return [key for (row, _), key in keys.items() if row >= start]


def _row_texts(grid: Grid, row: int) -> list[str]:
    return [label_key(cell.text) for cell in grid.cells if cell.row == row]


def _repeated_rows(above: Grid, below: Grid, finder: Finder) -> int:
    """How many rows at the top of the lower table only repeat header rows of the upper one."""
    first = [_row_texts(above, row) for row in range(min(_HEADER_ROWS, above.n_rows))]
    headers = [texts for row in range(above.n_rows) if finder.is_header(texts := _row_texts(above, row))]
    count = 0
    while count < min(_HEADER_ROWS, below.n_rows):
        texts = [text for text in _row_texts(below, count) if text]
        known = [[text for text in row if text] for row in (first[count : count + 1] + headers)]
        if not texts or texts not in known:
            break
        if (
            count == 0
            and texts not in [[text for text in row if text] for row in headers]
            and len(texts) > 2
            and not _all_labels(texts, finder)
        ):
            break
        count += 1
    return count


def _all_labels(texts: Sequence[str], finder: Finder) -> bool:
    return all(finder.is_label(text) for text in texts)


# --- joining ----------------------------------------------------------------------------------------------------------


def _join(
    above: tuple[Grid, Places], below: tuple[Grid, Places], finder: Finder, joined: list[JoinedRow]
) -> tuple[Grid, Places]:
    skipped = _repeated_rows(above[0], below[0], finder)
    edges = _all_edges(above[0].edges, below[0].edges)
    upper, upper_places = _on_edges(above[0], above[1], edges, 0, 0)
    shift = above[0].n_rows - skipped
    lower, lower_places = _on_edges(below[0], below[1], edges, skipped, shift)
    places = {**upper_places, **lower_places}
    for (row, col), repeated in below[1].items():
        if row < skipped:  # the repeated header stands behind the first one
            home = next(
                (
                    cell
                    for cell in upper
                    if cell.row <= row and cell.col <= _moved(col, below[0].edges, edges) < cell.col + cell.col_span
                ),
                None,
            )
            if home is not None:
                places[home.row, home.col] += repeated
    seam = above[0].n_rows
    grid = Grid(tuple(sorted((*upper, *lower), key=lambda cell: (cell.row, cell.col))))
    merged, places = close_seam(grid, places, seam, finder, joined)
    return replace(above[0], cells=merged, edges=edges), places


def _all_edges(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    edges = list(a)
    for x in b:
        if min(abs(x - edge) for edge in edges) > _MERGE_TOLERANCE:
            edges.append(x)
    return tuple(sorted(edges))


def _moved(col: int, own: Sequence[float], edges: Sequence[float]) -> int:
    x = own[min(col, len(own) - 1)]
    return min(range(len(edges)), key=lambda number: abs(edges[number] - x))


def _on_edges(
    grid: Grid, places: Places, edges: Sequence[float], skipped: int, shift: int
) -> tuple[list[Cell], Places]:
    """The cells with their columns counted on the borders of both tables, rows moved below the upper table."""
    cells: list[Cell] = []
    moved: Places = {}
    for cell in grid.cells:
        if cell.row < skipped:
            continue
        first, last = _moved(cell.col, grid.edges, edges), _moved(cell.col + cell.col_span, grid.edges, edges)
        here = cell._replace(row=cell.row + shift, col=first, col_span=max(1, last - first))
        cells.append(here)
        moved[here.row, here.col] = places[cell.row, cell.col]
    return cells, moved

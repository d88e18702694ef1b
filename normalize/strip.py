"""A table that grows page by page: what stands on the next page is added below, at the cost of that page alone.

A list may run over a thousand pages, so nothing here looks at the whole table again: what a later page asks of the rows above it (header
rows, the last title, labels since then) is noted row by row, and a seam changes only the cells that reach it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from operator import attrgetter

from yusuan.extract.grid import OPEN_BOTTOM, OPEN_LEFT, OPEN_RIGHT, OPEN_TOP, Cell, Grid, make_cell
from yusuan.normalize.block import Place, Places, first_filled
from yusuan.normalize.finder import Finder, is_header, known_words
from yusuan.normalize.seam import JoinedRow, close_seam
from yusuan.normalize.text import label_key

_column = attrgetter("col")
_MERGE_TOLERANCE = 1.5
"""Points between two positions of one border."""


class Strip:
    """`rows` are the cells by the row in which they begin, `edges` the borders on which their columns are counted."""

    def __init__(self, grid: Grid, places: Places, finder: Finder) -> None:
        self.first, self.places, self.finder, self.edges = grid, places, finder, grid.edges
        self._grew = False
        self._bottom: list[Cell] | None = None
        # It begins without a line: then a missing one below says nothing.
        self._open_style = bool(grid.undrawn[OPEN_TOP])
        self._no_sides = self._open_style or bool(grid.undrawn[OPEN_LEFT] or grid.undrawn[OPEN_RIGHT])
        self.ends_open = self._no_sides and bool(grid.undrawn[OPEN_BOTTOM])
        """No line stands around it, so none tells whether its last row ends."""
        self._undrawn = frozenset[int](() if self._open_style else grid.undrawn[OPEN_BOTTOM])
        self._labels, self._anchors, self._titles = bytearray(), bytearray(), bytearray()
        self._headers: dict[tuple[str, ...], int] = {}

    @cached_property
    def rows(self) -> list[list[Cell]]:
        return self.first.rows

    def grid(self) -> Grid:
        if not self._grew:
            return self.first
        return replace(self.first, cells=tuple(cell for cells in self.rows for cell in cells), edges=self.edges)

    # --- what the rows say --------------------------------------------------------------------------------------------

    def is_labelled(self) -> bool:
        """Whether the form at the end, from its title on, has shown a label."""
        self._note_rows()
        return self._labels.rfind(1) >= max(self._titles.rfind(1), 0)

    def is_named(self) -> bool:
        """Whether the form at the end, from its title on, has shown the name of a project."""
        self._note_rows()
        return self._anchors.rfind(1) >= max(self._titles.rfind(1), 0)

    def header(self, texts: tuple[str, ...]) -> int | None:
        """The last row of the form at the end that is a header of indicators with these texts."""
        if not self.finder.is_header(texts):
            return None
        self._note_rows()
        row = self._headers.get(texts)
        return row if row is not None and row >= self._titles.rfind(1) else None

    def bottom(self) -> list[Cell]:
        """The cells that cover the last row, from left to right."""
        if self._bottom is None:
            end = len(self.rows)
            cells = [cell for cells in self.rows for cell in cells if cell.row + cell.row_span == end]
            self._bottom = sorted(cells, key=_column)
        return self._bottom

    def _note_rows(self) -> None:
        for row in range(len(self._labels), len(self.rows)):
            for notes in (self._labels, self._anchors, self._titles):
                notes.append(0)
            self._note_row(row)

    def _note_row(self, row: int) -> None:
        words = known_words(self.rows[row], self.finder)
        self._labels[row] = any(word.label for word in words)
        self._anchors[row] = any(word.anchor for word in words)
        self._titles[row] = any(word.title for word in words)
        if is_header({word.column for word in words}):
            self._headers[row_texts(self.rows[row])] = row

    # --- growing ------------------------------------------------------------------------------------------------------

    def move_to(self, edges: tuple[float, ...]) -> None:
        """Counts the columns on these borders, its own among them."""
        if edges == self.edges:
            return
        columns = columns_on(self.edges, edges)
        self.rows = [[_moved(cell, columns, 0) for cell in cells] for cells in self.rows]
        self.places, self.edges = self.places.on(columns), edges
        self._undrawn = frozenset(columns[column] for column in self._undrawn)
        if self._bottom is not None:
            self._bottom = [_moved(cell, columns, 0) for cell in self._bottom]

    def add_place(self, row: int, col: int, places: tuple[Place, ...]) -> None:
        """Further places of the cell that covers this position."""
        for above in range(row, -1, -1):
            for cell in self.rows[above]:
                if cell.col <= col < cell.col + cell.col_span and row < above + cell.row_span:
                    self.places[above, cell.col] += places
                    return

    def append(self, below: Grid, places: Places, skipped: int, columns: Sequence[int]) -> JoinedRow | None:
        """Adds a page's rows from `skipped` on, with its borders counted as `columns`; gives the row that the page break had cut in two."""
        bottom = self.bottom()
        if not self._grew:
            self._grew, self.rows = True, [list(cells) for cells in self.rows]
        head = below.rows[skipped]
        undrawn = self._undrawn
        if not skipped:
            undrawn &= {columns[column] for column in below.undrawn[OPEN_TOP]}
        elif len(undrawn) >= len(bottom):
            # below a header there is always a line: only those are cut that alone have none above
            undrawn = frozenset()
        seam = close_seam(bottom, [_moved(cell, columns, 0) for cell in head], self.finder, undrawn)
        self._undrawn = frozenset(columns[at] for at in below.undrawn[OPEN_BOTTOM] if not self._open_style)
        self.ends_open = self._no_sides and bool(below.undrawn[OPEN_BOTTOM])
        shift = len(self.rows) - skipped - seam.split
        grown = {(head[number].row, head[number].col): whole for number, whole in seam.merged.items()}
        for (row, col), whole in grown.items():
            self._grow(whole, places[row, col])
        followed = self.places.go_on(len(self.rows), places, shift, columns)
        self.rows += [[] for _ in range(below.n_rows + shift - len(self.rows))]
        joined = {(whole.row, whole.col) for whole in seam.merged.values()}
        # of a row that ends earlier below the break than above it, where the page shows nothing but its rest
        last = [cell for cell in bottom if cell[:2] not in joined and cell.row + cell.row_span == len(self.rows)]
        for cell in below.cells:
            if cell.row < skipped:
                continue
            here = grown.get((cell.row, cell.col))
            if here is None:
                here = _moved(cell, columns, shift)
                self.rows[here.row].append(here)
                if not followed:
                    self.places[here[:2]] = places[cell[:2]]
            if cell.row + cell.row_span == below.n_rows:
                last.append(here)
        self._bottom = sorted(last, key=_column)
        if not seam.split:
            return None
        first = first_filled(head) or head[0]
        whole = grown[first.row, first.col]
        return JoinedRow(self.places[whole.row, whole.col][-1], first.text)

    def _grow(self, whole: Cell, places: tuple[Place, ...]) -> None:
        """A cell of the strip goes on below the seam."""
        cells = self.rows[whole.row]
        cells[next(number for number, cell in enumerate(cells) if cell.col == whole.col)] = whole
        self.places[whole.row, whole.col] += places
        if whole.row < len(self._labels):
            self._note_row(whole.row)


def row_texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The texts of a row as they are compared with those of another page."""
    return tuple(key for cell in cells if (key := label_key(cell.text)))


def _moved(cell: Cell, columns: Sequence[int], down: int) -> Cell:
    """The cell `down` rows lower, its borders counted as `columns`."""
    row, col, row_span, col_span, text, page, box, confidence, full_lines, room = cell
    first = columns[col]
    span = columns[col + col_span] - first or 1
    if first == col and span == col_span and not down:
        return cell
    return make_cell((row + down, first, row_span, span, text, page, box, confidence, full_lines, room))


def _nearest(x: float, edges: Sequence[float]) -> int:
    after = bisect_left(edges, x)
    if after == len(edges) or (after and x - edges[after - 1] <= edges[after] - x):
        return after - 1
    return after


def columns_on(own: Sequence[float], edges: Sequence[float]) -> list[int]:
    """For each border the number of the nearest among `edges` (sorted)."""
    return [_nearest(x, edges) for x in own]


def all_edges(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """The borders of both tables, those of `a` where the two are one."""
    edges = list(a)
    for x in b:
        if abs(edges[_nearest(x, edges)] - x) > _MERGE_TOLERANCE:
            insort(edges, x)
    return tuple(edges)

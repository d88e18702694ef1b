"""What the normalizer works on: sheets (tables as they are read on) and blocks (one form each)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from yusuan.extract.grid import Cell, Grid, maker


class Place(NamedTuple):
    """Where a cell stands in the document as it was read; always names a row of `cells`."""

    page: int | None
    grid: int
    row: int
    col: int


_place = maker(Place)


class Piece(NamedTuple):
    """Rows of a table that are those of a grid of the document: the first of them, the grid, its page, how far below it they stand, and
    how the borders of its columns are counted here (none: as there)."""

    row: int
    grid: int
    page: int | None
    down: int = 0
    borders: tuple[int, ...] = ()


class Places(dict[tuple[int, int], tuple[Place, ...]]):
    """The cells of the document behind each cell of a table, by its row and column.

    From the first row of a piece on they follow from the position: nothing is kept of them. What a page break or a cut has moved
    otherwise is entered.
    """

    def __init__(self, *pieces: Piece) -> None:
        super().__init__()
        self.pieces = list(pieces)
        self._starts = [piece.row for piece in pieces]

    def __missing__(self, here: tuple[int, int]) -> tuple[Place, ...]:
        return (self.first(here),)

    def _piece(self, row: int) -> Piece:
        number = bisect_right(self._starts, row) - 1
        if number < 0:
            raise KeyError(row)
        return self.pieces[number]

    def first(self, here: tuple[int, int]) -> Place:
        """The (first) cell behind a cell."""
        known = self.get(here)
        if known:
            return known[0]
        row, col = here
        _, grid, page, down, borders = self._piece(row)
        return _place((page, grid, row - down, borders.index(col) if borders else col))

    def behind(self, cells: Iterable[Cell]) -> Iterator[tuple[tuple[int, int], int, tuple[int, int]]]:
        """The cells behind these, which stand in order of their rows: row and column here, grid, row and column there."""
        at = -1
        for cell in cells:
            here = row, col = cell[:2]
            known = self.get(here)
            if known is not None:
                for place in known:
                    yield here, place.grid, place[2:]
                continue
            if row != at:
                at, (_, grid, _, down, borders) = row, self._piece(row)
            yield here, grid, (row - down, borders.index(col) if borders else col)

    @property
    def grid(self) -> int | None:
        """The number of the grid in which all cells stand in the same rows and columns as here."""
        return self.pieces[0].grid if len(self.pieces) == 1 and not self and self.pieces[0][3:] == (0, ()) else None

    def go_on(self, row: int, below: Places, down: int, borders: Sequence[int] = ()) -> bool:
        """Has the rows of another table from this row on, `down` rows lower than there, its borders counted as `borders`.

        False where they are not those of one grid, or two borders are one.
        """
        if below.grid is None or len(set(borders)) < len(borders):
            return False
        self.pieces.append(below.pieces[0]._replace(row=row, down=down, borders=tuple(borders)))
        self._starts.append(row)
        return True

    def on(self, borders: Sequence[int]) -> Places:
        """The same places, the borders (all different) counted in another way."""
        old = range(len(borders))
        places = Places(
            *(piece._replace(borders=tuple(borders[at] for at in piece.borders or old)) for piece in self.pieces)
        )
        places.update({(row, borders[col]): known for (row, col), known in self.items()})
        return places

    def pages(self) -> set[int]:
        """The pages on which the cells stand."""
        entered = {place.page for places in self.values() for place in places}
        return {page for page in entered.union(piece.page for piece in self.pieces) if page is not None}


def first_filled(cells: Iterable[Cell]) -> Cell | None:
    """The first of these cells that has a text."""
    for cell in cells:
        if cell.text:
            return cell
    return None


def same_columns(a: Cell, b: Cell) -> bool:
    """Whether both cells stand in exactly the same columns."""
    return (a.col, a.col_span) == (b.col, b.col_span)


def share_columns(a: Cell, b: Cell) -> bool:
    """Whether some column has both cells."""
    return a.col < b.col + b.col_span and b.col < a.col + a.col_span


@dataclass(frozen=True)
class Sheet:
    """A table as it is read on: repaired texts, pages joined."""

    grid: Grid
    places: Places


@dataclass(frozen=True)
class Block:
    """One form: cells re-rowed from 0, `pieces` the first row of each table it is made of, `context` the lines before it.

    `labels` are the keys of its texts that are labels of any layout, as they stand and without what hangs on them.
    """

    grid: Grid
    places: Places
    labels: frozenset[str] = frozenset()
    context: tuple[str, ...] = ()
    pieces: tuple[int, ...] = (0,)
    loose: tuple[int, ...] = ()
    """The first rows of tables whose columns are not those of the header above them."""

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells by the row in which they begin, from left to right."""
        return self.grid.rows

    @cached_property
    def filled(self) -> tuple[Cell, ...]:
        """The cells with text."""
        return tuple([cell for cell in self.grid.cells if cell.text])

    @cached_property
    def filled_columns(self) -> frozenset[int]:
        """The columns in which a cell with text begins."""
        return frozenset([cell.col for cell in self.filled])

    def right_of(self, cell: Cell, row: int | None = None) -> Cell | None:
        """The next cell to the right in a row of the cell (its first one by default)."""
        at = cell.row if row is None else row
        for col in range(cell.col + cell.col_span, self.grid.n_cols):
            found = self.grid.at(at, col)
            if found is not None:
                return found
        return None

    def below(self, cell: Cell) -> Cell | None:
        return self.grid.at(cell.row + cell.row_span, cell.col)

    def piece(self, row: int) -> int:
        """The number of the table that a row comes from."""
        return sum(1 for start in self.pieces if start <= row) - 1

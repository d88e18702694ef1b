"""What the normalizer works on: sheets (tables as they are read on) and blocks (one form each)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from yusuan.extract.grid import Cell, Grid


class Place(NamedTuple):
    """Where a cell stands in the document as it was read; always names a row of `cells`."""

    page: int | None
    grid: int
    row: int
    col: int


class Places(dict[tuple[int, int], tuple[Place, ...]]):
    """The cells of the document behind each cell of a table, by its row and column.

    Where the table is grid number `grid` of the document as it stands, they follow from the position: only those that are
    asked for are made. What a page break or a cut has moved is entered.
    """

    def __init__(self, grid: int | None = None, page: int | None = None) -> None:
        super().__init__()
        self.grid, self.page = grid, page

    def __missing__(self, here: tuple[int, int]) -> tuple[Place, ...]:
        if self.grid is None:
            raise KeyError(here)
        made = self[here] = (Place(self.page, self.grid, *here),)
        return made

    def positions(self, here: tuple[int, int]) -> Sequence[tuple[int, tuple[int, int]]]:
        """(grid, (row, col)) of the cells behind a cell."""
        known = self.get(here)
        if known is None and self.grid is not None:
            return ((self.grid, here),)
        return [(place.grid, (place.row, place.col)) for place in known or ()]

    def pages(self, cells: Iterable[Cell]) -> set[int]:
        """The pages on which these cells stand, all cells of the table."""
        entered = {place.page for places in self.values() for place in places}
        return {page for page in {cell.page for cell in cells} | entered if page is not None}


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
    """One form: cells re-rowed from 0, `pieces` the first row of each table it is made of, `context` the lines before it."""

    grid: Grid
    places: Places
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
        return tuple(cell for cell in self.grid.cells if cell.text)

    @cached_property
    def filled_columns(self) -> frozenset[int]:
        """The columns in which a cell with text begins."""
        return frozenset(cell.col for cell in self.filled)

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

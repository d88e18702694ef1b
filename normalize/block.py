"""What the normalizer works on: sheets (tables as they are read on) and blocks (one form each)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from yusuan.extract.grid import Cell, Grid
from yusuan.normalize.text import label_key

LABEL_LENGTH = 60
"""Longest text that is looked up as a label, in characters with white space; the longest label seen has 32."""


class Place(NamedTuple):
    """Where a cell stands in the document as it was read; always names a row of `cells`."""

    page: int | None
    grid: int
    row: int
    col: int


@dataclass(frozen=True)
class Sheet:
    """A table as it is read on: repaired texts, pages joined. `places` gives the cells of the document behind each cell."""

    grid: Grid
    places: dict[tuple[int, int], tuple[Place, ...]]


@dataclass(frozen=True)
class Block:
    """One form: cells re-rowed from 0, `pieces` the first row of each table it is made of, `context` the lines before it."""

    grid: Grid
    places: dict[tuple[int, int], tuple[Place, ...]]
    keys: dict[tuple[int, int], str]
    context: tuple[str, ...] = ()
    pieces: tuple[int, ...] = (0,)
    loose: tuple[int, ...] = ()
    """The first rows of tables whose columns are not those of the header above them."""

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells by the row in which they begin, from left to right."""
        return self.grid.rows

    def key(self, cell: Cell) -> str:
        """The cell's text as a label; empty where it is too long to be one."""
        return self.keys[cell[:2]]

    @cached_property
    def filled(self) -> tuple[Cell, ...]:
        """The cells with text."""
        return tuple(cell for cell in self.grid.cells if cell.text)

    def right_of(self, cell: Cell, row: int | None = None) -> Cell | None:
        """The next cell to the right in a row of the cell (its first one by default)."""
        at = cell.row if row is None else row
        for col in range(cell.col + cell.col_span, self.grid.n_cols):
            found = self.grid.at(at, col)
            if found is not None:
                return found
        return None

    def left_of(self, cell: Cell) -> Cell | None:
        """The next cell to the left in the first row of the cell."""
        return next((found for col in range(cell.col - 1, -1, -1) if (found := self.grid.at(cell.row, col))), None)

    def below(self, cell: Cell) -> Cell | None:
        return self.grid.at(cell.row + cell.row_span, cell.col)

    def piece(self, row: int) -> int:
        """The number of the table that a row comes from."""
        return sum(1 for start in self.pieces if start <= row) - 1


def label_of(text: str) -> str:
    """A text as a label; empty where it is too long to be one."""
    return label_key(text) if 0 < len(text) <= LABEL_LENGTH else ""


def cell_keys(grid: Grid) -> dict[tuple[int, int], str]:
    """The texts of a grid as labels (`Block.keys`)."""
    return {cell[:2]: label_of(cell.text) for cell in grid.cells}

"""The columns of a table of indicators, and the headings of its header row before they are columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from yusuan.extract.grid import Cell

EITHER = "level3_or_explanation"
"""指标内容: the indicator's name where no other column has it (C), else its explanation (G)."""


class Column(NamedTuple):
    """A column of the header: what it holds, the period its words name, and where it stands (`first` to `last`, both inside)."""

    target: str
    period: str | None
    cell: Cell

    @property
    def first(self) -> int:
        return self.cell.col

    @property
    def last(self) -> int:
        return self.cell.col + self.cell.col_span - 1

    def overlap(self, cell: Cell) -> int:
        return min(self.last, cell.col + cell.col_span - 1) - max(self.first, cell.col) + 1


class Matcher:
    """Tells which cell of a body row answers which column (by number): the one that shares most of its width.

    A cell merged over several columns belongs to the leftmost, except that a name merged over 二级 and 三级 is the name, and what is merged
    over 指标性质 and 指标值 the value.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._numbers: dict[tuple[int, int], int | None] = {
            (column.cell.col, column.cell.col_span): number for number, column in enumerate(columns)
        }
        """The column of a cell by where it begins and its width: the rows of a table have the same few."""

    def match(self, cells: Sequence[Cell]) -> dict[int, Cell]:
        """The cells by the number of their column."""
        matched: dict[int, Cell] = {}
        for cell in cells:
            number = self._number(cell)
            if number is not None:
                matched.setdefault(number, cell)
        return matched

    def _number(self, cell: Cell) -> int | None:
        width = (cell.col, cell.col_span)
        if width not in self._numbers:
            self._numbers[width] = _widest(cell, self.columns)
        return self._numbers[width]


_SECOND_HOLDS = (("level2", "level3"), ("operator", "value"))
"""Neighbours of which the second holds what is merged over both."""


def _widest(cell: Cell, columns: Sequence[Column]) -> int | None:
    shared = [(column.overlap(cell), number) for number, column in enumerate(columns)]
    covered = [number for width, number in shared if width == columns[number].cell.col_span]
    if len(covered) > 1:
        return covered[tuple(columns[number].target for number in covered[:2]) in _SECOND_HOLDS]
    width, number = max(shared, key=lambda item: (item[0], -item[1]))
    return number if width > 0 else None


@dataclass(slots=True)
class Slot:
    """A heading of the row: its column, or None where nobody knows it, and the texts below by row, without fillers."""

    cell: Cell
    column: Column | None = None
    by_row: dict[int, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        return list(self.by_row.values())

    @property
    def target(self) -> str | None:
        return self.column.target if self.column is not None else None

    def name(self, target: str) -> None:
        """Makes it a column; its words name no period."""
        self.column = Column(target, None, self.cell)

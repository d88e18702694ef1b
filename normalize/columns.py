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
        return self.shared(cell.col, cell.col_span)

    def shared(self, first: int, width: int) -> int:
        """How many of the columns of the grid from `first` on, `width` in number, are its own; not positive: none."""
        return min(self.last, first + width - 1) - max(self.first, first) + 1


class Matcher:
    """Tells which cell of a body row answers which column (by number): the one that shares most of its width.

    A cell merged over several columns belongs to the leftmost, except that a name merged over 二级 and 三级 is the name, and what is merged
    over 指标性质 and 指标值 the value.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._numbers = _Numbers(columns)

    def match(self, cells: Sequence[Cell]) -> dict[int, Cell]:
        """The cells by the number of their column."""
        numbers, matched = self._numbers, dict[int, Cell]()
        for cell in cells:
            number = numbers[cell.col, cell.col_span]
            if number is not None:
                matched.setdefault(number, cell)
        return matched


class _Numbers(dict[tuple[int, int], int | None]):
    """The column of a cell by where it begins and its width: the rows of a table have the same few."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(((column.cell.col, column.cell.col_span), at) for at, column in enumerate(columns))
        self._columns = columns

    def __missing__(self, place: tuple[int, int]) -> int | None:
        number = self[place] = _widest(*place, self._columns)
        return number


_SECOND_HOLDS = (("level2", "level3"), ("operator", "value"))
"""Neighbours of which the second holds what is merged over both."""


def _widest(first: int, width: int, columns: Sequence[Column]) -> int | None:
    shared = [(column.shared(first, width), number) for number, column in enumerate(columns)]
    covered = [number for common, number in shared if common == columns[number].cell.col_span]
    if len(covered) > 1:
        return covered[tuple(columns[number].target for number in covered[:2]) in _SECOND_HOLDS]
    common, number = max(shared, key=lambda item: (item[0], -item[1]))
    return number if common > 0 else None


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

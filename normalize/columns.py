"""The columns of a table of indicators, and the headings of its header row before they are columns."""

from __future__ import annotations

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

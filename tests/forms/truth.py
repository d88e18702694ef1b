"""What a generated form states: written down while the form is made, never read back from it.

A value that the contract leaves open for a form (a term of two years without months has no promised dates) is named in `open`
and is compared with nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Value = object
Place = tuple[int, int, int]
"""grid, row, col of a cell in the document."""


@dataclass(eq=False)
class Item:
    """A cell to be: its text, its edges on the fine scale of a sheet, the rows it covers. The place is known when the sheet is laid."""

    text: str
    x0: int = 0
    x1: int = 0
    rows: int = 1
    place: Place | None = None
    meaning: object = None
    """What the generator means by the text: a target, a weight, a figure reached."""


@dataclass(frozen=True, eq=False)
class RowTruth:
    """One record of funds, indicators or fields: its columns (None: stated to be null), the cell that names it, other cells by column."""

    values: dict[str, Value]
    item: Item
    open: frozenset[str] = frozenset()
    items: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ExpectedIssue:
    """An issue that must be reported; `items` are the cells of which one must be named (empty: the project is enough)."""

    code: str
    items: tuple[Item, ...] = ()


@dataclass(eq=False)
class ProjectTruth:
    """One project: `columns` of the table projects with the cell of each, and the records that belong to it."""

    family: str
    columns: dict[str, Value] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    funds: list[RowTruth] = field(default_factory=list)
    indicators: list[RowTruth] = field(default_factory=list)
    fields: list[RowTruth] = field(default_factory=list)
    expected: list[ExpectedIssue] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    """Codes that an honest reader may report and need not."""
    open_periods: set[str] = field(default_factory=set)
    """Periods whose amounts are stated in a way that the contract does not fix (what was planned and spent last year)."""

    def state(self, column: str, value: Value, item: Item | None = None) -> None:
        self.columns[column] = value
        if item is not None:
            self.items[column] = item

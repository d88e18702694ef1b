"""What a block states, before any text becomes a value: facts with their cells, and the role of every cell.

`Reading` is the ledger of the accounting rule: a cell that is not claimed as label, value, header, title or ignored by name stays unread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.layout import REMEMBERED, Layout, Meaning
from yusuan.normalize.repair import unwrap_label


class FieldFact(NamedTuple):
    """A label with the text that belongs to it; `target` is the field of the layout, None for labels without a column."""

    target: str | None
    label: str
    text: str
    cell: Cell


class FundFact(NamedTuple):
    """One cell of money: `label` as printed, `text` the amount (a cell may hold several), `unit_hint` texts that may name its unit."""

    source: str
    label: str
    period: str | None
    stage: str
    text: str
    cell: Cell
    unit_hint: str = ""
    year: int | None = None
    """The year that the label of the amount names (`2020年实际执行数`); the period follows from the year of the form."""


class RateFact(NamedTuple):
    """A rate, weight or score that stands in a row of funds: never an amount."""

    kind: str
    source: str
    label: str
    period: str | None
    cell: Cell


class GoalFact(NamedTuple):
    """A goal; `target` is goal_implementation, goal_annual, goal_actual, or None for other periods (kept in `fields`)."""

    target: str | None
    label: str
    text: str
    cell: Cell


class IndicatorFact(NamedTuple):
    """One third-level indicator of one period: its cells by column of the layout, levels carried down."""

    period: str | None
    cells: dict[str, Cell]
    unit_hint: str = ""


class Remark(NamedTuple):
    """Something the geometry shows and the records must report."""

    code: str
    field: str
    message: str
    cell: Cell


@dataclass
class Project:
    """The facts of one project of a block."""

    fields: list[FieldFact] = field(default_factory=list)
    funds: list[FundFact] = field(default_factory=list)
    rates: list[RateFact] = field(default_factory=list)
    goals: list[GoalFact] = field(default_factory=list)
    indicators: list[IndicatorFact] = field(default_factory=list)


class Role(NamedTuple):
    """The part a cell plays: `role` and `field` as in the table `cells`, `project` the index in the reading (None: of the block)."""

    role: str
    field: str | None = None
    project: int | None = None


_role = lru_cache(maxsize=REMEMBERED)(Role)
"""A form has some dozen different roles and a hundred cells for each."""


@dataclass
class Reading:
    """One layout's reading of one block."""

    block: Block
    layout: Layout
    title: str | None = None
    label: str | None = None
    fiscal_year: int | None = None
    money_unit: str | None = None
    projects: list[Project] = field(default_factory=list)
    stated: dict[str, str] = field(default_factory=dict)
    """Fields that lines before the table state (`编制单位：某局`): they have no cell, and cells of the form come before them."""
    heading: list[FieldFact] = field(default_factory=list)
    """Fields in the rows above the form itself (`编制单位：某局`)."""
    listed: bool = False
    """Whether the block is a list of projects."""
    strange_list: bool = False
    """The block lists projects under headings that nobody knows: what its caption says is of them, and its one row is none of them."""
    remarks: list[Remark] = field(default_factory=list)
    order: tuple[str, ...] = ()
    """The two periods that a form without layout names side by side, from left to right."""
    told: dict[tuple[int, int], Meaning] = field(default_factory=dict)
    """What labels in words that nobody knows mean by their place or content (context.py, column_content.py); each has an issue (inferred.py)."""
    roles: dict[tuple[int, int], Role] = field(default_factory=dict)
    unread: list[Cell] = field(default_factory=list)
    """What is left of the cells with text once all sections were read."""

    def claim(self, cell: Cell, role: str, target: str | None = None, project: int | None = None) -> None:
        """Gives a cell its role; the first claim holds."""
        self.roles.setdefault(cell[:2], _role(role, target, project))

    def claimed(self, cell: Cell) -> bool:
        return cell[:2] in self.roles

    @cached_property
    def kinds(self) -> list[frozenset[str]]:
        """For each row the sections in which the layout knows labels that begin in it."""
        kinds = self.layout.kinds
        return [kinds([cell.text for cell in cells]) for cells in self.block.rows]

    @property
    def project(self) -> Project:
        """The one project of a form; lists add theirs themselves."""
        if not self.projects:
            self.projects.append(Project())
        return self.projects[0]

    def unclaimed(self) -> list[Cell]:
        """The cells with text that have no role yet."""
        roles = self.roles
        return [cell for cell in self.block.filled if cell[:2] not in roles]


def on_one_line(cells: Iterable[Cell]) -> str:
    """The texts of a header row together: one of them may name the unit of all."""
    return " ".join(" ".join(cell.text.split()) for cell in cells)


def label_text(cell: Cell) -> str:
    """A label as it is published: as written, on one line."""
    return unwrap_label(cell.text).strip()

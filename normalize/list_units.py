"""Lists whose units stand in rows of their own, above their projects: with the sum of the unit, or in the column of the names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from yusuan.extract.grid import Cell
from yusuan.normalize.columns import Column
from yusuan.normalize.facts import FieldFact, Reading, Remark, label_text
from yusuan.normalize.funds_state import figure
from yusuan.normalize.indicator_table import Table
from yusuan.normalize.layout import Meaning
from yusuan.normalize.text import label_of

UNITS = ("implementing_unit", "department")
AMOUNTS = ("funds", "funds_column")
"""Kinds of columns that hold amounts: sources, and totals by stage."""
_UNIT_WORDS = re.compile("单位|部门")
_SUM = re.compile(r"(?<=.)[(（]?(?:小计|合计|总计|共计|汇总)[)）]?$|^(?:小计|合计|总计|共计|汇总)$")
"""How the name of a row of sums ends: `某局小计`, `某局汇总`."""


class ProjectColumn(NamedTuple):
    meaning: Meaning
    column: Column
    label: str
    """The heading as it is published."""


def project_column(meaning: Meaning, heading: Cell) -> ProjectColumn:
    return ProjectColumn(meaning, Column(meaning.target, meaning.period, heading), label_text(heading))


def unit_of_row(
    reading: Reading,
    table: Table,
    own: Sequence[tuple[ProjectColumn, Cell]],
    named: Cell | None,
    units: bool,
    stated: bool,
) -> dict[str, FieldFact] | None:
    """The unit whose projects stand below, if the row is its own or one of sums (perhaps of no unit below): claims it; its sum belongs to no
    project. `units`: there is a column of units; `stated`: the row has indicators.
    """
    sums = _sums_of_row(reading, table, own, stated)
    if stated or sums is not None:
        return sums
    if named is None:
        if not _is_unit_row(reading, own):
            return None
        found = {item.meaning.target: (item, cell) for item, cell in own if item.meaning.target in UNITS and cell.text}
    elif units or not _is_unit_above(reading, table, own, named):
        return None
    else:
        found = {"implementing_unit": next((item, cell) for item, cell in own if cell is named)}
    for target, (_, cell) in found.items():
        reading.claim(cell, "value", f"projects.{target}")
    for _, cell in own:
        reading.claim(cell, "ignored")
    return {target: FieldFact(target, item.label, cell.text, cell) for target, (item, cell) in found.items()}


def _sums_of_row(
    reading: Reading, table: Table, own: Sequence[tuple[ProjectColumn, Cell]], stated: bool
) -> dict[str, FieldFact] | None:
    """The units whose projects stand below a row of sums (`某局小计`), perhaps none; None where the row is of another kind.

    Its cells are ignored by name, and no project. Where its amounts are not the sum of those beside it, or it has goals or indicators,
    it may be a project all the same: an issue says so, and the latter is left to be one.
    """
    sums = [
        (item, cell)
        for item, cell in own
        if item.meaning.target in ("project_name", *UNITS) and cell.row_span == 1 and _SUM.search(label_of(cell.text))
    ]
    if not sums:
        return None
    name = sums[0][1]
    if stated or any(cell.text and item.meaning.kind in ("goal", "other") for item, cell in own):
        if sums[0][0].meaning.target == "project_name":
            message = f"“{label_text(name)}”一行按名称可能是合计，但有目标或指标，已作为项目读取，请核对原表。"
            reading.remarks.append(Remark("inferred-meaning", "projects.project_name", message, name))
        return None
    amounts = [cell for item, cell in own if item.meaning.kind in AMOUNTS and cell.text]
    below = bool(amounts) and all(_adds_up(reading, table, cell, 1) for cell in amounts)
    if not below and not (amounts and all(_adds_up(reading, table, cell, -1) for cell in amounts)):
        message = f"“{label_text(name)}”一行按名称是合计，不是项目，但与相邻各行的金额之和对不上，请核对原表。"
        reading.remarks.append(Remark("inferred-meaning", "projects.project_name", message, name))
    units: dict[str, FieldFact] = {}
    for item, cell in own:
        target = item.meaning.target
        if target in UNITS and cell.text and (below or cell.row_span > 1):
            text = _SUM.sub("", cell.text.strip())
            units[target] = FieldFact(target, item.label, text, cell)
            reading.claim(cell, "value", f"projects.{target}")
        reading.claim(cell, "ignored")
    return units


def _is_unit_row(reading: Reading, own: Sequence[tuple[ProjectColumn, Cell]]) -> bool:
    """A row with a unit of its own and perhaps an amount, above its projects: the sum of the unit, of no project."""
    texts = [(item, cell) for item, cell in own if cell.text and not reading.claimed(cell)]
    return any(item.meaning.target in UNITS for item, _ in texts) and all(
        item.meaning.target in UNITS or item.meaning.kind in (*AMOUNTS, "ignore") for item, _ in texts
    )


def _is_unit_above(reading: Reading, table: Table, own: Sequence[tuple[ProjectColumn, Cell]], named: Cell) -> bool:
    """A row with a name and perhaps an amount, but no goal and no indicator: the unit above its projects (单位名称、项目名称).

    Where the heading names no units or the amount is not the sum of those below, it may be a project: an issue says so. Where both
    speak against a unit it is a project.
    """
    others = [(item, cell) for item, cell in own if cell.text and cell is not named]
    if named.row_span > 1 or any(item.meaning.kind in ("goal", "other") for item, _ in others):
        return False
    sums = [_adds_up(reading, table, cell, 1) for item, cell in others if item.meaning.kind in AMOUNTS]
    heading = next(item.column.cell for item, cell in own if cell is named)
    said = _UNIT_WORDS.search(heading.text) is not None
    if not said and not all(sums):
        return False
    if not (said and all(sums)):
        message = f"“{label_text(named)}”一行只有名称，没有目标和指标，推断为其下各项目的单位，不是项目，请核对原表。"
        reading.remarks.append(Remark("inferred-meaning", "projects.implementing_unit", message, named))
    return True


def _adds_up(reading: Reading, table: Table, amount: Cell, step: int) -> bool:
    """Whether the amounts below one (`step` 1) or above it (-1), from the next on, add up to it."""
    whole, added = figure(amount), Decimal(0)
    row = amount.row + step
    while whole and table.body <= row < table.end:
        cell = reading.block.grid.at(row, amount.col)
        if cell is not None and cell.row == row:
            added += figure(cell) or 0
        if added == whole:
            return True
        row += step
    return False

"""The halves of a table of indicators side by side, and the period of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.columns import Column
from yusuan.normalize.facts import Reading, Remark
from yusuan.normalize.indicator_table import Table, area_meaning
from yusuan.normalize.lookups import level1_code
from yusuan.normalize.text import label_of

LEVELS = ("level1", "level2", "level3")
PERIOD_WORDS = {"implementation": "实施期", "annual": "年度", "prior": "上年"}


@dataclass
class Half:
    """The columns of one period; a column that stands once (level 1) serves every half that lacks it."""

    columns: dict[str, Column] = field(default_factory=dict)
    period: str | None = None
    nameless: bool = False
    level1: Cell | None = None
    """The name of level 1 above the columns (`产出指标` over `三级指标 | 指标值`)."""

    def carried(self) -> dict[str, Cell]:
        """The levels that hold before the first row."""
        return {"level1": self.level1} if self.level1 is not None else {}


def split_halves(columns: Sequence[Column]) -> list[Half]:
    """The columns by period: a second `三级指标` or `指标值` in one header begins the next half.

    Names stand left of their values, so a level behind a value begins a half too. `一级指标` that stands once serves all halves, and so do the
    other levels where a half has none of its own; a half without the name is `nameless`: its name column has a heading that nobody
    knows, and neither may other names be put to its values nor its values stand alone.
    """
    halves = [Half()]
    targets = [column.target for column in columns]
    repeated = {target for target in targets if targets.count(target) > 1}
    for column in columns:
        if column.target == "other":
            continue
        behind_value = column.target in LEVELS and not {"value", "actual"}.isdisjoint(halves[-1].columns)
        if (column.target in halves[-1].columns and column.target in repeated) or (
            behind_value and "value" in repeated
        ):
            halves.append(Half())
        halves[-1].columns[column.target] = column
    names = {
        target: column for target, column in halves[0].columns.items() if target in LEVELS and target not in repeated
    }
    for half in halves[1:]:
        own = {"level2", "level3"} & half.columns.keys()
        for target, column in names.items():
            if target == "level1" or not own:
                half.columns.setdefault(target, column)
    for half in halves:
        half.nameless = "level3" not in half.columns
    return halves


def assign_periods(halves: Sequence[Half], table: Table, goals: Sequence[tuple[Cell, str]], reading: Reading) -> None:
    """The period of each half: by words first (column, section label, the goal header above it), by declared order second.

    Words that contradict each other make the period null with an `ambiguous-period` remark, never a guess.
    """
    layout, block = reading.layout, reading.block
    row = goals[-1][0].row if goals else None
    in_order = [
        period for cell, period in goals if cell.row == row
    ]  # of another table of the form: columns cannot be compared
    area = area_meaning(table.area, layout) if table.area is not None else None
    levels = _levels_above(halves, table, block)
    if levels is not None:
        for half, level in zip(halves, levels, strict=True):
            reading.claim(level, "value", "indicators.level1", None)
            half.level1, half.period = level, (area.period if area is not None else None) or layout.default_period
        return
    words = [{column.period for column in half.columns.values() if column.period} for half in halves]
    if len(halves) > 1 and len(words[0]) == 1 and all(said == words[0] for said in words):
        words = [set() for _ in halves]  # the same word over every half tells none of them apart
    for number, half in enumerate(halves):
        said = words[number]
        if not said and area is not None and area.period:
            said = {area.period}
        if not said and len(halves) > 1:
            columns = [column for target, column in half.columns.items() if target != "level1"]
            said = {
                period
                for cell, period in goals
                if block.piece(cell.row) == block.piece(table.header)
                and all(column.overlap(cell) > 0 for column in columns)
            }
        if len(said) == 1:
            half.period = said.pop()
        elif said:
            named = "、".join(sorted(PERIOD_WORDS[period] for period in said))
            _leave_open(reading, half, f"绩效指标的列同时指向{named}，无法判断属于哪个期间")
        elif len(halves) == len(in_order):
            half.period = in_order[number]
        elif len(halves) == len(reading.order) and not any(words) and _are_alike(halves, reading):
            half.period = reading.order[number]
        elif len(halves) == len(layout.column_periods):
            half.period = layout.column_periods[number]
        elif len(halves) == 1:
            half.period = layout.default_period
        else:
            _leave_open(reading, half, f"绩效指标分为{len(halves)}组并列，但表中没有说明各组属于实施期还是年度")


def _leave_open(reading: Reading, half: Half, why: str) -> None:
    anchor = next(iter(half.columns.values())).cell
    message = f"{why}，期间留空，请核对原表。"
    reading.remarks.append(Remark("ambiguous-period", "indicators.period", message, anchor))


def _are_alike(halves: Sequence[Half], reading: Reading) -> bool:
    """Whether halves have names of their own and the same known headings (`测算指标值` beside `复核指标值` are no periods)."""
    first = halves[0].columns
    for half in halves[1:]:
        if "level3" not in first or half.columns.get("level3") in (None, first["level3"]):
            return False
        for target in first.keys() & half.columns.keys():
            keys = {label_of(columns[target].cell.text) for columns in (first, half.columns)}
            if len(keys) > 1 and all(reading.layout.kinds([key]) for key in keys):
                return False
    return True


def _levels_above(halves: Sequence[Half], table: Table, block: Block) -> list[Cell] | None:
    """The cells above the halves, where each of them names a level 1 of its own: then the halves are no periods."""
    if len(halves) < 2:
        return None
    found: list[Cell] = []
    for half in halves:
        columns = list(half.columns.values())
        above = block.grid.at(table.header - 1, columns[0].first) if table.header > 0 else None
        if "level1" in half.columns or above is None or level1_code(above.text) is None:
            return None
        if any(column.overlap(above) <= 0 for column in columns):
            return None
        found.append(above)
    return found if len(set(found)) == len(found) else None

"""What the text of a cell means as a label, in the layout of the reading."""

from __future__ import annotations

import re

from yusuan.extract.grid import Cell
from yusuan.normalize.facts import Reading
from yusuan.normalize.layout import STAGES, Meaning

KINDS = ("area", "goal", "funds", "field", "other", "ignore", "funds_column")
_YEAR_LABEL = re.compile(r"(20\d\d)年度?(.*)$")
_YEAR_ALONE = ("", "预算", "金额", "资金", "预算安排", "预算金额")
GOAL_FIELDS = {"implementation": "goal_implementation", "annual": "goal_annual"}


def meaning_of(reading: Reading, cell: Cell, *kinds: str) -> Meaning | None:
    """What the cell's text means as a label of one of these sections, the first that knows it."""
    key = reading.block.key(cell)
    found = reading.layout.find(key, *kinds)
    if found is None and "funds_column" in kinds and (match := _YEAR_LABEL.match(key)):
        meaning = reading.layout.find(match[2], "funds_column", "funds")
        if meaning is not None and meaning.target in (*STAGES, "total"):
            return Meaning("funds_column", "declared" if meaning.target == "total" else meaning.target)
        return Meaning("funds_column", "declared") if match[2] in _YEAR_ALONE else None
    return found


def label_year(reading: Reading, cell: Cell) -> int | None:
    """The year at the beginning of a label: 2020 in `2020年实际执行数`."""
    match = _YEAR_LABEL.match(reading.block.key(cell))
    return int(match[1]) if match else None

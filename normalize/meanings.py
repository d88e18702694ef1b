"""What the text of a cell means as a label, in the layout of the reading."""

from __future__ import annotations

from yusuan.extract.grid import Cell
from yusuan.normalize.facts import Reading
from yusuan.normalize.layout import YEAR_LABEL, Meaning
from yusuan.normalize.text import label_of

KINDS = ("area", "goal", "funds", "field", "other", "ignore", "funds_column")
GOAL_FIELDS = {"implementation": "goal_implementation", "annual": "goal_annual"}


def meaning_of(reading: Reading, cell: Cell, *kinds: str) -> Meaning | None:
    """What the cell's text means as a label of one of these sections, the first that knows it; by its place where nobody knows the text."""
    if reading.told and (told := reading.told.get(cell[:2])) is not None:
        return told if told.kind in kinds else None
    return reading.layout.find(cell.text, *kinds)


def is_label(reading: Reading, cell: Cell) -> bool:
    """Whether the cell's text means something in any section, or as a heading of indicators."""
    return meaning_of(reading, cell, *KINDS, "indicator") is not None


def label_year(cell: Cell) -> int | None:
    """The year at the beginning of a label: 2020 in `2020年实际执行数`."""
    match = YEAR_LABEL.match(label_of(cell.text))
    return int(match[1]) if match else None


def beyond_gap(reading: Reading, right: Cell | None, row: int) -> Cell | None:
    """The cell itself, or the text behind it where it is empty like all its column: a gap that some tables leave between label and value."""
    block = reading.block
    if right is None or right.text or right.col in block.filled_columns:
        return right
    beyond = block.right_of(right, row)
    if beyond is None or not beyond.text or reading.claimed(beyond) or meaning_of(reading, beyond, *KINDS):
        return right
    behind = block.right_of(beyond, row)
    ends = behind is None or not behind.text or meaning_of(reading, behind, *KINDS)
    return beyond if ends else right

"""What a label in words that nobody knows means by its place, in forms that no layout declares.

A meaning is given only where the form itself leaves one: the label above parts that add up to its amount, the label beside its twin in halves that name
the same sources row by row, the one heading between those of the official form whose figures the rate confirms, the second of two periods whose order
the form names elsewhere, the label left of all rows of a section. `tell` notes it in `Reading.told`; all else stays unknown and unread.
"""

from __future__ import annotations

from collections.abc import Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns
from yusuan.normalize.facts import FieldFact, Reading, label_text
from yusuan.normalize.funds_state import figure
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Meaning
from yusuan.normalize.meanings import meaning_of
from yusuan.normalize.strange import give, is_strange, order_of_periods, other_period, says_other, text_below
from yusuan.normalize.strange_amounts import label_columns, tell_columns, tell_total, tell_twins
from yusuan.normalize.text import label_of


def tell(reading: Reading, rows: Sequence[int]) -> None:
    """Gives meanings to unknown labels in these rows of the block, and notes the order of the form's periods."""
    if reading.layout.declared:
        return
    reading.order = order = order_of_periods(reading, rows)
    if not any(is_strange(reading, cell) for row in rows for cell in reading.block.rows[row]):
        return
    for row in rows:
        tell_columns(reading, row, order)
        _tell_goal(reading, row, order)
    for run in label_columns(reading, rows):
        tell_total(reading, run, order)
    tell_twins(reading, rows)
    _tell_sections(reading, rows)


def _tell_sections(reading: Reading, rows: Sequence[int]) -> None:
    """The first cell of rows that all speak of amounts is the label of their section."""
    for row in rows:
        cells = reading.block.rows[row]
        if not cells or not cells[0].text or not is_strange(reading, cells[0]) or cells[0].col:
            continue
        section = cells[0]
        end = row + section.row_span
        while end in rows and section.row_span == 1 and _goes_on(reading, section, end):
            end += 1
        beside = reading.block.right_of(section)
        if beside is None or says_other(label_of(section.text), "annual"):
            continue
        inline = inline_pairs(beside.text, reading.layout)
        stated = inline is not None and any(reading.layout.meaning(key, "funds") for key, _, _ in inline)
        amounts = end - row > 1 and all(_speaks_of_amounts(reading, inner) for inner in range(row, end))
        if (stated and beside.row_span == section.row_span) or amounts:
            give(reading, section, Meaning("area", "funds"))
        elif _is_goals(reading, row, end):
            give(reading, section, Meaning("area", "goals"))


def _is_goals(reading: Reading, row: int, end: int) -> bool:
    """Whether rows hold two goals below their headings, the headings in the first of them or in the row above."""
    if end - row > 1:
        return len(_goal_heads(reading, row)) > 1
    above = _goal_heads(reading, row - 1) if row else []
    places = {(cell.col, cell.col_span) for cell in reading.block.rows[row]}
    return len(above) > 1 and all((cell.col, cell.col_span) in places for cell in above)


def _goal_heads(reading: Reading, row: int) -> list[Cell]:
    return [cell for cell in reading.block.rows[row] if meaning_of(reading, cell, "goal") and text_below(reading, cell)]


def _goes_on(reading: Reading, section: Cell, row: int) -> bool:
    below = reading.block.grid.at(row, section.col)
    return below is not None and not below.text and same_columns(below, section)


def _speaks_of_amounts(reading: Reading, row: int) -> bool:
    return any(cell.col and meaning_of(reading, cell, "funds", "funds_column") for cell in reading.block.rows[row])


def _tell_goal(reading: Reading, row: int, order: Sequence[str]) -> None:
    """An unknown heading above a goal, beside a known one above another."""
    heads = [cell for cell in reading.block.rows[row] if cell.text and text_below(reading, cell)]
    known = [(cell, meaning) for cell in heads if (meaning := meaning_of(reading, cell, "goal")) is not None]
    strange = [cell for cell in heads if is_strange(reading, cell)]
    if len(heads) != 2 or len(known) != 1 or len(strange) != 1:
        return
    (cell, meaning), (other,) = known[0], strange
    evaluated = _is_evaluation(reading)
    right = other.col > cell.col
    if meaning.target == "actual":
        if not right and evaluated and not says_other(label_of(other.text), "annual"):
            give(reading, other, Meaning("goal", "goal", "annual"))
        return
    if right and evaluated and meaning.period == "annual" and not says_other(label_of(other.text), "actual"):
        give(reading, other, Meaning("goal", "actual"))
        return
    period = other_period(cell, other, meaning.period, order) if not evaluated else None
    if period is not None:
        give(reading, other, Meaning("goal", "goal", period))


def _is_evaluation(reading: Reading) -> bool:
    """Whether the form says what was spent or reached: a heading of amounts executed, or of values reached."""
    keys = {label_of(cell.text) for cell in reading.block.filled}
    meanings = [
        meaning for key in keys for kind in ("funds_column", "indicator") if (meaning := reading.layout.find(key, kind))
    ]
    return any(meaning.target in ("executed", "actual") for meaning in meanings)


def keep_fields(reading: Reading, rows: Sequence[int]) -> None:
    """Adds to the project's fields what stands beside unknown labels in the places of labels. Their cells stay unread and reported.

    The rows above and below have a label and its value in the same columns, or one of them has and the row itself holds another such pair.
    """
    if len(reading.projects) != 1:
        return
    for row in rows:
        for label in reading.block.rows[row]:
            if not label.text or reading.claimed(label):
                continue
            value = reading.block.right_of(label)
            if value is None or not value.text or reading.claimed(value) or not is_strange(reading, label):
                continue
            if value.row_span != label.row_span or figure(value) is not None:
                continue
            near = [_is_pair(reading, other, label, value) for other in (row - 1, row + label.row_span)]
            if all(near) or (
                any(near) and any(_claimed_as(reading, cell, "label") for cell in reading.block.rows[row])
            ):
                reading.project.fields.append(FieldFact(None, label_text(label), value.text, value))


def _is_pair(reading: Reading, row: int, label: Cell, value: Cell) -> bool:
    """Whether a row has a label and its value in the columns of these cells."""
    pair = [reading.block.grid.at(row, cell.col) if row >= 0 else None for cell in (label, value)]
    return all(
        other is not None and same_columns(other, cell) and _claimed_as(reading, other, role)
        for other, cell, role in zip(pair, (label, value), ("label", "value"), strict=True)
    )


def _claimed_as(reading: Reading, cell: Cell, role: str) -> bool:
    found = reading.roles.get(cell[:2])
    return found is not None and found.role == role

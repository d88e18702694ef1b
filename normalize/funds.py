"""Funds: rows of sources with their amounts, under headers of stages or periods or beside each other for two periods."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns
from yusuan.normalize.facts import FieldFact, FundFact, RateFact, Reading, Remark, label_text, on_one_line
from yusuan.normalize.funds_period import period_of
from yusuan.normalize.funds_state import (
    COMMON_LABELS,
    UNKNOWN,
    FundsColumn,
    FundsState,
    is_amount,
    is_next_label,
    may_be_amount,
)
from yusuan.normalize.layout import STAGES, Meaning
from yusuan.normalize.meanings import label_year, meaning_of
from yusuan.normalize.money import is_unit_alone, parse_money_unit
from yusuan.normalize.text import label_of


def is_among_funds(cell: Cell, state: FundsState) -> bool:
    """Whether a label that any list may have (合计, 其他) stands beside the section's label, or in or below a row of funds."""
    if label_of(cell.text) not in COMMON_LABELS:
        return True
    area = state.area
    return cell.row <= state.last_row + 1 or (area is not None and area.row <= cell.row < area.row + area.row_span)


def read_funds_header(reading: Reading, cells: Sequence[Cell], state: FundsState) -> bool:
    """`年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分`: two or more column labels and no other text than section labels."""
    filled = [cell for cell in cells if cell.text]
    columns = [(cell, as_column(reading, cell)) for cell in filled]
    found = [FundsColumn(meaning, cell) for cell, meaning in columns if meaning is not None]
    others = [cell for cell, meaning in columns if meaning is None]
    if not any(meaning_of(reading, column.cell, "funds_column") for column in found):
        return False
    strange = [cell for cell in others if meaning_of(reading, cell, "area") is None]
    if not found or (strange and (len(found) < 3 or not (strange == filled[:1] or _heads_sources(reading, strange)))):
        return False  # an unknown label in front of three columns or more is the section's
    if len(found) < 2 and found[0].meaning.target not in (*STAGES, "declared"):
        return False
    for cell in others:
        if cell not in strange:
            reading.claim(cell, "label", None, 0)
            state.area = cell
    for column in found:
        if column.meaning != UNKNOWN:
            reading.claim(column.cell, "header", None, 0)
        state.last_row = column.cell.row + column.cell.row_span - 1
    state.untold = False
    state.headings = on_one_line(filled)
    state.columns = [*[old for old in state.columns if not any(new.covers(old.cell) for new in found)], *found]
    return True


def _heads_sources(reading: Reading, headings: Sequence[Cell]) -> bool:
    """Whether there is one heading, over names of sources (`项目 | 预算数 | 执行数`)."""
    below = reading.block.below(headings[0])
    return len(headings) == 1 and below is not None and meaning_of(reading, below, "funds") is not None


def as_column(reading: Reading, cell: Cell) -> Meaning | None:
    """A header over amounts: a stage, a total whose words name its period (`年度金额` beside `实施期金额`), or `预算数` beside `执行数`."""
    meaning = meaning_of(reading, cell, "funds_column")
    if meaning is not None:
        return meaning
    total = meaning_of(reading, cell, "funds")
    if total is None or total.target != "total":
        return None
    if total.period:
        return Meaning("funds_column", "declared", total.period)
    return Meaning("funds_column", "budget") if _is_beside_executed(reading, cell) else None


def _is_beside_executed(reading: Reading, cell: Cell) -> bool:
    """Whether a heading of the row says what was spent, and none which budget: then `预算数 | 执行数` are those of one year."""
    beside = [meaning_of(reading, other, "funds_column") for other in reading.block.rows[cell.row] if other is not cell]
    stages = [meaning for meaning in beside if meaning is not None and meaning.target in STAGES]
    return [(stage.target, stage.period) for stage in stages] == [("executed", None)]


def read_funds(reading: Reading, meaning: Meaning, label: Cell, queue: list[Cell], state: FundsState) -> list[Cell]:
    """A fund source and the cells behind it, up to the next label of the row. Gives what is left of the row.

    Several amounts behind a label that no header tells apart are left unread: which period or stage each is, nobody says.
    """
    if (
        not queue
        and not label.text.rstrip().endswith((":", "："))
        and not reading.layout.is_spelled(label_of(label.text))
    ):
        return queue  # `其他运转类` at the end of a row is like a source and has no amount: a text that nobody knows
    reading.claim(label, "label", None, 0)
    values: list[Cell] = []
    while queue and not is_next_label(reading, queue[0]):
        value = queue.pop(0)
        if not reading.claimed(value):
            values.append(value)
    _take_units(reading, label, values, state)
    if not state.columns and values and _heads_amounts(reading, values[0]):
        return queue  # headers of two columns, and nobody knows the second
    if not state.columns:
        end = next(
            (at for at, value in enumerate(values) if at and value.text and not may_be_amount(value)), len(values)
        )
        if end < len(values) and (not values[0].text or is_amount(values[0])):
            queue[:0] = values[end:]  # a label that nobody knows stands behind the amount
            values = values[:end]
        state.untold |= sum(bool(value.text) for value in values) > 1
        if state.untold and len(values) > 1:
            return queue
        values = [value for value in values if value.text] or values[:1]
    period = period_of(reading, meaning, label, state)
    if not values and not queue and label.text.rstrip().endswith((":", "：")):
        hint = state.area.text if state.area is not None else ""
        empty = FundFact(meaning.target, label_text(label), period, "declared", "", label, hint)
        reading.project.funds.append(empty)  # `其他资金：` with room for the amount behind it
    filled = [value for value in values if value.text]
    for value in values:
        column = _column_of(state, meaning, label, value)
        if state.columns and not value.text and (column is None or any(map(column.covers, filled))):
            continue  # an empty cell between the label and the columns, or beside the amount of a column
        if column is None or column.meaning != UNKNOWN:
            _tell_shared(reading, label, value, state)
            add_amount(reading, meaning, label, period, value, column, state)
    return queue


def _column_of(state: FundsState, meaning: Meaning, label: Cell, value: Cell) -> FundsColumn | None:
    """The heading of an amount; without headings the stage above its label, of which it is a part."""
    if state.columns or meaning.target == "total":
        return next((column for column in state.columns if column.covers(value)), None)
    return next((column for column in reversed(state.stages) if column.covers(label)), None)


def _tell_shared(reading: Reading, label: Cell, value: Cell, state: FundsState) -> None:
    """An amount that is merged over several stages is read as the first of them."""
    if value.col_span == 1:
        return
    end = value.col + value.col_span
    over = (item for item in state.columns if value.col <= item.cell.col and item.cell.col + item.cell.col_span <= end)
    shared = [item.cell for item in over if item.meaning.target in STAGES]
    if len(shared) > 1 and is_amount(value):
        names = "、".join(map(label_text, shared))
        message = f"“{label_text(label)}”的金额{value.text}占了几栏（{names}），已按第一栏读取，请核对原表。"
        reading.remarks.append(Remark("shared-amount", "funds.amount", message, value))


def _take_units(reading: Reading, label: Cell, values: list[Cell], state: FundsState) -> None:
    """`100 | 万元`: a unit in the cell behind an amount is its own, and no amount; not where the labels say another."""
    for amount, unit in pairwise(values[:]):
        if "元" in unit.text and is_unit_alone(unit.text) and is_amount(amount):
            labels = [label.text, state.area.text if state.area is not None else ""]
            if {said for text in labels if (said := parse_money_unit(text))} <= {parse_money_unit(unit.text)}:
                reading.claim(unit, "label", None, 0)
                values.remove(unit)
                state.units[amount[:2]] = unit.text


def _heads_amounts(reading: Reading, cell: Cell) -> bool:
    below = reading.block.below(cell)
    if not cell.text or may_be_amount(cell) or below is None:
        return False
    return same_columns(below, cell) and is_amount(below)


def _unknown_before(reading: Reading, label: Cell) -> list[Cell]:
    """The texts left of a label that nobody has read: labels of sections that name a unit are among them; what has an amount of its own is none."""
    cells = [cell for cell in reading.block.grid.row(label.row) if cell.col < label.col and cell.text]
    return [
        cell
        for cell, right in pairwise([*cells, label])
        if not reading.claimed(cell) and not is_amount(cell) and not is_amount(right)
    ][::-1]


def add_amount(
    reading: Reading,
    meaning: Meaning,
    label: Cell,
    period: str | None,
    value: Cell,
    column: FundsColumn | None,
    state: FundsState,
) -> None:
    name = label_text(label)
    own = f"{name}（{label_text(column.cell)}）" if column is not None and column.cell is not label else name
    if column is not None and column.meaning.target in ("rate", "weight", "score"):
        reading.claim(value, "value", None, 0)
        reading.project.rates.append(RateFact(column.meaning.target, meaning.target, own, period, value))
        return
    if column is not None and column.meaning.target not in STAGES:
        reading.claim(value, "value", None, 0)
        reading.project.fields.append(FieldFact(None, own, value.text, value))
        return
    stage = column.meaning.target if column is not None else "declared"
    if column is not None and column.meaning.period:
        period = column.meaning.period
    near = (label, column.cell if column else None, *_unknown_before(reading, label), state.area)
    hints = [state.units.get(value[:2], ""), *(cell.text for cell in near if cell is not None)]
    if column is not None:
        hints.append(state.headings)
    hints += [total.text for total, _ in state.groups[-1:]]  # parts are in the unit of their total
    reading.claim(value, "value", "funds.amount", 0)
    year = label_year(column.cell if column is not None else label)
    reading.project.funds.append(
        FundFact(meaning.target, name, period, stage, value.text, value, "\n".join(hints), year)
    )

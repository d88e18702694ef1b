"""The period of an amount: by its label, by the total above it, by the order of the layout; open where nothing tells."""

from __future__ import annotations

from itertools import pairwise

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns, share_columns
from yusuan.normalize.facts import Reading, Remark, label_text
from yusuan.normalize.funds_state import FundsState, is_amount, is_next_label, may_be_amount
from yusuan.normalize.layout import PERIODS, Meaning
from yusuan.normalize.lookups import words_of
from yusuan.normalize.meanings import GOAL_FIELDS, KINDS, meaning_of
from yusuan.normalize.text import label_key


def period_of(reading: Reading, meaning: Meaning, label: Cell, state: FundsState) -> str | None:
    """The label's own words first; then the total above it in the same column of labels; then the layout's order or default.

    Where the same source stands twice in a row and nothing tells the two apart, the period is null with a remark.
    """
    above = next((period for cell, period in reversed(state.groups) if share_columns(cell, label)), None)
    if meaning.target == "total":
        period = meaning.period or above or _default_period(reading, meaning, label, state)
        state.groups.append((label, period))
        return period
    if above and not meaning.period and _is_behind_a_period(reading, label):
        _leave_open(reading, label, f"同一行里另有一项说明期间的资金，“{label_text(label)}”没有说明属于哪个期间")
        return None
    if meaning.period and above and meaning.period != above:
        message = f"“{label_text(label)}”按字面与所在列分别属于不同期间，已按字面处理，请核对。"
        reading.remarks.append(Remark("ambiguous-period", "funds.period", message, label))
    return meaning.period or above or _default_period(reading, meaning, label, state)


def _default_period(reading: Reading, meaning: Meaning, label: Cell, state: FundsState) -> str | None:
    same = [
        (cell, other.period)
        for cell in reading.block.rows[label.row]
        if cell is not state.area
        and (other := meaning_of(reading, cell, "funds")) is not None
        and other.target == meaning.target
    ]
    twins = [cell for cell, period in same if not period]
    default = reading.layout.default_period
    if len(twins) < 2:
        told = default is None or all(period != default for _, period in same)
        if told and not _is_below_strange(reading, label, state) and not _is_beside_strange(reading, label):
            return (_only_period(reading, label, state) if meaning.target != "total" else None) or default
        _leave_open(reading, label, f"同一行或同一栏里另有一项资金，“{label_text(label)}”没有说明属于哪个期间")
        return None
    if len(twins) == len(reading.layout.column_periods) and not _goals_contradict(reading):
        return reading.layout.column_periods[twins.index(label)]
    _leave_open(reading, label, f"“{label_text(label)}”在同一行出现{len(twins)}次，但没有说明各属于哪个期间")
    return None


def _leave_open(reading: Reading, label: Cell, why: str) -> None:
    message = f"{why}，期间留空，请核对原表。"
    reading.remarks.append(Remark("ambiguous-period", "funds.period", message, label))


def _goals_contradict(reading: Reading) -> bool:
    """Whether the goals of the form stand side by side in another order of periods than the layout declares."""
    goals = {goal.target: goal.cell for goal in reading.project.goals}
    cells = [goals.get(GOAL_FIELDS[period]) for period in reading.layout.column_periods if period in GOAL_FIELDS]
    return any(a and b and a.row == b.row and a.col > b.col for a, b in pairwise(cells))


def _only_period(reading: Reading, label: Cell, state: FundsState) -> str | None:
    """The period of the one total above or left of a part, if nothing unknown stands between that could be a second total."""
    if len(state.groups) != 1:
        return None
    total, period = state.groups[0]
    between = (cell for row in range(total.row, label.row + 1) for cell in reading.block.rows[row] if cell.text)
    known = all(reading.claimed(cell) or may_be_amount(cell) or is_next_label(reading, cell) for cell in between)
    return period if known else None


def _is_below_strange(reading: Reading, label: Cell, state: FundsState) -> bool:
    """Whether a label that nobody knows stands above this one, beside a total: it names another period, and nobody says which."""
    for total, _ in state.groups:
        above = reading.block.grid.at(total.row, label.col)
        if above is None or total.row == label.row or not same_columns(above, label):
            continue
        if above.text and meaning_of(reading, above, *KINDS) is None:
            return True
    return False


def _is_behind_a_period(reading: Reading, label: Cell) -> bool:
    """Whether a label that nobody knows and that names a period stands with its amount before this one: `本年度申请 | 100 | 其中：财政拨款`."""
    before = [cell for cell in reading.block.grid.row(label.row) if cell.col < label.col]
    return any(
        cell.text
        and not reading.claimed(cell)
        and is_amount(amount)
        and words_of(*PERIODS).search(label_key(cell.text))
        for cell, amount in pairwise(before)
    )


def _is_beside_strange(reading: Reading, label: Cell) -> bool:
    """Whether a label that nobody knows stands in the row with an amount of its own, perhaps of another period."""
    for cell in reading.block.rows[label.row]:
        if cell is label or not cell.text or reading.claimed(cell) or may_be_amount(cell):
            continue
        amount = reading.block.right_of(cell)
        beside = amount is not None and amount is not label and (not amount.text or may_be_amount(amount))
        if beside and meaning_of(reading, cell, *KINDS) is None:
            return True
    return False

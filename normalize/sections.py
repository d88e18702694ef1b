"""The parts of a form that are not tables of indicators: labels with their values, funds; goals.py reads the goals.

One walk over the rows, left to right. A label takes the cell on its right (or below it, in a row of labels only). A cell in the place
of a value is never read as a label: `项目类别 | 其他` is a category, not a fund source.
"""

from __future__ import annotations

from collections.abc import Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns
from yusuan.normalize.caption import states_unit, takes_unit
from yusuan.normalize.facts import FieldFact, FundFact, Reading, label_text
from yusuan.normalize.funds import add_amount, as_column, is_among_funds, read_funds, read_funds_header
from yusuan.normalize.funds_period import period_of
from yusuan.normalize.funds_state import COMMON_LABELS, UNKNOWN, FundsColumn, FundsState, is_amount, may_be_amount
from yusuan.normalize.goals import read_goal_beside
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Meaning
from yusuan.normalize.meanings import KINDS, beyond_gap, is_label, label_year, meaning_of
from yusuan.normalize.text import label_of

_OF_WHICH = "其中"  # in a cell of its own, left of the parts
_OVER_VALUES = ("field", "other", "funds", "funds_column")


def read_rows(reading: Reading, rows: Sequence[int]) -> None:
    """Fields, funds and goals of these rows."""
    state, roles = FundsState([], []), reading.roles
    for row in rows:
        cells = [cell for cell in reading.block.rows[row] if cell[:2] not in roles]
        if "funds_column" in reading.kinds[row] and read_funds_header(reading, cells, state):
            continue
        if len(cells) > 1 and _are_labels(reading, cells) and _read_labels_above(reading, cells, state):
            continue
        _read_row(reading, cells, state)


def _are_labels(reading: Reading, cells: Sequence[Cell]) -> bool:
    """Whether all texts mean something; asked from the right, for most rows end in a value."""
    return all(meaning_of(reading, cell, *_OVER_VALUES, "area") for cell in reversed(cells))


def _read_labels_above(reading: Reading, cells: Sequence[Cell], state: FundsState) -> bool:
    """A row of labels only, with the values in the row below: `项目名称 | 主管部门 | 实施单位`, also of funds."""
    labels = [cell for cell in cells if meaning_of(reading, cell, "area") is None]
    if len(labels) < 2:
        return False
    pairs: list[tuple[Cell, Meaning, Cell]] = []
    for cell in labels:
        meaning = meaning_of(reading, cell, *_OVER_VALUES)
        below = reading.block.below(cell)
        if meaning is None or below is None or below.col_span != cell.col_span:
            return False
        if reading.claimed(below) or meaning_of(reading, below, *KINDS):
            return False
        further = reading.block.below(below)
        if meaning.kind in ("funds", "funds_column") and further is not None and _goes_on(further, below):
            return False  # a list of amounts, of which the first is no total
        pairs.append((cell, meaning, below))
    if meaning_of(reading, labels[1], "field", "funds", "funds_column") is None:
        return False
    years = [meaning.kind == "funds_column" and label_year(cell) is not None for cell, meaning, _ in pairs]
    if sum(years) == 1 and pairs[0][1].kind == "field":
        return False  # `项目起止时间 | 2021年度`: the term, and no column of amounts
    for cell in cells:
        reading.claim(cell, "label", None, 0)
        if cell not in labels:
            state.area = cell
    for cell, meaning, below in pairs:
        if meaning.kind == "funds_column":
            _add_total(reading, meaning, cell, below, state)
        elif meaning.kind == "funds":
            add_amount(reading, meaning, cell, period_of(reading, meaning, cell, state), below, None, state)
        else:
            _add_field(reading, meaning, cell, [below])
    return True


def _add_total(reading: Reading, meaning: Meaning, heading: Cell, value: Cell, state: FundsState) -> None:
    """An amount whose label is the heading of a column (`预算数`): the total of its stage."""
    total = Meaning("funds", "total", meaning.period)
    period = period_of(reading, total, heading, state)
    column = FundsColumn(meaning, heading)
    state.stages.append(column)
    state.last_row = heading.row
    add_amount(reading, total, heading, period, value, column, state)


def _goes_on(cell: Cell, above: Cell) -> bool:
    return same_columns(cell, above) and is_amount(cell) and is_amount(above)


def _read_row(reading: Reading, cells: Sequence[Cell], state: FundsState) -> None:
    queue = list(cells)
    while queue:
        cell = queue.pop(0)
        if not cell.text or reading.claimed(cell):
            continue
        meaning = meaning_of(reading, cell, *KINDS)
        if label_of(cell.text) == _OF_WHICH and queue and meaning_of(reading, queue[0], "funds"):
            reading.claim(cell, "label", None, 0)
        elif queue and takes_unit(reading, cell, queue[0]):
            del queue[0]
        elif meaning is None:
            if not states_unit(reading, cell):
                _read_unlabelled(reading, cell, state)
        elif meaning.kind == "area":
            reading.claim(cell, "label", None, 0)
            if meaning.target == "funds":
                state.area, state.columns, state.groups, state.stages, state.untold = cell, [], [], [], False
            elif meaning.target == "goals":
                read_goal_beside(reading, meaning_of(reading, cell, "goal") or Meaning("goal", "goal"), cell, queue)
        elif meaning.kind == "goal":
            reading.claim(cell, "label", None, 0)
            read_goal_beside(reading, meaning, cell, queue)
        elif (stage := _budget_beside(reading, meaning, cell, queue)) is not None:
            reading.claim(cell, "label", None, 0)
            _add_total(reading, stage, cell, queue.pop(0), state)
        elif meaning.kind == "funds" and is_among_funds(cell, state):
            queue = read_funds(reading, meaning, cell, queue, state)
            state.last_row = cell.row
        elif meaning.kind == "funds":
            continue  # 合计 or 其他 of some other list: left for the accounting to report
        elif meaning.kind == "ignore":
            reading.claim(cell, "ignored")
            for value in _values(reading, cell, queue):
                reading.claim(value, "ignored")
        elif meaning.kind == "funds_column" and queue and is_amount(queue[0]) and _is_beside_funds(cell, state):
            reading.claim(cell, "label", None, 0)
            _add_total(reading, meaning, cell, queue.pop(0), state)
        elif meaning.kind == "other" and state.columns and _is_inside(state.area, cell):
            reading.claim(cell, "label", None, 0)
            queue = _keep_amounts(reading, cell, queue, state)
        elif meaning.kind == "funds_column":
            continue  # a header without funds: left for the accounting to report
        else:
            reading.claim(cell, "label", None, 0)
            _add_field(reading, meaning, cell, _values(reading, cell, queue))


def _budget_beside(reading: Reading, meaning: Meaning, cell: Cell, queue: Sequence[Cell]) -> Meaning | None:
    """The stage of `预算数 | 300` in front of `执行数 | 285`."""
    if (meaning.kind, meaning.target) != ("funds", "total") or not queue or not is_amount(queue[0]):
        return None
    stage = as_column(reading, cell)
    return stage if stage is not None and stage.target == "budget" else None


def _is_beside_funds(cell: Cell, state: FundsState) -> bool:
    return state.area is not None or state.last_row == cell.row


def _is_inside(area: Cell | None, cell: Cell) -> bool:
    return area is not None and area.row <= cell.row < area.row + area.row_span


def _keep_amounts(reading: Reading, label: Cell, queue: list[Cell], state: FundsState) -> list[Cell]:
    """Amounts of what is no source (基本支出, 项目支出) under the columns of the funds: fields, by row and column."""
    while queue and (column := next((column for column in state.columns if column.covers(queue[0])), None)) is not None:
        value = queue.pop(0)
        reading.claim(value, "value", None, 0)
        name = f"{label_text(label)}（{label_text(column.cell)}）"
        reading.project.fields.append(FieldFact(None, name, value.text, value))
    return queue


def _values(reading: Reading, label: Cell, queue: list[Cell]) -> list[Cell]:
    """The cell beside a label, or beside each of its rows; below it where nothing stands beside it. Taken off the queue."""
    block = reading.block
    values: list[Cell] = []
    for row in range(label.row, label.row + label.row_span):
        right = beyond_gap(reading, block.right_of(label, row), row)
        if right is not None and right.row >= label.row and right not in values and not reading.claimed(right):
            values.append(right)
    if not values:
        below = block.below(label)
        if (
            below is not None
            and same_columns(below, label)
            and not (reading.claimed(below) or is_label(reading, below))
        ):
            values.append(below)
    elif len(values) == 1 and values[0].text and _is_label_too(reading, values[0]):
        return []
    elif len(values) > 1 and all(value.text and _heads_a_row(reading, value) for value in values):
        return []  # the label of a section, beside the labels of its rows
    queue[:] = [cell for cell in queue if cell not in values]
    return values


def _is_label_too(reading: Reading, cell: Cell) -> bool:
    """Whether the cell beside a label is the next label: its spelling means something, and it has a value of its own beside it."""
    if meaning_of(reading, cell, "field", "other", "goal", "funds_column", "funds") is None:
        return False  # most values
    meaning = meaning_of(reading, cell, "field", "other", "goal") or _as_amounts(reading, cell)
    beside = reading.block.right_of(cell)
    return meaning is not None and (beside is None or meaning_of(reading, beside, "field", "other") is None)


def _heads_a_row(reading: Reading, cell: Cell) -> bool:
    """Whether a cell is a label by its spelling, or stands in front of another text of its own row."""
    beside = reading.block.right_of(cell)
    return meaning_of(reading, cell, *KINDS) is not None or (beside is not None and bool(beside.text))


def _as_amounts(reading: Reading, cell: Cell) -> Meaning | None:
    """The meaning of a header over amounts, `预算数（万元）`; a year is also a term, and 合计 or 其他 the name of anything."""
    if label_year(cell) is not None or label_of(cell.text) in COMMON_LABELS:
        return None
    meaning = meaning_of(reading, cell, "funds_column", "funds")
    return meaning if meaning is not None and (meaning.kind == "funds_column" or meaning.target == "total") else None


def _add_field(reading: Reading, meaning: Meaning, label: Cell, values: Sequence[Cell]) -> None:
    target = meaning.target if meaning.kind == "field" else None
    text = "\n".join(cell.text for cell in values if cell.text)
    for cell in values:
        reading.claim(cell, "value", f"projects.{_column(target)}" if target else None, 0)
    place = values[0] if values else label
    reading.project.fields.append(FieldFact(target, label_text(label), text, place))


def _column(target: str | None) -> str | None:
    return "term_text" if target == "term" else target


def _read_unlabelled(reading: Reading, cell: Cell, state: FundsState) -> None:
    """`label：value` in one cell, an amount below a header and beside the section's label (the total), or a text that is ignored.

    Anything else stays unread.
    """
    area = state.area
    column = next((column for column in state.columns if column.covers(cell)), None)
    if (
        area is not None
        and column is not None
        and column.meaning != UNKNOWN
        and may_be_amount(cell)
        and _is_beside(reading, area, cell, state)
    ):
        total = Meaning("funds", "total", column.meaning.period)
        add_amount(reading, total, area, period_of(reading, total, column.cell, state), cell, column, state)
        return
    if any(
        label_of(cell.text).startswith(start) or _starts(cell.text, start) for start in reading.layout.ignored_starts
    ):
        reading.claim(cell, "ignored")
        return
    pairs = inline_pairs(cell.text, reading.layout)
    if pairs is None or any(_holds_label(reading, key, value) for key, _, value in pairs):
        return
    columns = []
    for key, label, value in pairs:
        meaning = reading.layout.meaning(key, "field", "other", "ignore", "funds")
        if meaning is None or meaning.kind == "ignore":
            continue
        if meaning.kind == "funds":
            period = period_of(reading, meaning, cell, state)
            hint = f"{label}\n{area.text if area is not None else ''}"
            reading.project.funds.append(FundFact(meaning.target, label, period, "declared", value, cell, hint))
            columns.append("funds.amount")
            continue
        target = meaning.target if meaning.kind == "field" else None
        reading.project.fields.append(FieldFact(target, label, value, cell))
        if target:
            columns.append(f"projects.{_column(target)}")
    reading.claim(cell, "value", columns[0] if len(columns) == 1 else None, 0)


def _is_beside(reading: Reading, area: Cell, amount: Cell, state: FundsState) -> bool:
    """Whether nothing but amounts stands between the section's label and one: a label that nobody knows makes it no total."""
    between = [
        cell
        for cell in reading.block.rows[amount.row]
        if area.col + area.col_span <= cell.col < amount.col and cell.text
    ]
    inside = area.row <= amount.row < area.row + area.row_span
    return inside and all(any(column.covers(cell) for column in state.columns) for cell in between)


def _holds_label(reading: Reading, key: str, value: str) -> bool:
    """Whether an amount goes on with a label that the layout does not know: `27.29  自筹资金：14.06`."""
    return reading.layout.meaning(key, "funds") is not None and (":" in value or "：" in value)


def _starts(text: str, start: str) -> bool:
    return "".join(text.split()).startswith(start)

"""The parts of a form that are not tables of indicators: labels with their values, funds, goals.

One walk over the rows, left to right. A label takes the cell on its right (or below it, in a row of labels only). A cell in the place
of a value is never read as a label: `项目类别 | 其他` is a category, not a fund source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.facts import FieldFact, FundFact, GoalFact, RateFact, Reading, Remark, label_text
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import STAGES, Meaning

KINDS = ("area", "goal", "funds", "field", "other", "ignore", "funds_column")
_YEAR_LABEL = re.compile(r"(20\d\d)年度?(.*)$")
_YEAR_ALONE = ("", "预算", "金额", "资金", "预算安排", "预算金额")
_COMMON_LABELS = ("合计", "小计", "总额", "其他", "其它", "总计")
GOAL_FIELDS = {"implementation": "goal_implementation", "annual": "goal_annual"}


@dataclass(frozen=True, slots=True)
class _FundsColumn:
    meaning: Meaning
    cell: Cell

    def covers(self, cell: Cell) -> bool:
        return self.cell.col < cell.col + cell.col_span and cell.col < self.cell.col + self.cell.col_span


@dataclass(slots=True)
class _FundsState:
    """What rows above said about the columns of the funds: header cells, and the period of each column of labels."""

    columns: list[_FundsColumn]
    groups: list[tuple[Cell, str | None]]
    area: Cell | None = None
    last_row: int = -2


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


def read_goal_headers(reading: Reading, rows: Iterable[int]) -> list[tuple[Cell, str]]:
    """Goals that stand below their labels (`∅ | 实施期目标 | 年度目标`). Gives the header cells with their periods.

    A row is such a header when, section labels aside, all its texts are labels of goals and the cells below are texts.
    """
    headers: list[tuple[Cell, str]] = []
    block = reading.block
    for row in rows:
        cells = [cell for cell in block.rows[row] if cell.text and not reading.claimed(cell)]
        labelled = [(cell, meaning_of(reading, cell, "area", "goal")) for cell in cells]
        goals = [(cell, meaning) for cell, meaning in labelled if meaning is not None and meaning.kind == "goal"]
        strange = [cell for cell, meaning in labelled if meaning is None]
        if strange and (len(goals) < 2 or strange != cells[:1]):
            continue  # an unknown label in front of two goals is the section's; any other text makes it no header
        for cell, meaning in goals:
            right = block.right_of(cell)
            if len(goals) == 1 and right is not None and not right.text and right.row_span >= cell.row_span:
                continue  # one label beside one empty cell: its value, not a header
            below = block.below(cell)
            if below is None or below.row in _label_rows(reading, below):
                continue
            reading.claim(cell, "label", None, 0)
            if meaning.period and meaning.target == "goal":
                headers.append((cell, meaning.period))
            add_goal(reading, meaning, cell, below)
    return headers


def _label_rows(reading: Reading, below: Cell) -> tuple[int, ...]:
    """The row of the cell if it is itself a label (then nothing stands below the header), else none."""
    return (below.row,) if meaning_of(reading, below, *KINDS, "indicator") else ()


def add_goal(reading: Reading, meaning: Meaning, label: Cell, cell: Cell) -> None:
    period = meaning.period or (None if meaning.target == "actual" else reading.layout.default_period)
    target = "goal_actual" if meaning.target == "actual" else GOAL_FIELDS.get(period or "")
    reading.claim(cell, "value", f"projects.{target}" if target else None, 0)
    reading.project.goals.append(GoalFact(target, label_text(label), cell.text, cell))


def read_rows(reading: Reading, rows: Sequence[int]) -> None:
    """Fields, funds and goals of these rows."""
    state = _FundsState([], [])
    for row in rows:
        cells = [cell for cell in reading.block.rows[row] if not reading.claimed(cell)]
        if _read_funds_header(reading, cells, state) or _read_labels_above(reading, cells, state):
            continue
        _read_row(reading, cells, state)


def _is_among_funds(reading: Reading, cell: Cell, state: _FundsState) -> bool:
    """Whether a label that any list may have (合计, 其他) stands beside the section's label, or in or below a row of funds."""
    if reading.block.key(cell) not in _COMMON_LABELS:
        return True
    area = state.area
    return cell.row <= state.last_row + 1 or (area is not None and area.row <= cell.row < area.row + area.row_span)


def _read_labels_above(reading: Reading, cells: Sequence[Cell], state: _FundsState) -> bool:
    """A row of labels only, with the values in the row below: `项目名称 | 主管部门 | 实施单位`, also of funds."""
    labels = [cell for cell in cells if meaning_of(reading, cell, "area") is None]
    if len(labels) < 2 or not all(cell.text for cell in labels):
        return False
    pairs: list[tuple[Cell, Meaning, Cell]] = []
    for cell in labels:
        meaning = meaning_of(reading, cell, "field", "other", "funds", "funds_column")
        below = reading.block.below(cell)
        if meaning is None or below is None or below.col_span != cell.col_span or meaning_of(reading, below, *KINDS):
            return False
        pairs.append((cell, meaning, below))
    if meaning_of(reading, labels[1], "field", "funds", "funds_column") is None:
        return False
    for cell in cells:
        reading.claim(cell, "label", None, 0)
        if cell not in labels:
            state.area = cell
    for cell, meaning, below in pairs:
        if meaning.kind == "funds_column":
            total = Meaning("funds", "total", meaning.period)
            _add_amount(
                reading, total, cell, _period(reading, total, cell, state), below, _FundsColumn(meaning, cell), state
            )
        elif meaning.kind == "funds":
            _add_amount(reading, meaning, cell, _period(reading, meaning, cell, state), below, None, state)
        else:
            _add_field(reading, meaning, cell, [below])
    return True


def _read_row(reading: Reading, cells: Sequence[Cell], state: _FundsState) -> None:
    queue = list(cells)
    while queue:
        cell = queue.pop(0)
        if not cell.text or reading.claimed(cell):
            continue
        meaning = meaning_of(reading, cell, *KINDS)
        if meaning is None:
            _read_unlabelled(reading, cell, state)
        elif meaning.kind == "area":
            reading.claim(cell, "label", None, 0)
            if meaning.target == "funds":
                state.area, state.columns, state.groups = cell, [], []
            elif meaning.target == "goals":
                _read_goal_beside(reading, Meaning("goal", "goal"), cell, queue)
        elif meaning.kind == "goal":
            reading.claim(cell, "label", None, 0)
            _read_goal_beside(reading, meaning, cell, queue)
        elif meaning.kind == "funds" and _is_among_funds(reading, cell, state):
            queue = _read_funds(reading, meaning, cell, queue, state)
            state.last_row = cell.row
        elif meaning.kind == "funds":
            continue  # 合计 or 其他 of some other list: left for the accounting to report
        elif meaning.kind == "ignore":
            reading.claim(cell, "ignored")
            for value in _values(reading, cell, queue):
                reading.claim(value, "ignored")
        elif meaning.kind == "funds_column":
            continue  # a header without funds: left for the accounting to report
        else:
            reading.claim(cell, "label", None, 0)
            _add_field(reading, meaning, cell, _values(reading, cell, queue))


def _values(reading: Reading, label: Cell, queue: list[Cell]) -> list[Cell]:
    """The cell beside a label, or beside each of its rows; below it where nothing stands beside it. Taken off the queue."""
    block = reading.block
    values: list[Cell] = []
    for row in range(label.row, label.row + label.row_span):
        right = block.right_of(label, row)
        if right is not None and right.row >= label.row and right not in values and not reading.claimed(right):
            values.append(right)
    if not values:
        below = block.below(label)
        if below is not None and not reading.claimed(below) and meaning_of(reading, below, *KINDS, "indicator") is None:
            values.append(below)
    elif len(values) == 1 and values[0].text and _is_label_too(reading, values[0]):
        return []
    queue[:] = [cell for cell in queue if cell not in values]
    return values


def _is_label_too(reading: Reading, cell: Cell) -> bool:
    """Whether the cell beside a label is the next label: it has a value of its own beside it and its spelling means a field."""
    meaning = meaning_of(reading, cell, "field", "other")
    beside = reading.block.right_of(cell)
    return meaning is not None and (beside is None or meaning_of(reading, beside, "field", "other") is None)


def _add_field(reading: Reading, meaning: Meaning, label: Cell, values: Sequence[Cell]) -> None:
    target = meaning.target if meaning.kind == "field" else None
    text = "\n".join(cell.text for cell in values if cell.text)
    for cell in values:
        reading.claim(cell, "value", f"projects.{_column(target)}" if target else None, 0)
    place = values[0] if values else label
    reading.project.fields.append(FieldFact(target, label_text(label), text, place))


def _column(target: str | None) -> str | None:
    return "term_text" if target == "term" else target


def _read_unlabelled(reading: Reading, cell: Cell, state: _FundsState) -> None:
    """`label：value` in one cell, an amount below a header and beside the section's label (the total), or a text that is ignored.

    Anything else stays unread.
    """
    area = state.area
    column = next((column for column in state.columns if column.covers(cell)), None)
    if area is not None and column is not None and area.row <= cell.row < area.row + area.row_span:
        total = Meaning("funds", "total")
        _add_amount(reading, total, area, _period(reading, total, column.cell, state), cell, column, state)
        return
    if any(
        reading.block.key(cell).startswith(start) or _starts(cell.text, start)
        for start in reading.layout.ignored_starts
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
            period = meaning.period or reading.layout.default_period
            hint = f"{label}\n{area.text if area is not None else ''}"
            reading.project.funds.append(FundFact(meaning.target, label, period, "declared", value, cell, hint))
            columns.append("funds.amount")
            continue
        target = meaning.target if meaning.kind == "field" else None
        reading.project.fields.append(FieldFact(target, label, value, cell))
        if target:
            columns.append(f"projects.{_column(target)}")
    reading.claim(cell, "value", columns[0] if len(columns) == 1 else None, 0)


def _holds_label(reading: Reading, key: str, value: str) -> bool:
    """Whether an amount goes on with a label that the layout does not know: `27.29  自筹资金：14.06`."""
    return reading.layout.meaning(key, "funds") is not None and (":" in value or "：" in value)


def _starts(text: str, start: str) -> bool:
    return "".join(text.split()).startswith(start)


def _read_goal_beside(reading: Reading, meaning: Meaning, label: Cell, queue: list[Cell]) -> None:
    """A goal on the right of its label (`本年度绩效目标 | text`), unless a header row above has claimed it."""
    right = reading.block.right_of(label)
    if right is None or reading.claimed(right) or meaning_of(reading, right, "goal", "area"):
        return
    if right.row_span < label.row_span:
        return  # a header that nobody knows stands between the label and its text
    if right in queue:
        queue.remove(right)
    add_goal(reading, meaning, label, right)


# --- funds ------------------------------------------------------------------------------------------------------------


def _read_funds_header(reading: Reading, cells: Sequence[Cell], state: _FundsState) -> bool:
    """`年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分`: two or more column labels and no other text than section labels."""
    filled = [cell for cell in cells if cell.text]
    columns = [(cell, _as_column(reading, cell)) for cell in filled]
    found = [_FundsColumn(meaning, cell) for cell, meaning in columns if meaning is not None]
    others = [cell for cell, meaning in columns if meaning is None]
    if not any(meaning_of(reading, column.cell, "funds_column") for column in found):
        return False
    strange = [cell for cell in others if meaning_of(reading, cell, "area") is None]
    if not found or (strange and (len(found) < 3 or strange != filled[:1])):
        return False  # an unknown label in front of three columns or more is the section's
    if len(found) < 2 and found[0].meaning.target not in (*STAGES, "declared"):
        return False
    for cell in others:
        if cell not in strange:
            reading.claim(cell, "label", None, 0)
            state.area = cell
    for column in found:
        reading.claim(column.cell, "header", None, 0)
        state.last_row = column.cell.row + column.cell.row_span - 1
    state.columns = [*[old for old in state.columns if not any(new.covers(old.cell) for new in found)], *found]
    return True


def _as_column(reading: Reading, cell: Cell) -> Meaning | None:
    """A header over amounts: a stage, or a total whose words name its period (`年度金额` beside `实施期金额`)."""
    meaning = meaning_of(reading, cell, "funds_column")
    if meaning is not None:
        return meaning
    total = meaning_of(reading, cell, "funds")
    named = total is not None and total.target == "total" and total.period
    return Meaning("funds_column", "declared", total.period) if total is not None and named else None


def _read_funds(reading: Reading, meaning: Meaning, label: Cell, queue: list[Cell], state: _FundsState) -> list[Cell]:
    """A fund source and the cells behind it, up to the next label of the row. Gives what is left of the row.

    Several amounts behind a label that no header tells apart are left unread: which period or stage each is, nobody says.
    """
    reading.claim(label, "label", None, 0)
    values: list[Cell] = []
    while queue and meaning_of(reading, queue[0], "funds", "field", "area") is None:
        value = queue.pop(0)
        if not reading.claimed(value):
            values.append(value)
    if not state.columns:
        if sum(bool(value.text) for value in values) > 1:
            return queue
        values = [value for value in values if value.text] or values[:1]
    period = _period(reading, meaning, label, state)
    for value in values:
        column = next((column for column in state.columns if column.covers(value)), None)
        _add_amount(reading, meaning, label, period, value, column, state)
    return queue


def _period(reading: Reading, meaning: Meaning, label: Cell, state: _FundsState) -> str | None:
    """The label's own words first; then the total above it in the same column of labels; then the layout's order or default.

    Where the same source stands twice in a row and nothing tells the two apart, the period is null with a remark.
    """
    above = next((period for cell, period in reversed(state.groups) if _same_columns(cell, label)), None)
    if meaning.target == "total":
        period = meaning.period or above or _default_period(reading, meaning, label)
        state.groups.append((label, period))
        return period
    if meaning.period and above and meaning.period != above:
        message = f"“{label_text(label)}”按字面与所在列分别属于不同期间，已按字面处理，请核对。"
        reading.remarks.append(Remark("ambiguous-period", "funds.period", message, label))
    return meaning.period or above or _default_period(reading, meaning, label)


def _default_period(reading: Reading, meaning: Meaning, label: Cell) -> str | None:
    twins = [
        cell
        for cell in reading.block.rows[label.row]
        if (other := meaning_of(reading, cell, "funds")) is not None
        and other.target == meaning.target
        and not other.period
    ]
    if len(twins) < 2:
        return reading.layout.default_period
    if len(twins) == len(reading.layout.column_periods):
        return reading.layout.column_periods[twins.index(label)]
    message = f"“{label_text(label)}”在同一行出现{len(twins)}次，但没有说明各属于哪个期间，期间留空，请核对原表。"
    reading.remarks.append(Remark("ambiguous-period", "funds.period", message, label))
    return None


def _same_columns(a: Cell, b: Cell) -> bool:
    return a.col < b.col + b.col_span and b.col < a.col + a.col_span


def _add_amount(
    reading: Reading,
    meaning: Meaning,
    label: Cell,
    period: str | None,
    value: Cell,
    column: _FundsColumn | None,
    state: _FundsState,
) -> None:
    name = label_text(label)
    if column is not None and column.meaning.target in ("rate", "weight", "score"):
        reading.claim(value, "value", None, 0)
        reading.project.rates.append(
            RateFact(column.meaning.target, meaning.target, f"{name}（{label_text(column.cell)}）", period, value)
        )
        return
    if column is not None and column.meaning.target not in STAGES:
        reading.claim(value, "value", None, 0)
        reading.project.fields.append(FieldFact(None, f"{name}（{label_text(column.cell)}）", value.text, value))
        return
    stage = column.meaning.target if column is not None else "declared"
    if column is not None and column.meaning.period:
        period = column.meaning.period
    hints = [cell.text for cell in (label, column.cell if column else None, state.area) if cell is not None]
    reading.claim(value, "value", "funds.amount", 0)
    year = label_year(reading, column.cell if column is not None else label)
    reading.project.funds.append(
        FundFact(meaning.target, name, period, stage, value.text, value, "\n".join(hints), year)
    )

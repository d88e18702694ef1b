"""Tables of indicators: levels merged, left blank or repeated; one period, two side by side, split columns, weights and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from tests.forms.content import Slot, actual_of
from tests.forms.draft import LABEL, Draft
from tests.forms.sheet import WIDTH, Row, beside, edges, row
from tests.forms.truth import Item, RowTruth
from tests.forms.values import Target, bracketed, figure, glyph

LEVEL1 = {"output": "产出指标", "benefit": "效益指标", "satisfaction": "满意度指标", "cost": "成本指标"}
LEVEL2 = {
    "quantity": "数量指标", "quality": "质量指标", "timeliness": "时效指标", "cost": "成本指标",
    "economic_benefit": "经济效益指标", "social_benefit": "社会效益指标", "ecological_benefit": "生态效益指标",
    "sustainability": "可持续影响指标", "satisfaction": "服务对象满意度指标", "economic_cost": "经济成本指标",
    "social_cost": "社会成本指标", "environmental_cost": "生态环境成本指标",
}  # fmt: skip
HINTS = ("（100字以内）", "（不超过50字）")
SHARES = {
    "level1": 20, "level2": 25, "level3": 45, "value": 30, "operator": 16, "unit": 18, "weight": 14, "score": 14,
    "actual": 28, "explanation": 30, "other": 22, "kind": 20,
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """How one table of indicators looks. `columns` are (header, column); `level2` repeats for `periods` side by side."""

    columns: Sequence[tuple[str, str]]
    periods: Sequence[str | None] = ("annual",)
    level1: dict[str, str] = field(default_factory=dict)
    level2: dict[str, str] = field(default_factory=dict)
    weights: int | None = None
    level1_scores: str = ""
    area: str = "绩效指标"
    brackets: bool = False
    merged_satisfaction: bool = False
    explanations: Sequence[str] = ("",)
    actuals: bool = False
    unfilled: str | None = None
    """A period whose half nobody filled in."""
    parts: float = 0.0
    """Rate of indicators with a row `其中：…` below that has no weight."""
    total: str = ""
    """The label of a row with the sum of the weights."""


@dataclass
class _Line:
    """One row: a slot and the cells of each side below its columns."""

    slot: Slot
    sides: list[dict[str, Item]]
    filler: bool = False


def indicator_table(draft: Draft, table: Table) -> dict[str, Item]:
    """Adds the table and its truth to the draft; the area label stands left of it. Gives the header cells by column."""
    split = "operator" in {column for _, column in table.columns}
    slots = [_fit(draft, slot, split) for slot in draft.content.slots]
    lines = [_line(draft, table, slot, split) for slot in slots]
    if draft.dialect.fillers and not table.weights:
        lines = [made for line in lines for made in _with_filler(draft, line, table)]
    _faults(draft, table, lines)
    _weigh(draft, table, lines)
    if table.parts:
        lines = [made for line in lines for made in _with_part(draft, line, table, split)]
    borders, headers = _header(draft, table)
    head = row(borders, headers)
    rows: list[Row] = [head]
    rows += _body(draft, table, lines, borders)
    draft.cut()
    draft.rows += beside(draft.label(table.area), rows, 0, LABEL, draft.dialect.merge)
    for number, period in enumerate(table.periods):
        _state(draft, table, lines, number, period)
    heads = {column: item for (_, column), item in zip(table.columns, head, strict=False)}
    if table.total:
        _total(draft, table, heads["weight"])
    return heads


def _total(draft: Draft, table: Table, weight: Item) -> None:
    """合计 below the column of weights: no indicator. It says what the weights should add up to."""
    draft.rows.append([Item(table.total, 0, weight.x0), Item(str(table.weights), weight.x0, weight.x1)])


def _fit(draft: Draft, slot: Slot, split: bool) -> Slot:
    """Split columns hold one figure and one unit: ranges and approximate values are none of theirs."""
    if not split or slot.annual is None or slot.annual.raw:
        return slot
    value = slot.annual.value or 0.0
    target = figure(value, slot.annual.unit or "", ">=", draft.rng, draft.dialect)
    return replace(slot, annual=target, term=target)


def _line(draft: Draft, table: Table, slot: Slot, split: bool) -> _Line:
    sides = []
    for period in table.periods:
        target = slot.term if period == "implementation" else slot.annual
        if period is not None and period == table.unfilled:
            target = None
        sides.append(_side(draft, table, slot, target, split))
    return _Line(slot, sides)


def _side(draft: Draft, table: Table, slot: Slot, target: Target | None, split: bool) -> dict[str, Item]:
    columns = [column for _, column in table.columns]
    cells = {column: Item("") for column in columns if column not in ("level1", "level2")}
    if target is None:
        return cells
    if table.brackets:
        target = bracketed(target, draft.rng, draft.dialect)
    cells["level3"].text = slot.name
    if split:
        target = _split(draft, cells, target)
    else:
        cells["value"].text = target.text
    cells["value"].meaning = target
    if "explanation" in cells:
        cells["explanation"].text = draft.rng.choice(table.explanations)
    if "kind" in cells:
        cells["kind"].text = "定量指标" if target.kind == "quantitative" else "定性指标"
    if "other" in cells:
        cells["other"].text = "反向指标" if target.operator in ("<=", "<") else "正向指标"
    if table.actuals:
        text, reached = actual_of(target, draft.rng)
        if split and reached is not None:
            text = text.removesuffix(target.unit or "")
        cells["actual"].text, cells["actual"].meaning = text, reached
    return cells


def _split(draft: Draft, cells: dict[str, Item], target: Target) -> Target:
    """指标性质 | 指标值 | 度量单位; returns the target as these columns state it."""
    cells["value"].text = target.raw
    if target.kind != "quantitative":
        cells["operator"].text = "定性"
        cells["unit"].text = draft.rng.choice(("", "", "/"))
        return replace(target, text=target.raw)
    operator = target.operator or "="
    cells["operator"].text = glyph(operator, draft.rng, draft.dialect)
    cells["unit"].text = target.unit or ""
    return replace(target, text=target.raw, operator=operator)


def _with_filler(draft: Draft, line: _Line, table: Table) -> list[_Line]:
    """A template's `……` below some second levels, and `指标1：` in its empty lines."""
    if line.slot.annual is None:
        for side in line.sides:
            side["level3"].text = draft.rng.choice(("", "指标1：", "……"))
        return [line]
    if draft.rng.random() < 0.2:
        slot = Slot(line.slot.level1, line.slot.level2)
        sides = [{column: Item("") for column in side} for side in line.sides]
        for side in sides:
            side["level3"].text = "……"
        return [line, _Line(slot, sides, filler=True)]
    return [line]


def _with_part(draft: Draft, line: _Line, table: Table, split: bool) -> list[_Line]:
    """`其中：…` below an indicator: an indicator of its own without weight and score."""
    target = line.slot.annual
    if target is None or target.value is None or target.value < 10 or draft.rng.random() >= table.parts:
        return [line]
    name = f"{draft.pick('其中：', '★其中：')}{line.slot.name}（重点部分）"
    part = figure(float(int(target.value / 2)), target.unit or "", ">=", draft.rng, draft.dialect)
    slot = replace(line.slot, name=name, term=part, annual=part)
    return [line, _line(draft, table, slot, split)]


def _stated(lines: Sequence[_Line]) -> list[_Line]:
    return [line for line in lines if line.slot.annual is not None]


def _faults(draft: Draft, table: Table, lines: Sequence[_Line]) -> None:
    """Faults of single values: a named indicator without a value, a ≥ that OCR has read as a 2."""
    stated = _stated(lines)
    if draft.fault == "missing-value":
        line = draft.rng.choice([line for line in stated if line.slot.level2 != "satisfaction"])
        cell = line.sides[-1]["value"]
        cell.text, cell.meaning = "", Target("", "empty")
        for column in ("operator", "unit"):
            if column in line.sides[-1]:
                line.sides[-1][column].text = ""
        draft.expect("missing-value", cell, line.sides[-1]["level3"])
    elif draft.fault == "suspect-operator":
        side = next(line for line in stated if line.slot.level2 == "satisfaction").sides[-1]
        cell = side["value"]
        for column in ("operator", "unit"):
            if column in side:
                side[column].text = ""
        text = f"2{draft.rng.randint(80, 98)}%"
        cell.text, cell.meaning = text, Target(text, "quantitative", None, float(text[:-1]), None, "%")
        draft.expect("suspect-operator", cell)


def _weigh(draft: Draft, table: Table, lines: Sequence[_Line]) -> None:
    if table.weights is None:
        return
    stated, rng = _stated(lines), draft.rng
    base, rest = divmod(table.weights, len(stated))
    weights = [base + (number < rest) for number in range(len(stated))]
    for _ in range(3):
        giver, taker = rng.randrange(len(stated)), rng.randrange(len(stated))
        if weights[giver] > 3:
            weights[giver] -= 2
            weights[taker] += 2
    if draft.fault == "weights-sum":
        weights[0] += 5
        draft.expect("weights-sum")
    style = rng.choice(("{}", "{}", "{}.00", "{}分"))
    for line, weight in zip(stated, weights, strict=True):
        for side in line.sides:
            side["weight"].text, side["weight"].meaning = style.format(weight), float(weight)
            if "score" in side:
                lost = rng.choice((0, 0, 0, 0.5, 1))
                score = weight - lost if weight > 2 else weight
                side["score"].text, side["score"].meaning = f"{score:g}", float(score)


def _header(draft: Draft, table: Table) -> tuple[list[int], list[str]]:
    columns = list(table.columns)
    repeated = [pair for pair in columns if pair[1] != "level1"]
    if len(table.periods) > 1:
        columns = [pair for pair in columns if pair[1] == "level1"] + repeated * len(table.periods)
    widths = [SHARES[column] for _, column in columns]
    borders = edges(draft.rng, widths, LABEL, WIDTH, jitter=draft.dialect.jitter)
    return borders, [draft.label(header) for header, _ in columns]


def _body(draft: Draft, table: Table, lines: Sequence[_Line], borders: Sequence[int]) -> list[Row]:
    columns = [column for _, column in table.columns]
    levelled = "level1" in columns
    rows: list[Row] = []
    start = 1 if levelled else 0
    width = len([column for column in columns if column != "level1"])
    for level1, group in groupby(lines, key=lambda line: line.slot.level1):
        inside: list[Row] = []
        for level2, members in groupby(group, key=lambda line: line.slot.level2):
            inside += _second(draft, table, level1, level2, list(members), borders, start, width)
        if not levelled:
            rows += inside
        elif table.merged_satisfaction and level1 == "satisfaction":
            text = draft.label(table.level1.get(level1, LEVEL1[level1]))
            level2_column = 1 + columns.index("level2")
            rows += beside(text, inside, borders[0], borders[level2_column], draft.dialect.levels)
        else:
            rows += beside(_level1(draft, table, level1), inside, borders[0], borders[1], draft.dialect.levels)
    return rows


def _level1(draft: Draft, table: Table, level1: str) -> str:
    text = table.level1.get(level1, LEVEL1[level1])
    vertical = draft.dialect.levels == "merged" and draft.rng.random() < draft.dialect.damage / 2
    text = "\n".join(text) if vertical else draft.label(text)
    return text + table.level1_scores


def _second(
    draft: Draft,
    table: Table,
    level1: str,
    level2: str,
    members: Sequence[_Line],
    borders: Sequence[int],
    start: int,
    width: int,
) -> list[Row]:
    """The rows of one second level, of all sides."""
    columns = [column for _, column in table.columns if column != "level1"]
    whole = table.merged_satisfaction and level1 == "satisfaction"
    rows: list[Row] = [[] for _ in members]
    for number in range(len(table.periods)):
        left = start + number * width
        body: list[Row] = []
        for line in members:
            side = line.sides[number]
            items = [side[column] for column in columns if column in side]
            offset = left + len(columns) - len(items)
            body.append(row(borders[offset : left + width + 1], items))
        if "level2" in columns and not whole:
            text = draft.label(table.level2.get(level2, LEVEL2[level2]), dots=True)
            body = beside(text, body, borders[left], borders[left + 1], draft.dialect.levels)
        rows = [[*before, *items] for before, items in zip(rows, body, strict=True)]
    return rows


def _state(draft: Draft, table: Table, lines: Sequence[_Line], number: int, period: str | None) -> None:
    columns = {column for _, column in table.columns}
    for line in _stated(lines):
        side, slot = line.sides[number], line.slot
        if side["value"].meaning is None:
            continue
        target = side["value"].meaning
        assert isinstance(target, Target)
        values: dict[str, object] = {"period": period, "level3": side["level3"].text, **target.columns()}
        open_columns: set[str] = set()
        if "level1" in columns:
            label = table.level1.get(slot.level1, LEVEL1[slot.level1]) + table.level1_scores
            values |= {"level1": label, "level1_code": slot.level1}
            if table.merged_satisfaction and slot.level1 == "satisfaction":
                open_columns |= {"level2", "level2_code"}
            else:
                values |= {"level2": table.level2.get(slot.level2, LEVEL2[slot.level2]), "level2_code": slot.level2}
        for column in ("weight", "score"):
            if column in side:
                values[column] = side[column].meaning
                values[f"{column}_text"] = side[column].text or None
        if "actual" in side:
            values["actual"] = side["actual"].meaning
            values["actual_text"] = side["actual"].text or None
        if "explanation" in side:
            text = side["explanation"].text
            values["explanation"] = None if text in HINTS else text or None
        draft.truth.indicators.append(RowTruth(values, side["level3"], frozenset(open_columns), dict(side)))

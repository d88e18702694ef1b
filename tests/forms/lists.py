"""Family G: many projects in one table, one indicator a row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tests.forms.content import Content, Slot
from tests.forms.draft import Draft, caption, fund
from tests.forms.indicators import LEVEL1, LEVEL2
from tests.forms.sheet import WIDTH, Row, beside, edges, row
from tests.forms.truth import ExpectedIssue, Item, ProjectTruth, RowTruth
from tests.forms.values import Target, amount, figure, glyph

FAULTS = ("weights-sum", "missing-value")


def form_g(draft: Draft, contents: Sequence[Content], truths: Sequence[ProjectTruth]) -> None:
    """One table for all `contents`; `truths` are their projects in the same order, `draft.truth` the first of them."""
    rng = draft.rng
    joined = rng.random() < 0.2
    title = draft.pick("部门预算项目支出绩效目标表", "项目支出绩效目标表", "项目绩效目标表")
    caption(draft, title, unit=not joined)
    for truth in truths:
        truth.columns["fiscal_year"] = draft.truth.columns["fiscal_year"]
        truth.open |= draft.truth.open
        if joined:  # no amounts, so no unit of money; the unit stands in a row of its own above its projects
            truth.open |= {"implementing_unit", "money_unit"}
            truth.allowed.add("missing-field")
    last = draft.pick("指标属性", "指标说明", "备注") if joined or rng.random() < 0.5 else "指标方向性"
    goal = draft.pick("年度目标", "年度绩效目标", "项目目标")
    unit_head = f"（{draft.dialect.unit}）" if draft.dialect.unit_at != "caption" else ""
    columns = {
        "unit": draft.pick("单位名称", "预算单位"), "project_name": "项目名称",
        "total": draft.pick("预算数", "预算金额", "预算数") + unit_head, "goal_annual": goal,
    }  # fmt: skip
    if joined:
        columns = {"project_name": "单位名称、项目名称", "goal_annual": goal}
    elif rng.random() < 0.25:
        columns = {"number": "序号", **columns}
    widths = {"number": 8, "unit": 24, "project_name": 26, "total": 18, "goal_annual": 34}
    measure = draft.pick("度量单位", "计量单位")
    value_heads = ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", measure, draft.pick("权重", "分值"), last]
    borders = edges(rng, [*(widths[column] for column in columns), 16, 18, 34, 13, 14, 13, 12, 20], 0, WIDTH)
    _header(draft, borders, list(columns.values()), value_heads, len(columns))
    style = "blank" if joined else rng.choices(("merged", "blank", "repeat"), (3, 1, 1))[0]
    same_unit = style == "merged" and rng.random() < 0.4
    if joined:
        draft.rows.append([Item(contents[0].unit, borders[0], borders[1])])
        draft.rows[-1] += row(borders[1:], [""] * (len(borders) - 2))
    body: list[Row] = []
    for number, (content, truth) in enumerate(zip(contents, truths, strict=True), 1):
        rows = _rows(draft, content, truth, borders[len(columns) :], last, draft.fault if truth is truths[-1] else None)
        texts = {"number": str(number), "unit": contents[0].unit if same_unit else content.unit}
        body += _project(draft, content, truth, rows, texts, list(columns), borders, style, same_unit)
    if same_unit:
        at = list(columns).index("unit")
        body = beside(contents[0].unit, body, borders[at], borders[at + 1], "merged")
        for truth in truths:
            truth.items["implementing_unit"] = body[0][0]
    draft.rows += body


def _header(draft: Draft, borders: Sequence[int], heads: list[str], value_heads: list[str], lead: int) -> None:
    """One header row, or two with 绩效指标 above the columns of indicators."""
    if draft.rng.random() < 0.4:
        first = [
            Item(draft.label(head), left, right, 2)
            for head, left, right in zip(heads, borders, borders[1:], strict=False)
        ]
        draft.rows.append([*first, Item(draft.label("绩效指标"), borders[lead], WIDTH)])
        draft.rows.append(row(borders[lead:], [draft.label(head) for head in value_heads]))
    else:
        draft.rows.append(row(borders, [draft.label(head) for head in (*heads, *value_heads)]))


def _project(
    draft: Draft,
    content: Content,
    truth: ProjectTruth,
    rows: list[Row],
    texts: dict[str, str],
    columns: Sequence[str],
    borders: Sequence[int],
    style: str,
    same_unit: bool,
) -> list[Row]:
    """Puts the columns of the project left of its rows and states what they say."""
    goal = "".join(content.goal_annual)
    money = amount(content.total_annual, draft.rng, draft.dialect)
    texts = {**texts, "project_name": content.name, "total": money.text, "goal_annual": draft.text([goal])}
    for at in reversed(range(len(columns))):
        column = columns[at]
        if column == "unit":
            truth.state("implementing_unit", texts[column])
            if same_unit:
                continue
        rows = beside(texts[column], rows, borders[at], borders[at + 1], style)
        item = rows[0][0]
        if column == "total":
            own = Draft(draft.rng, draft.dialect, content, truth)
            either = frozenset({"source_label"})
            fund(own, money, source="total", label="预算数", depth=0, item=item, open_columns=either)
        elif column == "unit":
            truth.items["implementing_unit"] = item
        elif column in ("project_name", "goal_annual"):
            truth.state(column, goal if column == "goal_annual" else content.name, item)
    return rows


def _rows(
    draft: Draft, content: Content, truth: ProjectTruth, borders: list[int], last: str, fault: str | None
) -> list[Row]:
    rng = draft.rng
    slots = [slot for slot in content.slots if slot.annual is not None]
    base, rest = divmod(100, len(slots))
    weights = [base + (number < rest) for number in range(len(slots))]
    if fault == "weights-sum":
        weights[0] += 5
        truth.expected.append(ExpectedIssue("weights-sum"))
    empty = rng.randrange(len(slots) - 1) if fault == "missing-value" else None
    level = rng.choice(("merged", "repeat", "blank"))
    rows: list[Row] = []
    for number, (slot, weight) in enumerate(zip(slots, weights, strict=True)):
        target = slot.annual
        assert target is not None
        if not target.raw:
            target = figure(target.value or 0.0, target.unit or "", ">=", rng, draft.dialect)
        quantity = target.kind == "quantitative"
        operator = target.operator or "="
        shown = Target(
            target.raw, target.kind, operator if quantity else target.operator, target.value, None, target.unit
        )
        texts = [
            slot.name,
            glyph(operator, rng, draft.dialect) if quantity else "定性",
            target.raw,
            (target.unit or "") if quantity else "",
            str(weight),
            _last(draft, last, quantity, operator),
        ]
        if number == empty:
            texts[1] = texts[2] = texts[3] = ""
            shown = Target("", "empty")
        items = row(borders[2:], texts)
        if number == empty:
            truth.expected.append(ExpectedIssue("missing-value", (items[2], items[0])))
        values: dict[str, object] = {
            "period": "annual", "level1": LEVEL1[slot.level1], "level1_code": slot.level1,
            "level2": LEVEL2[slot.level2], "level2_code": slot.level2, "level3": slot.name, **shown.columns(),
            "weight": float(weight), "weight_text": str(weight),
        }  # fmt: skip
        if last in ("指标说明", "备注"):
            values["explanation"] = texts[5] or None
        columns = ("level3", "operator", "value", "unit", "weight", "explanation")
        truth.indicators.append(RowTruth(values, items[0], items=dict(zip(columns, items, strict=True))))
        rows.append(items)
    return _levels(slots, rows, borders, level)


def _last(draft: Draft, header: str, quantity: bool, operator: str) -> str:
    if header == "指标属性":
        return "定量指标" if quantity else "定性指标"
    if header == "指标方向性":
        return "反向指标" if operator in ("<=", "<") else "正向指标"
    return draft.pick("", "反映任务完成情况", "抽样问卷")


def _levels(slots: Sequence[Slot], rows: list[Row], borders: list[int], style: str) -> list[Row]:
    """Levels 1 and 2 left of their rows."""
    found: list[Row] = []
    pairs = list(zip(slots, rows, strict=True))
    for level1, group in groupby(pairs, key=lambda pair: pair[0].level1):
        inside: list[Row] = []
        for level2, members in groupby(group, key=lambda pair: pair[0].level2):
            inside += beside(LEVEL2[level2], [items for _, items in members], borders[1], borders[2], style)
        found += beside(LEVEL1[level1], inside, borders[0], borders[1], style)
    return found

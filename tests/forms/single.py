"""Families D, F and I: forms of one period."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tests.forms.content import bank
from tests.forms.dialect import listed
from tests.forms.draft import (
    LABEL,
    Draft,
    caption,
    department,
    field_row,
    fund,
    funds_label,
    narrative,
    pair,
    shares,
    spoil,
    term,
)  # fmt: skip
from tests.forms.indicators import Table, indicator_table
from tests.forms.sheet import WIDTH, Row, beside, row
from tests.forms.truth import Item
from tests.forms.values import amount, nothing

FAULTS = ("funds-sum", "missing-value", "suspect-operator")
WEIGHTED_FAULTS = (*FAULTS, "weights-sum")


def goal(draft: Draft, column: str, label: str, sentences: Sequence[str]) -> None:
    """A goal beside its label."""
    lines = listed(sentences, draft.rng)
    item = Item(draft.text(lines))
    draft.truth.state(column, "\n".join(lines), item)
    draft.rows.append(row([0, LABEL, WIDTH], [draft.label(label), item]))


def money(
    draft: Draft, yuan: Decimal, source: str, label: str, depth: int = 1, open_columns: frozenset[str] = frozenset()
) -> Item:
    """A cell of money of the year; a total is always stated, a source without money as the dialect says it."""
    found = amount(yuan, draft.rng, draft.dialect) if yuan or source == "total" else nothing(draft.rng, draft.dialect)
    return fund(draft, found, source=source, label=label, depth=depth, open_columns=open_columns)


def contacts(draft: Draft) -> tuple[Item, Item]:
    content = draft.content
    label = draft.pick("项目负责人", "项目负责人及电话", "联系电话")
    text = {"项目负责人": content.person, "联系电话": content.phone}.get(label, f"{content.person} {content.phone}")
    return pair(draft, None, label, text)


def form_d(draft: Draft, number: int | None) -> None:
    """The year only; two amounts beside their labels, goals that fill rows."""
    content, rng = draft.content, draft.rng
    caption(draft, draft.pick("项目支出绩效目标表", "项目绩效目标表", "预算项目绩效目标表"), number=number)
    name, office = draft.pick("项目支出名称", "项目名称"), draft.pick("预算部门", "主管（预算）部门", "主管部门")
    field_row(draft, pair(draft, "project_name", name, content.name), department(draft, office))
    _two_amounts(draft)
    second = [contacts(draft)] if rng.random() < 0.4 else []
    field_row(draft, term(draft, draft.pick("项目支出实施期", "项目实施周期", "建设周期")), *second)
    if rng.random() < 0.7:
        goal(draft, "goal_implementation", "实施期绩效目标", content.goal_term)
    goal(draft, "goal_annual", draft.pick("本年度绩效目标", "年度绩效目标"), content.goal_annual)
    value, standard = draft.pick("指标值及单位", "指标值"), draft.pick("绩效标准", "备注")
    columns = [("一级指标", "level1"), ("二级指标", "level2"), ("三级指标", "level3"), (value, "value")]
    merged = rng.random() < 0.4
    standards = ("计划标准", "行业标准", "历史标准") if standard == "绩效标准" else ("", "", "测算数")
    table = Table(
        [*columns, (standard, "explanation")],
        area=draft.pick("本年度绩效指标", "年度绩效指标"),
        level1={"satisfaction": "社会公众或服务对象满意度指标" if merged else "满意度指标"},
        merged_satisfaction=merged,
        explanations=standards,
    )
    indicator_table(draft, table)


def _two_amounts(draft: Draft) -> None:
    content = draft.content
    if draft.rng.random() < 0.5:
        # 本级 and 上级 stand side by side; neither is the sum of the other.
        label = "年度本级预算金额"
        unit = f"（{draft.dialect.unit}）" if draft.dialect.unit_at == "label" else ""
        name = Item(draft.label(label) + unit)
        cell = money(draft, content.total_annual, "total", label + unit, depth=0)
        label = "该项目支出上级资金"
        other = money(draft, Decimal(0), "superior", label + unit, open_columns=frozenset({"depth"}))
        field_row(draft, (name, cell), (Item(draft.label(label) + unit), other))
        return
    parts = shares(draft, [content.total_annual], 2)
    spoil(draft, parts, 0)
    label = draft.pick("年度资金总额", "年度预算金额")
    unit = f"（{draft.dialect.unit}）" if draft.dialect.unit_at != "caption" else ""
    total = (Item(draft.label(label) + unit), money(draft, content.total_annual, "total", label + unit, depth=0))
    local = draft.pick("本级财政拨款", "本级财政资金")
    superior = draft.pick("上级财政拨款", "上级财政资金")
    first = (Item(draft.label(local) + unit), money(draft, parts[0][0], "local", local + unit))
    field_row(draft, total, first)
    second = money(draft, parts[1][0], "superior", superior + unit)
    field_row(draft, (Item(draft.label(superior) + unit), second))


def form_f(draft: Draft, number: int | None) -> None:
    """Weights, split columns, or no levels at all."""
    content, rng = draft.content, draft.rng
    caption(draft, draft.pick("项目支出绩效目标申报表", "项目支出绩效目标表", "项目绩效目标表"), number=number)
    kind = draft.pick("scored", "split", "flat")
    coded = kind == "split" and rng.random() < 0.5
    code = f"{rng.randint(110000, 659999)}{content.year % 100}T{rng.randint(10**11, 10**12 - 1)}"
    name = pair(draft, "project_name", "项目名称", f"{code}-{content.name}" if coded else content.name, content.name)
    if coded:
        draft.truth.state("project_code", code, name[1])
    field_row(draft, name, department(draft, draft.pick("主管部门", "业务主管部门")))
    field_row(draft, pair(draft, "implementing_unit", draft.pick("预算单位", "项目实施单位", "实施单位"), content.unit))
    _annual_funds(draft)
    if kind == "flat":
        narrative(draft, "overview", "项目概况", content.overview)
        narrative(draft, "basis", "立项依据", [content.basis])
    goal(draft, "goal_annual", draft.pick("年度绩效目标", "年度总体目标", "当年绩效目标"), content.goal_annual)
    indicator_table(draft, _scored_table(draft, kind))


def _scored_table(draft: Draft, kind: str) -> Table:
    weight = draft.pick("分值", "权重", "分值权重")
    levels = [("一级指标", "level1"), ("二级指标", "level2"), ("三级指标", "level3")]
    total = draft.rng.choice((90, 100))
    if kind == "flat":
        unit = draft.pick("计量单位", "度量单位")
        columns = [
            ("指标名称", "level3"),
            ("指标权重", "weight"),
            (unit, "unit"),
            ("指标性质", "operator"),
            ("指标值", "value"),
        ]
        return Table(columns, weights=100)
    if kind == "split":
        columns = [*levels, ("指标性质", "operator"), ("指标值", "value"), ("度量单位", "unit"), (weight, "weight")]
        return Table([*columns, ("指标方向性", "other")], weights=total)
    scores = draft.pick("", "", "（40-50）分", "（10分）", "(30分)")
    names = {"benefit": draft.pick("效益指标", "效果指标")}
    notes = ("实际完成数与计划数比较", "抽样调查", "以验收报告为准")
    columns = [*levels, ("指标值", "value"), (weight, "weight"), (draft.pick("指标解释", "备注"), "explanation")]
    last = draft.pick("", "", "合计", "总计")
    return Table(columns, weights=total, level1=names, level1_scores=scores, explanations=notes, total=last)


def _annual_funds(draft: Draft) -> None:
    """A total and its parts, one a row, beside the label of the block."""
    sources = draft.rng.choice(
        (
            [("fiscal", "财政拨款"), ("other", "其他资金")],
            [("fiscal", "财政拨款"), ("unit", "单位资金")],
            [("local", "本级财政资金"), ("superior", "上级财政资金"), ("self_raised", "自筹资金")],
        )
    )
    parts = shares(draft, [draft.content.total_annual], len(sources))
    spoil(draft, parts, 0)
    total = draft.pick("年度资金总额", "资金总额")
    borders = [LABEL, 120, WIDTH]
    cell = money(draft, draft.content.total_annual, "total", total, depth=0)
    rows: list[Row] = [row(borders, [draft.label(total, colon=True), cell])]
    for at, (source, label) in enumerate(sources):
        shown = ("其中：" if at == 0 else "") + draft.label(label, colon=True)
        rows.append(row(borders, [shown, money(draft, parts[at][0], source, label)]))
    draft.cut()
    draft.rows += beside(funds_label(draft, draft.pick("项目资金", "预算资金")), rows, 0, LABEL, draft.dialect.merge)


def form_i(draft: Draft, number: int | None) -> None:
    """A whole department: main tasks with amounts, or the year's budget; no project name."""
    content, rng = draft.content, draft.rng
    caption(
        draft,
        draft.pick("部门整体支出绩效目标申报表", "部门（单位）整体支出绩效目标申报表", "部门整体支出绩效目标表"),
        number=number,
    )
    name = draft.pick("部门（单位）名称", "部门名称", "预算部门名称")
    draft.truth.state("project_name", None)
    more = [contacts_of_department(draft)] if rng.random() < 0.4 else []
    field_row(draft, department(draft, name), *more)
    if rng.random() < 0.5:
        _tasks(draft)
    else:
        _annual_funds(draft)
    goal(
        draft, "goal_annual", draft.pick("年度总体目标", "年度主要目标和成果", "当年整体绩效目标"), content.goal_annual
    )
    value = draft.pick("指标值", "绩效目标值", "目标值")
    bare = rng.random() < 0.3
    strip = {"output": "产出", "benefit": "效益", "satisfaction": "满意度"} if bare else {}
    columns = [("一级指标", "level1"), ("二级指标", "level2"), ("三级指标", "level3"), (value, "value")]
    indicator_table(draft, Table(columns, level1=strip, area=draft.pick("年度绩效指标", "绩效指标")))


def contacts_of_department(draft: Draft) -> tuple[Item, Item]:
    return pair(draft, None, draft.pick("单位负责人", "联系人"), draft.content.person)


def _tasks(draft: Draft) -> None:
    """任务名称 | 主要内容 | 总额 | 财政拨款 | 其他资金 with a row of totals: the totals are the department's funds."""
    rng = draft.rng
    borders = [LABEL, 75, 140, 175, 208, WIDTH]
    tasks = rng.sample(bank()["themes"], 3)
    amounts = shares(draft, [draft.content.total_annual], 3)
    split = [shares(draft, [part[0]], 2) for part in amounts]
    head = [
        Item(draft.label("任务名称"), LABEL, 75, 2),
        Item(draft.label("主要内容"), 75, 140, 2),
        Item(draft.label("预算金额"), 140, WIDTH),
    ]
    rows: list[Row] = [head, row(borders[2:], ["总额", "财政拨款", "其他资金"])]
    for task, part, sides in zip(tasks, amounts, split, strict=True):
        cells = [amount(yuan, rng, draft.dialect).text for yuan in (part[0], sides[0][0], sides[1][0])]
        rows.append(row(borders, [task["name"], task["overview"], *cells]))
    sums = [sum((sides[at][0] for sides in split), Decimal(0)) for at in (0, 1)]
    if draft.fault == "funds-sum":
        sums[0] += Decimal(20000)
        draft.expect("funds-sum")
    either = frozenset({"source_label"})
    total: list[str | Item] = [
        money(draft, draft.content.total_annual, "total", "总额", 0, either),
        money(draft, sums[0], "fiscal", "财政拨款", 1, either),
        money(draft, sums[1], "other", "其他资金", 1, either),
    ]
    label = Item(draft.pick("金额合计", "合计"), LABEL, 140)
    rows.append([label, *row(borders[2:], total)])
    draft.rows += beside(funds_label(draft, "年度主要任务"), rows, 0, LABEL, "merged")

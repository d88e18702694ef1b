"""Family H: self-evaluation with budget, execution, scores and reached values."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from tests.forms.content import bank
from tests.forms.dialect import listed
from tests.forms.draft import LABEL, Draft, caption, department, field_row, fund, pair, shares
from tests.forms.indicators import HINTS, Table, indicator_table
from tests.forms.sheet import WIDTH, Row, beside, edges, row
from tests.forms.truth import Item
from tests.forms.values import Amount, amount, nothing, quantum

FAULTS = ("funds-sum", "execution-rate", "score-sum", "weights-sum", "suspect-operator")
MIDDLE = 140
STAGES = ("initial", "budget", "executed")


def form_h(draft: Draft, number: int | None) -> None:
    content, rng = draft.content, draft.rng
    titles = ("项目支出绩效自评表", "部门预算项目支出绩效自评表", "绩效目标自评表", "专项资金绩效目标自评表")
    caption(draft, draft.pick(*titles), number=number)
    coded = rng.random() < 0.25
    code = f"{rng.randint(110000, 659999)}{content.year % 100}R{rng.randint(10**11, 10**12 - 1)}"
    name = pair(draft, "project_name", "项目名称", f"{code}-{content.name}" if coded else content.name, content.name)
    if coded:
        draft.truth.state("project_code", code, name[1])
    field_row(draft, name)
    office = str(rng.randint(101, 399)) if rng.random() < 0.5 else None
    unit = f"{office}001-{content.unit}" if office else content.unit
    field_row(
        draft,
        department(draft, "主管部门", code=office),
        pair(draft, "implementing_unit", "实施单位", unit, content.unit),
        middle=MIDDLE,
    )
    score = _execution(draft)
    _goals(draft)
    split = rng.random() < 0.25
    heads = ("指标值", "年度指标值") if not split else ("指标值",)
    done = draft.pick("实际完成值", "全年完成值", "全年实际值") if not split else draft.pick("完成值", "实际完成值")
    reason = draft.pick("偏差原因分析及改进措施", "未完成原因分析", "未完成原因和改进措施", "备注")
    columns = [("一级指标", "level1"), ("二级指标", "level2"), ("三级指标", "level3")]
    if split:
        columns += [("指标性质", "operator"), ("指标值", "value"), ("度量单位", "unit"), (done, "actual")]
        columns += [("权重", "weight"), ("得分", "score")]
    elif rng.random() < 0.25:
        columns += [
            ("分值", "weight"),
            (rng.choice(heads), "value"),
            (done, "actual"),
            ("得分", "score"),
            (reason, "explanation"),
        ]
    else:
        columns += [
            (rng.choice(heads), "value"),
            (done, "actual"),
            ("分值", "weight"),
            ("得分", "score"),
            (reason, "explanation"),
        ]
    suffix = draft.pick("", "", "（50分）", "(30分)")
    causes = ("", "", *bank()["causes"], *HINTS) if rng.random() < 0.15 else ("", "", *bank()["causes"])
    parts = rng.choice((0.0, 0.0, 0.3))
    heads_by_column = indicator_table(
        draft, Table(columns, weights=90, level1_scores=suffix, explanations=causes, actuals=True, parts=parts)
    )
    _total(draft, heads_by_column["weight"], heads_by_column["score"], score)


def _execution(draft: Draft) -> Decimal:
    """The block of money: three stages by source, weight, rate and score. Returns the score of the execution."""
    rng, content = draft.rng, draft.content
    step = quantum(draft.dialect)
    initial = content.total_annual
    budget = (
        initial
        if rng.random() < 0.5
        else (initial * Decimal(rng.randint(80, 120)) / 100 / step).to_integral_value() * step
    )
    executed = (
        budget
        if rng.random() < 0.4
        else (budget * Decimal(rng.randint(60, 99)) / 100 / step).to_integral_value() * step
    )
    sources = [
        ("fiscal", draft.pick("本年财政拨款", "当年财政拨款", "财政拨款")),
        ("carry_over", draft.pick("上年结转资金", "上年结转")),
    ]
    sources = [*sources, ("other", "其他资金")] if rng.random() < 0.8 else [sources[0], ("other", "其他资金")]
    totals = [initial, budget, executed]
    parts = shares(draft, totals, len(sources))
    if draft.fault == "funds-sum":
        next(part for part in parts if part[1])[1] += Decimal(20000) if draft.dialect.unit == "万元" else Decimal(1000)
        draft.expect("funds-sum")
    heads = [
        draft.pick("年初预算数", "年初预算"),
        draft.pick("全年预算数", "全年预算数（A）", "调整后预算数"),
        draft.pick("全年执行数", "全年执行数（B）", "预算执行数"),
    ]
    last = [
        ("weight", draft.pick("分值", "权重")),
        ("rate", draft.pick("执行率", "执行率（B/A）", "预算执行率")),
        ("score", "得分"),
    ]
    borders = edges(rng, (50, 30, 30, 30, 18, 22, 18), LABEL, WIDTH, jitter=draft.dialect.jitter)
    rows: list[Row] = [
        row(borders, ["", *(draft.label(head) for head in heads), *(draft.label(head) for _, head in last)])
    ]
    total = draft.pick("年度资金总额", "资金总额")
    score = (10 * executed / budget).quantize(Decimal("0.01"), ROUND_HALF_UP)
    for at, (source, label) in enumerate([("total", total), *sources]):
        shown = ("其中：" if at == 1 else "") + draft.label(label, colon=True)
        amounts = totals if at == 0 else parts[at - 1]
        items: list[str | Item] = [shown]
        for stage, yuan in zip(STAGES, amounts, strict=True):
            items.append(
                fund(draft, _money(draft, yuan, at), source=source, label=label, stage=stage, depth=min(at, 1))
            )
        items += _rates(draft, amounts, score, at)
        rows.append(row(borders, items))
        if at == 1 and draft.rng.random() < 0.2:
            rows += _parts_of_fiscal(draft, amounts, borders)
    draft.cut()
    area = draft.label(draft.pick("项目资金", "年度资金", "预算执行情况"))
    if draft.dialect.unit_at != "caption":
        area += f"（{draft.dialect.unit}）"
    draft.rows += beside(area, rows, 0, LABEL, draft.dialect.merge)
    return score


def _parts_of_fiscal(draft: Draft, amounts: list[Decimal], borders: list[int]) -> list[Row]:
    """其中：一般公共预算 and 政府性基金 below 财政拨款: parts of a part."""
    sources = [("fiscal", "一般公共预算"), ("government_fund", "政府性基金")]
    parts = shares(draft, amounts, len(sources))
    rows = []
    for at, (source, label) in enumerate(sources):
        items: list[str | Item] = [("其中：" if at == 0 else "") + draft.label(label)]
        for stage, yuan in zip(STAGES, parts[at], strict=True):
            items.append(fund(draft, _money(draft, yuan, 1), source=source, label=label, stage=stage, depth=2))
        rows.append(row(borders, [*items, *_rates(draft, parts[at], Decimal(0), 1)]))
    return rows


def _money(draft: Draft, yuan: Decimal, at: int) -> Amount:
    return amount(yuan, draft.rng, draft.dialect) if yuan or at == 0 else nothing(draft.rng, draft.dialect)


def _rates(draft: Draft, amounts: list[Decimal], score: Decimal, at: int) -> list[str | Item]:
    """Weight, rate and score; parts have dashes for weight and score."""
    rate = (100 * amounts[2] / amounts[1]).quantize(Decimal("0.01"), ROUND_HALF_UP) if amounts[1] else None
    if at:
        none = draft.pick("—", "-", "/")
        return [none, f"{rate}%" if rate is not None else none, none]
    if draft.fault == "execution-rate":
        rate = (rate or Decimal(0)) + (7 if (rate or 0) < 90 else -7)
        draft.expect("execution-rate")
    return ["10", f"{rate}%", f"{score}"]


def _goals(draft: Draft) -> None:
    heads = draft.pick(
        "预期目标|实际完成情况", "年初设定目标|年度总体目标完成情况综述", "预期目标|目标实际完成情况"
    ).split("|")
    items = []
    for column, sentences in (("goal_annual", draft.content.goal_annual), ("goal_actual", draft.content.goal_actual)):
        lines = listed(sentences, draft.rng)
        items.append(Item(draft.text(lines)))
        draft.truth.state(column, "\n".join(lines), items[-1])
    borders = [LABEL, MIDDLE, WIDTH]
    rows = [row(borders, [draft.label(head) for head in heads]), row(borders, items)]
    draft.cut()
    draft.rows += beside(draft.label(draft.pick("年度总体目标", "总体目标")), rows, 0, LABEL, draft.dialect.merge)


def _total(draft: Draft, weight: Item, score: Item, execution: Decimal) -> None:
    """总分 | 100 | 97.5 below the columns of weight and score."""
    scores = [found.values.get("score") for found in draft.truth.indicators]
    added = execution + sum((Decimal(str(score)) for score in scores if score is not None), Decimal(0))
    if draft.fault == "score-sum":
        added -= 4
        draft.expect("score-sum")
    label = draft.pick("总分", "合计")
    if label == "合计":
        draft.truth.open.add("score_total")  # the contract names 总分 only
    items = [Item(label, 0, weight.x0), Item("100", weight.x0, weight.x1)]
    if weight.x1 < score.x0:
        items.append(Item("", weight.x1, score.x0))
    shown = Item(f"{added:f}", score.x0, score.x1)
    draft.rows.append([*items, shown])
    draft.truth.state("score_total", float(added), shown)

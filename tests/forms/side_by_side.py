"""Families A, B, E and J: the whole term and the year side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tests.forms.content import Content
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
from tests.forms.sheet import WIDTH, Row, beside, edges, row
from tests.forms.truth import Item
from tests.forms.values import Amount, amount, nothing, quantum

MIDDLE = 135
PERIODS = ("implementation", "annual")
FAULTS = ("funds-sum", "annual-exceeds-total", "missing-value", "suspect-operator")
_COLUMNS = [("一级指标", "level1"), ("二级指标", "level2"), ("三级指标", "level3"), ("指标值", "value")]


def form_a(draft: Draft, number: int | None) -> None:
    """Shanxi: 实施期 and 年度, five sources, five texts."""
    content = draft.content
    caption(draft, draft.pick("项目支出绩效目标申报表", "项目支出绩效目标表"), number=number)
    field_row(draft, pair(draft, "project_name", "项目名称", content.name))
    code = f"{draft.rng.randint(1, 399):03d}"
    field_row(
        draft,
        department(draft, "主管部门及代码", code=code, mark="[部门]"),
        pair(draft, "implementing_unit", "实施单位", content.unit),
        middle=MIDDLE,
    )
    kind = draft.pick("经常性项目（长期开展）", "一次性项目", "阶段性项目")
    field_row(draft, pair(draft, "attribute", "项目属性", kind), term(draft, "项目期"), middle=MIDDLE)
    sources = [
        ("central", "中央财政资金"),
        ("provincial", "省级财政资金"),
        ("municipal_county", draft.pick("市县（区）财政资金", "市县（区）财政资金", "市县区财政资金")),
        ("self_raised", draft.pick("单位自筹", "自筹资金")),
        ("other", draft.pick("其他资金", "其它资金")),
    ]
    _funds(draft, "项目资金", ("实施期资金总额", "年度资金总额"), sources)
    narrative(draft, "overview", "项目概况", content.overview)
    narrative(draft, "basis", "立项依据", [content.basis])
    narrative(draft, "necessity", "项目设立必要性", [content.necessity])
    narrative(draft, "safeguards", "保证项目实施的制度、措施", [content.safeguards])
    narrative(draft, "plan", "项目实施计划", [content.plan])
    draft.rows.append(row([0, LABEL, MIDDLE, WIDTH], ["", draft.label("实施期目标"), draft.label("年度目标")]))
    draft.rows.append(row([0, LABEL, MIDDLE, WIDTH], [draft.label("总体目标"), *_goals(draft)]))
    indicator_table(draft, Table(_COLUMNS, PERIODS, unfilled="implementation" if draft.one_sided else None))


def form_b(draft: Draft, number: int | None) -> None:
    """Central ministries: 中期 and 年度, two sources."""
    content = draft.content
    caption(draft, "项目支出绩效目标申报表", number=number)
    field_row(draft, pair(draft, "project_name", "项目名称", content.name))
    code = f"{draft.rng.randint(101, 399)}" if draft.rng.random() < 0.7 else None
    field_row(
        draft,
        department(draft, "主管部门及代码" if code else "主管部门", code=code),
        pair(draft, "implementing_unit", "实施单位", content.unit),
        middle=MIDDLE,
    )
    field_row(
        draft,
        pair(draft, "attribute", "项目属性", draft.pick("延续项目", "新增项目")),
        term(draft, "项目期"),
        middle=MIDDLE,
    )
    sources = [("fiscal", "财政拨款"), ("other", draft.pick("其他资金", "其它资金"))]
    _funds(draft, "项目资金", ("中期资金总额", "年度资金总额"), sources)
    last = content.start + content.years - 1
    head = draft.pick("中期目标", f"中期目标（{content.start}年—{last}年）", f"中期目标（{content.start}年-{last}年）")
    _stacked_goals(draft, draft.pick("总体目标", "绩效目标"), head, draft.pick("年度目标", "年度绩效目标"))
    indicator_table(draft, Table(_COLUMNS, PERIODS, unfilled="implementation" if draft.one_sided else None))


def form_e(draft: Draft, number: int | None) -> None:
    """Shanghai: halves that are not parallel, one value column for the year, figures like `≥90.00(%)`."""
    content, rng = draft.content, draft.rng
    title = draft.pick("财政项目支出绩效目标申报表", "财政项目支出绩效目标填报表", "项目支出绩效目标申报表")
    caption(draft, title, number=number)
    third = WIDTH // 3
    field_row(
        draft,
        pair(draft, "project_name", "项目名称", content.name),
        pair(draft, "attribute", "项目性质", draft.pick("阶段性项目", "一次性项目", "经常性项目")),
        pair(draft, "category", "项目类别", draft.pick("特定目标类", "其他运转类")),
    )
    field_row(
        draft, department(draft, "主管部门"), pair(draft, "implementing_unit", "实施单位", content.unit), middle=third
    )
    _dates(draft)
    sources = [("fiscal", "财政资金"), (None, ""), ("other", "其他资金")]
    right = [("fiscal", "当年财政拨款"), ("carry_over", "上年结转资金"), ("other", "其他资金")]
    _unparallel(draft, sources, right)
    head = draft.pick("项目总体目标", f"项目总体目标 ({content.start} 年-{content.start + content.years - 1} 年)")
    _stacked_goals(draft, "项目绩效目标", head, "年度总体目标", quotes=rng.random() < 0.4)
    value = draft.pick("年度(/项目)指标值", "年度指标值", "年度（/项目）指标值")
    indicator_table(draft, Table([*_COLUMNS[:3], (value, "value")], brackets=rng.random() < 0.7))


def form_j(draft: Draft, number: int | None) -> None:
    """Transfer payments: amounts below 实施期金额 and 年度金额."""
    content, rng = draft.content, draft.rng
    caption(draft, draft.pick("转移支付区域绩效目标表", "转移支付区域（项目）绩效目标表"), number=number)
    name = draft.pick("专项名称", "专项（资金）名称", "转移支付（项目）名称")
    field_row(draft, pair(draft, "project_name", name, content.name))
    field_row(
        draft,
        pair(draft, "department", "中央主管部门", draft.pick("农业农村部", "国家卫生健康委", "教育部", "水利部")),
        term(draft, draft.pick("专项实施期", "实施期限")),
        middle=MIDDLE,
    )
    draft.truth.open.add("implementing_unit")
    draft.truth.open.add("department_code")
    sources = [("central", draft.pick("中央补助", "中央补助资金")), ("local", "地方资金"), ("other", "其他资金")]
    rows = [row([LABEL, 75, MIDDLE, WIDTH], ["", draft.label("实施期金额"), draft.label("年度金额")])]
    rows += _columns_of_funds(draft, sources[: rng.choice((2, 3))])
    draft.cut()
    draft.rows += beside(funds_label(draft, "资金情况"), rows, 0, LABEL, draft.dialect.merge)
    heads = ("实施期目标", "年度目标") if rng.random() < 0.6 else ("实施期", "年度")
    _stacked_goals(draft, "总体目标", *heads)
    indicator_table(draft, Table(_COLUMNS, PERIODS))


# --- funds ------------------------------------------------------------------------------------------------------------


def _totals(draft: Draft) -> tuple[Decimal, Decimal]:
    """Term and year; the fault `annual-exceeds-total` swaps their order."""
    content: Content = draft.content
    if draft.fault != "annual-exceeds-total":
        return content.total_term, content.total_annual
    draft.expect("annual-exceeds-total")
    draft.truth.allowed.add("term-total")
    step = quantum(draft.dialect)
    return (content.total_annual / 2 / step).to_integral_value() * step, content.total_annual


def _money(draft: Draft, yuan: Decimal, period: str = "annual") -> Amount:
    if draft.one_sided and period == "implementation":
        return Amount("", None)
    return amount(yuan, draft.rng, draft.dialect) if yuan else nothing(draft.rng, draft.dialect)


def _funds(draft: Draft, area: str, totals: tuple[str, str], sources: Sequence[tuple[str, str]]) -> None:
    """Both halves name every source; the first part of each says 其中."""
    amounts = _totals(draft)
    parts = shares(draft, amounts, len(sources))
    spoil(draft, parts, draft.rng.randrange(2))
    borders = edges(draft.rng, (60, 45, 60, 45), LABEL, WIDTH, jitter=draft.dialect.jitter)
    rows: list[Row] = []
    items: list[str | Item] = []
    for period, label, yuan in zip(PERIODS, totals, amounts, strict=True):
        money = _money(draft, yuan, period)
        items += [
            draft.label(label, colon=True),
            fund(draft, money, source="total", label=label, period=period, depth=0),
        ]
    rows.append(row(borders, items))
    of_which = draft.rng.random() < 0.85
    for number, (source, label) in enumerate(sources):
        items = []
        for place, period in enumerate(PERIODS):
            shown = ("其中：" if of_which and not number else draft.pick("", "", "      ")) + draft.label(
                label, colon=True
            )
            money = _money(draft, parts[number][place], period)
            items += [shown, fund(draft, money, source=source, label=label, period=period)]
        rows.append(row(borders, items))
    draft.cut()
    draft.rows += beside(funds_label(draft, area), rows, 0, LABEL, draft.dialect.merge)


def _unparallel(draft: Draft, left: Sequence[tuple[str | None, str]], right: Sequence[tuple[str, str]]) -> None:
    """The year has a source that the term has not: its row is empty on the left."""
    term_total, annual_total = _totals(draft)
    named = [number for number, (source, _) in enumerate(left) if source]
    term_parts = dict(zip(named, shares(draft, [term_total], len(named)), strict=True))
    annual_parts = shares(draft, [annual_total], len(right))
    spoil(draft, annual_parts, 0)
    borders = edges(draft.rng, (60, 45, 60, 45), LABEL, WIDTH, jitter=draft.dialect.jitter)
    total, year = draft.pick("项目资金总额", "项目总预算"), draft.pick("年度资金申请总额", "年度资金总额")
    items: list[str | Item] = []
    for period, label, yuan in zip(PERIODS, (total, year), (term_total, annual_total), strict=True):
        money = amount(yuan, draft.rng, draft.dialect)
        items += [
            draft.label(label, colon=True),
            fund(draft, money, source="total", label=label, period=period, depth=0),
        ]
    rows = [row(borders, items)]
    for number, ((source, label), (annual_source, annual_label)) in enumerate(zip(left, right, strict=True)):
        items = ["", ""]
        of_which = "其中：" if not number else ""
        if source:
            money = _money(draft, term_parts[number][0])
            items = [
                of_which + draft.label(label),
                fund(draft, money, source=source, label=label, period="implementation"),
            ]
        money = _money(draft, annual_parts[number][0])
        items += [of_which + draft.label(annual_label), fund(draft, money, source=annual_source, label=annual_label)]
        rows.append(row(borders, items))
    draft.cut()
    draft.rows += beside(funds_label(draft, "项目资金"), rows, 0, LABEL, draft.dialect.merge)


def _columns_of_funds(draft: Draft, sources: Sequence[tuple[str, str]]) -> list[Row]:
    totals = _totals(draft)
    parts = shares(draft, totals, len(sources))
    spoil(draft, parts, draft.rng.randrange(2))
    label = draft.pick("总额", "资金总额", "合计")
    borders = [LABEL, 75, MIDDLE, WIDTH]
    rows: list[Row] = []
    for number, (source, name) in enumerate([("total", label), *sources]):
        items: list[str | Item] = [("其中：" if number == 1 else "") + draft.label(name, colon=True)]
        for place, period in enumerate(PERIODS):
            yuan = totals[place] if number == 0 else parts[number - 1][place]
            money = amount(yuan, draft.rng, draft.dialect) if number == 0 else _money(draft, yuan)
            items.append(fund(draft, money, source=source, label=name, period=period, depth=min(number, 1)))
        rows.append(row(borders, items))
    return rows


# --- goals and dates --------------------------------------------------------------------------------------------------


def _goals(draft: Draft, *, quotes: bool = False) -> list[Item]:
    from_lines = (draft.content.goal_term, draft.content.goal_annual)
    items = []
    for column, sentences in zip(("goal_implementation", "goal_annual"), from_lines, strict=True):
        lines = [] if draft.one_sided and column == "goal_implementation" else _lines(draft, sentences, quotes)
        item = Item(draft.text(lines))
        draft.truth.state(column, "\n".join(lines) or None, item)
        items.append(item)
    return items


def _lines(draft: Draft, sentences: Sequence[str], quotes: bool) -> list[str]:
    lines = listed(sentences, draft.rng)
    return ['"' + lines[0], *lines[1:-1], lines[-1] + '"'] if quotes and len(lines) > 1 else lines


def _stacked_goals(draft: Draft, area: str, term_head: str, annual_head: str, *, quotes: bool = False) -> None:
    """Headers above both goals; the area's label stands left of both rows."""
    borders = [LABEL, MIDDLE, WIDTH]
    rows = [
        row(borders, [draft.label(term_head), draft.label(annual_head)]),
        row(borders, _goals(draft, quotes=quotes)),
    ]
    draft.cut()
    draft.rows += beside(draft.label(area), rows, 0, LABEL, draft.dialect.merge)


def _dates(draft: Draft) -> None:
    content, rng = draft.content, draft.rng
    first, last = date(content.start, rng.randint(1, 3), 1), date(content.start + content.years - 1, 12, 31)
    if draft.fault == "date-order":
        first, last = last, first
        draft.expect("date-order")
        draft.truth.allowed.add("year-outside-term")
    style = rng.choice(("{0.year}-{0.month:02d}-{0.day:02d}", "{0.year}/{0.month}/{0.day}"))
    field_row(
        draft,
        pair(draft, "start_date", "计划开始日期", style.format(first), first),
        pair(draft, "end_date", draft.pick("计划完成日期", "计划结束日期"), style.format(last), last),
        middle=MIDDLE,
    )

"""Family C: 长期 + 年度 one above the other, labels and amounts in one cell, schedules and cost breakdowns; and its older kin."""

from __future__ import annotations

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
from tests.forms.sheet import WIDTH, beside, row
from tests.forms.single import contacts, goal, money
from tests.forms.truth import Item
from tests.forms.values import amount


def form_c(draft: Draft, number: int | None) -> None:
    """长期 + 年度 stacked: check boxes, labels and amounts in one cell, a schedule, two blocks of indicators; or its older kin."""
    content, rng = draft.content, draft.rng
    if rng.random() < 0.2:
        _older(draft)
        return
    caption(draft, draft.pick("财政支出（项目）绩效目标申报表", "项目支出绩效目标申报表"), number=number)
    new = rng.random() < 0.5
    tick, box = rng.choice(("√□", "☑□", "√□"))
    shown = f"新增项目{tick if new else box}{rng.choice((' ', '  '))}延续项目{box if new else tick}"
    field_row(
        draft,
        pair(draft, "project_name", "项目名称", content.name),
        pair(draft, "attribute", "项目属性", shown, "新增项目" if new else "延续项目"),
    )
    field_row(
        draft,
        department(draft, "主管部门"),
        pair(draft, "department_code", "主管部门编码", str(rng.randint(100, 399))),
    )
    field_row(draft, pair(draft, "implementing_unit", "项目实施单位", content.unit), contacts(draft))
    field_row(draft, term(draft, draft.pick("起止时间", "项目起止时间")))
    _inline_funds(draft)
    narrative(draft, "overview", draft.pick("项目概况", "项目总体概况"), content.overview)
    narrative(draft, "basis", draft.pick("项目立项的依据", "立项依据"), [content.basis])
    narrative(draft, "necessity", draft.pick("项目申报的必要性", "项目申请原因"), [content.necessity])
    if rng.random() < 0.6:
        _schedule(draft)
    if rng.random() < 0.25:
        _costs(draft)
    borders = [LABEL, 130, WIDTH]
    items = []
    for column, sentences in (("goal_implementation", content.goal_term), ("goal_annual", content.goal_annual)):
        lines = listed(sentences, rng)
        items.append(Item(draft.text(lines)))
        draft.truth.state(column, "\n".join(lines), items[-1])
    heads = [draft.label("长期目标"), draft.label("年度目标")]
    draft.cut()
    area = draft.label(draft.pick("项目绩效目标", "绩效目标", "总体目标"))
    draft.rows += beside(area, [row(borders, heads), row(borders, items)], 0, LABEL, draft.dialect.merge)
    columns = [
        ("一级指标", "level1"),
        ("二级指标", "level2"),
        ("指标内容", "level3"),
        ("指标值", "value"),
        ("备注", "explanation"),
    ]
    names = {"ecological_benefit": draft.pick("环境效益指标", "生态效益指标")}
    notes = ("", "", "测算数", "以验收报告为准")
    fault, draft.fault = draft.fault, None
    indicator_table(draft, Table(columns, ("implementation",), level2=names, area="长期绩效指标", explanations=notes))
    draft.fault = fault
    indicator_table(draft, Table(columns, ("annual",), level2=names, area="年度绩效指标", explanations=notes))
    if rng.random() < 0.5:
        note = "无" if rng.random() < 0.5 else "本项目资金由县级财政统筹安排。"
        field_row(draft, pair(draft, None, draft.pick("其他说明的问题", "其他需要说明的问题"), note))
    if rng.random() < 0.5:
        field_row(draft, pair(draft, None, draft.pick("财政部门审核意见", "主管部门审核意见"), "同意申报。"))


def _older(draft: Draft) -> None:
    """总目标 and 本年度目标, check boxes with numbers, last year's amounts beside this year's, one block of indicators."""
    content, rng = draft.content, draft.rng
    caption(draft, "项目支出绩效目标申报表")
    kinds = ["重大课题", "网络运行维护", "大型会议", "其他"]
    ticked = rng.randrange(len(kinds))
    boxes = "  ".join(f"{at + 1}.{kind}{'☑' if at == ticked else '□'}" for at, kind in enumerate(kinds))
    field_row(
        draft,
        pair(draft, "project_name", "项目名称", content.name),
        pair(draft, "category", "项目类别", boxes, kinds[ticked]),
    )
    field_row(draft, department(draft, "主管部门"), pair(draft, "implementing_unit", "项目单位", content.unit))
    field_row(draft, term(draft, "项目起止时间"), contacts(draft))
    narrative(draft, "overview", "项目总体概况", content.overview)
    heads = ["上年度预算安排", "上年度实际执行", "本年度申请金额", "财政拨款", "其他资金"]
    parts = shares(draft, [content.total_annual], 2)
    spoil(draft, parts, 0)
    draft.truth.open_periods.add("prior")
    last_year = [amount(content.total_annual * share / 10, rng, draft.dialect).text for share in (9, 8)]
    cells: list[str | Item] = [
        *last_year,
        money(draft, content.total_annual, "total", heads[2], 0),
        money(draft, parts[0][0], "fiscal", heads[3]),
        money(draft, parts[1][0], "other", heads[4]),
    ]
    borders = [LABEL, 75, 120, 165, 200, WIDTH]
    rows = [row(borders, [draft.label(head) for head in heads]), row(borders, cells)]
    draft.rows += beside(funds_label(draft, "预算资金"), rows, 0, LABEL, draft.dialect.merge)
    goal(draft, "goal_implementation", "总目标", content.goal_term)
    goal(draft, "goal_annual", "本年度目标", content.goal_annual)
    columns = [
        ("一级指标", "level1"),
        ("二级指标", "level2"),
        ("指标内容", "level3"),
        ("指标值", "value"),
        ("备注", "explanation"),
    ]
    names = {
        "quantity": "产出数量指标",
        "quality": "产出质量指标",
        "timeliness": "产出时效指标",
        "cost": "产出成本指标",
    }
    indicator_table(
        draft, Table(columns, level2=names, level1={"benefit": draft.pick("效果指标", "效益指标")}, area="年度绩效指标")
    )
    narrative(draft, "safeguards", "保障绩效目标实现的措施", [content.safeguards])


def _inline_funds(draft: Draft) -> None:
    """`资金总额：96.00  财政拨款：80.00  自有资金：16.00` in one cell."""
    sources = [("fiscal", "财政拨款"), ("self_raised", draft.pick("自有资金", "自筹资金")), ("other", "其他资金")]
    sources = sources[: draft.rng.choice((2, 3))]
    total = draft.content.total_annual
    parts = shares(draft, [total], len(sources))
    spoil(draft, parts, 0)
    item = Item("")
    texts = []
    for at, (source, label) in enumerate([("total", "资金总额"), *sources]):
        yuan = total if at == 0 else parts[at - 1][0]
        shown = amount(yuan, draft.rng, draft.dialect)
        shown = type(shown)(shown.text.replace("\n", "").strip(), shown.yuan)
        fund(draft, shown, source=source, label=label, depth=min(at, 1), item=item)
        texts.append(f"{label}：{shown.text}")
    item.text = draft.rng.choice(("  ", "    ", "\n", "；")).join(texts)
    draft.rows.append(
        row([0, LABEL, WIDTH], [funds_label(draft, draft.pick("项目资金申请", "项目资金", "资金来源")), item])
    )


def _schedule(draft: Draft) -> None:
    borders = [LABEL, 120, 180, WIDTH]
    steps = ["勘察设计与招标", "组织实施", "验收与结算"]
    rows = [row(borders, [draft.label("项目实施内容"), "开始时间", "完成时间"])]
    for at, step in enumerate(steps):
        year = draft.content.year
        rows.append(row(borders, [step, f"{year}年{3 * at + 1}月", f"{year}年{3 * at + 4}月"]))
    draft.rows += beside(draft.label("项目实施进度计划"), rows, 0, LABEL, draft.dialect.merge)


def _costs(draft: Draft) -> None:
    """What the money is for, item by item, with a sum: kept in `fields`, no funds of the project."""
    borders = [LABEL, 110, 150, 190, WIDTH]
    rows = [row(borders, [draft.label("支出明细"), "数量", "金额", "测算依据"])]
    parts = shares(draft, [draft.content.total_annual], 3)
    for name, part in zip(("设备购置费", "劳务费", "培训费"), parts, strict=True):
        shown = amount(part[0], draft.rng, draft.dialect).text
        rows.append(row(borders, [name, str(draft.rng.randint(1, 60)), shown, "市场询价"]))
    total = amount(draft.content.total_annual, draft.rng, draft.dialect).text
    rows.append(row(borders, ["合计", "", total, ""]))
    draft.rows += beside(draft.label("项目支出明细预算"), rows, 0, LABEL, draft.dialect.merge)

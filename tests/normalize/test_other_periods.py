"""Forms that no layout declares: words of another year, of a forecast or of several givers are no label of this year's figures.

Each stood silently in the wrong place: last year's figure as the achievement, last year's money as this year's.
"""

from __future__ import annotations

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

FORM = """
    > 2024年项目支出绩效目标表
    > 单位：万元
    项目名称 | 图书采购 | » | 实施单位 | 某图书馆 | »
    资金构成 | 年度资金总额 | 120 | » | » | »
    ^ | SOURCE | 100 | » | » | »
    ^ | 其他资金 | 20 | » | » | »
    年度目标 | 采购图书。 | » | » | » | »
    一级指标 | 二级指标 | 三级指标 | OTHER | 指标值 | 备注
    产出指标 | 数量指标 | 采购图书 | 8000册 | ≥10000册 | ∅
    ^ | 质量指标 | 上架率 | 95% | ≥98% | ∅
    满意度指标 | 满意度 | 读者满意度 | 90% | ≥92% | ∅
"""


def read(form: str) -> Normalized:
    lines = "\n".join(line.strip() for line in form.strip().splitlines())
    return normalize(Document("docx", tuple(parse_grids(lines))), "0" * 64)


def told(result: Normalized, text: str) -> bool:
    return any(row["code"] == "unread-cell" and row["text"] == text for row in result.issues)


@pytest.mark.parametrize(
    "heading", ["上年完成值", "上年实际完成值", "预计完成值", "全年预计完成情况", "半年完成值", "截至目前实际完成值"]
)
def test_figures_of_another_time_are_not_reached(heading: str) -> None:
    result = read(FORM.replace("OTHER", heading).replace("SOURCE", "财政拨款"))
    assert [(row["value_text"], row["actual_text"]) for row in result.indicators] == [
        ("≥10000册", None), ("≥98%", None), ("≥92%", None)]  # fmt: skip
    kept = [row["text"] for row in result.fields if heading in str(row["label"])]
    assert kept == ["8000册", "95%", "90%"] or (told(result, heading) and told(result, "8000册"))


def test_what_was_reached_is() -> None:
    result = read(FORM.replace("OTHER", "年末实际完成值").replace("SOURCE", "财政拨款"))
    assert [row["actual_text"] for row in result.indicators] == ["8000册", "95%", "90%"]


@pytest.mark.parametrize(
    "label",
    [
        "上年财政拨款",
        "以前年度财政资金",
        "下年度财政拨款",
        "上年自筹资金",
        "中央和省级补助资金",
        "省市补助资金",
        "社会保险基金",
    ],
)
def test_money_of_another_year_or_of_several_givers_has_no_source(label: str) -> None:
    result = read(FORM.replace("OTHER", "说明").replace("SOURCE", label))
    assert [row["source"] for row in result.funds] == ["total", "other"]
    assert told(result, label)
    assert told(result, "100")


@pytest.mark.parametrize(
    "label", ["项目负责人名称", "工程建设单位名称", "项目承办科室名称", "单位基本情况", "上年工作计划"]
)
def test_what_is_not_said_of_the_project_is_told(label: str) -> None:
    form = FORM.replace("OTHER", "说明").replace("SOURCE", "财政拨款").replace("项目名称", label)
    result = read(form)
    assert [(row.get("project_name"), row.get("overview"), row.get("plan")) for row in result.projects] == [
        (None, None, None)
    ]
    assert told(result, label)
    assert told(result, "图书采购")


def test_parts_behind_an_unknown_total_of_another_period_are_not_of_the_one_above() -> None:
    """8000 and 2000 of this year were read as money of earlier years."""
    form = FORM.replace("OTHER", "说明").replace("SOURCE", "财政拨款")
    head, _, tail = form.partition("    资金构成")
    result = read(
        f"""{head}
        总投资 | 50000 | 以前年度已安排 | 20000 | » | »
        本年度申请 | 10000 | 其中：财政资金 | 8000 | » | »
        ^ | ^ | 自筹资金 | 2000 | » | »
        年度目标{tail.partition("年度目标")[2]}"""
    )
    assert [(row["period"], row["source"]) for row in result.funds] == [
        ("implementation", "total"), ("prior", "total"), (None, "fiscal"), (None, "self_raised")]  # fmt: skip
    assert [row["code"] for row in result.issues].count("ambiguous-period") == 2


def test_parts_of_each_year_are_parts_of_one_depth() -> None:
    """财政拨款 of the second year was taken for a part of the first one's."""
    form = FORM.replace("OTHER", "说明").replace("SOURCE", "财政拨款")
    head, _, tail = form.partition("    资金构成")
    result = read(
        f"""{head}
        项目资金 | ∅ | 2023年预算 | 2024年预算 | » | »
        ^ | 资金总额 | 80 | 100 | » | »
        ^ | 其中：财政拨款 | 80 | 90 | » | »
        ^ | 其他资金 | 0 | 10 | » | »
        年度目标{tail.partition("年度目标")[2]}"""
    )
    assert [(row["year"], row["source"], row["depth"]) for row in result.funds] == [
        (2023, "total", 0), (2024, "total", 0), (2023, "fiscal", 1), (2024, "fiscal", 1), (2023, "other", 1), (2024, "other", 1)]  # fmt: skip


def test_signs_that_a_cell_goes_on_carry_its_level() -> None:
    """〃 was a level 1 of its own; 同上 is no value, and told."""
    form = (
        FORM.replace("OTHER", "计量单位")
        .replace("SOURCE", "财政拨款")
        .replace("^ | 质量指标 | 上架率 | 95%", "〃 | 同上 | 上架数 | 册")
    )
    result = read(form.replace("≥98%", "同上"))
    assert [(row["level1"], row["level2"]) for row in result.indicators][:2] == [("产出指标", "数量指标")] * 2
    assert [row["text"] for row in result.issues if row["code"] == "missing-value"] == ["同上"]


@pytest.mark.parametrize(
    ("name", "unit", "value", "doubted"),
    [
        ("读者满意度", "%", "0.92", True),
        ("读者满意度", "%", "92", False),
        ("设备故障率", "%", "≤0.5", False),
        ("绿化面积（亩）", "平方米", "2000", True),
        ("绿化面积（平方米）", "平方米", "2000", False),
        ("读者满意度（%）", "百分比", "95", False),
    ],
)
def test_units_that_do_not_fit_are_told(name: str, unit: str, value: str, doubted: bool) -> None:
    form = FORM.replace("OTHER", "计量单位").replace("SOURCE", "财政拨款")
    result = read(form.replace("读者满意度 | 90% | ≥92%", f"{name} | {unit} | {value}"))
    told_codes = [row["code"] for row in result.issues if row["row"] == 8 and row["field"] == "indicators.value"]
    assert ("unit-conflict" in told_codes) is doubted


def test_a_label_beside_a_year_is_no_goal() -> None:
    """`年度 | 合计` over years and amounts gave the goal 合计."""
    form = FORM.replace("OTHER", "说明").replace("SOURCE", "财政拨款")
    result = read(form.replace("资金构成 | 年度资金总额 | 120", "资金构成 | 年度 | 合计"))
    assert [row["goal_annual"] for row in result.projects] == ["采购图书。"]
    assert any(row["code"] == "unparsed-value" and row["text"] == "合计" for row in result.issues)


@pytest.mark.parametrize(("full", "reached"), [("应得分", "实得分"), ("标准得分", "实际得分"), ("权重分", "自评分")])
def test_points_that_may_be_had_are_weights(full: str, reached: str) -> None:
    """应得分 was read as the score."""
    form = FORM.replace("OTHER", full).replace("SOURCE", "财政拨款").replace("指标值 | 备注", f"指标值 | {reached}")
    for text, points in (("8000册", "40"), ("95%", "30"), ("90% | ≥92%", "30 | ≥92%")):
        form = form.replace(f"| {text} |", f"| {points} |")
    result = read(form.replace("| ∅\n    ^ | 质", "| 38\n    ^ | 质"))
    assert (result.indicators[0]["weight_text"], result.indicators[0]["score_text"]) == ("40", "38")

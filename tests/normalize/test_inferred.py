"""Forms whose unknown words mean something else than their place makes likely: what is read by them has an issue that names the label."""

from __future__ import annotations

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

FUNDS = "年度资金总额 | » | 100 | » | » | »"
INDICATORS = """
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | »
"""


def read(rows: str, title: str = "项目支出绩效目标表") -> Normalized:
    lines = "\n".join(line.strip() for line in rows.strip().splitlines())
    form = f"> {title}\n> （2022年度）  单位：万元\n项目名称 | 城区公厕管护 | » | » | » | »\n{lines}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)


def inferred(result: Normalized) -> dict[object, object]:
    return {row["text"]: row["field"] for row in result.issues if row["code"] == "inferred-meaning"}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            f"""{FUNDS}
            绩效指标 | 一级指标 | 二级指标 | 三级指标 | 扣分线 | 分值
            ^ | 产出指标 | 数量指标 | 管护公厕 | <80座 | 50
            ^ | ^ | 质量指标 | 保洁达标率 | <90% | 30
            ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | <85% | 20""",
            {"扣分线": "indicators.value_text"},
        ),
        (
            f"""项目资金 | 政府采购额度 | » | 100 | » | »
            ^ | 其中：财政拨款 | » | 100 | » | »
            ^ | 其他资金 | » | 0 | » | »{INDICATORS}""",
            {"政府采购额度": "funds.source"},
        ),
        (
            f"""项目资金 | 实施期资金总额 | » | 300 | 年度资金总额 | 100
            总体目标 | 实施期目标 | » | » | 明后两阶段打算 | »
            ^ | 公厕干净无异味。 | » | » | 建设公厕12座。 | »{INDICATORS}""",
            {"明后两阶段打算": "projects.goal_annual"},
        ),
    ],
    ids=["threshold", "procurement", "next stages"],
)
def test_what_is_read_by_an_unknown_label_has_an_issue(rows: str, told: dict[str, str]) -> None:
    assert inferred(read(rows)) == told


def test_names_of_a_list_under_an_unknown_heading_have_an_issue() -> None:
    form = """
> 项目绩效目标表
单位名称 | 经费用途 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值
某局 | 环境卫生设施维修改造 | 100 | 产出指标 | 数量指标 | 公厕 | ≥86座
^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 满意度 | ≥90%
某馆 | 图书购置与活动补助 | 60 | 产出指标 | 数量指标 | 活动 | ≥23场
^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 满意度 | ≥95%
"""
    result = normalize(Document("docx", tuple(parse_grids(form.strip()))), "0" * 64)
    assert inferred(result) == {"经费用途": "projects.project_name"}


def test_known_labels_and_unread_ones_are_not_inferred() -> None:
    assert inferred(read(FUNDS + INDICATORS)) == {}
    assert inferred(read("项目资金 | 某总数 | » | 110 | » | »\n^ | 其中：财政拨款 | » | 80 | » | »" + INDICATORS)) == {}


def values(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["level1"], row["level3"], row["value_text"], row["period"]) for row in result.indicators]


def codes(result: Normalized) -> list[object]:
    return [row["code"] for row in result.issues if row["severity"] != "info"]


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heads", "cells"),
    [
        (("省内同类水平", "任务数"), ("≥86座", "88", "≥95%", "96", "≥90%", "92")),
        (("门槛数", "争取数"), ("86", "≥90座", "95", "≥97%", "90", "≥93%")),
        (("上半段", "下半段"), ("40座", "86", "93%", "95", "88%", "90")),
    ],
    ids=["level of others", "threshold", "half-years"],
)
def test_of_two_columns_of_figures_neither_is_the_value(heads: tuple[str, str], cells: tuple[str, ...]) -> None:
    result = read(f"""{FUNDS}
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | {heads[0]} | {heads[1]}
        ^ | 产出指标 | 数量指标 | 管护公厕 | {cells[0]} | {cells[1]}
        ^ | ^ | 质量指标 | 保洁达标率 | {cells[2]} | {cells[3]}
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | {cells[4]} | {cells[5]}
    """)
    assert {row["value_text"] for row in result.indicators} == {None}
    assert codes(result).count("missing-value") == 3


def test_of_two_columns_of_words_behind_level_2_neither_has_the_names() -> None:
    result = read(f"""{FUNDS}
        绩效指标 | 一级指标 | 二级指标 | 牵头处室 | 具体要做的事 | 指标值
        ^ | 产出指标 | 数量指标 | 环卫处 | 管护公厕 | ≥86座
        ^ | ^ | 质量指标 | 督查处 | 保洁达标率 | ≥95%
        ^ | 满意度指标 | 服务对象满意度指标 | 办公室 | 群众满意度 | ≥90%
    """)
    assert result.indicators == []


def test_signs_of_a_comparison_with_last_year_are_no_operators() -> None:
    result = read(f"""{FUNDS}
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 与去年相比
        ^ | 产出指标 | 数量指标 | 管护公厕 | 86座 | ＞
        ^ | ^ | 质量指标 | 保洁达标率 | 95% | ＝
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | 90% | ＞
    """)
    assert {row["operator"] for row in result.indicators} == {None}


def test_a_level_over_all_columns_of_a_half_holds_from_there_on() -> None:
    result = read(f"""{FUNDS}
        产出指标 | » | » | 效益指标 | » | »
        三级指标 | » | 指标值 | 三级指标 | » | 指标值
        管护公厕 | » | ≥86座 | 投诉 | » | ≤3件
        满意度指标 | » | » | 其余 | » | »
        群众满意度 | » | ≥90% | 街面卫生 | » | 改善
    """)
    assert [fact[:2] for fact in values(result)] == [
        ("产出指标", "管护公厕"), ("效益指标", "投诉"), ("满意度指标", "群众满意度"), (None, "街面卫生"),
    ]  # fmt: skip
    assert [row["text"] for row in result.issues if row["code"] == "unread-cell"] == ["其余"]


# --- amounts ----------------------------------------------------------------------------------------------------------


def test_a_zero_confirms_no_twin() -> None:
    result = read(f"""
        项目资金 | 中期资金总额 | 300 | 年度资金总额 | 100 | »
        ^ | 其中：财政拨款 | 300 | 其中：财政拨款 | 100 | »
        ^ | 单位自筹 | 0 | 银行授信额度 | 0 | »
        ^ | 其他资金 | 0 | 其他资金 | 0 | »{INDICATORS}
    """)
    assert "银行授信额度" in {row["text"] for row in result.issues if row["code"] == "unread-cell"}


def test_goals_in_another_order_than_the_layout_declares_leave_amounts_without_a_period() -> None:
    result = read(f"""
        项目资金 | 资金总额 | 100 | 资金总额 | 300 | »
        ^ | 其中：财政拨款 | 100 | 其中：财政拨款 | 300 | »
        总体目标 | 年度目标 | » | 中期目标 | » | »
        ^ | 管护公厕86座。 | » | 公厕干净无异味。 | » | »{INDICATORS}
    """)
    assert {row["period"] for row in result.funds} == {None}
    assert "ambiguous-period" in codes(result)


def test_two_totals_of_one_period_are_told() -> None:
    result = read(f"""
        项目资金 | 年度资金总额 | » | 300 | » | »
        ^ | 其中：财政拨款 | » | 300 | » | »
        历次下达 | 资金总额 | » | 120 | » | »
        ^ | 其中：财政拨款 | » | 120 | » | »{INDICATORS}
    """)
    assert codes(result).count("duplicate-label") == 1
    same = read(f"{FUNDS}\n{FUNDS}{INDICATORS}")
    assert "duplicate-label" not in codes(same)


def test_words_with_an_amount_of_their_own_name_no_unit_for_another_amount() -> None:
    result = read(f"补贴口径（元） | 500 | » | 年度资金总额 | 100 | »{INDICATORS}")
    assert [str(row["amount"]) for row in result.funds] == ["1000000.00"]


def test_who_is_responsible_is_no_unit_of_measure() -> None:
    rows = """
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 单位
        ^ | 产出指标 | 数量指标 | 管护公厕 | ≥86 | {0}
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90 | {1}
    """
    people = read(FUNDS + rows.format("环卫所", "局办公室"))
    assert {row["unit"] for row in people.indicators} == {None}
    assert codes(people).count("unread-cell") == 3
    assert [row["unit"] for row in read(FUNDS + rows.format("座", "%")).indicators] == ["座", "%"]


# --- lists ------------------------------------------------------------------------------------------------------------


def projects(rows: str) -> tuple[list[tuple[object, ...]], list[object]]:
    lines = "\n".join(line.strip() for line in rows.strip().splitlines())
    result = normalize(Document("docx", tuple(parse_grids(f"> 项目绩效目标表\n> 单位：万元\n{lines}"))), "0" * 64)
    found = [
        (row.get("implementing_unit"), row.get("project_name"), row.get("total_annual")) for row in result.projects
    ]
    return [(unit, name, total and int(str(total)[:-7])) for unit, name, total in found], codes(result)


def test_a_unit_of_rows_above_is_not_that_of_the_projects_below_another_unit() -> None:
    found, told = projects("""
        单位名称 | 项目名称 | 预算数 | 绩效目标 | 三级指标 | 指标值
        某局 | 公厕管护 | 100 | 干净 | 公厕 | ≥86座
        某馆 | ∅ | 70 | ∅ | ∅ | ∅
        ∅ | 展览 | 70 | 办展 | 场次 | ≥3场
    """)
    assert (found, told) == ([("某局", "公厕管护", 100), ("某馆", "展览", 70)], [])


@pytest.mark.parametrize(
    ("heading", "amount", "lost", "told"),
    [
        ("单位名称、项目名称", 70, True, []),
        ("单位名称、项目名称", 60, True, ["inferred-meaning"]),
        ("项目名称", 70, True, ["inferred-meaning"]),
        ("项目名称", 60, False, []),
    ],
)
def test_a_row_with_a_name_and_an_amount_is_a_unit_or_a_project(
    heading: str, amount: int, lost: bool, told: list[str]
) -> None:
    """The heading says it, and the sum of what stands below; where one of them alone speaks for a unit an issue says so."""
    found, codes = projects(f"""
        {heading} | 预算数 | 绩效目标 | 三级指标 | 指标值
        公厕管护 | 100 | 干净 | 公厕 | ≥86座
        应急处置 | {amount} | ∅ | ∅ | ∅
        展览 | 70 | 办展 | 场次 | ≥3场
    """)
    expected = [(None, "公厕管护", 100), ("应急处置", "展览", 70)]
    if not lost:
        expected = [(None, "公厕管护", 100), (None, "应急处置", amount), (None, "展览", 70)]
    assert (found, codes) == (expected, told)

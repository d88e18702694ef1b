"""Labels in words that no list knows, outside of the indicators: read where the form itself leaves one meaning, else unread."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Layout, Normalized, normalize

INDICATORS = """
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | »
"""
GOALS = """
总体目标 | 实施期目标 | » | » | 年度目标 | »
^ | 公厕干净无异味。 | » | » | 管护公厕86座。 | »
"""


def read(
    rows: str, title: str = "项目支出绩效目标表", more: str = INDICATORS, known: Sequence[Layout] | None = None
) -> Normalized:
    form = f"> {title}\n> （2022年度）  单位：万元\n项目名称 | 城区公厕管护 | » | » | » | »\n{rows.strip()}\n{more.strip()}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64, known)


def funds(result: Normalized) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in ("period", "stage", "source", "amount_text", "depth")) for row in result.funds]


def unread(result: Normalized) -> set[str]:
    return {str(row["text"]) for row in result.issues if row["code"] == "unread-cell"}


# --- totals -----------------------------------------------------------------------------------------------------------


def test_a_label_above_parts_that_add_up_to_it_is_their_total() -> None:
    result = read("""
        项目资金 | 某总数 | » | 100 | » | »
        ^ | 其中：财政拨款 | » | 80 | » | »
        ^ | 其他资金 | » | 20 | » | »
    """)
    assert funds(result)[0] == ("annual", "declared", "total", "100", 0)
    assert result.funds[0]["source_label"] == "某总数"
    assert str(result.projects[0]["total_annual"]) == "1000000.00"
    assert unread(result) == set()


@pytest.mark.parametrize(
    ("label", "amount"), [("某总数", "110"), ("三年合计", "100"), ("往年余数", "100"), ("已拨付数", "100")]
)
def test_another_amount_or_words_of_another_period_are_no_total(label: str, amount: str) -> None:
    result = read(f"""
        项目资金 | {label} | » | {amount} | » | »
        ^ | 其中：财政拨款 | » | 80 | » | »
        ^ | 其他资金 | » | 20 | » | »
    """)
    assert "total" not in {row["source"] for row in result.funds}
    assert result.projects[0].get("total_annual") is None


def test_a_part_of_a_known_total_is_no_total_though_its_own_parts_add_up() -> None:
    result = read("""
        项目资金 | 年度资金总额 | » | 100 | » | »
        ^ | 其中：某来源 | » | 100 | » | »
        ^ | 其中：一般公共预算 | » | 60 | » | »
        ^ | 政府性基金 | » | 40 | » | »
    """)
    assert [row["source"] for row in result.funds] == ["total", "fiscal", "government_fund"]
    assert "其中：某来源" in unread(result)


def test_the_form_names_the_order_of_its_two_periods() -> None:
    rows = """
        项目资金 | 某总数 | 300 | 年度资金总额 | 100 | »
        ^ | 其中：财政拨款 | 280 | 其中：财政拨款 | 90 | »
        ^ | 其他资金 | 20 | 其他资金 | 10 | »
    """
    told = [("implementation", "300"), ("annual", "100"), ("implementation", "280"), ("annual", "90")]
    assert [(row["period"], row["amount_text"]) for row in read(rows + GOALS).funds][:4] == told
    without = read(rows)
    assert [row["period"] for row in without.funds if row["source"] != "total"] == [None, "annual", None, "annual"]
    assert "某总数" in unread(without)


def test_two_unknown_totals_side_by_side_are_of_no_year() -> None:
    result = read("""
        项目资金 | 某甲 | 300 | 某乙 | 100 | »
        ^ | 其中：财政拨款 | 280 | 其中：财政拨款 | 90 | »
        ^ | 其他资金 | 20 | 其他资金 | 10 | »
    """)
    assert {(row["period"], row["source"]) for row in result.funds} == {(None, "fiscal"), (None, "other")}


def test_a_part_beside_an_unknown_label_has_no_period_by_default() -> None:
    result = read("""
        项目资金 | 某甲 | 300 | 年度资金总额 | 100 | »
        ^ | 其中：财政拨款 | 280 | 某来源 | 90 | »
        ^ | 其他资金 | 20 | 其他资金 | 10 | »
    """)
    (fiscal,) = [row for row in result.funds if row["source"] == "fiscal"]
    assert (fiscal["period"], fiscal["amount_text"]) == (None, "280")
    assert any(row["code"] == "ambiguous-period" and row["text"] == "其中：财政拨款" for row in result.issues)


def test_an_empty_amount_before_an_unknown_label_stays_empty() -> None:
    result = read("""
        项目资金 | 中期资金总额 | 300 | 年度资金总额 | 100 | »
        ^ | 其中：财政拨款 | ∅ | 某来源 | ∅ | »
        ^ | 其他资金 | 300 | 其他资金 | 100 | »
    """)
    assert ("implementation", "declared", "fiscal", None, 1) in funds(result)
    assert not any(row["code"] == "unparsed-value" for row in result.issues)


# --- twins ------------------------------------------------------------------------------------------------------------

HALVES = """
项目资金 | 中期资金总额 | 300 | 年度资金总额 | 100 | »
^ | 其中：财政拨款 | 250 | 其中：财政拨款 | {0} | »
^ | 单位自筹 | 30 | {1} | 10 | »
^ | 其他资金 | 20 | 其他资金 | 10 | »
"""


def test_a_label_beside_its_twin_names_the_same_source() -> None:
    assert ("annual", "declared", "self_raised", "10", 1) in funds(read(HALVES.format("80", "某来源")))


def test_halves_that_do_not_add_up_or_are_not_parallel_tell_nothing() -> None:
    assert "某来源" in unread(read(HALVES.format("70", "某来源")))
    unparallel = HALVES.replace("单位自筹 | 30", "∅ | ∅").replace("中期资金总额 | 300", "中期资金总额 | 270")
    assert "某来源" in unread(read(unparallel.format("80", "某来源")))
    shifted = HALVES.replace("单位自筹 | 30 | {1}", "其他资金 | 30 | {1}").replace(
        "其他资金 | 20 | 其他", "事业收入 | 20 | 其他"
    )
    assert "某来源" in unread(read(shifted.format("80", "某来源")))


# --- headings over amounts --------------------------------------------------------------------------------------------

EVALUATION = """
项目资金 | ∅ | {0} | {1} | {2} | {3} | {4} | {5}
^ | 年度资金总额 | 120 | 100 | 95 | 10 | 95.00% | 9.5
^ | 其中：财政拨款 | 100 | 80 | 76 | — | 95.00% | —
^ | 其他资金 | 20 | 20 | 19 | — | 95.00% | —
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | 88座 | 90 | 90
"""
HEADS = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")


def evaluation(heads: tuple[str, ...], rows: str = EVALUATION) -> Normalized:
    form = f"> 项目支出绩效自评表\n> （2022年度）  单位：万元\n项目名称 | 城区公厕管护 | » | » | » | » | » | »\n{rows.format(*heads).strip()}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)


@pytest.mark.parametrize("number", range(6))
def test_one_unknown_heading_among_those_of_the_official_form(number: int) -> None:
    result = evaluation((*HEADS[:number], "某栏", *HEADS[number + 1 :]))
    assert funds(result) == funds(evaluation(HEADS))
    assert unread(result) == set()
    warnings = [(row["code"], row["text"]) for row in result.issues if row["severity"] == "warning"]
    assert warnings == [("unknown-layout", None), ("inferred-meaning", "某栏")]


@pytest.mark.parametrize(
    "heads", [("某栏", *HEADS[:2], *HEADS[3:]), ("往年余数", *HEADS[1:]), ("调减额", *HEADS[1:])], ids=str
)
def test_an_unknown_heading_out_of_place_tells_nothing(heads: tuple[str, ...]) -> None:
    """Its amounts stay unread, those under the known headings are read."""
    result = evaluation(heads)
    assert {"120"} <= unread(result)
    assert "100" in {row["amount_text"] for row in result.funds}


def test_rates_that_contradict_tell_nothing_and_other_amounts_are_read() -> None:
    rows = EVALUATION.replace("95.00%", "61.00%")
    result = evaluation(("年初预算数", "某栏", "全年执行数", "分值", "执行率", "得分"), rows)
    assert {row["stage"] for row in result.funds} == {"initial", "executed"}
    assert {"某栏", "100", "80"} <= unread(result)


def test_the_initial_amount_is_no_total_of_the_year_where_the_budget_may_stand_under_an_unknown_heading() -> None:
    result = evaluation(("年初预算数", "某甲", "全年执行数", "分值", "某乙", "得分"))
    assert {row["stage"] for row in result.funds} == {"initial", "executed"}
    assert result.projects[0].get("total_annual") is None


def test_no_sum_of_scores_without_the_score_of_the_execution() -> None:
    rows = EVALUATION.strip() + "\n总分 | » | » | » | » | » | 100 | 99.5"
    assert not [row for row in evaluation(HEADS, rows).issues if row["code"] == "score-sum"]
    heads = (*HEADS[:3], "某甲", "执行率", "某乙")
    assert not [row for row in evaluation(heads, rows).issues if row["code"] == "score-sum"]


TRANSFER = """
资金情况 | ∅ | {0} | » | {1} | »
^ | 资金总额 | 300 | » | 100 | »
^ | 其中：中央补助 | 300 | » | 100 | »
"""


@pytest.mark.parametrize("heads", [("某栏", "年度金额"), ("实施期金额", "某栏")], ids=str)
def test_one_of_two_periods_over_amounts(heads: tuple[str, str]) -> None:
    result = read(TRANSFER.format(*heads) + GOALS, "转移支付区域绩效目标表")
    assert [row["period"] for row in result.funds] == ["implementation", "annual"] * 2
    assert unread(result) == set()


def test_another_stage_is_no_other_period() -> None:
    result = read(TRANSFER.format("复核数", "年度金额") + GOALS, "转移支付区域绩效目标表")
    assert [(row["period"], row["amount_text"]) for row in result.funds] == [("annual", "100")] * 2


def test_without_an_order_the_known_heading_alone_is_read() -> None:
    result = read(TRANSFER.format("某栏", "年度金额"), "转移支付区域绩效目标表")
    assert [(row["period"], row["amount_text"]) for row in result.funds] == [("annual", "100")] * 2
    assert {"某栏", "300"} <= unread(result)


# --- goals and sections -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [("某栏", "年度目标"), ("实施期目标", "某栏")], ids=str)
def test_one_of_two_goals_where_the_funds_name_the_order(heads: tuple[str, str]) -> None:
    goals = GOALS.replace("实施期目标", heads[0]).replace("年度目标", heads[1])
    (project,) = read(HALVES.format("80", "单位自筹") + goals).projects
    assert (project["goal_implementation"], project["goal_annual"]) == ("公厕干净无异味。", "管护公厕86座。")
    (project,) = read("年度资金总额 | 100 | » | » | » | »\n" + goals).projects
    assert None in (project.get("goal_implementation"), project.get("goal_annual"))


def test_a_heading_of_results_is_no_goal_of_the_year() -> None:
    goals = GOALS.replace("年度目标", "实际成效")
    (project,) = read(HALVES.format("80", "单位自筹") + goals).projects
    assert project.get("goal_annual") is None


def test_labels_of_sections_hold_nothing_but_their_unit() -> None:
    result = read(
        """
        某经费（元） | 年度资金总额 | » | 100 | » | »
        ^ | 其中：财政拨款 | » | 80 | » | »
        ^ | 其他资金 | » | 20 | » | »
    """
        + GOALS.replace("总体目标", "某愿景")
    )
    assert unread(result) == set()
    assert {str(row["amount"]) for row in result.funds} == {"100.00", "80.00", "20.00"}


# --- the order of two periods -----------------------------------------------------------------------------------------

TWO_HALVES = """
绩效指标 | 二级指标 | 三级指标 | 指标值 | 三级指标 | 指标值
^ | 数量指标 | 管护公厕 | ≥258座 | 管护公厕 | ≥86座
^ | 质量指标 | 保洁达标率 | ≥95% | 保洁达标率 | ≥90%
"""


def periods(rows: str) -> list[object]:
    return [row["period"] for row in read(rows, more=TWO_HALVES, known=()).indicators]


def test_the_order_of_periods_may_stand_in_two_rows() -> None:
    left = GOALS.replace("年度目标", "某目标")
    right = HALVES.format("80", "单位自筹").replace("中期资金总额", "某总额")
    assert set(periods(right + left)) == {"implementation", "annual"}
    assert set(periods(right)) == {None}


def test_two_orders_are_none() -> None:
    turned = GOALS.replace("实施期目标", "某").replace("年度目标", "实施期目标").replace("某", "年度目标")
    both = HALVES.format("80", "单位自筹") + "\n项目概况 | 无 | » | » | » | »\n" + turned
    unknown = both.replace("中期资金总额", "某总额")
    assert [
        row["amount_text"] for row in read(unknown, more=TWO_HALVES, known=()).funds if row["source"] == "total"
    ] == ["100"]


# --- fields -----------------------------------------------------------------------------------------------------------


def test_what_stands_beside_an_unknown_label_is_kept_under_it_and_reported() -> None:
    result = read("""
        主管部门 | 北屏县城管局 | » | 承办科室 | 环卫科 | »
        项目属性 | 经常性项目 | » | 项目期 | 3年 | »
        分管领导签批 | 同意 | » | » | » | »
        项目概况 | 管护公厕86座。 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
    """)
    kept = {(row["label"], row["text"]) for row in result.fields if row["field"] is None}
    assert kept == {
        ("承办科室", "环卫科")
    }  # only the row below has a label and a value where 分管领导签批 and 同意 stand
    assert {"承办科室", "环卫科"} <= unread(result)


def test_a_form_of_a_project_without_its_name_is_no_department() -> None:
    form = f"""
        > 项目支出绩效目标表
        > （2022年度）  单位：万元
        某名目 | 城区公厕管护 | » | » | » | »
        部门名称 | 北屏县城管局 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
        年度总体目标 | 公厕干净无异味。 | » | » | » | »
        {INDICATORS.strip()}
    """
    lines = "\n".join(line.strip() for line in form.strip().splitlines())
    result = normalize(Document("docx", tuple(parse_grids(lines))), "0" * 64)
    assert [row["form_kind"] for row in result.projects] != ["department"]

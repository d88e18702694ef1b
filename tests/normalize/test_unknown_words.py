"""Words that no list knows: what they stand beside or above is left unread and reported, never given to the nearest known label."""

from __future__ import annotations

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

INDICATORS = """
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | »
"""


def read(rows: str) -> Normalized:
    form = f"> 项目支出绩效目标表\n> （2022年度）  单位：万元\n{rows.strip()}\n{INDICATORS.strip()}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)


def funds(result: Normalized) -> list[tuple[object, object, object, object]]:
    return [(row["period"], row["source"], row["source_label"], row["amount_text"]) for row in result.funds]


def unread(result: Normalized) -> set[str]:
    return {str(row["text"]) for row in result.issues if row["code"] == "unread-cell"}


def test_an_amount_behind_an_unknown_label_is_no_total() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目资金 | ∅ | » | 年初预算数 | 全年预算数 | 全年执行数
        ^ | 去年没花完的钱 | » | 17 | 18 | 19
        ^ | 其中：财政拨款 | » | 120 | 118 | 115
    """)
    assert {label for _, _, label, _ in funds(result)} == {"其中：财政拨款"}
    assert {"去年没花完的钱", "17", "18", "19"} <= unread(result)


def test_no_period_is_guessed_beside_a_label_that_names_its_own() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目资金 | 全周期经费 | » | 300 | 年度资金总额 | 100
        ^ | 其中：财政资金 | » | 300 | 其中：当年财政拨款 | 100
    """)
    assert ("annual", "fiscal", "其中：当年财政拨款", "100") in funds(result)
    assert (None, "fiscal", "其中：财政资金", "300") in funds(result)
    assert any(row["code"] == "ambiguous-period" and row["text"] == "其中：财政资金" for row in result.issues)


def test_lists_beside_each_other_without_periods_have_depths_of_their_own() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目资金 | 全周期经费 | » | 300 | 今年经费 | 100
        ^ | 其中：财政拨款 | » | 300 | 其中：财政拨款 | 100
    """)
    assert [row["depth"] for row in result.funds if row["source"] == "fiscal"] == [1, 1]


def test_amounts_under_unknown_headers_stay_unread_also_where_one_is_empty() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目资金 | ∅ | » | 全周期的钱 | 今年的钱 | »
        ^ | 其中：财政拨款 | » | 300 | 100 | »
        ^ | 其他资金 | » | 0 | ∅ | »
    """)
    assert funds(result) == []
    assert {"300", "100", "0"} <= unread(result)


def test_two_goals_below_unknown_headers_stay_unread() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
        ∅ | 三年愿景 | » | » | 今年要办成的事 | »
        总体目标 | 公厕干净无异味。 | » | » | 管护公厕86座。 | »
    """)
    (project,) = result.projects
    assert (project.get("goal_annual"), project.get("goal_implementation")) == (None, None)
    assert {"公厕干净无异味。", "管护公厕86座。"} <= unread(result)


def test_a_header_nobody_knows_is_no_goal_beside_a_known_header() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
        ∅ | 实施期目标 | » | » | 今年要办成的事 | »
        总体目标 | ∅ | » | » | 管护公厕86座。 | »
    """)
    assert "今年要办成的事" in unread(result)
    assert result.projects[0].get("goal_implementation") is None


def test_a_label_beside_a_label_is_not_its_value() -> None:
    form = """
        序号 | 项目名称 | 预算数（万元） | 年度目标 | 指标小类 | 达到多少
        1 | 城区公厕管护 | 100 | 公厕干净。 | 管护公厕 | ≥86座
    """
    result = normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)
    assert all(row.get("project_name") in (None, "城区公厕管护") for row in result.projects)


def test_a_term_above_an_unknown_label_is_a_term() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目起止时间 | 2021年度 | » | » | » | »
        经费盘子（万元） | 资金总额：414.71  财政拨款：414.71 | » | » | » | »
    """)
    assert result.projects[0]["term_text"] == "2021年度"


def test_an_unknown_column_of_values_is_told_also_beside_a_known_one_of_results() -> None:
    form = """
        项目名称 | 城区公厕管护 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 调整后的 | 实际完成值
        ^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | 88座
        ^ | ^ | 质量指标 | 保洁达标率 | ≥95% | 96%
    """
    result = normalize(
        Document("docx", tuple(parse_grids("> 项目支出绩效自评表\n" + form.strip()))), "0" * 64
    )  # fmt: skip
    told = [row for row in result.issues if row["code"] == "missing-value"]
    assert [row["field"] for row in told] == ["indicators.value_text"] * 2


def test_parts_of_a_part_whose_label_nobody_knows_are_parts_of_a_part() -> None:
    result = read("""
        项目名称 | 城区公厕管护 | » | » | » | »
        项目资金 | 年度资金总额 | » | 100 | » | »
        ^ | 其中：国库安排 | » | 100 | » | »
        ^ | 其中：一般公共预算 | » | 60 | » | »
        ^ | 政府性基金 | » | 40 | » | »
        ^ | 其他资金 | » | 0 | » | »
    """)
    assert [(row["source_label"], row["depth"]) for row in result.funds] == [
        ("年度资金总额", 0),
        ("其中：一般公共预算", 2),
        ("政府性基金", 2),
        ("其他资金", 1),
    ]

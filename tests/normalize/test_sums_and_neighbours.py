"""Figures that stood in the wrong place silently: rows of sums in lists, totals beside their parts, two amounts in a cell, forms side by side."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.build_sheet import Tab, build_xlsx
from yusuan.convert import convert
from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize


def read(form: str) -> Normalized:
    lines = "\n".join(line.strip() for line in form.strip().splitlines())
    return normalize(Document("docx", tuple(parse_grids(lines))), "0" * 64)


def totals(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["implementing_unit"], row["project_name"], _whole(row["total_annual"])) for row in result.projects]


def funds(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["source"], row["depth"], _whole(row["amount"])) for row in result.funds]


def codes(result: Normalized) -> list[object]:
    return [row["code"] for row in result.issues]


def _whole(amount: object) -> int | None:
    return int(amount) if isinstance(amount, Decimal) else None


LIST = """
    > 2023年部门预算项目支出绩效目标表
    > 单位：元
    单位名称 | 项目名称 | 预算金额 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
"""


def test_rows_of_sums_in_a_list_are_no_projects() -> None:
    result = read(f"""{LIST}
        甲局小计 | ∅ | 150 | ∅ | ∅ | ∅ | ∅ | ∅
        甲局 | 道路养护项目 | 100 | 养护道路 | 产出指标 | 数量指标 | 养护里程 | ≥100公里
        甲局 | 桥梁维修项目 | 50 | 维修桥 | 产出指标 | 数量指标 | 维修桥梁 | ≥3座
        乙局 | 桥梁改造项目 | 70 | 改造桥 | 产出指标 | 数量指标 | 改造桥梁 | ≥3座
        乙局 | 小计 | 70 | ∅ | ∅ | ∅ | ∅ | ∅
    """)
    assert totals(result) == [
        ("甲局", "道路养护项目", 100), ("甲局", "桥梁维修项目", 50), ("乙局", "桥梁改造项目", 70)]  # fmt: skip
    assert not codes(result)


def test_a_row_of_sums_above_projects_names_their_unit() -> None:
    result = read(f"""{LIST}
        甲局 | 甲局汇总 | 150 | ∅ | ∅ | ∅ | ∅ | ∅
        ^ | 道路养护项目 | 100 | 养护道路 | 产出指标 | 数量指标 | 养护里程 | ≥100公里
        ^ | 桥梁维修项目 | 50 | 维修桥 | 产出指标 | 数量指标 | 维修桥梁 | ≥3座
        乙局汇总 | ∅ | 70 | ∅ | ∅ | ∅ | ∅ | ∅
        ∅ | 桥梁改造项目 | 70 | 改造桥 | 产出指标 | 数量指标 | 改造桥梁 | ≥3座
    """)
    assert totals(result) == [
        ("甲局", "道路养护项目", 100), ("甲局", "桥梁维修项目", 50), ("乙局", "桥梁改造项目", 70)]  # fmt: skip


def test_a_row_named_as_a_sum_that_is_none_is_told() -> None:
    form = f"""{LIST}
        甲局 | 道路养护项目 | 100 | 养护道路 | 产出指标 | 数量指标 | 养护里程 | ≥100公里
        甲局 | 数据汇总 | 30 | GOAL | ∅ | ∅ | ∅ | ∅
    """
    result = read(form.replace("GOAL", "∅"))
    assert totals(result) == [("甲局", "道路养护项目", 100)]
    assert codes(result) == ["inferred-meaning"]
    result = read(form.replace("GOAL", "汇总数据"))
    assert totals(result) == [("甲局", "道路养护项目", 100), ("甲局", "数据汇总", 30)]
    assert codes(result) == ["inferred-meaning"]


def test_amounts_of_two_years_in_a_list_are_of_their_years() -> None:
    """The budget of 2024 was the total of a list of 2025 (it was told)."""
    result = read("""
        > 2025年部门预算项目支出绩效目标表
        > 单位：元
        单位名称 | 项目名称 | 2024年预算数 | 2025年预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        甲局 | 道路养护项目 | 90 | 100 | 养护道路 | 产出指标 | 数量指标 | 养护里程 | ≥100公里
        乙局 | 桥梁改造项目 | 50 | 70 | 改造桥 | 产出指标 | 数量指标 | 改造桥梁 | ≥3座
    """)
    assert totals(result) == [("甲局", "道路养护项目", 100), ("乙局", "桥梁改造项目", 70)]
    assert [(row["period"], row["year"], _whole(row["amount"])) for row in result.funds] == [
        ("prior", 2024, 90), ("annual", 2025, 100), ("prior", 2024, 50), ("annual", 2025, 70)]  # fmt: skip
    assert not codes(result)


def test_the_score_of_a_project_in_a_list_is_none_of_its_first_indicator() -> None:
    result = read("""
        > 2024年度项目支出绩效自评汇总表
        > 单位：元
        项目名称 | 全年预算数 | 全年执行数 | 自评得分 | 一级指标 | 三级指标 | 指标值 | 完成值
        道路养护项目 | 110 | 99 | 96 | 产出指标 | 养护里程 | 100公里 | 98公里
        桥梁改造项目 | 200 | 200 | 100 | 产出指标 | 改造桥梁 | 3座 | 3座
    """)
    assert [row.get("score") for row in result.indicators] == [None, None]
    assert [row["text"] for row in result.fields if row["label"] == "自评得分"] == ["96", "100"]


def test_two_names_of_a_project_under_two_labels_are_told() -> None:
    """一级项目 and 二级项目: the first was the name, and nothing told of the second."""
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        一级项目名称 | 教育发展 | 二级项目名称 | 校园安保
        年度资金总额 | 100 | 财政拨款 | 100
        一级指标 | 二级指标 | 三级指标 | 指标值
        产出指标 | 数量指标 | 保安人数 | 12人
    """)
    assert [row["text"] for row in result.issues if row["code"] == "duplicate-label"] == ["校园安保"]


DEPARTMENT = """
    > 部门整体支出绩效目标表
    > 单位：元
    部门名称 | 某局 | » | » | » | »
    HEADER
    ^ | 任务一 | 内容一 | 60 | 50 | 10
    ^ | 任务二 | 内容二 | 40 | 40 | 0
    ^ | 金额合计 | » | 100 | 90 | 10
    年度目标 | 目标甲。 | » | » | » | »
    绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
    ^ | 产出指标 | 数量指标 | 名一 | ≥40条 | »
"""


def test_a_column_of_amounts_beside_those_of_its_parts_is_the_total() -> None:
    for header in (
        "年度主要任务 | 任务名称 | 主要内容 | 预算金额 | 预算金额 | »\n^ | ^ | ^ | ^ | 财政拨款 | 其他资金",
        "年度主要任务 | 任务名称 | 主要内容 | 预算金额 | 预算金额 | »\n^ | ^ | ^ | 总额 | 财政拨款 | 其他资金",
        "年度主要任务 | 任务名称 | 主要内容 | 预算金额 | 其中：财政拨款 | 其他资金",
    ):
        result = read(DEPARTMENT.replace("HEADER", header))
        assert funds(result) == [("total", 0, 100), ("fiscal", 1, 90), ("other", 1, 10)], header
        assert not codes(result), header


def test_two_amounts_in_a_cell_are_told_and_groups_of_three_digits_are_one() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）单位：元
        项目名称 | 公路养护 | »
        项目资金 | 年度资金总额 | 100⏎200.50
        ^ | 财政拨款 | 1 234.50
        ^ | 其他资金 | 12 34
        绩效指标 | 一级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 养护里程 | 3600公里
    """)
    assert funds(result) == [("total", 0, None), ("fiscal", 1, 1234), ("other", 1, None)]
    assert codes(result) == ["unparsed-value", "unparsed-value"]


def _form(name: str, unit: str, amount: str) -> list[list[str]]:
    return [
        ["项目支出绩效目标表"], [f"（2024年度）单位：{unit}"], ["项目名称", name],
        ["年度资金总额", amount, "其中：财政拨款", amount],
        ["绩效指标", "二级指标", "三级指标", "指标值"], ["", "数量指标", f"个数{name}", f"{amount}个"],
    ]  # fmt: skip


def test_forms_beside_each_other_on_a_worksheet_are_read_apart() -> None:
    values = {
        (row, left + col): text
        for left, form in ((0, _form("左", "元", "10")), (5, _form("右", "万元", "20")))
        for row, cells in enumerate(form)
        for col, text in enumerate(cells)
        if text
    }
    rows = convert(build_xlsx([Tab(values=dict(values))]), "a.xlsx").rows
    projects = [row for row in rows["projects"] if isinstance(row, dict)]
    assert [(row["project_name"], row["money_unit"], _whole(row["total_annual"])) for row in projects] == [
        ("左", "元", 10), ("右", "万元", 200000)]  # fmt: skip
    indicators = [row for row in rows["indicators"] if isinstance(row, dict)]
    assert [(row["level3"], row["value"], row["row"], row["col"]) for row in indicators] == [
        ("个数左", 10.0, 5, 2), ("个数右", 20.0, 5, 7)]  # fmt: skip
    assert not [row for row in rows["issues"] if isinstance(row, dict) and row["severity"] != "info"]


SPLIT = """
    > 项目支出绩效目标表
    > （2023年度）单位：元
    项目名称 | 公路养护 | » | » | » | » | »
    年度资金总额 | 100 | » | » | » | » | »
    绩效指标 | 一级指标 | 二级指标 | 三级指标 | HEADER
    ^ | 产出指标 | 数量指标 | 名一 | ≥ | 40 | 条
    ^ | ^ | ^ | 名二 | 显著提升 | » | »
    ^ | ^ | ^ | 名三 | 定性 | 显著 | ∅
"""


def test_sign_figure_and_unit_in_cells_of_their_own_below_one_heading() -> None:
    for header in ("指标值 | » | »", "指标性质 | 指标值 | 度量单位"):
        result = read(SPLIT.replace("HEADER", header))
        found = [(row["value_text"], row["operator"], row["value"], row["unit"]) for row in result.indicators]
        assert found == [("40", ">=", 40.0, "条"), ("显著提升", None, None, None), ("显著", None, None, None)], header
        assert not codes(result), header


def test_below_one_heading_without_signs_nothing_is_guessed() -> None:
    result = read(SPLIT.replace("HEADER", "指标值 | » | »").replace("| ≥ |", "| 30 |"))
    assert "unread-cell" in codes(result)


def amounts(result: Normalized) -> list[tuple[object, ...]]:
    return [(str(row["project_id"])[-1], row["period"], row["stage"], _whole(row["amount"])) for row in result.funds]


def test_headings_below_one_of_amounts_are_amounts_and_no_goals() -> None:
    result = read("""
        > 项目绩效目标表
        > 单位：元
        项目名称 | 资金总额 | » | 一级指标 | 二级指标 | 三级指标 | 指标值
        ^ | 实施期 | 年度 | ^ | ^ | ^ | ^
        设备购置项目 | 300 | 100 | 产出指标 | 数量指标 | 购置设备 | ≥10台
    """)
    assert amounts(result) == [("1", "implementation", "declared", 300), ("1", "annual", "declared", 100)]


def test_two_projects_of_one_name_and_amount_are_two() -> None:
    result = read("""
        > 项目绩效目标表
        > 单位：元
        项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值
        设备购置项目 | 100 | 产出指标 | 数量指标 | 购置设备 | ≥10台
        ^ | ^ | 满意度指标 | 满意度指标 | 满意度 | ≥90%
        设备购置项目 | 100 | 产出指标 | 数量指标 | 购置车辆 | ≥2台
        ^ | ^ | 满意度指标 | 满意度指标 | 满意度 | ≥80%
    """)
    assert amounts(result) == [("1", "annual", "declared", 100), ("2", "annual", "declared", 100)]
    assert [str(row["project_id"])[-1] for row in result.indicators] == ["1", "1", "2", "2"]


def test_an_amount_that_several_projects_or_stages_share_is_told() -> None:
    result = read("""
        > 项目绩效目标表
        > 单位：元
        项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值
        设备购置项目 | 100 | 产出指标 | 数量指标 | 购置设备 | ≥10台
        道路养护项目 | ^ | 产出指标 | 数量指标 | 养护道路 | ≥10公里
    """)
    assert amounts(result) == [("1", "annual", "declared", 100)]
    assert codes(result) == ["shared-amount"]
    result = read("""
        > 项目支出绩效自评表
        > （2023年度）单位：元
        项目名称 | 甲 | » | » | »
        项目资金 | ∅ | 全年预算数 | 全年执行数 | 执行率
        ^ | 年度资金总额 | 120 | 110 | 91.67%
        ^ | 其他资金 | 7 | » | ∅
        绩效指标 | 一级指标 | 三级指标 | 指标值 | 实际完成值
        ^ | 产出指标 | 名一 | ≥40条 | 41条
    """)
    assert "shared-amount" in codes(result)


def test_an_amount_in_a_later_row_of_its_project() -> None:
    result = read("""
        > 项目绩效目标表
        > 单位：元
        项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值
        设备购置项目 | ∅ | 产出指标 | 数量指标 | 购置设备 | ≥10台
        ∅ | 100 | 产出指标 | 质量指标 | 合格率 | ≥95%
    """)
    assert amounts(result) == [("1", "annual", "declared", 100)]
    assert _whole(result.projects[0]["total_annual"]) == 100


def test_a_titled_list_of_projects_without_indicators_is_told() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 预算金额 | 绩效目标
        设备购置项目 | 100 | 目标一
    """)
    assert "unread-cell" in codes(result)


UNITS = """
    > 项目支出绩效目标表
    > CAPTION
    项目名称 | 公路养护 | » | »
    项目资金 | 年度资金总额 | 100 | UNIT
    绩效指标 | 一级指标 | 三级指标 | 指标值
    ^ | 产出指标 | 养护里程 | 3600公里
"""


def test_two_units_in_one_caption_are_none() -> None:
    result = read(UNITS.replace("CAPTION", "（2023年度） 单位：元/万元").replace("UNIT", "∅"))
    assert funds(result) == [("total", 0, None)]
    assert "missing-unit" in codes(result)


def test_the_unit_in_the_cell_behind_an_amount() -> None:
    result = read(UNITS.replace("CAPTION", "（２０２３年度）").replace("UNIT", "万元"))
    assert funds(result) == [("total", 0, 1000000)]
    assert (result.funds[0]["amount_text"], result.projects[0]["fiscal_year"]) == ("100", 2023)
    assert not codes(result)


def test_units_with_blanks_and_years_in_words() -> None:
    result = read(UNITS.replace("CAPTION", "二〇二三年度  单位：人民币/万 元").replace("UNIT", "∅"))
    assert (funds(result), result.projects[0]["fiscal_year"]) == ([("total", 0, 1000000)], 2023)


def test_a_weight_that_is_merged_over_indicators_counts_once() -> None:
    result = read("""
        > 项目支出绩效自评表
        > （2023年度）单位：元
        项目名称 | 甲 | » | » | » | » | » | »
        年度资金总额 | 100 | » | » | » | » | » | »
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分
        ^ | 产出指标 | 数量指标 | 名一 | ≥40条 | 41条 | 50 | 50
        ^ | ^ | ^ | 名二 | ≥40条 | 41条 | ^ | ^
        ^ | 效益指标 | 社会效益指标 | 名三 | ≥90% | 95% | 50 | 40
        总分 | » | » | » | » | » | 100 | 90
    """)
    assert [(row["weight"], row["score"]) for row in result.indicators] == [(50.0, 50.0), (None, None), (50.0, 40.0)]
    assert not codes(result)


def test_numbered_sources_and_the_parts_of_the_first() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）单位：元
        项目名称 | 甲 | » | »
        项目资金 | 年度资金总额 | 100 | ∅
        ^ | 1.财政拨款 | 60 | ∅
        ^ | 其中：中央补助 | 20 | ∅
        ^ | 省级补助 | 40 | ∅
        ^ | 2.其他资金 | 30 | ∅
        ^ | 3.市县（区）财政资金 | 10 | ∅
        绩效指标 | 一级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 名一 | ≥40人
    """)
    assert funds(result) == [
        ("total", 0, 100),
        ("fiscal", 1, 60),
        ("central", 2, 20),
        ("provincial", 2, 40),
        ("other", 1, 30),
        ("municipal_county", 1, 10),
    ]
    assert not codes(result)


def test_level_1_in_lines_over_all_columns() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）单位：元
        项目名称 | 甲 | » | »
        年度资金总额 | 100 | » | »
        绩效指标 | 二级指标 | 三级指标 | 指标值
        ^ | 产出指标 | » | »
        ^ | 数量指标 | 名一 | ≥40条
        ^ | 效益指标 | » | »
        ^ | 社会效益指标 | 名二 | ≥90%
    """)
    assert [(row["level1"], row["level2"], row["level3"]) for row in result.indicators] == [
        ("产出指标", "数量指标", "名一"), ("效益指标", "社会效益指标", "名二")]  # fmt: skip
    assert not codes(result)


def test_lists_of_self_evaluations_have_stages_and_achievements() -> None:
    result = read("""
        > 部门预算项目绩效自评表
        > 单位：元
        项目名称 | 年初预算数 | 全年预算数 | 全年执行数 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 完成情况
        设备购置项目 | 100 | 110 | 90 | 产出指标 | 数量指标 | 购置设备 | ≥10台 | 11台
        道路养护项目 | 200 | 210 | 190 | 产出指标 | 数量指标 | 养护道路 | ≥10公里 | 12公里
    """)
    assert [amount[2:] for amount in amounts(result)] == [
        ("initial", 100), ("budget", 110), ("executed", 90), ("initial", 200), ("budget", 210), ("executed", 190)]  # fmt: skip
    assert [_whole(row["total_annual"]) for row in result.projects] == [110, 210]
    assert [row["actual_text"] for row in result.indicators] == ["11台", "12公里"]
    assert [row.get("goal_actual") for row in result.projects] == [None, None]


def _pages(form: str, below: str) -> Normalized:
    """A form, and a table in the same columns on the next page."""
    grids = []
    for page, text in enumerate((form, below), 1):
        lines = "\n".join(line.strip() for line in text.strip().splitlines())
        (grid,) = parse_grids(lines)
        edges = tuple(50.0 + 80 * column for column in range(grid.n_cols + 1))
        cells = tuple(cell._replace(page=page) for cell in grid.cells)
        grids.append(replace(grid, page=page, edges=edges, cells=cells))
    return normalize(Document("pdf", tuple(grids), pages=2), "0" * 64)


TWO_PAGES = """
    > 项目支出绩效目标表
    > （2023年度）单位：元
    项目名称 | 甲 | » | » | »
    年度资金总额 | 100 | » | » | »
    绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
    ^ | 产出指标 | 数量指标 | 名一 | ≥40条
    ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90%
"""


def test_rows_of_another_list_below_a_satisfaction_are_told() -> None:
    assert not codes(_pages(TWO_PAGES, "∅ | ∅ | ∅ | 学员满意度 | ≥85%"))
    assert codes(_pages(TWO_PAGES, "∅ | ∅ | ∅ | 张三 | 1382\n∅ | ∅ | ∅ | 李四 | 1383")) == ["level-conflict"]
    assert "level-conflict" in codes(_pages(TWO_PAGES, "∅ | ∅ | 质量指标 | 合格率 | ≥85%"))


PAGE = """<table><tr><td>项目支出绩效目标表（2023年度）单位：元</td></tr></table><table>
<tr><td>项目名称<td colspan=4>甲<tr><td>年度资金总额<td colspan=4>100
<tr><td>一级指标<td>二级指标<td>三级指标<td>指标值<td>备注
<tr><td>产出指标<td>数量指标<td>名一<td>≥40条<td>统计
<tr><td>效益指标<td>社会效益指标<td>名二VALUE<td>抽查</table>"""


def test_a_row_that_lacks_a_cell_is_told() -> None:
    for value, found in (("<td>≥90%", []), ("", ["ragged-row"])):
        issues = convert(PAGE.replace("VALUE", value).encode(), "a.html").rows["issues"]
        assert [row["code"] for row in issues if isinstance(row, dict) and row["code"] == "ragged-row"] == found
    left_out = convert(
        PAGE.replace("<td>统计", "").replace("<td>抽查", "").replace("VALUE", "<td>≥90%").encode(), "a.html"
    )
    assert not [row for row in left_out.rows["issues"] if isinstance(row, dict) and row["code"] == "ragged-row"]


def test_a_text_like_a_source_without_an_amount_is_told() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）单位：元
        项目名称 | 甲 | 其他运转类
        年度资金总额 | 100 | ∅
        一级指标 | 三级指标 | 指标值
        产出指标 | 名一 | ≥40条
    """)
    assert [row["text"] for row in result.issues if row["code"] == "unread-cell"] == ["其他运转类"]


def test_sums_of_some_indicators_are_not_the_score_of_the_form() -> None:
    result = read("""
        > 项目支出绩效自评表
        > （2023年度）单位：元
        项目名称 | 甲 | » | » | » | » | »
        年度资金总额 | 100 | » | » | » | » | »
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 分值 | 得分
        ^ | 产出指标 | 数量指标 | 名一 | ≥40条 | 30 | 30
        ^ | ^ | 质量指标 | 名二 | ≥90% | 30 | 30
        ^ | 产出指标小计 | » | » | » | 60 | 60
        ^ | 效益指标 | 社会效益指标 | 名三 | 提升 | 40 | 30
        ^ | 小计 | » | » | » | 40 | 30
        总分 | » | » | » | » | 100 | 90
    """)
    assert (result.projects[0]["score_total"], len(result.indicators)) == (90.0, 3)
    assert not codes(result)


def test_a_titled_form_without_a_header_of_indicators_is_told() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）单位：元
        项目名称 | 甲 | » | »
        年度资金总额 | 100 | » | »
        产出指标 | 数量指标 | 名一 | ≥10公里
    """)
    assert funds(result) == [("total", 0, 100)]
    assert "unread-cell" in codes(result)


def test_a_figure_is_no_goal() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 甲 | » | »
        年度资金总额 | 100 | 年度 | 2023
        绩效指标 | 一级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 名一 | ≥10公里
    """)
    assert result.projects[0].get("goal_annual") is None
    assert "unparsed-value" in codes(result)

"""Forms of provinces and ministries that the generator does not know: each once read wrongly or in part, by a rule that was too narrow."""

from __future__ import annotations

from dataclasses import replace

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

INDICATORS = """
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | »
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | »
"""


def read(form: str) -> Normalized:
    lines = "\n".join(line.strip() for line in form.strip().splitlines())
    return normalize(Document("docx", tuple(parse_grids(lines))), "0" * 64)


def funds(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["period"], row["stage"], row["source"], int(str(row["amount"]).split(".")[0])) for row in result.funds]


def values(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["period"], row["level3"], row["value_text"]) for row in result.indicators]


def codes(result: Normalized) -> set[str]:
    return {str(row["code"]) for row in result.issues}


def unread(result: Normalized) -> set[str]:
    return {str(row["text"]) for row in result.issues if row["code"] == "unread-cell"}


def test_two_unnamed_halves_have_no_period_and_the_document_is_read() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2023年度）  单位：元
        项目名称 | 农村公路养护 | » | » | »
        项目总额 | 300 | » | 年度金额 | 100
        绩效指标 | 一级指标 | 三级指标 | 测算指标值 | 复核指标值
        ^ | 产出指标 | 养护里程 | 3600公里 | 1200公里
    """)
    assert [row["period"] for row in result.indicators] == [None, None]
    assert "ambiguous-period" in codes(result)


def test_an_amount_with_its_label_in_the_cell_behind_another_amount() -> None:
    result = read(f"""
        > 项目绩效目标表
        > 单位：元
        项目名称 | 办公楼维修 | » | » | » | »
        项目资金 | 实施期资金总额： | 90,000 | 年度资金总额：30,000 | » | »
        {INDICATORS}
    """)
    assert funds(result) == [("implementation", "declared", "total", 90000), ("annual", "declared", "total", 30000)]


def test_an_unknown_word_behind_an_amount_does_not_cost_the_amount() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        > 单位：万元
        项目名称 | 水文测报 | » | » | » | »
        项目资金 | 年度资金总额： | 1,286.40 | 打分口径（10） | » | »
        ^ | 其中：财政拨款 | 1,286.40 | ^ | » | »
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [12864000, 12864000]
    assert unread(result) == {"打分口径（10）"}


def test_the_unit_in_a_section_label_that_nobody_knows() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        项目名称 | 危房改造 | » | » | » | »
        经费落实（万元） | ∅ | 全年预算数 | 全年执行数 | 执行率 | »
        ^ | 年度资金总额 | 12,500.00 | 12,250.00 | 98% | »
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [125000000, 122500000]


def test_parts_belong_to_the_only_total_of_the_form() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 空间规划编制 | » | » | » | »
        项目资金 | 项目总预算 | 900 | 其中： | 财政拨款 | 600
        ^ | 其他资金 | 300 | ∅ | » | »
        {INDICATORS}
    """)
    assert {period for period, *_ in funds(result)} == {"implementation"}
    assert [amount for *_, amount in funds(result)] == [900, 600, 300]
    assert codes(result) <= {"unknown-layout"}


def test_a_goal_of_the_whole_beside_a_goal_of_the_year() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 公路养护 | » | » | » | »
        项目资金 | 年度资金总额 | 100 | » | » | »
        总体绩效目标 | 三年养护3600公里。 | » | » | » | »
        年度绩效目标 | 今年养护1200公里。 | » | » | » | »
        {INDICATORS}
    """)
    (project,) = result.projects
    assert (project["goal_implementation"], project["goal_annual"]) == ("三年养护3600公里。", "今年养护1200公里。")


def test_a_label_of_goals_beside_a_table_of_indicators_names_its_period() -> None:
    result = read("""
        > 部门预算项目申报表（绩效目标）
        > 单位：元
        项目名称 | 非遗传承 | » | » | »
        年度资金总额 | 100 | » | » | »
        长期绩效目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 数量指标 | 扶持传承人 | 30人
        年度绩效目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        ^ | 产出指标 | 数量指标 | 扶持传承人 | 10人
    """)
    assert values(result) == [("implementation", "扶持传承人", "30人"), ("annual", "扶持传承人", "10人")]


def test_the_year_before_last_is_no_target() -> None:
    form = """
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 免费开放 | » | » | » | »
        年度资金总额 | 100 | » | » | » | »
        绩效指标 | 一级指标 | 三级指标 | 指标值 | » | »
        ^ | ^ | ^ | 前年 | 上年 | LAST
        ^ | 产出指标 | 接待观众 | 18万人次 | 20万人次 | 22万人次
    """
    assert values(read(form.replace("LAST", "预计当年实现"))) == [("annual", "接待观众", "22万人次")]
    unknown = read(form.replace("LAST", "盼着的"))
    assert values(unknown) == [("annual", "接待观众", None)]
    assert "22万人次" in unread(unknown)


def test_a_spelling_beats_a_likeness_and_every_explanation_is_kept() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        单位名称 | 项目名称 | 资金 | 绩效目标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 暂估指标值 | 评（扣）分标准 | 备注
        民政局 | 社会救助 | 50 | 应保尽保 | 产出指标 | 数量指标 | 救助人数 | 5000人 | 救助困难群众 | 每少1%扣1分 | 无
    """)
    assert values(result) == [("annual", "救助人数", "5000人")]
    assert result.indicators[0]["explanation"] == "每少1%扣1分"
    assert ("备注", "无") in {(row["label"], row["text"]) for row in result.fields}
    assert unread(result) == {"暂估指标值", "救助困难群众"}


def test_lines_before_the_table_give_their_unit_whatever_else_they_say() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        > 经管处室：社保处　　　　单位：万元
        项目名称 | 社会救助 | » | » | » | »
        年度资金总额 | 50 | » | » | » | »
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [500000]


def test_the_management_table_of_a_transfer() -> None:
    result = read("""
        > 专项转移支付绩效自评表
        转移支付（项目）名称 | 农村危房改造 | » | » | »
        资金管理情况 | ∅ | 情况说明 | 存在问题和改进措施 | »
        ^ | 分配科学性 | 按因素法分配 | 无 | »
        总体目标完成情况 | 总体目标 | » | 全年实际完成情况 | »
        ^ | 改造5000户。 | » | 完成5012户。 | »
        绩效指标 | 一级指标 | 三级指标 | 指标值 | 全年实际完成值
        ^ | 产出指标 | 改造户数 | 5000户 | 5012户
    """)
    (project,) = result.projects
    assert (project["goal_annual"], project["goal_actual"]) == ("改造5000户。", "完成5012户。")
    assert ("分配科学性（情况说明）", "按因素法分配") in {(row["label"], row["text"]) for row in result.fields}
    assert not unread(result)


def test_an_amount_that_cannot_be_told_makes_no_wrong_sum() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        项目名称 | 空间规划编制 | » | » | » | »
        项目资金 | 年度资金总额 | 900万元 | » | » | »
        ^ | 其中：财政拨款 | 300.00 | » | » | »
        ^ | 其他资金 | 0.00 | » | » | »
        {INDICATORS}
    """)
    assert codes(result) == {"missing-unit"}


REST = """
∅ | ∅ | 质量指标 | 完好率 | ≥95% | »
∅ | 满意度指标 | 服务对象满意度指标 | 服务对象满意度 | ≥90% | »
"""


def test_a_table_that_word_cut_in_two_goes_on_without_a_header() -> None:
    head = f"> 项目支出绩效目标表\n> 单位：元\n项目名称 | 公厕管护 | » | » | » | »\n年度资金总额 | 50 | » | » | » | »\n{INDICATORS.strip()}"
    result = read(f"{head}\n\n{REST}")
    assert values(result) == [
        ("annual", "管护公厕", "≥86座"),
        ("annual", "完好率", "≥95%"),
        ("annual", "服务对象满意度", "≥90%"),
    ]
    assert [row["level1"] for row in result.indicators] == ["产出指标", "产出指标", "满意度指标"]
    narrower = "\n".join(line.removeprefix("∅ | ").strip() for line in REST.strip().splitlines())
    result = read(f"{head}\n\n{narrower}")
    assert values(result) == [("annual", "管护公厕", "≥86座")]
    assert {"完好率", "≥95%", "≥90%"} <= unread(result)


def test_a_goal_beside_its_label_above_a_word_that_nobody_knows() -> None:
    result = read(f"""
        > 部门整体支出绩效目标表
        > 2024年度　　　　金额单位：万元
        部门名称 | 水务局 | » | » | » | »
        年度资金总额 | 50 | » | » | » | »
        总体绩效目标 | 保障供水安全。 | » | » | » | »
        要紧的事 | 河道治理 | » | » | » | »
        {INDICATORS}
    """)
    (project,) = result.projects
    assert (project["goal_annual"], project["fiscal_year"]) == ("保障供水安全。", 2024)
    assert unread(result) == {"要紧的事", "河道治理"}


def test_the_unit_in_a_cell_of_its_own() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        编制单位： | 发改委 | » | » | 单位： | 万元
        项目名称 | 粮食储备 | » | » | 预算年度 | 2023
        年度资金总额 | 1360.5 | » | » | » | »
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [13605000]
    assert (result.projects[0]["money_unit"], result.projects[0]["fiscal_year"]) == ("万元", 2023)


def test_the_unit_in_another_heading_of_the_same_row() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        项目名称 | 工资性支出 | » | » | » | »
        预算执行情况 | 年度预算数(万元) | 年初预算 | 调整后预算数 | 预算执行数 | 预算执行率
        ^ | 总额 | 1,000.00 | 1,036.52 | 1,036.52 | 100%
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [10000000, 10365200, 10365200]


def test_labels_of_rows_are_no_text_of_their_section() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 工资性支出 | » | » | » | »
        项目基本情况 | 1.目标怎么完成 | 项目年度目标 | » | 年度目标完成情况 | »
        ^ | ^ | 工资及时发放。 | » | 按月足额发放。 | »
        ^ | 2.怎么做的 | 按月编表并发放。 | » | » | »
        年度资金总额 | 50 | » | » | » | »
        {INDICATORS}
    """)
    (project,) = result.projects
    assert (project["goal_annual"], project["goal_actual"]) == ("工资及时发放。", "按月足额发放。")
    assert not project.get("overview")


def test_the_sum_of_a_unit_in_a_list_belongs_to_no_project() -> None:
    result = read("""
        > 部门预算项目绩效目标表（2024年度）
        > 金额单位：元
        单位名称 | 项目名称 | 预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        317001-审计局 | » | 800 | ∅ | ∅ | ∅ | ∅ | ∅
        317001-审计局 | 工资性支出 | 800 | 及时发放 | 产出指标 | 数量指标 | 足额保障率 | 100%
        317002-财政局 | » | 500 | ∅ | ∅ | ∅ | ∅ | ∅
        317002-财政局 | 日常经费 | 500 | 保障运转 | 产出指标 | 数量指标 | 调整次数 | 5次
    """)
    assert [(row["project_name"], row["implementing_unit"]) for row in result.projects] == [
        ("工资性支出", "审计局"),
        ("日常经费", "财政局"),
    ]
    assert [amount for *_, amount in funds(result)] == [800, 500]
    assert not result.issues


def test_what_a_sum_lacks_may_be_the_part_that_was_not_read() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 粮食储备 | » | » | » | »
        年度资金总额 | 100 | 自家出的钱 | 70 | 上级转移支付 | 30
        {INDICATORS}
    """)
    assert unread(result) == {"自家出的钱", "70"}
    assert "funds-sum" not in codes(result)


def test_a_row_that_counts_the_columns_is_no_project() -> None:
    result = read("""
        > 部门项目支出绩效目标表
        项目名称 | 项目年度绩效目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        1 | 2 | 3 | 4 | 5 | 6
        信访维稳经费 | 做好信访工作。 | 产出指标 | 数量指标 | 接访批次 | 500批次
    """)
    assert [row["project_name"] for row in result.projects] == ["信访维稳经费"]
    assert values(result) == [("annual", "接访批次", "500批次")]
    assert not result.issues


def test_two_projects_of_one_name_in_a_list_are_those_of_two_units() -> None:
    result = read("""
        > 部门预算项目绩效目标表
        > 单位：元
        单位名称 | 项目名称 | 预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        审计局 | 日常经费 | 800 | 保障运转 | 产出指标 | 数量指标 | 调整次数 | 5次
        审计局 | 日常经费 | 800 | 保障运转 | 产出指标 | 质量指标 | 准确率 | 95%
        财政局 | 日常经费 | 500 | 保障运转 | 产出指标 | 数量指标 | 调整次数 | 6次
    """)
    assert [(row["implementing_unit"], row["total_annual"]) for row in result.projects] == [
        ("审计局", 800),
        ("财政局", 500),
    ]
    assert [
        len([row for row in result.indicators if row["project_id"] == p["project_id"]]) for p in result.projects
    ] == [2, 1]


def test_names_of_level_1_above_groups_of_columns() -> None:
    result = read("""
        > 2023年项目支出绩效目标表
        > 单位：元
        单位编码 | 项目名称 | 资金总额 | 绩效目标 | 产出指标 | » | 满意度指标 | »
        ^ | ^ | ^ | ^ | 三级指标 | 指标值 | 三级指标 | 指标值
        301001 | 公路养护 | 300 | 保障畅通 | 养护里程 | ≥50公里 | 司乘满意度 | ≥90%
        ∅ | ∅ | ∅ | ∅ | 优良路率 | ≥85% | ∅ | ∅
    """)
    found = [(row["period"], row["level1"], row["level3"]) for row in result.indicators]
    assert found == [
        ("annual", "产出指标", "养护里程"),
        ("annual", "满意度指标", "司乘满意度"),
        ("annual", "产出指标", "优良路率"),
    ]
    assert result.projects[0]["goal_annual"] == "保障畅通"
    assert not unread(result)


def test_the_first_amount_of_an_unknown_list_is_no_total() -> None:
    result = read(f"""
        > 部门整体绩效目标表
        > 单位：元
        部门名称 | 气象局 | » | » | » | »
        忙些什么 | 对应的事 | » | » | 总额 | 财政拨款
        ^ | 气象观测 | » | » | 200 | 200
        ^ | 人工增雨 | » | » | 50 | 40
        {INDICATORS}
    """)
    assert funds(result) == []
    assert {"200", "50", "40"} <= unread(result)


def test_stages_beside_their_amounts() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 工资性支出 | » | » | » | »
        项目资金 | 全年预算数（A） | 100 | 全年执行数（B） | 90 | 执行率（B/A）：90%
        {INDICATORS}
    """)
    assert funds(result) == [("annual", "budget", "total", 100), ("annual", "executed", "total", 90)]


def test_forms_side_by_side_in_a_table_that_arranges_the_page() -> None:
    inner = "项目名称 | {} | » | »\n年度资金总额 | {} | 其中：财政拨款 | {}\n绩效指标 | 二级指标 | 三级指标 | 指标值\n^ | 数量指标 | 数量 | 1个"
    outer = "> 项目支出绩效目标表\n> （2023年度）　单位：元\n∅ | ∅"
    grids = parse_grids(f"{outer}\n\n{inner.format('甲', 1, 1)}\n\n{inner.format('乙', 2, 2)}")
    grids = [grids[0], *(replace(grid, parent=0) for grid in grids[1:])]
    result = normalize(Document("docx", tuple(grids)), "0" * 64)
    assert [(row["project_name"], row["total_annual"], row["fiscal_year"]) for row in result.projects] == [
        ("甲", 1, 2023),
        ("乙", 2, 2023),
    ]


def test_a_template_with_blotted_names() -> None:
    result = read("""
        > 项目支出绩效目标申报表（模板）
        项目名称 | ××项目 | » | »
        主管部门 | ××局 | 实施单位 | ∅
        项目资金（万元） | 年度资金总额 | ∅ | »
        年度绩效目标 | 目标1：……⏎目标2：…… | » | »
        绩效指标 | 二级指标 | 三级指标 | 指标值
        ^ | 数量指标 | 指标1： | ∅
    """)
    assert codes(result) == {"placeholder-form"}
    assert not result.projects


SHANXI = """
> 项目支出绩效目标申报表
> （2023年度）　单位：元
项目名称 | 公厕管护 | » | 主管部门 | 城管局 | »
项目资金 | 实施期资金总额 | 300 | 年度资金总额 | 100 | »
项目概况 | 管护公厕。 | » | » | » | »
立项依据 | 城管〔2023〕1号 | » | » | » | »
∅ | 实施期目标 | » | 年度目标 | » | »
总体目标 | 管护三年。 | » | 管护一年。 | » | »
绩效指标 | 一级指标 | 三级指标 | 指标值 | 三级指标 | 指标值
^ | 产出指标 | 管护公厕 | ≥86座 | 管护公厕 | ≥80座
"""


def facts(result: Normalized) -> tuple[object, ...]:
    rows = ("project_name", "department", "overview", "basis", "goal_implementation", "goal_annual")
    return [[row.get(name) for name in rows] for row in result.projects], funds(result), values(result)


def test_single_labels_may_be_spelled_as_in_another_family() -> None:
    plain = read(SHANXI)
    assert not plain.issues
    assert plain.blocks[0].layout == "two_periods"
    borrowed = {
        "项目名称": "专项（资金）名称", "主管部门": "县级主管部门", "实施期资金总额": "项目总预算", "年度资金总额": "当年预算", "项目概况": "项目主要内容",
        "立项依据": "政策依据", "实施期目标": "中期目标", "年度目标": "项目年度目标", "三级指标": "指标内容", "指标值": "本年度计划水平",
    }  # fmt: skip
    for label, spelling in borrowed.items():
        result = read(SHANXI.replace(label, spelling))
        assert facts(result) == facts(plain), spelling
        assert not result.issues, spelling


def test_a_form_with_the_labels_of_many_families_is_that_of_none() -> None:
    form = SHANXI
    for label, spelling in (("项目名称", "工程名称"), ("主管部门", "市级主管部门"), ("实施期资金总额", "项目总投资"), ("项目概况", "项目内容"),
                            ("立项依据", "政策依据"), ("实施期目标", "总目标"), ("年度目标", "当年整体绩效目标")):  # fmt: skip
        form = form.replace(label, spelling)
    result = read(form)
    assert facts(result) == facts(read(SHANXI))
    assert codes(result) == {"unknown-layout"}


def test_labels_with_their_amounts_in_two_halves() -> None:
    result = read("""
        > 项目支出绩效目标申报表
        > （2023年度） 单位：元
        项目名称：同格 | » | 主管部门：某委 | » | »
        项目资金 | 实施期资金总额：20 | » | 年度资金总额：10 | »
        ^ | 其中：财政拨款：20 | » | 其中：财政拨款：10 | »
        总体目标 | 实施期目标 | 两年完成。 | 年度目标 | 一年完成。
        绩效指标 | 一级指标 | 三级指标 | 实施期指标值 | 年度指标值
        ^ | 产出指标 | 个数 | 2个 | 1个
    """)
    assert [(period, amount) for period, _, _, amount in funds(result)] == [
        ("implementation", 20),
        ("annual", 10),
        ("implementation", 20),
        ("annual", 10),
    ]
    (project,) = result.projects
    assert (project["goal_implementation"], project["goal_annual"]) == ("两年完成。", "一年完成。")
    assert not result.issues


def test_weights_of_levels_are_not_those_of_indicators() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 多级权重 | » | » | » | » | »
        年度资金总额 | 100 | » | » | » | » | »
        一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值 | 指标值
        产出指标 | 100 | 数量指标 | 100 | 个数 | 40 | ≥5个
        ^ | ^ | ^ | ^ | 次数 | 60 | ≥3次
    """)
    assert [(row["level3"], row["weight"], row["value_text"]) for row in result.indicators] == [
        ("个数", 40, "≥5个"),
        ("次数", 60, "≥3次"),
    ]
    assert not result.issues


def test_the_header_of_a_list_printed_again_begins_nothing() -> None:
    header = "序号 | 项目名称 | 预算金额 | » | 绩效目标 | 一级指标 | 二级指标 | 三级指标 | 指标值\n^ | ^ | 合计 | 其中：财政拨款 | ^ | ^ | ^ | ^ | ^"
    result = read(f"""
        > 部门预算项目支出绩效目标表
        > 单位：元
        {header}
        1 | 桥梁检测 | 30 | 20 | 检测到位 | 产出指标 | 数量指标 | 桥梁 | 12座
        {header}
        ∅ | ∅ | ∅ | ∅ | ∅ | 满意度指标 | 满意度指标 | 满意度 | ≥90%
        合计 | ∅ | 30 | 20 | ∅ | ∅ | ∅ | ∅ | ∅
    """)
    assert [row["project_name"] for row in result.projects] == ["桥梁检测"]
    assert values(result) == [("annual", "桥梁", "12座"), ("annual", "满意度", "≥90%")]
    assert [amount for *_, amount in funds(result)] == [30, 20]
    assert codes(result) == {"unknown-layout"}  # 其中 names one part of the total, not all of them


def test_a_row_of_dashes_is_no_indicator() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 横线 | » | »
        年度资金总额 | 100 | » | »
        绩效指标 | 二级指标 | 三级指标 | 指标值
        ^ | 数量指标 | 个数 | —
        ^ | 时效指标 | — | —
    """)
    assert values(result) == [("annual", "个数", "—")]


def test_amounts_of_what_is_no_source_are_kept() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 履职 | » | » | » | »
        项目资金 | ∅ | 年初预算数 | 全年预算数 | 全年执行数 | 执行率
        ^ | 年度资金总额 | 600 | 620 | 610 | 98.39%
        ^ | 基本支出 | 400 | 410 | 405 | 98.78%
        {INDICATORS}
    """)
    assert ("基本支出（全年执行数）", "405") in {(row["label"], row["text"]) for row in result.fields}
    assert not unread(result)


def test_empty_cells_between_labels_and_amounts() -> None:
    result = read(f"""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 公厕 | » | » | » | »
        项目资金 | ∅ | ∅ | 全年预算数 | 全年执行数 | 执行率
        ^ | 年度资金总额 | ∅ | 600 | 300 | 50%
        {INDICATORS}
    """)
    assert funds(result) == [("annual", "budget", "total", 600), ("annual", "executed", "total", 300)]
    assert result.projects[0]["total_annual"] == 600


def test_a_column_that_is_empty_all_the_way_is_a_gap() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | ∅ | 公厕管护 | »
        年度资金总额 | ∅ | 100 | »
        年度绩效目标 | ∅ | 管护一年。 | »
        二级指标 | ∅ | 三级指标 | 指标值
        数量指标 | ∅ | 管护公厕 | ≥86座
    """)
    (project,) = result.projects
    assert (project["project_name"], project["goal_annual"]) == ("公厕管护", "管护一年。")
    assert [amount for *_, amount in funds(result)] == [100]


def test_a_project_of_a_list_without_indicators_is_a_project() -> None:
    result = read("""
        > 部门预算项目绩效目标表
        > 单位：元
        单位名称 | 项目名称 | 预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
        审计局 | 甲项目 | 800 | 甲目标 | 产出指标 | 数量指标 | 个数 | 5次
        审计局 | 乙项目 | 300 | ∅ | ∅ | ∅ | ∅ | ∅
        一行说明文字 | » | » | » | » | » | » | »
        填表人：李四 | » | 联系电话：123 | » | » | » | » | »
    """)
    assert [(row["project_name"], row["total_annual"]) for row in result.projects] == [("甲项目", 800), ("乙项目", 300)]
    assert unread(result) == {"一行说明文字"}


def test_a_line_below_two_goals_is_none_of_them() -> None:
    result = read("""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 公厕 | » | » | »
        年度总体目标 | 预期目标 | » | 实际完成情况 | »
        ^ | 管护一年。 | » | 管护了。 | »
        一行没人认得的文字 | » | » | » | »
        绩效指标 | 二级指标 | 三级指标 | 指标值 | 完成值
        ^ | 数量指标 | 管护公厕 | ≥86座 | 86座
    """)
    (project,) = result.projects
    assert (project["goal_annual"], project["goal_actual"]) == ("管护一年。", "管护了。")


DEPARTMENT = """
部门名称 | {} | »
年度资金总额 | 100 | »
年度总体目标 | 目标{}。 | »
二级指标 | 三级指标 | 指标值
数量指标 | 个数 | 5个
"""


def test_forms_one_behind_the_other_under_one_title() -> None:
    title = "> 部门整体支出绩效目标表\n> （2023年度）　单位：万元\n"
    one, two, three = (DEPARTMENT.format(name, name).strip() for name in ("甲局", "乙局", "丙局"))
    for form in (f"{one}\n{two}\n{three}", f"{one}\n\n{two}\n\n{three}"):
        result = read(title + form)
        found = [
            (row["department"], row["goal_annual"], row["total_annual"], row["fiscal_year"]) for row in result.projects
        ]
        assert found == [(name, f"目标{name}。", 1000000, 2023) for name in ("甲局", "乙局", "丙局")]
        assert len(result.indicators) == 3


def test_a_unit_said_above_one_table_does_not_hold_below_another_title() -> None:
    one, two = (DEPARTMENT.format(name, name).strip() for name in ("甲局", "乙局"))
    result = read(f"> 部门整体支出绩效目标表\n> 单位：万元\n{one}\n\n> 部门整体支出绩效目标表\n{two}")
    assert [row["total_annual"] for row in result.projects] == [1000000, None]
    assert "missing-unit" in codes(result)


def test_the_total_score_in_a_table_of_its_own() -> None:
    result = read("""
        > 项目支出绩效自评表
        > 单位：元
        项目名称 | 公厕 | » | » | »
        年度资金总额 | 100 | » | » | »
        绩效指标 | 三级指标 | 指标值 | 分值 | 得分
        ^ | 个数 | 5个 | 100 | 98

        总分 | » | » | 100 | 98
    """)
    assert result.projects[0]["score_total"] == 98


def test_a_heading_and_another_table_below_a_form_on_one_sheet() -> None:
    result = read("""
        项目支出绩效目标表 | ∅ | ∅
        （2023年度）　　单位：元 | ∅ | ∅
        项目名称 | 非遗保护 | »
        年度资金总额 | 30 | »
        一级指标 | 三级指标 | 指标值
        产出指标 | 传承人 | 20人
        工作开展情况 | ∅ | ∅
        年份 | 评价项目数 | 评价资金
        2021 | 3 | 120
    """)
    assert values(result) == [("annual", "传承人", "20人")]
    assert {"评价资金", "120"} <= unread(result)


def test_an_attachment_number_between_a_template_and_a_form() -> None:
    result = read("""
        项目支出绩效目标申报表（模板） | » | »
        项目名称 | ××项目 | »
        年度资金总额 | ∅ | »
        二级指标 | 三级指标 | 指标值
        数量指标 | 指标1： | ∅
        附件2： | ∅ | ∅
        项目支出绩效目标申报表 | » | »
        项目名称 | 道路照明 | »
        年度资金总额（元） | 45 | »
        二级指标 | 三级指标 | 指标值
        质量指标 | 亮灯率 | ≥98%
    """)
    assert [row["project_name"] for row in result.projects] == ["道路照明"]
    assert codes(result) == {"placeholder-form"}


def test_a_unit_in_a_row_above_a_list_is_that_of_its_projects() -> None:
    result = read("""
        项目支出绩效目标表 | » | » | » | »
        编制单位：文化馆 | ∅ | ∅ | ∅ | 单位：万元
        项目名称 | 资金总额 | 二级指标 | 三级指标 | 指标值
        免费开放 | 60 | 数量指标 | 开放天数 | 300天
        非遗保护 | 20 | 数量指标 | 保护项目 | 12个
    """)
    found = [(row["project_name"], row["implementing_unit"], row["total_annual"]) for row in result.projects]
    assert found == [("免费开放", "文化馆", 600000), ("非遗保护", "文化馆", 200000)]
    assert not result.issues


def test_parts_are_in_the_unit_of_their_total() -> None:
    result = read(f"""
        > 项目支出绩效目标表
        项目名称 | 养老 | » | » | » | »
        年度资金总额（万元） | 120 | » | 其中：财政拨款 | 100 | »
        其他资金 | 20 | » | » | » | »
        {INDICATORS}
    """)
    assert [amount for *_, amount in funds(result)] == [1200000, 1000000, 200000]


def test_the_year_in_one_of_two_headings_of_values() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 养护 | » | »
        年度资金总额 | 120 | » | »
        二级指标 | 三级指标 | 实施周期指标值 | 年度指标值
        数量指标 | 里程 | 3600公里 | 1200公里
    """)
    assert values(result) == [("implementation", "里程", "3600公里"), ("annual", "里程", "1200公里")]

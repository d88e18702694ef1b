"""What hangs on a label changes what it says: a period in brackets, a part of the year or a forecast before it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize
from yusuan.normalize.hanging import behind_part_of_year, period_in_brackets
from yusuan.normalize.text import label_key, label_stem


def read(form: str) -> Normalized:
    lines = "\n".join(line.strip() for line in form.strip().splitlines())
    return normalize(Document("docx", tuple(parse_grids(lines))), "0" * 64)


def money(result: Normalized) -> list[tuple[object, ...]]:
    return [(row["period"], row["stage"], row["source"], int(Decimal(str(row["amount"])))) for row in result.funds]


# --- a period in brackets ---------------------------------------------------------------------------------------------

STACKED = """
    > 预算项目绩效目标表
    > 2024年度    单位：元
    项目名称 | 社区矫正工作经费 | » | » | »
    资金总额（实施期） | 900,000 | » | 资金总额（年度） | 300,000
    绩效指标（实施期） | 一级指标 | 二级指标 | 三级指标 | 指标值
    ^ | 产出指标 | 数量指标 | 矫正对象人数 | ≥150人
    ^ | 效益指标 | 社会效益指标 | 再犯罪率 | ≤0.5%
    绩效指标（年度） | 一级指标 | 二级指标 | 三级指标 | 指标值
    ^ | 产出指标 | 数量指标 | 矫正对象人数 | ≥50人
    ^ | 效益指标 | 社会效益指标 | 再犯罪率 | ≤0.2%
"""


def test_a_period_in_the_brackets_of_a_label() -> None:
    result = read(STACKED)
    assert [(row["period"], row["value_text"]) for row in result.indicators] == [
        ("implementation", "≥150人"), ("implementation", "≤0.5%"), ("annual", "≥50人"), ("annual", "≤0.2%")]  # fmt: skip
    assert money(result) == [
        ("implementation", "declared", "total", 900_000), ("annual", "declared", "total", 300_000)]  # fmt: skip


def test_a_period_in_the_brackets_of_a_column_of_a_list() -> None:
    result = read("""
        > 项目支出绩效目标表
        > 单位：元
        项目名称 | 资金总额（实施期） | 资金总额（年度） | 一级指标 | 二级指标 | 三级指标 | 指标值（2024-2026年） | 指标值（年度）
        古树名木保护 | 900000 | 300000 | 产出指标 | 数量指标 | 保护株数 | 360株 | 120株
        ^ | ^ | ^ | 效益指标 | 生态效益指标 | 古树存活率 | ≥98% | ≥99%
    """)
    assert money(result) == [
        ("implementation", "declared", "total", 900_000), ("annual", "declared", "total", 300_000)]  # fmt: skip
    assert sorted((row["period"], row["value_text"]) for row in result.indicators) == [
        ("annual", "120株"), ("annual", "≥99%"), ("implementation", "360株"), ("implementation", "≥98%")]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "period"),
    [
        ("绩效指标（实施期）", "implementation"), ("指标值（本年度）", "annual"), ("指标值（上年）", "prior"), ("绩效目标（2024年—2026年）", "implementation"),
        ("资金总额（年度）（万元）", "annual"), ("指标值（实际完成）", None), ("指标值（完成值）", "other"), ("指标值（明年）", "other"),
        ("年度指标值（三年）", None), ("项目资金（元）", None), ("产出指标（50分）", None), ("市县（区）财政资金", None), ("指标值（2024年度）", None),
    ],
)  # fmt: skip
def test_which_brackets_say_a_period(label: str, period: str | None) -> None:
    assert period_in_brackets(label_key(label), label_stem(label)) == period


# --- a part of the year -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "rest"),
    [
        ("1—7月执行数", "执行数"), ("1-8月份执行率", "执行率"), ("截至7月底支出数", "支出数"), ("2023年1-6月预算执行数", "执行数"), ("上半年完成值", "完成值"),
        ("第三季度指标值", "指标值"), ("全年预计执行数", "执行数"), ("预计年底完成值", "完成值"), ("全年执行数", None), ("年初预算数", None), ("一季度", None),
    ],
)  # fmt: skip
def test_a_part_of_the_year_before_a_label(label: str, rest: str | None) -> None:
    assert behind_part_of_year(label_key(label)) == rest


def test_values_by_quarter_are_no_targets_of_the_year() -> None:
    result = read("""
        > 项目绩效目标表
        > （2024年度） 单位：万元
        项目名称 | 环卫作业服务 | » | » | » | »
        资金总额 | 400 | » | 财政拨款 | 400 | »
        一级指标 | 二级指标 | 三级指标 | 全年指标值 | 一季度 | 上半年指标值
        产出指标 | 数量指标 | 清扫面积 | 320万平方米 | 80万平方米 | 160万平方米
        效益指标 | 生态效益指标 | 城区整洁率 | ≥95% | ≥90% | ≥92%
    """)
    assert [(row["period"], row["value_text"]) for row in result.indicators] == [
        ("annual", "320万平方米"),
        ("annual", "≥95%"),
    ]
    assert not any(row["code"] == "unread-cell" for row in result.issues)


# --- a heading's place ------------------------------------------------------------------------------------------------


def test_a_budget_beside_what_was_spent_and_their_parts_below() -> None:
    """The evaluation of the years before 财预〔2020〕10号: two labels with their totals, the parts of each below it."""
    result = read("""
        > 项目支出绩效自评表（2022年度）
        项目名称 | 城市书房建设 | » | » | » | »
        主管部门 | 文广旅局 | » | 实施单位 | 图书馆 | »
        预算执行情况（万元） | 预算数： | 300 | 执行数： | 285 | »
        ^ | 其中：财政拨款 | 290 | 其中：财政拨款 | 275 | »
        ^ | 其他资金 | 10 | 其他资金 | 10 | »
        绩效指标 | 一级指标 | 二级指标 | 三级指标 | 预期指标值 | 实际完成指标值
        ^ | 产出指标 | 数量指标 | 城市书房 | 5座 | 5座
        ^ | 效益指标 | 社会效益 | 年接待读者 | 20万人次 | 23.6万人次
    """)
    assert money(result) == [
        ("annual", "budget", "total", 3_000_000), ("annual", "executed", "total", 2_850_000),
        ("annual", "budget", "fiscal", 2_900_000), ("annual", "executed", "fiscal", 2_750_000),
        ("annual", "budget", "other", 100_000), ("annual", "executed", "other", 100_000)]  # fmt: skip


def test_a_column_of_directions_with_signs_are_the_operators() -> None:
    result = read("""
        > 部门项目支出绩效目标表
        > 单位：万元
        项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标方向 | 指标值 | 计量单位
        科技创新券 | 300 | 产出指标 | 数量指标 | 支持企业数 | ≥ | 150 | 家
        ^ | ^ | 效益指标 | 社会效益指标 | 企业获得感 | 定性 | 增强 | ∅
        ^ | ^ | 满意度指标 | 服务对象满意度指标 | 差评率 | ≤ | 5 | %
    """)
    assert [(row["operator"], row["value"]) for row in result.indicators] == [(">=", 150), (None, None), ("<=", 5)]


def test_the_section_s_label_may_head_the_names_or_the_first_level() -> None:
    flat = read("""
        > 2023年一般性项目绩效目标表
        > 单位：元
        项目名称 | 智慧政务平台运维 | » | » | »
        主管部门 | 区大数据局 | 当年预算 | 2,300,000.00 | »
        绩效指标 | 指标权重 | 计量单位 | 指标性质 | 指标值
        系统可用率 | 60 | % | ≥ | 99.9
        用户满意度 | 40 | % | ≥ | 90
    """)
    assert [(row["level3"], row["operator"], row["value"]) for row in flat.indicators] == [
        ("系统可用率", ">=", 99.9), ("用户满意度", ">=", 90)]  # fmt: skip
    levels = read("""
        > 项目支出绩效目标表
        单位名称 | 区文旅局 | » | 单位：万元
        项目名称 | 文化下乡 | » | »
        预算金额 | 小计 | 财政拨款 | 其他资金
        ^ | 45 | 40 | 5
        绩效指标 | 二级指标 | 三级指标 | 指标值
        产出指标 | 数量指标 | 送戏场次 | 100场
        满意度指标 | 满意度 | 群众满意度 | 92%
    """)
    assert [row["level1"] for row in levels.indicators] == ["产出指标", "满意度指标"]
    assert [row[-1] for row in money(levels)] == [450_000, 400_000, 50_000]


NUMBERED = """
    > 项目支出绩效目标表
    > （2024年度）  单位：万元
    项目名称 | 乡村医生补助 | » | »
    项目资金 | 年度资金总额 | 210 | »
    ^ | FIRST财政拨款 | 200 | »
    ^ | （1）中央 | 80 | »
    ^ | （2）省级 | 60 | »
    ^ | （3）县级 | 60 | »
    ^ | SECOND单位自筹 | 10 | »
    年度目标 | 补助乡医。 | » | »
    一级指标 | 二级指标 | 三级指标 | 指标值
    产出指标 | 数量指标 | 补助乡医 | 350人
    效益指标 | 社会效益指标 | 网底稳定 | 稳定
"""


@pytest.mark.parametrize(("first", "second"), [("1.", "2."), ("一、", "二、"), ("（一）", "（二）")])
def test_numbers_before_sources_say_which_are_parts_of_a_part(first: str, second: str) -> None:
    result = read(NUMBERED.replace("FIRST", first).replace("SECOND", second))
    assert [row["depth"] for row in result.funds] == [0, 1, 2, 2, 2, 1]
    assert result.issues == []


BY_YEAR = """
    > 2024年项目支出绩效目标表
    > 单位：万元
    项目名称 | 古籍修复 | » | » | » | »
    资金总额 | 120 | » | 财政拨款 | 120 | »
    一级指标 | 二级指标 | 三级指标 | 2023年指标值 | 2024年指标值 | 2025年指标值
    产出指标 | 数量指标 | 修复册数 | 300册 | 420册 | 380册
    效益指标 | 社会效益指标 | 古籍利用率 | ≥60% | ≥65% | ≥70%
"""


def test_of_values_by_year_that_of_the_form_is_the_target() -> None:
    result = read(BY_YEAR)
    assert [(row["period"], row["value_text"]) for row in result.indicators] == [
        ("annual", "420册"),
        ("annual", "≥65%"),
    ]
    kept = [(row["label"], row["text"]) for row in result.fields if "指标值" in str(row["label"])]
    assert kept[:2] == [("2023年指标值", "300册"), ("2025年指标值", "380册")]


@pytest.mark.parametrize(
    ("above", "below"),
    [("指标值 | »", "实施期 | 年度"), ("实施期 | 年度", "^ | ^")],
)
def test_periods_alone_head_the_values(above: str, below: str) -> None:
    result = read(f"""
        > 项目支出绩效目标申报表
        > （2024年度）  单位：万元
        项目名称 | 农田水利建设 | » | » | »
        项目资金 | 实施期资金总额 | 9000 | 年度资金总额 | 3500
        一级指标 | 二级指标 | 三级指标 | {above}
        ^ | ^ | ^ | {below}
        产出指标 | 数量指标 | 新增灌溉面积 | 9万亩 | 3万亩
        效益指标 | 经济效益指标 | 亩均增收 | ≥300元 | ≥100元
    """)
    assert [(row["period"], row["value_text"]) for row in result.indicators] == [
        ("implementation", "9万亩"), ("annual", "3万亩"), ("implementation", "≥300元"), ("annual", "≥100元")]  # fmt: skip


def test_columns_of_an_evaluation_with_a_heading_over_the_sources() -> None:
    result = read("""
        > 2023年度项目支出绩效自评表
        > 单位：元
        项目名称 | 便民服务 | » | » | »
        预算执行情况 | 项目 | 预算数 | 执行数 | 执行率
        ^ | 财政拨款 | 300,000.00 | 280,000.00 | 93.33%
        ^ | 合计 | 300,000.00 | 280,000.00 | 93.33%
        一级指标 | 二级指标 | 三级指标 | 年度指标值 | 完成值
        产出指标 | 数量指标 | 服务窗口 | 12个 | 12个
        效益指标 | 社会效益指标 | 办件量 | ≥5万件 | 5.6万件
    """)
    assert money(result) == [
        ("annual", "budget", "fiscal", 300_000), ("annual", "executed", "fiscal", 280_000),
        ("annual", "budget", "total", 300_000), ("annual", "executed", "total", 280_000)]  # fmt: skip


def test_a_row_below_the_indicators_that_is_none_is_told() -> None:
    result = read("""
        > 项目支出绩效目标表
        > （2024年度）  单位：元
        项目名称 | 粮食储备 | » | »
        年度资金总额 | 400,000 | 财政拨款 | 400,000
        一级指标 | 二级指标 | 三级指标 | 年度指标值
        产出指标 | 数量指标 | 储备规模 | 5000吨
        效益指标 | 社会效益指标 | 供应保障 | 稳定
        指标调整 | 调整前 | 5500吨 | 调整后
    """)
    assert [row["code"] for row in result.issues] == ["level-conflict"]

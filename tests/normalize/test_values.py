"""Indicator values: every way of writing of FORMS §3, and what must stay without a figure."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.grammar import grammar
from yusuan.normalize.lookups import words
from yusuan.normalize.numbers import fold
from yusuan.normalize.value_text import Value
from yusuan.normalize.values import parse_indicator_value, parse_operator

# text, operator, value, upper, unit
QUANTITATIVE = [
    ("23台/套", None, 23, None, "台/套"),
    ("23台（套）", None, 23, None, "台(套)"),
    ("100%", None, 100, None, "%"),
    ("１００％", None, 100, None, "%"),
    ("95 ％", None, 95, None, "%"),
    ("12个", None, 12, None, "个"),
    ("4次", None, 4, None, "次"),
    ("0起", None, 0, None, "起"),
    ("0", None, 0, None, None),
    ("≥30个", ">=", 30, None, "个"),
    ("＞85%", ">", 85, None, "%"),
    ("≥ 95 %", ">=", 95, None, "%"),
    (">=95%", ">=", 95, None, "%"),
    ("≧95%", ">=", 95, None, "%"),
    ("⩾95%", ">=", 95, None, "%"),
    ("≮95%", ">=", 95, None, "%"),
    ("≯95%", "<=", 95, None, "%"),
    ("≦3%", "<=", 3, None, "%"),
    ("⩽3%", "<=", 3, None, "%"),
    ("<=3天", "<=", 3, None, "天"),
    ("﹤3%", "<", 3, None, "%"),
    ("《3%", "<", 3, None, "%"),
    ("〈3%", "<", 3, None, "%"),
    ("》95%", ">", 95, None, "%"),
    ("〉95", ">", 95, None, None),
    ("﹥95", ">", 95, None, None),
    ("﹦95", "=", 95, None, None),
    ("＝100.00（%）", "=", 100, None, "%"),
    ("=100.00(%)", "=", 100, None, "%"),
    ("≥90.00(%)", ">=", 90, None, "%"),
    ("≥100百分比", ">=", 100, None, "百分比"),
    ("≥80M", ">=", 80, None, "M"),
    ("985米", None, 985, None, "米"),
    ("≥266米", ">=", 266, None, "米"),
    ("50厘米", None, 50, None, "厘米"),
    ("29.5亩", None, 29.5, None, "亩"),
    ("192只", None, 192, None, "只"),
    ("125 公里", None, 125, None, "公里"),
    ("≥11.376万元", ">=", 11.376, None, "万元"),
    ("5000元/年", None, 5000, None, "元/年"),
    ("20元/人/天", None, 20, None, "元/人/天"),
    ("50元/人·天", None, 50, None, "元/人·天"),
    ("600元每人每年", None, 600, None, "元每人每年"),
    ("250万", None, 250, None, "万"),
    ("2万人次", None, 2, None, "万人次"),
    ("超13万元/年", ">", 13, None, "万元/年"),
    ("1,053,300", None, 1053300, None, None),
    ("３，518.85万元", None, 3518.85, None, "万元"),
    ("968.191 8万元", None, 968.1918, None, "万元"),
    ("不低于95%", ">=", 95, None, "%"),
    ("不少于3次", ">=", 3, None, "次"),
    ("至少3次", ">=", 3, None, "次"),
    ("95%以上", ">=", 95, None, "%"),
    ("2次以上", ">=", 2, None, "次"),
    ("95%及以上", ">=", 95, None, "%"),
    ("95%（含）以上", ">=", 95, None, "%"),
    ("95%以上（含95%）", ">=", 95, None, "%"),
    ("达到95%以上", ">=", 95, None, "%"),
    ("大于等于95%", ">=", 95, None, "%"),
    ("大于或等于95%", ">=", 95, None, "%"),
    ("超过95%", ">", 95, None, "%"),
    ("高于95%", ">", 95, None, "%"),
    ("不超过5天", "<=", 5, None, "天"),
    ("不高于5天", "<=", 5, None, "天"),
    ("5%以下", "<=", 5, None, "%"),
    ("5%以内", "<=", 5, None, "%"),
    ("控制在5%以内", "<=", 5, None, "%"),
    ("控制在65万元之内", "<=", 65, None, "万元"),
    ("5个工作日内", "<=", 5, None, "个工作日"),
    ("24小时内", "<=", 24, None, "小时"),
    ("小于5%", "<", 5, None, "%"),
    ("不足5%", "<", 5, None, "%"),
    ("约100人", None, 100, None, "人"),
    ("100人左右", None, 100, None, "人"),
    ("100余人", None, 100, None, "人"),
    ("每年≥2次", ">=", 2, None, "次"),
    ("不少于每年2次", ">=", 2, None, "次"),
    ("每月8次", None, 8, None, "次"),
    ("8次/月", None, 8, None, "次/月"),
    ("全年12次", None, 12, None, "次"),
    ("完成3场培训", None, 3, None, "场培训"),
    ("满意度≥95%", ">=", 95, None, "%"),
    ("完成率达到95%以上", ">=", 95, None, "%"),
    ("培训人数：100人", None, 100, None, "人"),
    ("指标1：≥95%", ">=", 95, None, "%"),
    ("提高到95%", None, 95, None, "%"),
    ("100%完成", None, 100, None, "%"),
    ("30个行政村", None, 30, None, "个行政村"),
    ("3台一体机", None, 3, None, "台一体机"),
    ("100m2", None, 100, None, "m2"),
    ("100㎡", None, 100, None, "㎡"),
    ("≤35μg/m³", "<=", 35, None, "μg/m³"),
    ("12个月", None, 12, None, "个月"),
    ("3年", None, 3, None, "年"),
    ("100年", None, 100, None, "年"),
    ("340%", None, 340, None, "%"),
    ("2280次", None, 2280, None, "次"),
    ("-5%", None, -5, None, "%"),
    ("≥-5%", ">=", -5, None, "%"),
    ("“≥95%”。", ">=", 95, None, "%"),
    ("同比增长5%", None, 5, None, "%"),
    ("90%-95%", "range", 90, 95, "%"),
    ("90%～95%", "range", 90, 95, "%"),
    ("90-95%", "range", 90, 95, "%"),
    ("90%至95%", "range", 90, 95, "%"),
    ("5——10人", "range", 5, 10, "人"),
    ("2-3次", "range", 2, 3, "次"),
    ("每年1-2次", "range", 1, 2, "次"),
    ("100~200人", "range", 100, 200, "人"),
    ("3-5年", "range", 3, 5, "年"),
    ("在80%与90%之间", "range", 80, 90, "%"),
    ("≥80且≤90", "range", 80, 90, None),
    ("≥80%，≤90%", "range", 80, 90, "%"),
    ("大于80小于90", "range", 80, 90, None),
    ("80≤x≤90", "range", 80, 90, None),
    ("80%≤满意度<90%", "range", 80, 90, "%"),
]

DATES = [
    ("2023年12月前", "<="),
    ("2022年12月底前", "<="),
    ("12月31日前", "<="),
    ("2024年6月30日之前", "<="),
    ("12月底前完成支付", "<="),
    ("年底前", "<="),
    ("每月10日前", "<="),
    ("不晚于2022年12月31日", "<="),
    ("≤2022年12月31日", "<="),
    ("2022-12-31", None),
    ("2023年", None),
    ("2023年全年", None),
    ("2022年12月完成", None),
    ("2023年度", None),
    ("2022年第四季度", None),
    ("1-12月", None),
    ("2022年1月-12月", None),
    ("2022-2024年", None),
    ("2023.07-2024.01", None),
]

PLACEHOLDERS = ["XX", "××", "**", "*", "/", "……", "—", "——", "-", "xx%", "≥**%", "≥X人", "**元/人·月", "指标1：", "》 亩", "》  %", "≥", "%", "20XX年"]  # fmt: skip

QUALITATIVE = [
    "及时", "满意", "提高", "优良中低差", "达成预期指标", "不超预算", "较上年提高", "合格", "是", "无", "全年", "零投诉", "数百人", "一级", "A级", "3级", "第1名", "三次",
    "百分之九十五", "5000吨稻谷、500吨成品粮", "192只/12头", "3人2次", "12次/年，每次2天", "2022年完成全部建设任务", "12月31日前完成率100%", "±5%", "1/3", "2/3以上", "1:1", "7×24小时",
    "1,05,300", "1.2.3", "95，100%", "95, 100", "100 200", "1. 95%", "- 5%", "098", "90%-95", "100%-90%", "5-10日", "①95%", "10²", "3个半月", "5处室内", "3个小时后", "1项通过验收", "5人参加",
    "《2022年办法》", "印发《方案》1份", "3月", "≤12月", "12月内", "2023.07", "20221231", "2023-2025", "下降5%", "满意度提升5%", "≥95%（含90%）", "80%和90%", "约2-3次", "1234567890123456",
    "PM2.5≤35", "超额完成5%", "不高于同类项目", "2040610 社区矫正", "9:00-17:00",
]  # fmt: skip


@pytest.mark.parametrize(("text", "operator", "value", "upper", "unit"), QUANTITATIVE)
def test_figures(text: str, operator: str | None, value: float, upper: float | None, unit: str | None) -> None:
    assert parse_indicator_value(text) == Value("quantitative", operator, value, upper, unit)


@pytest.mark.parametrize(("text", "operator"), DATES)
def test_points_in_time_have_no_number(text: str, operator: str | None) -> None:
    assert parse_indicator_value(text) == Value("date", operator)


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders(text: str) -> None:
    assert parse_indicator_value(text) == Value("placeholder")


@pytest.mark.parametrize("text", QUALITATIVE)
def test_what_is_not_certain_has_no_number(text: str) -> None:
    assert parse_indicator_value(text) == Value("qualitative")


@pytest.mark.parametrize("text", ["", " ", "\n", "　", "\u200b"])
def test_empty(text: str) -> None:
    assert parse_indicator_value(text, operator="≥", unit="%") == Value("empty")


# text, operator column, unit column → operator, value, unit, suspect
COLUMNS = [
    ("95", "≥", "%", ">=", 95, "%", None),
    ("3", "大于等于", " 次 ", ">=", 3, "次", None),
    ("95", "＝", "（%）", "=", 95, "%", None),
    ("95", None, "/", None, 95, None, None),
    ("95", "正向", "%", None, 95, "%", None),
    ("≥95%", "≥", "%", ">=", 95, "%", None),
    ("95%以上", "≥", "百分比", ">=", 95, "%", None),
    ("5万", "≤", "元", "<=", 5, "万元", None),
    ("5万", "≤", "万元", "<=", 5, "万元", None),
    ("95%", "定性", "/", None, 95, "%", None),
    ("约100", "≥", "人", None, 100, "人", None),
    ("90-95", "＝", "分", "range", 90, "分", None),
    ("≥95", "＝", "%", None, 95, "%", "suspect-operator"),
    ("95%", "≥", "人", ">=", 95, "%", "unit-conflict"),
    ("5万", "≥", "亿元", ">=", 5, "万", "unit-conflict"),
    ("3", "≥", "（100字以内）", ">=", 3, None, "unit-conflict"),
]


@pytest.mark.parametrize(("text", "operator", "unit", "read", "value", "read_unit", "suspect"), COLUMNS)
def test_columns_of_operator_and_unit(
    text: str,
    operator: str | None,
    unit: str,
    read: str | None,
    value: float,
    read_unit: str | None,
    suspect: str | None,
) -> None:
    parsed = parse_indicator_value(text, operator=operator, unit=unit)
    assert (parsed.operator, parsed.value, parsed.unit, parsed.suspect) == (read, value, read_unit, suspect)
    assert (parsed.reason is None) == (suspect is None)


@pytest.mark.parametrize(("text", "kind"), [("优良中低差", "qualitative"), ("95", "qualitative"), ("—", "placeholder")])
def test_a_qualitative_column_yields_no_bare_number(text: str, kind: str) -> None:
    assert parse_indicator_value(text, operator="定性", unit="/") == Value(kind)


@pytest.mark.parametrize(
    ("name", "header", "unit"),
    [
        ("满意度（%）", "", "%"),
        ("满意度%", "", "%"),
        ("培训人数（人/次）", "", "人/次"),
        ("满意度", "指标值（%）", "%"),
        ("满意度（社区）", "", None),
        ("满意度（本级）", "指标值（包含数字及文字描述）", None),
        ("满意度", "", None),
    ],
)
def test_the_unit_may_stand_in_name_or_header(name: str, header: str, unit: str | None) -> None:
    assert parse_indicator_value("100", name=name, header=header) == Value("quantitative", None, 100.0, None, unit)
    assert parse_indicator_value("100人", name=name, header=header).unit == "人"


@pytest.mark.parametrize("text", ["292%", "290%", "295.5%", "2100%"])
def test_the_two_that_was_a_sign_is_flagged_and_kept(text: str) -> None:
    for name in ("服务对象满意度", "设备合格率（%）"):
        parsed = parse_indicator_value(text, name=name)
        assert (parsed.value, parsed.operator, parsed.suspect) == (float(text[:-1]), None, "suspect-operator")
    assert parse_indicator_value(text, name="客流增长率").suspect is None
    assert parse_indicator_value("≥" + text, name="服务对象满意度").suspect is None
    assert parse_indicator_value(text, name="服务对象满意度", operator="≥").suspect is None


@pytest.mark.parametrize("text", ["25%", "200%", "300%", "120%", "292次", "100%"])
def test_other_figures_are_not_suspected(text: str) -> None:
    assert parse_indicator_value(text, name="服务对象满意度").suspect is None


def test_contradictions_in_one_text_are_flagged() -> None:
    parsed = parse_indicator_value("超过95%以上")
    assert (parsed.value, parsed.operator, parsed.suspect) == (95.0, None, "suspect-operator")
    doubled = parse_indicator_value("≥95%%")
    assert (doubled.value, doubled.unit, doubled.suspect) == (95.0, "%%", "suspect-operator")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("同比增长5%", "旅游收入", 5),
        ("同比增长5%", "旅游收入增长率", 5),
        ("同比增长5%", "群众满意度", None),
        ("同比增长5%", "能耗下降率", None),
        ("下降3%", "能耗下降率", 3),
        ("下降3%", "能耗", None),
        ("降低到3%", "能耗", 3),
    ],
)
def test_a_change_is_read_only_where_it_cannot_be_taken_for_a_level(text: str, name: str, value: float | None) -> None:
    assert parse_indicator_value(text, name=name).value == value


@pytest.mark.parametrize(
    ("text", "name", "unit", "expected"),
    [
        ("12月", "支付月数", None, Value("quantitative", None, 12.0, None, "月")),
        ("12月", "项目完成时间", None, Value("date")),
        ("≤12月", "项目完成时间", None, Value("date", "<=")),
        ("12.31", "完成时限", None, Value("date")),
        ("12.31", "单价", None, Value("quantitative", None, 12.31)),
        ("20221231", "完成时间", None, Value("date")),
        ("20221231", "投资额", "元", Value("quantitative", None, 20221231.0, None, "元")),
        ("2023", "完成年份", None, Value("date")),
        ("2023", "验收", "年", Value("date")),
        ("2023", "培训人数", "人", Value("quantitative", None, 2023.0, None, "人")),
    ],
)
def test_name_and_unit_tell_moments_from_quantities(text: str, name: str, unit: str | None, expected: Value) -> None:
    assert parse_indicator_value(text, name=name, unit=unit) == expected


def test_operator_columns() -> None:
    assert [parse_operator(text) for text in ("≥", "＞", " = ", "小于等于", "定性", "正向", "")] == [
        ">=", ">", "=", "<=", None, None, None,
    ]  # fmt: skip


def test_no_word_has_two_meanings() -> None:
    known = grammar()
    classes = [set(known.operators), set(known.approximate), set(known.trend), set(words("words", "neutral", "words"))]
    for index, one in enumerate(classes):
        for other in classes[index + 1 :]:
            assert not one & other


CHARACTERS = st.sampled_from(
    "0123456789.,，%％≥≤<>=《》-—~～约超不低于每年次人万元/()（） \n月日前以上以内×X*…增长下降"
)
TEXTS = st.one_of(st.text(max_size=60), st.text(alphabet=CHARACTERS, max_size=16))


@given(TEXTS, TEXTS, st.none() | TEXTS, st.none() | TEXTS)
def test_any_text_is_read_and_only_its_own_digits_appear(
    text: str, name: str, operator: str | None, unit: str | None
) -> None:
    parsed = parse_indicator_value(text, name=name, operator=operator, unit=unit)
    assert parsed.kind in {"quantitative", "qualitative", "date", "placeholder", "empty"}
    assert (parsed.value is not None) == (parsed.kind == "quantitative")
    if parsed.kind not in {"quantitative", "date"}:
        assert (parsed.operator, parsed.unit) == (None, None)
    assert (parsed.value_upper is not None) == (parsed.operator == "range")
    digits = "".join(char for char in fold(text) if char in string.digits)
    for figure in (parsed.value, parsed.value_upper):
        if figure is not None:
            shown = f"{abs(figure):.15f}".rstrip("0").rstrip(".") if abs(figure) < 1e3 else f"{abs(figure):.6f}"
            significant = shown.rstrip("0").rstrip(".").replace(".", "").strip("0")
            assert significant[:12] in digits


@given(
    st.integers(0, 10**7),
    st.sampled_from(["%", "个", "人次", "万元", "元/人·月"]),
    st.sampled_from(["", "≥", "不超过"]),
)
def test_plain_values_round_trip(number: int, unit: str, sign: str) -> None:
    for written in (str(number), f"{number:,}" if "%" not in unit else str(number)):
        parsed = parse_indicator_value(f"{sign}{written}{unit}")
        assert (parsed.value, parsed.unit) == (number, unit)
        assert parsed.operator == {"": None, "≥": ">=", "不超过": "<="}[sign]

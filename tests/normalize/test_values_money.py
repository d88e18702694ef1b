"""Numbers, amounts of money and their units: exact, never recomputed, never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.money import FACTORS, Money, parse_money, parse_money_unit
from yusuan.normalize.numbers import fold, parse_score, parse_weight

NUMBERS = [
    ("660,000", "660000"),
    ("1,053,\n300", "1053300"),
    ("1,053, 300", "1053300"),
    ("3，518.85", "3518.85"),
    ("３，５１８．８５", "3518.85"),
    ("968.191 8", "968.1918"),
    ("968. 1918", "968.1918"),
    ("1 234.50", "1234.50"),
    ("1\u00a0234\u2009567.5", "1234567.5"),
    ("12\u202f345.00", "12345.00"),
    ("12 34", None),
    ("12 34.50", None),
    ("1 234", None),
    ("1234 567.00", None),
    ("1\n234.50", None),
    ("1\t100.50", None),
    ("      771,325,800.00 ", "771325800.00"),
    ("7242318", "7242318"),
    ("0", "0"),
    ("0.00", "0.00"),
    ("-5", "-5"),
    ("−5.5", "-5.5"),
    ("1,05,300", None),
    ("10,0000", None),
    ("1053,300", None),
    ("1.2.3", None),
    ("007", None),
    ("1. 95", None),
    ("660, 000", None),
    ("100 200", None),
    ("1 0 0", None),
    ("- 5", None),
    ("(5)", None),
    ("", None),
    ("—", None),
    ("５．", None),
    ("①", None),
    ("٣", None),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_numbers(text: str, number: str | None) -> None:
    assert parse_money(text, "元").number == (None if number is None else Decimal(number))


# text, declared unit, amount in 元, unit used, conflict
AMOUNTS = [
    ("660,000", "元", "660000", "元", None),
    ("10,308,000.00", "元", "10308000", "元", None),
    ("65", "万元", "650000", "万元", None),
    ("238.93", "万元", "2389300", "万元", None),
    ("968.191 8", "万元", "9681918", "万元", None),
    ("3，518.85万元", "万元", "35188500", "万元", None),
    ("6923.3552万元", "万元", "69233552", "万元", None),
    ("279,285.70万元", None, "2792857000", "万元", None),
    ("250万", None, "2500000", "万元", None),
    ("250万", "万元", "2500000", "万元", "repeated-magnitude"),
    ("2026400元", "万元", "2026400", "元", "other-unit"),
    ("250万", "元", "2500000", "万元", "other-unit"),
    ("1.5", "亿元", "150000000", "亿元", None),
    ("5", "千元", "5000", "千元", None),
    ("人民币65万元整", "元", "650000", "万元", "other-unit"),
    ("65（万元）", "万元", "650000", "万元", None),
    ("-5", "元", "-5", "元", None),
    ("0", "万元", "0", "万元", None),
    ("0.00", None, "0", None, None),
    ("12.340000000000002", "万元", "123400", "万元", None),
    ("0.30000000000000004", "元", "0.3", "元", None),
]


@pytest.mark.parametrize(("text", "unit", "amount", "used", "conflict"), AMOUNTS)
def test_amounts(text: str, unit: str | None, amount: str, used: str | None, conflict: str | None) -> None:
    money = parse_money(text, unit)
    assert money.amount_yuan == Decimal(amount)
    assert (money.unit_used, money.conflict, money.bad, money.dash, money.inexact) == (
        used,
        conflict,
        False,
        False,
        False,
    )
    assert money.amount_yuan.as_tuple().exponent == -2


@pytest.mark.parametrize("text", ["", " ", "\n", "*", "**", "……", "××"])
def test_empty_and_filler_cells_have_no_amount(text: str) -> None:
    assert parse_money(text, "元") == Money()


@pytest.mark.parametrize("text", ["—", "——", "-", "/", " / ", "无"])
def test_dashes_are_neither_empty_nor_zero(text: str) -> None:
    assert parse_money(text, "元") == Money(dash=True)


@pytest.mark.parametrize(
    "text",
    [
        "见附件",
        "≤65万元",
        "约3万",
        "(5)",
        "△5",
        "1,05,300",
        "100 200",
        "65万元/年",
        "10-20",
        "12345678901234567890",
        "5%",
    ],
)
def test_other_texts_are_reported(text: str) -> None:
    assert parse_money(text, "元") == Money(bad=True, unreadable=True)


def test_a_figure_without_any_unit_has_no_amount() -> None:
    assert parse_money("65", None) == Money(number=Decimal(65), bad=True)


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [("1.005", "元", "1.00"), ("1.015", "元", "1.02"), ("-0.001", "元", "0.00"), ("0.1234567", "万元", "1234.57")],
)
def test_what_does_not_fit_is_rounded_half_to_even_and_said(text: str, unit: str, amount: str) -> None:
    money = parse_money(text, unit)
    assert (str(money.amount_yuan), money.inexact) == (amount, True)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4), st.sampled_from(sorted(FACTORS)))
def test_amounts_are_linear_in_the_unit(digits: int, places: int, unit: str) -> None:
    number = Decimal(digits).scaleb(-places)
    money = parse_money(f"{number:f}", unit)
    exact = number * FACTORS[unit]
    assert money.amount_yuan is not None
    assert abs(money.amount_yuan - exact) <= Decimal("0.005")
    assert money.inexact == (money.amount_yuan != exact)


@given(st.text(max_size=30), st.sampled_from([None, *FACTORS]))
def test_any_text_gives_an_amount_or_says_why_not(text: str, unit: str | None) -> None:
    money = parse_money(text, unit)
    assert (money.amount_yuan is None) or not (money.bad or money.dash)
    assert fold(fold(text)) == fold(text)
    parse_money_unit(text)


UNITS = [
    ("表（一）      （2022年度）      单位：元", "元"),
    ("单位:万元", "万元"),
    ("单位: 千元", "千元"),
    ("金额单位：万元", "万元"),
    ("（单位：人民币万元）", "万元"),
    ("单 位：万 元", "万元"),
    ("单位：万元   填报日期：2022年1月1日", "万元"),
    ("项目资金⏎（元）", "元"),
    ("项目资金（万元）", "万元"),
    ("[万元]", "万元"),
    ("【亿元】", "亿元"),
    ("预算数（单位：万元）", "万元"),
    ("万元", "万元"),
    ("单位：个", None),
    ("实施单位：元宝山区财政局", None),
    ("预算单位：元", None),
    ("（万元/个）", None),
    ("万元/个", None),
    ("单位：元/人", None),
    ("单位：元、万元", None),
    ("项目资金（元） 单位：万元", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "unit"), UNITS)
def test_units_of_money(text: str, unit: str | None) -> None:
    assert parse_money_unit(text) == unit


WEIGHTS = [
    ("10", 10.0),
    ("10%", 10.0),
    ("１０分", 10.0),
    ("（10）", 10.0),
    ("10（分）", 10.0),
    ("2.5", 2.5),
    ("—", None),
    ("/", None),
    ("40-50", None),
    ("≥10", None),
    ("10分/20分", None),
    ("-2", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "weight"), WEIGHTS)
def test_weights(text: str, weight: float | None) -> None:
    assert parse_weight(text) == weight
    assert parse_score(text) == (-2.0 if text == "-2" else weight)

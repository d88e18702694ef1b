"""Dates, terms and fiscal years: only what is printed in full becomes a date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.dates import Term, parse_date, parse_fiscal_year, parse_term

DATES = [
    ("2024-01-01", date(2024, 1, 1)),
    ("2026/1/1", date(2026, 1, 1)),
    ("2022.12.31", date(2022, 12, 31)),
    ("2015 年 1 月1 日", date(2015, 1, 1)),
    ("２０２２年１月１日", date(2022, 1, 1)),
    ("20241231", date(2024, 12, 31)),
    ("2024-01-01 00:00:00", date(2024, 1, 1)),
    ("2024-02-30", None),
    ("2024-13-01", None),
    ("2024/1-1", None),
    ("24-01-01", None),
    ("26-05", None),
    ("2023年12月", None),
    ("2023年12月31日前", None),
    ("2023年", None),
    ("12345678", None),
    ("", None),
    ("长期", None),
]


@pytest.mark.parametrize(("text", "day"), DATES)
def test_dates(text: str, day: date | None) -> None:
    assert parse_date(text) == day


YEAR_2015 = (date(2015, 1, 1), date(2015, 12, 31))
TERMS = [
    ("3年", Term(3.0)),
    ("三年", Term(3.0)),
    ("3 年", Term(3.0)),
    ("1年期", Term(1.0)),
    ("3年（2022年-2024年）", Term(3.0)),
    ("12个月", Term(1.0)),
    ("18个月", Term(1.5)),
    ("2年6个月", Term(2.5)),
    ("2015 年 1 月1 日 —— 2015 年 12 月 31 日", Term(None, *YEAR_2015)),
    ("2015年1月1日至2015年12月31日", Term(None, *YEAR_2015)),
    ("2015年1月1日至12月31日", Term(None, *YEAR_2015)),
    ("2015-01-01至2015-12-31", Term(None, *YEAR_2015)),
    ("2015-01-01-2015-12-31", Term(None, *YEAR_2015)),
    ("2015.1.1-2015.12.31", Term(None, *YEAR_2015)),
    ("2015/1/1～2015/12/31", Term(None, *YEAR_2015)),
    ("20150101-20151231", Term(None, *YEAR_2015)),
    ("1年（2015年1月1日-2015年12月31日）", Term(1.0, *YEAR_2015)),
    ("2015年2月30日至2015年12月31日", Term()),
    ("2023.07-2024.01", Term()),
    ("2023年4月-2024年2月", Term()),
    ("(2024 年-2026 年)", Term()),
    ("22年1月-24年12月", Term()),
    ("2022年", Term()),
    ("2022年度", Term()),
    ("长期", Term()),
    ("", Term()),
]


@pytest.mark.parametrize(("text", "term"), TERMS)
def test_terms(text: str, term: Term) -> None:
    assert parse_term(text) == term


YEARS = [
    ("（2022年度）", 2022),
    ("( 2023 年度)", 2023),
    ("（   2023年度）", 2023),
    ("表（一）      （2022年度）      单位：元", 2022),
    ("2023年项目支出绩效目标申报表", 2023),
    ("大同市2022年部门预算", 2022),
    ("２０２２年度", 2022),
    ("2 0 2 2 年度", 2022),
    ("二〇二二年度", 2022),
    ("二○二三年项目支出绩效目标表", 2023),
    ("2022年度（2023年编）", 2022),
    ("（  年度）", None),
    ("2022-2023年度", None),
    ("2022年度 2023年度", None),
    ("2022年和2023年", None),
    ("2022年12月31日", None),
    ("（20XX年度）", None),
    ("12022年度", None),
    ("1222年度", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "year"), YEARS)
def test_fiscal_years(text: str, year: int | None) -> None:
    assert parse_fiscal_year(text) == year


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_full_dates_round_trip(start: date, end: date) -> None:
    for form in (
        "{0.year}年{0.month}月{0.day}日",
        "{0.year}/{0.month}/{0.day}",
        "{0:%Y-%m-%d}",
        "{0.year} 年 {0.month}月 {0.day} 日",
    ):
        assert parse_date(form.format(start)) == start
        assert parse_term(f"{form.format(start)} —— {form.format(end)}") == Term(None, start, end)


@given(st.text(alphabet="0123456789年月日-./至~ 个度（）()一二三〇前", max_size=30) | st.text(max_size=30))
def test_any_text_is_read(text: str) -> None:
    term = parse_term(text)
    assert (term.start is None) == (term.end is None)
    year = parse_fiscal_year(text)
    assert year is None or 1950 <= year < 2100
    parse_date(text)

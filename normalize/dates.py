"""Dates, fiscal years and terms of projects. Only what is printed in full becomes a date; a month alone never does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from yusuan.normalize.text import compact

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_CHINESE_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0"}
_YEAR = r"(?:19[5-9]|20[0-9])[0-9]"

_DAY = (
    rf"(?P<y>{_YEAR})(?:年(?P<m1>[01]?[0-9])月(?P<d1>[0-3]?[0-9])[日号]?"
    r"|(?P<sep>[-./])(?P<m2>[01]?[0-9])(?P=sep)(?P<d2>[0-3]?[0-9]))"
)
_DATE = re.compile(rf"{_DAY}(?:T?0?0:00(?::00(?:\.0+)?)?)?")
_DIGITS8 = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_UNNAMED_DAY = re.sub(r"\?P<\w+>", "", _DAY.replace("(?P=sep)", "[-./]"))
_DATE_RANGE = re.compile(
    rf"(?:[自从])?(?P<start>{_UNNAMED_DAY}|[0-9]{{8}})(?:起)?(?:[-~—–―─至到]+|止)(?P<end>{_UNNAMED_DAY}|[0-9]{{8}}|[01]?[0-9]月[0-3]?[0-9]日)(?:止|结束)?"
)

_NUMERALS = {char: value for value, char in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0.5}
_YEARS = re.compile(
    r"(?:共|为期|期限)?(?P<n>[0-9]{1,2}(?:\.[0-9])?|[一二两三四五六七八九十半])(?P<unit>年|个月|个年度)(?:期|整)?(?:(?P<m>[0-9]{1,2})个月)?"
)
_NOTES = re.compile(r"\([^()]*\)")

_SPACED_YEAR = r"(?<![0-9])([12]\s*[09]\s*[0-9]\s*[0-9])\s*年"
_FISCAL = re.compile(_SPACED_YEAR + r"\s*度")
_PLAIN_YEAR = re.compile(_SPACED_YEAR + r"(?!\s*[0-9]{1,2}\s*月)")
_YEAR_RANGE = re.compile(rf"(?<![0-9]){_YEAR}\s*年?度?\s*(?:[-~—–―─至到、]+|和|及)\s*{_YEAR}(?![0-9])")
_CHINESE_YEAR = re.compile(r"[一二][〇○零九][〇○零一二三四五六七八九]{2}(?=\s*年)")


@dataclass(frozen=True, slots=True)
class Term:
    """`years` only where a number of years or months is stated; a range of dates states dates, not years."""

    years: float | None = None
    start: date | None = None
    end: date | None = None


def _plain(text: str) -> str:
    plain = compact(text).translate(_WIDTH).replace("−", "-")
    return re.sub("[～∼〜]", "~", plain)


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 2023-02-30: not a day
        return None


def _day(plain: str) -> date | None:
    match = _DATE.fullmatch(plain)
    if match:
        return _date(match["y"], match["m1"] or match["m2"], match["d1"] or match["d2"])
    digits = _DIGITS8.fullmatch(plain)
    return _date(*digits.groups()) if digits and re.match(_YEAR, plain) else None


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """A full date: `2024-01-01`, `2026/1/1`, `2015 年 1 月1 日`, `20240101`. Months, two-digit years and 前 → None."""
    return _day(_plain(text))


@lru_cache(maxsize=4096)
def parse_term(text: str) -> Term:
    """`3年`, `三年`, `12个月` (1.0), `2015年1月1日——2015年12月31日`; `2023.07-2024.01` and `长期` give nothing."""
    plain = _plain(text).replace("（", "(").replace("）", ")")
    start = end = None
    found = _DATE_RANGE.search(plain)
    if found:
        start = _day(found["start"])
        ending = found["end"]
        if start is not None and re.match(r"[01]?[0-9]月", ending):  # 2022年1月1日至12月31日: the year is said once
            ending = f"{start.year}年{ending}"
        end = _day(ending)
        if start is None or end is None:
            start = end = None
        plain = plain[: found.start()] + plain[found.end() :]
    return Term(_years(plain), start, end)


def _years(plain: str) -> float | None:
    match = _YEARS.fullmatch(_NOTES.sub("", plain).strip("(),;。"))
    if match is None:
        return None
    number = float(_NUMERALS[match["n"]] if match["n"] in _NUMERALS else match["n"])
    if match["unit"] == "个月":
        return None if match["m"] else number / 12
    return number + (int(match["m"]) / 12 if match["m"] else 0)


@lru_cache(maxsize=4096)
def parse_fiscal_year(text: str) -> int | None:
    """The year of `（2022年度）`, `( 2023 年度)`, `2023年项目…`, `二〇二二年度`; None for blank, range, two years."""
    plain = _CHINESE_YEAR.sub(
        lambda match: "".join(_CHINESE_DIGITS.get(char, char) for char in match.group()), text.translate(_WIDTH)
    )
    if _YEAR_RANGE.search(plain):
        return None
    for pattern in (_FISCAL, _PLAIN_YEAR):
        years = {int(compact(match[1])) for match in pattern.finditer(plain)}
        if years:
            year = years.pop()
            return year if not years and 1950 <= year < 2100 else None
    return None

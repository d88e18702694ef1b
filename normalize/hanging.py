"""Words that hang on a label and change what it says: a period in brackets behind it, a part of the year or a forecast before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from yusuan.normalize.lookups import words, words_of

MEASURES = ("数", "率", "值", "况", "额")
"""How labels of what was planned, spent or reached end."""
OTHER_THAN_PLANNED = "other"
"""What brackets say that name neither the term nor the year: a later one, or what was reached."""
_PERIODS = ("implementation", "annual", "prior")
_BRACKETED = re.compile(r"\(([^()]{2,16})\)")
_YEARS = re.compile(r"(20\d\d)年?度?[-~—–至到]+(20\d\d)年?度?")
_ENDS = ("", "度", "目标", "指标", "金额", "值", "数", "情况")


def period_in_brackets(key: str, stem: str) -> str | None:
    """The period in the brackets of a label: `绩效指标(实施期)`, `资金总额(年度)`, `目标(2024-2026年)`; None where the stem's own words tell."""
    if "(" not in key or words_of(*_PERIODS).search(stem):
        return None
    return next((said for inner in _BRACKETED.findall(key) if (said := _said(inner))), None)


def period_alone(key: str) -> str | None:
    """The period of which a heading is the name and nothing more: 实施期, 年度, 全年, 2024-2026年."""
    said = _said(key)
    return said if said in _PERIODS else None


def _said(inner: str) -> str | None:
    years = _YEARS.fullmatch(inner)
    if years is not None:
        return "implementation" if years[1] < years[2] else None
    return _in_brackets().get(inner)


@cache
def _in_brackets() -> Mapping[str, str]:
    said = {word: period for period in _PERIODS for word in words("words", "periods", period)}
    others = (*words("words", "periods", "later"), *words("words", "periods", "actual"))
    said.update(dict.fromkeys(others, OTHER_THAN_PLANNED))
    return {f"{word}{end}": period for word, period in said.items() for end in _ENDS}


def behind_part_of_year(key: str) -> str | None:
    """The label behind a part of the year or a forecast: 执行数 in `1—7月执行数` and `全年预计执行数`."""
    match = _part_of_year().fullmatch(key)
    return match["label"] if match else None


@cache
def _part_of_year() -> re.Pattern[str]:
    before, between = ("|".join(words("words", "parts_of_year", name)) for name in ("before", "between"))
    return re.compile(rf"(?:20\d\d年度?)?(?:{before})(?:{between})*(?P<label>.+)")

"""The words around numbers, from schemas/lookups/words.toml, as compiled patterns over folded text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from yusuan.normalize.lookups import lookup, words
from yusuan.normalize.numbers import NUMBER, fold
from yusuan.normalize.units import either


def _spelled(section: str) -> Mapping[str, str]:
    """Spelling → operator, of the tables `operators` and `after`."""
    table = lookup("words")[section]
    if not isinstance(table, dict):
        raise TypeError(f"lookups/words.toml: {section} must be a table")
    return {fold(word): operator for operator in table for word in words("words", section, operator)}


@dataclass(frozen=True)
class Grammar:
    """`token` eats one known word before a number; the other sets say what kind of word it is."""

    operators: Mapping[str, str]
    after: Mapping[str, str]
    approximate: frozenset[str]
    trend: frozenset[str]
    token: re.Pattern[str]
    name: re.Pattern[str]
    no_name: re.Pattern[str]
    tail: re.Pattern[str]
    range: re.Pattern[str]
    double: re.Pattern[str]
    between: re.Pattern[str]
    inner_limits: frozenset[str]
    time_name: re.Pattern[str]
    count_name: re.Pattern[str]
    share_name: re.Pattern[str]
    level_name: re.Pattern[str]
    up: frozenset[str]
    down: frozenset[str]
    up_name: re.Pattern[str]
    down_name: re.Pattern[str]
    qualitative: frozenset[str]
    no_unit: frozenset[str]


# Any text where a unit may stand; `units.is_unit` decides afterwards whether it is one.
_UNIT = r"(?:\([^()0-9]{1,16}\)|[^()0-9≥≤<>=~-](?:[^()0-9≥≤<>=~-]|\([^()0-9]{1,8}\)|(?<=[mM])[23]){0,15}?)"


@cache
def grammar() -> Grammar:
    """The patterns, built once at the first value."""
    operators, after = _spelled("operators"), _spelled("after")
    sign = either(tuple(operators))
    approximate = words("words", "approximate", "before")
    trend_words = [word for part in ("compared", "up", "down") for word in words("words", "trend", part)]
    growth, decline = words("words", "trend", "up"), words("words", "trend", "down")
    ends = words("words", "shares", "ends")
    name = rf"[一-鿿、]{{0,14}}{either(words('words', 'neutral', 'name_ends'))}"
    suffix = rf"(?:{either(tuple(after))}|{either(words('words', 'approximate', 'after'))}|内)"
    included = rf"\(含(?P<included>{NUMBER})?(?:{_UNIT})?\)"
    share = rf"(?P<share>{either(words('words', 'share_words', 'words'))})"
    link = r"(?:且|并且|,且|,|、|和|及)"
    return Grammar(
        operators=operators,
        after=after,
        token=re.compile(
            either((*operators, *approximate, *trend_words, *words("words", "neutral", "words"))) + "[:,]?"
        ),
        approximate=frozenset(approximate),
        trend=frozenset(trend_words),
        name=re.compile(rf"{name}:?"),
        no_name=re.compile(either((*(word for word in operators if len(word) > 1), *trend_words))),
        tail=re.compile(
            rf"(?P<between>{either(words('words', 'approximate', 'between'))})?(?P<unit>{_UNIT})??"
            rf"(?P<after>{suffix})?(?:{included})?{share}?"
        ),
        range=re.compile(
            rf"(?P<low>{NUMBER})(?P<unit1>{_UNIT})??(?:[-~至到]|—{{1,2}}|--|(?P<apart>[与和]))(?P<high>{NUMBER})(?P<unit2>{_UNIT})??(?P<within>之间)?"
        ),
        double=re.compile(
            rf"(?P<op1>{sign})(?P<low>{NUMBER})(?P<unit1>{_UNIT})??{link}?(?P<op2>{sign})(?P<high>{NUMBER})(?P<unit2>{_UNIT})??"
        ),
        between=re.compile(
            rf"(?P<low>{NUMBER})(?P<unit1>{_UNIT})??(?P<op1>≤|<|<=)(?:[A-Za-z]|[一-鿿]{{1,14}})"
            rf"(?P<op2>≤|<|<=)(?P<high>{NUMBER})(?P<unit2>{_UNIT})?"
        ),
        inner_limits=frozenset(words("words", "limits", "inner")),
        time_name=re.compile(either(words("words", "time_names", "words"))),
        count_name=re.compile(either(words("words", "time_names", "counts"))),
        share_name=re.compile(rf"{either(ends)}$"),
        level_name=re.compile(rf"{either(words('words', 'shares', 'levels'))}$"),
        up=frozenset(growth),
        down=frozenset(decline),
        up_name=re.compile(either(growth)),
        down_name=re.compile(either(decline)),
        qualitative=frozenset(words("words", "columns", "qualitative")),
        no_unit=frozenset(map(fold, words("words", "columns", "no_unit"))),
    )

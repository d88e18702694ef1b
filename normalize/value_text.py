"""What the text of an indicator's value states by itself: number, range, operator, unit, change, moment.

A figure is read only where every word around it is known (schemas/lookups/words.toml, units.toml). Anything else is
qualitative with the words kept: a missing figure is seen, a wrong one is believed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from yusuan.normalize.grammar import Grammar, grammar
from yusuan.normalize.moments import parse_moment
from yusuan.normalize.numbers import MAX_DIGITS, NUMBER, fold, to_decimal
from yusuan.normalize.text import is_dash, is_filler
from yusuan.normalize.units import is_unit

_LONGEST = 48  # a longer text is a sentence, whatever figures it holds
DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(NUMBER)
_SEVERAL = re.compile(r"[0-9][.,]*[^0-9.,].*[0-9]")  # what may hold two numbers
_EDGES = "\"'“”‘’。;,、!"
_NO_NUMBER = r"(?:[×xX✕*○〇]{1,2}|[×xX✕]{2,}|\*{2,}|_{2,}|[.…⋯]{2,}|[…⋯]|\(\))"
_REDACTED = re.compile(r"[×✕*○]{2,}|(?<![A-Za-z])[xX]{2,}(?![A-Za-z])|_{2,}")
_ITEM = re.compile(r"^指标[0-9一二三四五六七八九]{1,2}:(?=.)")  # 指标1：≥95%
_STOP_AT_END = re.compile(r"(?<=[^0-9.])\.$")


class Value(NamedTuple):
    """One indicator value. `kind`: quantitative, qualitative, date, placeholder, empty; only the first has numbers.

    `suspect` is an issue code where the text is kept but doubted (`suspect-operator`, `unit-conflict`), `reason` the
    Chinese clause that says why.
    """

    kind: str
    operator: str | None = None
    value: float | None = None
    value_upper: float | None = None
    unit: str | None = None
    suspect: str | None = None
    reason: str | None = None


EMPTY = Value("empty")
PLACEHOLDER = Value("placeholder")
QUALITATIVE = Value("qualitative")


class Parsed(NamedTuple):
    """A value as its own text states it, before names and other columns are asked."""

    value: Value
    trend: str = ""
    """`up` or `down` where the text states a change and no level."""
    named: str = ""
    """The indicator's name as the value repeats it."""
    approximate: bool = False
    doubtful_moment: bool = False


@lru_cache(maxsize=16384)
def parse_text(text: str) -> Parsed:
    """What the repaired text of a value cell, which is not blank, states by itself."""
    if is_dash(text) or is_filler(text):
        return Parsed(PLACEHOLDER)
    folded = _ITEM.sub("", _STOP_AT_END.sub("", fold(text).strip(_EDGES)))
    if _REDACTED.search(folded) and len(folded) <= _LONGEST:
        return Parsed(PLACEHOLDER)
    if len(folded) > _LONGEST or "\n" in folded:
        return Parsed(QUALITATIVE)
    moment = parse_moment(folded)
    if moment and not moment.doubtful:
        return Parsed(Value("date", operator=moment.operator))
    first = DIGIT.search(folded)
    if first is None:
        return Parsed(_without_number(folded))
    words = grammar()
    several = _SEVERAL.search(folded) is not None
    parsed = (_between(words, folded) if several else None) or _figure(words, folded, first.start(), several)
    if moment and parsed is not None:
        return parsed._replace(doubtful_moment=True)
    if moment:
        return Parsed(Value("date")) if not moment.doubtful else Parsed(QUALITATIVE, doubtful_moment=True)
    return parsed or Parsed(QUALITATIVE)


def _without_number(folded: str) -> Value:
    """A template's operator or unit without its number (`≥`, `》 %`, `X人`, `≥**%`), or words."""
    words = grammar()
    rest = folded
    while (token := words.token.match(rest)) and token.group() in words.operators:
        rest = rest[token.end() :]
    if rest != folded and (not rest or is_unit(rest)):
        return PLACEHOLDER
    if rest in ("%", "()%", "(%)"):
        return PLACEHOLDER
    gap = re.match(_NO_NUMBER, rest)
    tail = words.tail.fullmatch(rest, gap.end()) if gap else None
    if tail and (tail["unit"] is None or is_unit(_bare(tail["unit"]) or "")):
        return PLACEHOLDER
    return QUALITATIVE


def _bare(unit: str | None) -> str | None:
    """The unit without brackets around the whole of it: `(%)` → %, `台(套)` stays."""
    if unit and unit.startswith("(") and unit.endswith(")") and unit.count("(") == 1:
        return unit[1:-1]
    return unit


def _number(digits: str, unit: str | None = None) -> float | None:
    """The figure as a float, or None where a float or a thousands comma before % (`95,100%`) makes it doubtful."""
    if sum(map(str.isdigit, digits)) > MAX_DIGITS or ("," in digits and unit in ("%", "%%", "‰")):
        return None
    return float(to_decimal(digits))


def _range(low: str, high: str, unit1: str | None, unit2: str | None) -> Value | None:
    """A range whose halves agree in unit; `90%-95` and `5-3` are none. Days and months may be dates: none either."""
    unit1, unit2 = _bare(unit1), _bare(unit2)
    if unit2 and not is_unit(unit2):
        return None
    if unit1 and unit1 != unit2:
        return None
    if unit2 in ("日", "月", "季度", "号") and not unit1:
        return None
    lower, upper = _number(low, unit2), _number(high, unit2)
    if lower is None or upper is None or lower >= upper:
        return None
    return Value("quantitative", "range", lower, upper, unit2)


def _between(words: Grammar, folded: str) -> Parsed | None:
    """`≥80且≤90`, `大于80小于90`, `80≤x≤90`."""
    for pattern, above in ((words.double, (">=", ">")), (words.between, ("<=", "<"))):
        match = pattern.fullmatch(folded)
        if match is None:
            continue
        first, second = words.operators[match["op1"]], words.operators[match["op2"]]
        if first in above and second in ("<=", "<"):
            value = _range(match["low"], match["high"], match["unit1"], match["unit2"] or match["unit1"])
            return Parsed(value) if value else None
    return None


def _figure(words: Grammar, folded: str, start: int, several: bool) -> Parsed | None:
    """Known words, from `start` on one number or one range (of `several` figures), a unit, known words; else None."""
    said = _head(words, folded[:start])
    if said is None:
        return None
    named, operators, trends, approximate, negative = said
    body = folded[start:]
    match = words.range.fullmatch(body) if several else None
    if match and not negative:
        if operators or trends or approximate or (match["apart"] and not match["within"]):
            return None
        value = _range(match["low"], match["high"], match["unit1"], match["unit2"])
        return Parsed(value, named=named) if value else None
    number = _NUMBER.match(body)
    if number is None:
        return None
    tail = words.tail.fullmatch(body, number.end())
    if tail is None:
        return None
    unit = _bare(tail["unit"])
    if unit and not is_unit(unit):
        return None
    figure = _number(number.group(), unit)
    if figure is None or (tail["included"] and to_decimal(tail["included"]) != to_decimal(number.group())):
        return None
    if tail["share"] and unit != "%":
        return None
    after = tail["after"]
    if after == "内" and unit not in words.inner_limits:
        return None
    operators += [words.after[after]] if after in words.after else ["<="] if after == "内" else []
    approximate = (
        approximate or tail["between"] is not None or (after is not None and after not in words.after and after != "内")
    )
    operator = None
    suspect = None
    if len(set(operators)) == 1:
        operator = operators[0]
    elif operators:
        suspect = "suspect-operator"
    value = Value(
        "quantitative", None if approximate else operator, -figure if negative else figure, None, unit, suspect
    )
    if suspect:
        value = value._replace(reason="指标值中的比较词互相矛盾，未取运算符")
    trend = "down" if any(word in words.down for word in trends) else "up" if trends else ""
    return Parsed(value, trend, named, approximate)


def _head(words: Grammar, head: str) -> tuple[str, list[str], list[str], bool, bool] | None:
    """What stands before the number: the name, operators, words of change, 约, a minus sign; None for unknown words."""
    negative = head.endswith("-")
    if negative:
        head = head[:-1]
    for named in _names(words, head):
        operators: list[str] = []
        trends: list[str] = []
        approximate = False
        position, last = len(named), ""
        while position < len(head) and (token := words.token.match(head, position)):
            last = token.group().rstrip(":,")
            if last in words.operators:
                operators.append(words.operators[last])
            elif last in words.trend:
                trends.append(last)
            approximate = approximate or last in words.approximate
            position = token.end()
        if position == len(head):
            if negative and last and last not in words.operators:
                return None
            return named.rstrip(":"), operators, trends, approximate, negative
    return None


def _names(words: Grammar, head: str) -> tuple[str, ...]:
    """What may be the indicator's name at the start of the head: nothing, or the longest text that ends like a name."""
    match = words.name.match(head)
    return ("",) if match is None or words.no_name.search(match.group()) else ("", match.group())

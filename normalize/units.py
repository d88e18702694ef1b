"""What may follow a number as its unit: 万元, 元/人·月, 台(套), 个行政村; out of schemas/lookups/units.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yusuan.normalize.lookups import words

_PARTS = re.compile(r"[/·•*]每?|每")
_DOUBLE = re.compile(r"([^()]+)\(([^()]+)\)")
_CHINESE = re.compile(r"[一-鿿]+")
_MOST_PARTS = 3
_LONGEST_NOUN = 6


def either(options: tuple[str, ...]) -> str:
    """An alternation that tries the longest option first."""
    return "(?:" + "|".join(map(re.escape, sorted(set(options), key=len, reverse=True))) + ")"


@dataclass(frozen=True)
class Units:
    """The lists of units.toml; `magnitudes` begin with the empty one."""

    magnitudes: tuple[str, ...]
    whole: frozenset[str]
    measures: frozenset[str]
    nouns: frozenset[str]
    stop: re.Pattern[str]
    stop_ends: tuple[str, ...]


@cache
def units() -> Units:
    """The lists, read once."""
    measures = words("units", "measures")
    stop = rf"{either(words('units', 'stops'))}|{either(words('units', 'numerals'))}{either(measures)}"
    return Units(
        magnitudes=("", *words("units", "magnitudes")),
        whole=frozenset((*words("units", "plain"), *words("units", "latin"))),
        measures=frozenset(measures),
        nouns=frozenset(words("units", "nouns")),
        stop=re.compile(stop),
        stop_ends=words("units", "stop_ends"),
    )


def _is_noun(text: str, longest: int) -> bool:
    known = units()
    return (
        0 < len(text) <= longest
        and _CHINESE.fullmatch(text) is not None
        and known.stop.search(text) is None
        and not text.endswith(known.stop_ends)
    )


def _is_atom(text: str, *, closed: bool) -> bool:
    """万 + 元, 个, 个 + 行政村; closed: without nouns."""
    known = units()
    for magnitude in known.magnitudes:
        if not text.startswith(magnitude):
            continue
        rest = text[len(magnitude) :]
        if rest in known.whole or rest in known.measures:
            return True
        if not closed and (rest in known.nouns or any(
            rest[:length] in known.measures and _is_noun(rest[length:], _LONGEST_NOUN) for length in (1, 2)
        )):  # fmt: skip
            return True
    return False


@lru_cache(maxsize=4096)
def is_unit(text: str) -> bool:
    """True for what may be believed as the unit of the number in front of it (folded text)."""
    first, *others = _PARTS.split(text)
    double = _DOUBLE.fullmatch(first)
    if double and _is_atom(double[2], closed=True):
        first = double[1]
    if not (_is_atom(first, closed=False) or (first and first in units().magnitudes)) or len(others) >= _MOST_PARTS:
        return False
    return all(_is_atom(part, closed=False) or _is_noun(part, 4) for part in others)


@lru_cache(maxsize=4096)
def is_closed_unit(text: str) -> bool:
    """True for units of listed words alone: what may be believed in brackets behind a name."""
    first, *others = _PARTS.split(text)
    double = _DOUBLE.fullmatch(first)
    parts = [*(double.groups() if double else (first,)), *others]
    return len(others) < _MOST_PARTS and all(_is_atom(part, closed=True) for part in parts)

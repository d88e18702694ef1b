"""Digits as people type them → numbers: blanks, separators and width are repaired, a digit, sign or point never."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from yusuan.normalize.text import INVISIBLE

NUMBER = r"(?:(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)(?:\.[0-9]+)?)"
"""A number as a regular expression over folded text. Groups have three digits; a leading zero makes a code."""

MAX_DIGITS = 15
"""More significant digits than this do not survive a float64."""

_FOLDED: dict[int, int | str | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FOLDED |= {ord(char): None for char in INVISIBLE}
_FOLDED |= dict.fromkeys(map(ord, "≧⩾⋝"), "≥") | dict.fromkeys(map(ord, "≦⩽⋜"), "≤")
_FOLDED |= {ord("﹥"): ">", ord("﹤"): "<", ord("﹦"): "=", ord("﹪"): "%", ord("﹐"): ",", ord("﹒"): "."}
_FOLDED |= dict.fromkeys(map(ord, "−﹣"), "-") | dict.fromkeys(map(ord, "‐‑‒–—―─━"), "—")
_FOLDED |= (
    dict.fromkeys(map(ord, "～∼〜﹏˜"), "~")
    | dict.fromkeys(map(ord, "﹙〔【"), "(")
    | dict.fromkeys(map(ord, "﹚〕】"), ")")
)
_FOLDED |= {ord("["): "(", ord("]"): ")", ord("［"): "(", ord("］"): ")", ord("∶"): ":"}
# Angle brackets around a text are a title, alone they are a sign that was typed with the wrong key.
_ANGLES = {ord("〈"): "<", ord("《"): "<", ord("〉"): ">", ord("》"): ">"}
_FOLDS = re.compile(rf"[\s{re.escape(''.join(map(chr, {**_FOLDED, **_ANGLES})))}]")

_BROKEN = re.compile(r"[0-9][0-9.,]*(?:\s+[0-9.,]+)*\s+[0-9.,]*[0-9]")
_STRICT = re.compile(NUMBER)
_SPACE = re.compile(r"\s+")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:[^\S\n\t][0-9]{3})+\.[0-9]{1,2}")
_LINES_OF_DIGITS = re.compile(r"[0-9]\s*\n\s*[0-9]")
_SIGN_AND_SPACE = re.compile(r"-(?=\s+[0-9])")
_BLANK_NOT_IN_NUMBER = re.compile(r"\s+(?![0-9.,])|(?<![0-9.,])\s+")

_WEIGHT = re.compile(rf"\(?({NUMBER})(?:[%分]|\([%分]\))?\)?")


def _joined(match: re.Match[str]) -> str:
    """One number out of the pieces of a broken one, or the pieces with their blanks where they may be several numbers.

    Certain are blanks beside a comma of a number with more separators (`1,053, 300`, not `95, 100`), behind the first
    digit after a point (`968.191 8`), beside a point whose whole part is too long for a list number (`968. 19`), and
    between groups of three digits of an amount with a fraction (`1 234.50`; `1 234` may be two numbers). A line end between two
    digits parts several (`repair.unwrap` has joined what is one).
    """
    text = match.group()
    if "\n" in text and _LINES_OF_DIGITS.search(text):
        return text
    joined = _SPACE.sub("", text)
    if _GROUPS.fullmatch(text):
        return joined
    if not _STRICT.fullmatch(joined):
        return text
    for gap in _SPACE.finditer(text):
        before, after = text[: gap.start()], text[gap.end() :]
        if before[-1] == "," or after[0] == ",":
            if joined.count(",") + joined.count(".") < 2:
                return text
            continue
        whole = before.partition(".")[0]
        if before[-1] == "." or after[0] == ".":
            if sum(map(str.isdigit, whole)) < 3:
                return text
        elif "." not in before:
            return text
    return joined


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """The text with one width and one spelling of signs, without blanks except those that may part two numbers.

    Unlike NFKC it leaves ² ㎡ ① alone: they would become digits.
    """
    if not _FOLDS.search(text):
        return text
    folded = text.translate(_FOLDED)
    opener = min((at for sign in "〈《" if (at := folded.find(sign)) >= 0), default=-1)
    if opener < 0 or max(map(folded.rfind, "〉》")) < opener:
        folded = folded.translate(_ANGLES)
    folded = folded.strip()
    if not _SPACE.search(folded):
        return folded
    folded = _SIGN_AND_SPACE.sub("—", folded)
    folded = _BROKEN.sub(_joined, folded)
    return _BLANK_NOT_IN_NUMBER.sub("", folded)


def to_decimal(number: str) -> Decimal:
    """The value of a text that matches NUMBER."""
    return Decimal(number.replace(",", ""))


@lru_cache(maxsize=4096)
def parse_weight(text: str) -> float | None:
    """`10`, `10%`, `10分`, `（10）` → 10.0; ranges, dashes and words → None."""
    match = _WEIGHT.fullmatch(fold(text))
    return float(to_decimal(match[1])) if match else None


@lru_cache(maxsize=4096)
def parse_score(text: str) -> float | None:
    """As `parse_weight`; a score may also be negative (points taken off)."""
    folded = fold(text)
    if not folded.startswith("-"):
        return parse_weight(text)
    points = parse_weight(folded[1:])
    return None if points is None else -points

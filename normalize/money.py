"""Amounts of money: the cell's text and the declared unit → 元, exactly."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

from yusuan.normalize.numbers import NUMBER, fold, to_decimal
from yusuan.normalize.text import is_blank, is_dash, is_filler

FACTORS = {"元": Decimal(1), "千元": Decimal(1_000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
"""元 in one of each unit; the keys are the units of the contract."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_CENT = Decimal("0.01")
_NOISE = Decimal("0.00000001")  # a millionth of a 分: what binary floats leave behind
_LIMIT = Decimal(10) ** 18  # decimal128(20, 2)

_AMOUNT = re.compile(
    rf"(?:人民币|[¥￥])?(?P<sign>-?)(?:[¥￥])?(?P<number>{NUMBER})(?P<unit>[千万亿]?元|[千万亿]|\([千万亿]?元\))?(?:整|人民币)?[。;,、]?"
)
_LONGEST = 400
_LONGEST_UNIT = 12
_NONE_WORDS = frozenset({"无", "暂无"})

_END = r"(?![一-鿿A-Za-z/／每]|\s*[、,，]\s*[千万亿]?元)"
_UNIT = r"(?:人\s*民\s*币\s*[/／]?\s*)?(?P<unit>[千万亿]?\s*元)"
_CAPTION_UNIT = re.compile(
    rf"(?<!实施)(?<!预算)(?<!填报)(?<!编制)(?<!主管)(?<!项目)(?<!承担)(?<!执行)单\s*位\s*[:：]?\s*{_UNIT}{_END}"
)
_BRACKET_UNIT = re.compile(rf"[(（\[［【〔]\s*(?:(?:金额|单位|金额单位)?\s*[:：]?\s*)?{_UNIT}\s*[)）\]］】〕]")
_UNIT_ALONE = re.compile(rf"\s*{_UNIT}\s*")


class Money(NamedTuple):
    """What a money cell says.

    `number` is the figure as printed, before its unit; `amount_yuan` has two places and is None for empty cells and
    fillers, for dashes (`dash`) and where no amount can be told (`bad`).
    """

    amount_yuan: Decimal | None = None
    number: Decimal | None = None
    inexact: bool = False
    """The figure does not fit 分 and was rounded half to even."""
    dash: bool = False
    """A dash, a slash or 无: stated to have none, which is not 0."""
    unit_used: str | None = None
    conflict: str | None = None
    """`other-unit`: the cell names another unit than the form and wins; `repeated-magnitude`: `250万` below 万元."""
    bad: bool = False
    """There is a text and no amount: it is `unreadable`, or a figure whose unit nothing declares."""
    unreadable: bool = False
    """The text is no figure at all, or one with an operator, a doubtful sign or wrong grouping."""


_EMPTY = Money()
_DASH = Money(dash=True)
_BAD = Money(bad=True, unreadable=True)


@lru_cache(maxsize=8192)
def parse_money(text: str, unit: str | None = None) -> Money:
    """The amount in a cell whose row, header or caption declares `unit` (one of FACTORS); the cell's own unit wins.

    Nothing is recomputed and no operator is dropped: `≤65万元`, `约3万`, `(5)` and `1,05,300` are `bad`.
    """
    stated = _stated(text)
    if stated is None:
        return _without_amount(text)
    number, own = stated
    used = own if own.endswith("元") else f"{own}元" if own else unit
    conflict = None
    if own and unit and used != unit:
        conflict = "other-unit"
    elif own and unit and own != unit:
        conflict = "repeated-magnitude"
    if used is None:
        return Money(amount_yuan=Decimal("0.00"), number=number) if number == 0 else Money(number=number, bad=True)
    exact = _EXACT.multiply(number, FACTORS[used])
    if abs(exact) >= _LIMIT:
        return _BAD
    amount = exact.quantize(_CENT, context=_EXACT)
    inexact = abs(_EXACT.subtract(exact, amount)) > _NOISE
    return Money(abs(amount) if amount == 0 else amount, number, inexact, unit_used=used, conflict=conflict)


@lru_cache(maxsize=8192)
def _stated(text: str) -> tuple[Decimal, str] | None:
    """The figure of a text and its own unit (empty where it names none); None where it is no amount."""
    match = _AMOUNT.fullmatch(fold(text)) if len(text) <= _LONGEST else None
    if match is None:
        return None
    number = to_decimal(match["number"])
    return -number if match["sign"] else number, (match["unit"] or "").strip("()")


def _without_amount(text: str) -> Money:
    if is_blank(text) or is_filler(text):
        return _EMPTY
    return _DASH if is_dash(text) or text.strip() in _NONE_WORDS else _BAD


@lru_cache(maxsize=8192)
def parse_money_unit(text: str) -> str | None:
    """The unit of money that a label or a caption declares: `单位：万元`, `项目资金（元）`, `[万元]`, or the bare unit.

    None where it declares none or two different ones; `单位：个` and `（万元/个）` declare none.
    """
    text = " ".join(text.split())
    alone = _UNIT_ALONE.fullmatch(text)
    if alone:
        return "".join(alone["unit"].split())
    found = {
        "".join(match["unit"].split()) for regex in (_CAPTION_UNIT, _BRACKET_UNIT) for match in regex.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


def is_unit_alone(text: str) -> bool:
    """Whether a text is a unit of money and nothing else."""
    return len(text) < _LONGEST_UNIT and _UNIT_ALONE.fullmatch(text) is not None

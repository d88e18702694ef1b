"""Amounts and indicator values: from what is meant to how it is printed, with the columns that the contract derives from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from tests.forms.dialect import Dialect

FACTOR = {"元": Decimal(1), "万元": Decimal(10000)}

_GLYPHS = {
    ">=": ("≥", ">=", "≧", "⩾"),
    ">": ("＞", ">", "﹥"),
    "<=": ("≤", "<=", "≦", "⩽"),
    "<": ("＜", "<", "﹤"),
    "=": ("=", "＝"),
}
_WORDS = {
    ">=": ("不低于", "大于等于", "不少于"),
    ">": ("大于", "高于"),
    "<=": ("不超过", "不高于", "小于等于"),
    "<": ("小于", "低于"),
    "=": ("等于",),
}
_AFTER = {">=": ("以上",), "<=": ("以内", "以下")}


@dataclass(frozen=True)
class Target:
    """One indicator value: `text` as printed, then the columns of the contract. `raw` is the figure alone, for split columns."""

    text: str
    kind: str
    operator: str | None = None
    value: float | None = None
    upper: float | None = None
    unit: str | None = None
    raw: str = ""

    def columns(self) -> dict[str, object]:
        return {
            "value_text": self.text or None,
            "operator": self.operator,
            "value": self.value,
            "value_upper": self.upper,
            "unit": self.unit,
            "kind": self.kind,
        }


def glyph(operator: str, rng: Random, dialect: Dialect) -> str:
    known = _GLYPHS[operator]
    return (
        known[0] if dialect.glyphs == 0 else known[min(1, len(known) - 1)] if dialect.glyphs == 1 else rng.choice(known)
    )


def number(value: float, *, commas: bool = False) -> str:
    """A figure without a tail of zeros."""
    if value == int(value):
        return f"{int(value):,}" if commas else str(int(value))
    return f"{value:.4f}".rstrip("0")


def figure(value: float, unit: str, operator: str | None, rng: Random, dialect: Dialect) -> Target:
    """`≥1200株`, `1200株以上`, `不少于1200株`, `1,200株`."""
    digits = number(value, commas=dialect.commas and value >= 1000 and rng.random() < 0.2)
    target = Target("", "quantitative", operator, value, None, unit, digits)
    if operator is None:
        return replace(target, text=f"{digits}{unit}")
    if rng.random() < dialect.words:
        after = _AFTER.get(operator, ())
        if after and rng.random() < 0.4:
            return replace(target, text=f"{digits}{unit}{after[0]}")
        return replace(target, text=f"{rng.choice(_WORDS[operator])}{digits}{unit}")
    space = rng.choice(("", "", "", " "))
    return replace(target, text=f"{glyph(operator, rng, dialect)}{space}{digits}{unit}")


def bracketed(target: Target, rng: Random, dialect: Dialect) -> Target:
    """The same figure as Shanghai prints it: `≥90.00(%)`; words and dates stay."""
    if target.kind != "quantitative" or target.value is None or target.upper is not None:
        return target
    operator = target.operator or "="
    return replace(target, operator=operator, text=f"{glyph(operator, rng, dialect)}{target.value:.2f}({target.unit})")


def between(low: float, high: float, unit: str, rng: Random) -> Target:
    sign = rng.choice(("-", "～", "~"))
    first = unit if unit == "%" and rng.random() < 0.7 else ""
    return Target(f"{number(low)}{first}{sign}{number(high)}{unit}", "quantitative", "range", low, high, unit)


def about(value: float, unit: str) -> Target:
    return Target(f"约{number(value)}{unit}", "quantitative", None, value, None, unit)


def word(text: str) -> Target:
    return Target(text, "qualitative", raw=text)


def day(year: int, rng: Random) -> Target:
    """A date until which something is done."""
    month = rng.randint(6, 12)
    text = rng.choice(
        (
            f"{year}年{month}月前",
            f"{year}年{month}月底前",
            f"{year}年12月31日前",
            f"{year}年{month}月30日前",
            f"{month}月底前",
        )
    )
    return Target(text, "date", "<=", raw=text)


def two_quantities(rng: Random) -> Target:
    text = f"{rng.randint(20, 400)}户、{rng.randint(500, 3000)}人"
    return Target(text, "qualitative", raw=text)


# --- money ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Amount:
    """One cell of money: its text and the amount in 元 (None: the cell states none)."""

    text: str
    yuan: Decimal | None


def quantum(dialect: Dialect) -> Decimal:
    """The smallest amount in 元 that the form's amounts are multiples of."""
    return Decimal(100) if dialect.unit == "万元" and not dialect.fine else Decimal(1)


def amount(yuan: Decimal, rng: Random, dialect: Dialect) -> Amount:
    """An amount in the form's unit, now and then with digits that a page or a hand has damaged."""
    value = yuan / FACTOR[dialect.unit]
    if value == 0:
        return Amount(dialect.zero, Decimal(0))
    whole = value == value.to_integral_value()
    places = 4 if dialect.fine and dialect.unit == "万元" else 2
    text = f"{value:,.{places}f}" if dialect.decimals or not whole else f"{value:,.0f}"
    if not dialect.decimals and not whole:
        text = text.rstrip("0")
    if not dialect.commas:
        text = text.replace(",", "")
    if rng.random() < dialect.odd_amounts:
        text = _odd(text, rng, dialect.unit)
    return Amount(text, yuan)


def _odd(text: str, rng: Random, unit: str) -> str:
    choices = ["wide", "own", "blank"]
    if unit == "万元":
        choices.append("short")
    if len(text.partition(".")[2]) == 4:
        choices += ["split"] * 4
    if text.count(",") >= 2:
        choices += ["break"] * 3
    if "," in text:
        choices += ["comma"] * 2
    how = rng.choice(choices)
    if how == "break":
        at = text.rindex(",") + 1
        return text[:at] + "\n" + text[at:]
    if how == "comma":
        return text.replace(",", "，")
    if how == "wide":
        return text.translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)})
    if how == "split":
        return text[:-1] + " " + text[-1]
    if how == "short":
        return text + "万"
    if how == "own":
        return text + unit
    return f"  {text} "


def nothing(rng: Random, dialect: Dialect) -> Amount:
    """A source that gives nothing, as the form says it: 0, an empty cell or a dash. Three different statements."""
    how = dialect.none if dialect.none != "mixed" else rng.choice(("0", "empty", "dash"))
    if how == "0":
        return Amount(dialect.zero, Decimal(0))
    return Amount("" if how == "empty" else rng.choice(("—", "-", "/", "——")), None)

"""Number formats of spreadsheets: what a stored number looks like in its cell (ECMA-376, 18.8.30 and 18.8.31).

Rounding is decimal and half up on the 15 digits that a spreadsheet shows, not binary: 2.675 as `0.00` is 2.68.
What an eye sees is the rule also where less is seen than stored: a zero in an accounting format is `-`. Colours are seen as well: where red
alone says that a number is below zero, its sign is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from yusuan.extract.sheet_dates import Token, is_date, show_date

Formatter = Callable[[str], str]
"""A number as the file writes it → the text that is shown."""

BUILTIN = {
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?"},
    **{13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM"},
    **{19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm"},
    **{5: '"¥"#,##0;"¥"-#,##0', 6: '"¥"#,##0;"¥"-#,##0', 7: '"¥"#,##0.00;"¥"-#,##0.00', 8: '"¥"#,##0.00;"¥"-#,##0.00'},
    **{37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00"},
    **{41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ "¥"* #,##0_ ;_ "¥"* -#,##0_ ;_ "¥"* "-"_ ;_ @_ '},
    **{43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '},
    **{44: '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ '},
    **{45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@"},
    **{
        27: 'yyyy"年"m"月"',
        28: 'm"月"d"日"',
        29: 'm"月"d"日"',
        30: "m-d-yy",
        31: 'yyyy"年"m"月"d"日"',
        32: 'h"时"mm"分"',
    },
    **{33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"'},
    **{50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"'},
    **{55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"'},
}
"""Formats that files name by number only, as a Chinese office shows them."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<space>_.|\*.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<noon>AM/PM|A/P|上午/下午)|(?P<general>General|G/通用格式)|(?P<exponent>[Ee][+-])"
    r"|(?P<date>yyyy|yyy|yy|y|e|mmmmm|mmmm|mmm|mm|m|dddd|ddd|dd|d|aaaa|aaa|hh|h|ss|s)"
    r"|(?P<digit>[0#?])|(?P<char>.)",
    re.DOTALL | re.IGNORECASE,
)
_SECTION = re.compile(r'((?:"[^"]*"?|[\\!].|[_*].|\[[^\]]*\]|[^;])*)(;|$)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)$")
_SIGNS = ("-", "−", "(", "（", "△", "▲", "负", "+")
_ELAPSED = re.compile(r"(h+|m+|s+)$", re.IGNORECASE)
_SHORT = re.compile(r"0|[1-9][0-9]{0,14}|(?:0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9]")
"""What General shows as it is written."""
_PLAIN_FORMAT = re.compile(r'((?:"[^"]*"|[_*].)*)(#,##)?0(\.0+)?(%?)((?:"[^"]*"|[_*].)*)')
_QUOTED = re.compile(r'"([^"]*)"|..')
_WIDE = Context(prec=60)
_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)
_LONG = 11
"""General shows whole numbers up to this many digits; longer ones go over to 1.23E+11. They stay digits here: project codes."""


def general(written: str) -> str:
    """A number under the format General: whole numbers without a point, others with 15 digits at the most."""
    if _SHORT.fullmatch(written):
        return written
    try:
        number = _FIFTEEN.create_decimal(written.strip())
    except InvalidOperation:
        return written
    if not number.is_finite():
        return written
    text = format(number, "f") if -20 < number.adjusted() < 21 else format(number.normalize(), "E")
    if "." in text and "E" not in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def formatter(code: str, epoch_1904: bool = False) -> Formatter:
    """The function for one format code; a code that cannot be understood shows the number as General."""
    sections = [_parse(part) for part in _split(code)]
    if len(sections) == 1 and sections[0].plain:
        return general

    positive = _quick(code.partition(";")[0])

    def show(written: str) -> str:
        try:
            number = _FIFTEEN.create_decimal(written)
            if not number.is_finite():
                return written
            if positive is not None and number > 0:
                return positive(number)
            section, signed = _choose(sections, number)
            return section.show(number, signed, epoch_1904)
        except InvalidOperation:  # no number, or more digits than any cell is wide
            return general(written)

    return show


def _quick(section: str) -> Callable[[Decimal], str] | None:
    """The plainest formats (`0.00`, `#,##0`, `0%`, the ones of accounting), which are most, for numbers above zero."""
    match = _PLAIN_FORMAT.fullmatch(section)
    if match is None:
        return None
    before, after = ("".join(_QUOTED.findall(match[group])) for group in (1, 5))
    comma, percent = "," if match[2] == "#,##" else "", match[4]
    step = Decimal(1).scaleb(-len(match[3] or "") + 1 if match[3] else 0)
    spec = f"{comma}f"
    places = 2 if percent else 0

    def show(number: Decimal) -> str:
        number = (number.scaleb(places) if places else number).quantize(step, ROUND_HALF_UP, _WIDE)
        return f"{before}{number:{spec}}{percent}{after}".strip()

    return show


def _split(code: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while len(parts) < 4:
        match = _SECTION.match(code, position)
        if match is None:
            break
        parts.append(match[1])
        position = match.end()
        if not match[2]:
            break
    return parts or [code]


@dataclass(frozen=True, slots=True)
class _Section:
    tokens: tuple[Token, ...]
    kind: str
    """number, date, general, text, fraction or literal."""
    condition: tuple[str, Decimal] | None = None

    @property
    def plain(self) -> bool:
        return (self.kind == "general" and len(self.tokens) == 1) or (self.kind == "text" and len(self.tokens) == 1)

    @property
    def shows_sign(self) -> bool:
        """Whether the section shows a sign of its own. Red alone is none: 12 in red is -12, and a text has no colours."""
        shown = "".join(text for kind, text in self.tokens if kind == "literal")
        return self.kind not in ("number", "general") or any(sign in shown for sign in _SIGNS)

    def show(self, number: Decimal, signed: bool, epoch_1904: bool) -> str:
        if self.kind == "date":
            return show_date(self.tokens, number, epoch_1904) if is_date(number) else general(str(number))
        minus = "-" if signed and number < 0 else ""
        if self.kind in ("general", "text", "fraction"):
            shown = general(str(abs(number)))
            if self.kind == "fraction":
                return minus + shown
            return minus + "".join(shown if kind in ("general", "at") else text for kind, text in self.tokens).strip()
        if self.kind == "literal":
            return (minus + "".join(text for _, text in self.tokens)).strip()
        return _show_number(self.tokens, abs(number), minus)


def _parse(code: str) -> _Section:
    tokens: list[Token] = []
    condition: tuple[str, Decimal] | None = None
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "char", match[match.lastgroup or 0]
        if kind == "bracket":
            if found := _CONDITION.match(text):
                condition = (found[1], Decimal(found[2]))
            elif text.startswith("$"):
                tokens.append(("literal", text[1:].partition("-")[0]))
            elif _ELAPSED.match(text):
                tokens.append(("elapsed", text.lower()))
        elif kind in ("quoted", "escaped"):
            tokens.append(("literal", text))
        elif kind == "char":
            tokens.append(
                ({"%": "percent", ".": "point", ",": "comma", "@": "at", "/": "slash"}.get(text, "literal"), text)
            )
        elif kind == "date":
            tokens.append(("date", text.lower()))
        elif kind != "space":
            tokens.append((kind, text))
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed", "noon"} and not kinds & {"general"}:
        found_kind = "date"
    elif "general" in kinds:
        found_kind = "general"
    elif "digit" in kinds:
        found_kind = "fraction" if "slash" in kinds else "number"
    else:
        found_kind = "text" if "at" in kinds else "literal"
    return _Section(tuple(tokens), found_kind, condition)


_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


def _choose(sections: list[_Section], number: Decimal) -> tuple[_Section, bool]:
    """The section for a number, and whether its sign is written in front (a section for negatives has its own)."""
    conditions = [section.condition for section in sections[:2]]
    if any(conditions):
        for section in sections[:3]:
            if section.condition is None or _COMPARE[section.condition[0]](number, section.condition[1]):
                return section, True
        return sections[min(len(sections), 3) - 1], True
    if len(sections) == 1 or (len(sections) == 2 and sections[1].kind == "text"):
        return sections[0], True
    if number < 0:
        return sections[1], not sections[1].shows_sign
    if number == 0 and len(sections) > 2:
        return sections[2], True
    return sections[0], True


def _show_number(tokens: tuple[Token, ...], number: Decimal, minus: str) -> str:
    kinds = [kind for kind, _ in tokens]
    first = kinds.index("digit")
    last = len(kinds) - 1 - kinds[::-1].index("digit")
    point = kinds.index("point") if "point" in kinds[: last + 1] else None
    whole_end = point if point is not None else last + 1
    if "exponent" in kinds:
        return _show_scientific(tokens, number, minus)
    number = number.scaleb(2 * kinds.count("percent"))
    if not (point is not None and point > last):
        behind = last + 1
        while behind < len(kinds) and kinds[behind] == "comma":
            number = number.scaleb(-3)
            behind += 1
    grouped = "comma" in kinds[first:whole_end]
    whole_places = [text for kind, text in tokens[first:whole_end] if kind == "digit"]
    decimal_places = [text for kind, text in tokens[whole_end : last + 1] if kind == "digit"]
    rounded = number.quantize(Decimal(1).scaleb(-len(decimal_places)), ROUND_HALF_UP, _WIDE)
    whole, _, decimals = format(rounded, "f").partition(".")
    least = len(whole_places) - next((i for i, place in enumerate(whole_places) if place == "0"), len(whole_places))
    whole = whole.lstrip("0").rjust(least, "0")
    if grouped:
        whole = _group(whole)
    optional = len(decimal_places) - len("".join(decimal_places).rstrip("#?"))
    while optional and decimals.endswith("0"):
        decimals, optional = decimals[:-1], optional - 1
    body = whole + ("." + decimals if point is not None else "")
    if not rounded:
        minus = ""
    return _place(tokens, first, last, body, minus)


def _place(tokens: tuple[Token, ...], first: int, last: int, body: str, minus: str) -> str:
    """The number between the literals of its format; literals inside of it (`000-0000`) are put where they stand."""
    inside = [(index, text) for index, (kind, text) in enumerate(tokens[first : last + 1]) if kind == "literal"]
    if inside and "." not in body:
        places = [kind == "digit" for kind, _ in tokens[first : last + 1]]
        length = len(body)
        for index, text in reversed(inside):
            cut = length - sum(places[index:])
            if cut >= 0:
                body = body[:cut] + text + body[cut:]
    shown = [minus]
    for index, (kind, text) in enumerate(tokens):
        if index == first:
            shown.append(body)
        elif (index < first or index > last) and kind in ("literal", "percent", "slash"):
            shown.append(text)
    return "".join(shown).strip()


def _show_scientific(tokens: tuple[Token, ...], number: Decimal, minus: str) -> str:
    kinds = [kind for kind, _ in tokens]
    mark = kinds.index("exponent")
    mantissa = [kind for kind, _ in tokens[:mark] if kind in ("digit", "point")]
    decimals = len(mantissa) - mantissa.index("point") - 1 if "point" in mantissa else 0
    digits = sum(kind == "digit" for kind, _ in tokens[mark:])
    exponent = number.adjusted() if number else 0
    value = number.scaleb(-exponent).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if value >= 10:
        value, exponent = value.scaleb(-1).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP), exponent + 1
    sign = "-" if exponent < 0 else "+" if tokens[mark][1].endswith("+") else ""
    return f"{minus}{value:f}E{sign}{abs(exponent):0{digits}d}"


def _group(whole: str) -> str:
    head = len(whole) % 3
    parts = [whole[:head]] if head else []
    parts += [whole[at : at + 3] for at in range(head, len(whole), 3)]
    return ",".join(parts)

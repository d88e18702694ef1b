"""Automatic list numbers of a Word document, as they are printed: they stand in no text, and numbered rows are common in forms.

The part with the definitions is opened when the first numbered paragraph is met.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from yusuan.extract.package import Element, Package
from yusuan.extract.symbols import translate
from yusuan.extract.word_names import VAL, W, integer, is_on
from yusuan.extract.word_styles import MAX_CHAIN, Styles

_MAX_NUMBER = 32_767
_SUFFIXES = {"tab": "\t", "space": " ", "nothing": ""}


@dataclass(slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    suffix: str = "\t"
    font: str = ""
    legal: bool = False
    restart: int | None = None
    style: str = ""


@dataclass(slots=True)
class _List:
    """One `w:num`: its levels, and the key of the counters that it shares with other `w:num` of the same definition."""

    counters: str
    levels: dict[int, _Level] = field(default_factory=dict)
    fresh: dict[int, int] = field(default_factory=dict)
    """Levels to set to this start when the list is first met (`w:startOverride`)."""


class Numbering:
    """Automatic list numbers as they are printed. Stateful: ask once for each numbered paragraph, in reading order."""

    def __init__(self, package: Package, main: str, styles: Styles) -> None:
        self._package, self._main, self._styles = package, main, styles
        self._lists: dict[str, _List | None] = {}
        self._counters: defaultdict[str, dict[int, int]] = defaultdict(dict)

    @cached_property
    def _root(self) -> Element | None:
        part = self._package.related(self._main, "numbering")
        return self._package.parse(part) if part is not None else None

    def label(self, number: Element | None, style_id: str) -> str:
        """The printed number with its separator (`1.` and a tab), "" where the paragraph has none."""
        from_style = self._styles.numbering(style_id) if style_id else None
        num_id = _child_value(number, "numId") or _child_value(from_style, "numId")
        if not num_id or num_id == "0":
            return ""
        found = self._list(num_id)
        if found is None:
            return ""
        written = _child_value(number, "ilvl") or _child_value(from_style, "ilvl")
        if written.isdecimal():
            level = int(written)
        else:
            level = next((index for index, item in found.levels.items() if style_id and item.style == style_id), 0)
        return self._advance(found, level)

    def _advance(self, found: _List, level: int) -> str:
        counts = self._counters[found.counters]
        for index, start in found.fresh.items():
            counts[index] = start - 1
        found.fresh = {}
        definition = found.levels.get(level)
        if definition is None:
            return ""
        counts[level] = min(counts.get(level, definition.start - 1) + 1, _MAX_NUMBER)
        for deeper in [index for index in counts if index > level]:
            restart = found.levels[deeper].restart if deeper in found.levels else None
            if restart is None or level < restart:
                del counts[deeper]

        def shown(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            above = found.levels.get(index, _Level())
            counted = counts.get(index, above.start)
            return format_number(counted, "decimal" if definition.legal else above.format)

        if definition.format == "bullet":
            text = translate(definition.font, definition.text)
        else:
            text = re.sub(r"%([1-9])", shown, definition.text)
        return text + definition.suffix if text else ""

    def _list(self, num_id: str) -> _List | None:
        if num_id not in self._lists:
            self._lists[num_id] = self._read_list(num_id, 0)
        return self._lists[num_id]

    def _read_list(self, num_id: str, depth: int) -> _List | None:
        num = _by_id(self._root, "num", "numId", num_id)
        abstract_id = _child_value(num, "abstractNumId")
        abstract = _by_id(self._root, "abstractNum", "abstractNumId", abstract_id)
        if num is None or abstract is None or depth > MAX_CHAIN:
            return None
        link = _child_value(abstract, "numStyleLink")
        if link:
            target = _child_value(self._styles.numbering(link), "numId")
            return self._read_list(target, depth + 1) if target and target != num_id else None
        found = _List(abstract_id)
        for item in abstract.iterfind(W + "lvl"):
            found.levels[_index(item)] = _read_level(item)
        for override in num.iterfind(W + "lvlOverride"):
            index, replaced = _index(override), override.find(W + "lvl")
            if replaced is not None:
                found.levels[index] = _read_level(replaced)
            start = override.find(W + "startOverride")
            if start is not None:
                found.fresh[index] = integer(start, 1)
        return found


def _by_id(root: Element | None, tag: str, attribute: str, value: str) -> Element | None:
    if root is None:
        return None
    return next((item for item in root.iterfind(W + tag) if item.get(W + attribute) == value), None)


def _index(element: Element) -> int:
    written = element.get(W + "ilvl", "")
    return int(written) if written.isdecimal() else 0


def _child_value(element: Element | None, name: str) -> str:
    child = element.find(W + name) if element is not None else None
    value: str = child.get(VAL, "") if child is not None else ""
    return value


def _read_level(level: Element) -> _Level:
    fonts = level.find(f"{W}rPr/{W}rFonts")
    restart = level.find(W + "lvlRestart")
    return _Level(
        start=integer(level.find(W + "start"), 0),
        format=_child_value(level, "numFmt") or "decimal",
        text=_child_value(level, "lvlText"),
        suffix=_SUFFIXES.get(_child_value(level, "suff") or "tab", "\t"),
        font=fonts.get(W + "ascii", "") if fonts is not None else "",
        legal=is_on(level.find(W + "isLgl")),
        restart=integer(restart, 0) if restart is not None else None,
        style=_child_value(level, "pStyle"),
    )


# --- number formats (ECMA-376 part 1, 17.18.59 ST_NumberFormat) -------------------------------------------------------

_DIGITS, _DIGITS_LEGAL = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
_UNITS, _UNITS_LEGAL = ("", "十", "百", "千"), ("", "拾", "佰", "仟")
_ROMAN = [(1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")]
_ROMAN += [(9, "ix"), (5, "v"), (4, "iv"), (1, "i")]
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def format_number(number: int, style: str) -> str:
    """A list number in a `w:numFmt`; formats that no Chinese document uses come out as Arabic digits."""
    if style in ("bullet", "none"):
        return ""
    if number < 1:
        return str(number)
    if style.endswith("Roman"):
        return _roman(number).upper() if style == "upperRoman" else _roman(number)
    if style.endswith("Letter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if style == "upperLetter" else letters
    if style in ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"):
        return _chinese(number, _DIGITS.replace("〇", "零"), _UNITS)
    if style in ("chineseLegalSimplified", "ideographLegalTraditional"):
        return _chinese(number, _DIGITS_LEGAL, _UNITS_LEGAL)
    if style in ("ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand", "taiwaneseCounting"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if style == "ideographTraditional" and number <= len(_STEMS):
        return _STEMS[number - 1]
    if style == "ideographZodiac" and number <= len(_BRANCHES):
        return _BRANCHES[number - 1]
    if style in ("decimalFullWidth", "decimalFullWidth2"):
        return str(number).translate(_FULL_WIDTH)
    return _decorated(number, style)


def _decorated(number: int, style: str) -> str:
    if style in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and number <= 20:
        return chr(ord("①") + number - 1)
    if style == "decimalEnclosedParen" and number <= 20:
        return chr(ord("⑴") + number - 1)
    if style == "decimalEnclosedFullstop" and number <= 20:
        return chr(ord("⒈") + number - 1)
    if style == "ideographEnclosedCircle" and number <= 10:
        return chr(ord("㊀") + number - 1)
    if style == "decimalZero":
        return f"{number:02d}"
    if style == "numberInDash":
        return f"- {number} -"
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _chinese(number: int, digits: str, units: tuple[str, ...]) -> str:
    """1 → 一, 10 → 十, 12 → 十二, 105 → 一百零五."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = digits[0] if 0 < low < 1000 else ""
        return _chinese(high, digits, units) + "万" + gap + (_chinese(low, digits, units) if low else "")
    text, empty = "", False
    for power in range(3, -1, -1):
        digit = number // 10**power % 10
        if digit:
            text += (digits[0] if empty and text else "") + digits[digit] + units[power]
        empty = digit == 0
    if text.startswith(digits[1] + units[1]):
        text = text[1:]
    return text

"""Cells that hold more than a text: code and name joined by a hyphen, and check boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from yusuan.normalize.text import compact

_MARK = re.compile(r"[\[［【〔](?:部门|单位)[\]］】〕]$")
_CODED = re.compile(r"(?P<code>[0-9A-Za-z]{3,30})\s*[-－—–‐‑‒−―]+\s*(?P<name>.*)", re.DOTALL)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_FULL_CODE_DIGITS = (
    9  # the shortest code that a name may follow which itself begins with a digit (division and project codes)
)


@lru_cache(maxsize=4096)
def split_code_name(text: str) -> tuple[str | None, str | None]:
    """`001-某局[部门]` → (001, 某局); without a code (None, the text). Both are None in a blank text.

    A code has three or more letters and digits and begins with a digit, or is a long one with a leading letter. A year
    (`2022-2023年度项目`), a road (`G108-国道`) or a lot (`A01-1地块`) is none. A trailing `[部门]` / `[单位]` goes.
    """
    name = _MARK.sub("", text.strip()).rstrip()
    match = _CODED.fullmatch(name)
    if match and _is_code(match["code"], match["name"]):
        return match["code"].translate(_NARROW), match["name"].strip() or None
    return None, name or None


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _is_code(code: str, name: str) -> bool:
    digits = sum(map(str.isdigit, code))
    if not digits or _YEAR.fullmatch(code):
        return False
    if not code[0].isdigit() and (len(code) < _FULL_CODE_DIGITS or digits < 5):
        return False
    return not name[:1].isdigit() or len(code) >= _FULL_CODE_DIGITS


@dataclass(frozen=True, slots=True)
class Ticks:
    """The check boxes of a cell. `chosen`: the ticked options joined by 、; None where none is ticked.

    `certain` is False where the text does not tell to which option a ticked box belongs; `chosen` is None then.
    """

    has_boxes: bool = False
    chosen: str | None = None
    certain: bool = True


# \uf0.. are Wingdings characters as Word stores them (w:sym, and text in that font).
_TICK = "√✓✔✅☑☒🗹🗷\uf052\uf0fc\uf0fe\uf0fd\uf053"
_BOX = "□☐◻▢❏❑\uf0a8\uf06f\uf0a3\uf02a"
_FILLED, _HOLLOW = "■▣◼●◉⊙☻", "□☐◻▢○◯"
_HINT = re.compile(rf"[（(][^（）()]*[打划画勾选填][^（）()]*[{_TICK}][^（）()]*[)）]")
_BRACKET_TICK = rf"[（(\[［【]\s*(?:[{_TICK}]|(?<=[\[［])[xX])\s*[)）\]］】]"
_BRACKET_BOX = r"[（(\[［【]\s*[)）\]］】]"
_ITEM_NUMBER = re.compile(r"^(?:[（(]?[0-9]{1,2}[)）、.．]|[一二三四五六七八九十]、|[①-⑳])\s*")
_LEAD_IN = re.compile(r"^[^：:]*[：:]")
_BLANK = re.compile(r"(?<=[一-鿿）)])\s+(?=[一-鿿（(])")
_LONGEST = 800
_EDGES = " \t\r\n\u3000、，,；;。/／|_＿"


def _marks(text: str) -> re.Pattern[str]:
    """The marks of this text: bullets and filled shapes count as ticks only beside hollow ones."""
    tick, box = _TICK, _BOX
    if any(char in text for char in _FILLED) and any(char in text for char in _HOLLOW):
        tick, box = tick + _FILLED, box + _HOLLOW
    pair = rf"[{box}][{_TICK}]|[{_TICK}][{box}]"
    return re.compile(rf"(?P<tick>{_BRACKET_TICK}|{pair}|[{tick}])|(?P<box>{_BRACKET_BOX}|[{box}])")


def _option(text: str) -> str:
    return _ITEM_NUMBER.sub("", text.strip(_EDGES)).strip(_EDGES)


@lru_cache(maxsize=2048)
def ticked(text: str) -> Ticks:
    """The ticked options of a cell: `新增项目□ 延续项目√`, `□新增 ☑延续`, `新增（√） 延续（ ）`.

    Whether a box stands before or after its option is read from the text: a box at the start means before, one at the
    end after. Where both or neither is so, a blank on one side of each box must tell, or nothing is chosen.
    """
    if len(text) > _LONGEST:
        return Ticks()
    text = _HINT.sub(" ", text)
    found = list(_marks(text).finditer(text))
    if not found or not any(mark["tick"] or mark["box"].strip("（()） ") for mark in found):
        return Ticks()
    lead = _LEAD_IN.match(text)
    start = lead.end() if lead and lead.end() <= found[0].start() else 0
    if not any(mark["tick"] for mark in found):
        return Ticks(has_boxes=True)
    gaps = [text[start : found[0].start()]]
    gaps += [text[a.end() : b.start()] for a, b in pairwise(found)]
    gaps.append(text[found[-1].end() :])
    before, after = not compact(gaps[0]), not compact(gaps[-1])
    boxed = not all(mark["tick"] for mark in found)
    chosen: list[str] = []
    for index, mark in enumerate(found):
        if not mark["tick"]:
            continue
        side = index + 1 if before and not after else index if after and not before else _near(gaps, index)
        option = _option(gaps[side]) if side is not None else ""
        several = _BLANK.search(option) and (before == after or not boxed)
        if not option or several:
            return Ticks(has_boxes=True, certain=not any(map(compact, gaps)))
        chosen.append(_BLANK.sub("", option))
    return Ticks(has_boxes=True, chosen="、".join(chosen))


def _near(gaps: list[str], index: int) -> int | None:
    """The gap that touches the mark without a blank, if only one of its two neighbours does."""
    left, right = gaps[index], gaps[index + 1]
    touches_left, touches_right = bool(left) and not left[-1].isspace(), bool(right) and not right[0].isspace()
    if touches_left == touches_right:
        return None
    return index if touches_left else index + 1

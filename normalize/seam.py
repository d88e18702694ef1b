"""The seam of a table that was joined over a page break: cells merged over it, and a row that it cut through, are made one again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Place
from yusuan.normalize.finder import Finder
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.repair import begins_item
from yusuan.normalize.text import is_filler, label_key, label_stem

_LINE_HEIGHT = 26.0
"""Points a line of a form takes at the most; a cell that has room for another line was not cut by the page."""
_WORDS_OF_NAMES = ("指标", "目标", "分", "绩效")
_PERIODS = ("年度", "本年度", "当年", "实施期", "长期", "中期")
"""Labels that begin longer ones: `年度` + `绩效指标`."""
_SATISFACTION = re.compile(r"(?:社会公众或?)?(?:服务对象|公众|群众)?满意度(?:指标)?(?:\(.*\)分?)?$")
_UNIT = re.compile(
    r"[（〔【《“‘(\[]*(?:[≥≤⩾⩽≧≦＞＜＝±]?[!-~]+.?|.)[，。、；：？！）〕】》”’％,.;:?!)\]%]*(?:(?<=[，、])\s?[\d.,]+)?"
)
_TOLERANCE, _LATIN_TOLERANCE = 0.2, 0.35
"""Heights of letters: what an estimate of widths may miss, and the blank that went with the line. CJK letters have one width."""
_PARAGRAPH = 20
"""Characters from which a text counts as a paragraph."""
_LATIN_LINE = 0.86
_LESS = 0.9
"""In lines: so much lower than the fullest cell of its row, a text had room for its next line and ended there."""
_BRACKETS = ("（(", "）)")
_CJK = re.compile(r"[一-鿿]")
_VALUE = re.compile(
    r"[≥≤⩾⩽≧≦＞＜＝><=±约]*\s*\d[\d,.]*\s*[^\d\s\W年月][^\d\s，、；：。,;:]*|[≥≤⩾⩽≧≦＞＜＝><=]*\s*\d[\d,.]*\s*[%％‰][^\d\s，、；：。,;:]*"
)
_WORD_VALUE = re.compile(r"[一-鿿]{1,3}[^\W\d率度数量额比费期值]")
_QUALITY = re.compile(r"(?:显著|明显|大幅|逐步|持续|不断|有效|稳步|有所|较大|切实|全面)[一-鿿]{2}")
"""Says how much by a word: no figure but a share goes with it (`稳步增长` + `5%`)."""
_SHARE = re.compile(r"[%％‰]|百分|[倍成]$")
_OPEN_VALUE = ("～", "~", "-", "—", "–", "至", "/")
_FIGURE = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BEGINS_VALUE = re.compile(r"(?:[≥≤⩾⩽≧≦＞＜＝><=±]|约|不[低少小超高多大]于?过?|[大小等]于)*\s*\d")
_BLANK = re.compile(r"\s+")
_SENTENCE = re.compile(r"[。；]")
_COLON = ("：", ":")
_BREAKABLE = ("，", "、", "。", "；", "：", ",", ";", ":")

Position = tuple[int, int]
Pairs = Sequence[tuple[Cell | None, Cell]]
"""The cells of the first row below a page break, each with the one of its columns above it."""


@dataclass(frozen=True, slots=True)
class JoinedRow:
    """A row that a page break had cut in two: where its second half stands."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Seam:
    """`merged`: the cells of the lower row (by number) that go on one above, with the cell that both make; `split`: the row is one
    with the last above, so that what follows moves up."""

    merged: dict[int, Cell]
    split: bool


def close_seam(above: Sequence[Cell], below: Sequence[Cell], finder: Finder, undrawn: AbstractSet[int]) -> Seam:
    """Which cells belong together over a page break: `above` cover the last row of the upper page, `below` begin in the first of the lower.

    `undrawn`: the columns in which no line stands at the break, neither above nor below; a row without any was cut, whatever it says.
    """
    upper = {(cell.col, cell.col_span): cell for cell in above}
    pairs = [(upper.get((cell.col, cell.col_span)), cell) for cell in below]
    cut = {number for number, (top, bottom) in enumerate(pairs) if top and bottom.col in undrawn}
    names = {number for number, (top, bottom) in enumerate(pairs) if top and is_cut_name(top, bottom, finder)}
    height = _row_height(pairs)
    merged = _merged_pairs(pairs, names, height, finder) | cut
    tall = {number for number, (top, bottom) in enumerate(pairs) if top and top.row_span + bottom.row_span > 2}
    split = 0 < len(cut) == len(pairs) or (tall <= merged and _is_split_row(pairs, names, height, finder))
    return Seam(
        {
            number: _both(top, bottom, top.row_span + bottom.row_span - split)
            for number, (top, bottom) in enumerate(pairs)
            if top is not None and (split or number in merged)
        },
        split,
    )


def _both(top: Cell, bottom: Cell, row_span: int) -> Cell:
    lines = top.text.count("\n") + 1
    text = "\n".join(part for part in (top.text, bottom.text) if part)
    below = tuple(line + lines for line in bottom.full_lines) if top.text else bottom.full_lines
    box = top.bbox
    if box is not None and bottom.bbox is not None:
        box = (*box[:3], box[3] + bottom.bbox[3] - bottom.bbox[1])  # as high as all of its parts
    return top._replace(
        bbox=box,
        room=bottom.room if bottom.text else top.room,
        row_span=row_span,
        text=text,
        full_lines=(*top.full_lines, *below) if bottom.text else top.full_lines,
    )


def _merged_pairs(pairs: Pairs, names: AbstractSet[int], height: float, finder: Finder) -> set[int]:
    """Which pairs (by number) are one cell merged over the break: more than one row on one page, and the text on one of them or cut.

    From the first pair on that is two cells with a text each, everything to the right belongs to two groups of rows.
    """
    merged: set[int] = set()
    for number, (top, bottom) in enumerate(pairs):
        if top is None:
            continue
        if number in names:
            merged.add(number)
        elif top.row_span > 1 or bottom.row_span > 1:
            both = bool(top.text and bottom.text)
            if both and (_is_complete(label_key(bottom.text), finder) or _is_ended(top, bottom, finder)):
                break
            merged.add(number)
        elif bottom.text:
            if not merged and _is_another(top, bottom, height, finder):
                break
        elif top.text and _is_of_table(label_key(top.text), pairs, finder):
            merged.add(number)
    return merged


def _is_of_table(key: str, pairs: Pairs, finder: Finder) -> bool:
    """Whether a label is that of a section, or stands beside a header of indicators that moved to the next page."""
    if finder.is_area(key):
        return True
    return finder.is_label(key) and finder.is_header([label_key(bottom.text) for _, bottom in pairs])


def is_cut_name(top: Cell, bottom: Cell, finder: Finder) -> bool:
    """Whether two texts are one label or level cut in two: `社会效` + `益指标`, `经济` + `成本指标`, `效益指标` + `（30分）`, but not two names."""
    if not _CJK.search(top.text) or not (_CJK.search(bottom.text) or _closes(top.text, bottom.text)):
        return False
    if is_filler(bottom.text):
        return False
    above, below, whole = label_key(top.text), label_key(bottom.text), label_key(top.text + bottom.text)
    if not _is_name(whole, finder):
        return False
    if _is_complete(above, finder) and _is_complete(below, finder):
        return (_is_stacked(top.text) and _is_stacked(bottom.text)) or (above in _PERIODS and not _has_room(top))
    if label_stem(above) == label_stem(whole) and ")" not in whole:
        return False  # `分值` + `12分`
    return not (_is_name(above, finder) and _is_name(below, finder)) or whole.endswith("指标")


def _closes(above: str, below: str) -> bool:
    """Whether the text below closes the bracket that the one above leaves open: `效益指标（50分` + `）`."""
    opened = sum(map(above.count, _BRACKETS[0]))
    return opened > 0 and below.lstrip()[:1] in _BRACKETS[1] and opened > sum(map(above.count, _BRACKETS[1]))


def _is_in_brackets(above: str, below: str) -> bool:
    """Whether the break is inside of brackets: `…项目（二` + `期）`."""
    opened, closed = (sum(map(above.count, brackets)) for brackets in _BRACKETS)
    first = next((letter for letter in below if letter in "".join(_BRACKETS)), "")
    return opened > closed and first != "" and first in _BRACKETS[1]


def _is_cut_label(top: Cell, bottom: Cell, finder: Finder) -> bool:
    """Whether two texts of one row are one label, if a break cut it: also `财政拨款` + `（万元）`, whose first half is one, too."""
    if (
        not finder.is_label(label_key(top.text + bottom.text))
        or not _CJK.search(top.text)
        or _are_two_labels(top, bottom)
    ):
        return False
    both = all(finder.is_label(label_key(cell.text)) for cell in (top, bottom))
    return not both or _is_full(top, bottom)  # `中央补助` had room for the first word of `地方资金`


def _are_two_labels(top: Cell, bottom: Cell) -> bool:
    """Whether each has a colon: `中央补助：` + `地方资金：`, though `中央补助地方资金` is a label, too."""
    return top.text.rstrip().endswith(_COLON) and bottom.text.rstrip().endswith(_COLON)


def _is_stacked(text: str) -> bool:
    """Whether a word is written downwards, each letter in a line of its own (a colon stands beside the last)."""
    return "\n" in text and all(len(line.rstrip("：:")) <= 1 for line in text.split("\n"))


def _is_name(key: str, finder: Finder) -> bool:
    """Whether a text is a label or a level of indicators by itself. Any text with 满意度 has a level's code: here it must be one."""
    if label_stem(key) in _WORDS_OF_NAMES:
        return False
    if finder.is_label(key):
        return True
    if "指标" in label_stem(key)[:-2] or ("满意度" in key and not _SATISFACTION.match(key)):
        return False
    return level1_code(key) is not None or level2_code(key) is not None


def _is_complete(key: str, finder: Finder) -> bool:
    """Whether a name needs nothing more: `经济` may go on to `经济成本指标`, `经济效益指标` may not."""
    return _is_name(key, finder) and (finder.is_label(key) or label_stem(key).endswith("指标"))


def _is_split_row(pairs: Pairs, names: AbstractSet[int], height: float, finder: Finder) -> bool:
    """Whether the first row below the break is the rest of the last row above it, by its cells of one row.

    At least one text goes on, and nothing speaks against it: other columns; a text below an empty cell (but a label, or beside a level
    that was cut the one above it, that is printed in the lower half); a text below one that had room to go on, or below a complete name; a template's filler below a short text.
    The label of a row cut in two is proof, wherever its author had ended the lines beside it; so is a level, where most texts beside it have nothing below.
    """
    cut = [(top, bottom) for top, bottom in map(pairs.__getitem__, names) if top and top.row_span == 1]
    # the label of a row; a level may be merged over several
    certain = any(finder.is_label(label_key(top.text + bottom.text)) for top, bottom in cut)
    certain |= bool(cut) and _is_mostly_over(pairs)
    goes_on = False
    for number, (top, bottom) in enumerate(pairs):
        if top is None:
            return False
        if top.row_span > 1 or bottom.row_span > 1:
            continue
        if not bottom.text:
            certain |= bottom is pairs[0][1] and finder.is_label(label_key(top.text))
        elif not top.text:
            lower = label_key(bottom.text)  # printed in the lower half of its row
            if not (finder.is_label(lower) if bottom.col == 0 else cut and _is_name(lower, finder)):
                return False
        elif is_filler(bottom.text) and len(top.text) < _PARAGRAPH:
            return False
        elif not (number in names or _is_cut_label(top, bottom, finder)):
            if _is_complete(label_key(top.text), finder) or not (
                certain
                or _is_in_brackets(top.text, bottom.text)
                or (not _has_less(top, height) and _ends_open(top, bottom))
            ):
                return False
            goes_on = True
        else:
            goes_on = True
    return goes_on


def _is_mostly_over(pairs: Pairs) -> bool:
    """Whether most texts of one row above the break have nothing below: an indicator of its own says more."""
    below = [bool(bottom.text) for top, bottom in pairs if top and top.text and top.row_span == bottom.row_span == 1]
    return 2 * sum(below) <= len(below)


def _row_height(pairs: Pairs) -> float:
    """The height of the row above the break, in lines."""
    return max([_height(top.text) for top, _ in pairs if top and top.row_span == 1], default=0.0)


def _has_less(top: Cell, height: float) -> bool:
    """Whether a cell of one row had room for one more line below its text."""
    return height - _height(top.text) > _LESS


def _is_another(top: Cell, bottom: Cell, height: float, finder: Finder) -> bool:
    """Whether the text below, in a cell of one row, is none that was begun above (a label may be printed in its lower half)."""
    if not top.text:
        return not finder.is_label(label_key(bottom.text))
    return _has_less(top, height) or _is_ended(top, bottom, finder)


def _is_ended(top: Cell, bottom: Cell, finder: Finder) -> bool:
    """Whether the text below is not the rest of the one above."""
    return _is_complete(label_key(top.text), finder) or not _ends_open(top, bottom)


def _height(text: str) -> float:
    """The height of a text in lines of CJK characters; a line of Latin letters and digits alone is lower."""
    return sum([1.0 if max(line, default=" ") >= "\u2e80" else _LATIN_LINE for line in text.split("\n")])


def _has_room(cell: Cell) -> bool:
    """Whether a cell is higher than its lines by one line at least, so that nothing of its text had to move to the next page."""
    lines = cell.text.count("\n") + 1
    return cell.bbox is not None and cell.bbox[3] - cell.bbox[1] > (lines + 1) * _LINE_HEIGHT


def _ends_open(top: Cell, bottom: Cell) -> bool:
    """Whether the text above can go on below: it fills the height of its cell, and its last line the width, or it was its author
    who ended that line: at a sign of punctuation, before an item, or (nervous typists) in the middle of a sentence.
    """
    if _has_room(top):
        return False
    item = begins_item(bottom.text) and not is_filler(bottom.text)
    ended = top.text.rstrip().endswith(_BREAKABLE)
    if _are_two_labels(top, bottom):
        return False
    if _are_two_values(_BLANK.sub("", top.text), _BLANK.sub("", bottom.text)):
        return False
    return _is_full(top, bottom) or item or ended or _SENTENCE.search(bottom.text) is not None


def _are_two_values(above: str, below: str) -> bool:
    """Whether two texts are a value each, not one cut in two: `4个` + `≥5个`, `30.00` + `42.00`, `浓厚` + `≥5个`, `显著提升` + `30人`, but
    not `30.` + `00`, `85%～` + `88%`, `好评率` + `≥90%`, `提升` + `30人` or `稳步增长` + `5%`.
    """
    if _FIGURE.fullmatch(above) and _FIGURE.fullmatch(below):
        return not _FIGURE.fullmatch(above + below)
    if above.endswith(_OPEN_VALUE):
        return False
    if _WORD_VALUE.fullmatch(above):
        return _VALUE.fullmatch(below) is not None and (
            not below[0].isdigit() or (_QUALITY.fullmatch(above) is not None and _SHARE.search(below) is None)
        )
    return _VALUE.fullmatch(above) is not None and _BEGINS_VALUE.match(below) is not None


def _is_full(top: Cell, bottom: Cell) -> bool:
    """Whether what begins the text below had no room behind the last line above."""
    if top.room is None:
        return top.text.count("\n") in top.full_lines
    return top.room < _first_width(bottom.text)


def _first_width(text: str) -> float:
    """At most the width of what moves to the next line together, in heights of letters: a character or Latin word with its closing
    marks, an operator with its figure; LibreOffice parts no figure from the comma before it.
    """
    unit = _UNIT.match(text.lstrip())
    letters = _BLANK.sub("", unit[0]) if unit else "一"
    width = sum(1.0 if ord(letter) > 0x2E7F or letter in "%@mwMW" else 0.58 for letter in letters)
    return width + (_TOLERANCE if letters[0] > "\u2e7f" else _LATIN_TOLERANCE)

"""Characters of a page with their places, and which of them an eye sees.

Spaces and line ends that pdfium makes up are not characters of the document.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pypdfium2_raw as pdfium

from yusuan.extract.pdf_advances import ask_level, ask_turned, turn_columns
from yusuan.extract.pdf_api import (
    Bools,
    Codes,
    Floats,
    Handle,
    Ints,
    Matrix,
    as_handle,
    every,
    handle_of,
    places,
    quick,
    some,
)
from yusuan.extract.pdf_boxed import base_name, is_one_blank, need_outlines
from yusuan.extract.pdf_clips import shown_stops
from yusuan.extract.pdf_letters import (
    BLANK,
    HYPHEN,
    LINE_END,
    PRIVATE,
    RADICAL,
    REPLACEMENT,
    SOFT_HYPHEN,
    SPACE,
    SURROGATE,
    UNUSUAL,
    Kinds,
    all_kinds,
    are,
    kinds_of,
)
from yusuan.extract.pdf_lines import Marks, colors_under, contrasts
from yusuan.extract.pdf_objects import Texts
from yusuan.extract.symbols import symbol

MAX_CHARS = 400_000
ASKEW = 4
"""The turn of what is written in none of the four directions."""
_SYMBOL_FONT = re.compile(r"(wingdings|webdings|symbol)[\s-]*([23])?")
_SUPPLEMENT = "⺁厂⺄乙⺇几⺋卩⺌小⺍小⺎尢⺐尢⺓幺⺟母⺠民⺩王⺫目⺬示⺮竹⺯纟⺶羊⺸羊⺻聿⻁虎⻄西⻅见⻆角⻈讠⻉贝⻋车⻌辶⻍辶⻐钅⻑長⻒镸⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻟飠⻠饣⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻫斉⻬齐⻭歯⻮齿⻰龙⻳龟"
_RADICALS = {
    **{code: ord(unicodedata.normalize("NFKC", chr(code))) for code in range(0x2F00, 0x2FD6)},
    **{ord(old): ord(new) for old, new in zip(_SUPPLEMENT[::2], _SUPPLEMENT[1::2], strict=True)},
}
_ALONG = np.array([(1.0, 0.0), (0.0, -1.0), (-1.0, 0.0), (0.0, 1.0), (1.0, 0.0)])
_UP = np.array([(0.0, -1.0), (-1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, -1.0)])
_LATIN_END = 0x250
_WIDE_SIGNS = frozenset(map(ord, "¤§¨°±×·÷"))
"""Signs of the Latin page that GB 2312 has as well."""
SMALLEST = 1.0
"""Letters lower than this, in points, cannot be read."""

_text_object = quick(pdfium.FPDFText_GetTextObject, ctypes.c_void_p)
_unicode = quick(pdfium.FPDFText_GetUnicode, ctypes.c_uint)
_map_error = quick(pdfium.FPDFText_HasUnicodeMapError, ctypes.c_int)
_generated = quick(pdfium.FPDFText_IsGenerated, ctypes.c_int)
_get_text = quick(pdfium.FPDFText_GetText, ctypes.c_int)


@dataclass(slots=True)
class Chars:
    """Arrays of one length, in drawing order, in reader coordinates.

    `kind`: the bits of `pdf_letters`; `x`, `y`: the origin, at the left end of the base line; `width`: the advance; `size`: the height of the font; `turn`: the
    direction of writing in quarters of a turn counter-clockwise, `ASKEW` where it is none of these; `source`: the index of
    the text object; `unmapped`: the font does not say which letter it is.
    """

    code: Codes
    kind: Kinds
    x: Floats
    y: Floats
    width: Floats
    size: Floats
    turn: Ints
    source: Ints
    unmapped: Bools

    def __len__(self) -> int:
        return len(self.code)

    def take(self, chosen: Bools) -> Chars:
        """The chosen ones."""
        return Chars(*(getattr(self, name)[chosen] for name in self.__slots__))


class Clipped(NamedTuple):
    """Characters that their clipping hides, their middles, and the boxes (n, 4) that may show."""

    chars: Chars
    x: Floats
    y: Floats
    clip: Floats


class OutlinesNeededError(Exception):
    """pdfium leaves a text out if it does not measure the font that the PDF carries (see `pdf_outlines`)."""


def read_chars(text_page: Any, texts: Texts, base: Matrix, ground: Marks) -> tuple[Chars, Clipped | None, bool]:
    """The visible characters of a page, those that a clipping hides, and whether there were more than `MAX_CHARS`.

    Raises OutlinesNeededError.
    """
    handle = handle_of(text_page)
    total = int(pdfium.FPDFText_CountChars(text_page))
    count = min(total, MAX_CHARS)
    code, kind = _ask_codes(handle, max(count, 0))
    asked, source = _letters(handle, code, kind, texts)
    code, kind = code[asked], kind[asked]
    turns = turns_of(texts)
    turn = turns[source]
    sizes = np.hypot(texts.matrix[:, 2], texts.matrix[:, 3])
    size = sizes[source]
    if some(turns) or base[1] or base[2]:
        x, y, width = ask_turned(handle, code, asked, base, texts, source)
    else:
        x, y, width = ask_level(handle, code, asked, base, texts, source, size)
    turn_columns(x, y, size, turn, source)
    kinds = all_kinds(kind)
    unmapped = _are_too_wide(code, width, size, source, texts)
    if kinds & UNUSUAL:
        unmapped |= _ask_unmapped(handle, asked, source)
    if kinds & PRIVATE:
        code = _translate_symbols(code, source, texts)
    if kinds & (PRIVATE | RADICAL):
        code = plain_radicals(code)
        kind = kinds_of(code)
    chars = Chars(code, kind, x, y, width, size, turn, source, unmapped)
    cx, cy = centers(chars)
    clip = texts.clip.take(source, axis=0)
    shown = (cx >= clip[:, 0]) & (cx <= clip[:, 2]) & (cy >= clip[:, 1]) & (cy <= clip[:, 3])
    if not every(shown):
        shown |= shown_stops(code, x, cy, np.where(turn == 0, width, 0.0), clip)
    visible = _paints(texts) & (sizes >= SMALLEST)
    clipped = None
    if not every(shown):
        hidden = ~shown & visible[source] & (kind & BLANK == 0)
        clipped = Clipped(chars.take(hidden), cx[hidden], cy[hidden], clip[hidden]) if some(hidden) else None
    if not every(visible):
        shown &= visible[source]
    if not every(shown):
        chars, cx, cy = chars.take(shown), cx[shown], cy[shown]
    return on_ground(chars, texts, ground, cx, cy), clipped, total > count


def _letters(handle: Handle, code: Codes, kind: Kinds, texts: Texts) -> tuple[Ints, Ints]:
    """The indexes of the characters that the document has itself, and of their text objects. Raises OutlinesNeededError.

    A blank alone in its object parts nothing; pdfium leaves it out where it measures its outline, not its box.
    """
    asked = places(kind & LINE_END == 0)
    source = _ask_sources(handle, asked.tolist(), texts)
    real = source >= 0
    for place in places(real & (code[asked] == SPACE)).tolist():
        real[place] = _generated(handle, int(asked[place])) != 1
    asked, source = asked[real], source[real]
    number = np.bincount(source, minlength=len(texts.handles))
    silent = [texts.handles[own] for own in places(number == 0).tolist()]
    unusual = {texts.handles[own] for own in source[are(UNUSUAL | SOFT_HYPHEN, kind[asked])].tolist()}
    if need_outlines(silent, unusual):
        raise OutlinesNeededError
    for place in places(are(BLANK, kind[asked]) & (number[source] == 1)).tolist():
        own = int(source[place])
        if is_one_blank(texts.handles[own], bool(abs(texts.matrix[own, 0]) > abs(texts.matrix[own, 1]))):
            number[own] = 0
    kept = number[source] > 0
    if not every(kept):
        asked, source = asked[kept], source[kept]
    return asked, source


def turns_of(texts: Texts) -> Ints:
    across, along = texts.matrix[:, 1], texts.matrix[:, 0]
    if not some(across) and every(along > 0):
        return np.zeros(len(along), dtype=np.int64)
    angle = np.arctan2(-across, along) * (2 / np.pi)
    turn = np.rint(angle)
    return np.where(np.abs(angle - turn) > 0.09, ASKEW, turn % 4).astype(np.int64)


def _paints(texts: Texts) -> Bools:
    """Objects that paint letters at all (their colour is looked at by `on_ground`)."""
    return np.asarray((texts.mode != 3) & (texts.mode != 7) & (texts.color[:, 3] > 0))


def on_ground(chars: Chars, texts: Texts, ground: Marks, cx: Floats, cy: Floats) -> Chars:
    """Without letters in the colour of what lies under them. Stroked letters (modes 1 and 2) count as seen."""
    filled = (texts.mode == 0) | (texts.mode == 4)
    if not len(ground) or not some(contrasts(ground.color)):
        seen = ~filled | contrasts(texts.color)
        if every(seen):
            return chars
        seen = seen[chars.source]
    else:
        middle = np.stack((cx, cy, cx, cy), axis=1)
        under = colors_under(middle, texts.order[chars.source], ground)
        seen = ~filled[chars.source] | contrasts(texts.color[chars.source], under)
    return chars if every(seen) else chars.take(seen)


def _ask_codes(handle: Handle, count: int) -> tuple[Codes, Kinds]:
    """Code points and their kinds, in one call where each character is one UTF-16 unit; U+FFFD where the font has no Unicode map."""
    units = np.zeros(count + 1, dtype=np.uint16)
    written = _get_text(handle, 0, count, as_handle(units.ctypes.data))
    code: Codes = units[:count].astype(np.uint32)
    kinds = kinds_of(code)
    if written != count + 1 or all_kinds(kinds) & SURROGATE:
        code = np.fromiter(map(_unicode, repeat(handle), range(count)), dtype=np.uint32, count=count)
        code[code == 0] = REPLACEMENT
        kinds = kinds_of(code)
    if all_kinds(kinds) & SOFT_HYPHEN:
        soft = are(SOFT_HYPHEN, kinds)
        code[soft] = HYPHEN
        kinds = kinds_of(code) | np.where(soft, SOFT_HYPHEN, 0).astype(kinds.dtype)
    return code, kinds


def _ask_sources(handle: Handle, indexes: list[int], texts: Texts) -> Ints:
    """For each character the index of its text object, -1 where it has none."""
    objects = map(_text_object, repeat(handle), indexes)
    return np.fromiter(map(texts.number.get, objects, repeat(-1)), dtype=np.int64, count=len(indexes))


def _ask_unmapped(handle: Handle, asked: Ints, source: Ints) -> Bools:
    """Whether the font says which letter a character is; asked only on pages with characters that forms do not use.

    Without a map pdfium hands out glyph numbers, which are spread over all of the lower code points.
    """
    found = np.fromiter(map(_map_error, repeat(handle), asked.tolist()), dtype=np.int64, count=len(asked))
    error: Bools = found == 1
    if some(error):  # glyph numbers that pdfium took for ligatures come without the mark, but not alone
        share = np.bincount(source, weights=error) / np.maximum(np.bincount(source), 1)
        error |= share[source] >= 0.5
    return error


def _are_too_wide(code: Codes, width: Floats, size: Floats, source: Ints, texts: Texts) -> Bools:
    """Letters of the alphabet and digits as wide as a CJK letter, in fonts without a name (Type 3): numbers of glyphs for which
    Ghostscript, rewriting a browser's PDF, had no letter: `。` becomes `2`. No font draws a digit so wide under its own name; `×` and
    the like are so wide in CJK fonts, and garbage only beside others.
    """
    wide = (code > SPACE) & (code < _LATIN_END) & (np.abs(width - size) < 0.03 * size)
    if _WIDE_SIGNS.issuperset(code[wide].tolist()):
        return np.zeros(len(code), dtype=np.bool_)
    for own in {*source[wide].tolist()}:
        if base_name(texts.handles[own]):
            wide &= source != own
    return np.asarray(wide)


def _translate_symbols(code: Codes, source: Ints, texts: Texts) -> Codes:
    """Characters of symbol fonts (private use) as what they show: ticks, boxes, bullets."""
    private = places((code >= 0xF020) & (code < 0xF100))
    if not len(private):
        return code
    code = code.copy()
    names: dict[int, str] = {}
    for place in private.tolist():
        own = int(source[place])
        if own not in names:
            names[own] = _symbol_font(texts.handles[own])
        code[place] = ord(symbol(names[own], int(code[place])))
    return code


def _symbol_font(text: Handle) -> str:
    """The name of a text object's font as symbol tables know it: `ABCDEF+Wingdings2-Regular` → `wingdings 2`."""
    name = base_name(text).lower()
    found = _SYMBOL_FONT.search(name)
    return " ".join(part for part in found.groups() if part) if found else name


def plain_radicals(code: Codes) -> Codes:
    """Radicals become the characters that they look like (⽬ → 目): fonts map both to one glyph, and many maps pick the wrong."""
    kinds = kinds_of(code)
    if all_kinds(kinds) & RADICAL:
        radical = are(RADICAL, kinds)
        code = code.copy()
        code[radical] = [_RADICALS.get(letter, letter) for letter in code[radical].tolist()]
    return code


def centers(chars: Chars) -> tuple[Floats, Floats]:
    """A point inside each letter: half its width along the writing, a third of its height above the base line."""
    lift = 0.3 * chars.size
    half = chars.width / 2
    if not some(chars.turn):
        return chars.x + half, chars.y - lift
    along, up = _ALONG[chars.turn], _UP[chars.turn]
    return chars.x + along[:, 0] * half + up[:, 0] * lift, chars.y + along[:, 1] * half + up[:, 1] * lift

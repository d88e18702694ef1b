"""What kind of letter a code point is: one table for all questions, so that a page's letters are looked up once and not compared range by range."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from yusuan.extract.pdf_api import Bools, Codes

BLANK, LINE_END, SOFT_HYPHEN, SURROGATE, MEANINGLESS, PRIVATE, RADICAL, UNUSUAL, DOUBTFUL = (
    1 << bit for bit in range(9)
)
"""Spaces of any width; line ends; pdfium's marks of a hyphen at the end of a word; halves of UTF-16 pairs; control characters
and no characters; private use; radicals; all letters that forms do not use; letters of which text read in the wrong encoding
consists: accented ones, CJK characters that GB 2312 lacks."""
SPACE, HYPHEN, REPLACEMENT = 0x20, 0x2D, 0xFFFD
ACCENTED, CJK = (0xA1, 0x180), (0x3400, 0xA000)
CJK_FROM = 0x2E80
"""From here on letters are as wide as they are high."""
WIDE_BLANKS = (
    (0xA0, 0xA1),
    (0x2000, 0x2010),
    (0x2028, 0x2030),
    (0x205F, 0x2065),
    (0x3000, 0x3001),
    (0xFEFF, 0xFF00),
)
"""Blanks beyond ASCII, of any width or none: from, up to."""
_BEYOND, _PRIVATE_PLANES = 0x10000, 0xF0000

Kinds = npt.NDArray[np.uint16]

_USUAL = (
    (0x20, 0x7F),
    (0x2000, 0x2700),
    (0x3000, 0x3040),
    (0x4E00, 0xA000),
    (0xFF00, 0xFFEF),
)
_RANGES = (
    (BLANK, ((9, 10), (SPACE, SPACE + 1), *WIDE_BLANKS)),
    (LINE_END, ((10, 11), (13, 14))),
    (SOFT_HYPHEN, ((2, 3), (0xFFFE, 0xFFFF))),
    (SURROGATE, ((0xD800, 0xE000),)),
    (MEANINGLESS, ((0, 9), (10, 32), (0x7F, 0xA0), (0xD800, 0xE000), (0xFFF0, 0x10000))),
    (PRIVATE, ((0xE000, 0xF900), (_BEYOND + 1, _BEYOND + 2))),
    (RADICAL, ((0x2E80, 0x2FD6),)),
    (DOUBTFUL, (ACCENTED, CJK, (REPLACEMENT, REPLACEMENT + 1))),
)


def _table() -> Kinds:
    """By code point; the last two rows are for what lies beyond the first plane, without and in private use."""
    table = np.full(_BEYOND + 2, UNUSUAL, dtype=np.uint16)
    for first, past in _USUAL:
        table[first:past] = 0
    for kind, ranges in _RANGES:
        for first, past in ranges:
            table[first:past] |= kind
    known = "".join(map(chr, range(*CJK))).encode("gb2312", "ignore").decode("gb2312")
    table[list(map(ord, known))] ^= DOUBTFUL
    return table


_TABLE = _table()


def kinds_of(code: Codes) -> Kinds:
    """The kinds of letters, as bits."""
    if code.max(initial=0) < _BEYOND:
        return _TABLE.take(code)
    return _TABLE.take(np.where(code < _PRIVATE_PLANES, np.minimum(code, _BEYOND), _BEYOND + 1))


def all_kinds(kinds: Kinds) -> int:
    """The kinds that occur, as bits."""
    return int(np.bitwise_or.reduce(kinds))


def are(kind: int, kinds: Kinds) -> Bools:
    """Which letters are of this kind, or of one of these."""
    return np.asarray(kinds & kind != 0)

"""Characters that lie over a page and are no part of its text: watermarks, seals; and characters that mean nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from yusuan.extract.pdf_api import Bools, Floats, Ints, some
from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_chars import ASKEW, Chars, centers
from yusuan.extract.pdf_letters import ACCENTED, CJK, DOUBTFUL, MEANINGLESS, PRIVATE, all_kinds, are
from yusuan.extract.pdf_lines import MAX_PAIRS
from yusuan.extract.pdf_objects import Texts

TOO_HIGH = 1.3
"""Letters higher than their cell times this are not written into it."""
LARGE = 1.5
"""Stamped letters are larger than the page's others times this, or they cross them."""
CROSSED = 0.3
"""The share of a stamp's letters that cross other letters."""
_PLACES = 1 << np.array((48, 32, 16, 0))
"""A colour as one number: rows of an array are told apart twenty times as slowly."""
PRIVATE_SHARE = 0.1
"""The share of private-use characters from which on they are no symbols but a font without a map."""


def find_overlays(chars: Chars, home: Ints, lattices: list[Lattice], texts: Texts) -> Bools:
    """Letters of watermarks and seals: written askew, far higher than their cell, or stamped (red, faint) across others."""
    overlay: Bools = chars.turn == ASKEW
    if lattices and chars.size.max(initial=0.0) > TOO_HIGH * min(_lowest_row(lattice) for lattice in lattices):
        heights = np.array(
            [lattice.ys[cell[2]] - lattice.ys[cell[0]] for lattice in lattices for cell in lattice.cells]
        )
        inside = home >= 0
        overlay[inside] |= chars.size[inside] > TOO_HIGH * heights[home[inside]]
    if len(chars) and some(texts.color != texts.color[0]):
        overlay |= _stamped(chars, texts.color[chars.source], overlay)
    return overlay


def _lowest_row(lattice: Lattice) -> float:
    return min(below - above for above, below in pairwise(lattice.ys))


def _stamped(chars: Chars, color: Floats, askew: Bools) -> Bools:
    stamped = np.zeros(len(chars), dtype=np.bool_)
    color = color.astype(np.int64)
    _, first, kind, count = np.unique(color @ _PLACES, return_index=True, return_inverse=True, return_counts=True)
    main = int(count.argmax())
    body = float(np.median(chars.size[kind == main]))
    cx, cy = centers(chars)
    for number, (red, green, blue, alpha) in enumerate(color[first].tolist()):
        if number == main or not (red - max(green, blue) > 60 or min(red, green, blue) > 150 or alpha < 200):
            continue
        own = kind == number
        if some(askew & own):
            stamped |= own  # a seal's inscription runs around: some of its letters stand upright by chance
            continue
        for size in np.unique(np.rint(chars.size[own])).tolist():
            members = own & (np.rint(chars.size) == size)
            others = ~own
            if members.sum() * others.sum() > MAX_PAIRS:
                continue
            reach = 0.5 * np.maximum(chars.size[members][:, None], chars.size[others])
            crossed = (np.abs(cx[members][:, None] - cx[others]) < reach) & (
                np.abs(cy[members][:, None] - cy[others]) < reach
            )
            share = crossed.any(axis=1).mean() if some(others) else 0.0
            if share >= CROSSED or (share > 0 and size >= LARGE * body):
                stamped |= members
    return stamped


def is_garbage(chars: Chars) -> Bools:
    """Letters without a meaning: no Unicode map, control characters, and private use where a page is full of it."""
    garbage = chars.unmapped | are(MEANINGLESS, chars.kind)
    if all_kinds(chars.kind) & PRIVATE:
        private = are(PRIVATE, chars.kind)
        if private.sum() >= 10 and private.mean() > PRIVATE_SHARE:  # some are bullets and ticks of symbol fonts
            garbage |= private
    return garbage


def odd_letters(chars: Chars) -> frozenset[str]:
    """The letters of a page without which no text of it is gibberish; none where GB 2312 has all letters of the page."""
    if not all_kinds(chars.kind) & DOUBTFUL:
        return frozenset()
    text = chars.code.astype("<u4").tobytes().decode("utf-32-le", "replace")
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return frozenset(map(chr, chars.code[are(DOUBTFUL, chars.kind)].tolist()))
    return frozenset()


def is_gibberish(text: str) -> bool:
    """Whether a text is written in letters that no language puts together.

    Bytes of one encoding read as another: mostly accented Latin letters, or mostly CJK characters that neither GB 2312
    nor Big5 knows.
    """
    accented = sum([ACCENTED[0] <= ord(letter) < ACCENTED[1] and letter.isalpha() for letter in text])
    letters = sum([letter.isalpha() for letter in text])
    if accented >= 4 and accented > 0.5 * letters:
        return True
    cjk = [letter for letter in text if CJK[0] <= ord(letter) < CJK[1]]
    if len(cjk) < 8:
        return False
    rare = sum(not letter.encode("gb2312", "ignore") and not letter.encode("big5", "ignore") for letter in cjk)
    return rare > 0.4 * len(cjk)

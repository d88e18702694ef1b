"""Which lines of a cell fill its width, so that the layout and not the author ended them.

A line was ended by the layout if what begins the next line had no room behind it. What moves to the next line is not one
character: a Latin word or a number stays whole, closing punctuation never begins a line and pulls the character before
it along, an opening bracket never ends one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from yusuan.extract.pdf_api import Box
from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_chars import CJK_FROM
from yusuan.extract.pdf_text import Line

_OPENING = "（〔【《〈「『“‘([{｛［￥$"
_CLOSING = "，。、；：？！）〕】》〉」』”’％…—～,.;:?!)]}%‰℃·"
_UNIT = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~]+|.)[{re.escape(_CLOSING)}]*")
_WIDE_LATIN = frozenset("mwMWQ@%—…")
TOLERANCE = 0.04
"""In heights of the font: what the rounding of positions may hide."""
USUAL_PADDING = 5.4
"""Word's distance of text from the border, in points; for tables in which no cell shows its own."""
_MAX_PADDING = 14.0
_MAX_UNIT = 40
"""No word is longer than this many heights of its font."""


def text_width(text: str, size: float) -> float:
    """About the advance of a text: a CJK character is as wide as high, other letters half of it."""
    if len(text) == 1 and ord(text) >= CJK_FROM:
        return size
    return size * sum([1.0 if ord(letter) >= CJK_FROM or letter in _WIDE_LATIN else 0.5 for letter in text])


def usual_padding(lattice: Lattice, texts: Sequence[Sequence[Line]]) -> float:
    """The distance between border and text that most cells of a table show whose lines all begin at one place."""
    found = []
    for (_, column, _, _), lines in zip(lattice.cells, texts, strict=True):
        if len(lines) > 1:
            own = _padding(lattice.xs[column], lines)
            if own is not None:
                found.append(own)
    return median(found) if found else USUAL_PADDING


def _padding(left: float, lines: Sequence[Line]) -> float | None:
    """The distance of the lines from the border on the left, if two or more begin there."""
    starts = sorted([line.x0 for line in lines if line.turn == 0])
    if len(starts) < 2 or starts[1] - starts[0] >= 1.0 or not 0 <= starts[0] - left <= _MAX_PADDING:
        return None
    return starts[0] - left


def full_lines(box: Box, lines: Sequence[Line], padding: float) -> tuple[int, ...]:
    """Indexes of the lines behind which the beginning of the next one has no room (of the last: one more character).

    `padding` is the table's; a cell whose lines begin at one place shows its own.
    """
    own = _padding(box[0], lines) if len(lines) > 1 else None
    edge = box[2] - (padding if own is None else own)
    full = []
    for index, line in enumerate(lines):
        room = edge - line.x1 + TOLERANCE * line.size
        if line.turn != 0 or room > _MAX_UNIT * line.size:
            continue
        needed = line.size
        if index + 1 < len(lines):
            following = lines[index + 1]
            unit = _UNIT.match(following.text.lstrip())
            needed = text_width(unit[0], following.size) if unit else following.size
        if room < needed:
            full.append(index)
    return tuple(full)

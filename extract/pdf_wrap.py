"""Which lines of a cell fill its width, so that the layout and not the author ended them.

A line was ended by the layout if what begins the next line had no room behind it. What moves to the next line is not one
character: a Latin word or a number stays whole, closing punctuation never begins a line and pulls the character before
it along, an opening bracket never ends one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import inf
from statistics import median

from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_letters import CJK_FROM
from yusuan.extract.pdf_text import Line

_OPENING = "（〔【《〈「『“‘([{｛［￥$"
_CLOSING = "，。、；：？！）〕】》〉」』”’％…—～,.;:?!)]}%‰℃·"
_UNIT = re.compile(rf"[{re.escape(_OPENING)}]*(?:[!-~]+|.)[{re.escape(_CLOSING)}]*")
_FIRST_CJK = "\u3001"
"""From here on a line that begins with a letter begins with one that is as wide as high: no unit of it is narrower."""
_WIDE_LATIN = frozenset("mwMWQ@%—…")
TOLERANCE = 0.04
"""In heights of the font: what the rounding of positions may hide."""
USUAL_PADDING = 5.4
"""Word's distance of text from the border, in points; for tables in which no cell shows its own."""
_MAX_PADDING = 14.0
_CENTRED, _INDENT = 0.3, 2.5
"""In heights of the font: what the spaces beside a centred line may differ by, and how far a first line is indented."""
_WIDER = 0.25
_MAX_UNIT = 40
"""No word is longer than this many heights of its font."""


def text_width(text: str, size: float) -> float:
    """About the advance of a text: a CJK character is as wide as high, other letters half of it."""
    return size * _ems(text)


@lru_cache(4096)
def _ems(text: str) -> float:
    return sum([1.0 if ord(letter) >= CJK_FROM or letter in _WIDE_LATIN else 0.5 for letter in text])


def paddings(lattice: Lattice, texts: Sequence[Sequence[Line]]) -> tuple[dict[int, float], float]:
    """The distance between border and text of the cells that show it, with two or more lines that begin at one place.

    And that of most such cells, which the others of the table have as well.
    """
    found = {}
    for number, lines in enumerate(texts):
        if len(lines) > 1:
            padding = _padding(lattice.xs[lattice.cells[number][1]], lines)
            if 0.0 <= padding <= _MAX_PADDING:
                found[number] = padding
    return found, median(found.values()) if found else USUAL_PADDING


def _padding(left: float, lines: Sequence[Line]) -> float:
    """The distance of the lines from the border on the left; without end where not two begin there."""
    first = second = inf
    for _, x0, _, _, _, _, turn in lines:
        if x0 < second and not turn:
            if x0 < first:
                first, second = x0, first
            else:
                second = x0
    return first - left if second - first < 1.0 else inf


def room_behind(line: Line, left: float, right: float, padding: float) -> float:
    """The free width behind a line between two borders, in heights of its letters.

    A line that is centred or at the right has the room before it as well; one that only begins a little later is indented.
    """
    _, x0, x1, _, _, size, _ = line
    before, behind = x0 - left - padding, right - padding - x1
    if before > 0 and (abs(before - behind) <= _CENTRED * size or (behind < size and before > _INDENT * size)):
        behind += before
    return behind / size


def full_figures(
    lines: Sequence[Line], full: Sequence[int], left: float, right: float, padding: float
) -> tuple[int, ...]:
    """The full lines of a cell, of those between digits only the ones behind which the digits of the next line have no room,
    wherever between the borders they stand: amounts stand at the right. Digits are up to a quarter wider than half their height.
    """
    found = set(full)
    for index, (line, below) in enumerate(pairwise(lines)):
        unit = _UNIT.match(below.text)
        if unit is not None and line.text[-1:].isdigit() and below.text[:1].isdigit():
            room = room_behind(line, left, right, padding) * line.size
            needed = (1 + _WIDER) * text_width(unit[0], below.size) + _WIDER * below.size
            (found.add if room < needed else found.discard)(index)
    return tuple(sorted(found))


def full_lines(lines: Sequence[Line], edge: float) -> tuple[int, ...]:
    """Indexes of the lines behind which the beginning of the next one has no room up to `edge` (of the last: one more character)."""
    full = []
    room = size = inf
    for index, (text, _, x1, _, _, size, turn) in enumerate(lines, -1):
        if (room < size and text >= _FIRST_CJK) or (room < size * len(text) and room < _needed(text, size)):
            full.append(index)
        room = edge - x1 + TOLERANCE * size
        if turn or room > _MAX_UNIT * size:
            room = inf
    if room < size:
        full.append(len(lines) - 1)
    return tuple(full)


def _needed(text: str, size: float) -> float:
    """The width of what begins a line and moves to it as a whole."""
    unit = _UNIT.match(text.lstrip())
    return text_width(unit[0], size) if unit else size

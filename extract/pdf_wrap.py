"""Which lines of a cell fill its width, so that the layout and not the author ended them.

A line was ended by the layout if what begins the next line had no room behind it. What moves to the next line is not one
character: a Latin word or a number stays whole, closing punctuation never begins a line and pulls the character before
it along, an opening bracket never ends one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from statistics import median

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
_CENTRED, _INDENT = 0.3, 2.5
"""In heights of the font: what the spaces beside a centred line may differ by, and how far a first line is indented."""
_MAX_UNIT = 40
"""No word is longer than this many heights of its font."""


def text_width(text: str, size: float) -> float:
    """About the advance of a text: a CJK character is as wide as high, other letters half of it."""
    return size * _ems(text)


@lru_cache(4096)
def _ems(text: str) -> float:
    return sum([1.0 if ord(letter) >= CJK_FROM or letter in _WIDE_LATIN else 0.5 for letter in text])


def right_edges(lattice: Lattice, texts: Sequence[Sequence[Line]]) -> tuple[list[float], float]:
    """For each cell where its text may reach to on the right, and the padding of most cells.

    The padding is the distance between border and text that a cell shows whose lines all begin at one place; other cells
    have that of most such cells of their table.
    """
    xs = lattice.xs
    own = [
        _padding(xs[cell[1]], lines) if len(lines) > 1 else None
        for cell, lines in zip(lattice.cells, texts, strict=True)
    ]
    found = [padding for padding in own if padding is not None]
    usual = median(found) if found else USUAL_PADDING
    edges = [
        xs[cell[3]] - (usual if padding is None else padding) for cell, padding in zip(lattice.cells, own, strict=True)
    ]
    return edges, usual


def _padding(left: float, lines: Sequence[Line]) -> float | None:
    """The distance of the lines from the border on the left, if two or more begin there."""
    starts = sorted([line.x0 for line in lines if not line.turn])
    if len(starts) < 2 or starts[1] - starts[0] >= 1.0 or not 0 <= starts[0] - left <= _MAX_PADDING:
        return None
    return starts[0] - left


def room_behind(line: Line, left: float, right: float, padding: float) -> float:
    """The free width behind a line between two borders, in heights of its letters.

    A line that is centred or at the right has the room before it as well; one that only begins a little later is indented.
    """
    before, behind = line.x0 - left - padding, right - padding - line.x1
    centred = abs(before - behind) <= _CENTRED * line.size
    at_right = behind < line.size and before > _INDENT * line.size
    return ((before if before > 0 and (centred or at_right) else 0.0) + behind) / line.size


def full_lines(lines: Sequence[Line], edge: float) -> tuple[int, ...]:
    """Indexes of the lines behind which the beginning of the next one has no room up to `edge` (of the last: one more character)."""
    full = []
    for index, (_, _, x1, _, _, size, turn) in enumerate(lines):
        room = edge - x1 + TOLERANCE * size
        if turn != 0 or room > _MAX_UNIT * size:
            continue
        needed = size
        if index + 1 < len(lines):
            text, _, _, _, _, needed, _ = lines[index + 1]
            unit = _UNIT.match(text.lstrip())
            if unit:
                needed = text_width(unit[0], needed)
        if room < needed:
            full.append(index)
    return tuple(full)

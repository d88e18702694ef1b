"""Letters that a clipping hides at the edge of what it shows: the text of a cell too small for it, or one that the page's edge cuts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from yusuan.extract.grid import OPEN_LEFT, OPEN_RIGHT
from yusuan.extract.pdf_api import Box, Ints
from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_chars import ASKEW, Chars, Clipped
from yusuan.extract.pdf_homes import locate

NEAR = 1.5
"""So many heights of letters beside its clipping a hidden line is the next one of the text that shows."""
FRAME = 4.0
"""Points by which the clipping of a cell's text may be larger than the cell."""
HEADER_ROWS = 4
"""So many rows at most stand repeated above what the page before begins."""


class Cut(NamedTuple):
    """The first letter of a text object that its clipping hides: the object, the letter's middle and height, what the clipping shows."""

    source: int
    x: float
    y: float
    size: float
    clip: Box


def _first_hidden(clipped: Clipped) -> list[Cut]:
    """One entry for each text object."""
    chars = clipped.chars
    _, once = np.unique(chars.source, return_index=True)
    columns = (chars.source, clipped.x, clipped.y, chars.size, clipped.clip)
    rows = zip(*(column[once].tolist() for column in columns), chars.turn[once].tolist(), strict=True)
    return [
        Cut(source, x, y, size, (x0, y0, x1, y1))
        for source, x, y, size, (x0, y0, x1, y1), turn in rows
        if turn != ASKEW
    ]


def cut_cells(
    clipped: Clipped, chars: Chars, home: Ints, lattices: list[Lattice], first: list[int], page: int
) -> list[int]:
    """The numbers of the cells whose text is cut; `chars` are those that show, `home` and `first` as `assign` gives them.

    A cell that goes on with its text on another page is none of them, nor one that shows nothing.
    """
    found = set()
    for cut in _first_hidden(clipped):
        own = home[chars.source == cut.source]
        own = own[(own >= 0) & (own < first[-1])]
        number = int(own[-1]) if len(own) else _cell_of_clip(cut, home, lattices, first)
        if number >= 0 and not _goes_on(cut, number, lattices, first, page):
            found.add(number)
    return sorted(found)


def place_of(number: int, first: list[int]) -> tuple[int, int]:
    """The lattice of a cell and its number there."""
    index = int(np.searchsorted(first, number, side="right")) - 1
    return index, number - first[index]


def _cell_of_clip(cut: Cut, home: Ints, lattices: list[Lattice], first: list[int]) -> int:
    """The cell to which a clipping belongs that hides a whole line, right above or below what shows; -1 where there is none."""
    x0, y0, x1, y1 = cut.clip
    if not x0 <= cut.x <= x1 or max(y0 - cut.y, cut.y - y1) > NEAR * cut.size:
        return -1
    number = int(locate(np.array([(x0 + x1) / 2]), np.array([(y0 + y1) / 2]), lattices, first)[0])
    if number < 0:
        return -1
    index, place = place_of(number, first)
    r0, c0, r1, c1 = lattices[index].cells[place]
    xs, ys = lattices[index].xs, lattices[index].ys
    inside = x0 > xs[c0] - FRAME and y0 > ys[r0] - FRAME and x1 < xs[c1] + FRAME and y1 < ys[r1] + FRAME
    return number if inside and (home == number).any() else -1


def _goes_on(cut: Cut, number: int, lattices: list[Lattice], first: list[int], page: int) -> bool:
    """Whether what is hidden can stand on another page: beyond an open side, or of a merged cell that the page break cuts."""
    index, place = place_of(number, first)
    lattice = lattices[index]
    r0, c0, r1, c1 = lattice.cells[place]
    x0, y0, x1, y1 = cut.clip
    begun = page > 1 and index == 0 and r0 <= HEADER_ROWS
    ends = index == len(lattices) - 1 and r1 == len(lattice.ys) - 1
    return (
        (cut.x < x0 and c0 == 0 and r0 in lattice.undrawn[OPEN_LEFT])
        or (cut.x > x1 and c1 == len(lattice.xs) - 1 and r0 in lattice.undrawn[OPEN_RIGHT])
        or (cut.y < y0 and begun)
        or (cut.y > y1 and ends)
    )

"""Which cell each letter of a page belongs to: the one around it, but for text that sticks out of its cell."""

from __future__ import annotations

import numpy as np

from yusuan.extract.grid import OPEN_BOTTOM
from yusuan.extract.pdf_api import Floats, Ints, places, some
from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.pdf_chars import Chars, centers
from yusuan.extract.pdf_letters import BLANK, CJK_FROM, are

RUN_GAP = 0.25
"""Letters of one text object that stand nearer than this (in heights of the font) belong together."""
JOINT = 0.02
"""So near the next text object begins where it goes on with a run in another font."""
ON_BORDER = 0.15
"""So much of a letter's width to the left of a border: the letter stands on it."""


def assign(chars: Chars, lattices: list[Lattice]) -> tuple[Ints, list[int]]:
    """For each character the number of its cell (-1 outside of tables); the cells of lattice i begin at `first[i]`."""
    first = [0]
    for lattice in lattices:
        first.append(first[-1] + len(lattice.cells))
    home = locate(*centers(chars), lattices, first)
    if len(chars) > 1:
        _keep_runs_whole(chars, home, lattices, first)
        _bring_back(chars, home)
    return home, first


def locate(x: Floats, y: Floats, lattices: list[Lattice], first: list[int]) -> Ints:
    """For each point the number of the cell around it, of the innermost table; see `assign`."""
    home = np.full(len(x), -1, dtype=np.int64)
    for index in sorted(range(len(lattices)), key=lambda number: -lattices[number].area):
        own = lattices[index].cells_at(x, y)
        home = np.where(own >= 0, own + first[index], home)
    return home


def _keep_runs_whole(chars: Chars, home: Ints, lattices: list[Lattice], first: list[int]) -> None:
    """A run of letters without a gap that sticks out of its cell belongs to the cell that holds its middle.

    The font changes inside a run, between Latin and CJK letters, but not where a border is: there two cells without padding meet.
    A word behind a blank goes with the word before it where its first letter stands on the border: no cell's text begins so.
    """
    other = home[1:] != home[:-1]
    apart = chars.source[1:] != chars.source[:-1]
    crossing = other & ~apart
    if not some(crossing):
        return
    gap = np.abs(chars.x[1:] - chars.x[:-1] - chars.width[:-1])
    torn = (
        (chars.turn[1:] != 0)
        | (gap > RUN_GAP * chars.size[1:])
        | (np.abs(chars.y[1:] - chars.y[:-1]) > 0.05 * chars.size[1:])
    )
    blank, cjk = are(BLANK, chars.kind), chars.code >= CJK_FROM
    joint = (gap <= JOINT * chars.size[1:]) & (cjk[1:] != cjk[:-1]) & ~other
    breaks = np.ones(len(chars) + 1, dtype=np.bool_)
    breaks[1:-1] = torn | (apart & ~joint) | blank[1:] | blank[:-1]
    starts = places(breaks)
    stuck = places(~breaks[1:-1] & crossing) + 1
    for number in np.unique(starts.searchsorted(stuck, side="right") - 1).tolist():
        begin, end = starts[number : number + 2].tolist()
        own = chars.x[begin:end]
        middle = (own[0] + own[-1] + chars.width[end - 1]) / 2
        home[begin:end] = home[begin + max(int(own.searchsorted(middle, side="right")) - 1, 0)]
    behind = places(crossing & blank[:-1] & ~blank[1:] & ~torn) + 1
    if not len(behind):
        return
    edge = chars.x[behind] + ON_BORDER * chars.width[behind]
    begun = locate(edge, chars.y[behind] - 0.3 * chars.size[behind], lattices, first)
    for begin, cell in zip(behind.tolist(), begun.tolist(), strict=True):
        if cell == home[begin - 1] != home[begin]:
            home[begin : int(starts[starts.searchsorted(begin, side="right")])] = cell


def _bring_back(chars: Chars, home: Ints) -> None:
    """What stands outside of all tables right behind the letters of a cell, in another font say, only sticks out of it."""
    outside = home < 0
    for begin in (places(outside[1:] & ~outside[:-1]) + 1).tolist():
        end = begin
        while end < len(home) and outside[end] and _goes_on(chars, end):
            end += 1
        home[begin:end] = home[begin - 1]


def _goes_on(chars: Chars, place: int) -> bool:
    """Whether a letter stands right behind the one before."""
    before, size = place - 1, chars.size[place]
    gap, step = chars.x[place] - chars.x[before] - chars.width[before], chars.y[place] - chars.y[before]
    level = chars.turn[place] == 0 == chars.turn[before]
    return bool(level and abs(gap) <= RUN_GAP * size and abs(step) <= 0.05 * size)


def take_overflow(chars: Chars, home: Ints, lattices: list[Lattice], first: list[int], low: float) -> None:
    """Where a page break cut a cell (no line ends it), browsers set a line of its text below the last border: it is the cell's."""
    outside = home < 0
    for lattice, number in zip(lattices, first, strict=False):
        end = lattice.ys[-1]
        if not lattice.undrawn[OPEN_BOTTOM] or end < low or not some(outside):
            continue
        cx, cy = centers(chars)
        near = outside & (cy >= end) & (cy <= end + chars.size)
        for place, (_, left, past, right) in enumerate(lattice.cells):
            if past == len(lattice.ys) - 1 and left in lattice.undrawn[OPEN_BOTTOM]:
                home[near & (cx > lattice.xs[left]) & (cx < lattice.xs[right])] = number + place

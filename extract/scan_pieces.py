"""Ink of a page → pieces of lines: it belongs to the cell it stands in, and to the line that the engine found there.

Boxes of the engine may reach over rules and may miss a single `0`; the blots of ink (connected components) may not. So each blot goes to
its cell and, inside of it, to the box it lies in; what lies in no box makes lines of its own. Nothing in a cell stays unread unseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from yusuan.extract.pdf_api import Floats, Ints
from yusuan.extract.pdf_cells import Lattice
from yusuan.extract.scan_image import PIXEL, Image
from yusuan.extract.scan_text import Reading

_SPECK = 10
"""Blots of fewer pixels are dust."""
_MARK = 40
"""So much ink (in pixels) outside of the engine's boxes is something to read."""
_NEAR, _TALLER = 0.8, 2.0
"""Pieces of a line stand nearer than this part of its height, and are not this many times as high as each other."""
_MIN_SIDE = 12
_MARGIN = 6

_NOTHING = Reading("", 0.0)


@dataclass(slots=True)
class Piece:
    """A piece of a line in one cell (`home`, -1 outside of tables), its box in pixels and the blots it is made of."""

    home: int
    x0: int
    y0: int
    x1: int
    y1: int
    blots: Ints
    reading: Reading = _NOTHING


def find_pieces(ink: Image, boxes: Floats, lattices: Sequence[Lattice], first: Sequence[int]) -> list[Piece]:
    """The pieces of lines on a page; `boxes` are the engine's, `first` the number of each lattice's first cell on the page."""
    _, _, stats, centers = cv2.connectedComponentsWithStats(ink, connectivity=8)
    blots = np.asarray(stats[1:], dtype=np.int64)
    middle = np.asarray(centers[1:], dtype=np.float64)
    kept = blots[:, 4] >= _SPECK
    blots, middle = blots[kept], middle[kept]
    home = _homes(middle, lattices, first)
    kept = ~_is_edge(blots, home, lattices, first)
    blots, middle, home = blots[kept], middle[kept], home[kept]
    box = _boxes_of(middle, boxes)
    pieces: list[Piece] = []
    left: list[tuple[Piece, bool]] = []
    order = np.lexsort((box, home))
    starts = np.flatnonzero(np.diff(home[order], prepend=-9) | np.diff(box[order], prepend=-9)).tolist()
    for begin, end in pairwise([*starts, len(order)]):
        own = order[begin:end]
        cell, number = int(home[own[0]]), int(box[own[0]])
        if number >= 0:
            pieces += _split_upright(cell, blots[own])
        elif cell >= 0:
            left += [(piece, _is_writing(piece, blots[own])) for piece in _stacked(cell, blots[own])]
    return _completed(pieces, left)


def _homes(middle: Floats, lattices: Sequence[Lattice], first: Sequence[int]) -> Ints:
    """The cell of each place in pixels, inner tables before outer ones; -1 outside of tables."""
    home = np.full(len(middle), -1, dtype=np.int64)
    x, y = middle[:, 0] * PIXEL, middle[:, 1] * PIXEL
    by_size = sorted(range(len(lattices)), key=lambda n: -(lattices[n].box[2] - lattices[n].box[0]))
    for index in by_size:
        own = lattices[index].cells_at(x, y)
        home = np.where(own >= 0, own + first[index], home)
    return home


def _is_edge(blots: Ints, home: Ints, lattices: Sequence[Lattice], first: Sequence[int]) -> npt.NDArray[np.bool_]:
    """What is left of a rule: thin, and along the border of its cell."""
    edge = np.zeros(len(blots), dtype=np.bool_)
    thin = (np.minimum(blots[:, 2], blots[:, 3]) <= 4) & (home >= 0)
    for number in np.flatnonzero(thin).tolist():
        index = int(np.searchsorted(first, home[number], side="right")) - 1
        lattice = lattices[index]
        r0, c0, r1, c1 = lattice.cells[int(home[number]) - first[index]]
        x, y, w, h = (int(value) for value in blots[number, :4])
        near_x = min(abs(x + w / 2 - lattice.xs[c] / PIXEL) for c in (c0, c1)) < 9
        near_y = min(abs(y + h / 2 - lattice.ys[r] / PIXEL) for r in (r0, r1)) < 9
        edge[number] = (near_x and w <= 4) or (near_y and h <= 4)
    return edge


def _boxes_of(middle: Floats, boxes: Floats) -> Ints:
    """The engine's box in which each place lies (the one whose middle line is nearest), -1 for none."""
    found = np.full(len(middle), -1, dtype=np.int64)
    nearest = np.full(len(middle), np.inf)
    for number, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        inside = (
            (middle[:, 0] >= x0 - _MARGIN)
            & (middle[:, 0] <= x1 + _MARGIN)
            & (middle[:, 1] >= y0 - _MARGIN)
            & (middle[:, 1] <= y1 + _MARGIN)
        )
        away = np.abs(middle[:, 1] - (y0 + y1) / 2)
        better = inside & (away < nearest)
        found[better], nearest[better] = number, away[better]
    return found


def _union(home: int, blots: Ints) -> Piece:
    x0, y0 = int(blots[:, 0].min()), int(blots[:, 1].min())
    x1, y1 = int((blots[:, 0] + blots[:, 2]).max()), int((blots[:, 1] + blots[:, 3]).max())
    return Piece(home, x0, y0, x1, y1, blots)


def _split_upright(home: int, blots: Ints) -> list[Piece]:
    """One piece, or one for each letter of a column of letters that stand one below the other."""
    whole = _union(home, blots)
    if whole.y1 - whole.y0 < 1.7 * (whole.x1 - whole.x0):
        return [whole]
    parts = _stacked(home, blots)
    return parts if len(parts) > 1 else [whole]


def _stacked(home: int, blots: Ints) -> list[Piece]:
    """Blots grouped to lines: those that share a height are one."""
    order = np.argsort(blots[:, 1], kind="stable")
    groups: list[list[int]] = []
    bottom = -1.0
    for number in order.tolist():
        top, height = int(blots[number, 1]), int(blots[number, 3])
        bars = groups and len(groups[-1]) == 1 and _are_bars(blots[[groups[-1][0], number]])
        if groups and (top < bottom + 3 or bars):
            groups[-1].append(number)
        else:
            groups.append([number])
        bottom = max(bottom, top + height) if len(groups[-1]) > 1 else top + height
    return [_union(home, blots[group]) for group in groups]


def _are_bars(blots: Ints) -> bool:
    """Whether two blots are the strokes of an equals sign."""
    (x, y, w, h), (other_x, other_y, other_w, other_h) = blots[:, :4].tolist()
    thin = max(h, other_h) * 2.5 <= min(w, other_w)
    return bool(thin and abs(x - other_x) < 0.2 * w and abs(w - other_w) < 0.2 * w and abs(y - other_y) < w)


def _completed(pieces: list[Piece], left: list[tuple[Piece, bool]]) -> list[Piece]:
    """Pieces of a cell that stand close together on one line made one, with what the engine's boxes cut off of letters.

    `left` is ink outside of all boxes, and whether there is enough of it to stand alone.
    """
    done: list[Piece] = [piece for piece in pieces if piece.home < 0]
    cells: dict[int, list[tuple[Piece, bool]]] = {}
    for piece in pieces:
        if piece.home >= 0:
            cells.setdefault(piece.home, []).append((piece, True))
    for piece, writing in left:
        cells.setdefault(piece.home, []).append((piece, writing))
    for parts in cells.values():
        lines: list[tuple[Piece, bool]] = []
        for piece, writing in sorted(parts, key=lambda part: (part[0].x0, part[0].y0)):
            for index, (line, own) in enumerate(lines):
                if _go_on(line, piece):
                    lines[index] = _both(line, piece), own or writing
                    break
            else:
                lines.append((piece, writing))
        done += [line for line, writing in lines if writing]
    return done


def _go_on(line: Piece, piece: Piece) -> bool:
    low, high = sorted((line.y1 - line.y0, piece.y1 - piece.y0))
    shared = min(line.y1, piece.y1) - max(line.y0, piece.y0)
    return shared > 0.6 * low and high < _TALLER * max(low, 20) and piece.x0 - line.x1 < _NEAR * high


def _both(first: Piece, second: Piece) -> Piece:
    x0, y0 = min(first.x0, second.x0), min(first.y0, second.y0)
    x1, y1 = max(first.x1, second.x1), max(first.y1, second.y1)
    return Piece(first.home, x0, y0, x1, y1, np.concatenate((first.blots, second.blots)))


def _is_writing(piece: Piece, blots: Ints) -> bool:
    inside = (blots[:, 1] >= piece.y0) & (blots[:, 1] + blots[:, 3] <= piece.y1)
    return int(blots[inside, 4].sum()) >= _MARK and max(piece.x1 - piece.x0, piece.y1 - piece.y0) >= _MIN_SIDE

"""Tables without rules: cells as filled areas with the ground between them, or a ground of lines under lighter cells."""

from __future__ import annotations

import numpy as np

from yusuan.extract.pdf_api import Bools
from yusuan.extract.pdf_cells import Lattice, find_lattices
from yusuan.extract.pdf_lines import Marks, join_pieces

MAX_AREAS = 1500
_TOUCH = 0.3


def find_area_lattices(areas: Marks, known: list[Lattice]) -> list[Lattice]:
    """Tables of two or more rows and columns that the edges of visible areas make, outside of the `known` ones.

    An edge at which an area of the same colour goes on is none: highlighted lines of prose are no rows.
    """
    if not 4 <= len(areas) <= MAX_AREAS:
        return []
    middle = (areas.box[:, :2] + areas.box[:, 2:]) / 2
    free = np.ones(len(areas), dtype=np.bool_)
    for lattice in known:
        x0, y0, x1, y1 = lattice.box
        free &= ~((middle[:, 0] > x0) & (middle[:, 0] < x1) & (middle[:, 1] > y0) & (middle[:, 1] < y1))
    areas = areas.keep(free)
    if len(areas) < 4:
        return []
    x0, y0, x1, y1 = areas.box.T
    same = (np.abs(areas.color[:, None] - areas.color) < 1).all(axis=2)
    beside = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0) > 0.5 * (y1 - y0)[:, None]
    stacked = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0) > 0.5 * (x1 - x0)[:, None]

    def seen(touching: Bools) -> Bools:
        return np.logical_not(np.asarray((touching & same).any(axis=1)))

    rows = np.concatenate(
        (
            np.stack((y0, x0, x1), axis=1)[seen(stacked & (np.abs(y0[:, None] - y1) < _TOUCH))],
            np.stack((y1, x0, x1), axis=1)[seen(stacked & (np.abs(y1[:, None] - y0) < _TOUCH))],
        )
    )
    columns = np.concatenate(
        (
            np.stack((x0, y0, y1), axis=1)[seen(beside & (np.abs(x0[:, None] - x1) < _TOUCH))],
            np.stack((x1, y0, y1), axis=1)[seen(beside & (np.abs(x1[:, None] - x0) < _TOUCH))],
        )
    )
    return [
        lattice
        for lattice in find_lattices(join_pieces(map(tuple, rows.tolist())), join_pieces(map(tuple, columns.tolist())))
        if len(lattice.xs) > 2 and len(lattice.ys) > 2 and len(lattice.cells) >= 4
    ]

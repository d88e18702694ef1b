"""Tables whose cells are boxes apart from each other (`cellspacing` of old web pages): no rule of one cell touches the next."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import numpy as np

from yusuan.extract.pdf_api import Box
from yusuan.extract.pdf_cells import Lattice, find_lattices

LEAST = 4
"""So many boxes make a table; less only where all of them are one row."""
MAX_BOXES = 2000
MAX_GAP = 10.0
"""Points between two boxes; what stands further apart are no cells of one table."""
SMALLEST = 8.0
"""Boxes less high or wide are marks, in points."""


def join_boxes(lattices: list[Lattice]) -> list[Lattice]:
    """The tables of a page, with single cells that stand side by side and one below the other made one table."""
    boxes = [lattice.box for lattice in lattices if len(lattice.cells) == 1 and _is_cell(lattice.box)]
    if not 2 <= len(boxes) <= MAX_BOXES:
        return lattices
    boxes = _innermost(boxes)
    gap, least = _gap(boxes), LEAST
    if gap is None or len(boxes) < LEAST:
        gap, least = _gap_of_row(boxes), 2
    if gap is None:
        return lattices
    half = gap / 2
    wider = [(x0 - half, y0 - half, x1 + half, y1 + half) for x0, y0, x1, y1 in boxes]
    horizontal = [(y, x0, x1) for x0, y0, x1, y1 in wider for y in (y0, y1)]
    vertical = [(x, y0, y1) for x0, y0, x1, y1 in wider for x in (x0, x1)]
    tables = [lattice for lattice in find_lattices(horizontal, vertical) if len(lattice.cells) >= least]
    if not tables:
        return lattices
    return tables + [
        lattice
        for lattice in lattices
        if len(lattice.cells) > 1 or not any(_is_inside(lattice.box, table.box) for table in tables)
    ]


def _is_cell(box: Box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) >= SMALLEST


def _is_inside(inner: Box, outer: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] < x < outer[2] and outer[1] < y < outer[3]


def _innermost(boxes: list[Box]) -> list[Box]:
    """Without frames around others."""
    b = np.array(boxes)
    begins = np.asarray((b[:, None, :2] <= b[None, :, :2]).all(axis=2))
    ends = np.asarray((b[:, None, 2:] >= b[None, :, 2:]).all(axis=2))
    held = (begins & ends).sum(axis=1)  # each holds itself
    return [box for box, number in zip(boxes, held.tolist(), strict=True) if number == 1]


def _gap_of_row(boxes: list[Box]) -> float | None:
    """The distance of boxes that are one row, the rest of a table on a new page: side by side, all of one height; None where they are not."""
    row = sorted(boxes)
    level = all(max(abs(a[1] - b[1]), abs(a[3] - b[3])) <= 1.0 for a, b in pairwise(row))
    gaps = [b[0] - a[2] for a, b in pairwise(row)]
    return median(gaps) if level and gaps and min(gaps) > 0.0 and max(gaps) <= MAX_GAP else None


def _gap(boxes: list[Box]) -> float | None:
    """The usual distance of a box from the nearest one at its right or below it; None where few have a neighbour."""
    b = np.array(boxes)
    found = []
    for low, high, across_low, across_high in ((0, 2, 1, 3), (1, 3, 0, 2)):
        distance = b[None, :, low] - b[:, None, high]
        beside = np.minimum(b[:, None, across_high], b[None, :, across_high]) > np.maximum(
            b[:, None, across_low], b[None, :, across_low]
        )
        near = np.where(beside & (distance > 0.0) & (distance <= MAX_GAP), distance, np.inf).min(axis=1)
        found.append(near[np.isfinite(near)])
    gaps = np.concatenate(found)
    return median(gaps.tolist()) if len(gaps) >= len(boxes) else None

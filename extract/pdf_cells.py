"""Rules → tables: which rectangles of a page are cells, and which rows and columns they span.

The rules of one table touch each other. Their positions make a lattice; a cell is what rules close on all four sides.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yusuan.extract.grid import NOTHING_UNDRAWN, OPEN_BOTTOM, OPEN_LEFT, OPEN_RIGHT, OPEN_TOP, Undrawn
from yusuan.extract.pdf_api import Box, Floats, Ints
from yusuan.extract.pdf_lines import Rule
from yusuan.extract.pdf_spans import Span, cells_of, groups_of

SNAP = 3.0
"""Rules nearer than this are one border (double lines, pieces a little off), in points; pdfplumber's value."""
_REACH, _NEAR = 2 * SNAP, 4 * SNAP
"""Lines that end so near to the outermost one end where it does; a rule so near to them is the border at which they do."""
BAND = 12.0
"""Tables side by side may begin at heights that differ by this much, in points."""
MAX_BOXES = 4_000_000


@dataclass(slots=True)
class Lattice:
    """One table: `xs`, `ys` are the positions of its borders, `cells` in row-major order.

    `owner`: the cell of each box, -1 where there is none and in the margin of boxes around the table.
    `undrawn`: the outer sides on which no rule closes a cell (a page break cut it, or the table is open there).
    """

    xs: list[float]
    ys: list[float]
    cells: list[Span]
    owner: npt.NDArray[np.int32]
    undrawn: Undrawn = NOTHING_UNDRAWN

    @property
    def box(self) -> Box:
        return (self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def area(self) -> float:
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def cells_at(self, x: Floats, y: Floats) -> Ints:
        """The number of the cell at each place, -1 where there is none."""
        column = np.array(self.xs).searchsorted(x, side="right")
        row = np.array(self.ys).searchsorted(y, side="right")
        return np.asarray(self.owner.take(row * self.owner.shape[1] + column))


def find_lattices(horizontal: list[Rule], vertical: list[Rule]) -> list[Lattice]:
    """The tables that the rules close, in no particular order."""
    if not _can_close(len(horizontal), len(vertical)):
        return []
    parts = [(own, _build(*own)) for own in _components(horizontal, vertical)]
    if any(lattice.undrawn[OPEN_LEFT] or lattice.undrawn[OPEN_RIGHT] for _, found in parts for lattice in found):
        return _through_pages(parts, horizontal)
    return [lattice for _, found in parts for lattice in found]


Rules = tuple[list[Rule], list[Rule]]
"""Horizontal and vertical ones."""


def _through_pages(parts: list[tuple[Rules, list[Lattice]]], horizontal: list[Rule]) -> list[Lattice]:
    """Tables of which the page shows only columns from the middle, with cells that go on at both sides, made whole again.

    Where a cell is merged over all of the page, no vertical rule stands: the rows above and below touch nothing that these do.
    """
    lattices: list[Lattice] = []
    alike: dict[tuple[float, float], list[int]] = {}
    for number, (_, found) in enumerate(parts):
        if len(found) == 1:
            x0, _, x1, _ = found[0].box
            key = next((key for key in alike if abs(key[0] - x0) <= SNAP and abs(key[1] - x1) <= SNAP), (x0, x1))
            alike.setdefault(key, []).append(number)
        else:
            lattices += found
    taken = {rule for (own, _), _ in parts for rule in own}
    for (x0, x1), numbers in alike.items():
        own = [parts[number][1][0] for number in numbers]
        sides = [_is_open_in_part(own, side) for side in (OPEN_LEFT, OPEN_RIGHT)]
        level = [rule for rule in horizontal if abs(rule[1] - x0) <= SNAP and abs(rule[2] - x1) <= SNAP]
        level = [rule for rule in level if rule not in taken]
        if all(sides) or (any(sides) and level):
            for number in numbers:
                level += parts[number][0][0]
            own = _build(level, [rule for number in numbers for rule in parts[number][0][1]])
        lattices += own
    return lattices


def _is_open_in_part(lattices: list[Lattice], side: int) -> bool:
    """Whether some cells at that side are closed by a rule and some are not."""
    outer = [
        (cell[1] == 0 if side == OPEN_LEFT else cell[3] == len(lattice.xs) - 1)
        for lattice in lattices
        for cell in lattice.cells
    ]
    return 0 < sum(len(lattice.undrawn[side]) for lattice in lattices) < sum(outer)


def in_reading_order(lattices: list[Lattice]) -> list[Lattice]:
    """From top to bottom; tables that begin at about the same height from left to right."""
    ordered: list[Lattice] = []
    band: list[Lattice] = []
    for lattice in sorted(lattices, key=lambda lattice: (lattice.ys[0], lattice.xs[0])):
        if band and lattice.ys[0] - band[0].ys[0] > BAND:
            ordered += sorted(band, key=lambda lattice: lattice.xs[0])
            band = []
        band.append(lattice)
    return ordered + sorted(band, key=lambda lattice: lattice.xs[0])


def _components(horizontal: list[Rule], vertical: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Groups of rules that touch or cross each other; groups that cannot close a cell are left out."""
    h = np.array(horizontal)
    v = np.array(vertical)
    touch = (
        (v[:, 0] >= h[:, 1, None] - SNAP)
        & (v[:, 0] <= h[:, 2, None] + SNAP)
        & (h[:, 0, None] >= v[:, 1] - SNAP)
        & (h[:, 0, None] <= v[:, 2] + SNAP)
    )
    digits, width = np.packbits(touch, axis=1, bitorder="little").tobytes(), -(-len(v) // 8)
    groups: list[tuple[int, int]] = []  # bit masks of rows and of the columns that they touch
    for row in range(len(h)):
        rows, columns = 1 << row, int.from_bytes(digits[row * width : (row + 1) * width], "little")
        if not columns:
            continue
        apart = []
        for group in groups:
            if group[1] & columns:
                rows, columns = group[0] | rows, group[1] | columns
            else:
                apart.append(group)
        groups = [*apart, (rows, columns)]
    return [
        (_chosen(horizontal, rows), _chosen(vertical, columns))
        for rows, columns in sorted(groups, key=lambda group: group[0] & -group[0])
        if _can_close(rows.bit_count(), columns.bit_count())
    ]


def _chosen(rules: list[Rule], mask: int) -> list[Rule]:
    return [rule for place, rule in enumerate(rules) if mask >> place & 1]


def _can_close(horizontal: int, vertical: int) -> bool:
    """Whether so many rules can make a cell: one is enough across three, whose ends `_closings` closes (the rest of a row on a new page)."""
    return min(horizontal, vertical) >= 2 or (min(horizontal, vertical) == 1 and max(horizontal, vertical) >= 3)


def _positions(rules: Iterable[Rule]) -> list[float]:
    """Positions of borders: rules nearer than `SNAP` count as one, at their mean weighted by length."""
    positions: list[float] = []
    weighted = total = 0.0  # sum of length × position, sum of length
    first = last = -math.inf
    for at, low, high in sorted(rules):
        length = high - low
        if at - last <= SNAP and at - first <= 2 * SNAP:
            weighted += at * length
            total += length
        else:
            if total:
                positions.append(round(weighted / total, 2))
            weighted, total, first = at * length, length, at
        last = at
    return [*positions, round(weighted / total, 2)]


def _nearest(positions: list[float], at: float) -> int:
    index = bisect_left(positions, at)
    if index == len(positions) or (index and at - positions[index - 1] <= positions[index] - at):
        return index - 1
    return index


def _masks(rules: list[Rule], borders: list[float], across: list[float]) -> list[int]:
    """For each border a bit mask of the boxes along which it is ruled."""
    masks = [0] * len(borders)
    for at, low, high in rules:
        first = bisect_left(across, low - SNAP)
        past = bisect_right(across, high + SNAP) - 1
        if past > first:
            masks[_nearest(borders, at)] |= (1 << past) - (1 << first)
    return masks


def _build(horizontal: list[Rule], vertical: list[Rule]) -> list[Lattice]:
    ends, starts = _closings(horizontal, vertical), _closings(vertical, horizontal)
    ends, starts = _to_corners(ends, vertical, starts, horizontal)
    xs = _positions(vertical + ends)
    ys = _positions(horizontal + starts)
    if len(xs) < 2 or len(ys) < 2 or len(xs) * len(ys) > MAX_BOXES:
        return []
    drawn = _masks(horizontal, ys, xs), _masks(vertical, xs, ys)
    tops, sides = _closed(drawn[0], starts, ys, xs), _closed(drawn[1], ends, xs, ys)
    rights = _transposed(sides, len(ys) - 1)  # for each row a bit mask of the borders that are ruled there
    cells = cells_of(tops, rights, len(xs) - 1)
    lattices = []
    closed = drawn == (tops, sides)
    for group in groups_of(cells):
        lattice = _ranked(xs, ys, group)
        if not closed:
            lattice.undrawn = _undrawn(group, lattice.cells, *drawn)
        lattices.append(lattice)
    return lattices


def _closed(masks: list[int], closings: list[Rule], borders: list[float], across: list[float]) -> list[int]:
    return [a | b for a, b in zip(masks, _masks(closings, borders, across), strict=True)] if closings else masks


def _undrawn(cells: list[Span], ranked: list[Span], tops: list[int], sides: list[int]) -> Undrawn:
    """Which of the outer cells no rule closes, by their places in `ranked`; the masks are those of the rules that are drawn."""
    r0s, c0s, r1s, c1s = zip(*cells, strict=True)
    top, left, bottom, right = min(r0s), min(c0s), max(r1s), max(c1s)
    found: list[list[int]] = [[], [], [], []]
    for (r0, c0, r1, c1), (row, column, _, _) in zip(cells, ranked, strict=True):
        over, beside = (1 << c1) - (1 << c0), (1 << r1) - (1 << r0)
        if c0 == left and not sides[left] & beside:
            found[OPEN_LEFT].append(row)
        if r0 == top and not tops[top] & over:
            found[OPEN_TOP].append(column)
        if c1 == right and not sides[right] & beside:
            found[OPEN_RIGHT].append(row)
        if r1 == bottom and not tops[bottom] & over:
            found[OPEN_BOTTOM].append(column)
    lefts, tops_open, rights, bottoms = map(tuple, found)
    return lefts, tops_open, rights, bottoms


def _transposed(masks: list[int], width: int) -> list[int]:
    """Bit masks of columns from bit masks of rows: bit i of mask k becomes bit k of mask i."""
    digits = "".join([f"{mask:0{width}b}" for mask in reversed(masks)])
    return [int(digits[place::width], 2) for place in range(width - 1, -1, -1)]


def _closings(ending: list[Rule], crossing: list[Rule]) -> list[Rule]:
    """Rules that a table open at a side does not draw, at both ends of `ending`.

    Tables without side borders, and tables that a page break cuts inside a row: where three or more rules end at one
    outermost place, they end at a border; and so do the first and the last rule of all, if they alone reach there (a merged
    cell beside all rows).
    """
    positions, lows, highs = zip(*ending, strict=True)
    closings = []
    for ends, outermost in ((lows, min(lows)), (highs, max(highs))):
        reaching = [(end, at) for end, at in zip(ends, positions, strict=True) if abs(end - outermost) <= _REACH]
        there, places = zip(*reaching, strict=True)
        if len(places) < 3 and (len(places) < 2 or {*places} != {min(positions), max(positions)}):
            continue
        at = sum(there) / len(there)
        drawn = [(abs(border - at), border) for border, _, _ in crossing if abs(border - at) <= _NEAR]
        if drawn:
            _, at = min(drawn)
        closings.append((at, min(places), max(places)))
    return closings


def _to_corners(
    ends: list[Rule], vertical: list[Rule], starts: list[Rule], horizontal: list[Rule]
) -> tuple[list[Rule], list[Rule]]:
    """Closings of sides on which nothing is drawn reach each other: at the corners of a table of inner lines alone no line ends."""
    open_ends = [rule for rule in ends if not any(abs(rule[0] - other[0]) <= SNAP for other in vertical)]
    open_starts = [rule for rule in starts if not any(abs(rule[0] - other[0]) <= SNAP for other in horizontal)]
    if not open_ends or not open_starts:
        return ends, starts

    def reach(rules: list[Rule], open_rules: list[Rule], others: list[Rule]) -> list[Rule]:
        places = [rule[0] for rule in others]
        return [
            (at, min(low, *places), max(high, *places)) if (at, low, high) in open_rules else (at, low, high)
            for at, low, high in rules
        ]

    return reach(ends, open_ends, open_starts), reach(starts, open_starts, open_ends)


def _ranked(xs: list[float], ys: list[float], cells: list[Span]) -> Lattice:
    """The lattice of these cells alone: a border that no cell has is none."""
    tops, lefts, bottoms, rights = zip(*cells, strict=True)
    columns, rows = {*lefts, *rights}, {*tops, *bottoms}
    if len(columns) != len(xs) or len(rows) != len(ys):
        column_rank = {column: rank for rank, column in enumerate(sorted(columns))}
        row_rank = {row: rank for rank, row in enumerate(sorted(rows))}
        cells = [(row_rank[a], column_rank[b], row_rank[c], column_rank[d]) for a, b, c, d in cells]
        xs, ys = [xs[column] for column in column_rank], [ys[row] for row in row_rank]
    width = len(xs) + 1
    owner = [-1] * (width * (len(ys) + 1))
    for index, (r0, c0, r1, c1) in enumerate(cells):
        start = (r0 + 1) * width + 1
        if r1 - r0 == 1 and c1 - c0 == 1:
            owner[start + c0] = index
            continue
        run = [index] * (c1 - c0)
        for line in range(start, start + (r1 - r0) * width, width):
            owner[line + c0 : line + c1] = run
    return Lattice(xs, ys, cells, np.array(owner, dtype=np.int32).reshape(-1, width))

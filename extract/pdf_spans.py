"""Borders of a lattice as bit masks → the cells that they close, and which of these are one table.

`tops[i]` has a bit for each box below border i of the rows that is ruled above, `rights[i]` one for each border that is ruled in row i.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

Span = tuple[int, int, int, int]
"""row, column, row past the end, column past the end."""


def cells_of(tops: list[int], rights: list[int], n_columns: int) -> list[Span]:
    """The cells in row-major order."""
    cells = _regular_cells(tops, rights)
    return _flooded_cells(tops, rights, len(rights), n_columns) if cells is None else cells


def _regular_cells(tops: list[int], rights: list[int]) -> list[Span] | None:
    """Cells of a lattice in which every region is a rectangle; None if one is not (then it has to be flooded)."""
    cells: list[Span] = []
    running: dict[int, int] = {}  # boxes of an unfinished cell → its first row
    for row, (top, borders) in enumerate(zip(tops, [*rights, 0], strict=True)):
        ruled: dict[int, int] = {}
        for boxes in _between(borders):
            closed = top & boxes
            if closed == boxes:
                ruled[boxes] = row
            elif closed:
                return None
            elif boxes in running:
                ruled[boxes] = running.pop(boxes)
            # else: no rule above and no cell above: open to the outside
        for boxes, first in running.items():
            if top & boxes != boxes:
                return None
            cells.append((first, (boxes & -boxes).bit_length() - 1, row, boxes.bit_length()))
        running = ruled
    cells.sort()
    return cells


@lru_cache(1024)
def _between(borders: int) -> tuple[int, ...]:
    """For each two neighbours of a bit mask of borders a bit mask of the boxes between them."""
    places = [1 << place for place, digit in enumerate(reversed(f"{borders:b}")) if digit == "1"]
    return tuple(right - left for left, right in pairwise(places))


def _flooded_cells(tops: list[int], rights: list[int], n_rows: int, n_columns: int) -> list[Span]:
    """Cells of any lattice: boxes without a rule between them are one region; a region open to the outside is none.

    A region that is no rectangle (a border is missing in part) is cut into the widest rectangles from the top.
    """
    outside = n_rows * n_columns
    parent = list(range(outside + 1))

    def root(box: int) -> int:
        while parent[box] != box:
            parent[box] = parent[parent[box]]
            box = parent[box]
        return box

    def box_at(row: int, column: int) -> int:
        return row * n_columns + column if 0 <= row < n_rows and 0 <= column < n_columns else outside

    for row in range(n_rows + 1):
        for column in range(n_columns + 1):
            here = box_at(row, column)
            if column < n_columns and not tops[row] >> column & 1:
                parent[root(here)] = root(box_at(row - 1, column))
            if row < n_rows and not rights[row] >> column & 1:
                parent[root(here)] = root(box_at(row, column - 1))
    closed = root(outside)
    region = [root(box) for box in range(outside)]
    taken = [region[box] == closed for box in range(outside)]
    cells = []
    for row in range(n_rows):
        for column in range(n_columns):
            box = row * n_columns + column
            if taken[box]:
                continue
            own = region[box]
            past = column + 1
            while past < n_columns and region[row * n_columns + past] == own and not taken[row * n_columns + past]:
                past += 1
            bottom = row + 1
            while bottom < n_rows and all(
                region[bottom * n_columns + at] == own and not taken[bottom * n_columns + at]
                for at in range(column, past)
            ):
                bottom += 1
            for line in range(row, bottom):
                for at in range(column, past):
                    taken[line * n_columns + at] = True
            cells.append((row, column, bottom, past))
    return cells


def groups_of(cells: list[Span]) -> list[list[Span]]:
    """Cells that share a corner are one table; a line that only leads from one table to another joins none."""
    if not cells:
        return []
    tops, lefts, bottoms, rights = zip(*cells, strict=True)
    area = sum([(r1 - r0) * (c1 - c0) for r0, c0, r1, c1 in cells])
    if area == (max(bottoms) - min(tops)) * (max(rights) - min(lefts)):
        return [cells]
    home = list(range(len(cells)))

    def root(index: int) -> int:
        while home[index] != index:
            home[index] = home[home[index]]
            index = home[index]
        return index

    corner: dict[tuple[int, int], int] = {}
    for index, (r0, c0, r1, c1) in enumerate(cells):
        border = [(r0, c) for c in range(c0, c1 + 1)] + [(r1, c) for c in range(c0, c1 + 1)]
        border += [(r, c) for r in range(r0 + 1, r1) for c in (c0, c1)]
        for point in border:
            home[root(index)] = root(corner.setdefault(point, index))
    groups: dict[int, list[Span]] = {}
    for index, cell in enumerate(cells):
        groups.setdefault(root(index), []).append(cell)
    return list(groups.values())

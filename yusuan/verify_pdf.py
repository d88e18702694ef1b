"""The second reading of a PDF: pdfplumber's cells and text, by code that shares nothing with `extract/pdf*.py`.

`second_reading` gives grids, `compare` the cells that differ from the first reading, each with the reason where the
reason is known. Known reasons are facts about pdfplumber 0.11 (it takes invisible lines for borders, leaves out what a
table does not close, keeps letters drawn twice); what has none is to be looked at.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pdfplumber
from pdfplumber.utils.text import extract_text

from yusuan.difference import Difference
from yusuan.extract.grid import BBox, Cell, Grid

SAME_BORDER = 3.0
"""Borders nearer than this are one, in points (pdfplumber's own tolerance)."""
_BLANK = re.compile(r"\s+")
_RADICALS = frozenset(map(chr, range(0x2E80, 0x2FE0)))
_ONE_CELL = "a table of one cell: pdfplumber leaves these out"

Edges = dict[str, dict[int, list[tuple[float, float]]]]
"""Orientation → rounded position → (from, to)."""


def second_reading(data: bytes) -> list[Grid]:
    """All tables that pdfplumber finds, page by page. Spans follow from the ranks of the edges of its cells.

    `confidence` is 0.0 for a cell of which a side is drawn in white only, else None.
    """
    grids = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            grids += [_to_grid(table, page) for table in page.find_tables()]
            page.close()
    return [grid for grid in grids if grid.cells]


def _to_grid(table: Any, page: Any) -> Grid:
    left, top = page.bbox[:2]
    boxes = sorted({tuple(map(float, box)) for box in table.cells}, key=lambda box: (box[1], box[0]))
    xs = _ranks(x for box in boxes for x in (box[0], box[2]))
    ys = _ranks(y for box in boxes for y in (box[1], box[3]))
    chars = page.chars
    drawn = _drawn_edges(page)
    cells = []
    for x0, y0, x1, y1 in boxes:
        own = [
            char
            for char in chars
            if x0 <= (char["x0"] + char["x1"]) / 2 < x1 and y0 <= (char["top"] + char["bottom"]) / 2 < y1
        ]
        row, col = ys[y0], xs[x0]
        bbox = (x0 - left, y0 - top, x1 - left, y1 - top)
        text = extract_text(own) if own else ""
        seen = drawn is None or _is_drawn((x0, y0, x1, y1), drawn)
        span = (ys[y1] - row, xs[x1] - col)
        cells.append(Cell(row, col, *span, text, page.page_number, bbox, None if seen else 0.0))
    cells.sort(key=lambda cell: (cell.row, cell.col))
    edges = {rank: x for x, rank in reversed(list(xs.items()))}
    return Grid(tuple(cells), page=page.page_number, edges=tuple(edges[rank] - left for rank in sorted(edges)))


def _drawn_edges(page: Any) -> Edges | None:
    """Edges in a colour other than white, by orientation and rounded position; None on pages without white edges."""
    drawn: Edges = {"h": {}, "v": {}}
    white = False
    for edge in page.edges:
        stroked = edge.get("stroke") or edge["object_type"] == "line"
        color = edge.get("stroking_color") if stroked else edge.get("non_stroking_color")
        levels = color if isinstance(color, (tuple, list)) else (color,)
        if levels and all(level == 1 for level in levels) and len(levels) in (1, 3):
            white = True
            continue
        horizontal = edge["orientation"] == "h"
        at = edge["top"] if horizontal else edge["x0"]
        along = (edge["x0"], edge["x1"]) if horizontal else (edge["top"], edge["bottom"])
        drawn["h" if horizontal else "v"].setdefault(round(at), []).append(along)
    return drawn if white else None


def _is_drawn(box: BBox, drawn: Edges) -> bool:
    x0, y0, x1, y1 = box
    sides = (("h", y0, x0, x1), ("h", y1, x0, x1), ("v", x0, y0, y1), ("v", x1, y0, y1))
    return all(_is_side_drawn(drawn[kind], at, low, high) for kind, at, low, high in sides)


def _is_side_drawn(edges: dict[int, list[tuple[float, float]]], at: float, low: float, high: float) -> bool:
    reach = int(SAME_BORDER)
    return any(
        begin < high - 1 and end > low + 1
        for near in range(round(at) - reach, round(at) + reach + 1)
        for begin, end in edges.get(near, ())
    )


def _ranks(positions: Iterator[float]) -> dict[float, int]:
    ranks: dict[float, int] = {}
    rank, last = -1, None
    for position in sorted(set(positions)):
        if last is None or position - last > 1.0:
            rank += 1
        ranks[position] = rank
        last = position
    return ranks


def compare(grids: Sequence[Grid], second: Sequence[Grid]) -> list[Difference]:
    """Cells that differ in box or text, white space aside, in page order."""
    differences: list[Difference] = []
    for page in sorted({grid.page or 0 for grid in (*grids, *second)}):
        ours = [
            (index, cell) for index, grid in enumerate(grids) if grid.page == page for cell in grid.cells if cell.bbox
        ]
        theirs = [cell for grid in second if grid.page == page for cell in grid.cells if cell.bbox]
        lonely = {index for index, grid in enumerate(grids) if len(grid.cells) == 1}
        differences += _compare_page(page, ours, theirs, lonely)
    return differences


def _compare_page(
    page: int, ours: list[tuple[int, Cell]], theirs: list[Cell], lonely: set[int]
) -> Iterator[Difference]:
    """`ours`: cells with the number of their grid; `lonely`: grids of one cell."""
    rest = list(theirs)
    alone = []
    for grid, cell in ours:
        match = next((other for other in rest if _same_box(cell, other)), None)
        if match is None:
            alone.append((grid, cell))
            continue
        rest.remove(match)
        one, two = _BLANK.sub("", cell.text), _BLANK.sub("", match.text)
        if one != two:
            yield Difference(page, grid, cell.row, cell.col, cell.text, match.text, _text_reason(one, two))
    for grid, cell in alone:
        reason = _ONE_CELL if grid in lonely else _missing_reason(cell, rest)
        yield Difference(page, grid, cell.row, cell.col, cell.text, None, reason)
    for cell in rest:
        yield Difference(page, None, None, None, None, cell.text, _surplus_reason(cell, [own for _, own in ours]))


def _box(cell: Cell) -> BBox:
    assert cell.bbox is not None
    return cell.bbox


def _same_box(one: Cell, two: Cell) -> bool:
    return all(abs(a - b) <= SAME_BORDER for a, b in zip(_box(one), _box(two), strict=True))


def _inside(inner: Cell, outer: Cell) -> bool:
    a, b = _box(inner), _box(outer)
    return (
        a[0] >= b[0] - SAME_BORDER
        and a[1] >= b[1] - SAME_BORDER
        and a[2] <= b[2] + SAME_BORDER
        and a[3] <= b[3] + SAME_BORDER
    )


def _text_reason(one: str, two: str) -> str | None:
    if len(one) == len(two) and all(a == b or b in _RADICALS for a, b in zip(one, two, strict=True)):
        return "the font's map names radicals (⼀) that look like the letters (一): pdfplumber keeps them"
    if sorted(one) == sorted(two):
        return "reading order: the letters are the same (vertical or turned text, indices, letters of several sizes)"
    if len(two) > len(one) and all(two.count(letter) >= one.count(letter) for letter in set(one)):
        if set(two) <= set(one):
            return "letters drawn twice (bold): pdfplumber keeps both"
        return "letters that cannot be seen, an overlay, or text of a nested table: pdfplumber counts them in"
    if "(cid:" in two or "\ufffd" in one:
        return "a font without a Unicode map"
    return None


def _missing_reason(cell: Cell, others: list[Cell]) -> str | None:
    if any(_inside(other, cell) for other in others):
        return "lines that cannot be seen, or that close nothing, divide the cell in pdfplumber's reading"
    return "a border that the page does not draw closes the cell (open side or page break): pdfplumber leaves it out"


def _surplus_reason(cell: Cell, others: list[Cell]) -> str | None:
    if cell.confidence == 0.0:
        return "a side of the cell is drawn in white only, so that nobody sees it: pdfplumber takes it for a border"
    if any(_inside(cell, other) for other in others):
        return "lines that cannot be seen, or that close nothing, divide the cell in pdfplumber's reading"
    if any(_inside(other, cell) for other in others):
        return "a frame around tables, or a cell with a nested table: pdfplumber repeats the text inside"
    return None

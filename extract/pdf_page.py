"""One page → grids with the lines of text around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import repeat

from yusuan.extract.grid import OPEN_LEFT, OPEN_RIGHT, Cell, Grid, Note, make_cell
from yusuan.extract.pdf_api import Box, Matrix, every, some, transform_box
from yusuan.extract.pdf_areas import find_area_lattices
from yusuan.extract.pdf_boxes import join_boxes
from yusuan.extract.pdf_cells import BAND, Lattice, find_lattices, in_reading_order
from yusuan.extract.pdf_chars import Chars, Clipped
from yusuan.extract.pdf_cut import cut_cells, place_of
from yusuan.extract.pdf_homes import assign, take_overflow
from yusuan.extract.pdf_letters import REPLACEMENT, kinds_of
from yusuan.extract.pdf_lines import Rule, Ruling, find_rules
from yusuan.extract.pdf_objects import Paths, Texts
from yusuan.extract.pdf_overlay import find_overlays, is_garbage, is_gibberish, odd_letters
from yusuan.extract.pdf_struck import struck_cells
from yusuan.extract.pdf_text import Line, build_lines
from yusuan.extract.pdf_wrap import full_figures, full_lines, paddings, room_behind

MAX_GARBAGE_NOTES = 5
_UNREADABLE = chr(REPLACEMENT)
MARK_SIZE = 12.0
"""A single empty box smaller than this is a check box or an ornament and no table, in points."""


PageLines = tuple[list[Line], float, float]
"""Lines of a page, the size of its letters and its height."""


@dataclass(slots=True)
class PageResult:
    """`before` are lines of the page before, if that has no table; `height` of the page, `body_size` of its letters in points; `contexts[i]` are the lines that stand before `grids[i]`, with their places, for the search of running headers; `after` those below all tables."""

    grids: list[Grid] = field(default_factory=list)
    contexts: list[list[Line]] = field(default_factory=list)
    after: list[Line] = field(default_factory=list)
    before: PageLines | None = None
    outside: list[Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    body_size: float = 0.0
    height: float = 0.0


def page_lattices(paths: Paths) -> tuple[list[Lattice], Ruling]:
    """The lattices of a page's drawn lines and coloured areas as `drop_frames` leaves them, and the lines themselves."""
    ruling = find_rules(paths)
    lattices = join_boxes(find_lattices(ruling.horizontal, ruling.vertical))
    return drop_frames(lattices + find_area_lattices(ruling.blocks, lattices)), ruling


def drop_frames(lattices: list[Lattice]) -> list[Lattice]:
    """In reading order, without frames around tables: a single cell with a table inside is no table."""
    return [
        lattice
        for lattice in in_reading_order(lattices)
        if len(lattice.cells) > 1
        or not any(
            other is not lattice and _contains(lattice.box, other.box) and not _is_mark(other) for other in lattices
        )
    ]


def _is_mark(lattice: Lattice) -> bool:
    x0, y0, x1, y1 = lattice.box
    return len(lattice.cells) == 1 and (x1 - x0 < MARK_SIZE or y1 - y0 < MARK_SIZE / 2)


def _contains(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] + 1 and outer[1] <= inner[1] + 1 and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )


def build_page(
    chars: Chars,
    texts: Texts,
    lattices: list[Lattice],
    page: int,
    back: Matrix | None,
    height: float,
    clipped: Clipped | None = None,
    strays: Sequence[Rule] = (),
) -> PageResult:
    """Grids of a page in reading order; `back` leads from reader coordinates to those of the page as it is shown, `clipped` does not show.

    `strays` are horizontal lines that part no rows.
    """
    result = PageResult(height=height)
    home, first = assign(chars, lattices)
    take_overflow(chars, home, lattices, first, 0.85 * height)
    overlay = find_overlays(chars, home, lattices, texts)
    if some(overlay):
        _note_overlay(chars.take(overlay), page, result)
        chars, home = chars.take(~overlay), home[~overlay]
    garbage = is_garbage(chars)
    if some(garbage):
        chars.code[garbage] = REPLACEMENT
        chars.kind = kinds_of(chars.code)
    outside = home < 0
    if not every(outside):
        sizes = chars.size[~outside]
        sizes.sort()
        result.body_size = float(sizes[len(sizes) // 2])
    home[outside] = first[-1]
    lines = build_lines(chars, home, first[-1])
    result.outside = lines.get(first[-1], [])
    kept = []
    for index, lattice in enumerate(lattices):
        own = list(map(lines.get, range(first[index], first[index + 1]), repeat(())))
        if any(own) or (len(lattice.xs) > 2 and len(lattice.ys) > 2):
            kept.append((lattice, own))
    tables = [lattice for lattice, _ in kept]
    for lattice, own in kept:
        parent = _parent(lattice, tables)
        if parent is not None:
            _note_nested(lattice, tables[parent], parent, page, result)
        for place, text in struck_cells(strays, own) if strays else ():
            _note_struck(result, lattice, place, page, text)
        cells = _build_cells(lattice, own, page, back)
        result.grids.append(
            Grid(
                cells,
                page=page,
                edges=tuple(lattice.xs),
                parent=parent,
                undrawn=lattice.undrawn,
                open_lines=_open_lines(lattice, own),
            )
        )
    if clipped is not None:
        for cell in cut_cells(clipped, chars, home, lattices, first, page):
            index, place = place_of(cell, first)
            table = next((number for number, lattice in enumerate(tables) if lattice is lattices[index]), None)
            if table is not None:
                _note_cut(result, page, table, place)
    odd = odd_letters(chars)
    if odd:
        _note_garbage(result, page, odd)
    result.contexts = _share_out(result.outside, tables)
    end = max((lattice.ys[-1] for lattice in tables), default=0.0)
    result.after = [line for line in result.outside if line.top + line.size / 2 > end]
    return result


def _open_lines(lattice: Lattice, texts: Sequence[Sequence[Line]]) -> tuple[tuple[int, int, tuple[float, ...]], ...]:
    """See `Grid.open_lines`."""
    left, right = lattice.undrawn[OPEN_LEFT], lattice.undrawn[OPEN_RIGHT]
    if not left and not right:
        return ()
    return tuple(
        (r0, c0, tuple(round(line.top, 1) for line in lines))
        for (r0, c0, _, c1), lines in zip(lattice.cells, texts, strict=True)
        if lines and ((c0 == 0 and r0 in left) or (c1 == len(lattice.xs) - 1 and r0 in right))
    )


def _build_cells(lattice: Lattice, texts: Sequence[Sequence[Line]], page: int, back: Matrix | None) -> tuple[Cell, ...]:
    xs, ys = lattice.xs, lattice.ys
    shown_by, usual = paddings(lattice, texts)
    cells = []
    for number, ((r0, c0, r1, c1), lines) in enumerate(zip(lattice.cells, texts, strict=True)):
        box = left, _, right, _ = (xs[c0], ys[r0], xs[c1], ys[r1])
        text = ""
        full: tuple[int, ...] = ()
        room = None
        if lines:
            last = lines[-1]
            text, _, x1, _, _, size, turn = last
            if len(lines) > 1:
                text = "\n".join([line[0] for line in lines])
                full = full_lines(lines, right - shown_by.get(number, usual))
                if lines[1][0][0].isdigit() and lines[0][0][-1].isdigit() and not turn:
                    full = full_figures(lines, full, left, right, usual)
            elif right - x1 < usual + size:
                full = full_lines(lines, right - usual)
            if not turn:
                room = round(room_behind(last, left, right, usual), 3)
        if back is not None:
            x0, y0, x1, y1 = transform_box(box, back)
            box = (round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2))
        cells.append((r0, c0, r1 - r0, c1 - c0, text, page, box, None, full, room))
    return tuple(map(make_cell, cells))


def _cell_box(lattice: Lattice, number: int) -> Box:
    r0, c0, r1, c1 = lattice.cells[number]
    return (lattice.xs[c0], lattice.ys[r0], lattice.xs[c1], lattice.ys[r1])


def _parent(lattice: Lattice, tables: list[Lattice]) -> int | None:
    """The index of the smallest table around this one."""
    around = [
        index
        for index, other in enumerate(tables)
        if other is not lattice and _contains(other.box, lattice.box) and other.area > lattice.area
    ]
    return min(around, key=lambda index: tables[index].area) if around else None


def _note_nested(lattice: Lattice, parent: Lattice, grid: int, page: int, result: PageResult) -> None:
    x, y = (lattice.xs[0] + lattice.xs[-1]) / 2, (lattice.ys[0] + lattice.ys[-1]) / 2
    place: tuple[int, int] | tuple[None, None] = (None, None)
    for number, (row, col, _, _) in enumerate(parent.cells):
        x0, y0, x1, y1 = _cell_box(parent, number)
        if x0 <= x <= x1 and y0 <= y <= y1:
            place = (row, col)
    message = f"第 {page} 页的单元格里嵌有表格，已作为单独的表格读出。"
    result.notes.append(Note("nested-table", message, page, grid, *place))


def _note_overlay(chars: Chars, page: int, result: PageResult) -> None:
    text = "".join(map(chr, chars.code.tolist())).strip()
    if text:
        message = f"第 {page} 页表格上的水印或印章文字没有计入单元格：{text[:40]}"
        result.notes.append(Note("dropped-overlay", message, page=page, text=text[:200]))


def _note_struck(result: PageResult, lattice: Lattice, place: int, page: int, text: str) -> None:
    row, col, _, _ = lattice.cells[place]
    message = "单元格里有文字被横线划过，仍按原文读入，请核对原件。"
    result.notes.append(Note("struck-text", message, page, len(result.grids), row, col, text[:200]))


def _note_cut(result: PageResult, page: int, number: int, place: int) -> None:
    cell = result.grids[number].cells[place]
    message = f"第 {page} 页第 {number + 1} 个表第 {cell.row + 1} 行第 {cell.col + 1} 列的文字超出单元格或页边，有一部分没有显示：请对照原件。"
    result.notes.append(Note("cut-text", message, page, number, cell.row, cell.col, cell.text[:200]))


def _note_garbage(result: PageResult, page: int, odd: frozenset[str]) -> None:
    """One note a cell; where a table has many such cells, one for all of them at the first."""
    for number, grid in enumerate(result.grids):
        doubtful = [cell for cell in grid.cells if not odd.isdisjoint(cell.text)]
        bad = [cell for cell in doubtful if _UNREADABLE in cell.text or is_gibberish(cell.text)]
        told = bad if len(bad) <= MAX_GARBAGE_NOTES else bad[:1]
        for cell in told:
            place = f"第 {page} 页第 {number + 1} 个表第 {cell.row + 1} 行第 {cell.col + 1} 列"
            others = f"等 {len(bad)} 个单元格" if len(told) < len(bad) else ""
            message = f"{place}{others}的字体没有文字编码，读出的是乱码：请对照原件，或取得可复制文字的版本。"
            result.notes.append(Note("garbled-text", message, page, number, cell.row, cell.col, cell.text[:200]))


def _share_out(lines: list[Line], lattices: list[Lattice]) -> list[list[Line]]:
    """For each table the lines above it and below the one before it; side by side, each line goes to the table under it."""
    shares: list[list[Line]] = [[] for _ in lattices]
    for line in lines:
        below = [
            (lattice.ys[0], not (lattice.xs[0] <= (line.x0 + line.x1) / 2 <= lattice.xs[-1]), index)
            for index, lattice in enumerate(lattices)
            if line.top + line.size / 2 <= lattice.ys[0] + 1
        ]
        if below:
            top = min(below)[0]
            side_by_side = [entry for entry in below if entry[0] <= top + BAND]
            shares[min(side_by_side, key=lambda entry: (entry[1], entry[0]))[2]].append(line)
    return shares

"""Tables that are wider than the page: what a spreadsheet prints on further pages is put to the right of its first part again.

Programs print such a table in strips, all rows of the first columns and then those of the next, or page by page to the right. The
parts have the same rows at the same heights. A cell merged over the cut has no border there on either page, and each line of its
text is cut where the page ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from yusuan.extract.grid import OPEN_BOTTOM, OPEN_LEFT, OPEN_RIGHT, OPEN_TOP, Cell, Grid
from yusuan.normalize.block import Piece, Place, Places, first_filled
from yusuan.normalize.finder import Finder
from yusuan.normalize.strip import row_texts
from yusuan.normalize.text import label_key, label_of

_NEAR = 2.0
"""Points by which the same border of a row, or the same line of a text, may differ between two pages."""
_LINE = 10.0
_ROWS = 3
"""Where no cell is merged over the cut, so many rows at least must have the same borders."""
_NO_CHANCE, _KINDS = 6, 3
"""Tables of the page's width: so many borders of rows at least must be the same, of rows of so many different heights."""
_LOOK_BACK = 64
"""Tables among which the part to the left is looked for: no table is printed on more strips of pages."""

Span = tuple[float, float]
Position = tuple[int, int]


@dataclass(slots=True)
class Wide:
    """A table made of parts side by side; `grid` is all of them as one."""

    parts: list[Grid]
    grid: Grid
    places: Places

    def is_followed_by(self, other: Wide) -> bool:
        """Whether the other table stands on the page behind this one: all rows of the first columns come first, or all columns of a row."""
        first, last, page = self.parts[0].page, self.parts[-1].page, other.parts[0].page
        return first is not None and last is not None and page in (first + 1, last + 1)

    def has_beside(self, left: Grid, right: Grid) -> bool:
        """Whether it was cut at the same place: into parts with the columns of these two."""
        return any(_same(a.edges, left.edges) and _same(b.edges, right.edges) for a, b in pairwise(self.parts))


class WidePart(NamedTuple):
    """A part that was put to the right of others: its first cell with text, and the page of the first part."""

    place: Place
    beside: int | None


def cut_off(table: Wide) -> Place | None:
    """The first text at the right side of a table that some of its cells go on behind, where no page shows the rest."""
    grid = table.grid
    if not grid.undrawn[OPEN_RIGHT]:
        return None
    cut = _open_cells(grid, OPEN_RIGHT)
    outer = [cell for cell in grid.cells if cell.col + cell.col_span == grid.n_cols]
    if not 0 < len(cut) < len(outer):  # none, or a table that has no line at that side
        return None
    first = first_filled(cut.values())
    return table.places[first[:2]][-1] if first is not None else None


def wide_tables(grids: Sequence[Grid], finder: Finder) -> tuple[list[Wide], list[WidePart]]:
    """The tables of a document in reading order, parts side by side made one, and what was put to the right."""
    tables: list[Wide] = []
    moved: list[WidePart] = []
    for number, grid in enumerate(grids):
        left = _left_of(tables, grid, finder)
        if left is None:
            tables.append(Wide([grid], grid, Places(Piece(0, number, grid.page))))
        else:
            left.grid = replace(left.grid, context=_whole_lines(left.grid.context, grid.context, finder))
            first = first_filled(grid.cells) or grid.cells[0]
            moved.append(WidePart(Place(grid.page, number, first.row, first.col), left.parts[0].page))
            _put_beside(left, number, grid)
    return tables, moved


def _left_of(tables: Sequence[Wide], grid: Grid, finder: Finder) -> Wide | None:
    if grid.page is None or not grid.edges or not grid.cells or grid.cells[0].bbox is None:
        return None
    for table in tables[-_LOOK_BACK:]:
        left, last = table.grid, table.parts[-1]
        if last.page is None or last.page >= grid.page or not last.edges or not last.cells:
            continue
        (above, below), (top, bottom) = left.height, grid.height
        if top < above - _NEAR or bottom > below + _NEAR:
            continue
        merged = _merged_over(left, grid)
        if merged is None:
            merged = (
                abs(top - above) <= _NEAR
                and abs(bottom - below) <= _NEAR
                and not any(_is_as_wide(part, grid) and not _are_no_chance(part, grid, finder) for part in table.parts)
                and _has_rows_of(left, grid)
                and (any(other.has_beside(last, grid) for other in tables) or _may_go_on(left, grid, finder))
            )
        if merged and _is_next_strip(tables, last, grid):
            return table
    return None


def _is_next_strip(tables: Sequence[Wide], left: Grid, right: Grid) -> bool:
    """Whether the pages between hold tables of the strip of pages to which `left` belongs, or of that of `right`."""
    between: dict[int, list[Grid]] = {page: [] for page in range((left.page or 0) + 1, right.page or 0)}
    for table in tables:
        for part in table.parts:
            if part.page in between and part.edges:
                between[part.page].append(part)
    return all(
        any(_begin_alike(part, left) or _begin_alike(part, right) for part in parts) for parts in between.values()
    )


def _begin_alike(a: Grid, b: Grid) -> bool:
    """Whether both stand at the same left margin."""
    return abs(a.edges[0] - b.edges[0]) <= _NEAR


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= _NEAR for x, y in zip(a, b, strict=True))


def _is_as_wide(a: Grid, b: Grid) -> bool:
    """Whether both have the same outer borders: rests of tables of the page's width, which may have rows of the same height by chance."""
    return abs(a.edges[0] - b.edges[0]) <= _NEAR and abs(a.edges[-1] - b.edges[-1]) <= _NEAR


def _are_no_chance(a: Grid, b: Grid, finder: Finder) -> bool:
    """Whether two tables of one width are parts of one wider than the page: other columns with other headings, and so many borders at the
    same heights, of rows of so many heights, that no two tables have them by chance."""
    first, second = row_texts(a.rows[0]), row_texts(b.rows[0])
    if _same(a.edges, b.edges) or first == second or not all(map(finder.is_label, first + second)):
        return False
    few, many = sorted((_borders(a), _borders(b)), key=len)
    heights = _distinct(below - above for above, below in pairwise(few))
    return len(few) >= _NO_CHANCE and len(heights) >= _KINDS and all(_holds(many, y) for y in few)


def _has_rows_of(left: Grid, right: Grid) -> bool:
    """Whether one has no border of a row that the other has not."""
    few, many = sorted((_borders(left), _borders(right)), key=len)
    return all(_holds(many, y) for y in few)


def _merged_over(left: Grid, right: Grid) -> bool | None:
    """Whether all cells that no line closes at the cut go on behind it; None if there is none on either page.

    Of a row that is one cell through and through, a page in the middle shows no side: a table may lack such rows above and below.
    """
    cut, rest = _open_cells(left, OPEN_RIGHT), _open_cells(right, OPEN_LEFT)
    if not cut and not rest:
        return None
    beside = [span for span in cut if _is_beside(span, right)]
    missing = [
        cell for cell in left.cells if cell.col + cell.col_span == left.n_cols and not _is_beside(_span(cell), right)
    ]
    return (
        len(beside) == len(rest)
        and all(map(_same, sorted(beside), sorted(rest)))
        and all(_span(cell) in cut for cell in missing)
    )


def _span(cell: Cell) -> Span:
    return (cell.bbox[1], cell.bbox[3]) if cell.bbox is not None else (0.0, 0.0)


def _is_beside(span: Span, grid: Grid) -> bool:
    top, bottom = grid.height
    return span[0] >= top - _NEAR and span[1] <= bottom + _NEAR


def _may_go_on(left: Grid, right: Grid, finder: Finder) -> bool:
    """Whether `right`, with the rows of `left`, cannot be a table of its own: enough rows, no project's name, no title but a part of one."""
    if min(len(_borders(left)), len(_borders(right))) <= _ROWS:
        return False
    if any(finder.is_anchor(label_of(cell.text)) for cell in right.cells if cell.text):
        return False
    return not (_is_titled(left, finder) and _is_titled(right, finder))


def _is_titled(grid: Grid, finder: Finder) -> bool:
    return any(finder.is_title(label_key(line)) for line in grid.context)


def _whole_lines(left: Sequence[str], right: Sequence[str], finder: Finder) -> tuple[str, ...]:
    """The lines above a table, with the rest of a title that the page cut."""
    return tuple(
        next(
            (
                line + rest
                for rest in right
                if finder.is_title(label_key(line + rest)) and not finder.is_title(label_key(line))
            ),
            line,
        )
        for line in left
    )


def _borders(grid: Grid) -> list[float]:
    return _distinct(y for cell in grid.cells if cell.bbox is not None for y in (cell.bbox[1], cell.bbox[3]))


def _distinct(positions: Iterable[float]) -> list[float]:
    found: list[float] = []
    for at in sorted(positions):
        if not found or at - found[-1] > _NEAR:
            found.append(at)
    return found


def _holds(borders: Sequence[float], at: float) -> bool:
    return any(abs(border - at) <= _NEAR for border in borders)


def _open_cells(grid: Grid, side: int) -> dict[Span, Cell]:
    """The cells that no line closes at their outer side (left or right), by their upper and lower border."""
    if not grid.undrawn[side]:
        return {}
    rows = set(grid.undrawn[side])
    outer = 0 if side == OPEN_LEFT else grid.n_cols
    return {
        (cell.bbox[1], cell.bbox[3]): cell
        for cell in grid.cells
        if cell.row in rows
        and cell.bbox is not None
        and (cell.col if side == OPEN_LEFT else cell.col + cell.col_span) == outer
    }


# --- putting the parts together -------------------------------------------------------------------------------------------


def _put_beside(table: Wide, number: int, right: Grid) -> None:
    """Makes `right` the last columns of the table."""
    left, places = table.grid, Places()
    borders = _distinct([*_borders(left), *_borders(right)])
    shift, onward = left.n_cols, left.edges[-1] - right.edges[0]
    cut, open_right = _open_cells(left, OPEN_RIGHT), _open_cells(right, OPEN_RIGHT)
    wholes = {
        half[:2]: next(cell for other, cell in cut.items() if _same(other, span))
        for span, half in _open_cells(right, OPEN_LEFT).items()
        if cut
    }
    tops_left, tops_right = _tops(left), _tops(right)
    cells: dict[Position, Cell] = {}
    open_lines: list[tuple[int, int, tuple[float, ...]]] = []
    onward_rows: list[int] = []
    past = shift + right.n_cols
    for cell in left.cells:
        own = _on_rows(cell, borders, 0)
        if _span(cell) in cut and not _is_beside(_span(cell), right):  # goes on behind the part that does not show it
            own = own._replace(col_span=past - own.col)
            open_lines.append((*own[:2], tops_left.get(cell[:2], ())))
            onward_rows.append(own.row)
        cells[own[:2]] = own
        places[own[:2]] = table.places[cell[:2]]
    for cell in right.cells:
        own, place = _on_rows(cell, borders, shift), Place(right.page, number, *cell[:2])
        tops = tops_right.get(cell[:2], ())
        whole = wholes.get(cell[:2])
        if whole is None:
            cells[own[:2]] = own
            places[own[:2]] = (place,)
        else:
            here = _on_rows(whole, borders, 0)[:2]
            own, tops = _joined(cells[here], tops_left.get(whole[:2], ()), own, tops)
            cells[here] = own
            places[here] = (*places[here], place) if whole.text or not cell.text else (place, *places[here])
        if cell in open_right.values():
            open_lines.append((*own[:2], tops))
    begun = {half[1]: whole.col for half, whole in wholes.items()}
    tops_open, bottoms_open = (
        tuple(sorted({*left.undrawn[side], *(begun.get(col, col + shift) for col in right.undrawn[side])}))
        for side in (OPEN_TOP, OPEN_BOTTOM)
    )
    table.parts.append(right)
    table.places = places
    table.grid = replace(
        left,
        cells=tuple(cells[here] for here in sorted(cells)),
        edges=(*left.edges, *(x + onward for x in right.edges[1:])),
        undrawn=(
            tuple(_row_at(borders, span[0]) for span in _open_cells(left, OPEN_LEFT)),
            tops_open,
            tuple(sorted({*onward_rows, *(_row_at(borders, span[0]) for span in open_right)})),
            bottoms_open,
        ),
        open_lines=tuple(open_lines),
    )


def _row_at(borders: Sequence[float], at: float) -> int:
    return min(range(len(borders)), key=lambda row: abs(borders[row] - at))


def _on_rows(cell: Cell, borders: Sequence[float], shift: int) -> Cell:
    """The cell with its rows counted on these borders, and its columns from `shift` on."""
    if cell.bbox is None:
        return cell._replace(col=cell.col + shift)
    first, past = _row_at(borders, cell.bbox[1]), _row_at(borders, cell.bbox[3])
    return cell._replace(row=first, row_span=max(1, past - first), col=cell.col + shift)


def _tops(grid: Grid) -> dict[Position, tuple[float, ...]]:
    return {(row, col): tops for row, col, tops in grid.open_lines}


def _joined(
    left: Cell, tops_left: Sequence[float], right: Cell, tops_right: Sequence[float]
) -> tuple[Cell, tuple[float, ...]]:
    """One cell of two halves: what stands at the same height is one line."""
    a, b = left.text.split("\n") if left.text else [], right.text.split("\n") if right.text else []
    if len(a) != len(tops_left) or len(b) != len(tops_right):  # no heights: line by line from the top
        tops_left, tops_right = [_LINE * n for n in range(len(a))], [_LINE * n for n in range(len(b))]
    tops = _distinct([*tops_left, *tops_right])
    texts = [""] * len(tops)
    full: set[int] = set()
    for half, own, fills in ((a, tops_left, ()), (b, tops_right, right.full_lines)):
        for line, (text, top) in enumerate(zip(half, own, strict=True)):
            at = _row_at(tops, top)
            texts[at] += text
            if line in fills:
                full.add(at)
    whole = left._replace(
        text="\n".join(texts),
        col_span=right.col + right.col_span - left.col,
        full_lines=tuple(sorted(full)),
        room=right.room if right.text else None,
    )
    return whole, tuple(tops)

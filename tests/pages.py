"""What a page does to a table: texts broken into lines by the width of their cells, and a break through any line of any row.

    laid = lay_out(grid)                 the table on a page without end
    laid.heights                         the height of each row in lines
    cut(laid, 7, 2)                      two pages: the break behind the second line of row 7 (0: before the row)
    cut(laid, 7, 2, range(4, 6))         the same with rows 4 and 5 printed again on the second page

Cells get boxes, `full_lines` and `room` as the PDF reader gives them. Letters are 10.5 points high and stand at the top of their cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from yusuan.extract.grid import Cell, Grid

PAGE_WIDTH = 450.0
SIZE = 10.5
LINE = 15.2
_PADDING = 5.4
_UNIT = re.compile(r"[（《“‘(\[]*(?:[!-~≥≤⩾⩽＝±]+|.)[，。、；：？！）》”’％,.;:?!)\]%]*")

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Laid:
    """A table whose texts are broken into lines: `lines` by the cell's row and column, `edges` the borders of the columns."""

    grid: Grid
    edges: tuple[float, ...]
    lines: dict[tuple[int, int], Lines]
    heights: tuple[int, ...]

    def width(self, cell: Cell) -> float:
        """The width for text, in letters."""
        return (self.edges[cell.col + cell.col_span] - self.edges[cell.col] - 2 * _PADDING) / SIZE

    def height(self, first: int, behind: int) -> int:
        """Of some rows, in lines."""
        return sum(self.heights[first:behind])


def lay_out(grid: Grid, letters: Sequence[int] = ()) -> Laid:
    """Breaks every text at the width of its cell. `letters` go into the columns beside each other; by default all have one width."""
    widths = [count * SIZE + 2 * _PADDING for count in letters] or [PAGE_WIDTH / grid.n_cols] * grid.n_cols
    laid = Laid(grid, tuple(accumulate(widths, initial=0.0)), {}, ())
    heights = [1] * grid.n_rows
    for cell in sorted(grid.cells, key=lambda cell: cell.row + cell.row_span):
        lines = laid.lines[cell.row, cell.col] = _break(cell.text, laid.width(cell))
        missing = len(lines) - sum(heights[cell.row : cell.row + cell.row_span])
        heights[cell.row + cell.row_span - 1] += max(missing, 0)
    return replace(laid, heights=tuple(heights))


def cuts(laid: Laid) -> Iterator[tuple[int, int]]:
    """Every place (row, lines of it above) where a page can end."""
    for row, height in enumerate(laid.heights):
        yield from ((row, line) for line in range(height) if (row, line) > (0, 0))


def whole(laid: Laid) -> Grid:
    """The table on one page."""
    cells = [_printed(laid, cell, laid.lines[cell.row, cell.col], 1) for cell in laid.grid.cells]
    return _on_page(laid, cells, 1, laid.heights, laid.grid.context)


def cut(laid: Laid, row: int, line: int, header: range = range(0)) -> tuple[Grid, Grid]:
    """The table on two pages, `line` lines of `row` on the first one, the rows of `header` repeated on the second.

    A cell has as many lines on the first page as there is room for, the rest on the second.
    """
    above: list[Cell] = []
    below: list[Cell] = []
    for cell in laid.grid.cells:
        lines = laid.lines[cell.row, cell.col]
        behind = cell.row + cell.row_span
        moved = row - len(header)  # by so many rows everything below the break moves up
        if behind <= row:
            above.append(_printed(laid, cell, lines, 1))
        elif cell.row > row or (cell.row == row and line == 0):
            below.append(_printed(laid, cell._replace(row=cell.row - moved), lines, 2))
        else:
            room = laid.height(cell.row, row) + line
            above.append(_printed(laid, cell._replace(row_span=row - cell.row + (line > 0)), lines[:room], 1))
            if cell.row in header:  # a label merged over its table stands beside the repeated header, too
                span = header.stop - cell.row + behind - row
                below.append(_printed(laid, cell._replace(row=cell.row - header.start, row_span=span), lines, 2))
            else:
                rest = cell._replace(row=row - moved, row_span=behind - row)
                below.append(_printed(laid, rest, lines[room:], 2))
        if cell.row in header and behind <= row:
            span = min(cell.row_span, header.stop - cell.row)
            below.append(_printed(laid, cell._replace(row=cell.row - header.start, row_span=span), lines, 2))
    heights = laid.heights
    first = [*heights[:row], line] if line else heights[:row]
    second = [*heights[header.start : header.stop], heights[row] - line, *heights[row + 1 :]]
    return _on_page(laid, above, 1, first, laid.grid.context), _on_page(laid, below, 2, second)


def text_width(text: str) -> float:
    """In letters: CJK 1, others half."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.5 for letter in text)


def _break(text: str, width: float) -> Lines:
    """The lines of a text; what is wider than a line is broken anywhere."""
    lines: list[str] = []
    for paragraph in text.split("\n") if text else ():
        line = ""
        for unit in _UNIT.findall(paragraph.strip()):
            for piece in [unit] if text_width(unit) <= width else unit:
                if line and text_width(line + piece) > width:
                    lines.append(line)
                    line = ""
                line += piece
        lines.append(line)
    return tuple(lines)


def _printed(laid: Laid, cell: Cell, lines: Lines, page: int) -> Cell:
    """A cell with these lines; the place of the cell is the one on its page, its columns are the table's."""
    width = laid.width(cell)
    following = [_UNIT.match(line) for line in lines[1:]]
    needed = [*(text_width(unit[0]) if unit else 1.0 for unit in following), 1.0]
    free = [width - text_width(line) for line in lines]
    full = tuple(number for number, room in enumerate(free) if room < needed[number])
    return cell._replace(text="\n".join(lines), page=page, full_lines=full, room=free[-1] if free else None)


def _on_page(
    laid: Laid, cells: Sequence[Cell], page: int, heights: Sequence[int], context: tuple[str, ...] = ()
) -> Grid:
    """Cells as a table of one page: boxes, and columns counted on the borders that this page shows."""
    tops = [height * LINE for height in accumulate(heights, initial=0)]
    shown = sorted({col for cell in cells for col in (cell.col, cell.col + cell.col_span)})
    rank = {col: number for number, col in enumerate(shown)}
    placed = []
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.col)):
        right = cell.col + cell.col_span
        box = (laid.edges[cell.col], tops[cell.row], laid.edges[right], tops[cell.row + cell.row_span])
        placed.append(cell._replace(bbox=box, col=rank[cell.col], col_span=rank[right] - rank[cell.col]))
    return Grid(tuple(placed), context=context, page=page, edges=tuple(laid.edges[col] for col in shown))

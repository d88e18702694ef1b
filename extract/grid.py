"""The central types: what a reader hands over, and the text notation in which people and tests read and write it.

A grid is one table as its author drew it: cells with spans. A merged cell exists once, at its top left; `Grid.at` is the
expanded view. Nothing here knows a file format or a form.

Notation, one line a row, ` | ` between cells::

    项目名称 | 道路维修经费 | »              » the same cell as on the left
    项目资金⏎（元） | 年度资金总额： | 1     ⏎ a line end inside the cell
    ^ | 其他资金 | ∅                        ^ the same cell as above, ∅ an empty cell

`␀` stands for "no cell here" (rows that start late; a row that ends early just ends). A backslash escapes these marks and
blanks at the edges of a text; `\\t` and `\\r` are a tab and a carriage return. `parse_grid(print_grid(g))` gives back structure and text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter
from typing import NamedTuple, TypeVar, cast

BBox = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, origin at the top left of the page as it is shown."""

MAX_POSITIONS = 4_000_000
"""Rows times columns of one table or sheet; more is no table that anyone drew."""

_column = attrgetter("col")
LEFT, ABOVE, EMPTY, NO_CELL, LINE_END = "»", "^", "∅", "␀", "⏎"


Fields = TypeVar("Fields", bound=tuple[object, ...])


def maker(kind: type[Fields]) -> Callable[[tuple[object, ...]], Fields]:
    """Makes a named tuple of all its fields in half the time of a call of its class: for what a document has hundreds of."""
    return cast(Callable[[tuple[object, ...]], Fields], partial(tuple.__new__, kind))


class Cell(NamedTuple):
    """One cell; `row` and `col` are 0-based, `page` is 1-based (None in formats without pages).

    A named tuple, since a spreadsheet can have a million of them (docs/decisions/0012).
    """

    row: int
    col: int
    row_span: int = 1
    col_span: int = 1
    text: str = ""
    page: int | None = None
    bbox: BBox | None = None
    confidence: float | None = None
    full_lines: tuple[int, ...] = ()
    """Indexes of the text's lines that fill the width of the cell, so that the page and not the author ended them (PDF)."""
    room: float | None = None
    """Free width behind the last line, in heights of its letters (PDF): tells whether a text could go on over the page break."""


make_cell = maker(Cell)
"""A cell of all its fields: a quarter of the time of `_replace`."""

Undrawn = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""The cells at each side of a table (`OPEN_LEFT` …) that no line closes there: by their first row (left, right) or column (top, bottom).

Where a page break cuts a cell, most programs draw no line on either page.
"""
OPEN_LEFT, OPEN_TOP, OPEN_RIGHT, OPEN_BOTTOM = range(4)
NOTHING_UNDRAWN: Undrawn = ((), (), (), ())


@dataclass(frozen=True)
class Grid:
    """Cells in row-major order of their top left corners; no two of them overlap.

    `context` holds the lines of text that stand before the table and after the one before it (title, caption, unit).
    `edges` are the x positions of the column borders (`n_cols + 1` of them) where the format has positions.
    `parent` is the index of the grid in whose cell this one is nested. `undrawn` are the outer cells that no line closes, and
    `open_lines` the upper edges of the lines of text of those that are open to the left or right: (row, column, edges).
    """

    cells: tuple[Cell, ...]
    context: tuple[str, ...] = ()
    page: int | None = None
    edges: tuple[float, ...] = ()
    parent: int | None = None
    hidden: bool = False
    undrawn: Undrawn = NOTHING_UNDRAWN
    open_lines: tuple[tuple[int, int, tuple[float, ...]], ...] = ()

    @cached_property
    def n_rows(self) -> int:
        return max([cell.row + cell.row_span for cell in self.cells], default=0)

    @cached_property
    def n_cols(self) -> int:
        return max([cell.col + cell.col_span for cell in self.cells], default=0)

    @cached_property
    def height(self) -> tuple[float, float]:
        """The upper and lower border; zeros where the format has no positions."""
        boxes = [cell.bbox for cell in self.cells if cell.bbox is not None]
        return min([box[1] for box in boxes], default=0.0), max([box[3] for box in boxes], default=0.0)

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The cells by the row in which they begin, from left to right."""
        rows: list[list[Cell]] = [[] for _ in range(self.n_rows)]
        for cell in self.cells:
            rows[cell.row].append(cell)
        return rows

    @cached_property
    def _covering(self) -> list[list[Cell]]:
        covering = [list(cells) for cells in self.rows]
        reached = set()
        for cell in self.cells:
            if cell.row_span > 1:
                for row in range(cell.row + 1, cell.row + cell.row_span):
                    covering[row].append(cell)
                    reached.add(row)
        for row in reached:
            covering[row].sort(key=_column)
        return covering

    def at(self, row: int, col: int) -> Cell | None:
        """The cell that covers this position; None outside the grid and where the author drew no cell."""
        cells = self.row(row)
        before = bisect_right(cells, col, key=_column)
        if before and col < cells[before - 1].col + cells[before - 1].col_span:
            return cells[before - 1]
        return None

    def row(self, row: int) -> list[Cell]:
        """The cells that cover a row from left to right, those merged into it from above included, each once."""
        return self._covering[row] if 0 <= row < self.n_rows else []


class Note(NamedTuple):
    """Something a reader must tell about the document (an issue before it has a project): code as in schemas/issues.toml."""

    code: str
    message: str
    page: int | None = None
    grid: int | None = None
    row: int | None = None
    col: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Document:
    """What a reader read: grids in reading order, page count (or sheets), the lines of page headers, and what it has to tell.

    `loose`: of the pages of a PDF on which a form may stand that has no lines, the text outside of grids, each piece of a line that
    stands apart on a line of its own; "" for other pages.
    """

    format: str
    grids: tuple[Grid, ...] = ()
    pages: int | None = None
    headers: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    text_source: str = "text"
    title: str | None = None
    loose: tuple[str, ...] = ()


class UnreadableError(Exception):
    """A document that cannot be read: `code` as in `documents.error_code`, the message says what, where and what to do next."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def encrypted(what: str = "文件") -> UnreadableError:
    return UnreadableError("encrypted", f"{what}已加密，需要密码才能打开。请取得密码，另存为不加密的文件后再试。")


# --- text notation ----------------------------------------------------------------------------------------------------

_ESCAPED = {"\t": "\\t", "\r": "\\r", "\n": LINE_END, "\\": "\\\\", "|": "\\|", LINE_END: "\\" + LINE_END}
_ESCAPE = re.compile("[" + re.escape("".join(_ESCAPED)) + "]")
_SPLIT = re.compile(r"((?:[^\\|]|\\.)*)(\||$)", re.DOTALL)
_UNESCAPE = re.compile(r"\\(.)|" + LINE_END, re.DOTALL)
_BLANK = re.compile(r"\s")
_MARKS = (LEFT, ABOVE, EMPTY, NO_CELL)


def print_text(text: str) -> str:
    """A cell's text in the notation: never blank at an edge, never a line end, never one of the marks."""
    if not text:
        return EMPTY
    if text in _MARKS:
        return "\\" + text
    shown = _ESCAPE.sub(lambda match: _ESCAPED[match[0]], text)
    if _BLANK.match(shown):
        shown = "\\" + shown
    if _BLANK.match(shown[-1]) and (len(shown) > 2 or shown[0] != "\\"):
        shown = shown[:-1] + "\\" + shown[-1]
    if shown.startswith((">", "#")):  # would read as a context line or a comment of `show`
        shown = "\\" + shown
    return shown


def print_grid(grid: Grid) -> str:
    """The grid in the notation, one line a row, without a line end at the end."""
    lines = []
    for row in range(grid.n_rows):
        marks = []
        for col in range(grid.n_cols):
            cell = grid.at(row, col)
            if cell is None:
                marks.append(NO_CELL)
            elif cell.col < col:
                marks.append(LEFT)
            elif cell.row < row:
                marks.append(ABOVE)
            else:
                marks.append(print_text(cell.text))
        while len(marks) > 1 and marks[-1] == NO_CELL:
            marks.pop()
        lines.append(" | ".join(marks))
    return "\n".join(lines)


def _split_row(line: str) -> list[str]:
    parts = []
    position = 0
    while True:
        match = _SPLIT.match(line, position)
        if match is None:
            raise ValueError(f"a backslash escapes nothing at the end of the row {line!r}")
        part = match[1].lstrip()
        stripped = part.rstrip()
        if len(stripped) < len(part) and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
            stripped = part[: len(stripped) + 1]  # the blank behind an odd backslash is escaped
        parts.append(stripped)
        position = match.end()
        if not match[2]:
            return parts


def _unescape(match: re.Match[str]) -> str:
    escaped = match[1]
    if escaped is None:
        return "\n"
    return {"t": "\t", "r": "\r"}.get(escaped, escaped)


def parse_grid(text: str) -> Grid:
    """Parses the notation of one grid; `> ` lines before the rows are its context.

    Raises ValueError with the line where a mark has no neighbour or a merged cell is no rectangle.
    """
    context: list[str] = []
    rows: list[list[str]] = []
    for line in text.strip("\n").split("\n"):
        if line.startswith("> ") and not rows:
            context.append(line[2:])
        elif line.strip():
            rows.append(_split_row(line))
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    texts: dict[tuple[int, int], str] = {}
    for row, marks in enumerate(rows):
        for col, mark in enumerate(marks):
            here = (row, col)
            if mark in (LEFT, ABOVE):
                neighbour = (row, col - 1) if mark == LEFT else (row - 1, col)
                if neighbour not in owner:
                    raise ValueError(f"row {row}, column {col}: {mark} has no cell to join")
                owner[here] = owner[neighbour]
            elif mark != NO_CELL:
                owner[here] = here
                texts[here] = "" if mark in (EMPTY, "") else _UNESCAPE.sub(_unescape, mark)
    return Grid(tuple(_merge(owner, texts)), context=tuple(context))


def _merge(owner: dict[tuple[int, int], tuple[int, int]], texts: dict[tuple[int, int], str]) -> Iterator[Cell]:
    extent: dict[tuple[int, int], tuple[int, int, int]] = {}
    for (row, col), home in owner.items():
        bottom, right, count = extent.get(home, (row, col, 0))
        extent[home] = (max(bottom, row), max(right, col), count + 1)
    for home, text in texts.items():
        bottom, right, count = extent[home]
        row_span, col_span = bottom - home[0] + 1, right - home[1] + 1
        if row_span * col_span != count:
            raise ValueError(f"row {home[0]}, column {home[1]}: the merged cell {text!r} is no rectangle")
        yield Cell(*home, row_span, col_span, text)


def print_grids(grids: Iterable[Grid]) -> str:
    """Several grids with their context, a blank line between them; `parse_grids` reads it back."""
    return "\n\n".join("\n".join([*(f"> {line}" for line in grid.context), print_grid(grid)]) for grid in grids)


def parse_grids(text: str) -> list[Grid]:
    """Grids separated by blank lines; lines that begin with `#` are comments."""
    kept = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    return [parse_grid(part) for part in re.split(r"\n[ \t]*(?:\n[ \t]*)+", kept) if part.strip()]

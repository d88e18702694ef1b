"""Texts of a sheet with their positions → grids: what is used of the sheet, its titles, its tables.

A sheet has no drawn empty cells: every position between the first and the last text is a cell. Rows of a single text above
a table are its context (a title, a caption, a unit), as a paragraph above a table is in Word. A sheet is one grid, unless
a blank row and such a title part it into several tables. Grid rows and columns count from the first ones of the table.
"""

from __future__ import annotations

import gc
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, compress, cycle, repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from yusuan.extract.grid import Cell, Document, Grid, Note, make_cell
from yusuan.extract.sheet_hidden import Ranges, hidden_message, which
from yusuan.extract.sheet_struck import settle

MAX_POSITIONS = 4_000_000
"""Rows times columns of one sheet; as for a table in Word."""
SPARSE = 50_000
"""From so many positions on, a sheet that is nearly empty is read without its blank rows and columns."""
_FILLED = 20
_BEYOND = 512
"""Rows and columns that a merged cell may reach beyond the last text."""
_UNNAMED = re.compile(r"\s*(?:sheet|工作表|页)\s*\d*\s*(?:\(\d+\))?\s*", re.IGNORECASE)
"""Names that a program gave: they say nothing about the table."""

Ints = npt.NDArray[np.signedinteger[Any]]
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; 0-based, inclusive."""
_Table = tuple[int, int, int]
"""First row, first row that is no title, row past the end."""


@dataclass(slots=True)
class Sheet:
    """One sheet as a reader gives it: three sequences of one length, no position twice, in any order, blank texts left out."""

    name: str
    hidden: bool = False
    rows: array[int] = field(default_factory=partial(array, "i"))
    cols: array[int] = field(default_factory=partial(array, "i"))
    texts: list[str] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: Ranges = field(default_factory=list)
    hidden_cols: Ranges = field(default_factory=list)
    struck: bool = False
    """Crossed-out letters may be marked in the texts."""

    def add(self, rows: Ints, cols: Ints, texts: Iterable[str]) -> None:
        """Many cells at once."""
        self.rows.frombytes(rows.astype(np.int32, copy=False).view(np.uint8).data)
        self.cols.frombytes(cols.astype(np.int32, copy=False).view(np.uint8).data)
        self.texts.extend(texts)


def plain(text: str) -> str:
    """A text with line ends as \\n; one of blanks only is none."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "" if text.isspace() else text


@dataclass(slots=True)
class _Flat:
    """A sheet as a full rectangle, row by row. `spans`: index of a merged cell → its rows and columns; `covered`: 1 under one;
    `tied`: for each row 1 where a cell reaches into it from the row above or out of it into the one below; `filled`: for each
    row the number of its texts; `rows`, `cols`: which they are in the sheet.
    """

    width: int
    texts: list[str]
    spans: dict[int, tuple[int, int]]
    covered: bytearray
    tied: bytearray
    filled: list[int]
    rows: Ints
    cols: Ints
    hidden_texts: list[tuple[int, str]] = field(default_factory=list)
    """Index of a merged cell and a text that it covers."""


def document_of(format_name: str, sheets: Iterable[Sheet], notes: Iterable[Note] = ()) -> Document:
    """All tables of the sheets in order; `pages` counts sheets, and a cell's page is the number of its sheet."""
    grids: list[Grid] = []
    told = list(notes)
    count = 0
    for count, sheet in enumerate(sheets, 1):
        _add_sheet(sheet, count, grids, told)
    title = next((line for grid in grids for line in grid.context[:1] if len(grid.context) > 1), None)
    return Document(format_name, tuple(grids), pages=count, notes=tuple(told), title=title)


def _add_sheet(sheet: Sheet, page: int, grids: list[Grid], notes: list[Note]) -> None:
    if not sheet.texts:
        return
    flat = _flatten(sheet)
    if flat is None:
        message = f"工作表“{sheet.name}”的内容分布在过大的范围里，没有读取：请把有关的表格单独复制到一个新文件。"
        notes.append(Note("unread-part", message, page=page))
        return
    struck = settle(flat.texts) if sheet.struck else []
    name = () if _UNNAMED.fullmatch(sheet.name) else (sheet.name.strip(),)
    for table in _tables(flat):
        start, body, end = table
        lines = [
            line for text in flat.texts[start * flat.width : body * flat.width] if text for line in text.split("\n")
        ]
        first = _first_column(flat, body, end)
        cells = _cells(flat, body, end, first, page)
        for index, text in flat.hidden_texts:
            row, col = divmod(index, flat.width)
            if body <= row < end:
                message = "合并单元格下面还有文字，表格软件不显示，没有读取。"
                notes.append(Note("covered-text", message, page, len(grids), row - body, col - first, text))
        for index, message, text in struck:
            row, col = divmod(index, flat.width)
            if start <= row < end:
                own, at = (row - body, col - first) if row >= body else (None, None)
                notes.append(Note("struck-text", message, page, len(grids), own, at, text))
        if hidden := _hidden(sheet, flat, table):
            notes.append(Note("hidden-content", hidden, page, len(grids)))
        context = [line.strip() for line in lines if line.strip()]
        context[:0] = [each for each in name if each not in context]
        grids.append(Grid(cells, context=tuple(context), page=page, hidden=sheet.hidden))


def _hidden(sheet: Sheet, flat: _Flat, table: _Table) -> str | None:
    start, _, end = table
    width, texts = flat.width, flat.texts
    rows = which(
        flat.rows[start:end],
        sheet.hidden_rows,
        lambda row: any(texts[(start + row) * width : (start + row + 1) * width]),
    )
    cols = which(flat.cols, sheet.hidden_cols, lambda col: any(texts[start * width + col : end * width : width]))
    return hidden_message(sheet.name, sheet.hidden, rows, cols)


# --- the used rectangle -------------------------------------------------------------------------------------------------


def _flatten(sheet: Sheet) -> _Flat | None:
    """The used rectangle; None if it is too large to be a table."""
    rows, cols, merges = np.array(sheet.rows), np.array(sheet.cols), sheet.merges
    top, left, bottom, right = (int(each) for each in (rows.min(), cols.min(), rows.max(), cols.max()))
    used = set(zip(rows.tolist(), cols.tolist(), strict=True)) if merges else set[tuple[int, int]]()
    past_bottom, past_right = bottom + _BEYOND, right + _BEYOND
    for r0, c0, r1, c1 in merges:
        if (r0, c0) in used:
            bottom = max(bottom, min(r1, past_bottom) if r1 <= past_bottom else bottom)
            right = max(right, c1 if c1 <= past_right else right)
    area = (bottom - top + 1) * (right - left + 1)
    own_rows, own_cols = np.arange(top, bottom + 1), np.arange(left, right + 1)
    if area > SPARSE and area > _FILLED * len(rows):
        own_rows, own_cols = np.unique(rows), np.unique(cols)
        rows, cols, merges = _squeezed(rows, cols, merges, (bottom, right))
        top = left = 0
        bottom, right = int(rows.max()), int(cols.max())
    width, height = right - left + 1, bottom - top + 1
    if width * height > MAX_POSITIONS:
        return None
    places = (rows - top) * width + (cols - left)
    texts = sheet.texts
    if not np.array_equal(places, np.arange(width * height)):
        flat_texts = np.full(width * height, "", dtype=object)
        flat_texts[places] = texts
        texts = flat_texts.tolist()
    filled = np.bincount(rows - top, minlength=height).tolist()
    flat = _Flat(width, texts, {}, bytearray(width * height), bytearray(height), filled, own_rows, own_cols)
    _merge(flat, ((r0 - top, c0 - left, min(r1, bottom) - top, min(c1, right) - left) for r0, c0, r1, c1 in merges))
    return flat


def _squeezed(rows: Ints, cols: Ints, merges: list[Merge], last: tuple[int, int]) -> tuple[Ints, Ints, list[Merge]]:
    """The same sheet without the rows and columns in which no text begins."""
    used_rows, new_rows = np.unique(rows, return_inverse=True)
    used_cols, new_cols = np.unique(cols, return_inverse=True)
    kept: list[Merge] = []
    for r0, c0, r1, c1 in merges:
        first_row, first_col = np.searchsorted(used_rows, r0), np.searchsorted(used_cols, c0)
        if r0 in used_rows[first_row : first_row + 1] and c0 in used_cols[first_col : first_col + 1]:
            last_row = np.searchsorted(used_rows, min(r1, last[0]), "right") - 1
            last_col = np.searchsorted(used_cols, min(c1, last[1]), "right") - 1
            kept.append((int(first_row), int(first_col), int(last_row), int(last_col)))
    return new_rows, new_cols, kept


def _merge(flat: _Flat, merges: Iterable[Merge]) -> None:
    """Lays merged cells over the rectangle. One that is clipped away, or that crosses an earlier one, is none."""
    width, covered, texts = flat.width, flat.covered, flat.texts
    for r0, c0, r1, c1 in merges:
        if r0 < 0 or c0 < 0 or r1 < r0 or c1 < c0 or (r0, c0) == (r1, c1):
            continue
        span = c1 - c0 + 1
        starts = range(r0 * width + c0, r1 * width + c0 + 1, width)
        if any(
            any(covered[start : start + span]) or flat.spans.keys() & set(range(start, start + span))
            for start in starts
        ):
            continue
        home = starts[0]
        flat.spans[home] = (r1 - r0 + 1, span)
        if r1 > r0:
            flat.tied[r0 : r1 + 1] = b"\1" * (r1 - r0 + 1)
        for start in starts:
            for index in range(start, start + span):
                if texts[index] and index != home:
                    flat.hidden_texts.append((home, texts[index]))
                    flat.filled[index // width] -= 1
                    texts[index] = ""
            covered[start : start + span] = b"\1" * span
        covered[home] = 0


# --- titles and tables --------------------------------------------------------------------------------------------------


_BLANK, _TITLE, _BODY = 0, 1, 2


def _tables(flat: _Flat) -> list[_Table]:
    """The tables of a sheet from top to bottom: a new one begins behind a blank row, with rows of a single text."""
    kinds = _kinds(flat)
    last = max((row for row, kind in enumerate(kinds) if kind == _BODY), default=-1)
    starts, body_seen = [0], False
    for row, kind in enumerate(kinds):
        if kind == _TITLE and body_seen and kinds[row - 1] == _BLANK and row < last:
            starts.append(row)
            body_seen = False
        body_seen |= kind == _BODY
    tables = []
    for start, past in zip(starts, [*starts[1:], len(kinds)], strict=True):
        end = past
        while end > start + 1 and kinds[end - 1] == _BLANK:
            end -= 1
        body = next((row for row in range(start, end) if kinds[row] == _BODY), start)
        tables.append((start, body, end))
    return tables


def _kinds(flat: _Flat) -> list[int]:
    """For each row: blank; a single text that is not merged with rows below or above; or a part of a table."""
    return [
        _BODY if tied or filled > 1 or (filled and flat.width == 1) else _TITLE if filled else _BLANK
        for tied, filled in zip(flat.tied, flat.filled, strict=True)
    ]


# --- cells --------------------------------------------------------------------------------------------------------------


def _first_column(flat: _Flat, body: int, end: int) -> int:
    """The first column with a text in the table (titles above it may begin further left)."""
    for col in range(flat.width):
        if any(flat.texts[body * flat.width + col : end * flat.width : flat.width]):
            return col
    return 0


def _cells(flat: _Flat, body: int, end: int, first: int, page: int) -> tuple[Cell, ...]:
    """The cells of rows `body` to `end`, without blank columns at both sides."""
    width = flat.width
    last = width
    while last > first + 1 and not any(flat.texts[body * width + last - 1 : end * width : width]):
        covered = flat.covered[body * width + last - 1 : end * width : width]
        if any(covered):
            break
        last -= 1
    height, across = end - body, last - first
    rows, cols = chain.from_iterable(map(repeat, range(height), repeat(across))), cycle(range(across))
    if (first, last) == (0, width):
        texts = flat.texts[body * width : end * width]
        covered = flat.covered[body * width : end * width]
    else:
        texts = [text for row in range(body, end) for text in flat.texts[row * width + first : row * width + last]]
        covered = bytearray().join(flat.covered[row * width + first : row * width + last] for row in range(body, end))
    if not flat.spans:
        return make_cells(rows, cols, repeat(1), repeat(1), texts, page)
    row_spans, col_spans = [1] * len(texts), [1] * len(texts)
    for index, (down, over) in flat.spans.items():
        row, col = divmod(index, width)
        if body <= row < end and first <= col < last:
            place = (row - body) * across + col - first
            row_spans[place], col_spans[place] = min(down, end - row), min(over, last - col)
    keep = [not mark for mark in covered]
    return make_cells(
        compress(rows, keep),
        compress(cols, keep),
        compress(row_spans, keep),
        compress(col_spans, keep),
        compress(texts, keep),
        page,
    )


def make_cells(
    rows: Iterable[int],
    cols: Iterable[int],
    row_spans: Iterable[int],
    col_spans: Iterable[int],
    texts: Iterable[str],
    page: int,
) -> tuple[Cell, ...]:
    """The same as calling `Cell` for each, without a call in Python for each, and without the garbage collector, which
    would look through a million young cells again and again: they go to its oldest generation at once.
    """
    rest = (None, None, (), None)
    assert Cell(0, 0, page=page) == (0, 0, 1, 1, "", page, *rest), "the fields in their order"
    collecting = gc.isenabled()
    gc.disable()
    try:
        columns = zip(rows, cols, row_spans, col_spans, texts, repeat(page), *map(repeat, rest), strict=False)
        cells = tuple(map(make_cell, columns))
        if not gc.get_freeze_count():  # else somebody's frozen objects would thaw
            gc.freeze()
            gc.unfreeze()
    finally:
        if collecting:
            gc.enable()
    return cells

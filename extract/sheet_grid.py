"""Sheets → grids: the titles and the tables of what is used of a sheet (`sheet_flat`).

A sheet has no drawn empty cells: every position between the first and the last text is a cell. Rows of a single text above
a table are its context (a title, a caption, a unit), as a paragraph above a table is in Word. A sheet is one grid, unless
a blank row and such a title part it into several tables. Grid rows and columns count from the first ones of the table.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable
from itertools import chain, compress, cycle, repeat

from yusuan.extract.grid import Cell, Document, Grid, Note, make_cell
from yusuan.extract.sheet_flat import Flat, Sheet, flatten
from yusuan.extract.sheet_hidden import hidden_message, which
from yusuan.extract.sheet_struck import settle

_UNNAMED = re.compile(r"\s*(?:sheet|工作表|页)\s*\d*\s*(?:\(\d+\))?\s*", re.IGNORECASE)
"""Names that a program gave: they say nothing about the table."""
_Table = tuple[int, int, int]
"""First row, first row that is no title, row past the end."""


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
    flat = flatten(sheet)
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


def _hidden(sheet: Sheet, flat: Flat, table: _Table) -> str | None:
    start, _, end = table
    width, texts = flat.width, flat.texts
    rows = which(
        flat.rows[start:end],
        sheet.hidden_rows,
        lambda row: any(texts[(start + row) * width : (start + row + 1) * width]),
    )
    cols = which(flat.cols, sheet.hidden_cols, lambda col: any(texts[start * width + col : end * width : width]))
    return hidden_message(sheet.name, sheet.hidden, rows, cols)


# --- titles and tables --------------------------------------------------------------------------------------------------


_BLANK, _TITLE, _BODY = 0, 1, 2


def _tables(flat: Flat) -> list[_Table]:
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


def _kinds(flat: Flat) -> list[int]:
    """For each row: blank; a single text that is not merged with rows below or above; or a part of a table."""
    return [
        _BODY if tied or filled > 1 or (filled and flat.width == 1) else _TITLE if filled else _BLANK
        for tied, filled in zip(flat.tied, flat.filled, strict=True)
    ]


# --- cells --------------------------------------------------------------------------------------------------------------


def _first_column(flat: Flat, body: int, end: int) -> int:
    """The first column with a text in the table (titles above it may begin further left)."""
    for col in range(flat.width):
        if any(flat.texts[body * flat.width + col : end * flat.width : flat.width]):
            return col
    return 0


def _cells(flat: Flat, body: int, end: int, first: int, page: int) -> tuple[Cell, ...]:
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

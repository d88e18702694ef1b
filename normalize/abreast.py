"""Forms beside each other on one worksheet: with an empty column between them, each with fields of its own and its indicators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Places, Sheet
from yusuan.normalize.finder import Finder
from yusuan.normalize.text import label_of

SPREADSHEETS = frozenset({"xlsx", "xls", "ods", "et", "html"})
"""Formats whose tables are as wide as what happens to stand side by side."""


def apart(sheet: Sheet, finder: Finder) -> Iterator[Sheet]:
    """The forms of a table from left to right; the table itself where it is one, or where a part of it is no form of its own."""
    if not any(_has_twins(cells, finder) for cells in sheet.grid.rows):
        yield sheet
        return
    filled = {col for cell in sheet.grid.cells if cell.text for col in range(cell.col, cell.col + cell.col_span)}
    starts = [0, *(col for col in sorted(filled) if col - 1 not in filled and col > min(filled)), sheet.grid.n_cols]
    bands = [[cell for cell in sheet.grid.cells if left <= cell.col < right] for left, right in pairwise(starts)]
    if len(bands) == 1 or not all(_is_form(cells, finder) for cells in bands):
        yield sheet
        return
    for left, cells in zip(starts, bands, strict=False):
        yield _moved(sheet, cells, left)


def _has_twins(cells: list[Cell], finder: Finder) -> bool:
    """Whether the label of one field (项目名称, 部门名称) stands twice in a row."""
    labels = [label_of(cell.text) for cell in cells if cell.text and finder.words[cell.text].field]
    return len(set(labels)) < len(labels)


def _is_form(cells: list[Cell], finder: Finder) -> bool:
    """Whether the cells have a field and a header of indicators."""
    rows: dict[int, list[str]] = {}
    for cell in cells:
        if cell.text:
            rows.setdefault(cell.row, []).append(label_of(cell.text))
    named = any(finder.word(key).field for keys in rows.values() for key in keys)
    return named and any(finder.is_header(keys) for keys in rows.values())


def _moved(sheet: Sheet, cells: list[Cell], left: int) -> Sheet:
    """These cells as a table of their own that begins with column `left`."""
    places = Places()
    for cell in cells:
        places[cell.row, cell.col - left] = sheet.places[cell.row, cell.col]
    moved = tuple(cell._replace(col=cell.col - left) for cell in cells)
    return Sheet(replace(sheet.grid, cells=moved), places)

"""A sheet as its reader gives it (texts with their positions), and as the full rectangle of what is used of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from yusuan.extract.grid import MAX_POSITIONS
from yusuan.extract.sheet_hidden import Ranges

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Rows and columns of the largest sheet that a program makes."""
SPARSE = 50_000
"""From so many positions on, a sheet that is nearly empty is read without its blank rows and columns."""
_FILLED = 20
_BEYOND = 512
"""Rows and columns that a merged cell may reach beyond the last text."""

Ints = npt.NDArray[np.signedinteger[Any]]
Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; 0-based, inclusive."""


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
class Flat:
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


def flatten(sheet: Sheet) -> Flat | None:
    """The used rectangle of a sheet with texts; None if it is too large to be a table."""
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
    flat = Flat(width, texts, {}, bytearray(width * height), bytearray(height), filled, own_rows, own_cols)
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


def _merge(flat: Flat, merges: Iterable[Merge]) -> None:
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

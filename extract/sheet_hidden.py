"""Hidden sheets, rows and columns are read as all others; a note says which they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import numpy as np
import numpy.typing as npt

Ranges = list[tuple[int, int]]
"""First and last row or column of what is hidden; 0-based, inclusive, in any order."""
_SHOWN = 8
"""So many ranges are named; lists that a filter has folded have hundreds."""


def which(places: npt.NDArray[np.int64], ranges: Ranges, used: Callable[[int], bool]) -> list[int]:
    """Those of the places (rows or columns of the sheet, ascending) that are hidden and used; `used` gets their indexes."""
    hidden = np.zeros(len(places), dtype=np.bool_)
    for first, last in ranges:
        hidden[np.searchsorted(places, first) : np.searchsorted(places, last, "right")] = True
    return [int(places[index]) for index in np.flatnonzero(hidden).tolist() if used(index)]


def hidden_message(name: str, sheet: bool, rows: Sequence[int], cols: Sequence[int]) -> str | None:
    """What stands in the note; None if nothing is hidden."""
    parts = []
    if rows:
        parts.append(f"第{_listed(rows, lambda row: str(row + 1))}行")
    if cols:
        parts.append(f"{_listed(cols, column_letters)}列")
    if not parts and not sheet:
        return None
    said = f"工作表“{name}”" + ("本身是隐藏的" if sheet else "") + ("，其中" if sheet and parts else "")
    said += f"{'、'.join(parts)}是隐藏的" if parts else ""
    return f"{said}，已一并读取：请确认这些内容是否有效。"


def _listed(numbers: Sequence[int], shown: Callable[[int], str]) -> str:
    runs = [list(run) for run in _runs(numbers)]
    texts = [shown(run[0]) + (f"–{shown(run[-1])}" if len(run) > 1 else "") for run in runs[:_SHOWN]]
    return "、".join(texts) + (f"等{len(numbers)}" if len(runs) > _SHOWN else "")


def _runs(numbers: Sequence[int]) -> Iterable[Iterable[int]]:
    for _, run in groupby(enumerate(numbers), key=lambda each: each[1] - each[0]):
        yield (number for _, number in run)


def column_letters(index: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

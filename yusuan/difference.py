"""A cell that two readers of a document do not read alike."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` and `theirs` are None where that reading has no such cell; `row` and `col` are None for a whole table, `grid`
    is None for the whole document or a cell that only the second reader sees. `reason` None: not explained.
    """

    page: int | None
    grid: int | None
    row: int | None
    col: int | None
    ours: str | None
    theirs: str | None
    reason: str | None

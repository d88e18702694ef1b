"""The cells of a Word table as they are written → whole cells: Word writes a merged cell once for each row that it covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

_is_across = attrgetter("across")


@dataclass(slots=True)
class Written:
    """A `w:tc` with its lines of text; it covers `rows` rows and `span` columns. As the walk over a table finds it, `rows` is 1
    and it may go on from another one; what `merge` gives are whole cells.
    """

    row: int
    col: int
    lines: list[str]
    rows: int = 1
    span: int = 1
    down: str | None = None
    """`w:vMerge`: restart, continue or None."""
    across: bool = False
    """Goes on from the cell on its left (`w:hMerge`, legacy)."""
    nested: tuple[int, ...] = ()
    """Positions of its own tables among those nested in the whole table."""
    covered: tuple[str, ...] = ()
    """Texts of the cells that it covers, where they are not its own."""
    aside: tuple[tuple[str, str], ...] = ()
    """What stands in it and is not its text: the tag it was set aside under (FLOATING, STRUCK …), and the text."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def merge(rows: Iterable[list[Written]]) -> list[Written]:
    """The cells with their row spans, in row-major order.

    A cell goes on from above only under a cell of the same columns that reaches down to it. Any other `continue` is a
    cell of its own, so no two cells overlap and no text is lost.
    """
    done: list[Written] = []
    above: dict[tuple[int, int], Written] = {}
    for row in rows:
        current: dict[tuple[int, int], Written] = {}
        for cell in _merge_across(row):
            if cell.down is None:
                done.append(cell)
                continue
            place = (cell.col, cell.span)
            owner = above.get(place) if cell.down == "continue" else None
            if owner is None:
                owner = cell
                done.append(cell)
            else:
                owner.rows += 1
                _cover(owner, cell)
            current[place] = owner
        above = current
    return done


def _merge_across(row: list[Written]) -> list[Written]:
    if not any(map(_is_across, row)):
        return row
    kept: list[Written] = []
    for cell in row:
        if cell.across and kept:
            kept[-1].span += cell.span
            _cover(kept[-1], cell)
        else:
            kept.append(cell)
    return kept


def _cover(owner: Written, cell: Written) -> None:
    owner.nested += cell.nested
    owner.covered += cell.covered
    owner.aside += cell.aside
    if cell.lines != owner.lines and any(map(str.strip, cell.lines)):
        owner.covered += (cell.text,)

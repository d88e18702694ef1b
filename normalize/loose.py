"""What a page shows of a form and nothing read: forms without lines, whose cells nobody can tell apart, and rests of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yusuan.extract.grid import Cell, Grid
from yusuan.normalize.cell_rows import Roles
from yusuan.normalize.finder import Finder
from yusuan.normalize.lookups import level2_code
from yusuan.normalize.text import label_key, label_of, label_stem

LABELS = 6
"""So many different labels on a page, and the name of a project or the headings of indicators among them, are a form."""


def unruled_forms(pages: Sequence[str], finder: Finder) -> Iterator[tuple[int, str]]:
    """The pages (from 1) of `Document.loose` that show a form, each with the labels found."""
    for number, text in enumerate(pages, 1):
        labels = list(dict.fromkeys(key for line in text.split("\n") if finder.is_label(key := label_of(line))))
        if len(labels) >= LABELS and (any(map(finder.is_anchor, labels)) or finder.is_header(labels)):
            yield number, "、".join(labels)


def labels_outside(grids: Sequence[Grid], finder: Finder) -> Iterator[tuple[int, str]]:
    """Lines above tables without lines around them that are labels and nothing else, each with the number of its table: rows of the
    table of which no line shows that they are.
    """
    for number, grid in enumerate(grids):
        if grid.context and any(grid.undrawn):
            yield from ((number, line) for line in grid.context if finder.is_label(label_of(line)))


_LEVEL_LENGTH = 12
_SAME_EDGE = 3.0
"""Points by which the left border of a table's rest may differ from that of the table."""


def unread_rests(grids: Sequence[Grid], roles: Roles) -> Iterator[tuple[int, Cell]]:
    """Tables of pages that belong to no form and look like the rest of one, each by its number and a cell.

    They name a second level of indicators, or stand at the top of the page behind a form, below its last table and without a line above.
    """
    for number, grid in enumerate(grids):
        if not grid.edges or roles.get(number):
            continue
        found = next((cell for cell in grid.cells if _is_level(cell.text)), None)
        if found is None and number and roles.get(number - 1) and _stands_below(grids[number - 1], grid):
            filled = [cell for cell in grid.cells if cell.text]
            found = filled[0] if len(filled) > 1 else None  # a text alone is a note on how to fill the form in
        if found is not None:
            yield number, found


def _is_level(text: str) -> bool:
    if "指标" not in text or len(text) > 2 * _LEVEL_LENGTH:
        return False
    stem = label_stem(label_key(text))
    return stem.endswith("指标") and len(stem) <= _LEVEL_LENGTH and level2_code(stem) is not None


def _stands_below(above: Grid, below: Grid) -> bool:
    """Whether a table begins the page behind the one that ends with the other, at the same left border."""
    follows = above.page is not None and below.page == above.page + 1 and not below.context
    return follows and bool(above.edges) and abs(above.edges[0] - below.edges[0]) <= _SAME_EDGE

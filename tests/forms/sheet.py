"""Rows of items on a fine scale → a grid: like Word, a grid column begins wherever any row has a border."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.forms.truth import Item
from yusuan.extract.grid import Cell, Grid

WIDTH = 240
_STEP = 4  # of even columns: Word has at most 63

Row = list[Item]


def edges(rng: Random, shares: Sequence[int], x0: int, x1: int, *, jitter: int = 0) -> list[int]:
    """The borders of columns with these shares of the width; `jitter` moves the inner ones, so that sections do not line up."""
    total, found, position = sum(shares), [x0], 0
    for share in shares[:-1]:
        position += share
        found.append(x0 + (x1 - x0) * position // total + (rng.randint(-jitter, jitter) if jitter else 0))
    return [*found, x1]


def row(borders: Sequence[int], texts: Sequence[str | Item]) -> Row:
    """One row with a cell between each two borders."""
    items = [text if isinstance(text, Item) else Item(text) for text in texts]
    if len(items) != len(borders) - 1:
        raise ValueError(f"{len(items)} cells for {len(borders) - 1} columns")
    for item, left, right in zip(items, borders, borders[1:], strict=False):
        item.x0, item.x1 = left, right
    return items


def beside(label: str, rows: list[Row], x0: int, x1: int, style: str) -> list[Row]:
    """A label to the left of rows: `merged` over all, or in the first with `blank` cells below, or `repeat`ed in each."""
    if style == "merged":
        return [[Item(label, x0, x1, rows=len(rows)), *rows[0]], *rows[1:]]
    first = [Item(label, x0, x1), *rows[0]]
    return [first, *([Item(label if style == "repeat" else "", x0, x1), *items] for items in rows[1:])]


def lay(rows: Sequence[Row], grid: int, context: Sequence[str] = (), *, even: bool = False) -> Grid:
    """The grid of these rows; gives every item its place. Positions that nothing covers become empty cells.

    `even`: grid columns of one width, so that a page on which all columns are equal shows the widths that are meant.
    Raises ValueError where items overlap or hang over the last row: the generator is wrong then.
    """
    borders = sorted({0, WIDTH} | {edge for items in rows for item in items for edge in (item.x0, item.x1)})
    column = {edge: round(edge / _STEP) if even else number for number, edge in enumerate(borders)}
    owner: dict[tuple[int, int], Item] = {}
    for number, items in enumerate(rows):
        for item in items:
            item.place = (grid, number, column[item.x0])
            if number + item.rows > len(rows) or item.x0 >= item.x1:
                raise ValueError(f"row {number}: {item.text!r} is no rectangle inside of the grid")
            for below in range(number, number + item.rows):
                for col in range(column[item.x0], column[item.x1]):
                    if (below, col) in owner:
                        raise ValueError(f"row {below}: {item.text!r} overlaps {owner[below, col].text!r}")
                    owner[below, col] = item
    cells = [
        Cell(number, column[item.x0], item.rows, column[item.x1] - column[item.x0], item.text)
        for number, items in enumerate(rows)
        for item in items
    ]
    last = column[WIDTH]
    for number in range(len(rows)):
        start = None
        for col in range(last + 1):
            free = col < last and (number, col) not in owner
            if free and start is None:
                start = col
            elif not free and start is not None:
                cells.append(Cell(number, start, 1, col - start))
                start = None
    return Grid(tuple(sorted(cells, key=lambda cell: (cell.row, cell.col))), context=tuple(context))

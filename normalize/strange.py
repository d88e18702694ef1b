"""Labels in words that nobody knows: which texts may be such, and what stands behind and below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from yusuan.extract.grid import Cell
from yusuan.normalize.facts import Reading
from yusuan.normalize.funds import as_column, may_be_amount
from yusuan.normalize.layout import GUESSED_LENGTH, Meaning
from yusuan.normalize.lookups import words
from yusuan.normalize.meanings import meaning_of
from yusuan.normalize.money import parse_money
from yusuan.normalize.text import label_of


def is_strange(reading: Reading, cell: Cell) -> bool:
    """Whether a text may be a label and means nothing to the layout."""
    key = label_of(cell.text)
    return (
        0 < len(key) <= GUESSED_LENGTH
        and cell[:2] not in reading.told
        and not reading.claimed(cell)
        and not reading.layout.kinds([key])
        and not may_be_amount(cell)
    )


def give(reading: Reading, cell: Cell, meaning: Meaning) -> None:
    """Notes what a label means."""
    reading.told[cell[:2]] = meaning
    reading.kinds[cell.row] |= {meaning.kind}


# --- periods ----------------------------------------------------------------------------------------------------------


def order_of_periods(reading: Reading, rows: Sequence[int]) -> tuple[str, ...]:
    """The two periods that the form names side by side, from left to right; empty where it names none, or several orders."""
    found = set()
    for row in rows:
        periods = tuple(
            meaning.period
            for cell in reading.block.rows[row]
            if (meaning := meaning_of(reading, cell, "goal") or as_column(reading, cell)) and meaning.period
        )
        if len(set(periods)) > 1:
            found.add(periods)
    return found.pop() if len(found) == 1 and len(next(iter(found))) == 2 else ()


@cache
def words_of(period: str) -> re.Pattern[str]:
    """Words that name a period, or what was reached (lookups/words.toml)."""
    return re.compile("|".join(map(re.escape, words("words", "periods", period))))


def other_period(known: Cell, strange: Cell, period: str | None, order: Sequence[str]) -> str | None:
    """The period of an unknown heading beside another one, if the form's order of two periods has that one's on its side.

    A heading with words of any other period has none.
    """
    if len(order) != 2:
        return None
    side = strange.col > known.col
    if order[not side] != (period or order[not side]) or says_other(label_of(strange.text), order[side]):
        return None
    return order[side]


def says_other(key: str, period: str) -> bool:
    """Whether a label has words of another period than this one."""
    return any(
        words_of(other).search(key) for other in ("implementation", "annual", "prior", "actual") if other != period
    )


# --- amounts ----------------------------------------------------------------------------------------------------------


def amounts_below(reading: Reading, heading: Cell) -> list[Cell]:
    """The cells of the heading's own column in the rows below it, if all may be amounts or are empty, and one has digits."""
    block, found = reading.block, []
    for row in range(heading.row + heading.row_span, block.grid.n_rows):
        cell = block.grid.at(row, heading.col)
        if cell is None or (cell.col, cell.col_span) != (heading.col, heading.col_span):
            break
        if cell.text and not may_be_amount(cell):
            break
        found.append(cell)
    return found if any(character.isdigit() for cell in found for character in cell.text) else []


def figure(cell: Cell | None) -> Decimal | None:
    """The amount of a cell, counted in 元 where it names no unit; an empty cell and a dash have none."""
    return parse_money(cell.text, "元").amount_yuan if cell is not None else None


def amounts_of(reading: Reading, label: Cell) -> list[Cell]:
    """The cells behind a label up to the next words: figures, dashes and empty cells."""
    found = []
    cell = reading.block.right_of(label)
    while cell is not None and cell.row == label.row and (not cell.text or may_be_amount(cell)):
        found.append(cell)
        cell = reading.block.right_of(cell)
    return found

"""Labels in words that nobody knows: which texts may be such, and what stands behind and below them."""

from __future__ import annotations

from collections.abc import Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns
from yusuan.normalize.facts import Reading
from yusuan.normalize.funds import as_column
from yusuan.normalize.funds_state import figure, may_be_amount
from yusuan.normalize.layout import GUESSED_LENGTH, Meaning
from yusuan.normalize.lookups import words_of
from yusuan.normalize.meanings import is_label, meaning_of
from yusuan.normalize.text import label_of

_KINDS_OF_WORDS = ("implementation", "annual", "prior", "actual", "stage")


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
    """The two periods that the form names side by side, from left to right; empty where it names none, or several orders.

    One row may name the left of two headings beside one that nobody knows, and another row the right one.
    """
    found: set[tuple[str | None, ...]] = set()
    for row in rows:
        heads = [(cell, _period(reading, cell)) for cell in reading.block.rows[row] if cell.text]
        known = [(cell, period) for cell, period in heads if period is not None]
        periods = tuple(period for _, period in known)
        if len(set(periods)) > 1:
            found.add(periods)
        elif len(known) == 1:
            beside = [cell for cell, _ in heads if is_strange(reading, cell) and _alike(reading, cell, known[0][0])]
            if len(beside) == 1:
                found.add((None, *periods) if beside[0].col < known[0][0].col else (*periods, None))
    if any(len(periods) != 2 for periods in found):
        return ()
    sides = [{periods[side] for periods in found} - {None} for side in (0, 1)]
    if any(len(side) != 1 for side in sides) or sides[0] == sides[1]:
        return ()
    return tuple(str(side.pop()) for side in sides)


def _period(reading: Reading, cell: Cell) -> str | None:
    meaning = meaning_of(reading, cell, "goal") or as_column(reading, cell)
    return meaning.period if meaning is not None else None


def _alike(reading: Reading, cell: Cell, other: Cell) -> bool:
    """Whether both head a text, or both amounts, or both have amounts beside them."""
    ways = (text_below, amounts_below, lambda reading, cell: any(found.text for found in amounts_of(reading, cell)))
    return any(way(reading, cell) and way(reading, other) for way in ways)


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
    """Whether a label has words of another period than this one, or of another stage."""
    return any(words_of(other).search(key) for other in _KINDS_OF_WORDS if other != period)


# --- amounts ----------------------------------------------------------------------------------------------------------


def amounts_below(reading: Reading, heading: Cell) -> list[Cell]:
    """The cells of the heading's own column in the rows below it, if all may be amounts or are empty, and one has digits."""
    block, found = reading.block, []
    for row in range(heading.row + heading.row_span, block.grid.n_rows):
        cell = block.grid.at(row, heading.col)
        if cell is None or not same_columns(cell, heading):
            break
        if cell.text and not may_be_amount(cell):
            break
        found.append(cell)
    return found if any(character.isdigit() for cell in found for character in cell.text) else []


def amounts_of(reading: Reading, label: Cell) -> list[Cell]:
    """The cells behind a label up to the next words: figures, dashes and empty cells."""
    found = []
    cell = reading.block.right_of(label)
    while cell is not None and cell.row == label.row and (not cell.text or may_be_amount(cell)):
        found.append(cell)
        cell = reading.block.right_of(cell)
    return found


def text_below(reading: Reading, heading: Cell) -> bool:
    """Whether a text that is no label stands in the heading's own columns in the next row."""
    below = reading.block.below(heading)
    if below is None or not below.text or not same_columns(below, heading):
        return False
    return not is_label(reading, below) and figure(below) is None

"""Amounts beside and below labels in words that nobody knows: headings of columns, totals, and sources beside their twins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from yusuan.extract.grid import Cell
from yusuan.normalize.block import same_columns
from yusuan.normalize.facts import Reading
from yusuan.normalize.funds import as_column
from yusuan.normalize.funds_state import PARTS_OF_FISCAL, UNKNOWN, figure
from yusuan.normalize.layout import Meaning
from yusuan.normalize.lookups import words_of
from yusuan.normalize.meanings import meaning_of
from yusuan.normalize.numbers import fold, parse_weight
from yusuan.normalize.strange import (
    amounts_below,
    amounts_of,
    give,
    is_strange,
    other_period,
    says_other,
)
from yusuan.normalize.text import label_of

_OFFICIAL = ("initial", "budget", "executed", "weight", "rate", "score")
"""年初预算数, 全年预算数, 全年执行数, 分值, 执行率, 得分: the columns of a self-evaluation in their order (财预〔2020〕10号)."""


def tell_columns(reading: Reading, row: int, order: Sequence[str]) -> None:
    """Unknown headings over amounts beside known ones."""
    filled = [cell for cell in reading.block.rows[row] if cell.text]
    known = {cell[:2]: meaning for cell in filled if (meaning := as_column(reading, cell)) is not None}
    strange = [cell for cell in filled if is_strange(reading, cell) and amounts_below(reading, cell)]
    over = [cell for cell in filled if cell[:2] in known and amounts_below(reading, cell)]
    if not strange or not over or not _labelled_below(reading, over[0], min(cell.col for cell in (*over, *strange))):
        return
    heads = sorted((*over, *strange), key=lambda cell: cell.col)
    targets = [known[cell[:2]].target if cell[:2] in known else "" for cell in heads]
    for cell in strange:
        give(reading, cell, UNKNOWN)
    if len(strange) != 1:
        return
    (cell,) = strange
    if len(heads) == 2 and known[over[0][:2]].target == "declared":
        period = other_period(over[0], cell, known[over[0][:2]].period, order)
        if period is not None:
            give(reading, cell, Meaning("funds_column", "declared", period))
    missing = [target for target in _OFFICIAL if target not in targets]
    if len(missing) == 1:
        told = [target or missing[0] for target in targets]
        ordered = told == list(_OFFICIAL) or (told[:3] == list(_OFFICIAL[:3]) and missing[0] in _OFFICIAL[:3])
        key = label_of(cell.text)  # no figure confirms the first amount, so no word may speak against it
        other = says_other(key, "annual") if missing[0] == "initial" else words_of("prior").search(key)
        if ordered and not other and _figures_agree(reading, heads, told):
            give(reading, cell, Meaning("funds_column", missing[0]))


def _labelled_below(reading: Reading, heading: Cell, first: int) -> bool:
    """Whether the row below has a label of its own left of the amounts."""
    row = heading.row + heading.row_span
    label = reading.block.grid.at(row, first - 1) if first else None
    return label is not None and label.row == row and bool(label.text)


def _figures_agree(reading: Reading, heads: Sequence[Cell], targets: Sequence[str]) -> bool:
    """Whether executed ÷ budget is the printed rate in most rows, and no score more than its weight."""
    columns = {target: amounts_below(reading, cell) for cell, target in zip(heads, targets, strict=True)}
    for weight, score in zip(columns.get("weight", ()), columns.get("score", ()), strict=False):
        most, reached = parse_weight(weight.text), parse_weight(score.text)
        if reached is not None and (most is None or reached > most):
            return False
    agreed = told = 0
    for budget, executed, rate in zip(columns["budget"], columns["executed"], columns["rate"], strict=False):
        whole, part, printed = figure(budget), figure(executed), parse_weight(fold(rate.text))
        if whole and part is not None and printed is not None:
            told += 1
            agreed += abs(float(100 * part / whole) - printed) < 0.1
    return agreed > 0 and 2 * agreed > told


def label_columns(reading: Reading, rows: Sequence[int]) -> Iterator[list[Cell]]:
    """Labels of amounts one below the other, at least one of them a known part; from above, with the unknown ones before and between."""
    runs: dict[tuple[int, int], list[list[Cell]]] = {}
    for row in rows:
        for cell in reading.block.rows[row]:
            meaning = meaning_of(reading, cell, "funds")
            if cell.row_span > 1 or (meaning is None and not is_strange(reading, cell)):
                continue
            if not amounts_of(reading, cell):
                continue
            column = runs.setdefault((cell.col, cell.col_span), [])
            if column and column[-1][-1].row == row - 1:
                column[-1].append(cell)
            else:
                column.append([cell])
    for column in runs.values():
        for run in column:
            if any(meaning_of(reading, cell, "funds") is not None for cell in run):
                yield run


def tell_total(reading: Reading, run: Sequence[Cell], order: Sequence[str]) -> None:
    """The unknown label at the top of a run whose amount is the sum of those below: their total."""
    known = [at for at, cell in enumerate(run) if meaning_of(reading, cell, "funds") is not None]
    if any(_is_total(reading, run[at]) for at in known):
        return
    for at, first in enumerate(run[: known[0]]):
        for end in {len(run), known[-1] + 1}:
            parts = run[at + 1 : end]
            if len(parts) > 1 and any(_adds_up(reading, amount, parts) for amount in amounts_of(reading, first)):
                _give_total(reading, first, order)
                return


def _give_total(reading: Reading, label: Cell, order: Sequence[str]) -> None:
    """A total alone is of the year (CONTRACT), unless its words may say otherwise; of two the form's order tells the periods."""
    row = [cell for cell in reading.block.rows[label.row] if _is_total(reading, cell) or is_strange(reading, cell)]
    beside = [cell for cell in row if cell is not label and amounts_of(reading, cell)]
    if not beside and not says_other(label_of(label.text), "annual"):
        give(reading, label, Meaning("funds", "total"))
    if len(beside) == 1:
        named = meaning_of(reading, beside[0], "funds")
        period = other_period(beside[0], label, named.period if named else None, order)
        if period is not None:
            give(reading, label, Meaning("funds", "total", period))


def _is_total(reading: Reading, cell: Cell) -> bool:
    meaning = meaning_of(reading, cell, "funds")
    return meaning is not None and meaning.target == "total"


def _adds_up(reading: Reading, amount: Cell, parts: Sequence[Cell]) -> bool:
    """Whether the figures below an amount add up to it, with or without the parts of a part."""
    whole = figure(amount)
    if not whole:
        return False
    below = [(part, reading.block.grid.at(part.row, amount.col)) for part in parts]
    if any(cell is None or not same_columns(cell, amount) for _, cell in below):
        return False
    figures = [(part, figure(cell)) for part, cell in below]
    inner = _inner(reading, parts)
    sums = (
        sum((figure for _, figure in figures if figure is not None), Decimal(0)),
        sum((figure for part, figure in figures if figure is not None and part[:2] not in inner), Decimal(0)),
    )
    return whole in sums


def _inner(reading: Reading, parts: Sequence[Cell]) -> set[tuple[int, int]]:
    """The labels behind a second 其中: parts of a part (as `fund_rows` counts them)."""
    opened, found = 0, set()
    for part in parts:
        opened += part.text.lstrip().startswith("其中")
        meaning = meaning_of(reading, part, "funds")
        if opened > 1 and meaning is not None and meaning.target in PARTS_OF_FISCAL:
            found.add(part[:2])
    return found


def tell_twins(reading: Reading, rows: Sequence[int]) -> None:
    """Halves that name the same sources row by row: an unknown label names the source of its twin, where its half adds up with it and it has a figure."""
    for row in rows:
        totals = [cell for cell in reading.block.rows[row] if _is_total(reading, cell)]
        if len(totals) != 2:
            continue
        pairs = _pairs_below(reading, totals[0], totals[1], rows)
        sources = [[_source(reading, cell) for cell in pair] for pair in pairs]
        known = [pair for pair in sources if all(pair)]
        if not known or any(left != right for left, right in known):
            continue
        for side in (0, 1):
            strange = [
                (pair[side], both[1 - side]) for pair, both in zip(pairs, sources, strict=True) if both[side] is None
            ]
            own = {both[side] for both in sources}
            told = {source for _, source in strange}
            amounts = amounts_of(reading, totals[side])[:1]
            if (
                all(is_strange(reading, cell) and any(map(figure, amounts_of(reading, cell))) for cell, _ in strange)
                and None not in told
                and not told & own
                and len(told) == len(strange)
                and any(_adds_up(reading, amount, [pair[side] for pair in pairs]) for amount in amounts)
            ):
                for cell, source in strange:
                    give(reading, cell, Meaning("funds", source or ""))


def _source(reading: Reading, cell: Cell) -> str | None:
    meaning = meaning_of(reading, cell, "funds")
    return meaning.target if meaning is not None else None


def _pairs_below(reading: Reading, left: Cell, right: Cell, rows: Sequence[int]) -> list[tuple[Cell, Cell]]:
    """The labels of amounts in the columns of both totals, row by row; none where a row has one on one side only."""
    pairs = []
    for row in range(left.row + 1, reading.block.grid.n_rows):
        cells = [cell for total in (left, right) for cell in reading.block.rows[row] if same_columns(cell, total)]
        if row not in rows or len(cells) != 2 or not all(amounts_of(reading, cell) for cell in cells):
            break
        if not all(cell.text for cell in cells):
            return []
        pairs.append((cells[0], cells[1]))
    return pairs

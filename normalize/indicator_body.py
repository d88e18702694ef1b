"""The rows of a table of indicators: one indicator a row in each of its halves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from yusuan.extract.grid import Cell
from yusuan.normalize.block import first_filled
from yusuan.normalize.columns import Column, Matcher
from yusuan.normalize.facts import FieldFact, IndicatorFact, Reading, Role, label_text
from yusuan.normalize.indicator_halves import Half, assign_periods, split_halves
from yusuan.normalize.indicator_table import PART_SUM, Table, is_total, names_level1
from yusuan.normalize.layout import INDICATOR_COLUMNS
from yusuan.normalize.lookups import level1_code
from yusuan.normalize.parted import tell_ragged
from yusuan.normalize.text import DITTO, is_dash, is_filler, label_of


class Answers(NamedTuple):
    """Where the rows below a header answer one half: its targets with the numbers of their columns, and the headings that may name a unit."""

    half: Half
    targets: tuple[tuple[str, int], ...]
    hint: str

    def among(self, matched: Mapping[int, Cell]) -> dict[str, Cell]:
        """The cells of a row by target, of those that a Matcher found."""
        return {target: matched[number] for target, number in self.targets if number in matched}


def answers_of(halves: Iterable[Half], columns: Sequence[Column]) -> list[Answers]:
    """For halves of these columns, in the order of a Matcher."""
    numbers = {id(column.cell): number for number, column in enumerate(columns)}
    return [
        Answers(
            half,
            tuple((target, numbers[id(column.cell)]) for target, column in half.columns.items()),
            " ".join(half.columns[target].cell.text for target in ("value", "level3") if target in half.columns),
        )
        for half in halves
    ]


def others_of(columns: Sequence[Column]) -> list[tuple[int, Column]]:
    """The columns that the table of indicators has no place for, with their numbers."""
    return [(number, column) for number, column in enumerate(columns) if column.target == "other"]


def read_table(table: Table, reading: Reading, goals: Sequence[tuple[Cell, str]]) -> None:
    """Claims the cells of a table and adds its indicators to the reading's project."""
    grid, columns, area = reading.block.grid, table.columns, table.area
    if area is not None:
        reading.claim(area, "label", None)
    for column in columns:
        reading.claim(column.cell, "header", None)
    tell_ragged(reading, columns, table.body, table.end)
    halves = split_halves(columns)
    assign_periods(halves, table, goals, reading)
    # A half whose name column has a heading that nobody knows is nameless: its cells stay unread.
    read = [(answers, answers.half.carried()) for answers in answers_of(halves, columns) if not answers.half.nameless]
    header, left, others, matcher = header_keys(columns), columns[0].first, others_of(columns), Matcher(columns)
    for row in range(table.body, table.end):
        if is_total(reading, row):
            _read_total(reading.block.rows[row], columns, reading)
            continue
        cells = grid.row(row)
        if area is not None:
            cells = cells[bisect_left(cells, left, key=_column) :]
        if is_header_again(cells, header):
            for cell in cells:
                reading.claim(cell, "header", None)
            continue
        if len(cells) == 1 and names_level1(cells[0], columns):
            reading.claim(cells[0], "value", "indicators.level1", None)
            for _, carry in read:
                carry.pop("level2", None)
                carry["level1"] = cells[0]
            continue
        matched = matcher.match(cells)
        for answers, carry in read:
            found = answers.among(matched)
            if answers.half.level1 is None or not _heads_half(reading, answers.half, found, carry):
                add_indicator(reading, found, carry, 0, answers)
        keep_others(reading, others, matched, 0)


def _heads_half(reading: Reading, half: Half, found: Mapping[str, Cell], carry: dict[str, Cell]) -> bool:
    """Whether a cell over all columns of a half with its level 1 above it names the level 1 of what follows; any other text ends the one above."""
    first, last = min(column.first for column in half.columns.values()), max(c.last for c in half.columns.values())
    cell = next((cell for cell in found.values() if cell.text and cell.col_span > last - first > 0), None)
    if cell is None:
        return False
    if level1_code(cell.text) is None:
        carry.pop("level1", None)
    else:
        reading.claim(cell, "value", "indicators.level1", None)
        carry["level1"] = cell
    return True


def keep_others(
    reading: Reading, others: Iterable[tuple[int, Column]], matched: Mapping[int, Cell], project: int
) -> None:
    """Keeps the cells of columns that the table of indicators has no place for (`others_of`) as fields."""
    for number, column in others:
        cell = matched.get(number)
        if cell is not None and cell.text and not reading.claimed(cell):
            reading.claim(cell, "value", None, project)
            projects = reading.projects or [reading.project]
            projects[project].fields.append(FieldFact(None, label_text(column.cell), cell.text, cell))


_CARRIED = ("level1", "level2")
_HALVES = 2
"""Indicators that one row of a form states, one a period."""
_column = attrgetter("col")


def add_indicator(
    reading: Reading, found: Mapping[str, Cell], carry: dict[str, Cell], project: int, answers: Answers
) -> None:
    """One row of a form's half or of a list: an indicator of the project, if the row has a name or a value.

    Claims the cells of the row and carries the levels down; rows of fillers state nothing.
    """
    _carry_levels(found, carry)
    stated, cells, as_value, roles = _is_stated(found), carry.copy(), _roles(project), reading.roles
    for target, cell in found.items():
        role, carried = as_value[target], target in _CARRIED
        if not carried:
            cells[target] = cell
        if (carried or not stated) and is_filler(cell.text):
            role = role._replace(role="ignored")
        roles.setdefault(cell[:2], role)
    if stated:
        indicators = (reading.projects or [reading.project])[project].indicators
        period = answers.half.period
        for fact in indicators[-_HALVES:]:
            if fact.period == period and _is_same_row(found, fact.cells):
                return
        indicators.append(IndicatorFact(period, cells, answers.hint))


def _is_same_row(found: Mapping[str, Cell], cells: Mapping[str, Cell]) -> bool:
    """Whether all cells but that of level 1 are those of a row before: a browser that cuts a table ends some merged cells too early."""
    return all(cells.get(target) is cell or target == "level1" for target, cell in found.items())


def _carry_levels(found: Mapping[str, Cell], carry: dict[str, Cell]) -> None:
    """A new level 1 ends the level 2 above it; a merged or blank level 2 goes on."""
    level1, level2 = found.get("level1"), found.get("level2")
    if level1 is not None and _begins(level1, carry.get("level1")):
        carry["level1"] = level1
        if level2 is None or not level2.text:
            carry.pop("level2", None)
    if level2 is not None and _begins(level2, carry.get("level2")):
        carry["level2"] = level2


def _begins(cell: Cell, above: Cell | None) -> bool:
    """Whether a cell names a level, another one than above."""
    return cell is not above and bool(cell.text) and not is_filler(cell.text) and cell.text.strip() not in DITTO


def _is_stated(found: Mapping[str, Cell]) -> bool:
    """Whether a row has more than fillers and dashes in the place of a name or value."""
    for target in ("level3", "value", "actual"):
        cell = found.get(target)
        if cell is not None and cell.text and not is_filler(cell.text) and not is_dash(cell.text):
            return True
    return False


@lru_cache(maxsize=4096)
def _roles(project: int) -> Mapping[str, Role]:
    """Of the cells in the columns of indicators."""
    return {
        target: Role("value", f"indicators.{_COLUMN_FIELD.get(target, target)}", project)
        for target in INDICATOR_COLUMNS
    }


_COLUMN_FIELD = {"value": "value_text", "actual": "actual_text", "score": "score_text", "weight": "weight_text"}


def header_keys(columns: Sequence[Column]) -> frozenset[str]:
    return frozenset(label_of(column.cell.text) for column in columns)


def is_header_again(cells: Sequence[Cell], header: frozenset[str]) -> bool:
    """Whether a header is printed again inside the table, at the top of a page that was joined, or a row counts its columns.

    The first text tells most rows apart.
    """
    first = first_filled(cells)
    if first is None:
        return False
    text = first.text.strip()
    return (label_of(first.text) in header and _repeats_header(cells, header)) or (
        (text.isdecimal() or text in _COUNTED) and _numbers_columns(cells)
    )


def _repeats_header(cells: Sequence[Cell], header: frozenset[str]) -> bool:
    keys = {label_of(cell.text) for cell in cells if cell.text}
    return len(keys) >= 3 and keys <= header


def _numbers_columns(cells: Sequence[Cell]) -> bool:
    """A row that only counts the columns: `1 | 2 | 3 | 4 …`, also behind a word (`栏次`)."""
    texts = [cell.text.strip() for cell in cells if cell.text]
    figures = [int(text) for text in texts if text.isdecimal() and len(text) < 3]
    counted = figures == list(range(figures[0], figures[0] + len(figures))) if figures else False
    return counted and len(figures) > 3 and figures[0] < 3 and len(texts) - len(figures) <= (texts[0] in _COUNTED)


_COUNTED = ("栏次", "行次", "**", "列次")


def _read_total(cells: Sequence[Cell], columns: Sequence[Column], reading: Reading) -> None:
    """合计 / 总分 rows are no indicators: the score goes to `score_total`, all of it to `fields`."""
    label: Cell | None = None
    last = len(columns) - 1
    for cell in cells:
        if not cell.text:
            reading.claim(cell, "value", None, 0)
            continue
        if label is None:
            label = cell
            reading.claim(cell, "label", None, 0)
            continue
        column = columns[max(range(last + 1), key=lambda number: columns[number].overlap(cell))]
        if column.overlap(cell) <= 0:
            continue  # beyond all columns: left for the accounting to report
        target = "score_total" if column.target == "score" and not label.text.endswith(PART_SUM) else None
        reading.claim(cell, "value", f"projects.{target}" if target else None, 0)
        name = label_text(label) if target else f"{label_text(label)}（{label_text(column.cell)}）"
        reading.project.fields.append(FieldFact(target, name, cell.text, cell))

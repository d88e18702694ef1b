"""Lists inside a form that have no table of their own: schedules, main tasks, cost breakdowns.

A row of column labels that the layout names (`subtables`, and fund sources beside them), then rows until the next label. Every cell goes to `fields`
under its column's label; a row of totals (金额合计) states the funds of the form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.block import first_filled
from yusuan.normalize.columns import Column, Matcher
from yusuan.normalize.facts import FieldFact, FundFact, Reading, label_text, on_one_line
from yusuan.normalize.layout import Meaning
from yusuan.normalize.meanings import meaning_of

_AMOUNT = re.compile("金额|预算|资金|经费|总额")
_ENDS = ("field", "goal", "area", "ignore", "indicator")


@dataclass(frozen=True, slots=True)
class _Header:
    columns: tuple[Column, ...]
    meanings: tuple[Meaning, ...]
    area: Cell | None
    body: int
    headings: str
    """The texts of the header row together: one of them may name the unit of all."""


def read_subtables(reading: Reading, rows: Sequence[int]) -> None:
    """Claims every such list in these rows, given from above."""
    outside, end = set(rows), 0
    for row in rows:
        header = _header(reading, row) if row >= end and "subtable" in reading.kinds[row] else None
        if header is not None:
            end = _read_body(reading, header, outside)


def _header(reading: Reading, row: int) -> _Header | None:
    """The columns of a header row; below a label over several columns those of the row under it."""
    cells = [cell for cell in reading.block.rows[row] if cell.text and not reading.claimed(cell)]
    named = [cell for cell in cells if meaning_of(reading, cell, "subtable") is not None]
    if len(named) < 2:
        return None
    named = [
        cell for cell in cells if cell in named or (cell.col > named[0].col and meaning_of(reading, cell, "funds"))
    ]
    others = [cell for cell in cells if cell not in named]
    if len(others) > 1 or any(cell.col > named[0].col for cell in others):
        return None
    area = others[0] if others else None
    body = max(cell.row + cell.row_span for cell in named)
    found: list[Cell] = []
    parted = any(cell.col_span > 1 and _headings_below(reading, cell) for cell in named)
    for cell in named:
        below = _headings_below(reading, cell) if parted else []
        found += below or [cell]
        body = max(body, *(lower.row + lower.row_span for lower in below)) if below else body
    for cell in (*named, *found):
        reading.claim(cell, "header")
    if area is not None:
        reading.claim(area, "label", None, 0)
    columns = tuple(Column("other", None, cell) for cell in found)
    meanings = [meaning_of(reading, cell, "funds", "subtable") or Meaning("subtable") for cell in found]
    _name_total(found, meanings)
    return _Header(columns, tuple(meanings), area, body, on_one_line(named))


def _headings_below(reading: Reading, heading: Cell) -> list[Cell]:
    """The headings under a heading."""
    rows, row = reading.block.rows, heading.row + heading.row_span
    return [
        lower
        for lower in (rows[row] if row < len(rows) else ())
        if heading.col <= lower.col < heading.col + heading.col_span and meaning_of(reading, lower, "subtable", "funds")
    ]


def _name_total(found: Sequence[Cell], meanings: list[Meaning]) -> None:
    """The column of amounts left of those of the sources is their total (`预算金额 | 其中：财政拨款 | 其他资金`), where no other one is."""
    first = next((number for number, meaning in enumerate(meanings) if meaning.kind == "funds"), 0)
    if first and not any(meaning.target == "total" for meaning in meanings) and _AMOUNT.search(found[first - 1].text):
        meanings[first - 1] = Meaning("funds", "total")


def _read_body(reading: Reading, header: _Header, outside: set[int]) -> int:
    block = reading.block
    left, matcher = header.columns[0].first, Matcher(header.columns)
    limit = (
        header.area.row + header.area.row_span
        if header.area is not None and header.area.row_span > 1
        else block.grid.n_rows
    )
    row = header.body
    while row < limit and row in outside:
        cells = block.rows[row]
        first = first_filled(cells)
        name = first if first is not None and first.col < left and _names_row(first, header) else None
        if name is not None:
            reading.claim(name, "label", None, 0)
            cells = [cell for cell in cells if cell is not name]
        elif first is not None and (first.col < left or meaning_of(reading, first, *_ENDS) is not None):
            break
        total = first is not None and meaning_of(reading, first, "indicator_total") is not None
        if total and first is not None:
            reading.claim(first, "label", None, 0)
        for number, cell in matcher.match([cell for cell in cells if not (total and cell is first)]).items():
            _add(reading, header, number, cell, total, name)
        row += 1
    return row


def _names_row(first: Cell, header: _Header) -> bool:
    """Whether a text between the label of the list and its columns names the row (`分配科学性` beside `情况说明`)."""
    area = header.area
    return area is not None and area.row_span > 1 and first.col >= area.col + area.col_span


def _add(reading: Reading, header: _Header, number: int, cell: Cell, total: bool, name: Cell | None) -> None:
    meaning, column = header.meanings[number], header.columns[number].cell
    if total and meaning.kind == "funds":
        reading.claim(cell, "value", "funds.amount", 0)
        period = meaning.period or reading.layout.default_period
        hint = f"{column.text}\n{header.area.text if header.area is not None else ''}\n{header.headings}"
        reading.project.funds.append(
            FundFact(meaning.target, label_text(column), period, "declared", cell.text, cell, hint)
        )
        return
    reading.claim(cell, "value", None, 0)
    if cell.text:
        label = label_text(column) if name is None else f"{label_text(name)}（{label_text(column)}）"
        reading.project.fields.append(FieldFact(None, label, cell.text, cell))

"""Tables of indicators inside a form: where they begin and end. indicator_header.py reads the columns, indicator_halves.py and indicator_body.py the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block, first_filled
from yusuan.normalize.columns import Column
from yusuan.normalize.facts import Reading
from yusuan.normalize.hanging import period_alone
from yusuan.normalize.indicator_header import header_columns
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Layout, Meaning
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.parted import parted_values
from yusuan.normalize.text import label_of, label_stem

PART_SUM = "小计"
"""The sum of some rows, never the one of the form."""
_BARE = ("值", "数值")
"""Below a heading over several columns, the one that is what the heading says."""
SECTION_KINDS = ("field", "goal", "area", "other", "ignore", "funds", "subtable")


@dataclass(frozen=True)
class Table:
    """One table of indicators of a block: rows `body` to `end` (exclusive)."""

    header: int
    body: int
    end: int
    columns: tuple[Column, ...]
    area: Cell | None


def find_tables(reading: Reading) -> list[Table]:
    """The tables of indicators of a block, from the top down."""
    block, layout = reading.block, reading.layout
    headers: list[tuple[int, list[Column]]] = []
    end = 0
    for row, kinds in enumerate(reading.kinds):
        if row >= end and "indicator" in kinds and (columns := header_columns(reading, row)):
            if not (headers and _is_printed_again(reading, headers[-1][0], row)):
                headers.append((row, columns))
            end = max(column.cell.row + column.cell.row_span for column in columns)
    tables = []
    for number, (header, spelled) in enumerate(headers):
        body = max(column.cell.row + column.cell.row_span for column in spelled)
        limit = headers[number + 1][0] if number + 1 < len(headers) else block.grid.n_rows
        limit = min([limit, *(row for row in block.loose if row > header)])
        columns = parted_values(block, _below_headings(reading, spelled, body), body, limit)
        columns = columns[_scores_of_projects(reading, header, columns) :]
        for column in columns:
            if column.target != "other" and layout.find(column.cell.text, "indicator") is None:
                reading.told[column.cell[:2]] = Meaning("indicator", column.target)
        area = _area(block, header, columns, layout)
        tables.append(Table(header, body, _end(reading, body, limit, columns, area), tuple(columns), area))
    return tables


def _scores_of_projects(reading: Reading, header: int, columns: Sequence[Column]) -> int:
    """How many columns of scores a list has before its levels and names: these are scores of the projects."""
    leading = next((at for at, column in enumerate(columns) if column.target != "score"), 0)
    return leading if leading and _has_names_of_projects(reading, _texts(reading, header)) else 0


def _has_names_of_projects(reading: Reading, texts: Iterable[str]) -> bool:
    return any(
        (meaning := reading.layout.find(key, "field")) is not None and meaning.target == "project_name" for key in texts
    )


def _is_printed_again(reading: Reading, above: int, row: int) -> bool:
    """Whether the header of a list stands there a second time: its projects go on below."""
    texts = _texts(reading, above)
    return texts == _texts(reading, row) and _has_names_of_projects(reading, texts)


def _texts(reading: Reading, row: int) -> tuple[str, ...]:
    return tuple(label_of(cell.text) for cell in reading.block.rows[row] if cell.text)


def _below_headings(reading: Reading, columns: list[Column], body: int) -> list[Column]:
    """The columns with those of the second header row in place of the heading above them (`指标值` over 前年, 上年, 预计当年实现).

    A period alone (实施期, 全年) is what the heading above it is. What nobody knows is no column: which of them is meant, nobody says.
    """
    block, found = reading.block, []
    for column in columns:
        bottom = column.cell.row + column.cell.row_span
        if column.cell.col_span == 1 or bottom == body:
            found.append(column)
            continue
        below = [cell for row in range(bottom, body) for cell in block.rows[row] if column.overlap(cell) > 0]
        if not any(cell.text for cell in below):
            found.append(column)
            continue
        reading.claim(column.cell, "header")
        for cell in below:
            meaning, period = reading.layout.find(cell.text, "indicator"), period_alone(label_of(cell.text))
            if meaning is not None:
                found.append(Column(meaning.target, meaning.period or column.period, cell))
            elif period is not None or label_of(cell.text) in _BARE:
                found.append(column._replace(period=period or column.period, cell=cell))
    return found


def _area(block: Block, header: int, columns: Sequence[Column], layout: Layout) -> Cell | None:
    """The label of the whole section (`绩效指标`): left of the header, or alone in the row above it."""
    left = columns[0].first
    candidates = [cell for cell in block.grid.row(header) if cell.col < left and label_of(cell.text)]
    if header > 0:
        above = [cell for cell in block.rows[header - 1] if cell.text]
        if len(above) == 1:
            candidates += above
    for cell in candidates:
        meaning = area_meaning(cell, layout)
        if meaning is not None and (cell.row <= header < cell.row + cell.row_span or meaning.target == "indicators"):
            return cell
    return None


def area_meaning(cell: Cell, layout: Layout) -> Meaning | None:
    """The label of a section of indicators; one of goals that is merged down beside a table of them is theirs (`长期绩效目标`)."""
    meaning = layout.find(cell.text, "area", "goal")
    if meaning is None or (meaning.kind, meaning.target) == ("area", "indicators"):
        return meaning
    beside = cell.row_span > 1 and meaning.target in ("goal", "goals")
    return Meaning("area", "indicators", meaning.period) if beside else None


def _end(reading: Reading, body: int, limit: int, columns: Sequence[Column], area: Cell | None) -> int:
    """The row behind the last indicator: where the section's label ends, or where a row begins with another section's label."""
    block = reading.block
    if area is not None and area.row_span > 1 and area.row + area.row_span > body:
        inside = min(limit, area.row + area.row_span)
        while inside < limit and (is_total(reading, inside) or _is_unlabelled(block, inside, columns, area)):
            inside += 1  # 总分 stands below the section's label
        blank = next((row for row in range(inside, limit) if any(cell.text for cell in block.rows[row])), limit)
        if inside < blank < limit and is_total(reading, blank):
            inside = blank + 1
        below = block.grid.at(inside, area.col)
        if below is None or below.text or below.col_span > area.col_span:
            limit = inside  # an empty cell below the label continues it, in forms that leave blank what others merge
    left = columns[0].first
    header = {_texts(reading, row) for row in range(min(column.cell.row for column in columns), body)}
    begins = {texts[0] for texts in header if texts}
    last_level: int | None = None
    for row in range(body, limit):
        own = block.rows[row]
        if not own or own[0].col > left:
            continue  # most rows: the level 1 above goes on
        cells = [cell for cell in own if cell.text]
        if not cells or cells[0].col > left:
            continue
        first = cells[0]
        if label_of(first.text) in begins and _texts(reading, row) in header:
            continue
        if first.col < left and inline_pairs(first.text, reading.layout) is not None:
            return row  # 填表人：李四
        if _begins_section(reading, first, left) and not (
            first.col == left
            and ((area is not None and row < area.row + area.row_span) or _is_body_row(block, row, columns))
        ):
            return row
        line = len(cells) == 1 and first.col_span >= block.grid.n_cols - left
        if line and not (row + 1 < limit and names_level1(first, columns)):
            return row  # a line over the whole width: a note, a signature, the next section's heading
        if len(cells) == 1 and first.col == left:
            last_level = _last_level(block, body, limit) if last_level is None else last_level
            if row > last_level:
                return row  # a line in the first cell of its row, above another table of the sheet
    return limit


def names_level1(cell: Cell, columns: Sequence[Column]) -> bool:
    """Whether a cell over all columns is a line with the level 1 of the rows below it."""
    if cell.col > columns[0].first or cell.col + cell.col_span <= columns[-1].last:
        return False
    return level1_code(cell.text) is not None and label_stem(cell.text).endswith("指标")


def _last_level(block: Block, body: int, limit: int) -> int:
    """The last of these rows in which a cell names a level 1 or 2; -1 where none does."""
    for row in reversed(range(body, limit)):
        if any(level1_code(cell.text) or level2_code(cell.text) for cell in block.rows[row] if cell.text):
            return row
    return -1


def _is_unlabelled(block: Block, row: int, columns: Sequence[Column], area: Cell) -> bool:
    """Whether a row of the table has no cell at all below the section's label, nor perhaps below its level 1 (LibreOffice draws some
    merged cells a row too short).
    """
    if block.grid.at(row, area.col) is not None:
        return False
    return _is_body_row(block, row, [column for column in columns if block.grid.at(row, column.first) is not None])


def _is_body_row(block: Block, row: int, columns: Sequence[Column]) -> bool:
    """Whether a row has the header's cells: then its first text is an indicator, though it may be spelled like a label."""
    cells = {(cell.col, cell.col_span) for cell in block.grid.row(row)}
    return len(columns) > 2 and all((column.cell.col, column.cell.col_span) in cells for column in columns)


def _begins_section(reading: Reading, cell: Cell, left: int) -> bool:
    if reading.kinds[cell.row].isdisjoint(SECTION_KINDS):
        return False
    key, layout = label_of(cell.text), reading.layout
    if cell.col < left:
        return layout.find(key, *SECTION_KINDS) is not None and layout.find(key, "indicator_total") is None
    section = layout.find(key, "field", "goal", "area", "other", "ignore")
    return section is not None and layout.find(key, "indicator", "indicator_total") is None


def is_total(reading: Reading, row: int) -> bool:
    """Whether a row holds sums: 合计, 总分, or `产出指标小计` over several columns."""
    first = first_filled(reading.block.rows[row])
    if first is None:
        return False
    if first.col_span > 1 and first.text.endswith(PART_SUM):
        return True
    return "indicator_total" in reading.kinds[row] and reading.layout.find(first.text, "indicator_total") is not None


def rows_of(tables: Sequence[Table]) -> Iterator[int]:
    """Every row that belongs to a table of indicators, its header included."""
    for table in tables:
        yield from range(table.header, table.end)

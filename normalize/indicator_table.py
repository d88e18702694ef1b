"""Tables of indicators inside a form: where they begin and end, and what their columns hold. indicator_halves.py and indicator_body.py read the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block, first_filled
from yusuan.normalize.column_content import with_content
from yusuan.normalize.columns import EITHER, Column
from yusuan.normalize.facts import Reading
from yusuan.normalize.inline import inline_pairs
from yusuan.normalize.layout import Layout, Meaning
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.numbers import fold
from yusuan.normalize.parted import parted_values
from yusuan.normalize.text import label_of, label_stem
from yusuan.normalize.units import is_unit

PART_SUM = "小计"
"""The sum of some rows, never the one of the form."""
POSITIVE = ("level1", "level2", "level3", "value", "actual")
_NAMES = ("level1", "level2", "level3")
SECTION_KINDS = ("field", "goal", "area", "other", "ignore", "funds", "subtable")


@dataclass(frozen=True)
class Table:
    """One table of indicators of a block: rows `body` to `end` (exclusive)."""

    header: int
    body: int
    end: int
    columns: tuple[Column, ...]
    area: Cell | None


def _header_columns(reading: Reading, row: int) -> list[Column]:
    """The columns of a row with a heading of indicators, if it is a header of them; otherwise none."""
    block, layout = reading.block, reading.layout
    found = [(cell, layout.find(cell.text, "indicator")) for cell in block.grid.row(row)]
    columns = [Column(meaning.target, meaning.period, cell) for cell, meaning in found if meaning is not None]
    if not columns:
        return []
    if not layout.declared and any(column.target in (*POSITIVE, EITHER) for column in columns):
        columns = with_content(
            block.grid,
            row,
            columns,
            lambda cell: _heading(reading, cell),
            lambda cell: bool(layout.kinds([cell.text])),
        )
    columns = [
        column
        for column in columns
        if not _is_section_too(reading, column, columns) and not _names_who(reading, column)
    ]
    columns = [_of_level(column, columns) for column in columns]
    columns = _once_a_half(reading, [_either(column, columns) for column in columns])
    columns = _named_by_level2(block, row, columns)
    targets = {column.target for column in columns}
    positive = targets.intersection(POSITIVE)
    if len(positive) >= 3 or ("level3" in positive and positive & {"value", "actual"}):
        return columns
    return []


def _is_section_too(reading: Reading, column: Column, columns: Sequence[Column]) -> bool:
    """Whether a heading that may also be the label of the section (`具体指标`) stands beside another column of its kind."""
    if reading.layout.find(column.cell.text, "area") is None:
        return False
    return any(other.target == column.target and other is not column for other in columns if not _same(other, column))


def _names_who(reading: Reading, column: Column) -> bool:
    """Whether 单位 heads who is responsible: two texts at least, and none is a unit of measure."""
    if column.target != "unit" or label_of(column.cell.text) != "单位":
        return False
    rows = reading.block.rows[column.cell.row + column.cell.row_span :]
    own = (column.first, column.cell.col_span)
    texts = {cell.text for cells in rows for cell in cells if cell.text and (cell.col, cell.col_span) == own}
    return len(texts) > 1 and not any(is_unit(fold(text).strip("()")) for text in texts)


def _same(a: Column, b: Column) -> bool:
    return label_of(a.cell.text) == label_of(b.cell.text)


def _of_level(column: Column, columns: Sequence[Column]) -> Column:
    """A weight right behind a level (`一级指标 | 分值 | 二级指标 | 分值`) is that of the level, where the indicator has one of its own."""
    if column.target != "weight":
        return column
    before = next((other for other in columns if other.last + 1 == column.first), None)
    if before is None or before.target not in ("level1", "level2"):
        return column
    further = any(other.target == "weight" and other.first > column.first for other in columns)
    return column._replace(target="other") if further else column


def _once_a_half(reading: Reading, columns: Sequence[Column]) -> list[Column]:
    """Of two columns of one kind behind the same names a spelling beats a likeness; a second explanation is kept as a field."""
    kept: list[Column] = []
    places: dict[tuple[str, str | None], int] = {}  # in `kept`, of the first column of each kind of the half
    for column in columns:
        if column.target in _NAMES and places and kept[-1].target not in _NAMES:
            places = {}
        twin = places.get(column[:2])
        if twin is not None and _is_spelled(reading, kept[twin]) != _is_spelled(reading, column):
            if _is_spelled(reading, column):
                kept[twin] = column
            continue
        further = twin is not None and column.target == "explanation"
        kept.append(column._replace(target="other") if further else column)
        places.setdefault(kept[-1][:2], len(kept) - 1)
    return kept


def _is_spelled(reading: Reading, column: Column) -> bool:
    return reading.layout.is_spelled(label_of(column.cell.text))


def _heading(reading: Reading, cell: Cell) -> str | None:
    """The column of indicators that a cell's words name, of those that show a header."""
    meaning = reading.layout.find(cell.text, "indicator")
    return meaning.target if meaning is not None and meaning.target in POSITIVE else None


def _either(column: Column, columns: Sequence[Column]) -> Column:
    """指标内容 where another column has the names, or left of which the values stand, explains; not where levels stand before it."""
    if column.target != EITHER:
        return column
    before = next((other for other in reversed(columns) if other.last + 1 == column.first), None)
    after_value = any(other.target == "value" and other.first < column.first for other in columns)
    in_place = before is not None and before.target in ("level1", "level2")
    named = any(other.target == "level3" for other in columns) or (after_value and not in_place)
    return column._replace(target="explanation" if named else "level3")


def _named_by_level2(block: Block, row: int, columns: list[Column]) -> list[Column]:
    """In forms of two levels 二级指标 is the indicator's own name (CONTRACT: level3), unless a column nobody knows may be it."""
    targets = {column.target for column in columns}
    if "level2" not in targets or "level3" in targets or not targets & {"value", "actual"}:
        return columns
    known = {(column.cell.row, column.cell.col) for column in columns}
    first = min(column.first for column in columns)
    if any(cell.text and cell.col > first and (cell.row, cell.col) not in known for cell in block.grid.row(row)):
        return columns
    return [column._replace(target="level3") if column.target == "level2" else column for column in columns]


def find_tables(reading: Reading) -> list[Table]:
    """The tables of indicators of a block, from the top down."""
    block, layout = reading.block, reading.layout
    headers: list[tuple[int, list[Column]]] = []
    end = 0
    for row, kinds in enumerate(reading.kinds):
        if row >= end and "indicator" in kinds and (columns := _header_columns(reading, row)):
            if not (headers and _is_printed_again(reading, headers[-1][0], row)):
                headers.append((row, columns))
            end = max(column.cell.row + column.cell.row_span for column in columns)
    tables = []
    for number, (header, spelled) in enumerate(headers):
        body = max(column.cell.row + column.cell.row_span for column in spelled)
        limit = headers[number + 1][0] if number + 1 < len(headers) else block.grid.n_rows
        limit = min([limit, *(row for row in block.loose if row > header)])
        columns = parted_values(block, _below_headings(reading, spelled, body), body, limit)
        for column in columns:
            if layout.find(column.cell.text, "indicator") is None:
                reading.told[column.cell[:2]] = Meaning("indicator", column.target)
        area = _area(block, header, columns, layout)
        tables.append(Table(header, body, _end(reading, body, limit, columns, area), tuple(columns), area))
    return tables


def _is_printed_again(reading: Reading, above: int, row: int) -> bool:
    """Whether the header of a list stands there a second time: its projects go on below."""
    texts = _texts(reading, above)
    return texts == _texts(reading, row) and any(
        (meaning := reading.layout.find(key, "field")) is not None and meaning.target == "project_name" for key in texts
    )


def _texts(reading: Reading, row: int) -> tuple[str, ...]:
    return tuple(label_of(cell.text) for cell in reading.block.rows[row] if cell.text)


def _below_headings(reading: Reading, columns: list[Column], body: int) -> list[Column]:
    """The columns with those of the second header row in place of the heading above them (`指标值` over 前年, 上年, 预计当年实现).

    What stands below a heading that nobody knows is no column: which of them is meant, nobody says.
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
            meaning = reading.layout.find(cell.text, "indicator")
            if meaning is not None:
                found.append(Column(meaning.target, meaning.period or column.period, cell))
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

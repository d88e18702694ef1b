"""Tables of indicators inside a form: a header row, then one indicator a row, once or for two periods side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.facts import FieldFact, IndicatorFact, Reading, Remark, label_text
from yusuan.normalize.layout import Layout, Meaning
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import is_filler

POSITIVE = ("level1", "level2", "level3", "value", "actual")
EITHER = "level3_or_explanation"
"""指标内容: the indicator's name where no other column has it (C), else its explanation (G)."""
LEVELS = ("level1", "level2", "level3")
SECTION_KINDS = ("field", "goal", "area", "other", "ignore", "funds", "subtable")
PERIOD_WORDS = {"implementation": "实施期", "annual": "年度", "prior": "上年"}


class Column(NamedTuple):
    """A column of the header: what it holds, the period its words name, and where it stands (`first` to `last`, both inside)."""

    target: str
    period: str | None
    cell: Cell

    @property
    def first(self) -> int:
        return self.cell.col

    @property
    def last(self) -> int:
        return self.cell.col + self.cell.col_span - 1

    def overlap(self, cell: Cell) -> int:
        return min(self.last, cell.col + cell.col_span - 1) - max(self.first, cell.col) + 1


@dataclass
class Half:
    """The columns of one period; a column that stands once (level 1) serves every half that lacks it."""

    columns: dict[str, Column] = field(default_factory=dict)
    period: str | None = None
    nameless: bool = False


@dataclass(frozen=True)
class Table:
    """One table of indicators of a block: rows `body` to `end` (exclusive)."""

    header: int
    body: int
    end: int
    columns: tuple[Column, ...]
    area: Cell | None


def header_columns(reading: Reading, row: int) -> list[Column]:
    """The labelled columns of a row, if it is a header of indicators; otherwise none."""
    block, layout = reading.block, reading.layout
    columns: list[Column] = []
    if "indicator" not in reading.kinds[row]:
        return columns
    for cell in block.grid.row(row):
        key = block.key(cell)
        meaning = layout.find(key, "indicator")
        if meaning is not None:
            columns.append(Column(meaning.target, meaning.period, cell))
    named = any(column.target == "level3" for column in columns)
    columns = [
        column._replace(target="explanation" if named else "level3") if column.target == EITHER else column
        for column in columns
    ]
    columns = _named_by_level2(block, row, columns)
    targets = {column.target for column in columns}
    positive = targets.intersection(POSITIVE)
    if len(positive) >= 3 or ("level3" in positive and positive & {"value", "actual"}):
        return columns
    return []


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
    row = 0
    while row < block.grid.n_rows:
        columns = header_columns(reading, row)
        if columns:
            headers.append((row, columns))
            row = max(column.cell.row + column.cell.row_span for column in columns) - 1
        row += 1
    tables = []
    for number, (header, spelled) in enumerate(headers):
        columns = spelled
        body = max(column.cell.row + column.cell.row_span for column in columns)
        limit = headers[number + 1][0] if number + 1 < len(headers) else block.grid.n_rows
        if not layout.declared:
            columns = _with_levels_by_content(block, header, body, limit, columns)
        area = _area(block, header, columns, layout)
        tables.append(Table(header, body, _end(reading, body, limit, columns, area), tuple(columns), area))
    return tables


def _with_levels_by_content(block: Block, header: int, body: int, limit: int, columns: list[Column]) -> list[Column]:
    """Adds columns under unknown headings that hold names of level 1 or level 2 and nothing else."""
    known = {(column.cell.row, column.cell.col) for column in columns}
    added = []
    for heading in block.grid.row(header):
        if not heading.text or (heading.row, heading.col) in known or heading.row + heading.row_span > body:
            continue
        below = [
            cell for row in range(body, limit) for cell in block.rows[row] if cell.col == heading.col and cell.text
        ]
        texts = {unwrap_label(cell.text) for cell in below if not is_filler(cell.text)}
        for target, code in (("level1", level1_code), ("level2", level2_code)):
            if len(texts) > 1 and all(code(text) for text in texts):
                added.append(Column(target, None, heading))
                break
    return sorted((*columns, *added), key=lambda column: column.first)


def _area(block: Block, header: int, columns: Sequence[Column], layout: Layout) -> Cell | None:
    """The label of the whole section (`绩效指标`): left of the header, or alone in the row above it."""
    left = columns[0].first
    candidates = [cell for cell in block.grid.row(header) if cell.col < left and block.key(cell)]
    if header > 0:
        above = [cell for cell in block.rows[header - 1] if cell.text]
        if len(above) == 1:
            candidates += above
    for cell in candidates:
        meaning = _area_meaning(block, cell, layout)
        if meaning is not None:
            return cell
    return None


def _area_meaning(block: Block, cell: Cell, layout: Layout) -> Meaning | None:
    meaning = layout.find(block.key(cell), "area")
    return meaning if meaning is not None and meaning.target == "indicators" else None


def _end(reading: Reading, body: int, limit: int, columns: Sequence[Column], area: Cell | None) -> int:
    """The row behind the last indicator: where the section's label ends, or where a row begins with another section's label."""
    block = reading.block
    if area is not None and area.row_span > 1 and area.row + area.row_span > body:
        inside = min(limit, area.row + area.row_span)
        while inside < limit and (_is_total(reading, inside) or _is_unlabelled(block, inside, columns, area)):
            inside += 1  # 总分 stands below the section's label
        below = block.grid.at(inside, area.col)
        if below is None or below.text or below.col_span > area.col_span:
            limit = inside  # an empty cell below the label continues it, in forms that leave blank what others merge
    left = columns[0].first
    for row in range(body, limit):
        cells = [cell for cell in block.rows[row] if cell.text]
        if not cells or cells[0].col > left:
            continue
        first = cells[0]
        if _begins_section(reading, first, left) and not (
            first.col == left
            and ((area is not None and row < area.row + area.row_span) or _is_body_row(block, row, columns))
        ):
            return row
        if len(cells) == 1 and first.col_span >= block.grid.n_cols - left:
            return row  # a line over the whole width: a note, a signature, the next section's heading
    return limit


def _is_unlabelled(block: Block, row: int, columns: Sequence[Column], area: Cell) -> bool:
    """Whether a row of the table has no cell at all below the section's label (LibreOffice draws some labels a row too short)."""
    return block.grid.at(row, area.col) is None and _is_body_row(block, row, columns)


def _is_body_row(block: Block, row: int, columns: Sequence[Column]) -> bool:
    """Whether a row has the header's cells: then its first text is an indicator, though it may be spelled like a label."""
    cells = {(cell.col, cell.col_span) for cell in block.grid.row(row)}
    return len(columns) > 2 and all((column.cell.col, column.cell.col_span) in cells for column in columns)


def _begins_section(reading: Reading, cell: Cell, left: int) -> bool:
    if reading.kinds[cell.row].isdisjoint(SECTION_KINDS):
        return False
    key, layout = reading.block.key(cell), reading.layout
    if cell.col < left:
        return layout.find(key, *SECTION_KINDS) is not None and layout.find(key, "indicator_total") is None
    section = layout.find(key, "field", "goal", "area", "other", "ignore")
    return section is not None and layout.find(key, "indicator", "indicator_total") is None


# --- halves and periods -----------------------------------------------------------------------------------------------


def split_halves(columns: Sequence[Column]) -> list[Half]:
    """The columns by period: a second `三级指标` or `指标值` in one header begins the next half.

    Names stand left of their values, so a level behind a value begins a half too. `一级指标` that stands once serves all halves, and so do the
    other levels where a half has none of its own; a half without the name is `nameless`: its name column has a heading that nobody
    knows, and neither may other names be put to its values nor its values stand alone.
    """
    halves = [Half()]
    repeated = {column.target for column in columns if sum(1 for other in columns if other.target == column.target) > 1}
    for column in columns:
        if column.target == "other":
            continue
        behind_value = column.target in LEVELS and not {"value", "actual"}.isdisjoint(halves[-1].columns)
        if (column.target in halves[-1].columns and column.target in repeated) or (
            behind_value and "value" in repeated
        ):
            halves.append(Half())
        halves[-1].columns[column.target] = column
    names = {
        target: column for target, column in halves[0].columns.items() if target in LEVELS and target not in repeated
    }
    for half in halves[1:]:
        own = {"level2", "level3"} & half.columns.keys()
        for target, column in names.items():
            if target == "level1" or not own:
                half.columns.setdefault(target, column)
    for half in halves:
        half.nameless = "level3" not in half.columns
    return halves


def assign_periods(halves: Sequence[Half], table: Table, goals: Sequence[tuple[Cell, str]], reading: Reading) -> None:
    """The period of each half: by words first (column, section label, the goal header above it), by declared order second.

    Words that contradict each other make the period null with an `ambiguous-period` remark, never a guess.
    """
    layout, block = reading.layout, reading.block
    row = goals[-1][0].row if goals else None
    in_order = [
        period for cell, period in goals if cell.row == row
    ]  # of another table of the form: columns cannot be compared
    area = _area_meaning(block, table.area, layout) if table.area is not None else None
    for number, half in enumerate(halves):
        said = {column.period for column in half.columns.values() if column.period}
        if not said and area is not None and area.period:
            said = {area.period}
        if not said and len(halves) > 1:
            columns = [column for target, column in half.columns.items() if target != "level1"]
            said = {
                period
                for cell, period in goals
                if block.piece(cell.row) == block.piece(table.header)
                and all(column.overlap(cell) > 0 for column in columns)
            }
        if len(said) == 1:
            half.period = said.pop()
        elif said:
            words = "、".join(sorted(PERIOD_WORDS[period] for period in said))
            anchor = next(iter(half.columns.values())).cell
            message = f"绩效指标的列同时指向{words}，无法判断属于哪个期间，期间留空，请核对原表。"
            reading.remarks.append(Remark("ambiguous-period", "indicators.period", message, anchor))
        elif len(halves) == len(in_order):
            half.period = in_order[number]
        elif len(halves) == len(layout.column_periods):
            half.period = layout.column_periods[number]
        elif len(halves) == 1:
            half.period = layout.default_period
        else:
            anchor = next(iter(half.columns.values())).cell
            message = f"绩效指标分为{len(halves)}组并列，但表中没有说明各组属于实施期还是年度，期间留空，请核对原表。"
            reading.remarks.append(Remark("ambiguous-period", "indicators.period", message, anchor))


# --- body -------------------------------------------------------------------------------------------------------------


def match_columns(cells: Sequence[Cell], columns: Sequence[Column]) -> dict[int, Cell]:
    """Which cell of a body row answers which column (by number): the one that shares most of its width.

    A cell merged over several columns belongs to the leftmost, except that a name merged over 二级 and 三级 is the name.
    """
    matched: dict[int, Cell] = {}
    exact = {(column.cell.col, column.cell.col_span): number for number, column in enumerate(columns)}
    for cell in cells:
        number = exact.get((cell.col, cell.col_span))
        if number is None:
            number = _widest(cell, columns)
        if number is not None:
            matched.setdefault(number, cell)
    return matched


def _widest(cell: Cell, columns: Sequence[Column]) -> int | None:
    shared = [(column.overlap(cell), number) for number, column in enumerate(columns)]
    covered = [number for width, number in shared if width == columns[number].cell.col_span]
    if len(covered) > 1:
        return covered[[columns[number].target for number in covered[:2]] == ["level2", "level3"]]
    width, number = max(shared, key=lambda item: (item[0], -item[1]))
    return number if width > 0 else None


def is_strange_list(table: Table, reading: Reading) -> bool:
    """Whether unknown columns left of the indicators tell several things apart: projects, which must not be read as one."""
    block, left = reading.block, table.columns[0].first
    headings = [
        cell for cell in block.grid.row(table.header) if cell.text and cell.col < left and cell is not table.area
    ]
    below = {
        (heading.col, cell.text)
        for heading in headings
        for row in range(table.body, table.end)
        for cell in block.rows[row]
        if cell.text and cell.col == heading.col
    }
    return any(sum(col == heading.col for col, _ in below) > 1 for heading in headings)


def read_table(table: Table, reading: Reading, goals: Sequence[tuple[Cell, str]]) -> None:
    """Claims the cells of a table and adds its indicators to the reading's project."""
    block, columns, area = reading.block, table.columns, table.area
    if is_strange_list(table, reading):
        return
    if area is not None:
        reading.claim(area, "label", None)
    for column in columns:
        reading.claim(column.cell, "header", None)
    halves = split_halves(columns)
    assign_periods(halves, table, goals, reading)
    header = header_keys(block, columns)
    numbers = {id(column.cell): number for number, column in enumerate(columns)}
    # A half whose name column has a heading that nobody knows is nameless: its cells stay unread.
    read = [
        (half, [(target, numbers[id(column.cell)]) for target, column in half.columns.items()], hint_of(half.columns))
        for half in halves
        if not half.nameless
    ]
    carried: list[dict[str, Cell]] = [{} for _ in read]
    others = [(number, label_text(column.cell)) for number, column in enumerate(columns) if column.target == "other"]
    for row in range(table.body, table.end):
        if _is_total(reading, row):
            _read_total(block.rows[row], columns, reading)
            continue
        cells = block.grid.row(row)
        if area is not None:
            cells = [cell for cell in cells if cell is not area and cell.col >= columns[0].first]
        if repeats_header(block, cells, header):
            for cell in cells:
                reading.claim(cell, "header", None)
            continue
        matched = match_columns(cells, columns)
        for (half, targets, hint), carry in zip(read, carried, strict=True):
            found = {target: matched[number] for target, number in targets if number in matched}
            add_indicator(reading, found, carry, 0, half.period, hint)
        for number, label in others:
            if number in matched and matched[number].text:
                reading.claim(matched[number], "value", None, 0)
                reading.project.fields.append(FieldFact(None, label, matched[number].text, matched[number]))


def hint_of(columns: Mapping[str, Column]) -> str:
    """The headings that may name the unit of an indicator's value."""
    return " ".join(columns[target].cell.text for target in ("value", "level3") if target in columns)


def add_indicator(
    reading: Reading, found: dict[str, Cell], carry: dict[str, Cell], project: int, period: str | None, hint: str
) -> None:
    """One row of one half; adds an indicator if the row has a name or a value."""
    if claim_indicator(reading, found, carry, project):
        rest = {target: cell for target, cell in found.items() if target not in ("level1", "level2")}
        projects = reading.projects or [reading.project]
        projects[project].indicators.append(IndicatorFact(period, {**carry, **rest}, hint))


def claim_indicator(reading: Reading, found: dict[str, Cell], carry: dict[str, Cell], project: int) -> bool:
    """Claims the cells of an indicator's row and carries the levels down; whether the row states an indicator.

    A new level 1 ends the level 2 above it; a merged or blank level 2 goes on; rows of fillers state nothing.
    """
    fillers = {target: is_filler(cell.text) for target, cell in found.items()}
    stated = any(
        target in found and found[target].text and not fillers[target] for target in ("level3", "value", "actual")
    )
    for target, cell in found.items():
        if target in ("level1", "level2"):
            ignored = fillers[target]
            if cell.text and not ignored and carry.get(target) is not cell:
                carry[target] = cell
                if target == "level1" and not ("level2" in found and found["level2"].text):
                    carry.pop("level2", None)
        else:
            ignored = fillers[target] and not stated
        reading.claim(
            cell, "ignored" if ignored else "value", _COLUMN_FIELD.get(target) or f"indicators.{target}", project
        )
    return stated


_COLUMN_FIELD = {
    "value": "indicators.value_text", "actual": "indicators.actual_text",
    "score": "indicators.score_text", "weight": "indicators.weight_text",
}  # fmt: skip


def header_keys(block: Block, columns: Sequence[Column]) -> frozenset[str]:
    return frozenset(block.key(column.cell) for column in columns)


def repeats_header(block: Block, cells: Sequence[Cell], header: frozenset[str]) -> bool:
    """A header printed again inside the table, at the top of a page that was joined."""
    keys = {block.key(cell) for cell in cells if cell.text}
    return len(keys) >= 3 and keys <= header


def _is_total(reading: Reading, row: int) -> bool:
    if "indicator_total" not in reading.kinds[row]:
        return False
    first = next((cell for cell in reading.block.rows[row] if cell.text), None)
    return first is not None and reading.layout.find(reading.block.key(first), "indicator_total") is not None


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
        target = "score_total" if column.target == "score" else None
        reading.claim(cell, "value", f"projects.{target}" if target else None, 0)
        name = label_text(label) if target else f"{label_text(label)}（{label_text(column.cell)}）"
        reading.project.fields.append(FieldFact(target, name, cell.text, cell))


def rows_of(tables: Sequence[Table]) -> Iterator[int]:
    """Every row that belongs to a table of indicators, its header included."""
    for table in tables:
        yield from range(table.header, table.end)

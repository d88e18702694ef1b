"""The rows of a table of indicators: its halves and their periods, and one indicator a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.columns import Column
from yusuan.normalize.facts import FieldFact, IndicatorFact, Reading, Remark, label_text
from yusuan.normalize.indicator_table import Table, area_meaning, is_total
from yusuan.normalize.lookups import level1_code
from yusuan.normalize.text import is_dash, is_filler, label_of

LEVELS = ("level1", "level2", "level3")
PERIOD_WORDS = {"implementation": "实施期", "annual": "年度", "prior": "上年"}


@dataclass
class Half:
    """The columns of one period; a column that stands once (level 1) serves every half that lacks it."""

    columns: dict[str, Column] = field(default_factory=dict)
    period: str | None = None
    nameless: bool = False
    level1: Cell | None = None
    """The name of level 1 above the columns (`产出指标` over `三级指标 | 指标值`)."""

    def carried(self) -> dict[str, Cell]:
        """The levels that hold before the first row."""
        return {"level1": self.level1} if self.level1 is not None else {}


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
    area = area_meaning(table.area, layout) if table.area is not None else None
    levels = _levels_above(halves, table, block)
    if levels is not None:
        for half, level in zip(halves, levels, strict=True):
            reading.claim(level, "value", "indicators.level1", None)
            half.level1, half.period = level, (area.period if area is not None else None) or layout.default_period
        return
    words = [{column.period for column in half.columns.values() if column.period} for half in halves]
    if len(halves) > 1 and len(words[0]) == 1 and all(said == words[0] for said in words):
        words = [set() for _ in halves]  # the same word over every half tells none of them apart
    for number, half in enumerate(halves):
        said = words[number]
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
            named = "、".join(sorted(PERIOD_WORDS[period] for period in said))
            _leave_open(reading, half, f"绩效指标的列同时指向{named}，无法判断属于哪个期间")
        elif len(halves) == len(in_order):
            half.period = in_order[number]
        elif len(halves) == len(reading.order) and not any(words) and _are_alike(halves, reading):
            half.period = reading.order[number]
        elif len(halves) == len(layout.column_periods):
            half.period = layout.column_periods[number]
        elif len(halves) == 1:
            half.period = layout.default_period
        else:
            _leave_open(reading, half, f"绩效指标分为{len(halves)}组并列，但表中没有说明各组属于实施期还是年度")


def _leave_open(reading: Reading, half: Half, why: str) -> None:
    anchor = next(iter(half.columns.values())).cell
    message = f"{why}，期间留空，请核对原表。"
    reading.remarks.append(Remark("ambiguous-period", "indicators.period", message, anchor))


def _are_alike(halves: Sequence[Half], reading: Reading) -> bool:
    """Whether halves have names of their own and the same known headings (`测算指标值` beside `复核指标值` are no periods)."""
    first = halves[0].columns
    for half in halves[1:]:
        if "level3" not in first or half.columns.get("level3") in (None, first["level3"]):
            return False
        for target in first.keys() & half.columns.keys():
            keys = {label_of(columns[target].cell.text) for columns in (first, half.columns)}
            if len(keys) > 1 and all(reading.layout.kinds([key]) for key in keys):
                return False
    return True


def _levels_above(halves: Sequence[Half], table: Table, block: Block) -> list[Cell] | None:
    """The cells above the halves, where each of them names a level 1 of its own: then the halves are no periods."""
    found: list[Cell] = []
    for half in halves:
        columns = list(half.columns.values())
        above = block.grid.at(table.header - 1, columns[0].first) if table.header > 0 else None
        if "level1" in half.columns or above is None or level1_code(above.text) is None:
            return None
        if any(column.overlap(above) <= 0 for column in columns):
            return None
        found.append(above)
    return found if len(halves) > 1 and len(set(found)) == len(found) else None


# --- body -------------------------------------------------------------------------------------------------------------


def match_columns(cells: Sequence[Cell], columns: Sequence[Column]) -> dict[int, Cell]:
    """Which cell of a body row answers which column (by number): the one that shares most of its width.

    A cell merged over several columns belongs to the leftmost, except that a name merged over 二级 and 三级 is the name, and what is merged
    over 指标性质 and 指标值 the value.
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


_SECOND_HOLDS = (("level2", "level3"), ("operator", "value"))
"""Neighbours of which the second holds what is merged over both."""


def _widest(cell: Cell, columns: Sequence[Column]) -> int | None:
    shared = [(column.overlap(cell), number) for number, column in enumerate(columns)]
    covered = [number for width, number in shared if width == columns[number].cell.col_span]
    if len(covered) > 1:
        return covered[tuple(columns[number].target for number in covered[:2]) in _SECOND_HOLDS]
    width, number = max(shared, key=lambda item: (item[0], -item[1]))
    return number if width > 0 else None


def read_table(table: Table, reading: Reading, goals: Sequence[tuple[Cell, str]]) -> None:
    """Claims the cells of a table and adds its indicators to the reading's project."""
    block, columns, area = reading.block, table.columns, table.area
    if area is not None:
        reading.claim(area, "label", None)
    for column in columns:
        reading.claim(column.cell, "header", None)
    halves = split_halves(columns)
    assign_periods(halves, table, goals, reading)
    header = header_keys(columns)
    numbers = {id(column.cell): number for number, column in enumerate(columns)}
    # A half whose name column has a heading that nobody knows is nameless: its cells stay unread.
    read = [
        (half, [(target, numbers[id(column.cell)]) for target, column in half.columns.items()], hint_of(half.columns))
        for half in halves
        if not half.nameless
    ]
    carried = [half.carried() for half, _, _ in read]
    for row in range(table.body, table.end):
        if is_total(reading, row):
            _read_total(block.rows[row], columns, reading)
            continue
        cells = block.grid.row(row)
        if area is not None:
            cells = [cell for cell in cells if cell is not area and cell.col >= columns[0].first]
        if repeats_header(cells, header) or numbers_columns(cells):
            for cell in cells:
                reading.claim(cell, "header", None)
            continue
        matched = match_columns(cells, columns)
        for (half, targets, hint), carry in zip(read, carried, strict=True):
            found = {target: matched[number] for target, number in targets if number in matched}
            if not _heads_half(reading, half, found, carry):
                add_indicator(reading, found, carry, 0, half.period, hint)
        keep_others(reading, columns, {id(columns[number].cell): cell for number, cell in matched.items()}, 0)


def _heads_half(reading: Reading, half: Half, found: Mapping[str, Cell], carry: dict[str, Cell]) -> bool:
    """Whether a cell over all columns of a half with its level 1 above it names the level 1 of what follows; any other text ends the one above."""
    first, last = min(column.first for column in half.columns.values()), max(c.last for c in half.columns.values())
    cell = next((cell for cell in found.values() if cell.text and cell.col_span > last - first > 0), None)
    if half.level1 is None or cell is None:
        return False
    if level1_code(cell.text) is None:
        carry.pop("level1", None)
    else:
        reading.claim(cell, "value", "indicators.level1", None)
        carry["level1"] = cell
    return True


def keep_others(reading: Reading, columns: Sequence[Column], answers: Mapping[int, Cell], project: int) -> None:
    """Keeps the cells of columns that the table of indicators has no place for as fields; `answers` by the identity of the heading."""
    for column in columns:
        cell = answers.get(id(column.cell)) if column.target == "other" else None
        if cell is not None and cell.text and not reading.claimed(cell):
            reading.claim(cell, "value", None, project)
            projects = reading.projects or [reading.project]
            projects[project].fields.append(FieldFact(None, label_text(column.cell), cell.text, cell))


def hint_of(columns: Mapping[str, Column]) -> str:
    """The headings that may name the unit of an indicator's value."""
    return " ".join(columns[target].cell.text for target in ("value", "level3") if target in columns)


def add_indicator(
    reading: Reading, found: dict[str, Cell], carry: dict[str, Cell], project: int, period: str | None, hint: str
) -> None:
    """One row of a form's half or of a list: an indicator of the project, if the row has a name or a value."""
    if _claim_indicator(reading, found, carry, project):
        rest = {target: cell for target, cell in found.items() if target not in ("level1", "level2")}
        projects = reading.projects or [reading.project]
        projects[project].indicators.append(IndicatorFact(period, {**carry, **rest}, hint))


def _claim_indicator(reading: Reading, found: dict[str, Cell], carry: dict[str, Cell], project: int) -> bool:
    """Claims the cells of an indicator's row and carries the levels down; whether the row states an indicator.

    A new level 1 ends the level 2 above it; a merged or blank level 2 goes on; rows of fillers state nothing.
    """
    stated = any(_states(found[target].text) for target in ("level3", "value", "actual") if target in found)
    for target, cell in found.items():
        if target in ("level1", "level2"):
            ignored = is_filler(cell.text)
            if cell.text and not ignored and carry.get(target) is not cell:
                carry[target] = cell
                if target == "level1" and not ("level2" in found and found["level2"].text):
                    carry.pop("level2", None)
        else:
            ignored = not stated and is_filler(cell.text)
        reading.claim(
            cell, "ignored" if ignored else "value", _COLUMN_FIELD.get(target) or f"indicators.{target}", project
        )
    return stated


def _states(text: str) -> bool:
    return bool(text) and not is_filler(text) and not is_dash(text)


_COLUMN_FIELD = {
    "value": "indicators.value_text", "actual": "indicators.actual_text",
    "score": "indicators.score_text", "weight": "indicators.weight_text",
}  # fmt: skip


def header_keys(columns: Sequence[Column]) -> frozenset[str]:
    return frozenset(label_of(column.cell.text) for column in columns)


def repeats_header(cells: Sequence[Cell], header: frozenset[str]) -> bool:
    """A header printed again inside the table, at the top of a page that was joined."""
    keys = {label_of(cell.text) for cell in cells if cell.text}
    return len(keys) >= 3 and keys <= header


def numbers_columns(cells: Sequence[Cell]) -> bool:
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
        target = "score_total" if column.target == "score" else None
        reading.claim(cell, "value", f"projects.{target}" if target else None, 0)
        name = label_text(label) if target else f"{label_text(label)}（{label_text(column.cell)}）"
        reading.project.fields.append(FieldFact(target, name, cell.text, cell))

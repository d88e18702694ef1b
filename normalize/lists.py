"""Lists: many projects in one table, a project over one row or several (部门预算公开 的项目绩效目标表).

The header names columns of the project (项目名称, 预算数, 年度目标 …) beside those of the indicators. A project's cells are merged over its rows,
or stand in its first row only, or are repeated in every row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.columns import Matcher
from yusuan.normalize.facts import FieldFact, FundFact, GoalFact, Project, Reading, Remark
from yusuan.normalize.indicator_body import add_indicator, answers_of, is_header_again, keep_others, others_of
from yusuan.normalize.indicator_halves import assign_periods, split_halves
from yusuan.normalize.indicator_table import Table
from yusuan.normalize.layout import STAGES, Layout, Meaning
from yusuan.normalize.list_units import AMOUNTS, UNITS, ProjectColumn, project_column, unit_of_row
from yusuan.normalize.meanings import GOAL_FIELDS, label_year
from yusuan.normalize.parted import tell_ragged
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import is_filler, label_of

_NAME = re.compile(r"[^。；;！!？?，,]{5,60}")
_PROJECT = re.compile("项目|专项|经费|资金|补助|补贴|工程|建设|购置|改造")
"""Words of which a list of projects has at least one in its names."""
_PROJECT_KINDS = ("field", "funds", "goal", "other", "ignore")


def is_list(table: Table, reading: Reading) -> bool:
    """Whether the header of a table of indicators also names columns of projects, or what several are told apart by (`strange_list`)."""
    block, layout = reading.block, reading.layout
    named = any(
        meaning.kind == "field" and meaning.target in ("project_name", "implementing_unit")
        for cell in block.grid.row(table.header)
        if (meaning := layout.find(cell.text, *_PROJECT_KINDS)) is not None
    )
    return named or any(len(_starts(table, block, cell)) > 1 for cell in _strange_headings(table, reading))


def _meaning(cell: Cell, layout: Layout) -> Meaning | None:
    key = label_of(cell.text)
    meaning = layout.find(key, *_PROJECT_KINDS)
    likely = meaning is None or (
        meaning.kind == "funds" and not any(m.kind == "funds" for m in layout.labels.get(key, ()))
    )
    if likely and (column := layout.find(key, "funds_column")) is not None:
        return column if column.target in STAGES else Meaning("other") if column.target == "rate" else None
    area = layout.find(key, "area") if meaning is None else None
    return Meaning("goal", "goal") if area is not None and area.target == "goals" else meaning


def _columns(block: Block, table: Table, layout: Layout) -> list[ProjectColumn]:
    """The project's columns of the header; below a header over several columns those of its second row."""
    taken = {(column.cell.row, column.cell.col) for column in table.columns}
    columns: dict[tuple[int, int], ProjectColumn] = {}
    for row in range(table.header, table.body):
        for cell in block.grid.row(row):
            meaning = _meaning(cell, layout) if (cell.row, cell.col) not in taken else None
            meaning = _part_of_funds(block, cell, layout, table.header) or meaning
            if meaning is not None:
                columns[cell.row, cell.col] = project_column(meaning, cell)
    if any(item.meaning.kind == "funds_column" for item in columns.values()):
        for here, item in columns.items():  # beside 全年预算数, 年初预算数 is a stage, too
            stage = layout.find(item.column.cell.text, "funds_column") if item.meaning.kind == "funds" else None
            if stage is not None and stage.target in STAGES:
                columns[here] = project_column(stage, item.column.cell)
    return list(columns.values())


def _part_of_funds(block: Block, cell: Cell, layout: Layout, header: int) -> Meaning | None:
    """A heading below one of amounts (`资金总额` over `实施期 | 年度`): which words that name goals elsewhere do not change."""
    above = block.grid.at(cell.row - 1, cell.col) if cell.row > header and cell.text else None
    if above is None or above.col_span == 1 or layout.find(above.text, "goal", "field", "indicator"):
        return None
    heading = layout.find(above.text, "funds")
    if heading is None and ((area := layout.find(above.text, "area")) is None or area.target != "funds"):
        return None
    key = label_of(cell.text)
    own = layout.find(key, "funds")
    period = layout.find(key, "funds_column", "goal")
    if own is None and (period is None or not period.period):
        return None
    return own or Meaning(
        "funds", heading.target if heading is not None else "total", period.period if period else None
    )


def _strange_headings(table: Table, reading: Reading) -> list[Cell]:
    """Headings left of the indicators that nobody knows."""
    block, left = reading.block, table.columns[0].first
    return [
        cell
        for cell in block.grid.row(table.header)
        if cell.text and cell.col < left and cell is not table.area and not reading.layout.kinds([cell.text])
    ]


def _starts(table: Table, block: Block, heading: Cell) -> list[tuple[int, str]]:
    """The rows in which the column has another text than above, and the text; blank and merged cells go on."""
    starts: list[tuple[int, str]] = []
    for row in range(table.body, table.end):
        cell = block.grid.at(row, heading.col)
        if cell is not None and cell.text and (not starts or cell.text != starts[-1][1]):
            starts.append((row, cell.text))
    return starts


def _names_by_content(table: Table, reading: Reading, columns: Sequence[ProjectColumn]) -> ProjectColumn | None:
    """The only column under an unknown heading that may have the names, in a list of projects without another for them.

    Its texts are names, all different, and change in the very rows in which the goals or the amounts do.
    """
    if reading.layout.declared or "项目" not in (reading.title or ""):
        return None
    told = [item.column.cell for item in columns if item.meaning.kind in ("goal", *AMOUNTS)]
    rows = [[row for row, _ in _starts(table, reading.block, cell)] for cell in told]
    found = []
    for heading in _strange_headings(table, reading):
        starts = _starts(table, reading.block, heading)
        if [row for row, _ in starts] in rows and _are_names([text for _, text in starts]):
            found.append(heading)
    if len(found) != 1:
        return None
    return project_column(Meaning("field", "project_name"), found[0])


def _are_names(texts: Sequence[str]) -> bool:
    names = {unwrap_label(text) for text in texts}
    return len(names) == len(texts) and all(map(_NAME.fullmatch, names)) and any(map(_PROJECT.search, names))


def header_top(table: Table, block: Block) -> int:
    """The first row of a list's header: headings of the project may begin above those of the indicators."""
    return min(cell.row for cell in block.grid.row(table.header))


def read_list(table: Table, reading: Reading) -> None:
    """Claims the cells of a list and adds its projects to the reading; of a list without names all stays unread."""
    block, layout = reading.block, reading.layout
    project_columns = _columns(block, table, layout)
    if not any(item.meaning.target == "project_name" for item in project_columns):
        names = _names_by_content(table, reading, project_columns)
        if names is None:
            reading.strange_list = True
            return
        project_columns.append(names)
        reading.told[names.column.cell[:2]] = names.meaning
    reading.listed = True
    _claim_header(table, reading, project_columns)
    tell_ragged(reading, table.columns, table.body, table.end)
    columns = [*(item.column for item in project_columns), *table.columns]
    header, again = _header_texts(table, block), False
    halves = split_halves(table.columns)
    assign_periods(halves, table, (), reading)
    read = [answers for answers in answers_of(halves, columns) if len(halves) == 1 or not answers.half.nameless]
    carried = [answers.half.carried() for answers in read]
    matcher, left, own_columns = Matcher(columns), table.columns[0].first, len(project_columns)
    others = [(number, column) for number, column in others_of(columns) if number >= own_columns]
    before: dict[str, str] = {}
    units = any(item.meaning.target in UNITS for item in project_columns)
    above: dict[str, FieldFact] = {}
    for row in range(table.body, table.end):
        cells = block.grid.row(row)
        again = _is_header_again(reading, cells, header, again)
        if again or _is_total(cells, reading) or _is_line(cells, left):
            continue
        matched = matcher.match(cells)
        own = [(project_columns[number], cell) for number, cell in matched.items() if number < own_columns]
        named = next((cell for item, cell in own if item.meaning.target == "project_name" and cell.text), None)
        stated = any(cell.text for number, cell in matched.items() if number >= own_columns)
        unit = unit_of_row(reading, table, own, named, units, stated)
        if unit is not None:
            before, above = {}, unit if "department" in unit or not unit else {**above, **unit}
            continue
        told = _told_apart(own)
        fresh = named is not None and not reading.claimed(named)
        if fresh and (
            not before
            or any(before.get(label, text) != text for label, text in told.items())
            or any(
                _begins_again(reading, named, answers.among(matched), carry)
                for answers, carry in zip(read[:1], carried, strict=False)
            )
        ):
            before, carried = {}, [answers.half.carried() for answers in read]
            reading.projects.append(Project(fields=[] if units else list(above.values())))
        elif not before:
            continue
        before |= told
        _add_project_cells(reading, own, above)
        for answers, carry in zip(read, carried, strict=True):
            add_indicator(reading, answers.among(matched), carry, len(reading.projects) - 1, answers)
        keep_others(reading, others, matched, len(reading.projects) - 1)


def _begins_again(reading: Reading, named: Cell | None, found: Mapping[str, Cell], carry: Mapping[str, Cell]) -> bool:
    """Whether a second merged name of the same text stands beside the level 1 with which the project above began, behind others."""
    level, above, facts = found.get("level1"), carry.get("level1"), reading.projects[-1].indicators
    first = facts[0].cells.get("level1") if facts else None
    if named is None or named.row_span == 1 or level is None or above is None or first is None:
        return False
    return level.text == first.text != above.text


def _is_line(cells: Sequence[Cell], left: int) -> bool:
    """A text over columns of the project and of the indicators: a line between the projects, which stays unread."""
    return any(cell.text and cell.col < left < cell.col + cell.col_span for cell in cells)


def _claim_header(table: Table, reading: Reading, project_columns: Sequence[ProjectColumn]) -> None:
    """Claims the headings, and 绩效指标 above the columns of indicators."""
    block, layout = reading.block, reading.layout
    for cell in (*(column.cell for column in table.columns), *(item.column.cell for item in project_columns)):
        reading.claim(cell, "header")
    for row in range(header_top(table, block), table.header):
        for cell in block.rows[row]:
            if (meaning := layout.find(cell.text, "area")) is not None and meaning.target == "indicators":
                reading.claim(cell, "label")


def _header_texts(table: Table, block: Block) -> frozenset[str]:
    rows = (block.rows[row] for row in range(header_top(table, block), table.body))
    return frozenset(label_of(cell.text) for cells in rows for cell in cells if cell.text)


def _is_header_again(reading: Reading, cells: Sequence[Cell], header: frozenset[str], above: bool) -> bool:
    """A header printed again, with all its rows, or a row that counts the columns; `above` says so of the row before."""
    found = is_header_again(cells, header)
    if above and not found:
        keys = {label_of(cell.text) for cell in cells if cell.text}
        found = bool(keys) and keys <= header
    for cell in cells if found else ():
        reading.claim(cell, "header")
    return found


def _told_apart(own: Sequence[tuple[ProjectColumn, Cell]]) -> dict[str, str]:
    """What tells projects apart, by heading: two of the same name may be those of two units, or have other amounts."""
    return {item.label: cell.text for item, cell in own if cell.text and item.meaning.kind in ("field", *AMOUNTS)}


def _add_project_cells(
    reading: Reading, own: Sequence[tuple[ProjectColumn, Cell]], above: dict[str, FieldFact]
) -> None:
    """The project's own cells of a row; one that was read before (merged, or repeated with the same text) is not added again."""
    index = len(reading.projects) - 1
    project = reading.projects[index]
    for item, cell in own:
        meaning, label = item.meaning, item.label
        seen = reading.claimed(cell)
        if meaning.kind == "ignore":
            reading.claim(cell, "ignored")
        elif meaning.kind in AMOUNTS:
            reading.claim(cell, "value", "funds.amount", index)
            known = any(fact.label == label and cell.text in ("", fact.text) for fact in project.funds)
            if seen and reading.roles[cell[:2]].project != index:
                message = f"“{label}”{cell.text}由几个项目共用，已记在其中第一个项目名下，请核对原表。"
                reading.remarks.append(Remark("shared-amount", "funds.amount", message, cell))
            if not seen and not known:
                project.funds = [fact for fact in project.funds if fact.label != label or fact.text]
                period = meaning.period or reading.layout.default_period
                source, stage = meaning.target, "declared"
                if meaning.kind == "funds_column":
                    source, stage = "total", meaning.target
                year = label_year(item.column.cell) if reading.fiscal_year else None
                project.funds.append(
                    FundFact(source, label, period, stage, cell.text, cell, item.column.cell.text, year)
                )
        elif meaning.kind == "goal":
            period = meaning.period or reading.layout.default_period
            target = "goal_actual" if meaning.target == "actual" else GOAL_FIELDS.get(period)
            reading.claim(cell, "value", f"projects.{target}" if target else None, index)
            if not seen and cell.text:
                project.goals.append(GoalFact(target, label, cell.text, cell))
        else:
            _add_field(reading, meaning, label, cell, index, above)


def _add_field(
    reading: Reading, meaning: Meaning, label: str, cell: Cell, index: int, above: dict[str, FieldFact]
) -> None:
    """A field of one project. A unit that is merged over several projects, or stands only above the first, holds for all of them (`above`)."""
    target = meaning.target if meaning.kind == "field" else None
    seen = reading.claimed(cell)
    reading.claim(cell, "value", f"projects.{target}" if target else None, index)
    fields = reading.projects[index].fields
    if target in UNITS:
        if cell.text:
            above[target] = FieldFact(target, label, cell.text, cell)
        if target in above and not any(known.target == target for known in fields):
            fields.append(above[target])
    elif cell.text and not seen and not any(fact.target == target and fact.text == cell.text for fact in fields):
        fields.append(FieldFact(target, label, cell.text, cell))


def _is_total(cells: Sequence[Cell], reading: Reading) -> bool:
    """合计 rows of a list belong to no project: ignored by name."""
    first = next((cell for cell in cells if cell.text and not is_filler(cell.text)), None)
    if first is None or reading.layout.find(first.text, "indicator_total") is None:
        return False
    for cell in cells:
        reading.claim(cell, "ignored")
    return True

"""The header of a table of indicators: which column each heading is, told by its words, by its neighbours and by what stands below."""

from __future__ import annotations

from collections.abc import Sequence

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Block
from yusuan.normalize.column_content import with_content
from yusuan.normalize.columns import EITHER, Column
from yusuan.normalize.facts import Reading
from yusuan.normalize.hanging import period_alone
from yusuan.normalize.layout import YEAR_LABEL
from yusuan.normalize.lookups import level1_code
from yusuan.normalize.numbers import fold
from yusuan.normalize.text import label_of
from yusuan.normalize.units import is_unit
from yusuan.normalize.values import is_sign, parse_operator

_POSITIVE = ("level1", "level2", "level3", "value", "actual")
_NAMES = ("level1", "level2", "level3")


def header_columns(reading: Reading, row: int) -> list[Column]:
    """The columns of a row with a heading of indicators, if it is a header of them; otherwise none."""
    block, layout = reading.block, reading.layout
    found = [(cell, layout.find(cell.text, "indicator")) for cell in block.grid.row(row)]
    columns = [
        column
        for cell, meaning in found
        if (column := Column(meaning.target, meaning.period, cell) if meaning else _of_year(reading, cell)) is not None
    ]
    if not columns:
        return []
    if not layout.declared and any(column.target in (*_POSITIVE, EITHER) for column in columns):
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
    columns = _with_signs(reading.block, columns)
    columns = [_of_level(column, columns) for column in columns]
    columns = _with_bare_periods(block, row, columns)
    columns = [*_headed_by_area(reading, columns), *columns]
    columns = _once_a_half(reading, [_either(column, columns) for column in columns])
    columns = _named_by_level2(block, row, columns)
    targets = {column.target for column in columns}
    positive = targets.intersection(_POSITIVE)
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
    texts = set(_texts_below(reading.block, column.cell, column.cell.row + column.cell.row_span))
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


def _of_year(reading: Reading, cell: Cell) -> Column | None:
    """`2024年指标值` is the target of the year in a form of 2024; in another form it is kept as a field, under its own label."""
    match = YEAR_LABEL.match(label_of(cell.text)) if reading.fiscal_year else None
    meaning = reading.layout.find(match[2], "indicator") if match else None
    if match is None or meaning is None or meaning.target != "value":
        return None
    of_form = int(match[1]) == reading.fiscal_year
    return Column("value", "annual", cell) if of_form else Column("other", None, cell)


def _with_bare_periods(block: Block, row: int, columns: list[Column]) -> list[Column]:
    """`三级指标 | 实施期 | 年度`: periods alone behind the names are headings of values, where no other column is."""
    name = next((column for column in columns if column.target == "level3"), None)
    if name is None or any(column.target in ("value", "actual") for column in columns):
        return columns
    behind = [cell for cell in block.grid.row(row) if cell.col > name.last and cell.text]
    periods = [(cell, period_alone(label_of(cell.text))) for cell in behind]
    values = [Column("value", period, cell) for cell, period in periods if period is not None]
    return sorted([*columns, *values], key=lambda column: column.first)


def _headed_by_area(reading: Reading, columns: Sequence[Column]) -> list[Column]:
    """绩效指标 in front of the headings and no higher than they: over names of level 1 it is level 1, else the names of the indicators."""
    targets = {column.target for column in columns}
    if "level1" in targets or not targets & {"level3", "value"}:
        return []
    block = reading.block
    left, bottom = columns[0].first, max(column.cell.row + column.cell.row_span for column in columns)
    area = block.grid.at(columns[0].cell.row, left - 1) if left else None
    meaning = reading.layout.find(area.text, "area") if area is not None else None
    if area is None or meaning is None or meaning.target != "indicators" or area.row + area.row_span != bottom:
        return []
    texts = _texts_below(block, area, bottom)
    levels = [level1_code(text) for text in texts]
    if levels and all(levels):
        return [Column("level1", meaning.period, area)]
    named = "level3" in targets or "level2" in targets or not {None, "satisfaction"}.issuperset(levels)
    return [] if named or len(texts) < 2 else [Column("level3", meaning.period, area)]


def _with_signs(block: Block, columns: list[Column]) -> list[Column]:
    """指标方向 and 指标属性 over signs (≥, =, 定性) are the operators, where no other column is; mostly they say 正向 or 定量."""
    if any(column.target == "operator" for column in columns):
        return columns
    return [
        column._replace(target="operator")
        if column.target in ("other", "kind") and _holds_signs(block, column)
        else column
        for column in columns
    ]


def _holds_signs(block: Block, column: Column) -> bool:
    texts = set(_texts_below(block, column.cell, column.cell.row + column.cell.row_span))
    return any(parse_operator(text) for text in texts) and all(map(is_sign, texts))


def _texts_below(block: Block, cell: Cell, row: int) -> list[str]:
    """The texts from a row on in cells as wide as this one and below it."""
    own = cell.col, cell.col_span
    cells = (other for below in range(row, block.grid.n_rows) for other in block.rows[below])
    return [other.text for other in cells if other.text and (other.col, other.col_span) == own]


def _once_a_half(reading: Reading, columns: Sequence[Column]) -> list[Column]:
    """Of two columns of one kind behind the same names a spelling beats a likeness; a second explanation is kept as a field."""
    kept: list[Column] = []
    places: dict[tuple[str, str | None], int] = {}  # in `kept`, of the first column of each kind of the half
    for column in columns:
        if column.target in _NAMES and places and kept[-1].target not in _NAMES:
            places = {}
        twin = places.get(column[:2]) if column.target != "other" else None
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
    return meaning.target if meaning is not None and meaning.target in _POSITIVE else None


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

"""Facts of indicators → rows of `indicators` with typed values; what is uncertain is null and has an issue."""

from __future__ import annotations

from functools import lru_cache

from yusuan.extract.grid import Cell
from yusuan.normalize.builder import Builder, without_hint
from yusuan.normalize.facts import IndicatorFact
from yusuan.normalize.issues import Row
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.numbers import parse_score, parse_weight
from yusuan.normalize.repair import unwrap_label
from yusuan.normalize.text import DITTO
from yusuan.normalize.value_text import Value
from yusuan.normalize.values import parse_indicator_value


def indicator_rows(builder: Builder) -> list[Row]:
    """The rows; of a weight or score that is merged over several indicators only the first has the figure, so that it counts once."""
    rows = []
    counts: dict[str | None, int] = {}
    shared: dict[str, Cell] = {}
    for fact in builder.facts.indicators:
        counts[fact.period] = counts.get(fact.period, 0) + 1
        row = _indicator(builder, fact, counts[fact.period])
        for column in ("weight", "score"):
            cell = fact.cells.get(column)
            if cell is not None and cell.row_span > 1:
                if shared.get(column) is cell:
                    row[column] = None
                shared[column] = cell
        rows.append(row)
    return rows


def _indicator(builder: Builder, fact: IndicatorFact, seq: int) -> Row:
    cells = fact.cells
    texts = {column: without_hint(cell.text) or None for column, cell in cells.items() if column not in _LEVELS}
    level1, code1 = _level1(cells["level1"].text) if "level1" in cells else _NO_LEVEL
    level2, code2 = _level2(cells["level2"].text) if "level2" in cells else _NO_LEVEL
    name, text, actual_text, unit = texts.get("level3"), texts.get("value"), texts.get("actual"), texts.get("unit")
    weight, score = texts.get("weight"), texts.get("score")
    value = parse_indicator_value(
        text or "", name=name or "", operator=texts.get("operator"), unit=unit, header=fact.unit_hint
    )
    actual = parse_indicator_value(actual_text, name=name or "", unit=unit).value if actual_text else None
    cell = cells["level3" if name else "value" if text else "actual"]
    _report_value(builder, fact, name, value, cell)
    page, grid, row, col = builder.place(cell)
    return {
        "project_id": builder.project_id,
        "document_id": builder.base["document_id"],
        "period": fact.period,
        "seq": seq,
        "level1": level1,
        "level2": level2,
        "level3": name,
        "level1_code": code1,
        "level2_code": code2,
        "value_text": text,
        "operator": value.operator,
        "value": value.value,
        "value_upper": value.value_upper,
        "unit": value.unit,
        "kind": value.kind,
        "weight_text": weight,
        "weight": parse_weight(weight) if weight else None,
        "actual_text": actual_text,
        "actual": actual,
        "score_text": score,
        "score": parse_score(score) if score else None,
        "explanation": texts.get("explanation"),
        "page": page,
        "grid": grid,
        "row": row,
        "col": col,
    }


_LEVELS = ("level1", "level2")
_Level = tuple[str | None, str | None]
_NO_LEVEL: _Level = (None, None)


@lru_cache(maxsize=4096)
def _level1(text: str) -> _Level:
    """Name and code of a level 1; the same cell holds for many rows."""
    name = unwrap_label(text) if (text := without_hint(text)) else None
    return name, level1_code(name) if name else None


@lru_cache(maxsize=4096)
def _level2(text: str) -> _Level:
    name = unwrap_label(text) if (text := without_hint(text)) else None
    return name, level2_code(name) if name else None


def _report_value(builder: Builder, fact: IndicatorFact, name: str | None, value: Value, cell: Cell) -> None:
    target = fact.cells.get("value")
    if target is None:
        if name:
            message = f"没有识别出指标“{name}”所在表的指标值一栏，指标值留空，请核对原表。"
            builder.report("missing-value", message, "indicators.value_text", cell)
        return
    if value.suspect:
        message = f"指标“{name or ''}”的指标值“{target.text}”存疑：{value.reason}；按原文保留，请核对原件。"
        builder.report(value.suspect, message, "indicators.value", target)
    if name and target.text.strip() in DITTO:
        message = f"指标“{name}”的指标值写作“{target.text}”，没有换成上一行的内容，请核对原表。"
        builder.report("missing-value", message, "indicators.value_text", target)
    if name and value.kind in ("empty", "placeholder"):
        message = (
            f"指标“{name}”没有填写指标值。"
            if value.kind == "empty"
            else f"指标“{name}”的指标值“{target.text}”是未填写的模板内容。"
        )
        builder.report("missing-value", message, "indicators.value_text", target if target.text else cell)

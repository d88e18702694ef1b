"""Indicator values: the text of a cell → operator, number, upper number, unit and kind.

What the text states by itself (value_text.py) is completed and doubted by the other columns of its row and by the indicator's name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from yusuan.normalize.grammar import grammar
from yusuan.normalize.numbers import fold
from yusuan.normalize.text import is_blank, is_dash, label_key
from yusuan.normalize.units import is_closed_unit, is_unit, units
from yusuan.normalize.value_text import DIGIT, EMPTY, QUALITATIVE, Parsed, Value, parse_text

_LONGEST_TEXT = 400  # before its blanks are taken away
_LONGEST_UNIT = 12
_BRACKET_AT_END = re.compile(r"\(([^()]*)\)$")


def parse_operator(text: str) -> str | None:
    """The operator that a cell of an operator column (指标性质, 计算符号) states; None for 定性, 正向 and the like."""
    return grammar().operators.get(fold(text))


def is_sign(text: str) -> bool:
    """Whether a text is what a column of operators holds: `≥`, 大于等于, 定性, a dash."""
    folded, words = fold(text), grammar()
    return folded in words.operators or folded in words.qualitative or is_dash(text)


def parse_indicator_value(
    text: str, *, name: str = "", operator: str | None = None, unit: str | None = None, header: str = ""
) -> Value:
    """The value in `text`, the repaired text of a value cell.

    `operator` and `unit` are the texts of columns of their own (`≥`, 定性; `%`); `name` is the indicator's name and
    `header` the label of the value column: a unit in brackets at their ends counts where the text has none.
    """
    if is_blank(text):
        return EMPTY
    if len(text) > _LONGEST_TEXT:
        return QUALITATIVE
    words = grammar()
    parsed = parse_text(text)
    value = parsed.value
    if value.kind == "quantitative":
        if operator and fold(operator) in words.qualitative and value.operator is None and value.unit is None:
            return QUALITATIVE
        value = _with_columns(value, None if parsed.approximate else operator, unit)
        if value.unit is None and (bracketed := _bracket_unit(name) or _bracket_unit(header)):
            value = value._replace(unit=bracketed)
        elif parsed.value.unit is None and value.suspect is None:
            named = _bracket_unit(name)
            if named is not None and value.unit != named and {value.unit, named} != {"%", "百分比"}:
                reason = f"指标名称中的单位“{named}”与计量单位“{value.unit}”不一致"
                value = value._replace(suspect="unit-conflict", reason=reason)
        if parsed.trend and not _trend_is_certain(parsed, name):
            return QUALITATIVE
    elif value.kind == "date" and value.operator is None and operator:
        value = value._replace(operator=parse_operator(operator))
    if parsed.doubtful_moment:
        return _moment_or_number(value, name)
    return _suspected(value, name or parsed.named, operator, lent=parsed.value.unit is None)


def _moment_or_number(value: Value, name: str) -> Value:
    """`12月`, `2023.07`, `20231231`: a moment, a number, or nobody knows; the unit and the indicator's name decide."""
    words = grammar()
    if value.unit in ("年", "年度") and value.value is not None and 1950 <= value.value < 2100:
        return Value("date", operator=value.operator)
    if value.unit not in (None, "月"):
        return value
    if words.count_name.search(name):
        return value
    if words.time_name.search(name):
        return Value("date", operator=value.operator if value.operator != "range" else None)
    if value.unit == "月":
        return QUALITATIVE
    if value.value is None or (value.value >= 1950 and (value.operator == "range" or not value.value.is_integer())):
        return QUALITATIVE
    return value if value.value < 2100 else QUALITATIVE


# --- other columns ----------------------------------------------------------------------------------------------------


def _with_columns(value: Value, operator: str | None, unit: str | None) -> Value:
    words = grammar()
    stated = parse_operator(operator) if operator else None
    if stated and value.operator is None:
        value = value._replace(operator=stated)
    elif stated and stated != value.operator and (stated, value.operator) != ("=", "range"):
        reason = f"指标值中的符号与“{operator}”一栏不一致"
        kept = "range" if value.operator == "range" else None
        value = value._replace(operator=kept, suspect="suspect-operator", reason=reason)
    column = fold(unit or "").strip("()")
    if not column or column in words.no_unit:
        return value
    if len(column) > _LONGEST_UNIT or (DIGIT.search(column) and not is_unit(column)):
        return value._replace(suspect=value.suspect or "unit-conflict", reason=value.reason or f"“{unit}”不是计量单位")
    if value.unit is None:
        return value._replace(unit=column)
    if column.startswith(value.unit) or {value.unit, column} <= {"%", "百分比"}:
        return value._replace(unit=column) if value.unit in units().magnitudes else value
    if value.unit in units().magnitudes and not column.startswith(units().magnitudes[1:]):
        return value._replace(unit=value.unit + column)
    return value._replace(
        suspect=value.suspect or "unit-conflict", reason=value.reason or f"指标值自带的单位与“{unit}”不一致"
    )


@lru_cache(maxsize=8192)
def _bracket_unit(name: str) -> str | None:
    """The unit in brackets at the end of a name or header: `满意度（%）`, `培训人数（人/次）`."""
    folded = fold(name)
    if folded.endswith("%") and not folded.endswith(")"):
        return "%"
    match = _BRACKET_AT_END.search(folded)
    if not match:
        return None
    inner = match[1].removeprefix("单位:").removeprefix("单位")
    return inner if is_closed_unit(inner) else None


def _trend_is_certain(parsed: Parsed, name: str) -> bool:
    """True where a change cannot be taken for a level: `同比增长5%` is no 满意度 of 5 %, `下降3%` no growth of 3 %."""
    words = grammar()
    named = label_key(name) or parsed.named
    if parsed.trend == "down":
        return words.down_name.search(named) is not None and words.up_name.search(named) is None
    if words.down_name.search(named):
        return False
    return words.up_name.search(named) is not None or words.level_name.search(_BRACKET_AT_END.sub("", named)) is None


def _suspected(value: Value, name: str, operator: str | None, *, lent: bool) -> Value:
    """Marks what OCR makes of ≥: `292%` where the name is a share (FORMS §3); a doubled per cent sign; and 0.92 of a share whose unit
    % is `lent` by a column or the name: a spreadsheet stores 92 % so.
    """
    if value.value is None or value.suspect:
        return value
    if value.unit == "%%":
        return value._replace(suspect="suspect-operator", reason="百分号重复，数值或单位可能有误")
    bare = value.operator is None and not (operator and parse_operator(operator))
    if bare and value.unit == "%" and (200 < value.value < 300 or value.value == 2100):
        stem = _BRACKET_AT_END.sub("", fold(name)).removesuffix("%")
        if grammar().share_name.search(stem):
            return value._replace(suspect="suspect-operator", reason="该比率一般不超过100%，开头的“2”可能是“≥”的误识")
    if lent and value.unit == "%" and 0 < value.value <= 1 and value.operator not in ("<=", "<"):
        stem = _BRACKET_AT_END.sub("", fold(name)).removesuffix("%")
        if grammar().share_name.search(stem):
            return value._replace(suspect="unit-conflict", reason="单位为%而数值不超过1，可能是用小数写的比率")
    return value

"""Points in time as the values of timeliness indicators: `2023年12月底前`, `12月31日前`, `年底前`. No numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from yusuan.normalize.grammar import grammar
from yusuan.normalize.lookups import words
from yusuan.normalize.units import either

_YEAR = r"(?:19[5-9]|20[0-9])[0-9]"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12][0-9]|0?[1-9])"
_PART = r"(?:底|末|初|中旬|上旬|下旬|中)"
_QUARTER = r"第?[一二三四1-4]季度(?:底|末|初)?"
_YEAR_PART = rf"(?:度|底|末|初|内|全年|上半年|下半年|{_QUARTER})"

_CERTAIN = rf"""(?:
    {_YEAR}年度?(?:{_MONTH}月份?(?:{_DAY}[日号]|{_PART})?|{_YEAR_PART})?
  | {_YEAR}[-./]{_MONTH}[-./]{_DAY}
  | {_MONTH}月份?(?:{_DAY}[日号]|{_PART})
  | (?:年|月|季度|季|半年|上半年|下半年|学期|学年|合同期|每月|每季度)(?:底|末|内)
  | (?:每月|次月|当月){_DAY}[日号]
  | {_QUARTER} | 上半年 | 下半年
)"""
_WITH_UNTIL = rf"(?:{_CERTAIN}|{_MONTH}月份?|{_DAY}[日号]|{_YEAR}[-.]{_MONTH}|{_MONTH}[-./]{_DAY})"


_MAY_BE = re.compile(r"[年月季日号期./~—至到-]|(?:19[5-9]|20[0-9])[0-9]")
"""No moment is without one of these: most values are told apart by one search."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`operator` is `<=` for 前, else what is written before the date. `doubtful` moments may as well be quantities."""

    operator: str | None = None
    doubtful: bool = False


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    before = either(words("words", "dates", "before"))
    until = either(words("words", "dates", "until"))
    verbs = either(words("words", "dates", "verbs"))
    sign = either(tuple(grammar().operators))
    head = rf"{before}{{0,2}}(?P<sign>{sign})?{before}?"
    # What follows 前 is an activity (前完成验收): no further figure may hide in it.
    deadline = rf"{head}(?:{_WITH_UNTIL}(?:[-~—至到]+{_WITH_UNTIL})?){until}(?:\(含\))?(?:[^0-9]{{0,16}})"
    certain = rf"{head}{_CERTAIN}(?:{verbs})?"
    span = (
        rf"{before}?(?:{_CERTAIN}|{_YEAR}(?:[./]|年){_MONTH}|{_MONTH}月份?|{_YEAR}|[1-4]|{_MONTH})(?:[-~—至到]+)"
        rf"(?:{_CERTAIN}|{_YEAR}[./]{_MONTH}|{_MONTH}月份?|{_YEAR}年|[1-4]季度)(?:{verbs})?"
    )
    doubtful = rf"(?:{sign})?{_MONTH}月份?(?:以内|之内|内)?|{_YEAR}\.(?:0[1-9]|1[0-2])|{_YEAR}|{_YEAR}-{_YEAR}|{_YEAR}{_MONTH}{_DAY}|{_MONTH}[-./]{_DAY}"
    flags = re.VERBOSE
    return re.compile(deadline, flags), re.compile(certain, flags), re.compile(span, flags), re.compile(doubtful, flags)


@lru_cache(maxsize=4096)
def parse_moment(folded: str) -> Moment | None:
    """The point or span of time that the folded text names, or None."""
    if not _MAY_BE.search(folded):
        return None
    deadline, certain, span, doubtful = _patterns()
    match = deadline.fullmatch(folded)
    if match:
        return Moment("<=")
    match = certain.fullmatch(folded)
    if match:
        return Moment(grammar().operators[match["sign"]] if match["sign"] else None)
    if span.fullmatch(folded):
        return Moment()
    return Moment(doubtful=True) if doubtful.fullmatch(folded) else None

"""Arithmetic and structure rules over the rows of one project; a rule reports, it never changes a figure.

Each rule is a small function in `RULES` under the code it reports; schemas/issues.toml documents the codes. Tolerances: exact for amounts
printed in 元; for larger units half of the last printed digit of every amount that takes part, at most 0.1 of the unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from yusuan.normalize.finding import PERIODS, STAGES, Facts, Finding, amount_of, printed_decimals, yuan
from yusuan.normalize.issues import Row
from yusuan.normalize.layout import Layout
from yusuan.normalize.money import FACTORS
from yusuan.normalize.score_checks import execution_rate, score_sum, weights_sum
from yusuan.normalize.text import is_blank
from yusuan.normalize.values import parse_indicator_value


def _tolerance(rows: list[Row], unit: object) -> Decimal:
    size = FACTORS.get(str(unit), Decimal(1))
    if size == 1:
        return Decimal(0)
    slack = Decimal(0)
    for row in rows:
        slack += Decimal(5).scaleb(-printed_decimals(row["amount_text"]) - 1)
    return min(slack, Decimal("0.1")) * size


def _names_one_part(rows: list[Row]) -> bool:
    """Whether the form names but one part of its total, as one of others: `其中：财政拨款`."""
    parts = [row for row in rows if row["depth"] == 1]
    return len(parts) == 1 and str(parts[0]["source_label"]).startswith("其中")


def _is_untold(row: Row) -> bool:
    """Whether a cell has a text that is neither an amount nor a dash: nobody knows what it adds."""
    text = str(row["amount_text"] or "")
    return row["amount"] is None and any(character.isdigit() for character in text)


_OWN_LEVEL = "本级"
"""A total of the government's own level (年度本级预算金额) does not hold what higher levels give."""


def funds_sum(facts: Facts) -> Iterator[Finding]:
    """Total = Σ its parts, by period and stage. Parts that are all empty say nothing; single empty parts count as nothing."""
    if not facts.layout.sums:
        return
    groups: dict[tuple[object, object], list[Row]] = {}
    for row in facts.funds:
        groups.setdefault((row["period"], row["stage"]), []).append(row)
    for (period, stage), rows in groups.items():
        totals = [row for row in rows if row["depth"] == 0]
        total = amount_of(totals[0]) if len(totals) == 1 else None
        if total is None:
            continue
        own_level = _OWN_LEVEL in str(totals[0]["source_label"])
        parts = [
            row
            for row in rows
            if row["depth"] == 1 and amount_of(row) is not None and not (own_level and row["source"] == "superior")
        ]
        added = sum((amount_of(row) or Decimal(0) for row in parts), Decimal(0))
        if not parts or added == total or any(_is_untold(row) for row in rows):
            continue
        if added < total and _names_one_part(rows):
            continue
        if added < total and any((row["grid"], row["row"]) in facts.unread for row in rows):
            continue
        if abs(added - total) > _tolerance([*totals, *parts], facts.project["money_unit"]):
            name = f"{PERIODS.get(str(period), '')}{STAGES.get(str(stage), '')}"
            yield Finding(
                "funds.amount",
                f"{name}资金总额 {yuan(total)} 与各项来源之和 {yuan(added)} 不一致，相差 {yuan(abs(added - total))}，均按原表保留，请核对。",
                totals[0],
                expected=str(added),
                actual=str(total),
            )


def _totals(facts: Facts) -> tuple[Row | None, Row | None]:
    """The rows of the totals of the year and of the whole term; None both where the project lacks one of them."""
    annual, term = facts.project.get("total_annual"), facts.project.get("total_implementation")
    if annual is None or term is None:
        return None, None
    return _total(facts, "annual", annual), _total(facts, "implementation", term)


def _total(facts: Facts, period: str, amount: object) -> Row | None:
    wanted = ("total", period, amount)
    return next((row for row in facts.funds if (row["source"], row["period"], row["amount"]) == wanted), None)


def two_totals(facts: Facts) -> Iterator[Finding]:
    """A period has one total: of two that differ `projects` has the first, and nobody says that it is the right one."""
    first: dict[tuple[object, ...], Row] = {}
    for row in facts.funds:
        if row["source"] != "total" or row["period"] is None or _OWN_LEVEL in str(row["source_label"]):
            continue
        before = first.setdefault((row["period"], row["stage"], row["year"]), row)
        if None not in (row["amount"], before["amount"]) and row["amount"] != before["amount"]:
            period = f"{PERIODS.get(str(row['period']), '')}{STAGES.get(str(row['stage']), '')}"
            yield Finding(
                "funds.amount",
                f"{period}资金总额有两处且不同：“{before['source_label']}”与“{row['source_label']}”，采用第一处，请核对。",
                row,
                expected=str(before["amount"]),
                actual=str(row["amount"]),
            )


def annual_exceeds_total(facts: Facts) -> Iterator[Finding]:
    """The amount of the year is part of the amount of the whole term."""
    annual_row, term_row = _totals(facts)
    annual, term = amount_of(annual_row), amount_of(term_row)
    if annual is not None and term is not None and annual > term:
        yield Finding(
            "funds.amount",
            f"年度资金总额 {yuan(annual)} 大于实施期资金总额 {yuan(term)}，请核对。",
            annual_row,
            expected=f"<= {term}",
            actual=str(annual),
        )


def term_total(facts: Facts) -> Iterator[Finding]:
    """Term in years × annual amount against the total: true of most recurrent projects, so information, a warning beyond a factor of 3."""
    years = facts.project.get("term_years")
    if not isinstance(years, float) or years <= 0:
        return
    annual_row, term_row = _totals(facts)
    annual, total = amount_of(annual_row), amount_of(term_row)
    if annual is None or total is None:
        return
    expected = annual * Decimal(str(years))
    if expected == total:
        return
    far = max(expected, total) > 3 * min(expected, total)
    ratio = f"，相差 {max(expected, total) / min(expected, total):.1f} 倍" if min(expected, total) > 0 else ""
    yield Finding(
        "funds.amount",
        f"项目期 {years:g} 年，年度资金总额 {yuan(annual)}，按年度推算合计 {yuan(expected)}，"
        f"与实施期资金总额 {yuan(total)} 不一致{ratio}，均按原表保留，请核对。",
        term_row,
        severity="warning" if far else "info",
        expected=str(expected),
        actual=str(total),
    )


def missing_field(facts: Facts) -> Iterator[Finding]:
    """A form names its project (a department's form its department) and states at least one amount, where its layout has funds."""
    unnamed = facts.layout.form_kind == "unknown" and "project_name" not in facts.project
    if facts.layout.form_kind == "department" or (unnamed and facts.project.get("department")):
        if is_blank(str(facts.project.get("department") or "")):
            yield Finding("projects.department", "没有读到部门（单位）名称，请核对原表。")
    elif is_blank(str(facts.project.get("project_name") or "")):
        yield Finding("projects.project_name", "没有读到项目名称，请核对原表。")
    listed_without_money = facts.layout.form_kind in ("list", "unknown") and facts.listed and not facts.funds
    without_money = all(row["amount"] is None for row in facts.funds) and not listed_without_money
    if without_money and _has_funds(facts.layout):
        yield Finding("funds.amount", "没有读到任何资金金额，请核对原表。", facts.funds[0] if facts.funds else None)


def _has_funds(layout: Layout) -> bool:
    return any(meaning.kind == "funds" for meanings in layout.labels.values() for meaning in meanings)


def date_order(facts: Facts) -> Iterator[Finding]:
    """A project starts before it ends."""
    start, end = facts.project.get("start_date"), facts.project.get("end_date")
    if isinstance(start, date) and isinstance(end, date) and start > end:
        yield Finding(
            "projects.end_date",
            f"开始日期 {start} 晚于结束日期 {end}，请核对。",
            expected=f">= {start}",
            actual=str(end),
        )


def year_outside_term(facts: Facts) -> Iterator[Finding]:
    """The year of the form lies within the project's dates."""
    start, end, year = (facts.project.get(name) for name in ("start_date", "end_date", "fiscal_year"))
    if (
        isinstance(start, date)
        and isinstance(end, date)
        and isinstance(year, int)
        and not start.year <= year <= end.year
    ):
        yield Finding(
            "projects.fiscal_year",
            f"表的年度 {year} 不在项目起止时间 {start} 至 {end} 之内，请核对。",
            expected=f"{start.year}..{end.year}",
            actual=str(year),
        )


def boilerplate_goal(facts: Facts) -> Iterator[Finding]:
    """财预〔2015〕88号 asks for goals that say what the money achieves: a goal that repeats the overview says nothing of it."""
    overview = facts.project.get("overview")
    for column in ("goal_annual", "goal_implementation"):
        if overview and facts.project.get(column) == overview:
            yield Finding(f"projects.{column}", "绩效目标与项目概况的文字完全相同，没有说明要达到的结果。")


_SECOND_LEVELS = {
    "output": {"economic_benefit", "social_benefit", "ecological_benefit", "sustainability"},
    "benefit": {"quantity", "quality", "timeliness"},
    "satisfaction": {"quantity", "quality", "timeliness", "economic_benefit", "ecological_benefit", "sustainability"},
}
"""Second levels that belong to another first level (财预〔2021〕101号); satisfaction and costs stand below both in older forms."""
_OF_SATISFACTION = re.compile("满意|投诉|认可|好评|信访|支持|评价|感受|反映|知晓|获得感|幸福|口碑|评议|测评|表扬|差评")


def level_conflict(facts: Facts) -> Iterator[Finding]:
    """A benefit below 产出指标, an output below 效益指标: the form is wrong, or its first level was lost at the end of a page."""
    told = set()
    for row in facts.indicators:
        if row["level2_code"] not in _SECOND_LEVELS.get(str(row["level1_code"]), ()):
            continue
        pair = (row["level1"], row["level2"])
        if pair not in told:
            told.add(pair)
            yield Finding(
                "indicators.level1", f"二级指标“{pair[1]}”列在一级指标“{pair[0]}”之下，两者不相符，请核对。", row
            )


def figure_for_a_name(facts: Facts) -> Iterator[Finding]:
    """A row below another first level whose name is a figure (`调整情况 | 调整前 | 5500吨 | 调整后`) is not in the columns of the table."""
    odd = [row for row in facts.indicators if row["level1"] and not row["level1_code"]]
    known = [int(str(row["page"] or 0)) for row in facts.indicators if row["level1_code"]] if odd else []
    for row in odd if known else ():
        if int(str(row["page"] or 0)) > max(known):
            continue  # foreign_rows tells of it
        name = str(row["level3"] or "")
        if parse_indicator_value(name).kind == "quantitative":
            message = f"“{row['level1']}”一行的指标名称“{name}”像是数值，这一行可能不是指标，请核对原表。"
            yield Finding("indicators.level3", message, row)


def foreign_rows(facts: Facts) -> Iterator[Finding]:
    """The rest of a later page may be another table without a heading: its first level is one that nobody knows, or its rows go on below
    满意度指标, the last of a form, with names of something else.
    """
    known = [int(str(row["page"])) for row in facts.indicators if row["level1_code"] and row["page"]]
    begun = min((int(str(row["page"])) for row in facts.indicators if _is_satisfaction(row) and row["page"]), default=0)
    for row in facts.indicators if known else ():
        page, name = int(str(row["page"] or 0)), str(row["level3"] or "")
        strange = row["level1"] and not row["level1_code"] and page > max(known)
        if strange or (_is_satisfaction(row) and page > begun and not _OF_SATISFACTION.search(name)):
            said = f"一级指标“{row['level1']}”不是已知的名称" if strange else f"满意度指标下的“{name}”不像是满意度"
            yield Finding("indicators.level1", f"{said}，从这一行起可能是另一张表，请核对原表。", row)
            return


def _is_satisfaction(row: Row) -> bool:
    return row["level1_code"] == "satisfaction"


RULES: tuple[tuple[str, Callable[[Facts], Iterator[Finding]]], ...] = (
    ("missing-field", missing_field),
    ("funds-sum", funds_sum),
    ("duplicate-label", two_totals),
    ("annual-exceeds-total", annual_exceeds_total),
    ("term-total", term_total),
    ("execution-rate", execution_rate),
    ("weights-sum", weights_sum),
    ("score-sum", score_sum),
    ("date-order", date_order),
    ("year-outside-term", year_outside_term),
    ("boilerplate-goal", boilerplate_goal),
    ("level-conflict", level_conflict),
    ("level-conflict", foreign_rows),
    ("level-conflict", figure_for_a_name),
)
"""(code, rule), in the order in which an analyst wants to read them."""

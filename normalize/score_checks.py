"""Rules over execution rates, weights and scores (财预〔2020〕10号: execution 10, output 50, benefit 30, satisfaction 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from yusuan.normalize.finding import PERIODS, Facts, Finding, amount_of, printed_decimals
from yusuan.normalize.indicator_table import PART_SUM
from yusuan.normalize.issues import Row

FULL_WEIGHTS = (100.0, 90.0, 1.0, 0.9)
"""Weights of all indicators together: with the execution rate among them or without its 10, also printed as shares of 1."""
_PART_OF_INDICATOR = re.compile(r"^\s*[★☆*※]*\s*其中")


def _rates(facts: Facts, kind: str, source: str | None = None) -> list[Row]:
    return [row for row in facts.rows.rates if row["kind"] == kind and source in (None, row["source"])]


def execution_rate(facts: Facts) -> Iterator[Finding]:
    """Execution rate = executed ÷ budget of the same source; forms cut it at 100 %. A budget of 0 has no rate."""
    for rate in _rates(facts, "rate"):
        amounts = {
            row["stage"]: amount_of(row)
            for row in facts.funds
            if row["source"] == rate["source"] and row["period"] == rate["period"] and row["row"] == rate["row"]
        }
        budget, executed, printed = (
            amounts.get("budget") or (amounts.get("initial") if _here(rate) not in facts.unread else None),
            amounts.get("executed"),
            rate["value"],
        )
        if not budget or executed is None or not isinstance(printed, float):
            continue
        percent = float(executed / budget * 100)
        shown = [printed] if "%" in str(rate["text"]) or "％" in str(rate["text"]) else [printed, printed * 100]
        slack = 0.5 * 10.0 ** -printed_decimals(rate["text"]) * (1 if len(shown) == 1 else 100) + 0.01
        if all(abs(value - target) > slack for value in shown for target in (percent, min(percent, 100.0))):
            yield Finding(
                "fields.text",
                f"预算执行率印为 {rate['text']}，按执行数 ÷ 预算数计算为 {percent:.2f}%，请核对。",
                rate,
                expected=f"{percent:.2f}%",
                actual=str(rate["text"]),
            )


def _here(row: Row) -> tuple[object, object]:
    return row["grid"], row["row"]


def _countable(facts: Facts, period: object) -> list[Row]:
    """The indicators of a period; 其中 rows only split the one above them and are not summed again."""
    return [
        row
        for row in facts.indicators
        if row["period"] == period and not ("其中" in (name := str(row["level3"])) and _PART_OF_INDICATOR.match(name))
    ]


def _printed_total(facts: Facts, words: str) -> float | None:
    """The figure of the 合计 / 总分 row under a column of weights."""
    for row in facts.rows.fields:
        if words in str(row["label"]) and PART_SUM not in str(row["label"]) and row["field"] is None:
            figure = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*分?\s*", str(row["text"] or ""))
            if figure:
                return float(figure[1])
    return None


def weights_sum(facts: Facts) -> Iterator[Finding]:
    """Σ weights = 100 with the execution rate, 90 without. Single missing weights leave the sum unknown only if most are missing."""
    if sum(row["weight"] is not None for row in facts.indicators) < 2:
        return
    execution = sum(row["value"] for row in _rates(facts, "weight", "total") if isinstance(row["value"], float))
    printed = _printed_total(facts, "（分值") or _printed_total(facts, "（权重")
    for period in dict.fromkeys(row["period"] for row in facts.indicators):
        rows = _countable(facts, period)
        weights = [row["weight"] for row in rows if isinstance(row["weight"], float)]
        if len(weights) < 2 or len(weights) * 2 < len(rows):
            continue
        added = sum(weights)
        targets = [*FULL_WEIGHTS, *([printed] if printed else [])]
        if all(abs(value - target) > 0.05 for value in (added, added + execution) for target in targets):
            first = next(row for row in rows if isinstance(row["weight"], float))
            yield Finding(
                "indicators.weight",
                f"{PERIODS.get(str(period), '')}绩效指标分值合计为 {added:g}"
                + (f"（另有预算执行率 {execution:g}）" if execution else "")
                + "，应为 100（不含预算执行率时为 90），请核对。",
                first,
                expected="100",
                actual=f"{added:g}",
            )


def score_sum(facts: Facts) -> Iterator[Finding]:
    """Σ scores of the indicators and of the execution = printed total score. A weight without a score leaves the sum unknown."""
    total = facts.project.get("score_total")
    if not isinstance(total, float):
        return
    rows = [
        row for period in dict.fromkeys(row["period"] for row in facts.indicators) for row in _countable(facts, period)
    ]
    scores = [row["score"] for row in rows if isinstance(row["score"], float)]
    if not scores or any(isinstance(row["weight"], float) and row["score"] is None for row in rows):
        return
    execution = [row["value"] for row in _rates(facts, "score", "total") if isinstance(row["value"], float)]
    if not execution and any(_here(row) in facts.unread for row in facts.funds if row["source"] == "total"):
        return  # the score of the execution may stand under a heading that nobody knows
    added = Decimal(str(sum(scores))) + Decimal(str(sum(execution[:1])))
    if abs(added - Decimal(str(total))) > Decimal("0.005") * (len(scores) + 2):
        row = next((row for row in facts.rows.fields if row["field"] == "projects.score_total"), None)
        yield Finding(
            "projects.score_total",
            f"各项得分合计为 {added.normalize():f}，与总分 {total:g} 不一致，请核对。",
            row,
            expected=f"{added.normalize():f}",
            actual=f"{total:g}",
        )

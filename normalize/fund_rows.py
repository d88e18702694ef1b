"""Facts of money → rows of `funds`: amounts in 元, depth, unit conflicts; nothing is recomputed."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from decimal import Decimal
from functools import lru_cache

from yusuan.normalize.builder import Builder
from yusuan.normalize.facts import FundFact
from yusuan.normalize.funds_state import PARTS_OF_FISCAL
from yusuan.normalize.issues import Row
from yusuan.normalize.money import parse_money, parse_money_unit
from yusuan.normalize.numbers import parse_weight
from yusuan.normalize.repair import one_blank


def stated_unit(builder: Builder) -> str | None:
    """The unit of money the form declares: its caption, else the labels of its funds, else page, document or layout."""
    labelled = next((unit for fact in builder.facts.funds if (unit := parse_money_unit(fact.unit_hint))), None)
    return builder.reading.money_unit or labelled or builder.money_unit or builder.reading.layout.money_unit


def fund_rows(builder: Builder) -> list[Row]:
    rows = []
    depths = _depths(builder.facts.funds, _unread_parts(builder))
    for seq, (fact, depth) in enumerate(zip(builder.facts.funds, depths, strict=True), 1):
        page, grid, row, col = builder.place(fact.cell)
        rows.append(
            {
                "project_id": builder.project_id,
                "document_id": builder.base["document_id"],
                "seq": seq,
                "period": _fund_period(builder, fact),
                "year": fact.year,
                "stage": fact.stage,
                "source": fact.source,
                "source_label": fact.label,
                "depth": depth,
                "amount_text": one_blank(fact.text) or None,
                "amount": _amount(builder, fact),
                "page": page,
                "grid": grid,
                "row": row,
                "col": col,
            }
        )
    return rows


def _fund_period(builder: Builder, fact: FundFact) -> str | None:
    """Amounts by year: earlier than the form's year is `prior`, the form's year is `annual`; later years have no period."""
    form_year = builder.reading.fiscal_year
    if fact.year is None:
        return fact.period
    if form_year is None or fact.year > form_year:
        return None
    return "prior" if fact.year < form_year else "annual"


@lru_cache(maxsize=4096)
def _labelled_unit(hint: str) -> str | None:
    """The unit that the first of these lines declares."""
    return next((unit for line in hint.split("\n") if (unit := parse_money_unit(line))), None)


def _amount(builder: Builder, fact: FundFact) -> Decimal | None:
    """The amount in 元. Unit: the cell's own, then row and column labels, then the caption, then the document, then the layout."""
    labelled = _labelled_unit(fact.unit_hint)
    caption = builder.reading.money_unit
    unit = labelled or caption or builder.money_unit or builder.reading.layout.money_unit
    money = parse_money(fact.text, unit)
    if money.unreadable:
        message = f"“{fact.label}”的内容“{fact.text}”无法识别为金额，金额留空。"
        builder.report("unparsed-value", message, "funds.amount", fact.cell)
    elif money.bad:
        message = f"“{fact.label}”的内容“{fact.text}”没有注明金额单位，表中也没有声明，无法换算为元，金额留空。"
        builder.report("missing-unit", message, "funds.amount", fact.cell)
    if money.amount_yuan is None:
        return None
    if money.conflict == "other-unit":
        message = (
            f"“{fact.label}”的金额“{fact.text}”自带单位，与表中声明的“{unit}”不一致，已按单元格自带单位换算，请核对。"
        )
        builder.report("unit-conflict", message, "funds.amount", fact.cell, expected=unit, actual=money.unit_used)
    elif labelled and caption and labelled != caption:
        message = f"“{fact.label}”的标签写明单位为{labelled}，而表头写明单位为{caption}，已按标签换算，请核对。"
        builder.report("unit-conflict", message, "funds.amount", fact.cell, expected=caption, actual=labelled)
    if money.inexact:
        message = f"“{fact.label}”的金额“{fact.text}”（{money.unit_used}）换算为元后不足一分的部分已四舍六入五成双。"
        builder.report("inexact-amount", message, "funds.amount", fact.cell, actual=str(money.amount_yuan))
    return money.amount_yuan


def _unread_parts(builder: Builder) -> set[int]:
    """The rows without a fact that a label begins which nobody knows, but with 其中: parts of a total all the same."""
    read = {fact.cell.row for fact in builder.facts.funds}
    labels = [cell for cell in builder.reading.unread if cell.text.lstrip().startswith("其中")]
    return {cell.row for cell in labels} - read


_NUMBERS = re.compile(
    r"\s*(?:(?P<words>[一二三四五六七八九]、)|(?P<words_in_brackets>[（(][一二三四五六七八九][)）])"
    r"|(?P<figures>\d[.．、])|(?P<figures_in_brackets>[（(]\d[)）])|(?P<figures_in_circles>[①-⑨]))"
)
_MAY_NUMBER = frozenset("一二三四五六七八九（(0123456789①②③④⑤⑥⑦⑧⑨ ")
"""How parts are numbered; the style that stands first numbers the parts of the total, the next one the parts of a part."""


def _numbered(label: str, styles: list[str]) -> int | None:
    """The depth that the number before a label says, by the `styles` of the labels above, to which a new one is added."""
    match = _NUMBERS.match(label)
    if match is None or match.lastgroup is None:
        return None
    if match.lastgroup not in styles:
        styles.append(match.lastgroup)
    return 1 + styles.index(match.lastgroup)


def _depths(facts: Sequence[FundFact], unread: Set[int]) -> list[int]:
    """0 a total, 1 its parts, 2 parts of a part: a second 其中 below a total opens depth 2 for parts of the same kind of money.

    `unread` are rows with a 其中 that is none of the facts.
    """
    depths = []
    start = 0
    opened: dict[tuple[str | int, int | None, str], int] = {}
    styles: dict[tuple[str | int, int | None, str], list[str]] = {}
    for fact in facts:
        column = (
            fact.period or fact.cell.col,
            fact.year,
            fact.stage,
        )  # without a period, each column of amounts is a list of its own
        if fact.source == "total":
            opened[column], styles[column], start = 0, [], fact.cell.row
            depths.append(0)
            continue
        # 财政拨款 that begins the parts without 其中: the first 其中 is one of its own
        begun = fact.label.startswith("其中") or (fact.source == "fiscal" and not opened.get(column))
        opened[column] = opened.get(column, 0) + begun
        numbered = _numbered(fact.label, styles.setdefault(column, [])) if fact.label[:1] in _MAY_NUMBER else None
        if numbered is not None:  # 3. stands beside 1. and 2., whatever 其中 was between them
            opened[column] = min(opened[column], numbered)
        if numbered is not None and numbered > 1:
            depths.append(numbered)
            continue
        between = sum(start < row < fact.cell.row for row in unread)
        depths.append(2 if opened[column] + between >= 2 and fact.source in PARTS_OF_FISCAL else 1)
    return depths


def rate_rows(builder: Builder) -> list[Row]:
    return [
        {
            "kind": rate.kind,
            "source": rate.source,
            "period": rate.period,
            "text": rate.cell.text,
            "value": parse_weight(rate.cell.text),
            **builder.placed(rate.cell),
        }
        for rate in builder.facts.rates
    ]


def totals(funds: Sequence[Row], *, complete: bool = True) -> Row:
    """`total_implementation` and `total_annual`; of a self-evaluation's stages the budget, else the initial one.

    Where the amounts are not `complete`, since a heading over some is unknown, those may be the budget: then no other stage stands for it.
    """
    row: Row = {}
    for period, column in (("implementation", "total_implementation"), ("annual", "total_annual")):
        for stage in ("declared", "budget", "initial") if complete else ("declared", "budget"):
            found = [
                fund for fund in funds if (fund["source"], fund["period"], fund["stage"]) == ("total", period, stage)
            ]
            if found:
                row[column] = found[0]["amount"]
                break
    return row

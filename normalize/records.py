"""Readings → rows of the contract's tables: facts get types, places and ids; whatever is uncertain is null and has an issue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Place
from yusuan.normalize.dates import parse_date, parse_fiscal_year, parse_term
from yusuan.normalize.facts import FieldFact, FundFact, IndicatorFact, Project, Reading
from yusuan.normalize.issues import Issues, Row
from yusuan.normalize.lookups import level1_code, level2_code
from yusuan.normalize.marks import split_code_name, ticked
from yusuan.normalize.money import parse_money, parse_money_unit
from yusuan.normalize.numbers import parse_score, parse_weight
from yusuan.normalize.repair import one_blank, unwrap_label
from yusuan.normalize.text import is_blank, is_dash, is_filler, label_key
from yusuan.normalize.values import Value, parse_indicator_value

TICKED_FIELDS = ("attribute", "category")
CODED_FIELDS = {"project_name": "project_code", "department": "department_code", "implementing_unit": None}


@dataclass(frozen=True)
class ProjectRows:
    """The rows of one project; `project` is its row in `projects`, the others belong to it."""

    project: Row
    funds: list[Row]
    indicators: list[Row]
    fields: list[Row]
    rates: list[Row]
    """Rates, weights and scores beside the funds (kind, source, period, text, value and place): for the checks, no table of their own."""


class _Builder:
    """Builds the rows of one project: ids, places and issues in one place."""

    def __init__(self, reading: Reading, facts: Project, base: Row, issues: Issues, money_unit: str | None) -> None:
        self.reading, self.facts, self.base, self.issues = reading, facts, base, issues
        self.project_id = str(base["project_id"])
        self.ids: Row = {"project_id": self.project_id, "document_id": base["document_id"]}
        self.money_unit = money_unit

    def place(self, cell: Cell) -> Place:
        return self.reading.block.places[cell.row, cell.col][0]

    def placed(self, cell: Cell) -> Row:
        place = self.place(cell)
        return {"page": place.page, "grid": place.grid, "row": place.row, "col": place.col}

    def report(self, code: str, message: str, about: str, cell: Cell, **more: str | None) -> None:
        self.issues.add(
            code,
            message,
            about=about,
            place=self.place(cell),
            project_id=self.project_id,
            text=cell.text or None,
            **more,
        )


def project_rows(reading: Reading, facts: Project, base: Row, issues: Issues, money_unit: str | None) -> ProjectRows:
    """The rows of one project; `base` holds its ids and numbers, `money_unit` the unit that page or document state."""
    builder = _Builder(reading, facts, base, issues, money_unit)
    funds = _fund_rows(builder)
    project = {**base, **_project_fields(builder), **_goals(builder), **_totals(funds)}
    project["money_unit"] = _stated_unit(builder)
    return ProjectRows(project, funds, _indicator_rows(builder), _field_rows(builder), _rate_rows(builder))


_HINT = re.compile(r"\s*[（(]\s*(?:限|不超过|不少于)?\s*\d{2,4}\s*字\s*(?:以内|以上|左右)?\s*[)）]\s*$")


def without_hint(text: str) -> str:
    """The text without the form's own hint to whoever fills it in: `（100字以内）`."""
    text = one_blank(text)
    return _HINT.sub("", text) if "字" in text else text


# --- fields of the project --------------------------------------------------------------------------------------------


def _project_fields(builder: _Builder) -> Row:
    row: Row = {}
    first: dict[str, FieldFact] = {}
    for fact in builder.facts.fields:
        if fact.target is None or is_blank(fact.text):
            continue
        before = first.setdefault(fact.target, fact)
        if before is not fact:
            if label_key(before.label) == label_key(fact.label) and unwrap_label(before.text) != unwrap_label(
                fact.text
            ):
                message = f"“{fact.label}”在同一张表中出现两次且内容不同，采用第一次出现的内容。"
                builder.report("duplicate-label", message, f"projects.{fact.target}", fact.cell,
                               expected=before.text, actual=fact.text)  # fmt: skip
            continue
        row.update(_typed_field(builder, fact, fact.target))
    for target, text in builder.reading.stated.items():
        if target not in first:
            cell = builder.reading.block.grid.cells[0]
            row.update(_typed_field(builder, FieldFact(target, target, text, cell), target))
    return row


def _typed_field(builder: _Builder, fact: FieldFact, target: str) -> Row:
    """The columns of `projects` that one field fills."""
    text = without_hint(fact.text)
    if target in CODED_FIELDS:
        code, name = split_code_name(unwrap_label(text))
        code_column = CODED_FIELDS[target]
        row: Row = {target: name}
        if code is not None and code_column is not None:
            row[code_column] = code
        return row
    if target in TICKED_FIELDS:
        ticks = ticked(text)
        if ticks.has_boxes and not ticks.certain:
            message = f"“{fact.label}”中勾选的是哪一项无法判断，内容留空，请核对原表。"
            builder.report("ambiguous-choice", message, f"projects.{target}", fact.cell)
        return {target: ticks.chosen if ticks.has_boxes else text}
    if target == "term":
        term = parse_term(text)
        row = {"term_text": text, "term_years": term.years}
        if term.start is not None:
            row["start_date"] = term.start
        if term.end is not None:
            row["end_date"] = term.end
        return row
    if target in ("start_date", "end_date"):
        day = parse_date(text)
        if day is None and not is_dash(text) and not is_filler(text):
            builder.report(
                "unparsed-value",
                f"“{fact.label}”的内容“{text}”不是完整的日期，日期留空。",
                f"projects.{target}",
                fact.cell,
            )
        return {target: day}
    if target == "fiscal_year":
        return {target: parse_fiscal_year(text)}
    if target == "score_total":
        return {target: parse_weight(text)}
    return {target: text or None}


def _goals(builder: _Builder) -> Row:
    row: Row = {}
    for fact in builder.facts.goals:
        if fact.target is None or is_blank(fact.text):
            continue
        text = without_hint(fact.text)
        if fact.target in row and row[fact.target] != text:
            message = f"“{fact.label}”在同一张表中出现两次且内容不同，采用第一次出现的内容。"
            builder.report("duplicate-label", message, f"projects.{fact.target}", fact.cell,
                           expected=str(row[fact.target]), actual=fact.text)  # fmt: skip
            continue
        row[fact.target] = text or None
    return row


def _field_rows(builder: _Builder) -> list[Row]:
    facts: list[tuple[tuple[int, int], str | None, str, str, Cell]] = []
    for fact in builder.facts.fields:
        column = {"term": "term_text"}.get(fact.target or "", fact.target)
        facts.append(((fact.cell.row, fact.cell.col), column, fact.label, fact.text, fact.cell))
    facts += [
        ((goal.cell.row, goal.cell.col), goal.target, goal.label, goal.text, goal.cell) for goal in builder.facts.goals
    ]
    facts += [
        ((rate.cell.row, rate.cell.col), None, rate.label, rate.cell.text, rate.cell) for rate in builder.facts.rates
    ]
    facts.sort(key=lambda item: item[0])
    return [
        {
            **builder.ids,
            "seq": seq,
            "field": f"projects.{column}" if column else None,
            "label": label,
            "text": one_blank(text) or None,
            **builder.placed(cell),
        }
        for seq, (_, column, label, text, cell) in enumerate(facts, 1)
    ]


# --- funds ------------------------------------------------------------------------------------------------------------


def _stated_unit(builder: _Builder) -> str | None:
    """The unit of money the form declares: its caption, else the labels of its funds, else page, document or layout."""
    labelled = next((unit for fact in builder.facts.funds if (unit := parse_money_unit(fact.unit_hint))), None)
    return builder.reading.money_unit or labelled or builder.money_unit or builder.reading.layout.money_unit


def _fund_rows(builder: _Builder) -> list[Row]:
    rows = []
    depths = _depths(builder.facts.funds)
    for seq, (fact, depth) in enumerate(zip(builder.facts.funds, depths, strict=True), 1):
        rows.append(
            {
                **builder.ids,
                "seq": seq,
                "period": _fund_period(builder, fact),
                "year": fact.year,
                "stage": fact.stage,
                "source": fact.source,
                "source_label": fact.label,
                "depth": depth,
                "amount_text": one_blank(fact.text) or None,
                "amount": _amount(builder, fact),
                **builder.placed(fact.cell),
            }
        )
    return rows


def _fund_period(builder: _Builder, fact: FundFact) -> str | None:
    """Amounts by year: earlier than the form's year is `prior`, the form's year is `annual`; later years have no period."""
    form_year = builder.reading.fiscal_year
    if fact.year is None:
        return fact.period
    if form_year is None or fact.year > form_year:
        return None
    return "prior" if fact.year < form_year else "annual"


def _amount(builder: _Builder, fact: FundFact) -> Decimal | None:
    """The amount in 元. Unit: the cell's own, then row and column labels, then the caption, then the document, then the layout."""
    labelled = next((unit for line in fact.unit_hint.split("\n") if (unit := parse_money_unit(line))), None)
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


_PARTS_OF_FISCAL = (
    "central",
    "provincial",
    "municipal_county",
    "superior",
    "local",
    "government_fund",
    "state_capital",
    "fiscal",
)


def _depths(facts: Sequence[FundFact]) -> list[int]:
    """0 a total, 1 its parts, 2 parts of a part: a second 其中 below a total opens depth 2 for parts of the same kind of money."""
    depths = []
    opened: dict[tuple[str | None, str], int] = {}
    for fact in facts:
        column = (fact.period, fact.stage)
        if fact.source == "total":
            opened[column] = 0
            depths.append(0)
            continue
        opened[column] = opened.get(column, 0) + fact.label.startswith("其中")
        depths.append(2 if opened[column] >= 2 and fact.source in _PARTS_OF_FISCAL else 1)
    return depths


def _rate_rows(builder: _Builder) -> list[Row]:
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


def _totals(funds: Sequence[Row]) -> Row:
    """`total_implementation` and `total_annual`; of a self-evaluation's stages the budget, else the initial one."""
    row: Row = {}
    for period, column in (("implementation", "total_implementation"), ("annual", "total_annual")):
        for stage in ("declared", "budget", "initial"):
            found = [
                fund for fund in funds if (fund["source"], fund["period"], fund["stage"]) == ("total", period, stage)
            ]
            if found:
                row[column] = found[0]["amount"]
                break
    return row


# --- indicators -------------------------------------------------------------------------------------------------------


def _indicator_rows(builder: _Builder) -> list[Row]:
    rows = []
    counts: dict[str | None, int] = {}
    for fact in builder.facts.indicators:
        counts[fact.period] = counts.get(fact.period, 0) + 1
        rows.append(_indicator(builder, fact, counts[fact.period]))
    return rows


def _text(fact: IndicatorFact, column: str) -> str | None:
    cell = fact.cells.get(column)
    return (without_hint(cell.text) or None) if cell is not None else None


def _label(fact: IndicatorFact, column: str) -> str | None:
    text = _text(fact, column)
    return unwrap_label(text) if text else None


def _indicator(builder: _Builder, fact: IndicatorFact, seq: int) -> Row:
    name, text = _text(fact, "level3"), _text(fact, "value")
    value = parse_indicator_value(
        text or "", name=name or "", operator=_text(fact, "operator"), unit=_text(fact, "unit"), header=fact.unit_hint
    )
    actual = parse_indicator_value(_text(fact, "actual") or "", name=name or "", unit=_text(fact, "unit"))
    level1, level2 = _label(fact, "level1"), _label(fact, "level2")
    cell = next(fact.cells[column] for column in ("level3", "value", "actual") if _text(fact, column))
    _report_value(builder, fact, value, cell)
    return {
        **builder.ids,
        "period": fact.period,
        "seq": seq,
        "level1": level1,
        "level2": level2,
        "level3": name,
        "level1_code": level1_code(level1) if level1 else None,
        "level2_code": level2_code(level2) if level2 else None,
        "value_text": text,
        "operator": value.operator,
        "value": value.value,
        "value_upper": value.value_upper,
        "unit": value.unit,
        "kind": value.kind,
        "weight_text": _text(fact, "weight"),
        "weight": parse_weight(_text(fact, "weight") or ""),
        "actual_text": _text(fact, "actual"),
        "actual": actual.value,
        "score_text": _text(fact, "score"),
        "score": parse_score(_text(fact, "score") or ""),
        "explanation": _text(fact, "explanation"),
        **builder.placed(cell),
    }


def _report_value(builder: _Builder, fact: IndicatorFact, value: Value, cell: Cell) -> None:
    name = _text(fact, "level3")
    target = fact.cells.get("value")
    if value.suspect and target is not None:
        message = f"指标“{name or ''}”的指标值“{target.text}”存疑：{value.reason}；按原文保留，请核对原件。"
        builder.report(value.suspect, message, "indicators.value", target)
    if name and target is None and "actual" not in fact.cells:
        message = f"没有识别出指标“{name}”所在表的指标值一栏，指标值留空，请核对原表。"
        builder.report("missing-value", message, "indicators.value_text", cell)
    if name and target is not None and value.kind in ("empty", "placeholder"):
        message = (
            f"指标“{name}”没有填写指标值。"
            if value.kind == "empty"
            else f"指标“{name}”的指标值“{target.text}”是未填写的模板内容。"
        )
        builder.report("missing-value", message, "indicators.value_text", target if target.text else cell)

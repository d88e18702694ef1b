"""Readings → rows of the contract's tables: facts get types, places and ids; whatever is uncertain is null and has an issue."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yusuan.extract.grid import Cell
from yusuan.normalize.builder import Builder, without_hint
from yusuan.normalize.dates import parse_date, parse_fiscal_year, parse_term
from yusuan.normalize.facts import FieldFact, Project, Reading
from yusuan.normalize.fund_rows import fund_rows, rate_rows, stated_unit, totals
from yusuan.normalize.funds_state import COMMON_LABELS, UNKNOWN
from yusuan.normalize.indicator_rows import indicator_rows
from yusuan.normalize.issues import Issues, Row
from yusuan.normalize.marks import split_code_name, ticked
from yusuan.normalize.numbers import parse_weight
from yusuan.normalize.repair import one_blank, unwrap_label
from yusuan.normalize.text import is_blank, is_dash, is_filler, label_key

TICKED_FIELDS = ("attribute", "category")
_FIGURE = re.compile(r"\s*\d[\d\s,，.．%％年度万元]*")
"""A goal says what is to be reached; a figure alone stands there because its label means something else (`年度 | 2023`)."""
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


def project_rows(reading: Reading, facts: Project, base: Row, issues: Issues, money_unit: str | None) -> ProjectRows:
    """The rows of one project; `base` holds its ids and numbers, `money_unit` the unit that page or document state."""
    builder = Builder(reading, facts, base, issues, money_unit)
    funds = fund_rows(builder)
    project = {
        **base,
        **_project_fields(builder),
        **_goals(builder),
        **totals(funds, complete=UNKNOWN not in reading.told.values()),
    }
    project["money_unit"] = stated_unit(builder)
    return ProjectRows(project, funds, indicator_rows(builder), _field_rows(builder), rate_rows(builder))


# --- fields of the project --------------------------------------------------------------------------------------------


def _project_fields(builder: Builder) -> Row:
    row: Row = {}
    first: dict[str, FieldFact] = {}
    for fact in builder.facts.fields:
        if fact.target is None or is_blank(fact.text):
            continue
        before = first.setdefault(fact.target, fact)
        if before is not fact:
            alike = label_key(before.label) == label_key(fact.label)
            if (alike or fact.target == "project_name") and unwrap_label(before.text) != unwrap_label(fact.text):
                message = f"“{fact.label}”在同一张表中出现两次且内容不同，采用第一次出现的内容。"
                if not alike:
                    message = f"“{before.label}”与“{fact.label}”的内容不同，项目名称采用前者，请核对。"
                builder.report("duplicate-label", message, f"projects.{fact.target}", fact.cell,
                               expected=before.text, actual=fact.text)  # fmt: skip
            continue
        row.update(_typed_field(builder, fact, fact.target))
    for target, text in builder.reading.stated.items():
        if target not in first:
            cell = builder.reading.block.grid.cells[0]
            row.update(_typed_field(builder, FieldFact(target, target, text, cell), target))
    return row


def _typed_field(builder: Builder, fact: FieldFact, target: str) -> Row:
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
        year = parse_fiscal_year(text) or parse_fiscal_year(f"{text.strip()}年")
        return {target: year} if year is not None else {}
    if target == "score_total":
        return {target: parse_weight(text)}
    return {target: text or None}


_SHORT_GOAL, _NO_GOALS = 12, ("funds", "funds_column", "indicator")


def _is_heading(builder: Builder, text: str) -> bool:
    """Whether a short text names amounts or a column of indicators: no goal."""
    return text in COMMON_LABELS or not builder.reading.layout.kinds([text]).isdisjoint(_NO_GOALS)


def _goals(builder: Builder) -> Row:
    row: Row = {}
    for fact in builder.facts.goals:
        if fact.target is None or is_blank(fact.text):
            continue
        text = without_hint(fact.text)
        if _FIGURE.fullmatch(text):
            message = f"“{fact.label}”的内容“{text}”只是数字，不像是目标，留空，请核对原表。"
            builder.report("unparsed-value", message, f"projects.{fact.target}", fact.cell)
            continue
        if len(text) < _SHORT_GOAL and _is_heading(builder, text):
            message = f"“{fact.label}”旁边的“{text}”是另一栏的名称，不是目标，没有读入，请核对原表。"
            builder.report("unparsed-value", message, f"projects.{fact.target}", fact.cell)
            continue
        if fact.target in row and row[fact.target] != text:
            message = f"“{fact.label}”在同一张表中出现两次且内容不同，采用第一次出现的内容。"
            builder.report("duplicate-label", message, f"projects.{fact.target}", fact.cell,
                           expected=str(row[fact.target]), actual=fact.text)  # fmt: skip
            continue
        row[fact.target] = text or None
    return row


def _field_rows(builder: Builder) -> list[Row]:
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
    rows = []
    for seq, (_, column, label, text, cell) in enumerate(facts, 1):
        page, grid, row, col = builder.place(cell)
        rows.append(
            {
                "project_id": builder.project_id,
                "document_id": builder.base["document_id"],
                "seq": seq,
                "field": f"projects.{column}" if column else None,
                "label": label,
                "text": one_blank(text) or None,
                "page": page,
                "grid": grid,
                "row": row,
                "col": col,
            }
        )
    return rows

import pyarrow as pa
import pytest

from yusuan.publish.arrow import to_arrow
from yusuan.publish.validate import problems
from yusuan.schemas import tables

DOCUMENT = {
    "document_id": "d1", "path": "a.docx", "format": "docx", "bytes": 1, "text_source": "text", "grids": 1, "projects": 1,
    "status": "ok", "coverage": 1.0,
}  # fmt: skip
PROJECT = {
    "project_id": "d1-0001", "document_id": "d1", "project": 1, "block": 1, "layout": "x", "form_kind": "target", "coverage": 1.0,
}  # fmt: skip
FUND = {
    "project_id": "d1-0001", "document_id": "d1", "seq": 1, "period": "annual", "stage": "declared", "source": "total",
    "source_label": "总额", "depth": 0, "grid": 0, "row": 0, "col": 0,
}  # fmt: skip
CELL = {"document_id": "d1", "grid": 0, "row": 0, "col": 0, "row_span": 1, "col_span": 1, "text": "", "role": "value"}
ISSUE = {"document_id": "d1", "seq": 1, "severity": "info", "code": "funds-sum", "message": "…"}


def made(**rows: list[dict[str, object]]) -> dict[str, pa.Table]:
    good = {"documents": [DOCUMENT], "sources": [{"path": "a.docx", "document_id": "d1"}], "projects": [PROJECT],
            "funds": [FUND], "cells": [CELL], "issues": [ISSUE]}  # fmt: skip
    return {name: to_arrow(table, (good | rows).get(name, [])) for name, table in tables().items()}


def test_good_tables_have_no_problem() -> None:
    assert problems(tables(), made()) == []


@pytest.mark.parametrize(
    ("rows", "rule", "place"),
    [
        ({"documents": [DOCUMENT | {"bytes": None}]}, "not-null", "documents.bytes"),
        ({"documents": [DOCUMENT | {"status": "fine"}]}, "enum", "documents.status"),
        ({"issues": [ISSUE | {"code": "no-such-code"}]}, "enum", "issues.code"),
        ({"funds": [FUND, FUND]}, "key", "funds.project_id+seq"),
        ({"documents": [DOCUMENT, DOCUMENT]}, "key", "documents.document_id"),
        ({"funds": [FUND | {"project_id": "d1-0002"}]}, "foreign-key", "funds.project_id"),
        ({"projects": [PROJECT | {"duplicate_of": "d9-0001"}]}, "foreign-key", "projects.duplicate_of"),
        ({"funds": [FUND | {"row": 7}]}, "place", "funds.document_id+grid+row+col"),
        ({"issues": [ISSUE | {"grid": 0, "row": 9, "col": 9}]}, "place", "issues.document_id+grid+row+col"),
    ],
)
def test_each_rule_finds_its_fault(rows: dict[str, list[dict[str, object]]], rule: str, place: str) -> None:
    found = problems(tables(), made(**rows))
    assert [(problem.rule, f"{problem.table}.{'+'.join(problem.columns)}") for problem in found] == [(rule, place)]
    assert place in str(found[0])


def test_without_the_table_cells_places_are_not_looked_up() -> None:
    there = made(funds=[FUND | {"row": 7}])
    del there["cells"]
    assert problems(tables(), there) == []


def test_an_issue_may_name_only_a_page() -> None:
    assert problems(tables(), made(issues=[ISSUE | {"page": 4}, ISSUE | {"seq": 2, "page": 1, "grid": 3}])) == []

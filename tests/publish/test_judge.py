"""A whole release is judged by pages of documents: the same faults are found, wherever the pages end."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.publish.test_validate import CELL, DOCUMENT, FUND, ISSUE, PROJECT
from yusuan.publish import judge, judge_pages
from yusuan.publish.arrow import to_arrow
from yusuan.publish.tables import write
from yusuan.schemas import tables

Rows = dict[str, list[dict[str, Any]]]
COUNT = 30


def good() -> Rows:
    """Thirty documents of one project, 2 funds, 3 cells and 1 issue each; every third one has only cells."""
    rows: Rows = {name: [] for name in tables()}
    for number in range(COUNT):
        document, project = {"document_id": f"d{number}"}, {"project_id": f"d{number}-0001"}
        rows["documents"].append(DOCUMENT | document | {"path": f"{number:02}.docx"})
        rows["sources"].append({"path": f"{number:02}.docx"} | document)
        rows["cells"] += [CELL | document | {"row": row} for row in range(3)]
        if number % 3:
            rows["projects"].append(PROJECT | document | project)
            rows["funds"] += [FUND | document | project | {"seq": seq} for seq in (1, 2)]
            rows["issues"].append(ISSUE | document | {"row": 1, "grid": 0, "col": 0})
    return rows


def judged(folder: Path, rows: Rows) -> list[str]:
    files = {
        name: write(folder, table, [to_arrow(table, rows[name])])["parquet"]
        for name, table in tables().items()
        if name in rows
    }
    found = judge.judge(
        folder, tables(), {name: [folder / part.path for part in parts] for name, parts in files.items()}
    )
    return [f"{problem.table}.{'+'.join(problem.columns)} {problem.rule} {problem.count}" for problem in found]


@pytest.fixture(params=[(1, 1), (7, 11), (65_536, 250_000)])
def _sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_pages, "ROWS", request.param[0])
    monkeypatch.setattr(judge, "AT_ONCE", request.param[1])


pytestmark = pytest.mark.usefixtures("_sizes")


def test_a_good_release_has_no_problem(tmp_path: Path) -> None:
    assert judged(tmp_path, good()) == []


def test_without_cells_places_are_not_looked_up(tmp_path: Path) -> None:
    rows = good()
    del rows["cells"]
    assert judged(tmp_path, rows) == []
    rows = good()
    rows["cells"] = [row for row in rows["cells"] if row["document_id"] != "d7"]
    assert judged(tmp_path, rows) == [], "of a document read with --no-cells"


def edit(name: str, at: int, **values: Any) -> Callable[[Rows], None]:
    return lambda rows: rows[name][at].update(values)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (edit("funds", 9, seq=1), "funds.project_id+seq key 1"),
        (edit("cells", 40, row=0), "cells.document_id+grid+row+col key 1"),
        (edit("documents", 29, document_id="d28"), "documents.document_id key 1"),
        (edit("sources", 3, path="00.docx"), "sources.path key 1"),
        (edit("projects", 4, project_id="d1-0001"), "projects.project_id key 1"),
        (edit("sources", 3, document_id="d99"), "sources.document_id foreign-key 1"),
        (edit("funds", 9, project_id="d99-0001"), "funds.project_id foreign-key 1"),
        (edit("projects", 4, duplicate_of="d9-0001"), "projects.duplicate_of foreign-key 1"),
        (edit("funds", 20, row=7), "funds.document_id+grid+row+col place 1"),
        (edit("issues", 0, row=9), "issues.document_id+grid+row+col place 1"),
        (lambda rows: rows["funds"].append(FUND | {"document_id": "d99", "project_id": "d29-0001"}),
         "funds.document_id foreign-key 1"),
        (lambda rows: [fund.update(row=5) for fund in rows["funds"]], "funds.document_id+grid+row+col place 40"),
    ],
)  # fmt: skip
def test_each_fault_is_found(tmp_path: Path, fault: Callable[[Rows], object], said: str) -> None:
    rows = good()
    fault(rows)
    found = judged(tmp_path, rows)
    assert any(problem.startswith(said) for problem in found), found


def test_rows_in_another_order_than_documents_are_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_pages, "ROWS", 7)
    rows = good()
    rows["cells"].sort(key=lambda row: row["row"])
    assert any(problem.startswith("cells.document_id foreign-key") for problem in judged(tmp_path, rows))

"""Golden documents: a folder for each, with the form in the grid notation and the tables that must come out of it.

    tests/golden/NAME/form.txt        the form (grids in the notation; `> ` lines stand before a table)
    tests/golden/NAME/document.pdf    its rendering, where the case has one (`python tests/recipe.py render tests/golden`)
    tests/golden/NAME/expected/*.csv  projects, funds, indicators, fields, issues

A missing `expected` is written and the test fails until a person has reviewed and committed it. Ids and places are left out: they
differ between Word and PDF, and tests of their own look at them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yusuan.normalize import Normalized

FOLDER = Path(__file__).parent / "golden"
TABLES = ("projects", "funds", "indicators", "fields", "issues")
_LEFT_OUT = {
    "document_id", "project_id", "page", "grid", "row", "col", "page_first", "page_last", "layout_hash",
}  # fmt: skip
_PAGE = re.compile(r"第\d+页(?=第\d+个表格)")
_ONLY_PDF = {"split-row-joined", "dropped-overlay"}


@dataclass(frozen=True)
class Case:
    """One golden folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def form(self) -> str:
        return (self.folder / "form.txt").read_text(encoding="utf-8")

    @property
    def pdf(self) -> bytes | None:
        path = self.folder / "document.pdf"
        return path.read_bytes() if path.exists() else None

    def expected(self, table: str) -> str | None:
        path = self.folder / "expected" / f"{table}.csv"
        return path.read_text(encoding="utf-8") if path.exists() else None

    def write_expected(self, tables: dict[str, str]) -> None:
        (self.folder / "expected").mkdir(exist_ok=True)
        for name, text in tables.items():
            (self.folder / "expected" / f"{name}.csv").write_text(text, encoding="utf-8", newline="")


def cases() -> Iterator[Case]:
    for folder in sorted(FOLDER.iterdir()):
        if (folder / "form.txt").exists():
            yield Case(folder)


def as_csv(result: Normalized) -> dict[str, str]:
    """The tables as CSV text, project number instead of ids, columns without any value left out."""
    numbers = {row["project_id"]: row["project"] for row in result.projects}
    texts = {}
    for table in TABLES:
        rows = [row for row in getattr(result, table) if row.get("code") not in _ONLY_PDF]
        columns = [
            name
            for name in dict.fromkeys(column for row in rows for column in row)
            if name not in _LEFT_OUT and any(row.get(name) is not None for row in rows)
        ]
        if table != "projects":
            columns = ["project", *columns]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            project: dict[str, object] = {"project": numbers.get(row.get("project_id"))}
            if "message" in row:
                project["message"] = _PAGE.sub("", str(row["message"]))
            writer.writerow(["" if (value := {**row, **project}.get(name)) is None else value for name in columns])
        texts[table] = out.getvalue()
    return texts

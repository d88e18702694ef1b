"""What the modules that build rows share: the ids, places and issues of one project, and texts without the form's own hints."""

from __future__ import annotations

import re

from yusuan.extract.grid import Cell
from yusuan.normalize.block import Place
from yusuan.normalize.facts import Project, Reading
from yusuan.normalize.issues import Issues, Row
from yusuan.normalize.repair import one_blank

_HINT = re.compile(r"\s*[（(]\s*(?:限|不超过|不少于)?\s*\d{2,4}\s*字\s*(?:以内|以上|左右)?\s*[)）]\s*$")


class Builder:
    """Builds the rows of one project: ids, places and issues in one place."""

    def __init__(self, reading: Reading, facts: Project, base: Row, issues: Issues, money_unit: str | None) -> None:
        self.reading, self.facts, self.base, self.issues = reading, facts, base, issues
        self.project_id = str(base["project_id"])
        self.ids: Row = {"project_id": self.project_id, "document_id": base["document_id"]}
        self.money_unit = money_unit

    def place(self, cell: Cell) -> Place:
        return self.reading.block.places.first(cell[:2])

    def placed(self, cell: Cell) -> Row:
        page, grid, row, col = self.place(cell)
        return {"page": page, "grid": grid, "row": row, "col": col}

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


def without_hint(text: str) -> str:
    """The text without the form's own hint to whoever fills it in: `（100字以内）`."""
    text = one_blank(text)
    return _HINT.sub("", text) if "字" in text else text

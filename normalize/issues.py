"""Issues: one row for each reported fact, with its place and a sentence for the analyst."""

from __future__ import annotations

from dataclasses import dataclass, field

from yusuan.normalize.block import Place
from yusuan.schemas import issue_codes

Row = dict[str, object]


@dataclass
class Issues:
    """Collects the issue rows of a document; `project_id` is that of the block in work."""

    document_id: str
    rows: list[Row] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        *,
        about: str | None = None,
        place: Place | None = None,
        project_id: str | None = None,
        severity: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
        text: str | None = None,
    ) -> None:
        self.rows.append(
            {
                "document_id": self.document_id,
                "seq": len(self.rows) + 1,
                "project_id": project_id,
                "severity": severity or issue_codes()[code].severities[0],
                "code": code,
                "field": about,
                "message": message,
                "expected": expected,
                "actual": actual,
                "text": text,
                "page": place.page if place else None,
                "grid": place.grid if place else None,
                "row": place.row if place else None,
                "col": place.col if place else None,
            }
        )


def where(place: Place) -> str:
    """The place in words: `第2页第3个表格第5行第2列` (counted from 1, as people do)."""
    page = f"第{place.page}页" if place.page is not None else ""
    return f"{page}第{place.grid + 1}个表格第{place.row + 1}行第{place.col + 1}列"

"""How commands print what they found: grids in the text notation or as JSON, differences in lines, aligned columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from yusuan.difference import Difference
from yusuan.extract.grid import Document, print_grids, print_text

_WIDEST = 80


def text(document: Document) -> str:
    """Each grid under a comment line that names it; `parse_grids` reads it back."""
    parts = []
    for number, grid in enumerate(document.grids):
        marks = [f"# grid {number}"]
        if grid.page is not None:
            marks.append(f"page {grid.page}")
        if grid.parent is not None:
            marks.append(f"inside grid {grid.parent}")
        if grid.hidden:
            marks.append("hidden")
        parts.append(" · ".join(marks) + "\n" + print_grids([grid]))
    return "\n\n".join(parts)


def to_json(document: Document) -> dict[str, Any]:
    return {
        "format": document.format,
        "pages": document.pages,
        "title": document.title,
        "headers": document.headers,
        "grids": [
            {
                "grid": number,
                "page": grid.page,
                "parent": grid.parent,
                "hidden": grid.hidden,
                "context": grid.context,
                "cells": [{k: v for k, v in cell._asdict().items() if k != "full_lines"} for cell in grid.cells],
            }
            for number, grid in enumerate(document.grids)
        ],
        "notes": [note._asdict() for note in document.notes],
    }


def _place(found: Difference) -> str:
    parts = [("page", found.page), ("grid", found.grid), ("row", found.row), ("col", found.col)]
    return " ".join(f"{name} {value}" for name, value in parts if value is not None) or "document"


def _side(text: str | None) -> str:
    if text is None:
        return "no such cell"
    notation = print_text(text)
    return notation if len(notation) <= _WIDEST else notation[: _WIDEST - 1] + "…"


def difference(found: Difference) -> str:
    """One line of `verify`."""
    reason = found.reason or "no known reason"
    return f"{_place(found)}: yusuan {_side(found.ours)} · second reader {_side(found.theirs)} ({reason})"


def verdict(count: int, unexplained: int) -> str:
    if not count:
        return "Both readers agree on every cell."
    plural = "" if count == 1 else "s"
    if not unexplained:
        return f"{count} difference{plural}, each with a known reason."
    return f"{count} difference{plural}, {unexplained} without a known reason: look at the document."


def width(text: str) -> int:
    """Columns that a text fills on a terminal: Chinese characters fill two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def columns(rows: Sequence[Sequence[str]], indent: str = "  ") -> Iterator[str]:
    """Lines with aligned columns."""
    widths = [max(width(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = (text + " " * (fill - width(text)) for text, fill in zip(row, widths, strict=True))
        yield (indent + "  ".join(cells)).rstrip()

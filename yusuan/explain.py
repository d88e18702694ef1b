"""`yusuan explain`: what a document was taken for, cell by cell, from the same call that makes its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from yusuan.convert import document_id
from yusuan.extract import read
from yusuan.normalize import Layout, Normalized, normalize

_SHOWN = 60
Style = Callable[[str, str], str]
"""(text, role) → the text as the terminal is to show it."""


def explain(data: bytes, known: Sequence[Layout]) -> dict[str, Any]:
    """Blocks with their layout, every non-empty cell with role, field and project, issues; raises UnreadableError."""
    document = read(data)
    result = normalize(document, document_id(data), known)
    return {
        "format": document.format,
        "status": result.status,
        "coverage": result.coverage,
        "title": result.title,
        "blocks": [_block(result, index) for index in range(len(result.blocks))],
        "cells": [
            {name: getattr(row, name) for name in ("grid", "page", "row", "col", "text", "role", "field", "project_id")}
            for row in result.cells
            if row.text
        ],
        "issues": [
            {
                name: row.get(name)
                for name in ("severity", "code", "message", "project_id", "field", "page", "grid", "row", "col")
            }
            for row in result.issues
        ],
    }


def _block(result: Normalized, index: int) -> dict[str, Any]:
    block = result.blocks[index]
    return {
        "block": block.block,
        "layout": block.layout,
        "label": block.label,
        "title": block.title,
        "projects": list(block.project_ids),
        "coverage": block.coverage,
        "unread": block.unread,
    }


def _percent(share: float | None) -> str:
    return "no form" if share is None else f"{share:.1%} of its cells read"


def _line(cell: dict[str, Any], style: Style) -> str:
    text = cell["text"].replace("\n", "⏎")
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    field = f" → {cell['field']}" if cell["field"] else ""
    return style(f"  r{cell['row']:<3} c{cell['col']:<3} {cell['role']:<8} {shown}{field}", cell["role"])


def lines(explained: dict[str, Any], style: Style) -> Iterator[str]:
    """The explanation for people."""
    yield f"{explained['format']} · {explained['status']} · {_percent(explained['coverage'])}"
    for block in explained["blocks"]:
        name = " ".join(filter(None, (block["label"], block["title"])))
        read_as = f"{len(block['projects'])} project{'' if len(block['projects']) == 1 else 's'}"
        unread = f", {block['unread']} cells unread" if block["unread"] else ""
        yield f"block {block['block']} {name} · layout {block['layout']} · {read_as} · {_percent(block['coverage'])}{unread}"
    grids: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for cell in explained["cells"]:
        grids[cell["grid"]].append(cell)
    for grid, cells in sorted(grids.items()):
        page = f" · page {cells[0]['page']}" if cells[0]["page"] is not None else ""
        yield ""
        yield f"# grid {grid}{page}"
        project = None
        for cell in cells:
            if cell["project_id"] not in (None, project):
                project = cell["project_id"]
                yield f"  # project {project}"
            yield _line(cell, style)
    if explained["issues"]:
        yield ""
        yield "# issues"
    for issue in explained["issues"]:
        yield f"  {issue['severity']:<8} {issue['code']}: {issue['message']}"

"""One document's bytes → its rows for every table. The unit of everything: `run`, `read` and every worker call this.

Pure and without Arrow: no file system, no clock, no state. Whatever a document does, the answer is rows; a document
that cannot be read is a `documents` row with status `failed`. `records` is the second half alone: a document that was
read before → its rows by today's rules.
"""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from yusuan.extract import read, sniff
from yusuan.extract.grid import Document, Grid, UnreadableError
from yusuan.normalize import CellRow, normalize
from yusuan.schemas import tables

Row = dict[str, object]
Rows = dict[str, list[Row] | list[CellRow]]

MAX_BYTES = 256 * 1024 * 1024
"""Larger files are not read at all: a form has kilobytes, a volume of scans some tens of megabytes."""

IMAGES = frozenset({"png", "jpeg", "jpg", "tiff", "tif", "bmp", "gif", "webp"})
SPELLINGS = {
    "docm": "docx", "dotx": "docx", "flat-opc": "docx", "wordml": "doc", "dot": "doc", "wpt": "wps", "ett": "et",
    "xlsm": "xlsx", "htm": "html", "mht": "html", "mhtml": "html",
}  # fmt: skip
OF_WPS = {"wps": "doc", "et": "xls"}
"""Formats of WPS Office whose content is that of another one, byte for byte: the file's name tells which it is."""
UNTOLD = frozenset({"", "empty", "encrypted", "unknown", "zip", "broken-zip"})
"""What `sniff` says of a content that does not tell its kind (`zip`: some container)."""


@dataclass(frozen=True, slots=True)
class Converted:
    """`rows` has every table but `sources`; the `documents` row lacks `path` and what a manifest knows.

    `read` is what the reader handed over, None for a document that was not read. `trace` is for the log of a `crashed`
    document, never for a user. `named`: the content does not tell the format, so it follows from the file's name.
    """

    document_id: str
    rows: Rows
    read: Document | None = None
    trace: str | None = None
    named: bool = False

    @property
    def grids(self) -> tuple[Grid, ...]:
        return self.read.grids if self.read else ()

    @property
    def document(self) -> Row:
        row = self.rows["documents"][0]
        assert isinstance(row, dict)
        return row


def document_id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_told(sniffed: str | None) -> bool:
    """Whether the content tells the format, so that the file's name is not asked."""
    return (sniffed or "") not in UNTOLD


def format_name(sniffed: str | None, name: str) -> str:
    """The contract's name of a format: what the content says; where it tells nothing, what the file name says."""
    known = next(column.enum for column in tables()["documents"].columns if column.name == "format")
    kind = sniffed or ""
    if not is_told(kind):
        kind = PurePosixPath(name).suffix.removeprefix(".").lower()
    kind = "image" if kind in IMAGES else SPELLINGS.get(kind, kind)
    return kind if kind in known else "other"


def format_at(path: str, told: str, named: bool) -> str:
    """The format of a document at this path: `told` is the one it was read as, `named` whether only a name told that."""
    if not named and told not in OF_WPS.values():
        return told
    by_name = format_name(None, path)
    return by_name if named or OF_WPS.get(by_name) == told else told


def failed(identity: str, name: str, size: int, *, code: str, message: str, sniffed: str | None = None) -> Converted:
    """The rows of a document that was not read."""
    row: Row = {
        "document_id": identity,
        "format": format_name(sniffed, name),
        "bytes": size,
        "text_source": "text",
        "grids": 0,
        "projects": 0,
        "status": "failed",
        "error_code": code,
        "error": message,
    }
    return Converted(identity, _rows(row), named=not is_told(sniffed))


def crashed(identity: str, name: str, size: int, error: Exception) -> Converted:
    """A fault of ours: the type and words of the exception for the user, the trace for the log."""
    said = f"{type(error).__name__}: {error}".strip(": ")
    message = f"程序读取这个文件时出错（{said}），其他文件不受影响。请把文件和这条说明一起反馈给开发者。"
    made = failed(identity, name, size, code="crashed", message=message)
    return replace(made, trace="".join(traceback.format_exception(error)))


def _rows(document: Row, parts: Rows | None = None) -> Rows:
    rows: Rows = {name: [] for name in tables() if name != "sources"}
    return rows | {"documents": [document]} | dict(parts or {})


def convert(data: bytes, name: str = "", *, cells: bool = True) -> Converted:
    """Never raises (KeyboardInterrupt apart). `name` only helps to name the format of a file that is not read."""
    identity = document_id(data)
    size = len(data)
    if size > MAX_BYTES:
        return failed(identity, name, size, code="too-large", message=too_large(size))
    try:
        document = read(data)
    except UnreadableError as error:
        return failed(identity, name, size, code=error.code, message=str(error), sniffed=sniff(data))
    except MemoryError:
        return failed(identity, name, size, code="too-large", message=OUT_OF_MEMORY)
    except Exception as error:  # the boundary: whatever a hostile file breaks in us costs this file only
        return crashed(identity, name, size, error)
    return records(document, identity, size, name, cells=cells)


def records(
    document: Document,
    identity: str,
    size: int,
    name: str = "",
    *,
    cells: bool = True,
) -> Converted:
    """The rows of a document that was read, now or before. Never raises either."""
    try:
        normalized = normalize(document, identity)
    except MemoryError:
        return failed(identity, name, size, code="too-large", message=OUT_OF_MEMORY)
    except Exception as error:
        return crashed(identity, name, size, error)
    row: Row = {
        "document_id": identity,
        "format": format_name(document.format, name),
        "bytes": size,
        "pages": document.pages,
        "text_source": document.text_source,
        "title": normalized.title or document.title,
        "grids": len(document.grids),
        "projects": len(normalized.projects),
        "status": normalized.status,
        "coverage": normalized.coverage,
    }
    parts: Rows = {
        "projects": normalized.projects,
        "funds": normalized.funds,
        "indicators": normalized.indicators,
        "fields": normalized.fields,
        "issues": normalized.issues,
        "cells": normalized.cells if cells else [],
    }
    return Converted(identity, _rows(row, parts), document, named=not is_told(document.format))


OUT_OF_MEMORY = (
    "读取这个文件需要的内存超过了上限，没有读取。请拆分文件，或用 --max-memory 提高上限（单位 MiB）后重新运行。"
)


def too_large(size: int) -> str:
    return (
        f"文件有 {size / 2**20:,.0f} MiB，超过上限 {MAX_BYTES / 2**20:.0f} MiB，没有读取。"
        "请拆分文件，或只保留有表格的页面后再试。"
    )

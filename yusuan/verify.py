"""Reads a document a second time with an independent reader and lists the cells that differ.

Word through python-docx, PDF through pdfplumber. Neither is right where they differ from us by a known limit of theirs;
such differences carry the reason. A difference without a reason is a mistake in one of the two readers.
"""

from __future__ import annotations

from yusuan import verify_docx, verify_pdf
from yusuan.difference import Difference
from yusuan.extract import UnreadableError, read


def verify(data: bytes) -> list[Difference]:
    """Empty if both readers agree on every cell. Raises UnreadableError where the document cannot be read at all, and
    with `unsupported` where the format has no second reader.
    """
    document = read(data)
    if document.format == "docx":
        return verify_docx.compare(document.grids, verify_docx.second_reading(data))
    if document.format == "pdf":
        return verify_pdf.compare(document.grids, verify_pdf.second_reading(data))
    raise UnreadableError("unsupported", f"{document.format} 格式没有第二个读取器，无法核对。")

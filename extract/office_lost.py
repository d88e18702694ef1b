"""What LibreOffice lost when it converted a document: the original is counted by itself and compared with the DOCX made of it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from operator import itemgetter

from yusuan.extract.grid import Document, Note
from yusuan.extract.office_doc import BrokenError, cell_texts
from yusuan.extract.package import Package

_RTF_ROW = re.compile(rb"\\(?:nest)?row(?![a-z])")
_ODT_TABLE = re.compile(rb"<table:table[\s>]")
_DOCX_ROW = re.compile(rb"<w:tr[\s>]")
_DOCX_TABLE = re.compile(rb"<w:tbl[\s>]")
_NO_WORD = re.compile(r"[\W_]+")
_LOST_IN_A_ROW = 2
"""Fewer neighbours may be gone for a good reason (deleted or hidden text)."""


def lost_notes(kind: str, data: bytes, docx: bytes, document: Document) -> list[Note]:
    """A note `unread-part` if the `docx` made of `data` holds less than it. `kind` is what `sniff` says of `data`, `document`
    what was read from the DOCX. Raises UnreadableError where a package cannot be read.
    """
    if kind == "doc":
        return _lost_texts(data, document)
    main = Package(docx).read("word/document.xml")
    if kind == "rtf":
        before, after = len(_RTF_ROW.findall(data)), len(_DOCX_ROW.findall(main))
        unit = "行"
    elif kind == "odt":
        before, after = len(_ODT_TABLE.findall(Package(data).read("content.xml"))), len(_DOCX_TABLE.findall(main))
        unit = "个表格"
    else:
        return []
    if after >= before:
        return []
    message = (
        f"原文件有 {before} {unit}，转换后只有 {after} {unit}，有内容没有读取：请用 Word 或 WPS 另存为 .docx 后再试。"
    )
    return [Note("unread-part", message)]


def _lost_texts(data: bytes, document: Document) -> list[Note]:
    """Neighbouring cells of the original that are no cells afterwards; single ones may be deleted or hidden text."""
    try:
        texts = [_last_line(text) for text in cell_texts(data)]
    except BrokenError:  # LibreOffice reads more than we do; there is nothing to compare with
        return []
    left = Counter(_last_line(cell.text) for grid in document.grids for cell in grid.cells)
    whole = "\n".join(_NO_WORD.sub("", cell.text) for grid in document.grids for cell in grid.cells)
    known = set(left)
    missing = []
    for text in filter(None, texts):
        left[text] -= 1
        missing.append((left[text] < 0 and (text in known or text not in whole), text))
    runs = [[text for _, text in run] for gone, run in groupby(missing, key=itemgetter(0)) if gone]
    lost = [text for run in runs if len(run) >= _LOST_IN_A_ROW for text in run]
    if not lost:
        return []
    message = (
        f"转换为 .docx 时有 {len(lost)} 个单元格不再属于表格（从“{lost[0][:20]}”起），没有读取："
        "请用 Word 或 WPS 另存为 .docx 后再试。"
    )
    return [Note("unread-part", message, text="\n".join(lost)[:200])]


def _last_line(text: str) -> str:
    return _NO_WORD.sub("", re.split(r"[\n\x0b]", text)[-1])

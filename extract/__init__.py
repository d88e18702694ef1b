"""Documents → grids. Knows file formats and nothing of forms."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from yusuan.extract.grid import Cell, Document, Grid, Note, UnreadableError, parse_grids, print_grids
from yusuan.extract.sniff import sniff

__all__ = ["Cell", "Document", "Grid", "Note", "UnreadableError", "parse_grids", "print_grids", "read", "sniff"]

READERS = {
    "docx": ("yusuan.extract.word", "read_docx"),
    "pdf": ("yusuan.extract.pdf", "read_pdf"),
}
"""Format → module and function, bytes → Document. By name, because this is the one place where a module is imported on
demand: reading a Word file must not load pdfium and numpy."""

_UNREAD = {
    "doc": "这是旧版 Word（.doc / .wps）文件，暂不支持。请用 Word、WPS 或 LibreOffice 另存为 .docx。",
    "works": "这是 Microsoft Works 文件，暂不支持。请另存为 .docx。",
    "rtf": "这是 RTF 文件，暂不支持。请用 Word 或 WPS 另存为 .docx。",
    "odt": "这是 OpenDocument 文本（.odt），暂不支持。请另存为 .docx。",
    "wordml": "这是 Word 2003 XML 文件，暂不支持。请用 Word 另存为 .docx。",
    "flat-opc": "这是单文件的 Word XML（Flat OPC），暂不支持。请用 Word 另存为 .docx。",
    "xls": "这是旧版 Excel（.xls / .et）表格，暂不支持。请把有关工作表复制到 Word 中另存为 .docx，或打印为 PDF。",
    "xlsx": "这是 Excel 表格，暂不支持。请把有关工作表复制到 Word 中另存为 .docx，或打印为 PDF。",
    "xlsb": "这是 Excel 二进制表格，暂不支持。请把有关工作表打印为 PDF。",
    "ods": "这是 OpenDocument 表格（.ods），暂不支持。请打印为 PDF。",
    "ppt": "这是演示文稿，暂不支持。请打印为 PDF。",
    "pptx": "这是演示文稿，暂不支持。请打印为 PDF。",
    "odp": "这是演示文稿，暂不支持。请打印为 PDF。",
    "hwp": "这是 HWP 文件，暂不支持。请另存为 .docx。",
    "ofd": "这是 OFD 版式文件，暂不支持。请用 OFD 阅读器导出为 PDF。",
    "html": "这是网页，不是 Word 或 PDF 文件（下载时可能存成了网页）。请打开原网页下载附件，或打印为 PDF。",
    "mht": "这是单文件网页（.mht），暂不支持。请用浏览器或 Word 打开后另存为 .docx。",
    "image": "这是图片，暂不支持文字识别。请找到原始的 Word 或 PDF 文件。",
    "zip": "这是压缩包，不是文档。请先解压，再处理其中的 Word 和 PDF 文件。",
    "rar": "这是 RAR 压缩包，不是文档。请先解压，再处理其中的 Word 和 PDF 文件。",
    "7z": "这是 7z 压缩包，不是文档。请先解压，再处理其中的 Word 和 PDF 文件。",
    "gz": "这是 gzip 压缩包，不是文档。请先解压，再处理其中的 Word 和 PDF 文件。",
    "xml": "这是 XML 文件，不是 Word 或 PDF 文档。请找到原始的 Word 或 PDF 文件。",
    "text": "这是纯文本，里面没有表格。请找到原始的 Word 或 PDF 文件。",
}
_UNKNOWN = "认不出这是什么文件（能读 .docx 和 .pdf）。请确认文件完整，或另存为 .docx 后再试。"


def read(source: bytes | str | os.PathLike[str]) -> Document:
    """The grids of a document, given as bytes or as a path; what it is, is told by its content.

    Raises UnreadableError (`corrupt`, `encrypted`, `unsupported`, `too-large` …) for what cannot be read, and OSError
    where the path cannot.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    found = sniff(data)
    if found == "empty":
        raise UnreadableError("corrupt", "文件是空的，没有内容。请重新下载。")
    if found == "broken-zip":
        raise UnreadableError("corrupt", "文件不完整：压缩结构已损坏，可能没有下载完。请重新下载。")
    if found == "encrypted":
        raise UnreadableError("encrypted", "文件已加密，需要密码才能打开。请取得密码，另存为不加密的文件后再试。")
    if found not in READERS:
        raise UnreadableError("unsupported", _UNREAD.get(found, _UNKNOWN))
    module, function = READERS[found]
    document: Document = getattr(import_module(module), function)(data)
    return document

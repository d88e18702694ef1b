"""Documents → grids. Knows file formats and nothing of forms."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from yusuan.extract.grid import Cell, Document, Grid, Note, UnreadableError, encrypted, parse_grids, print_grids
from yusuan.extract.sniff import sniff

__all__ = [
    "Cell",
    "Document",
    "Grid",
    "Note",
    "UnreadableError",
    "pages_to_recognize",
    "parse_grids",
    "print_grids",
    "read",
    "sniff",
]

Reader = Callable[[bytes], Document]

READERS = {
    "docx": ("yusuan.extract.word", "read_docx"),
    "pdf": ("yusuan.extract.pdf", "read_pdf"),
    "doc": ("yusuan.extract.office", "read_office"),
    "works": ("yusuan.extract.office", "read_office"),
    "wordml": ("yusuan.extract.office", "read_office"),
    "rtf": ("yusuan.extract.office", "read_office"),
    "odt": ("yusuan.extract.office", "read_office"),
    "flat-opc": ("yusuan.extract.word_flat", "read_flat"),
    "image": ("yusuan.extract.scan", "read_image"),
    "xlsx": ("yusuan.extract.sheet_xlsx", "read_xlsx"),
    "xls": ("yusuan.extract.sheet_xls", "read_xls"),
    "ods": ("yusuan.extract.sheet_ods", "read_ods"),
    "excel-xml": ("yusuan.extract.sheet_xml", "read_excel_xml"),
    "ofd": ("yusuan.extract.ofd", "read_ofd"),
    "html": ("yusuan.extract.web", "read_html"),
    "mht": ("yusuan.extract.web", "read_mht"),
}
"""Format → module and function, bytes → Document. By name, because this is the one place where a module is imported on
demand: reading a Word file must not load pdfium and numpy."""

_UNREAD = {
    "biff": "这是 Excel 4.0 或更早的表格，暂不支持。请用 Excel、WPS 或 LibreOffice 另存为 .xlsx。",
    "tsv": "这是制表符分隔的文本（常以 .xls 为名），不是表格文件，暂不支持。请用 Excel 或 WPS 打开后另存为 .xlsx。",
    "xlsb": "这是 Excel 二进制表格（.xlsb），暂不支持。请用 Excel 或 WPS 另存为 .xlsx。",
    "ppt": "这是演示文稿，暂不支持。请打印为 PDF。",
    "pptx": "这是演示文稿，暂不支持。请打印为 PDF。",
    "odp": "这是演示文稿，暂不支持。请打印为 PDF。",
    "hwp": "这是 HWP 文件，暂不支持。请另存为 .docx。",
    "zip": "这是压缩包，不是文档。请先解压，再处理其中的文件。",
    "rar": "这是 RAR 压缩包，不是文档。请先解压，再处理其中的文件。",
    "7z": "这是 7z 压缩包，不是文档。请先解压，再处理其中的文件。",
    "gz": "这是 gzip 压缩包，不是文档。请先解压，再处理其中的文件。",
    "xml": "这是 XML 文件，不是能读的文档。请找到原始的 Word、PDF 或表格文件。",
    "text": "这是纯文本，里面没有表格。请找到原始的 Word、PDF 或表格文件。",
}
_NO_RECOGNITION = "需要文字识别组件才能读取：请运行 pip install 'yusuan[scan]' 后重新运行，或取得带文字的版本。识别结果可能有误，须核对。"
_UNKNOWN = "认不出这是什么文件（能读 Word、WPS、PDF、OFD、Excel 等表格和网页）。请确认文件完整，或另存为 .docx 后再试。"


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
        raise encrypted()
    if found not in READERS:
        raise UnreadableError("unsupported", _UNREAD.get(found, _UNKNOWN))
    if found == "image" and not can_recognize():
        raise UnreadableError("missing-tool", f"这是图片，{_NO_RECOGNITION}")
    if found == "pdf":
        return _read_with_scans(data)
    module, function = READERS[found]
    reader: Reader = getattr(import_module(module), function)
    return reader(data)


def can_recognize() -> bool:
    """Whether the libraries of the extra `yusuan[scan]` are installed."""
    return all(find_spec(name) for name in ("cv2", "onnxruntime", "rapidocr"))


def pages_to_recognize(data: bytes) -> int:
    """How many pages take the seconds that recognition takes; 0 for what cannot be read."""
    if not can_recognize() or sniff(data) != "pdf":
        return 0
    try:
        return int(import_module("yusuan.extract.pdf_scanned").count_scans(data))
    except UnreadableError:
        return 0


def _read_with_scans(data: bytes) -> Document:
    """A PDF with those of its pages recognised that are pictures; as far as text goes where there is no recognition."""
    document: Document | None = None
    pictures: set[int] = set()
    try:
        document, pictures = import_module("yusuan.extract.pdf").read_pages(data)
    except UnreadableError as error:
        if error.code != "no-text":
            raise
        if not can_recognize():
            raise UnreadableError("missing-tool", f"PDF 的各页没有文字层（扫描件），{_NO_RECOGNITION}") from error
    pages = import_module("yusuan.extract.pdf_scanned").scanned_pages(data, document, pictures)
    if document is not None and not pages:
        return document
    if document is not None and not can_recognize():
        return _with_unread_pages(document, pages)
    recognized: Document = import_module("yusuan.extract.scan").read_scanned(data, pages, document)
    return recognized


def _with_unread_pages(document: Document, pages: Sequence[int]) -> Document:
    others = [note for note in document.notes if note.code != "no-text-layer"]
    message = "第 {} 页是扫描图像，这一页没有读取：" + _NO_RECOGNITION
    return replace(
        document, notes=(*others, *(Note("no-text-layer", message.format(page), page=page) for page in pages))
    )

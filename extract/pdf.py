"""PDF → grids: the reader's entry. Pages are read one at a time and closed.

A page is left early if it cannot hold a table: no rules in one direction, or rules that close no cell, make no
cell, whatever the page's text is. Its characters are then never asked for.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import pypdfium2_raw as pdfium

from yusuan.extract.grid import Document, Grid, Note, UnreadableError
from yusuan.extract.pdf_api import Box, Floats, Matrix, every, invert, multiply, some
from yusuan.extract.pdf_chars import OutlinesNeededError, read_chars
from yusuan.extract.pdf_fonts import start_pdfium
from yusuan.extract.pdf_lines import NO_MARKS
from yusuan.extract.pdf_loose import in_columns, may_hold_form, text_outside
from yusuan.extract.pdf_margin import Headers, above_footer, begins_with_table
from yusuan.extract.pdf_objects import NO_TEXT, ask_paths, ask_texts, collect, texts_and_paths
from yusuan.extract.pdf_outlines import without_outlines
from yusuan.extract.pdf_page import PageLines, PageResult, build_page, page_lattices
from yusuan.extract.pdf_struck import stray_rules

LOCK = threading.RLock()
"""pdfium is not safe for threads: one document at a time in a process."""
BATCH = 64
"""Pages after which the document is opened anew."""
MAX_ANNOTATIONS = 5000
MAX_PAGES = 20_000
SKEW = (0.0008, 0.12)
"""Angles (radians) between which a page counts as askew and is set straight."""
SAMPLE = 24
_TITLE_LINES = 8
_LOOSE = 64
"""Pages of a PDF without tables whose text is looked at."""
_LOW = 0.6
"""So many lines in the lower part of a page can be the title of a table on the next one: its number, name, year, unit, who fills it in."""
_PASSWORD, _SECURITY = 4, 5
_LETTER_BOX = (0.0, 0.0, 612.0, 792.0)


@contextmanager
def open_pdf(data: bytes) -> Iterator[Any]:
    """A pdfium document; `data` lives as long as it. Raises UnreadableError for what pdfium cannot open."""
    start = data.find(b"%PDF-", 0, 1 << 20)
    if start > 0:
        data = data[start:]
    start_pdfium()
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        error = pdfium.FPDF_GetLastError()
        if error in (_PASSWORD, _SECURITY):
            raise UnreadableError(
                "encrypted", "PDF 已加密，需要密码才能打开：请取得未加密的版本，或解除密码后重新放入。"
            )
        raise UnreadableError("corrupt", f"PDF 无法打开（pdfium 错误 {error}）：文件不完整或已损坏，请重新下载后再试。")
    try:
        tail = data[-2048:]
        if b"startxref" not in tail and b"%%EOF" not in tail:
            raise UnreadableError(
                "corrupt", "PDF 文件不完整：缺少结尾的交叉引用标记，可能只下载了一部分，请重新下载后再试。"
            )
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


@dataclass(slots=True)
class Seen:
    """What a page showed, whether or not it holds a table."""

    text: bool
    content: bool
    picture: bool = False
    tabular: bool = False
    """There is no table, but texts stand in columns."""


def read_pdf(data: bytes) -> Document:
    """All ruled tables of a PDF, one grid a table and page, never joined over pages.

    Raises UnreadableError: `encrypted`, `corrupt`, `too-large`, `no-text` (no page has characters that can be seen).
    """
    return read_pages(data)[0]


def read_pages(data: bytes) -> tuple[Document, set[int]]:
    """As `read_pdf`, and the numbers of the pages on which a picture lies: only these can be scans."""
    with LOCK:
        plain = without_outlines(data)
        if plain is not data:
            with suppress(OutlinesNeededError):
                return _read_pages(plain, data)
        return _read_pages(data, data)


def _read_pages(data: bytes, own: bytes) -> tuple[Document, set[int]]:
    """`own` is the file as it is, for pages whose fonts are needed; raises OutlinesNeededError where text beside tables needs them."""
    pictures: set[int] = set()
    tabular: list[int] = []
    beside: dict[int, str] = {}

    def noted() -> Iterator[tuple[int, PageResult | None, Seen | None]]:
        for number, result, seen in _pages(data, own):
            if seen is not None and seen.picture:
                pictures.add(number)
            if seen is not None and seen.tabular:
                tabular.append(number)
            if result is not None and may_hold_form(result):
                beside[number] = text_outside(result)
            yield number, result, seen

    document = assemble(noted())
    if not document.grids:
        tabular = list(range(1, (document.pages or 0) + 1))
    loose = beside | _loose_text(data, tabular[:_LOOSE])
    texts = tuple(loose.get(number, "") for number in range(1, max(loose, default=0) + 1))
    return replace(document, loose=texts) if texts else document, pictures


def _pages(data: bytes, own: bytes) -> Iterator[tuple[int, PageResult | None, Seen | None]]:
    """Each page's number, tables and what it showed (None: it does not load), one page open at a time.

    pdfium keeps fonts and other objects of closed pages until the document is closed, which therefore happens now and then.
    From the first page on that needs the file's own fonts the file is read as it is: the next pages mostly need them too.
    """
    count = done = 0
    bare = False
    while not done or done < count:
        with open_pdf(data) as document:
            count = pdfium.FPDF_GetPageCount(document)
            if count <= 0:
                raise UnreadableError("corrupt", "PDF 里没有页：文件已损坏，请重新下载后再试。")
            if count > MAX_PAGES:
                raise UnreadableError("too-large", f"PDF 有 {count} 页，超过上限 {MAX_PAGES} 页：请拆分后再放入。")
            for index in range(done, min(count, done + BATCH)):
                page = _load_page(document, index)
                if not page:
                    bare = False
                    done = index + 1
                    yield done, None, None
                    continue
                try:
                    result, seen = _read_page(page, index + 1)
                except OutlinesNeededError:
                    if data is own:
                        raise
                    data = own
                    break
                finally:
                    pdfium.FPDF_ClosePage(page)
                if bare and result is not None and begins_with_table(result):
                    result.before = _last_lines(document, index - 1, result.body_size)
                bare = result is None and seen.text
                done = index + 1
                yield done, result, seen


def _load_page(document: Any, index: int) -> Any:
    """A page with the text of its form fields and text boxes as part of its content; null if it does not load."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page or not _has_text_annotation(page):
        return page
    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    pdfium.FPDF_ClosePage(page)
    return pdfium.FPDF_LoadPage(document, index)


def _has_text_annotation(page: Any) -> bool:
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if annotation:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if kind in (pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT):
                return True
    return False


def assemble(pages: Iterable[tuple[int, PageResult | None, Seen | None]]) -> Document:
    """The document of its pages: their numbers, tables and what they showed (None: damaged). Raises UnreadableError as `read_pdf`."""
    grids: list[Grid] = []
    notes: list[Note] = []
    headers = Headers()
    contexts: list[list[PageLines]] = []
    after: PageLines | None = None
    count, broken, has_text = 0, 0, False
    for number, result, seen in pages:
        count += 1
        before, after = after or (None if result is None else result.before), None
        if seen is None:
            broken += 1
            notes.append(Note("damaged-page", f"第 {number} 页已损坏，无法读取：请重新下载文件。", page=number))
            continue
        has_text |= seen.text
        if not seen.text and seen.content:
            message = f"第 {number} 页没有文字层（可能是扫描图像），这一页没有读取。"
            notes.append(Note("no-text-layer", message, page=number))
        if result is None:
            continue
        notes += [note._replace(grid=None if note.grid is None else note.grid + len(grids)) for note in result.notes]
        headers.count(result)
        grids += [
            grid if grid.parent is None else replace(grid, parent=grid.parent + len(grids)) for grid in result.grids
        ]
        own = [[(lines, result.body_size, result.height)] for lines in result.contexts]
        if own and before:
            own[0].insert(0, before)
        contexts += own
        after = (above_footer(result), result.body_size, result.height)
    if broken == count:
        raise UnreadableError("corrupt", "PDF 的页都无法读取：文件已损坏，请重新下载后再试。")
    if not has_text:
        raise UnreadableError(
            "no-text", "PDF 的各页没有文字层（可能是扫描件）：请取得带文字的版本，或先做文字识别（OCR）。"
        )
    kept = [tuple(text for lines in context for text in headers.drop(*lines)) for context in contexts]
    return Document(
        "pdf",
        tuple(replace(grid, context=context) if context else grid for grid, context in zip(grids, kept, strict=True)),
        pages=count,
        headers=tuple(headers.found),
        notes=tuple(notes),
    )


def _page_base(page: Any) -> tuple[Matrix, Box]:
    """The matrix from user space to the page as shown (points, y downwards) and the shown box."""
    rect = pdfium.FS_RECTF()
    if pdfium.FPDF_GetPageBoundingBox(page, rect):
        x0, y0, x1, y1 = rect.left, rect.bottom, rect.right, rect.top
    else:
        x0, y0, x1, y1 = _LETTER_BOX
    width, height = x1 - x0, y1 - y0
    turned = pdfium.FPDFPage_GetRotation(page)
    if turned == 1:
        return (0, 1, 1, 0, -y0, -x0), (0, 0, height, width)
    if turned == 2:
        return (-1, 0, 0, 1, x1, -y0), (0, 0, width, height)
    if turned == 3:
        return (0, -1, -1, 0, y1, x1), (0, 0, height, width)
    return (1, 0, 0, -1, -x0, y1), (0, 0, width, height)


def _straighten(texts: Floats, box: Box) -> tuple[Matrix, Box] | None:
    """The matrix that turns a page on which most text runs sideways, or a little askew, so that it runs to the right.

    About `SAMPLE` text objects spread over the page tell; `texts` are their matrices.
    """
    along, across = texts[:: max(1, len(texts) // SAMPLE), :2].T
    if not some(across) and every(along > 0.0):
        return None
    angles = [math.atan2(-b, a) for a, b in zip(along.tolist(), across.tolist(), strict=True)]
    turns = [round(angle / (math.pi / 2)) for angle in angles]
    turn, votes = Counter(turn % 4 for turn in turns).most_common(1)[0]
    if votes <= 0.6 * len(turns):
        turn = 0
    skew = median(angle - turn * (math.pi / 2) for angle, turn in zip(angles, turns, strict=True))
    if not SKEW[0] < abs(skew) < SKEW[1]:
        skew = 0.0
    if not turn and not skew:
        return None
    width, height = box[2], box[3]
    quarter: Matrix = (
        (1, 0, 0, 1, 0, 0),
        (0, 1, -1, 0, height, 0),
        (-1, 0, 0, -1, width, height),
        (0, -1, 1, 0, 0, width),
    )[turn]
    reading = (0.0, 0.0, height, width) if turn % 2 else box
    cos, sin = math.cos(skew), math.sin(skew)
    x, y = reading[2] / 2, reading[3] / 2
    lean: Matrix = (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)
    return multiply(quarter, lean), reading


def _last_lines(document: Any, index: int, body_size: float) -> PageLines | None:
    """What stands at the end of a page without tables: the title of the table that begins on the next one."""
    result = _read_bare(document, index)
    if result is None:
        return None
    low = [line for line in above_footer(result) if line.top > _LOW * result.height]
    return low[-_TITLE_LINES:], body_size, result.height


def _loose_text(data: bytes, numbers: Sequence[int]) -> dict[int, str]:
    """See `Document.loose`: the text of these pages, which have no table."""
    if not numbers:
        return {}
    with open_pdf(data) as document:
        found = {number: _read_bare(document, number - 1) for number in numbers}
    return {number: text_outside(result) if result else "" for number, result in found.items()}


def _read_bare(document: Any, index: int) -> PageResult | None:
    """The lines of a page without tables."""
    page = _load_page(document, index)
    if not page:
        return None
    text_page = None
    try:
        base, box = _page_base(page)
        found = collect(page, base, box)
        text_page = pdfium.FPDFText_LoadPage(page)
        if not text_page:
            return None
        texts = ask_texts(found, texts_and_paths(found)[0])
        chars, _, _ = read_chars(text_page, texts, base, NO_MARKS)
        return build_page(chars, texts, [], index + 1, None, box[3])
    finally:
        if text_page:
            pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)


def _read_page(page: Any, number: int) -> tuple[PageResult | None, Seen]:
    base, box = _page_base(page)
    found = collect(page, base, box)
    seen = Seen(found.has_visible_text(), bool(found.seen), found.picture)
    if not seen.text:
        return None, seen
    if NO_TEXT not in found.modes:
        seen.tabular = in_columns(texts_and_paths(found)[0])
        return None, seen
    back = None
    written, drawn = texts_and_paths(found)
    straight = _straighten(written.matrix, box)
    if straight is not None:
        matrix, box = straight
        back = invert(matrix)
        base = multiply(base, matrix)
        found = collect(page, base, box)
        written, drawn = texts_and_paths(found)
    paths = ask_paths(found, drawn)
    if paths is None:
        return None, seen
    lattices, ruling = page_lattices(paths)
    if not lattices:
        seen.tabular = in_columns(written)
        return None, seen
    text_page = pdfium.FPDFText_LoadPage(page)
    if not text_page:
        return None, seen
    try:
        texts = ask_texts(found, written)
        chars, clipped, cut = read_chars(text_page, texts, base, ruling.ground)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    strays = stray_rules(ruling.horizontal, lattices)
    result = build_page(chars, texts, lattices, number, back, box[3], clipped, strays)
    if cut or found.truncated or paths.truncated:
        message = f"第 {number} 页的内容异常多，只读取了前面的部分：请对照原件检查这一页。"
        result.notes.append(Note("unread-part", message, page=number))
    return result, seen

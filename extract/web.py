"""Web pages (.html, .mht, and whatever is HTML under another name) → grids, each table one.

Text is put together as a browser shows it: white space collapses, `<br>` and blocks end lines, hidden parts are left out.
A table that only lays out the page (no row of it holds two texts of its own) is no table: its texts are lines of the page.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field, replace

from lxml import etree

from yusuan.extract.grid import Cell, Document, Grid, Note, UnreadableError
from yusuan.extract.package import Element, corrupt
from yusuan.extract.web_decode import decode
from yusuan.extract.web_struck import Strikes
from yusuan.extract.web_table import Written, is_shown, place_cells
from yusuan.extract.web_text import Lines, has_own_text

_NO_TEXT = frozenset(
    ["script", "style", "template", "head", "noscript", "object", "iframe", "svg", "math", "audio", "video"]
)
_TITLES = ("articletitle", "title")
MAX_DEPTH = 250
"""Elements inside each other; libxml2 itself stops near this."""
MAX_GARBLED_NOTES = 5


def read_html(data: bytes, declared: str | None = None) -> Document:
    """All tables of a page in document order; `declared` is the encoding that a header outside of the page names.

    Raises UnreadableError: `corrupt`, `too-large`.
    """
    text = decode(data, declared)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise corrupt(f"网页无法解析（{error}）") from error
    if root is None:
        raise corrupt("网页里没有内容")
    page = _Page(strikes=Strikes(text, root))
    page.walk(root, page.outside, 0)
    page.note_garbled()
    return Document("html", tuple(page.grids), notes=tuple(page.notes), title=_title(root))


def read_mht(data: bytes) -> Document:
    """A page saved in one file (MIME HTML): its HTML parts one after the other. Raises UnreadableError as `read_html`."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    documents = []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                documents.append(read_html(payload, part.get_content_charset()))
    if not documents:
        raise UnreadableError("corrupt", "单文件网页（.mht）里没有网页内容。请重新保存，或用浏览器打开后打印为 PDF。")
    grids: list[Grid] = []
    notes: list[Note] = []
    for document in documents:
        at = len(grids)
        grids += [grid if grid.parent is None else replace(grid, parent=grid.parent + at) for grid in document.grids]
        notes += [note if note.grid is None else note._replace(grid=note.grid + at) for note in document.notes]
    title = next((document.title for document in documents if document.title), None)
    return Document("html", tuple(grids), notes=tuple(notes), title=title)


def _title(root: Element) -> str | None:
    """The article's title: the meta data of government sites, the first heading, the title of the page."""
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == _TITLES[0] and (meta.get("content") or "").strip():
            return str(meta.get("content")).strip()
    for tag in ("h1", "title"):
        for item in root.iter(tag):
            if line := " ".join("".join(item.itertext()).split()):
                return line
    return None


@dataclass(slots=True)
class _Page:
    """The grids found so far, and the lines since the last one."""

    grids: list[Grid] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    outside: Lines = field(default_factory=Lines)
    strikes: Strikes | None = None

    def walk(self, element: Element, lines: Lines, depth: int, parent: int | None = None) -> None:
        """Adds what an element shows to the lines. Tables in it become grids, inside of a cell with the grid `parent`."""
        if depth > MAX_DEPTH:
            raise UnreadableError("too-large", f"网页里的元素嵌套超过 {MAX_DEPTH} 层，没有读取。")
        lines.add(element.text)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _NO_TEXT and is_shown(child):
                if child.tag == "table":
                    lines.end_block()
                    self.table(child, lines, depth + 1, parent)
                    lines.end_block()
                elif not lines.special(child):
                    block = lines.is_block(child)
                    if block:
                        lines.end_block()
                    self.walk(child, lines, depth + 1, parent)
                    if block:
                        lines.end_block()
            lines.add(child.tail)

    def table(self, table: Element, around: Lines, depth: int, parent: int | None) -> None:
        rows = place_cells(table)
        for caption in rows.captions:
            self.walk(caption, around, depth)
            around.end_block()
        if _is_layout(rows.cells):
            for cell in rows.cells:
                around.end_block()
                self.walk(cell.element, around, depth + 1, parent)
            around.end_block()
            return
        index = len(self.grids)
        self.grids.append(Grid((), tuple(self.outside.take() if parent is None else ()), parent=parent))
        cells = []
        for cell in rows.cells:
            before, own = len(self.grids), Lines()
            message, gone = self.strikes.take(cell.element) if self.strikes else ("", "")
            if message:
                self.notes.append(Note("struck-text", message, grid=index, row=cell.row, col=cell.col, text=gone))
            self.walk(cell.element, own, depth + 1, index)
            cells.append(Cell(cell.row, cell.col, cell.row_span, cell.col_span, own.text()))
            for number in range(before, len(self.grids)):
                if self.grids[number].parent == index:
                    message = f"单元格里嵌有表格，已作为第 {number + 1} 个表格单独读出。"
                    self.notes.append(Note("nested-table", message, grid=index, row=cell.row, col=cell.col))
        self.grids[index] = Grid(tuple(cells), self.grids[index].context, parent=parent)

    def note_garbled(self) -> None:
        garbled = [
            (number, cell) for number, grid in enumerate(self.grids) for cell in grid.cells if "\ufffd" in cell.text
        ]
        for number, cell in garbled[:MAX_GARBLED_NOTES]:
            message = f"第 {number + 1} 个表第 {cell.row + 1} 行第 {cell.col + 1} 列有无法解码的文字：请对照原网页。"
            self.notes.append(
                Note("garbled-text", message, grid=number, row=cell.row, col=cell.col, text=cell.text[:200])
            )


def _is_layout(cells: list[Written]) -> bool:
    """Whether a table with tables inside only lays them out: none of its rows has two cells with texts of their own."""
    if not any(next(cell.element.iter("table"), None) is not None for cell in cells):
        return False
    seen: set[int] = set()
    for cell in cells:
        if has_own_text(cell.element):
            if cell.row in seen:
                return False
            seen.add(cell.row)
    return True

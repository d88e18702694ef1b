"""Reads the tables of a Word document (.docx, .docm, .dotx, Strict OOXML) by walking its XML.

The XML is walked here and not through python-docx because that loses cells in content controls and tracked insertions,
misplaces rows that start late and is some thirty times slower; it serves as the second reader of `yusuan verify`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yusuan.extract.grid import MAX_POSITIONS, Cell, Document, Grid, Note, UnreadableError, make_cell
from yusuan.extract.package import Element, Package, corrupt, parse_xml
from yusuan.extract.struck import struck_message
from yusuan.extract.word_final import finalize
from yusuan.extract.word_merge import Written, merge
from yusuan.extract.word_names import (
    ALL_STRUCK,
    CELL,
    CHARACTERS,
    FLOATING,
    MATH_TEXT,
    PARAGRAPH,
    ROW,
    STRUCK,
    TABLE,
    TEXT,
    TEXTS,
    VAL,
    W,
)
from yusuan.extract.word_numbering import Numbering
from yusuan.extract.word_styles import Styles

_COLUMNS = {str(number): number for number in range(1, 513)}
"""Spans as they are written. A wider one is damage (Word itself stops at 63 columns)."""
_UNPLACED = Cell(0, 0)[5:]

_SPAN, _DOWN, _ACROSS, _BEFORE = W + "gridSpan", W + "vMerge", W + "hMerge", W + "gridBefore"
_NESTED = "nested"  # stands in the tree where a nested table was cut out
_TEXTS = (*TEXTS, *CHARACTERS)
_SHOWN = dict.fromkeys(TEXTS, "") | CHARACTERS
_ASIDE = {
    FLOATING: ("floating-text", "单元格里有浮动的文本框，其中的文字不是单元格自己的内容，没有读入，请核对原件。"),
    STRUCK: ("struck-text", struck_message(is_all=False)),
    ALL_STRUCK: ("struck-text", struck_message(is_all=True)),
}
_RARE = (_ACROSS, _BEFORE, _NESTED, *_ASIDE, MATH_TEXT, *CHARACTERS)
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_OLE_OBJECT = "{urn:schemas-microsoft-com:office:office}OLEObject"
_TABLE_PROGRAMS = ("Excel", "Word", "ET.", "WPS")
_MAIN_PART = re.compile(rb"<(?:\w+:)?Override\s[^>]*main\+xml[^>]*>")
_PART_NAME = re.compile(rb'PartName="/?([^"]+)"')
_ATTACHMENT = re.compile(r"\s*附[件表]\s*[0-9０-９一二三四五六七八九十]*\s*[：:.、]?\s*")


def read_docx(data: bytes) -> Document:
    """Raises UnreadableError with `corrupt`, `encrypted` or `too-large`.

    `title` is the first line of text before the first table that is more than an attachment number (附件1), None where
    the document begins with a table. Grids stand in document order, an outer table before those nested in it.
    """
    package = Package(data)
    main = _main_part(package)
    styles = Styles(package, main)
    numbering = Numbering(package, main, styles)
    xml = package.read_xml(main)
    root = parse_xml(xml, main)
    body = root.find(W + "body")
    if body is None:
        raise corrupt(f"{main} 里没有正文")
    finalize(root, xml, styles, numbering)

    tables = _Tables()
    behind: list[str] = []
    tables.collect(body, behind)
    before = tables.grids[0].context if tables.grids else behind
    return Document(
        format="docx",
        grids=tuple(tables.grids),
        headers=tuple(_headers(package, main, root, styles, numbering)),
        notes=(*tables.notes, *_unread_parts(root)),
        title=next((line.strip() for line in before if not _ATTACHMENT.fullmatch(line)), None),
    )


def _main_part(package: Package) -> str:
    if named := package.related("", "officeDocument"):
        return named
    if "[Content_Types].xml" in package:  # the relationships are missing or wrong: some generators write none
        for override in _MAIN_PART.findall(package.read("[Content_Types].xml")):
            name = _PART_NAME.search(override)
            if name is not None and name[1].decode("utf-8", "replace") in package:
                return name[1].decode("utf-8", "replace")
    if "word/document.xml" in package:
        return "word/document.xml"
    raise corrupt("压缩包里没有 Word 正文")


# --- from XML to cells as they are written ----------------------------------------------------------------------------


class _Tables:
    """The grids of one part in document order, and the notes about them."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.notes: list[Note] = []

    def collect(self, parent: Element, lines: list[str]) -> None:
        """Collects tables, and in `lines` the lines that show something since the last table."""
        for child in parent:
            tag = child.tag
            if tag == PARAGRAPH:
                lines += _shown_lines(_text(child))
            elif tag == TABLE:
                context = tuple(lines)
                lines.clear()
                self._add(child, context, None)
            elif len(child):
                self.collect(child, lines)

    def _add(self, table: Element, context: tuple[str, ...], parent: int | None) -> None:
        index = len(self.grids)
        nested: list[Element] = []
        written = None if next(table.iter(FLOATING, STRUCK), None) is not None else _written_rows(table)
        if written is None:
            nested = _cut_out_nested(table)
            written = _written_rows(table) or []
        cells = merge(written)
        rows, cols = cells[-1].row + 1 if cells else 0, max([cell.col + cell.span for cell in cells], default=0)
        if rows * cols > MAX_POSITIONS:
            raise UnreadableError("too-large", f"第 {index + 1} 个表格有 {rows} 行 {cols} 列，超过上限，没有读取。")
        values = [(cell.row, cell.col, cell.rows, cell.span, "\n".join(cell.lines), *_UNPLACED) for cell in cells]
        self.grids.append(Grid(tuple(map(make_cell, values)), context=context, parent=parent))
        for cell in cells:
            if cell.covered:
                message = "被合并单元格遮住的单元格里还有文字，Word 不显示，没有读取。"
                text = "\n".join(cell.covered)
                self.notes.append(Note("covered-text", message, grid=index, row=cell.row, col=cell.col, text=text))
            for tag, text in cell.aside:
                code, message = _ASIDE[tag]
                self.notes.append(Note(code, message, grid=index, row=cell.row, col=cell.col, text=text or cell.text))
        places = {position: cell for cell in cells for position in cell.nested} if nested else {}
        for position, inner in enumerate(nested):
            message = f"单元格里嵌有表格，已作为第 {len(self.grids) + 1} 个表格单独读出。"
            row, col = (places[position].row, places[position].col) if position in places else (None, None)
            self.notes.append(Note("nested-table", message, grid=index, row=row, col=col))
            self._add(inner, (), index)


def _cut_out_nested(table: Element) -> list[Element]:
    """Takes the tables inside a table out of the tree, marks where they stood, and gives them back in order.

    Of what is set aside in its cells the text alone is left, for the walk over the cells sees no nesting.
    """
    inside = list(table.iter(TABLE, FLOATING, STRUCK))[1:]
    for item in inside:
        if item.tag != TABLE and item.getparent() is not None:
            mark = item.makeelement(item.tag)
            lines = map(_text, item.iter(PARAGRAPH)) if item.tag == FLOATING else (_text(item),)
            mark.text = "\n".join(lines)
            item.getparent().replace(item, mark)
    direct = [inner for inner in inside if inner.tag == TABLE and next(inner.iterancestors(TABLE), None) is table]
    for inner in direct:
        mark = inner.makeelement(_NESTED)
        inner.getparent().replace(inner, mark)
    return direct


def _written_rows(table: Element) -> list[list[Written]] | None:
    """One pass over a table, None if one is nested in it. Wrappers (content controls, insertions) are passed through unseen."""
    rows: list[list[Written]] = []
    row: list[Written] = []
    lines: list[str] = []
    cell = Written(0, 0, lines)  # takes what stands outside of all cells, and is in no row
    col = nested = 0
    for item in table.iterdescendants(CELL, PARAGRAPH, TEXT, _SPAN, _DOWN, ROW, TABLE, *_RARE):
        tag = item.tag
        if tag == CELL:
            if row:
                col = cell.col + cell.span
            lines = []
            cell = Written(len(rows) - 1, col, lines)
            row.append(cell)
        elif tag == PARAGRAPH:
            lines.append("")
        elif tag == TEXT:
            if lines:
                lines[-1] += item.text or ""
        elif tag == _SPAN:
            cell.span = _COLUMNS.get(item.get(VAL), 1)
        elif tag == _DOWN:
            cell.down = item.get(VAL, "continue")
        elif tag == ROW:
            row, col = [], 0
            rows.append(row)
        elif tag == TABLE:
            return None
        elif tag in _SHOWN:
            if lines:
                lines[-1] += _SHOWN[tag] or item.text or ""
        elif tag == _ACROSS:
            cell.across = item.get(VAL, "continue") == "continue"
        elif tag == _BEFORE:
            col = _COLUMNS.get(item.get(VAL), 0)
        elif tag in _ASIDE:
            _set_aside(cell, tag, item.text or "")
        else:
            cell.nested += (nested,)
            nested += 1
    return rows


def _set_aside(cell: Written, tag: str, text: str) -> None:
    """Runs that are crossed out one behind the other are one text."""
    if tag == STRUCK and cell.aside and cell.aside[-1][0] == STRUCK:
        text = cell.aside[-1][1] + text
        cell.aside = cell.aside[:-1]
    cell.aside += ((tag, text),)


# --- beside the tables ------------------------------------------------------------------------------------------------


def _text(paragraph: Element) -> str:
    return "".join([CHARACTERS.get(item.tag) or item.text or "" for item in paragraph.iter(*_TEXTS)])


def _shown_lines(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if line.strip())


def _headers(package: Package, main: str, root: Element, styles: Styles, numbering: Numbering) -> list[str]:
    """Lines of the page headers, each once; the cells of tables in them give lines too."""
    lines: dict[str, None] = {}
    references = list(root.iter(W + "headerReference"))
    relations = package.relationships(main) if references else {}
    for reference in references:
        _, target = relations.get(reference.get(_RELATION_ID, ""), ("", ""))
        if target in package:
            xml = package.read_xml(target)
            header = parse_xml(xml, target)
            finalize(header, xml, styles, numbering)
            lines |= dict.fromkeys(line for item in header.iter(PARAGRAPH) for line in _shown_lines(_text(item)))
    return list(lines)


def _unread_parts(root: Element) -> Iterator[Note]:
    """Content that stands in a file inside the document: it is not read, so it is reported."""
    for _ in root.iter(W + "altChunk"):
        yield Note("unread-part", "文档里嵌入了另一个文件（altChunk），其中的内容没有读取；请用 Word 打开后另存一份。")
    for item in root.iter(_OLE_OBJECT):
        program = item.get("ProgID", "")
        if program.startswith(_TABLE_PROGRAMS):
            yield Note("unread-part", f"文档里嵌入了 {program} 对象，其中的表格没有读取；请把它另存为单独的文件。")

"""Excel workbooks (.xlsx, .xlsm, .et with zip content, Strict OOXML) → grids, with numbers as shown.

A sheet of texts and numbers is parsed for all its cells at once (`sheet_scan`), one with formulas by a regular expression,
as long as the XML is written as all usual programs write it; whatever is written otherwise goes through lxml. The tests give
the same cells to all three.
python-calamine is the second reader in the tests: it knows no number formats and takes memory for the whole used rectangle,
so one text in the last cell of a sheet would end the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, count
from typing import NamedTuple
from xml.sax.saxutils import unescape

import numpy as np

from yusuan.extract.grid import Document, Note
from yusuan.extract.package import Element, Package, corrupt, parse_xml
from yusuan.extract.sheet_flat import LAST_COLUMN, LAST_ROW, Merge, Sheet
from yusuan.extract.sheet_format import Formatter, general
from yusuan.extract.sheet_grid import document_of
from yusuan.extract.sheet_hidden import column_letters
from yusuan.extract.sheet_scan import Scan, lines_of, scan
from yusuan.extract.sheet_struck import strike
from yusuan.extract.sheet_xlsx_book import XlsxBook, rich_text, unescaped, xlsx_book

_RELATION_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_HEAD = rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
_CELL = re.compile(_HEAD + rb"(?:/>|>(<f(?:/>|[^>]*/>|[^>]*>[^<]*</f>))?(?:<v(?: [^>]*)?>([^<]*)</v>|<v/>)?</c>)")
_ODD_CELL = re.compile(rb"<(?:\w+:c[\s/>]|c[\t\r\n/>])")
_USUAL_ROOT = re.compile(
    rb'\s*(?:\xef\xbb\xbf)?(?:<\?xml[^>]*encoding=["\']utf-8["\'][^>]*\?>|<\?xml[^>e]*\?>)?\s*<worksheet[\s>]',
    re.IGNORECASE,
)
_MERGE = re.compile(rb'<mergeCell [^>]*?ref="([^"]*)"')
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?$")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})$")
_HIDDEN = re.compile(rb"""hidden=["'](?:1|true)["']""")
"""LibreOffice writes hidden="false" at every row."""
_CHARACTER = re.compile(r"&#(x[0-9A-Fa-f]+|[0-9]+);")
_BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}


class _Found(NamedTuple):
    """A `c` element: column letters, row number, style index, type, its formula (if any) and its value, as written."""

    letters: bytes
    row: bytes
    style: bytes
    kind: bytes
    formula: bytes
    value: bytes


def read_xlsx(data: bytes) -> Document:
    """All sheets with cells, hidden ones marked. Raises UnreadableError: `corrupt`, `too-large`, `encrypted`."""
    package = Package(data)
    main = _main_part(package)
    workbook = package.parse(main)
    book = xlsx_book(package, main, _is_1904(workbook))
    relations = package.relationships(main)
    sheets: list[Sheet] = []
    notes: list[Note] = []
    for item in workbook.iter("{*}sheet"):
        kind, target = relations.get(next((item.get(name) for name in _RELATION_IDS if item.get(name)), ""), ("", ""))
        if kind and kind != "worksheet":
            continue  # charts, macros and dialogs hold no cells
        sheet = Sheet(item.get("name", ""), item.get("state", "visible") != "visible")
        sheets.append(sheet)
        if target not in package:
            message = f"工作表“{sheet.name}”的内容在文件里缺失，没有读取：请用 Excel 或 WPS 打开后另存一份。"
            notes.append(Note("unread-part", message, page=len(sheets)))
            continue
        if missing := _fill(sheet, package.read_xml(target), target, book):
            message = (
                f"工作表“{sheet.name}”有 {missing} 个公式没有保存计算结果，读作空白：请用 Excel 或 WPS 打开后保存一次。"
            )
            notes.append(Note("unread-part", message, page=len(sheets)))
    return document_of("xlsx", sheets, notes)


def _main_part(package: Package) -> str:
    if named := package.related("", "officeDocument"):
        return named
    if "xl/workbook.xml" in package:
        return "xl/workbook.xml"
    raise corrupt("压缩包里没有工作簿")


def _is_1904(workbook: Element) -> bool:
    return any(item.get("date1904") in ("1", "true") for item in workbook.iter("{*}workbookPr"))


# --- cells --------------------------------------------------------------------------------------------------------------


def _fill(sheet: Sheet, xml: bytes, part: str, book: XlsxBook) -> int:
    """Reads cells and merged ranges into the sheet; gives the number of formulas without a stored value."""
    usual = bool(_USUAL_ROOT.match(xml)) and b"</worksheet>" in xml[-64:]
    scanned = scan(xml) if usual and not book.struck_styles else None
    sheet.struck = book.struck
    found = _scan(xml) if usual and scanned is None else None
    lines: Iterable[tuple[str, Mapping[str, str]]]
    if scanned is None and found is None:
        root = parse_xml(xml, part)
        sheet.struck |= b"strike" in xml
        ranges = [item.get("ref", "") for item in root.iter("{*}mergeCell")]
        found = list(_walk(root))
        lines = ((item.tag.rpartition("}")[2], item.attrib) for item in root.iter("{*}row", "{*}col"))
    else:
        ranges = [ref.decode("ascii", "replace") for ref in _MERGE.findall(xml, xml.rfind(b"</sheetData>"))]
        lines = lines_of(xml)
    if _HIDDEN.search(xml):
        _find_hidden(sheet, lines)
    sheet.merges = [merge for text in ranges if (merge := _parse_range(text)) is not None]
    if scanned is not None:
        _take(sheet, xml, scanned, book.strings, book.show)
        return 0
    return _collect(sheet, found or [], book)


def _find_hidden(sheet: Sheet, lines: Iterable[tuple[str, Mapping[str, str]]]) -> None:
    row = 0
    for kind, said in lines:
        hidden = said.get("hidden") in ("1", "true")
        if kind == "row":
            row = _whole(said.get("r")) or row + 1
            if hidden:
                sheet.hidden_rows.append((row - 1, row - 1))
        elif hidden:
            sheet.hidden_cols.append((_whole(said.get("min")) - 1, _whole(said.get("max")) - 1))


def _whole(written: str | None) -> int:
    return int(written) if written and written.isdigit() and len(written) < 9 else 0


def _take(sheet: Sheet, xml: bytes, scanned: Scan, strings: list[str], show: list[Formatter]) -> None:
    known = [*strings, ""]
    index = np.where(scanned.shared, np.minimum(scanned.index, len(strings)), len(strings))
    numbers = np.flatnonzero(~scanned.shared & (scanned.stop > scanned.start))
    styles = scanned.style[numbers]
    for style in np.unique(styles).tolist():
        own = numbers[styles == style]
        shown = show[style] if 0 <= style < len(show) else general
        places = zip(scanned.start[own].tolist(), scanned.stop[own].tolist(), strict=True)
        written = [xml[start:stop] for start, stop in places]
        distinct = dict.fromkeys(written)  # weights and rates repeat
        places_of = dict(zip(distinct, count(len(known)), strict=False))
        known += [shown(value.decode("ascii", "replace")) for value in distinct]
        index[own] = list(map(places_of.__getitem__, written))
    texts = np.array(known, dtype=object)
    filled = (texts != "")[index] & (scanned.row < LAST_ROW) & (scanned.col < LAST_COLUMN)
    if not filled.all():
        index, rows, cols = index[filled], scanned.row[filled], scanned.col[filled]
    else:
        rows, cols = scanned.row, scanned.col
    sheet.add(rows, cols, texts[index].tolist())


def _scan(xml: bytes) -> list[tuple[bytes, ...]] | None:
    """The cells by regular expression; None if any cell is written in a way that it does not know, or might be none."""
    if b"<!" in xml:
        return None
    found = _CELL.findall(xml)
    return found if len(found) == xml.count(b"<c ") and not _ODD_CELL.search(xml) else None


def _walk(root: Element) -> Iterator[_Found]:
    """The cells by tree. A row or cell without a position follows the one before it."""
    row = 0
    for line in root.iter("{*}row"):
        row = int(line.get("r")) if (line.get("r") or "").isdigit() else row + 1
        col = 0
        for item in line.iter("{*}c"):
            match = _REFERENCE.match(item.get("r") or "")
            col = column_index(match[1].upper()) if match else col
            here = match[2] if match else str(row)
            if col >= LAST_COLUMN or not 0 < int(here) <= LAST_ROW:
                continue
            kind, value, formula = item.get("t") or "", "", b""
            for part in item:
                if part.tag.endswith("}v"):
                    value = part.text or ""
                elif part.tag.endswith("}is"):
                    kind, value = "plain", rich_text(part)
                elif part.tag.endswith("}f"):
                    formula = b"f"
            if kind != "plain":
                value = value.replace("&", "&amp;").replace("<", "&lt;")
            style = (item.get("s") or "").encode()
            yield _Found(column_letters(col).encode(), here.encode(), style, kind.encode(), formula, value.encode())
            col += 1


def _collect(sheet: Sheet, found: Sequence[tuple[bytes, ...]], book: XlsxBook) -> int:
    if not found:
        return 0
    letters, rows, styles, kinds, formulas, values = zip(*found, strict=True)
    known = {str(index).encode(): text for index, text in enumerate(book.strings)}
    other = _Others(book.show).text
    texts = [
        known.get(value, "") if kind == b"s" else other(style, kind, value) if value else ""
        for style, kind, value in zip(styles, kinds, values, strict=True)
    ]
    if book.struck_styles:
        known = {str(index).encode(): text for index, text in enumerate(book.struck_strings)}
        struck = {str(style).encode() for style in book.struck_styles}
        for index, style in enumerate(styles):
            if style in struck:
                texts[index] = known.get(values[index], "") if kinds[index] == b"s" else strike(texts[index])
    columns = {each: column_index(each.decode()) for each in set(letters)}
    numbers = {each: int(each) - 1 for each in set(rows)}
    sheet.cols.extend(columns[each] for each in compress(letters, texts))
    sheet.rows.extend(numbers[each] for each in compress(rows, texts))
    sheet.texts = list(filter(None, texts))
    if not any(formulas):
        return 0
    computed = zip(formulas, kinds, values, strict=True)
    return sum(bool(formula and not value and kind != b"str") for formula, kind, value in computed)


class _Others:
    """Texts of what is no shared string; the functions of number formats by style as it is written."""

    def __init__(self, show: list[Formatter]) -> None:
        self.by_style: dict[bytes, Formatter] = {str(index).encode(): each for index, each in enumerate(show)}

    def text(self, style: bytes, kind: bytes, value: bytes) -> str:
        if not kind or kind == b"n":
            return self.by_style.get(style, general)(value.decode("ascii", "replace"))
        written = value.decode("utf-8", "replace")
        if kind == b"plain":
            return written
        if kind == b"b":
            return _BOOLEANS.get(written, written)
        return unescaped(_unescape(written))


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    text = _CHARACTER.sub(lambda match: _character(match[1]), text)
    return unescape(text, {"&quot;": '"', "&apos;": "'"})


def _character(number: str) -> str:
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    return chr(code) if code < 0x110000 and code != 0x26 else "&amp;" if code == 0x26 else ""


# --- positions ----------------------------------------------------------------------------------------------------------


def column_index(letters: str) -> int:
    """0-based: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parse_range(text: str) -> Merge | None:
    match = _RANGE.match(text)
    if match is None:
        return None
    first, last = (match[1], match[2]), (match[3] or match[1], match[4] or match[2])
    rows = sorted((int(first[1]) - 1, int(last[1]) - 1))
    cols = sorted((column_index(first[0]), column_index(last[0])))
    return rows[0], cols[0], rows[1], cols[1]

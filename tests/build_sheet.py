"""Grid notation → spreadsheets (.xlsx, .ods, .xls), the same bytes each time. Context lines become rows above the table."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from tests.build import build_zip
from yusuan.extract.grid import Cell, Grid, parse_grids

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Number:
    """A number in a cell: the value as written and its format code; `formula` makes it the stored result of one."""

    value: float
    code: str = "General"
    formula: str = ""


Value = str | Number | bool


@dataclass
class Tab:
    """One sheet: values by (row, column) and merged ranges (first row, first column, last row, last column)."""

    name: str = "Sheet1"
    values: dict[tuple[int, int], Value] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_cols: tuple[int, ...] = ()


def tabs_of(grids: str | Iterable[Grid]) -> list[Tab]:
    """One sheet for each grid; a grid without a name of its own sheet gets the name that Excel gives."""
    if isinstance(grids, str):
        grids = parse_grids(grids)
    return [tab_of([grid], f"Sheet{number}") for number, grid in enumerate(grids, 1)]


def tab_of(grids: Iterable[Grid], name: str = "Sheet1") -> Tab:
    """One sheet with these grids, each behind its context lines (merged over its width), a blank row between them."""
    tab = Tab(name)
    at = 0
    for grid in grids:
        lines = [Cell(row, 0, 1, max(grid.n_cols, 1), line) for row, line in enumerate(grid.context)]
        for cell in [*lines, *(cell._replace(row=cell.row + len(lines)) for cell in grid.cells)]:
            row = cell.row + at
            if cell.text:
                tab.values[row, cell.col] = cell.text
            if cell.row_span > 1 or cell.col_span > 1:
                tab.merges.append((row, cell.col, row + cell.row_span - 1, cell.col + cell.col_span - 1))
        at += len(lines) + grid.n_rows + 1
    return tab


def _rows(tab: Tab) -> list[tuple[int, list[tuple[int, Value]]]]:
    rows: dict[int, list[tuple[int, Value]]] = {}
    for (row, col), value in sorted(tab.values.items(), key=lambda item: item[0]):
        rows.setdefault(row, []).append((col, value))
    return list(rows.items())


def letters(col: int) -> str:
    text = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        text = chr(65 + rest) + text
    return text


# --- xlsx ---------------------------------------------------------------------------------------------------------------


def build_xlsx(tabs: str | Iterable[Tab], *, parts: Mapping[str, str] | None = None) -> bytes:
    """`parts` replaces parts of the package (traps)."""
    tabs = tabs_of(tabs) if isinstance(tabs, str) else list(tabs)
    strings: dict[str, int] = {}
    styles: dict[str, int] = {"General": 0}
    sheets = {f"xl/worksheets/sheet{n}.xml": _worksheet(tab, strings, styles) for n, tab in enumerate(tabs, 1)}
    listed = "".join(
        f'<sheet name={quoteattr(tab.name)} sheetId="{n}"{" state=" + chr(34) + "hidden" + chr(34) if tab.hidden else ""} r:id="rId{n}"/>'
        for n, tab in enumerate(tabs, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(tabs) + 1)
    )
    for name in ("sharedStrings", "styles"):
        relations += f'<Relationship Id="r{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
    contents = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        + "".join(f'<Override PartName="/{name}" ContentType="{_TYPE}.worksheet+xml"/>' for name in sheets)
        + f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        **sheets,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
        + "</sst>",
        "xl/styles.xml": _style_sheet(styles),
    }
    return build_zip({**contents, **(parts or {})})


def _style_sheet(styles: Mapping[str, int]) -> str:
    formats = "".join(
        f'<numFmt numFmtId="{164 + index}" formatCode={quoteattr(code)}/>' for code, index in styles.items() if index
    )
    uses = "".join(
        f'<xf numFmtId="{164 + index if index else 0}" fontId="0" fillId="0" borderId="0"/>'
        for index in styles.values()
    )
    return (
        f'<styleSheet xmlns="{_MAIN}">'
        + (f"<numFmts>{formats}</numFmts>" if formats else "")
        + "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"
        f'<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs>{uses}</cellXfs></styleSheet>'
    )


def _worksheet(tab: Tab, strings: dict[str, int], styles: dict[str, int]) -> str:
    rows: list[str] = []
    for row, values in _rows(tab):
        cells = ""
        for col, value in values:
            place = f'r="{letters(col)}{row + 1}"'
            if isinstance(value, str):
                cells += f'<c {place} t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'
            elif isinstance(value, bool):
                cells += f'<c {place} t="b"><v>{int(value)}</v></c>'
            else:
                style = styles.setdefault(value.code, len(styles))
                formula = f"<f>{escape(value.formula)}</f>" if value.formula else ""
                cells += f'<c {place} s="{style}">{formula}<v>{value.value!r}</v></c>'
        hidden = ' hidden="1"' if row in tab.hidden_rows else ""
        rows.append(f'<row r="{row + 1}"{hidden}>{cells}</row>')
    columns = "".join(f'<col min="{col + 1}" max="{col + 1}" width="9" hidden="1"/>' for col in tab.hidden_cols)
    columns = f"<cols>{columns}</cols>" if columns else ""
    merges = "".join(f'<mergeCell ref="{letters(c0)}{r0 + 1}:{letters(c1)}{r1 + 1}"/>' for r0, c0, r1, c1 in tab.merges)
    merged = f"<mergeCells>{merges}</mergeCells>" if merges else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}">{columns}<sheetData>{"".join(rows)}</sheetData>{merged}</worksheet>'
    )


# --- ods ----------------------------------------------------------------------------------------------------------------

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_ROOT = " ".join(f'xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "table", "text", "style"))


def build_ods(tabs: str | Iterable[Tab]) -> bytes:
    """Texts only: OpenDocument writes what is shown beside each value, and that is what is read."""
    tabs = tabs_of(tabs) if isinstance(tabs, str) else list(tabs)
    return build_ods_from_xml("".join(map(_ods_table, tabs)))


def build_ods_from_xml(tables: str) -> bytes:
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("shown", "true"), ("hidden", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {_ODF_ROOT} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0" manifest:version="1.2"><manifest:file-entry '
        'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry '
        'manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return build_zip(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _ods_table(tab: Tab) -> str:
    spans = {(r0, c0): (r1 - r0 + 1, c1 - c0 + 1) for r0, c0, r1, c1 in tab.merges}
    covered = {
        (row, col) for r0, c0, r1, c1 in tab.merges for row in range(r0, r1 + 1) for col in range(c0, c1 + 1)
    } - spans.keys()
    n_rows = 1 + max([row for row, _ in [*tab.values, *covered]], default=0)
    n_cols = 1 + max([col for _, col in [*tab.values, *covered]], default=0)
    rows = ""
    for row in range(n_rows):
        cells = ""
        for col in range(n_cols):
            if (row, col) in covered:
                cells += "<table:covered-table-cell/>"
                continue
            down, across = spans.get((row, col), (1, 1))
            span = (
                f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"'
                if (down, across) != (1, 1)
                else ""
            )
            value = tab.values.get((row, col), "")
            text = value if isinstance(value, str) else str(value)
            paragraphs = "".join(f"<text:p>{_ods_text(line)}</text:p>" for line in text.split("\n")) if text else ""
            kind = ' office:value-type="string"' if text else ""
            cells += f"<table:table-cell{span}{kind}>{paragraphs}</table:table-cell>"
        hidden = ' table:visibility="filter"' if row in tab.hidden_rows else ""
        rows += f"<table:table-row{hidden}>{cells}</table:table-row>"
    columns = "".join(
        f"<table:table-column{' table:visibility=' + chr(34) + 'collapse' + chr(34) if col in tab.hidden_cols else ''}/>"
        for col in range(n_cols)
    )
    rows += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    style = "hidden" if tab.hidden else "shown"
    return f'<table:table table:name={quoteattr(tab.name)} table:style-name="{style}">{columns}{rows}</table:table>'


def _ods_text(line: str) -> str:
    out = ""
    blanks = 0
    for char in line + "\0":
        if char == " ":
            blanks += 1
            continue
        out += f'<text:s text:c="{blanks}"/>' if blanks else ""
        blanks = 0
        out += "" if char == "\0" else "<text:tab/>" if char == "\t" else escape(char)
    return out


# --- xls ----------------------------------------------------------------------------------------------------------------


def build_xls(tabs: str | Iterable[Tab], *, filepass: bool = False) -> bytes:
    """BIFF8 in a compound file."""
    tabs = tabs_of(tabs) if isinstance(tabs, str) else list(tabs)
    codes: dict[str, int] = {"General": 0}
    for tab in tabs:
        for value in tab.values.values():
            if isinstance(value, Number):
                codes.setdefault(value.code, len(codes))
    head = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0x0DBB, 0x07CC, 0x41, 0x06))
    if filepass:
        head += _record(0x2F, struct.pack("<HHH", 0, 1, 1))
    head += _record(0x42, struct.pack("<H", 1200))
    head += _record(0x31, struct.pack("<HHHHHBBBB", 220, 0, 0x7FFF, 400, 0, 0, 2, 134, 0) + _unicode("宋体", "<B")) * 5
    for code, index in codes.items():
        if index:
            head += _record(0x41E, struct.pack("<H", 163 + index) + _unicode(code))
    for index in codes.values():
        head += _record(
            0xE0, struct.pack("<HHHBBBBIIH", 0, 163 + index if index else 0, 1, 0x20, 0, 0, 0, 0, 0, 0x20C0)
        )
    sheets = [_biff_sheet(tab, codes) for tab in tabs]
    bounds = [_unicode(tab.name, "<B") for tab in tabs]
    end = _record(0x0A, b"")
    at = len(head) + sum(10 + len(name) for name in bounds) + len(end)
    for tab, sheet, name in zip(tabs, sheets, bounds, strict=True):
        head += _record(0x85, struct.pack("<IBB", at, int(tab.hidden), 0) + name)
        at += len(sheet)
    return compound_file("Workbook", head + end + b"".join(sheets))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _unicode(text: str, count: str = "<H") -> bytes:
    raw = text.encode("utf-16-le")
    return struct.pack(count, len(raw) // 2) + b"\1" + raw


def _biff_sheet(tab: Tab, codes: Mapping[str, int]) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0x41, 0x06))
    last_row, last_col = (max([place[axis] for place in tab.values], default=0) + 1 for axis in (0, 1))
    out += _record(0x200, struct.pack("<IIHHH", 0, last_row, 0, last_col, 0))
    for col in tab.hidden_cols:
        out += _record(0x7D, struct.pack("<HHHHHH", col, col, 2304, 15, 1, 0))
    for row in tab.hidden_rows:
        out += _record(0x208, struct.pack("<HHHHHHI", row, 0, last_col, 255, 0, 0, 0x100 | 0x20))
    for row, values in _rows(tab):
        for col, value in values:
            if isinstance(value, str):
                out += _record(0x204, struct.pack("<HHH", row, col, 0) + _unicode(value))
            elif isinstance(value, bool):
                out += _record(0x205, struct.pack("<HHHBB", row, col, 0, int(value), 0))
            elif value.formula:
                token = b"\x1e\x01\x00"  # the formula 1; what counts is the stored result
                body = struct.pack("<HHHdHIH", row, col, codes[value.code], value.value, 0, 0, len(token)) + token
                out += _record(0x06, body)
            else:
                out += _number_record(row, col, codes[value.code], value.value)
    for start in range(0, len(tab.merges), 1000):
        part = tab.merges[start : start + 1000]
        ranges = b"".join(struct.pack("<HHHH", r0, r1, c0, c1) for r0, c0, r1, c1 in part)
        out += _record(0xE5, struct.pack("<H", len(part)) + ranges)
    return out + _record(0x0A, b"")


def _number_record(row: int, col: int, style: int, value: float) -> bytes:
    """As Excel does: whole numbers and hundredths as RK, other numbers as doubles."""
    for scale, flag in ((1, 0), (100, 1)):
        scaled = value * scale
        if scaled == int(scaled) and abs(scaled) < 1 << 29 and int(scaled) / scale == value:
            return _record(0x27E, struct.pack("<HHHI", row, col, style, (int(scaled) << 2 & 0xFFFFFFFC) | 2 | flag))
    return _record(0x203, struct.pack("<HHHd", row, col, style, value))


def compound_file(name: str, stream: bytes) -> bytes:
    """A compound file (MS-CFB) with one stream of at least 4,096 bytes."""
    size, free, end, fat_mark = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // size)
    fat_count = 1
    while fat_count * 128 < fat_count + 1 + count:
        fat_count += 1
    if fat_count > 109:
        raise ValueError("a test file of more than 6 MB")
    first = fat_count + 1
    fat = [fat_mark] * fat_count + [end] + [*range(first + 1, first + count), end]
    fat += [free] * (fat_count * 128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_count, fat_count, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *(list(range(fat_count)) + [free] * (109 - fat_count)))
    entries = _entry("Root Entry", 5, end, 0, child=1) + _entry(name, 2, first, len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(fat)}I", *fat) + entries + stream.ljust(count * size, b"\0")


def _entry(name: str, kind: int, first: int, length: int, child: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1)
    return head + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", first, length)

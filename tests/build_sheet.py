"""Grid notation → spreadsheets (.xlsx, .ods; .xls in build_xls), the same bytes each time. Context lines become rows above the
table.
"""

from __future__ import annotations

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


def rows_of(tab: Tab) -> list[tuple[int, list[tuple[int, Value]]]]:
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
    for row, values in rows_of(tab):
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

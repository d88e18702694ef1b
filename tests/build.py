"""The recipe of every Word document that the tests read: grid notation → DOCX, the same bytes each time.

The XML is written here by hand and not by python-docx: python-docx is the second reader of `yusuan verify`, and traps
(orphan merges, content controls, tracked changes) are things that it cannot write.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from yusuan.extract.grid import Cell, Grid, parse_grids

W_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_DATE = (1980, 1, 1, 0, 0, 0)
_PAGE_WIDTH = 9000  # of the text, in twentieths of a point

NAMESPACES = {
    "w": W_NAMESPACE,
    "r": _RELATIONSHIPS,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}


def build_docx(
    grids: str | Iterable[Grid],
    *,
    breaks: bool = False,
    headers: Iterable[str] = (),
    after: Iterable[str] = (),
    parts: Mapping[str, str] | None = None,
) -> bytes:
    """A Word document with these grids, each behind its context lines.

    Line ends in cells become paragraphs, with `breaks` line breaks inside of one. A grid with a `parent` is not nested:
    use `build_from_xml` for that. `parts` as there.
    """
    if isinstance(grids, str):
        grids = parse_grids(grids)
    # An empty paragraph between tables: Word and LibreOffice show neighbours as one table.
    body = "<w:p/>".join("".join(map(paragraph, grid.context)) + table(grid, breaks=breaks) for grid in grids)
    return build_from_xml(body + "".join(map(paragraph, after)), headers=headers, parts=parts)


def build_from_xml(body: str, *, headers: Iterable[str] = (), parts: Mapping[str, str] | None = None) -> bytes:
    """A Word document with this XML as its body (prefixes as in NAMESPACES).

    `parts` are `styles` and `numbering`: the XML inside of their root elements.
    """
    roots = {"styles": "styles", "numbering": "numbering", "header1": "hdr"}
    contents = dict(parts or {})
    section = ""
    if lines := list(headers):
        contents["header1"] = "".join(map(paragraph, lines))
        section = '<w:headerReference w:type="default" r:id="rIdheader1"/>'
    document = root("document", f"<w:body>{body}<w:p/><w:sectPr>{section}</w:sectPr></w:body>")
    relations = "".join(
        f'<Relationship Id="rId{name}" Type="{_RELATIONSHIPS}/{name.rstrip("1")}" Target="{name}.xml"/>'
        for name in contents
    )
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}.{name.rstrip("1")}+xml"/>' for name in contents
    )
    return build_zip(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>{overrides}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONSHIPS}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/document.xml": document,
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
            "</Relationships>",
            **{f"word/{name}.xml": root(roots[name], xml) for name, xml in contents.items()},
        }
    )


def build_zip(parts: Mapping[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def root(name: str, inside: str) -> str:
    declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NAMESPACES.items())
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:{name} {declared}>{inside}</w:{name}>'


def table(grid: Grid, *, breaks: bool = False) -> str:
    """The XML of one table: spans as `gridSpan` and `vMerge`, positions without a cell as `gridBefore`.

    Only at the beginning and the end of a row can there be no cell: that is all that Word can write.
    """
    width = _PAGE_WIDTH // max(grid.n_cols, 1)
    columns = f'<w:gridCol w:w="{width}"/>' * grid.n_cols
    rows = "".join(_row(grid, row, width, breaks) for row in range(grid.n_rows))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{width * grid.n_cols}" w:type="dxa"/>{_BORDERS}<w:tblLayout w:type="fixed"/>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


_BORDERS = (
    "<w:tblBorders>"
    + "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    + "</w:tblBorders>"
)


def _row(grid: Grid, row: int, width: int, breaks: bool) -> str:
    cells = list(grid.row(row))
    before = cells[0].col if cells else 0
    after = grid.n_cols - (cells[-1].col + cells[-1].col_span if cells else 0)
    properties = f'<w:gridBefore w:val="{before}"/>' if before else ""
    properties += f'<w:gridAfter w:val="{after}"/>' if after else ""
    if any(left.col + left.col_span != right.col for left, right in pairwise(cells)):
        raise ValueError(f"row {row}: Word has no way to leave a position inside of a row without a cell")
    if properties:
        properties = f"<w:trPr>{properties}</w:trPr>"
    return f"<w:tr>{properties}{''.join(_cell(cell, row, width, breaks) for cell in cells)}</w:tr>"


def _cell(cell: Cell, row: int, width: int, breaks: bool) -> str:
    properties = f'<w:tcW w:w="{width * cell.col_span}" w:type="dxa"/>'
    if cell.col_span > 1:
        properties += f'<w:gridSpan w:val="{cell.col_span}"/>'
    if cell.row_span > 1:
        properties += '<w:vMerge w:val="restart"/>' if row == cell.row else "<w:vMerge/>"
    text = cell.text if row == cell.row else ""
    lines = [text] if breaks else text.split("\n")
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(map(paragraph, lines))}</w:tc>"


def paragraph(text: str) -> str:
    return f"<w:p>{run(text)}</w:p>" if text else "<w:p/>"


def run(text: str) -> str:
    """Line ends become line breaks, tabs become tabs."""
    marks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    inside, plain = "", ""
    for char in [*text, ""]:
        if char and char not in marks:
            plain += char
            continue
        if plain:
            inside += f'<w:t xml:space="preserve">{escape(plain, {chr(13): "&#13;"})}</w:t>'
            plain = ""
        inside += marks.get(char, "")
    return f"<w:r>{inside}</w:r>"


def cell(inside: str, properties: str = "") -> str:
    """A `w:tc` for trap tests; text that is no XML becomes a paragraph."""
    content = inside if inside.startswith("<") else paragraph(inside)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A `w:tr` for trap tests; what is no XML becomes a cell."""
    inside = "".join(item if item.startswith("<") else cell(item) for item in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inside}</w:tr>"


def rows(*inside: str) -> str:
    """A `w:tbl` for trap tests."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(inside)}</w:tbl>"

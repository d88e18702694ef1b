"""Excel 2003 XML (SpreadsheetML; office systems export it under the name .xls) → grids."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import chain

from yusuan.extract.grid import MAX_POSITIONS, Document
from yusuan.extract.package import Element, parse_xml
from yusuan.extract.sheet_flat import LAST_COLUMN, LAST_ROW, Sheet
from yusuan.extract.sheet_format import Formatter, formatter, general
from yusuan.extract.sheet_grid import document_of

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_NAMED = {
    **{
        "General": "General",
        "General Number": "General",
        "General Date": "yyyy/m/d h:mm",
        "Long Date": 'yyyy"年"m"月"d"日"',
    },
    **{"Medium Date": "d-mmm-yy", "Short Date": "yyyy/m/d", "Long Time": "h:mm:ss", "Medium Time": "h:mm AM/PM"},
    **{"Short Time": "h:mm", "Currency": '"¥"#,##0.00', "Euro Currency": '"€"#,##0.00', "Fixed": "0.00"},
    **{"Standard": "#,##0.00", "Percent": "0.00%", "Scientific": "0.00E+00", "Yes/No": '"Yes";"Yes";"No"'},
}
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a date on paper has no zone


def read_excel_xml(data: bytes) -> Document:
    """All sheets, hidden ones marked; the format is called `xls`, as such files are. Raises UnreadableError: `corrupt`."""
    root = parse_xml(data, "工作簿")
    show = _styles(root)
    sheets = []
    for item in root.iter(_SS + "Worksheet"):
        visible = next((each.text or "" for each in item.iterfind("{*}WorksheetOptions/{*}Visible")), "")
        sheet = Sheet(item.get(_SS + "Name", ""), visible.startswith("Sheet"))
        for table in item.iterchildren(_SS + "Table"):
            _fill(sheet, table, show)
        sheets.append(sheet)
    return document_of("xls", sheets)


def _styles(root: Element) -> dict[str, Formatter]:
    shows = {}
    for style in root.iter(_SS + "Style"):
        code = next((each.get(_SS + "Format", "") for each in style.iterchildren(_SS + "NumberFormat")), "")
        shows[style.get(_SS + "ID", "")] = formatter(_NAMED.get(code, code) or "General")
    return shows


def _fill(sheet: Sheet, table: Element, show: dict[str, Formatter]) -> None:
    at = -1
    for column in table.iterchildren(_SS + "Column"):
        at = min(_whole(column, "Index", at + 2) - 1, LAST_COLUMN)
        last = at + _whole(column, "Span", 0)
        if column.get(_SS + "Hidden") == "1":
            sheet.hidden_cols.append((at, last))
        at = last
    row = -1
    for line in table.iterchildren(_SS + "Row"):
        row = min(_whole(line, "Index", row + 2) - 1, LAST_ROW)
        if line.get(_SS + "Hidden") == "1":
            sheet.hidden_rows.append((row, row + _whole(line, "Span", 0)))
        col = -1
        for cell in line.iterchildren(_SS + "Cell"):
            col = min(_whole(cell, "Index", col + 2) - 1, LAST_COLUMN)
            style = cell.get(_SS + "StyleID") or line.get(_SS + "StyleID") or ""
            text = _text(cell, show.get(style, general))
            if text and len(sheet.texts) < MAX_POSITIONS:
                sheet.rows.append(row)
                sheet.cols.append(col)
                sheet.texts.append(text)
            across, down = _whole(cell, "MergeAcross", 0), _whole(cell, "MergeDown", 0)
            if across or down:
                sheet.merges.append((row, col, min(row + down, LAST_ROW), min(col + across, LAST_COLUMN)))
            col += across


def _whole(item: Element, name: str, default: int) -> int:
    written = item.get(_SS + name) or ""
    return int(written) if written.isdigit() and len(written) < 9 else default


def _text(cell: Element, show: Formatter) -> str:
    for data in cell.iterchildren(_SS + "Data"):
        written = "".join(
            chain([data.text or ""], *([part.text or "", part.tail or ""] for part in data.iterdescendants()))
        )
        kind = data.get(_SS + "Type")
        if kind == "Number":
            return show(written)
        if kind == "DateTime" and (match := _DATE.match(written)):
            return _moment(match, show)
        if kind == "Boolean":
            return "TRUE" if written == "1" else "FALSE"
        return "" if written.isspace() else written.replace("\r\n", "\n").replace("\r", "\n")
    return ""


def _moment(match: re.Match[str], show: Formatter) -> str:
    try:
        passed = datetime(*map(int, match.groups())) - _EPOCH  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return match[0]
    serial = repr(passed.days + passed.seconds / 86_400)
    shown = show(serial)
    return shown if shown != general(serial) else match[0].removesuffix("T00:00:00").replace("T", " ")

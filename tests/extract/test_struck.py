"""Crossed-out text of spreadsheets: parts of a text and whole cells, in each of the three formats as Excel and LibreOffice write them."""

from __future__ import annotations

import struct

import pytest

from tests.build_sheet import Tab, build_ods_from_xml, build_xlsx
from tests.build_xls import Rich, number_record, record, shared_strings, workbook
from yusuan.extract import print_grids, read

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _xlsx() -> bytes:
    struck, usual = "<rPr><strike/><sz val='11'/></rPr>", "<rPr><strike val='0'/><sz val='11'/></rPr>"
    texts = [
        "<t>项目资金</t>",
        f"<r>{struck}<t>90</t></r><r>{usual}<t>100</t></r>",
        f"<r><t>80</t></r><r>{usual}<t>200</t></r>",
        "<t>全划</t>",
        f"<r>{usual}<t>12</t></r><r>{struck}<t>345</t></r>",
    ]
    cells = (
        ("A1", 0, ' t="s"', "0"),
        ("B1", 0, ' t="s"', "1"),
        ("C1", 1, ' t="s"', "2"),
        ("A2", 1, ' t="s"', "3"),
        ("B2", 1, "", "1234.5"),
        ("C2", 0, ' t="s"', "4"),
    )
    written = [f'<c r="{place}" s="{style}"{kind}><v>{value}</v></c>' for place, style, kind, value in cells]
    rows = [f'<row r="{row}">{"".join(written[3 * row - 3 : 3 * row])}</row>' for row in (1, 2)]
    parts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{"".join(f"<si>{text}</si>" for text in texts)}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts><font/><font><strike/></font></fonts>'
        '<cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="4" fontId="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
    }
    return build_xlsx([Tab()], parts=parts)


def _xls(longest: int = 8224) -> bytes:
    usual, struck = (struct.pack("<HH", 220, mark) + bytes(12) for mark in (0, 8))
    fonts = b"".join(record(0x31, font) for font in (usual, usual, usual, usual, struck))  # 0 to 3, and 5: 4 is none
    styles = b"".join(
        record(0xE0, struct.pack("<HH", font, number) + bytes(16)) for font, number in ((0, 0), (5, 4), (0, 4))
    )
    texts = [
        Rich("项目资金"),
        Rich("90100", 2, 3, ((0, 5), (2, 0))),
        Rich("80200", 1, 0, ((2, 1),)),
        Rich("全划"),
        Rich("12345", 1, 0, ((2, 5),)),
    ]
    places = ((0, 0, 0, 0), (0, 1, 2, 1), (0, 2, 1, 2), (1, 0, 1, 3), (1, 2, 0, 4))
    records = [record(0xFD, struct.pack("<HHHI", row, col, style, text)) for row, col, style, text in places]
    body = b"".join([*records, number_record(1, 1, 1, 1234.5)])
    return workbook(fonts + styles + shared_strings(texts, longest), [("Sheet1", False, body)])


def _ods() -> bytes:
    def cell(inside: str, style: str = "") -> str:
        named = f' table:style-name="{style}"' if style else ""
        return f'<table:table-cell{named} office:value-type="string"><text:p>{inside}</text:p></table:table-cell>'

    through = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties style:text-line-through-style="{way}"/></style:style>'
        for name, way in (("T1", "solid"), ("T2", "none"), ("ce1", "solid"), ("ce2", "none"))
    )
    span = '<text:span text:style-name="{}">{}</text:span>'.format
    first = cell("项目资金", "ce2") + cell(span("T1", "90") + "100", "ce2") + cell("80" + span("T2", "200"))
    second = cell("全划", "ce1") + cell("1,234.50", "ce1") + cell("12" + span("T1", "345"), "ce2")
    columns = '<table:table-column table:number-columns-repeated="2"/><table:table-column table:default-cell-style-name="ce1"/>'
    rows = f"<table:table-row>{first}</table:table-row><table:table-row>{second}</table:table-row>"
    return build_ods_from_xml(f'{through}<table:table table:name="Sheet1">{columns}{rows}</table:table>')


@pytest.mark.parametrize("data", [_xlsx(), _xls(), _xls(31), _ods()], ids=["xlsx", "xls", "xls-cut", "ods"])
def test_crossed_out_text_of_a_spreadsheet_is_no_part_of_a_figure_and_told(data: bytes) -> None:
    document = read(data)
    assert print_grids(document.grids).split("\n")[-2:] == ["项目资金 | 100 | 200", "全划 | 1,234.50 | 12"]
    assert [(note.code, note.row, note.col, note.text) for note in document.notes] == [
        ("struck-text", 0, 1, "90"),
        ("struck-text", 0, 2, "80"),
        ("struck-text", 1, 0, "全划"),
        ("struck-text", 1, 1, "1,234.50"),
        ("struck-text", 1, 2, "345"),
    ]
    assert sum("全部" in note.message for note in document.notes) == 2

"""Spreadsheets: what is used of a sheet, merged cells, titles, hidden sheets; three file formats, one result."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.build import build_zip
from tests.build_sheet import Number, Tab, build_ods, build_ods_from_xml, build_xlsx, tab_of
from tests.build_xls import build_xls, compound_file
from yusuan.extract import UnreadableError, parse_grids, print_grids, read, sheet_xlsx
from yusuan.extract.grid import MAX_POSITIONS, Grid
from yusuan.extract.sheet_grid import make_cells

Build = Callable[[Iterable[Tab]], bytes]
BUILDS: dict[str, Build] = {"xlsx": build_xlsx, "xls": build_xls, "ods": build_ods}
each_format = pytest.mark.parametrize("name", BUILDS)


def shown(data: bytes) -> str:
    return print_grids(read(data).grids)


def tab(values: dict[tuple[int, int], str], *merges: tuple[int, int, int, int], name: str = "Sheet1") -> Tab:
    return Tab(name, dict(values), list(merges))


@each_format
def test_merged_cells_line_ends_and_leading_zeros(name: str) -> None:
    form = "a | » | ∅ | x\n^ | » | 007 | ∅\n1⏎2 | ∅ | 5100002 | ^"
    assert shown(BUILDS[name]([tab_of(parse_grids(form))])) == form


@each_format
def test_the_used_part_of_a_sheet_is_its_grid(name: str) -> None:
    values = {(7, 3): "项目名称", (7, 4): "甲", (9, 3): "主管部门", (9, 5): "乙"}
    assert shown(BUILDS[name]([tab(values)])) == "项目名称 | 甲 | ∅\n∅ | ∅ | ∅\n主管部门 | ∅ | 乙"


@each_format
def test_titles_above_a_table_are_its_context(name: str) -> None:
    values = {
        (0, 0): "附件2",
        (1, 1): "绩效目标表",
        (3, 5): "单位：万元",
        (4, 1): "项目名称",
        (4, 2): "甲",
        (5, 1): "合计",
    }
    document = read(BUILDS[name]([tab(values, (1, 1, 1, 5), name="表6")]))
    assert print_grids(document.grids) == "> 表6\n> 附件2\n> 绩效目标表\n> 单位：万元\n项目名称 | 甲\n合计 | ∅"


def test_a_title_merged_with_rows_below_belongs_to_the_table() -> None:
    values = {(0, 0): "资金", (1, 1): "总额", (1, 2): "5"}
    assert shown(build_xlsx([tab(values, (0, 0, 1, 0))])) == "资金 | ∅ | ∅\n^ | 总额 | 5"


def test_tables_below_each_other_part_at_a_blank_row_and_a_title() -> None:
    values = {(0, 0): "一", (1, 0): "a", (1, 1): "b", (3, 0): "二", (4, 1): "c", (4, 2): "d"}
    assert shown(build_xlsx([tab(values)])) == "> 一\na | b\n\n> 二\nc | d"


def test_a_blank_row_alone_parts_nothing() -> None:
    values = {(0, 0): "a", (0, 1): "b", (2, 0): "c", (2, 1): "d", (4, 0): "填报人：王"}
    assert shown(build_xlsx([tab(values)])) == "a | b\n∅ | ∅\nc | d\n∅ | ∅\n填报人：王 | ∅"


@each_format
def test_sheets_are_pages_and_hidden_ones_are_marked(name: str) -> None:
    tabs = [tab({(0, 0): "a", (0, 1): "b"}), Tab("空"), replace(tab({(0, 0): "c", (0, 1): "d"}), hidden=True)]
    document = read(BUILDS[name](tabs))
    assert document.pages == 3
    assert [(grid.page, grid.hidden, grid.cells[0].page) for grid in document.grids] == [(1, False, 1), (3, True, 3)]


@each_format
def test_hidden_sheets_rows_and_columns_are_read_and_told(name: str) -> None:
    form = {(row, col): f"{row}{col}" for row in range(8) for col in range(4)}
    open_one = replace(tab({(2 + row, 1 + col): text for (row, col), text in form.items()}, name="表6"),
                       hidden_rows=(2, 4, 5, 6, 30), hidden_cols=(2, 9))  # fmt: skip
    folded = replace(tab(form, name="备用"), hidden=True, hidden_cols=(0,))
    document = read(BUILDS[name]([open_one, replace(tab(form), hidden=True), folded, tab(form)]))
    assert [len(grid.cells) for grid in document.grids] == [32] * 4
    assert [(note.code, note.page, note.grid) for note in document.notes] == [
        ("hidden-content", page, page - 1) for page in (1, 2, 3)
    ]
    told = [note.message.partition("，已一并读取")[0] for note in document.notes]
    assert told == [
        "工作表“表6”第3、5–7行、C列是隐藏的",
        "工作表“Sheet1”本身是隐藏的",
        "工作表“备用”本身是隐藏的，其中A列是隐藏的",
    ]


@each_format
def test_text_under_a_merged_cell_is_reported(name: str) -> None:
    data = BUILDS[name]([tab({(0, 0): "a", (0, 1): "b", (1, 0): "c", (1, 1): "d", (1, 2): "e"}, (1, 0, 1, 1))])
    if name == "ods":
        data = build_ods_from_xml(
            '<table:table table:name="Sheet1"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>'
            "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row><table:table-row>"
            '<table:table-cell table:number-columns-spanned="2"><text:p>c</text:p></table:table-cell>'
            "<table:covered-table-cell><text:p>d</text:p></table:covered-table-cell>"
            "<table:table-cell><text:p>e</text:p></table:table-cell></table:table-row></table:table>"
        )
    document = read(data)
    assert print_grids(document.grids) == "a | b | ∅\nc | » | e"
    assert [(note.code, note.grid, note.row, note.col, note.text) for note in document.notes] == [
        ("covered-text", 0, 1, 0, "d")
    ]


def test_merged_ranges_that_cross_overlap_nowhere() -> None:
    values = {(0, 0): "a", (0, 1): "b", (0, 2): "f", (1, 0): "c", (1, 1): "d", (2, 2): "e"}
    document = read(build_xlsx([tab(values, (0, 0, 0, 1), (0, 1, 1, 1), (1, 0, 900_000, 16_000), (2, 2, 2, 2))]))
    grid = document.grids[0]
    covered = [(r, c) for cell in grid.cells for r in range(cell.row, cell.row + cell.row_span) for c in range(cell.col, cell.col + cell.col_span)]  # fmt: skip
    assert len(covered) == len(set(covered)) == 9


def test_far_texts_make_no_huge_grid() -> None:
    form = {(0, 0): "项目名称", (0, 1): "甲", (1, 0): "主管部门", (1, 1): "乙"}
    assert (
        shown(build_xlsx([tab({**form, (1_048_575, 16_383): "x"})]))
        == "项目名称 | 甲 | ∅\n主管部门 | 乙 | ∅\n∅ | ∅ | x"
    )


def test_a_sheet_too_large_to_be_a_table_is_reported_and_the_others_are_read() -> None:
    diagonal = tab({(n * 40, n): "x" for n in range(2100)})
    document = read(build_xlsx([diagonal, tab({(0, 0): "a", (0, 1): "b"})]))
    assert MAX_POSITIONS < 2100 * 2100
    assert [grid.page for grid in document.grids] == [2]
    assert [(note.code, note.page) for note in document.notes] == [("unread-part", 1)]


def test_a_formula_without_a_stored_value_is_reported() -> None:
    data = build_xlsx([Tab("Sheet1", {(0, 0): "合计", (0, 1): Number(3, "0.00", "A1+B1")})])
    assert shown(data) == "合计 | 3.00"
    xml = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>合计</t></is></c><c r="B1"><f>A2</f></c><c r="C1"><v>1</v></c></row></sheetData></worksheet>'
    document = read(build_xlsx([Tab()], parts={"xl/worksheets/sheet1.xml": xml}))
    assert print_grids(document.grids) == "合计 | ∅ | 1"
    assert "1 个公式没有保存计算结果" in document.notes[0].message


# --- how Excel files are written ----------------------------------------------------------------------------------------


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="str"><f>A1&amp;"x"</f><v>a &amp; &#20013;_x000D_\nb</v></c>'
    '<c r="D2" t="b"><v>1</v></c></row>'
    '<row r="3"><c r="B3" s="1"><v>0.95</v></c><c r="C3" t="e"><v>#REF!</v></c><c r="D3" s="1"/></row></sheetData>'
    '<mergeCells count="1"><mergeCell ref="C3:D3"/></mergeCells></worksheet>'
)
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="9"/></cellXfs></styleSheet>'
)
STRINGS = (
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>项目</t></r><r><rPr/><t>名称</t></r>'
    "<rPh><t>xiàng</t></rPh></si></sst>"
)
WRITTEN = {
    "usual": lambda xml: xml,
    "declared": lambda xml: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + xml,
    "prefixed": lambda xml: re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x="),
    "single quotes": lambda xml: re.sub(r'"(?!x)([^"<>]*)"', r"'\1'", xml),
    "other order": lambda xml: xml.replace('r="B2" t="s"', 't="s" r="B2"'),
    "without positions": lambda xml: xml.replace(' r="C2"', "").replace(' r="D2"', "").replace('<row r="3">', "<row>"),
    "commented": lambda xml: xml.replace("</sheetData>", '<!-- <c r="F9"><v>1</v></c> --></sheetData>'),
    "a mark in an attribute": lambda xml: xml.replace('<row r="2"', '<row n="a>b" r="2"'),
    "CDATA": lambda xml: xml.replace("0.95", "<![CDATA[0.95]]>"),
    "strict": lambda xml: xml.replace(
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
    ),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_the_same_cells_however_the_xml_is_written(way: str) -> None:
    parts = {"xl/worksheets/sheet1.xml": WRITTEN[way](SHEET), "xl/styles.xml": STYLES, "xl/sharedStrings.xml": STRINGS}
    assert shown(build_xlsx([Tab()], parts=parts)) == "项目名称 | a & 中⏎b | TRUE\n95% | \\#REF! | »"


def test_raised_and_crossed_out_parts_of_a_text_are_no_digits_of_its_figure() -> None:
    parts = {
        "xl/worksheets/sheet1.xml": SHEET,
        "xl/sharedStrings.xml": '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si>'
        "<r><rPr><strike/></rPr><t>9</t></r><r><t>100</t></r>"
        '<r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si></sst>',
    }
    document = read(build_xlsx([Tab()], parts=parts))
    assert print_grids(document.grids).startswith("100¹ | ")
    assert [(note.code, note.row, note.col, note.text) for note in document.notes] == [("struck-text", 0, 0, "9")]


@pytest.mark.parametrize("way", WRITTEN)
def test_the_same_lines_are_hidden_however_the_xml_is_written(way: str) -> None:
    folded = SHEET.replace('<row r="2">', '<row r="2" hidden="1" spans="1:4">')
    folded = folded.replace(
        "<sheetData>", '<cols><col min="1" max="1"/><col min="3" max="5" hidden="1"/></cols><sheetData>'
    )
    parts = {"xl/worksheets/sheet1.xml": WRITTEN[way](folded), "xl/styles.xml": STYLES, "xl/sharedStrings.xml": STRINGS}
    [note] = read(build_xlsx([Tab()], parts=parts)).notes
    assert note.message.startswith("工作表“Sheet1”第2行、C–D列是隐藏的")


def test_hidden_lines_need_no_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of a sheet with a million cells takes half a gigabyte."""
    parsed = []
    parse_xml = sheet_xlsx.parse_xml
    monkeypatch.setattr(sheet_xlsx, "parse_xml", lambda xml, part: parsed.append(part) or parse_xml(xml, part))
    document = read(build_xlsx([replace(tab({(0, 0): "a", (1, 1): "b"}), hidden_rows=(1,))]))
    assert [note.code for note in document.notes] == ["hidden-content"]
    assert parsed == []


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 30), st.integers(0, 40)),
        st.one_of(
            st.text(alphabet="ab中<&> \n'\"_x", max_size=6),
            st.integers(-(10**9), 10**9),
            st.floats(-1e6, 1e6).map(lambda n: round(n, 3)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_calamine_reads_the_same(values: dict[tuple[int, int], str | float]) -> None:
    tab = Tab("Sheet1", {place: value if isinstance(value, str) else Number(value) for place, value in values.items()})
    for build in (build_xlsx, build_xls):
        data = build([tab])
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        other = sorted(
            str(value if isinstance(value, str) else float(value))
            for row in sheet.to_python()
            for value in row
            if not isinstance(value, str) or value.strip()
        )
        document = read(data)
        ours = [cell.text for grid in document.grids for cell in grid.cells if cell.text]
        for grid in document.grids:
            ours += grid.context
        numbers = re.compile(r"-?\d+(\.\d+)?$")
        wanted = sorted(line for text in other for line in text.split("\n") if line.strip())
        got = sorted(line for text in ours for line in text.split("\n") if line.strip())
        plain = [[float(x) for x in each if numbers.match(x)] for each in (got, wanted)]
        assert sorted(plain[0]) == pytest.approx(sorted(plain[1]))
        stripped = [{x.strip() for x in each if not numbers.match(x)} for each in (got, wanted)]
        assert stripped[0] == stripped[1]


# --- files that cannot be read ------------------------------------------------------------------------------------------


def code_of(data: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert str(caught.value).endswith("。")
    return caught.value.code


def test_damaged_and_encrypted_files_say_so() -> None:
    good = [tab({(0, 0): "a", (0, 1): "b"})]
    assert code_of(build_xlsx(good, parts={"xl/worksheets/sheet1.xml": SHEET[:-40]})) == "corrupt"
    assert code_of(build_xlsx(good, parts={"xl/worksheets/sheet1.xml": "<!DOCTYPE a []>" + SHEET})) == "corrupt"
    assert code_of(build_xlsx(good)[:-80]) == "corrupt"
    assert code_of(build_xls(good, filepass=True)) == "encrypted"
    assert code_of(build_xls(good)[:1400]) == "corrupt"
    assert code_of(compound_file("Workbook", b"\x09\x08\x10\0\0\6\5\0" + b"\xff" * 5000)) == "corrupt"
    mark = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = {"META-INF/manifest.xml": "<m><file-entry><encryption-data/></file-entry></m>"}
    assert code_of(build_zip({"mimetype": mark, "content.xml": "x", **manifest})) == "encrypted"
    assert code_of(build_zip({"mimetype": mark, "content.xml": "<x/>"})) == "corrupt"


@each_format
def test_bytes_changed_at_random_never_raise_anything_else(name: str) -> None:
    data = BUILDS[name]([tab_of(parse_grids("a | b\nc | d"))])
    for at in range(0, len(data), max(1, len(data) // 60)):
        with suppress(UnreadableError):
            read(data[:at] + bytes([data[at] ^ 0x5A]) + data[at + 1 :])


# --- parts ------------------------------------------------------------------------------------------------------------


def test_cells_made_in_bulk_are_cells() -> None:
    grid = parse_grids("a | »\n^ | ^\nc | d")[0]
    columns = list(zip(*((c.row, c.col, c.row_span, c.col_span, c.text) for c in grid.cells), strict=True))
    made = make_cells(*(list(column) for column in columns), 3)  # type: ignore[arg-type]
    assert made == tuple(cell._replace(page=3) for cell in grid.cells)
    assert {hash(cell) for cell in made} == {hash(cell._replace(page=3)) for cell in grid.cells}
    assert repr(made[0]) == repr(grid.cells[0]._replace(page=3))


EXCEL_XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles><Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style></Styles>
<Worksheet ss:Name="表6"><Table><Row ss:Index="3"><Cell ss:MergeAcross="1"><Data ss:Type="String">项目&#10;名称</Data></Cell>
<Cell ss:Index="4" ss:StyleID="p"><Data ss:Type="Number">0.5</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">a</Data></Cell><Cell><Data ss:Type="DateTime">2024-01-31T00:00:00.000</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet></Workbook>"""


def test_excel_2003_xml() -> None:
    document = read(EXCEL_XML.encode())
    assert print_grids(document.grids) == "> 表6\n项目⏎名称 | » | ∅ | 50.00%\na | 2024-01-31 | ∅ | ∅"
    assert document.grids[0].hidden
    assert isinstance(document.grids[0], Grid)

"""Structure of Word tables: every way in which a cell can be merged, missing, wrapped or nested."""

from __future__ import annotations

import pytest

from tests.build import build_docx, build_from_xml, cell, paragraph, row, rows
from yusuan.extract.grid import Document, parse_grids, print_grids
from yusuan.extract.word import read_docx

RESTART, CONTINUE = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
FIRST, NEXT = '<w:hMerge w:val="restart"/>', '<w:hMerge w:val="continue"/>'


def span(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


def sdt(inside: str) -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>'


def ins(inside: str) -> str:
    return f'<w:ins w:id="1" w:author="a">{inside}</w:ins>'


def read(body: str) -> Document:
    return read_docx(build_from_xml(body))


CASES = {
    "grid span": (row(cell("a", span(2)), "b") + row("c", "d", "e"), "a | » | b\nc | d | e"),
    "vertical merge": (row(cell("a", RESTART), "b") + row(cell("", CONTINUE), "c"), "a | b\n^ | c"),
    "both": (
        row(cell("a", span(2) + RESTART), "b") + row(cell("", span(2) + CONTINUE), "c"),
        "a | » | b\n^ | » | c",
    ),
    "orphan continue is a cell of its own": (
        row(cell("a", CONTINUE), "b") + row(cell("c", CONTINUE), "d"),
        "a | b\n^ | d",
    ),
    "interrupted merge begins anew": (
        row(cell("a", RESTART), "b") + row("c", "d") + row(cell("e", CONTINUE), "f"),
        "a | b\nc | d\ne | f",
    ),
    "a row without the column interrupts": (
        row("x", cell("a", RESTART)) + row("y") + row("z", cell("b", CONTINUE)),
        "x | a\ny\nz | b",
    ),
    "merge of other width does not overlap": (
        row(cell("a", span(2) + RESTART), "b") + row(cell("c", CONTINUE), cell("d", CONTINUE), "e"),
        "a | » | b\nc | d | e",
    ),
    "restart below restart": (
        row(cell("a", RESTART)) + row(cell("b", RESTART)) + row(cell("", CONTINUE)),
        "a\nb\n^",
    ),
    "legacy horizontal merge": (
        row(cell("a", FIRST), cell("", NEXT), "b") + row("c", "d", "e"),
        "a | » | b\nc | d | e",
    ),
    "legacy merge in both directions": (
        row(cell("a", FIRST + RESTART), cell("", NEXT + RESTART), "b")
        + row(cell("", FIRST + CONTINUE), cell("", NEXT + CONTINUE), "c"),
        "a | » | b\n^ | » | c",
    ),
    "orphan horizontal continue": (row(cell("a", NEXT), "b"), "a | b"),
    "rows that start late and end early": (
        row("a", "b", "c")
        + row("d", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>')
        + row("e", properties='<w:gridBefore w:val="2"/>'),
        "a | b | c\n␀ | d\n␀ | ␀ | e",
    ),
    "uneven rows": (row("a") + row("b", "c", "d") + row("e", "f"), "a\nb | c | d\ne | f"),
    "damaged spans": (
        row(cell("a", span(0)), cell("b", span(-3)), cell("c", '<w:gridSpan w:val="x"/>'), cell("d", span(10**9))),
        "a | b | c | d",
    ),
    "content controls around rows and cells": (
        sdt(row("a", "b")) + row(sdt(cell("c")), "d") + sdt(sdt(row(sdt(sdt(cell("e"))), "f"))),
        "a | b\nc | d\ne | f",
    ),
    "content control around two cells": (row(sdt(cell("a") + cell("b")), "c"), "a | b | c"),
    "custom XML around rows and cells": (
        f'<w:customXml w:element="x">{row("<w:customXml>" + cell("a") + "</w:customXml>", "b")}</w:customXml>',
        "a | b",
    ),
    "inserted rows stay, deleted rows go": (
        row("a", "b")
        + row("c", "d", properties='<w:ins w:id="1" w:author="a"/>')
        + row("e", "f", properties='<w:del w:id="2" w:author="a"/>'),
        "a | b\nc | d",
    ),
    "deleted cells go": (
        row("a", cell("b", '<w:cellDel w:id="1" w:author="a"/>'), "c") + row("d", "e"),
        "a | c\nd | e",
    ),
    "tracked merge": (
        row(cell("a", '<w:cellMerge w:id="1" w:vMerge="rest"/>'), "b")
        + row(cell("", '<w:cellMerge w:id="2" w:vMerge="cont"/>'), "c"),
        "a | b\n^ | c",
    ),
    "earlier properties of a tracked change count for nothing": (
        row(cell("a", f'<w:tcPrChange w:id="1"><w:tcPr>{span(3)}{CONTINUE}</w:tcPr></w:tcPrChange>'), "b"),
        "a | b",
    ),
    "row hidden with its text": (
        row("a")
        + row(cell("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r></w:p>"), properties="<w:hidden/>")
        + row("b"),
        "a\nb",
    ),
    "a hidden mark does not hide a row with text": (row("a", properties="<w:hidden/>"), "a"),
    "cell without a paragraph": (row("<w:tc/>", "a"), "∅ | a"),
    "row inside an alternative": (
        f"<mc:AlternateContent><mc:Choice>{row('a')}</mc:Choice><mc:Fallback>{row('b')}</mc:Fallback>"
        "</mc:AlternateContent>",
        "a",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_structure(name: str) -> None:
    body, expected = CASES[name]
    assert print_grids(read(rows(body)).grids) == expected


def test_a_table_in_a_content_control_of_the_body_is_read() -> None:
    document = read(paragraph("x") + sdt(paragraph("y") + rows(row("a")) + paragraph("z")) + rows(row("b")))
    assert print_grids(document.grids) == "> x\n> y\na\n\n> z\nb"


def test_empty_table_and_no_table() -> None:
    assert read(rows("")).grids[0].cells == ()
    assert read(paragraph("标题")).grids == ()
    assert read(paragraph("标题")).title == "标题"


def test_text_of_covered_cells_is_reported_and_not_read() -> None:
    document = read(rows(row(cell("a", RESTART), "b") + row(cell("x", CONTINUE), "c") + row(cell("a", CONTINUE), "d")))
    assert print_grids(document.grids) == "a | b\n^ | c\n^ | d"
    assert [(note.code, note.grid, note.row, note.col, note.text) for note in document.notes] == [
        ("covered-text", 0, 0, 0, "x")
    ]


def test_nested_tables_are_grids_of_their_own() -> None:
    inner = rows(row("i1", cell(rows(row("deep")) + paragraph("i2"))))
    second = rows(row("j"))
    outer = rows(row("a", cell(paragraph("b") + inner + paragraph("c"))) + row(cell(second + "<w:p/>"), "d"))
    document = read(paragraph("前") + outer + paragraph("后") + rows(row("next")))
    assert [grid.parent for grid in document.grids] == [None, 0, 1, 0, None]
    assert print_grids(document.grids) == "> 前\na | b⏎c\n∅ | d\n\ni1 | i2\n\ndeep\n\nj\n\n> 后\nnext"
    notes = [(note.code, note.grid, note.row, note.col) for note in document.notes]
    assert notes == [("nested-table", 0, 0, 1), ("nested-table", 1, 0, 1), ("nested-table", 0, 1, 0)]


def test_nested_table_in_a_covered_cell_is_placed_in_the_cell_that_covers_it() -> None:
    inner = rows(row("i"))
    document = read(rows(row(cell("a", RESTART)) + row(cell(inner + "<w:p/>", CONTINUE))))
    assert print_grids(document.grids) == "a\n^\n\ni"
    assert [(note.code, note.row, note.col) for note in document.notes] == [("nested-table", 0, 0)]


def test_a_table_in_a_text_box_is_a_grid_of_its_own() -> None:
    box = (
        f"<w:p><w:r><w:pict><v:textbox><w:txbxContent>{rows(row('t'))}</w:txbxContent></v:textbox></w:pict></w:r></w:p>"
    )
    document = read(paragraph("前") + box + rows(row(cell(box))))
    assert print_grids(document.grids) == "> 前\nt\n\n∅\n\nt"
    assert [grid.parent for grid in document.grids] == [None, None, 1]


def test_context_title_and_headers() -> None:
    text = "> 附件2：\n>   项目支出绩效目标表  \n> （2022年度）\na\n\n> 表（二）\nb"
    document = read_docx(build_docx(text, headers=["单位：万元", "", "单位：万元", "第二行"]))
    assert [grid.context for grid in document.grids] == [
        ("附件2：", "  项目支出绩效目标表  ", "（2022年度）"),
        ("表（二）",),
    ]
    assert document.title == "项目支出绩效目标表"
    assert document.headers == ("单位：万元", "第二行")
    assert document.pages is None
    assert read_docx(build_docx("a")).title is None


def test_embedded_files_are_reported() -> None:
    ole = '<w:p><w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r></w:p>'
    picture = '<w:p><w:r><w:object><o:OLEObject ProgID="Equation.3"/></w:object></w:r></w:p>'
    document = read(ole + picture + '<w:altChunk r:id="x"/>')
    assert sorted(note.code for note in document.notes) == ["unread-part", "unread-part"]


def test_line_breaks_and_paragraphs_in_cells_read_the_same() -> None:
    grids = parse_grids("总体⏎目标 | 1.甲；⏎⏎2.乙")
    assert print_grids(read_docx(build_docx(grids)).grids) == print_grids(grids)
    assert print_grids(read_docx(build_docx(grids, breaks=True)).grids) == print_grids(grids)

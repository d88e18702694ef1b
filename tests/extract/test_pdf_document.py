"""Whole documents: pages, what stands around tables, documents that cannot be read, and hostile ones."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.extract.pdf_writer import Form, Page, box, line, ruled, text, write_pdf
from yusuan.extract import pdf_objects
from yusuan.extract.grid import Document, UnreadableError, print_grid
from yusuan.extract.pdf import read_pdf
from yusuan.normalize import normalize
from yusuan.normalize.repair import unwrap

TABLE = ruled((50, 150, 250), (760, 730, 700)) + text(60, 740, "甲") + text(160, 710, "丁")
GRID = "甲 | ∅\n∅ | 丁"


def document(*pages: Page | str) -> Document:
    return read_pdf(write_pdf(*pages))


def refusal(data: bytes) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read_pdf(data)
    return caught.value


def test_pages_are_counted_and_each_cell_knows_its_own() -> None:
    read = document(TABLE, text(60, 700, "没有表格的一页"), TABLE)
    assert (read.format, read.pages, read.text_source) == ("pdf", 3, "text")
    assert [grid.page for grid in read.grids] == [1, 3]
    assert {cell.page for cell in read.grids[1].cells} == {3}
    assert read.grids[0].edges == (50, 150, 250)
    assert read.notes == ()


def test_a_form_without_lines_is_told() -> None:
    """WeasyPrint printed a form whose borders its style sheet did not set: the document looked as if no form were in it."""
    rows = [
        "项目名称|道路养护",
        "年度资金总额|100",
        "一级指标|二级指标|三级指标|指标值",
        "产出指标|数量指标|养护里程|≥3公里",
        "效益指标|社会效益|受益人口|≥3万人",
    ]
    page = "".join(
        text(60 + 120 * column, 740 - 20 * row, word)
        for row, words in enumerate(rows)
        for column, word in enumerate(words.split("|"))
    )
    read = document(text(60, 700, "说明"), page)
    assert [words.split("\n")[:2] for words in read.loose] == [["说明"], ["项目名称", "道路养护"]]
    result = normalize(read, "0" * 64)
    assert (result.status, [(row["code"], row["page"]) for row in result.issues]) == ("partial", [("unruled-form", 2)])
    for beside, number in (
        (document(TABLE, page), 2),
        (document(text(60, 800, "目录"), page + ruled((50, 150, 250), (300, 200))), 2),
    ):
        issues = normalize(beside, "0" * 64).issues
        assert [(row["code"], row["page"]) for row in issues] == [("unruled-form", number)], (
            "a table elsewhere hides none"
        )
    prose = "".join(text(60, 740 - 20 * row, f"第{row}条项目名称和三级指标由单位填写") for row in range(20))
    assert normalize(document(prose), "0" * 64).status == "empty"


@pytest.mark.parametrize("x0", [153.0, 185.0, 224.0], ids=["left", "centred", "right"])
def test_two_figures_below_each_other_are_not_one(x0: float) -> None:
    """500 and 300 were read as 500300; digits that a narrow cell cut stay one figure."""
    wide = ruled((50, 150, 250), (760, 730)) + text(x0, 748, "500.5") + text(x0, 734, "30")
    narrow = ruled((50, 150, 178), (760, 730)) + text(152, 748, "500.5") + text(152, 734, "30")
    for page, read in ((wide, "500.5\n30"), (narrow, "500.530")):
        [_, cell] = document(page).grids[0].cells
        assert unwrap(cell.text, cell.full_lines) == read


def test_text_with_a_line_through_it_is_told() -> None:
    """LibreOffice prints crossed-out text so: 90 before 100 was read as 90100 in silence."""
    table = ruled((50, 150, 250), (760, 730, 700)) + text(60, 740, "90100", 10) + text(160, 710, "100", 10)
    read = document(table + line(60, 743.5, 70, 743.5) + line(160, 708.5, 175, 708.5))
    assert print_grid(read.grids[0]) == "90100 | ∅\n∅ | 100"
    assert [(note.code, note.row, note.col, note.text) for note in read.notes] == [("struck-text", 0, 0, "90100")]


def test_context_is_what_stands_between_the_table_and_the_one_before() -> None:
    second = ruled((50, 150, 250), (500, 470)) + text(60, 480, "乙")
    content = text(60, 800, "项目支出绩效目标表", 16) + text(60, 780, "填报单位：某局") + text(180, 780, "单位：万元")
    content += TABLE + text(60, 680, "注：甲为乙。") + text(60, 520, "表（二）") + second + text(60, 450, "表后的话")
    first, other = document(content).grids
    assert first.context == ("项目支出绩效目标表", "填报单位：某局 单位：万元")
    assert other.context == ("注：甲为乙。", "表（二）")


def test_captions_of_tables_side_by_side() -> None:
    right = ruled((300, 400, 500), (760, 730, 700)) + text(310, 740, "子")
    first, other = document(TABLE + right + text(60, 780, "左边的标题") + text(310, 780, "右边的标题")).grids
    assert (first.context, other.context) == (("左边的标题",), ("右边的标题",))


def test_running_headers_and_page_numbers_are_no_context() -> None:
    pages = [
        text(60, 815, "某市财政局2022年部门预算", 8)
        + text(290, 815, f"第 {number} 页 共 4 页", 8)
        + text(60, 775, "表题", 14)
        + TABLE
        for number in range(1, 5)
    ]
    read = document(*pages)
    assert [grid.context for grid in read.grids] == [("表题",)] * 4
    assert read.headers == ("某市财政局2022年部门预算",)


def test_a_title_repeated_on_every_page_is_no_header() -> None:
    read = document(*[text(200, 780, "项目支出绩效目标申报表", 16) + TABLE] * 5)
    assert {grid.context for grid in read.grids} == {("项目支出绩效目标申报表",)}
    assert read.headers == ()


def test_a_title_whose_table_begins_on_the_next_page_stands_before_that() -> None:
    footer = text(60, 40, "某市财政局", 8)
    read = document(TABLE + text(60, 75, "表（二）", 12) + footer, TABLE + footer, "", TABLE)
    assert [grid.context for grid in read.grids] == [(), ("表（二）",), ()]


def test_text_below_a_table_is_not_carried_over_a_page_without_tables() -> None:
    read = document(TABLE + text(60, 75, "表（二）", 12), text(60, 700, "说明"), TABLE)
    assert [grid.context for grid in read.grids] == [(), ()]


def test_a_footer_above_the_margin_is_none_where_it_stands_on_three_pages() -> None:
    read = document(*[TABLE + text(60, 62, "某市财政局预算公开", 8)] * 4)
    assert {grid.context for grid in read.grids} == {()}


def test_a_nested_table_is_told() -> None:
    outer = ruled((40, 140, 560), (800, 770, 600)) + text(50, 780, "标签")
    read = document(outer + ruled((180, 300, 420), (760, 730, 700)) + text(190, 740, "甲"))
    (note,) = read.notes
    assert (note.code, note.page, note.grid, note.row, note.col) == ("nested-table", 1, 0, 1, 1)


# --- pages without text -------------------------------------------------------------------------------------------------

SCAN = Page("q 595 0 0 842 0 0 cm /Image Do Q", image=True)
SCAN_WITH_HIDDEN_TEXT = Page("q 595 0 0 842 0 0 cm /Image Do Q " + text(60, 740, "识别", before="3 Tr"), image=True)


def test_pages_without_text_are_told_one_by_one() -> None:
    read = document(TABLE, SCAN, "", SCAN_WITH_HIDDEN_TEXT)
    assert [(note.code, note.page) for note in read.notes] == [("no-text-layer", 2), ("no-text-layer", 4)]


@pytest.mark.parametrize("pages", [(SCAN,), (SCAN, SCAN_WITH_HIDDEN_TEXT), (SCAN, ""), ("",)], ids=str)
def test_documents_without_text_are_refused(pages: tuple[Page | str, ...]) -> None:
    assert refusal(write_pdf(*pages)).code == "no-text"


def test_outlined_text_is_no_text() -> None:
    assert refusal(write_pdf(ruled((50, 150, 250), (760, 730, 700)))).code == "no-text"


# --- documents that do not open -----------------------------------------------------------------------------------------


def test_encrypted_documents() -> None:
    error = refusal(write_pdf(TABLE, password="secret"))
    assert error.code == "encrypted"
    assert "密码" in str(error)
    content = ruled((50, 150, 250), (760, 730, 700)) + text(60, 740, "open", font="F3")
    assert [print_grid(grid) for grid in read_pdf(write_pdf(content, password="")).grids] == ["open | ∅\n∅ | ∅"]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98])
def test_truncated_documents_are_corrupt(share: float) -> None:
    data = write_pdf(*[TABLE] * 5)
    error = refusal(data[: int(len(data) * share)])
    assert error.code == "corrupt"
    assert "重新下载" in str(error)


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7\n%%EOF", b"no pdf at all", b"%PDF-1.4\n" + bytes(5000), b"<html>404</html>" * 200],
    ids=["empty", "header", "text", "zeros", "html"],
)
def test_what_is_no_pdf_is_corrupt(data: bytes) -> None:
    assert refusal(data).code == "corrupt"


def test_a_header_that_does_not_stand_first_is_found() -> None:
    data = write_pdf(TABLE)
    for before in (b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1500):
        assert [print_grid(grid) for grid in read_pdf(before + data).grids] == [GRID]
    assert [print_grid(grid) for grid in read_pdf(data + b"\n" * 500).grids] == [GRID]


def test_a_wrong_cross_reference_is_rebuilt() -> None:
    data = write_pdf(TABLE)
    start = data.rindex(b"startxref")
    assert [print_grid(grid) for grid in read_pdf(data[:start] + b"startxref\n7\n%%EOF\n").grids] == [GRID]


def test_a_damaged_page_does_not_hide_the_others() -> None:
    data = write_pdf(TABLE, TABLE, TABLE)
    second = data.index(b"/Type /Page /", data.index(b"/Type /Page /") + 1)
    read = read_pdf(data[:second] + b"/Type /Pxge /" + data[second + 13 :])
    seen = {grid.page for grid in read.grids} | {note.page for note in read.notes if note.code == "damaged-page"}
    assert seen == {1, 2, 3}


# --- hostile documents --------------------------------------------------------------------------------------------------


def test_a_page_with_too_many_objects_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "MAX_OBJECTS", 200)
    read = document(TABLE + "".join(text(60, 600, "字") for _ in range(500)))
    assert [print_grid(grid) for grid in read.grids] == [GRID]
    assert [(note.code, note.page) for note in read.notes] == [("unread-part", 1)]


def test_a_path_with_too_many_segments_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_objects, "MAX_SEGMENTS", 1000)
    zigzag = "300 300 m " + "".join(f"{300 + number % 7} {300 + number % 5} l " for number in range(2000)) + "S "
    read = document(TABLE + zigzag)
    assert [print_grid(grid) for grid in read.grids] == [GRID]
    assert [note.code for note in read.notes] == ["unread-part"]


def test_forms_nested_too_deeply_are_told() -> None:
    form = Form(text(60, 740, "底"))
    for _ in range(30):
        form = Form("/Next Do", forms={"Next": form})
    read = document(Page(TABLE + "/Top Do", forms={"Top": form}))
    assert [print_grid(grid) for grid in read.grids] == [GRID]


def test_a_page_count_that_nobody_can_read() -> None:
    data = write_pdf(TABLE).replace(b"/Type /Pages /Count 1 ", b"/Type /Pages /Count 99999999 ")
    try:
        read = read_pdf(data)
    except UnreadableError as error:
        assert error.code in ("too-large", "corrupt")  # noqa: PT017
    else:
        assert [print_grid(grid) for grid in read.grids] == [GRID]


def test_odd_pages_are_read_or_left_without_a_crash() -> None:
    for media in ((0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1e7, 1e7), (595.0, 842.0, 0.0, 0.0)):
        document(Page(TABLE, media=media))
    odd = "q 0 0 0 0 0 0 cm " + TABLE + "Q q 1e30 0 0 1e30 0 0 cm " + TABLE + "Q " + line(0, 0, 1e9, 1e9)
    assert [print_grid(grid) for grid in document(odd + TABLE).grids] == [GRID]
    assert document(text(60, 740, "字", 0) + text(60, 700, "字", -10) + TABLE + box(1, 1, 1, 1)).grids


MEMORY = """
import resource, sys
from yusuan.extract.pdf import read_pdf
from tests.extract.pdf_writer import write_pdf, ruled, text
from tests.extract.test_pdf_document import TABLE
few = read_pdf(write_pdf(*[TABLE] * 20))
start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data = write_pdf(*[TABLE + "".join(text(60, 650 - y, "许多页里的一行文字") for y in range(0, 600, 12)) for _ in range(1000)])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(read_pdf(data).grids) == 1000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_thousand_pages_do_not_grow_in_memory() -> None:
    grown = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True).stdout
    assert int(grown) < 60  # MB; the grids themselves are about 5

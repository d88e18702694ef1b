"""Web pages: encodings, spans, layout tables, hidden parts, pages that Word and Excel write."""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build_html import build_html
from yusuan.extract import UnreadableError, parse_grids, print_grids, read
from yusuan.extract.web import read_html
from yusuan.extract.web_decode import decode


def shown(html: str) -> str:
    return print_grids(read_html(html.encode()).grids)


def table(*rows: str, attributes: str = "") -> str:
    return f"<table {attributes}>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


# --- encodings ----------------------------------------------------------------------------------------------------------

TEXT = "喆镕项目㐀 | 预算"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("utf-8", "gb2312"),
        ("utf-8-sig", "gbk"),
        ("utf-16", None),
        ("gb18030", None),
        ("gb18030", "gb2312"),
        ("gb18030", "GBK"),
        ("gb18030", "utf-8"),
        ("gb18030", "nonsense"),
        ("gb18030", "utf-16"),
    ],
)
def test_encodings(encoding: str, declared: str | None) -> None:
    document = read(build_html(TEXT, encoding=encoding, declared=declared))
    assert print_grids(document.grids) == TEXT
    assert not document.notes


def test_a_declaration_far_from_the_beginning() -> None:
    page = "<html><script>" + "x = 1;\n" * 9000 + '</script><meta charset="big5"><table><tr><td>預算<td>項目</table>'
    assert print_grids(read(page.encode("big5")).grids) == "預算 | 項目"


def test_pages_that_broke_off_inside_a_letter() -> None:
    assert decode("<p>项目".encode()[:-1]) == "<p>项\ufffd"


def test_what_cannot_be_decoded_is_reported() -> None:
    document = read_html("<table><tr><td>项目</td><td>".encode("gb18030") + b"\xff\xff<td>" + "预算".encode("gb18030"))
    assert [(note.code, note.row, note.col) for note in document.notes] == [("garbled-text", 0, 1)]


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    decode(data)
    with suppress(UnreadableError):
        read_html(b"<table><tr><td>" + data)


# --- tables -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "grid"),
    [
        (["<td colspan=2>a</td><td rowspan=2>b</td>", "<td>c<td>d"], "a | » | b\nc | d | ^"),
        (["<td rowspan=0>a</td><td>b", "<td>c", "<td>d"], "a | b\n^ | c\n^ | d"),
        (["<td rowspan=9>a</td><td>b", "<td>c"], "a | b\n^ | c"),
        (["<td colspan=0>a<td colspan=x>b<td colspan=-2>c"], "a | b | c"),
        (["<td>a<td rowspan=2>b", "<td colspan=3>c"], "a | b\nc | ^"),
        (["<th>a<th>b", "", "<td>c<td>d"], "a | b\nc | d"),
        (["<td>a<td>b", "<td>c"], "a | b\nc"),
        (["<td rowspan=2>a<td rowspan=2>b", "<td>c"], "a | b\n^ | ^ | c"),
        (["<td colspan=100000>a", "<td>b"], "a" + " | »" * 999 + "\nb"),
        (["<td style='display: none'>x<td>a<td hidden>y<td>b"], "a | b"),
    ],
)
def test_spans(rows: list[str], grid: str) -> None:
    assert shown(table(*rows)) == grid


def test_row_spans_end_with_their_group_and_hidden_rows_count_for_nothing() -> None:
    html = (
        "<table><thead><tr><th rowspan=5>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td rowspan=3>c<td>d</tr><tr style='DISPLAY:none'><td>x</tr><tr><td>e</tr></tbody></table>"
    )
    assert shown(html) == "a | b\nc | d\n^ | e"


def test_huge_spans_are_refused_or_read_but_never_fill_memory() -> None:
    with pytest.raises(UnreadableError, match="没有读取"):
        shown(table(*(["<td colspan=1000 rowspan=60000>a"] * 5000)))


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("a<br>b<br/><br>c<br>", "a⏎b⏎⏎c"),
        ("<p>a</p>\n<p>b</p><p></p><div>c</div>", "a⏎b⏎c"),
        ("<p>a</p><p>&nbsp;</p><p>b</p>", "a⏎⏎b"),
        (" a \n\t b ", "a b"),
        ("项目\n  名称", "项目名称"),
        ("&nbsp;&nbsp;省级&nbsp;", "\\  省级"),
        ("&nbsp;", "∅"),
        ("<script>x</script><style>y</style><!-- z --><span style='display:none'>h</span>a", "a"),
        ("<span>绩</span><b>效</b>", "绩效"),
        ("<pre>a  b\n c</pre>", "a  b⏎ c"),
        ("<input type=checkbox checked>新增 <input type=radio>延续 <input value=3>", "☑新增 □延续 3"),
        ("<select><option>a<option selected>b</select>", "b"),
        ("x&lt;y&amp;&#20013;<o:p>&nbsp;</o:p>", "x<y&中"),
        ("<ul><li>a<li>b</ul>", "a⏎b"),
    ],
)
def test_text_of_a_cell(inside: str, text: str) -> None:
    assert shown(table(f"<td>k<td>{inside}")) == f"k | {text}"


def test_crossed_out_text_is_none_of_its_cell_and_told() -> None:
    document = read_html(table("<td>a<td><del>90</del>100<td><s>8</s>").encode())
    assert print_grids(document.grids) == "a | 100 | 8"
    assert [(note.code, note.row, note.col, note.text) for note in document.notes] == [
        ("struck-text", 0, 1, "90"),
        ("struck-text", 0, 2, "8"),
    ]


def test_text_crossed_out_by_a_style_or_a_class() -> None:
    style = "<style>td.n, .x7 {color:red; text-decoration:line-through}</style>"
    rows = "<td>a<td><span style='text-decoration:line-through'>90</span>100<td><font class='b x7'><del>7</del></font>8<td class=n>9"
    document = read_html((style + table(rows)).encode())
    assert print_grids(document.grids) == "a | 100 | 8 | 9"
    assert [(note.col, note.text) for note in document.notes] == [(1, "90"), (2, "7"), (3, "9")]


def test_raised_digits_are_no_digits_of_a_figure() -> None:
    assert shown(table("<td>100<sup>1</sup><td>m<sup>2</sup>")) == "100¹ | m2"


def test_a_foot_that_stands_first_ends_the_table() -> None:
    assert shown("<table><tfoot><tr><td>c</tfoot><tbody><tr><td>a</tbody></table>") == "a\nc"


def test_lines_around_tables_are_context_and_titles_are_found() -> None:
    html = (
        "<html><head><title>某局网站</title><meta name='ArticleTitle' content='2024年绩效目标公开'></head><body>"
        "<h1>公开</h1><p>附件</p>" + table("<td>a<td>b") + "<div>表二</div>单位：<b>元</b>"
        "<table><caption>标题</caption><tr><td>c<td>d</table>尾</body>"
    )
    document = read_html(html.encode())
    assert print_grids(document.grids) == "> 公开\n> 附件\na | b\n\n> 表二\n> 单位：元\n> 标题\nc | d"
    assert document.title == "2024年绩效目标公开"
    assert read_html(b"<title> x\n y </title><p>z").title == "x y"


# --- tables in tables ---------------------------------------------------------------------------------------------------


def test_layout_tables_are_no_tables() -> None:
    inner = table("<td>项目名称<td>甲", "<td>主管部门<td>乙")
    page = table(
        "<td>某县财政局", f"<td><table><tr><td>首页</td></tr><tr><td>标题<br>{inner}</td></tr></table></td>", "<td>脚"
    )
    document = read_html(page.encode())
    assert print_grids(document.grids) == "> 某县财政局\n> 首页\n> 标题\n项目名称 | 甲\n主管部门 | 乙"
    assert document.grids[0].parent is None
    assert not document.notes


def test_a_table_inside_of_a_table_with_contents_is_read_alone() -> None:
    inner = table("<td>c<td>d")
    document = read_html(table("<td>a<td>b", f"<td>x<td>前{inner}后").encode() + table("<td>e<td>f").encode())
    assert print_grids(document.grids) == "a | b\nx | 前⏎后\n\nc | d\n\ne | f"
    assert [grid.parent for grid in document.grids] == [None, 0, None]
    assert [(note.code, note.grid, note.row, note.col) for note in document.notes] == [("nested-table", 0, 1, 1)]


def test_deep_nesting_ends() -> None:
    for tag in ("table><tr><td", "div", "span"):
        with suppress(UnreadableError):
            assert len(read_html(("<" + tag + ">").encode() * 3000 + b"x").grids) < 3000


# --- pages that offices write -------------------------------------------------------------------------------------------

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]-->
<style><!-- table.MsoNormalTable {mso-style-name:"x";} --></style></head><body lang=ZH-CN><div class=WordSection1>
<p class=MsoNormal align=center><b><span style='font-family:宋体'>项目支出绩效目标表<span lang=EN-US><o:p></o:p></span></span></b></p>
<table class=MsoNormalTable border=1 cellspacing=0><tr style='mso-yfti-irow:0'><td width=100 colspan=2><p class=MsoNormal><span
style='font-family:宋体'>项目
名称</span></p></td><![if !supportMisalignedColumns]><td style='border:none'>x</td><![endif]></tr>
<tr><td><p class=MsoNormal><span lang=EN-US>23</span><span>台<span lang=EN-US>/</span>套</span></p></td><td><p
class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p></td></tr></table></div></body></html>"""


def test_a_page_written_by_word() -> None:
    document = read(WORD.encode("gb18030"))
    assert print_grids(document.grids).startswith("> 项目支出绩效目标表\n项目名称 | »")
    assert print_grids(document.grids).endswith("23台/套 | ∅")


def test_a_page_saved_as_one_file() -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("no html")
    message.add_alternative("<p>表一<table><tr><td>项目名称<td>甲", subtype="html", charset="gb18030")
    message.add_alternative("<p>表二<table><tr><td>c<td>d", subtype="html", charset="utf-8")
    data = b"MIME-Version: 1.0\r\n" + message.as_bytes()
    document = read(data)
    assert print_grids(document.grids) == "> 表一\n项目名称 | 甲\n\n> 表二\nc | d"
    assert document.format == "html"


def test_printed_grids_come_back() -> None:
    form = "a⏎⏎b | » | ∅\n^ | » | \\  x\nc | d | e"
    assert print_grids(read(build_html(parse_grids(form))).grids) == form

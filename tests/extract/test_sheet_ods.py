"""OpenDocument spreadsheets: rows read in bulk are the rows that the tree gives; repeated rows and columns are no bombs."""

from __future__ import annotations

import time
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build import build_zip
from tests.build_sheet import build_ods_from_xml
from yusuan.extract import UnreadableError, print_grids, read
from yusuan.extract.grid import Document
from yusuan.extract.package import Package
from yusuan.extract.sheet_ods_scan import BLOCK, scan

OFFICE = ' office:value-type="string" calcext:value-type="string"'
NUMBER = ' office:value-type="float" office:value="1234.5" calcext:value-type="float"'
USUAL = (
    f"<table:table-cell{OFFICE}><text:p>产出指标</text:p></table:table-cell>",
    f'<table:table-cell table:style-name="ce1"{OFFICE}><text:p>  x&lt;5 &amp; y</text:p></table:table-cell>',
    f"<table:table-cell{NUMBER}><text:p><text:s/>1,234.50 </text:p></table:table-cell>",
    f'<table:table-cell{OFFICE}><text:p>一<text:s text:c="3"/>二</text:p><text:p>三<text:line-break/>四</text:p></table:table-cell>',
    f'<table:table-cell table:number-columns-repeated="3"{OFFICE}><text:p>重</text:p></table:table-cell>',
    '<table:table-cell table:number-columns-repeated="2"/>',
    '<table:table-cell table:style-name="ce2"/>',
    "<table:table-cell></table:table-cell>",
    '<table:table-cell table:formula="of:=[.A1]" office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell>',
    '<table:table-cell office:value-type="percentage" office:value="0.5" table:style-name="ce3"><text:p>50%</text:p></table:table-cell>',
)
ODD = (
    f'<table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="1"{OFFICE}><text:p>并</text:p></table:table-cell>'
    "<table:covered-table-cell/>",
    f"<table:table-cell{OFFICE}><office:annotation><text:p>批注</text:p></office:annotation><text:p>有批注</text:p></table:table-cell>",
    f'<table:table-cell{OFFICE}><text:p>富<text:span text:style-name="T1">文本</text:span></text:p></table:table-cell>',
    '<table:table-cell office:value-type="float" office:value="7"/>',
    '<table:table-cell office:value-type="date" office:date-value="2024-01-31"></table:table-cell>',
    f"<table:table-cell{OFFICE}><text:p>&#20013;</text:p></table:table-cell>",
    f"<table:table-cell{OFFICE}>\n<text:p>空白</text:p>\n</table:table-cell>",
    f"<table:table-cell{OFFICE}><!-- </table:table-cell> --><text:p>注</text:p></table:table-cell>",
)
ROWS = ("", ' table:style-name="ro1"', ' table:visibility="filter"', ' table:number-rows-repeated="3"')
WIDE = '<table:table-cell table:number-columns-repeated="16000"/>'

_row = st.builds(
    lambda head, cells, tail: f"<table:table-row{head}>{''.join(cells)}{tail}</table:table-row>",
    st.sampled_from([*ROWS[:2]] * 6 + [*ROWS[2:]]),
    st.lists(st.sampled_from([*USUAL] * 4 + [*ODD[:-1]]), min_size=1, max_size=6),
    st.sampled_from(["", WIDE]),
)
_table = st.builds(
    lambda rows, cut: (
        f'<table:table table:name="表">{"".join(rows[:cut])}<table:table-header-rows>{rows[cut % len(rows)]}'
        f"</table:table-header-rows>{''.join(rows[cut:])}</table:table>"
    ),
    st.lists(_row, min_size=1, max_size=12),
    st.integers(0, 12),
)


def build(tables: str) -> bytes:
    return build_ods_from_xml(tables.replace("<table:table ", '<table:table xmlns:calcext="urn:c" '))


def by_tree(data: bytes) -> Document:
    with patch("yusuan.extract.sheet_ods.scan", lambda xml: (xml, [])):
        return read(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(_table, min_size=1, max_size=2))
def test_rows_read_in_bulk_are_those_of_the_tree(tables: list[str]) -> None:
    data = build("".join(tables))
    assert read(data) == by_tree(data)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("where", [0, 1, 5, 6])
def test_an_odd_cell_anywhere_in_usual_rows(odd: str, where: int) -> None:
    rows = [f"<table:table-row>{''.join(USUAL)}{WIDE}</table:table-row>"] * 6
    rows.insert(where, f"<table:table-row>{USUAL[0]}{odd}{USUAL[1]}</table:table-row>")
    data = build(f'<table:table table:name="表">{"".join(rows)}</table:table>')
    assert read(data) == by_tree(data)


def test_usual_rows_are_not_left_to_the_tree() -> None:
    rows = "".join(f"<table:table-row>{''.join(USUAL)}{WIDE}</table:table-row>" for _ in range(50))
    xml = Package(build(f'<table:table table:name="表">{rows}</table:table>')).read("content.xml")
    rest, blocks = scan(xml)
    assert [block.height for block in blocks] == [48]  # the table begins with the first one and ends with the last
    assert rest.count(b"<table:table-cell") < 40
    texts = ["产出指标", "  x<5 & y", "1,234.50", "一   二\n三\n四", "重", "TRUE", "50%"]
    assert blocks[0].texts.tolist() == texts * 48
    assert blocks[0].cols.tolist() == [0, 1, 2, 3, 4, 11, 12] * 48
    assert blocks[0].wide.tolist() == [1, 1, 1, 1, 3, 1, 1] * 48


SHEET = (
    '<table:table table:name="表">'
    + "".join(f"<table:table-row>{USUAL[0]}{USUAL[1]}{USUAL[4]}</table:table-row>" for _ in range(4))
    + "</table:table>"
)
WRITTEN: dict[str, Callable[[str], str]] = {
    "usual": lambda xml: xml,
    "another prefix": lambda xml: xml.replace("<table:", "<t:").replace("</table:", "</t:").replace(" table:", " t:").replace("xmlns:table=", "xmlns:t="),
    "single quotes": lambda xml: xml.replace('"', "'"),
    "declared again": lambda xml: xml.replace("<table:table ", '<table:table xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" ', 1),
    "another encoding": lambda xml: xml.replace("UTF-8", "GB18030"),
    "no declaration": lambda xml: xml.partition("?>")[2],
    "indented": lambda xml: xml.replace("<table:table-", "\n  <table:table-"),
    "CDATA": lambda xml: xml.replace("产出指标", "<![CDATA[产出指标]]>"),
    "a row in a comment": lambda xml: xml.replace("</table:table>", f"<!--<table:table-row>{USUAL[0]}</table:table-row><table:table-row>{USUAL[0]}</table:table-row><table:table-row>--></table:table>"),
    "our own mark": lambda xml: xml.replace("<table:table-row>", f'<table:table-row {BLOCK}="0">', 1),
}  # fmt: skip


@pytest.mark.parametrize("way", WRITTEN)
def test_the_same_cells_however_the_xml_is_written(way: str) -> None:
    xml = Package(build(SHEET)).read("content.xml").decode()
    written = WRITTEN[way](xml)
    encoding = "gb18030" if "GB18030" in written else "utf-8"
    mark = "application/vnd.oasis.opendocument.spreadsheet"
    document = read(build_zip({"mimetype": mark, "content.xml": written.encode(encoding)}))
    assert print_grids(document.grids) == "\n".join(["> 表", *["产出指标 | \\  x<5 & y | 重 | 重 | 重"] * 4])


@pytest.mark.parametrize("prefix", ["table", "text", "office"])
def test_a_prefix_that_means_something_else(prefix: str) -> None:
    data = build(SHEET.replace("<table:table ", f'<table:table xmlns:{prefix}="urn:other" '))
    assert read(data) == by_tree(data)


def test_rows_that_are_a_text_stay_one() -> None:
    data = build(SHEET.replace("产出指标", f"<![CDATA[{SHEET}]]>"))
    assert read(data) == by_tree(data)
    assert read(data).grids[0].cells[0].text.startswith("<table:table ")


@pytest.mark.parametrize("twice", [OFFICE, ' table:number-columns-repeated="2"'])
def test_an_attribute_that_stands_twice_is_damage(twice: str) -> None:
    data = build(SHEET.replace("<table:table-cell ", f"<table:table-cell{twice}{twice} "))
    with pytest.raises(UnreadableError):
        read(data)


# --- bombs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3, 400, 70_000])
def test_repeated_columns_are_no_bomb(count: int) -> None:
    """Each row has 16,384 texts, in some hundred bytes: what comes first is read, the rest is told."""
    cell = f'<table:table-cell table:number-columns-repeated="16384"{OFFICE}><text:p>x</text:p></table:table-cell>'
    data = build(f'<table:table table:name="表">{f"<table:table-row>{cell}</table:table-row>" * count}</table:table>')
    begin = time.process_time()
    document = read(data)
    assert time.process_time() - begin < 20
    assert [note.code for note in document.notes] == ["unread-part"] * (2 if count > 3 else 0)
    if count == 3:
        assert len(document.grids[0].cells) == 3 * 16384


def test_rows_below_the_last_one_are_not_read() -> None:
    far = f'<table:table-row table:number-rows-repeated="1048550">{WIDE}</table:table-row>'
    rows = "".join(f"<table:table-row>{USUAL[0]}{USUAL[1]}{WIDE}</table:table-row>" for _ in range(20))
    data = build(f'<table:table table:name="表">{rows}{far}{rows}</table:table>')
    assert read(data) == by_tree(data)
    assert len(read(data).grids[0].cells) == 2 * (20 + 6)

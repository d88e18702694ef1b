"""Old Excel workbooks: each kind of record, texts cut into records, Excel 95, damage. The truth is what was written."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.build_sheet import Number, Tab
from tests.build_xls import (
    Rich,
    build_xls,
    compound_file,
    formula_record,
    label_record,
    number_record,
    record,
    shared_strings,
    workbook,
)
from yusuan.extract import UnreadableError, print_grids, read
from yusuan.extract.compound import compound_stream

STYLES = b"".join(record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in (0, 10, 4, 14))
"""Styles 0 to 3: General, 0.00%, #,##0.00, yyyy/m/d."""
GENERAL, PERCENT, AMOUNT, DAY = range(4)


def cells(head: bytes, *records: bytes, excel_95: bool = False) -> dict[tuple[int, int], str]:
    data = workbook(STYLES + head, [("Sheet1", False, b"".join(records))], excel_95)
    return {(cell.row, cell.col): cell.text for grid in read(data).grids for cell in grid.cells if cell.text}


def place(row: int, col: int, style: int = 0) -> bytes:
    return struct.pack("<HHH", row, col, style)


def result(what: int, value: int = 0) -> bytes:
    """Of a formula that gave no number: 0 a text, 1 a boolean, 2 an error, 3 nothing."""
    return struct.pack("<BBBBHH", what, 0, value, 0, 0, 0xFFFF)


def test_each_kind_of_record() -> None:
    found = cells(
        shared_strings(["项目", "", " \r\n"]),
        record(0xFD, place(0, 0) + struct.pack("<I", 0)),
        record(0xFD, place(0, 1) + struct.pack("<I", 1)),
        record(0xFD, place(0, 2) + struct.pack("<I", 2)),
        record(0xFD, place(0, 3) + struct.pack("<I", 0)),
        number_record(1, 0, AMOUNT, 1234.5),
        number_record(1, 1, PERCENT, 0.95),
        number_record(1, 2, GENERAL, -7),
        number_record(1, 3, GENERAL, 1 / 3),
        record(0x27E, place(1, 4, GENERAL) + struct.pack("<Q", struct.unpack("<Q", struct.pack("<d", 1.5))[0])[4:]),
        record(0xBD, struct.pack("<HHHIHIH", 2, 1, DAY, 45000 << 2 | 2, AMOUNT, 1250 << 2 | 3, 2)),
        record(0xBE, struct.pack("<HHHHH", 2, 3, 0, 0, 4)),
        formula_record(3, 0, AMOUNT, struct.pack("<d", 8)),
        formula_record(3, 1, GENERAL, result(0), bytes(5)),
        record(0x4BC, bytes(10)),
        record(0x207, struct.pack("<HB", 2, 1) + "合计".encode("utf-16-le")),
        formula_record(3, 2, GENERAL, result(1, 1)),
        formula_record(3, 3, GENERAL, result(2, 0x07)),
        formula_record(3, 4, GENERAL, result(3)),
        record(0x205, place(4, 0) + bytes([0, 0])),
        record(0x205, place(4, 1) + bytes([0x17, 1])),
        label_record(4, 2, "甲\r\n乙"),
        label_record(4, 3, "富", kind=0xD6),
        record(0x201, place(4, 4)),
    )
    assert found == {
        **{
            (0, 0): "项目",
            (0, 3): "项目",
            (1, 0): "1,234.50",
            (1, 1): "95.00%",
            (1, 2): "-7",
            (1, 3): "0.333333333333333",
            (1, 4): "1.5",
        },
        **{(2, 1): "2023/3/15", (2, 2): "12.50", (3, 0): "8.00", (3, 1): "合计", (3, 2): "TRUE", (3, 3): "#DIV/0!"},
        **{(4, 0): "FALSE", (4, 1): "#REF!", (4, 2): "甲\n乙", (4, 3): "富"},
    }


def test_charts_inside_of_a_sheet_hold_none_of_its_cells() -> None:
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 6))
    chart = (
        begin + number_record(0, 0, 0, 99) + begin + record(0x0A, b"") + number_record(0, 1, 0, 98) + record(0x0A, b"")
    )
    assert cells(b"", number_record(0, 0, 0, 1), chart, number_record(0, 1, 0, 2)) == {(0, 0): "1", (0, 1): "2"}


def test_of_several_cells_at_one_place_the_last_counts_and_any_order_is_read() -> None:
    numbers = [(2, 0, 1), (0, 1, 2), (0, 0, 3), (2, 0, 4), (0, 1, 5)]
    found = cells(b"", *(number_record(row, col, 0, value) for row, col, value in numbers))
    assert found == {(0, 0): "3", (0, 1): "5", (2, 0): "4"}
    twice = [
        label_record(0, 0, "旧"),
        label_record(0, 0, "目标表"),
        number_record(1, 0, 0, 1),
        number_record(1, 1, 0, 2),
    ]
    assert print_grids(read(workbook(b"", [("Sheet1", False, b"".join(twice))])).grids) == "> 目标表\n1 | 2"


@pytest.mark.parametrize("before", [0, 1])
def test_the_text_of_a_formula_belongs_to_it_however_many_there_are(before: int) -> None:
    """Records are read some thousands at a time: what comes behind a formula may be in the next lot."""
    records = [number_record(0, 3, 0, 1)] * before
    for row in range(9000):
        records += [formula_record(row, 0, 0, result(0)), record(0x207, struct.pack("<HB", 4, 0) + b"%04d" % row)]
    grid = read(workbook(STYLES, [("Sheet1", False, b"".join([*records, number_record(0, 4, 0, 1)]))])).grids[0]
    assert [grid.rows[row][0].text for row in range(9000)] == [f"{row:04}" for row in range(9000)]


TRAPS = [0xFD, 0x203, 0x27E, 0x06, 0x0A, 0xBD, 0x3C, 0x201, 0x208, 0xD7, 14]
"""Numbers that are kinds and lengths of records: inside of other records they are none."""
_small = st.sampled_from([*TRAPS, 0, 1, 2, 3]).filter(lambda number: number < 256)
_double = st.one_of(
    st.tuples(*[st.sampled_from(TRAPS)] * 4).map(lambda words: struct.unpack("<d", struct.pack("<4H", *words))[0]),
    st.integers(-(10**9), 10**9).map(float),
    st.floats(-1e9, 1e9),
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from([*TRAPS, 0, 1, 2, 300]), _small),
        st.tuples(st.sampled_from("nnnnfrlsbe"), _double, st.binary(max_size=4)),
        min_size=1,
        max_size=60,
    ),
    st.randoms(use_true_random=False),
)
def test_records_are_found_whatever_stands_in_their_bodies(wanted, rng) -> None:  # type: ignore[no-untyped-def]
    """calamine walks all records one by one; so many odd lengths that runs begin at even and odd places."""
    strings, records = ["项", "目", "三"], []
    for (row, col), (kind, value, odd) in wanted.items():
        records.append(
            {
                "n": lambda row=row, col=col, value=value: record(0x203, place(row, col) + struct.pack("<d", value)),
                "r": lambda row=row, col=col, value=value: number_record(row, col, 0, float(int(value))),
                "f": lambda row=row, col=col, value=value, odd=odd: formula_record(
                    row, col, 0, struct.pack("<d", value), b"\x1d\x01" if len(odd) % 2 else b"\x1e\x01\0"
                ),
                "l": lambda row=row, col=col, odd=odd: label_record(row, col, "x" + odd.hex()),
                "s": lambda row=row, col=col: record(0xFD, place(row, col) + struct.pack("<I", col % 3)),
                "b": lambda row=row, col=col: record(0x205, place(row, col) + bytes([col % 2, 0])),
                "e": lambda row=row, col=col: record(0x201, place(row, col)),
            }[kind]()
        )
    if rng.random() < 0.5:
        rng.shuffle(records)
    data = workbook(STYLES + shared_strings(strings), [("Sheet1", False, b"".join(records))])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    other = [value for line in sheet.to_python() for value in line if value != ""]
    grids = read(data).grids
    texts = [cell.text for grid in grids for cell in grid.cells if cell.text] + [
        t for grid in grids for t in grid.context
    ]
    assert len(texts) == len(other)
    words = sorted(text for text in texts if not _is_number(text))
    assert words == sorted(
        str(value).upper() if isinstance(value, bool) else value for value in other if isinstance(value, str | bool)
    )
    numbers = sorted(float(text) for text in texts if _is_number(text))
    assert numbers == pytest.approx(
        sorted(float(value) for value in other if not isinstance(value, str | bool)), rel=1e-13
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Rich,
            st.one_of(st.text("ab1", min_size=1, max_size=30), st.text("中文é😀ab", min_size=1, max_size=30)),
            st.integers(0, 9),
            st.integers(0, 40),
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(14, 60),
)
def test_shared_strings_are_cut_anywhere(texts: list[Rich], longest: int) -> None:
    records = [record(0xFD, place(row, 0) + struct.pack("<I", row)) for row in range(len(texts))]
    found = cells(
        shared_strings([*texts, "尾"], longest), *records, record(0xFD, place(0, 1) + struct.pack("<I", len(texts)))
    )
    assert found == {(row, 0): rich.text for row, rich in enumerate(texts)} | {(0, 1): "尾"}


def test_the_text_of_a_formula_may_be_longer_than_a_record() -> None:
    text = "长" * 6000
    first, rest = text[:4000].encode("utf-16-le"), text[4000:].encode("utf-16-le")
    string = record(0x207, struct.pack("<HB", len(text), 1) + first) + record(0x3C, b"\1" + rest)
    assert cells(b"", number_record(0, 0, 0, 1), formula_record(0, 1, 0, result(0)), string) == {
        (0, 0): "1",
        (0, 1): text,
    }


def test_two_sheets_of_one_name_are_two_sheets() -> None:
    data = build_xls([Tab("表", {(0, 0): text, (0, 1): "x"}) for text in "甲乙"])
    assert print_grids(read(data).grids) == "> 表\n甲 | x\n\n> 表\n乙 | x"


def test_a_number_that_is_no_date_stands_as_it_is() -> None:
    data = build_xls(
        [Tab("Sheet1", {(0, 0): Number(123456789012345678, "yyyy-mm-dd"), (0, 1): Number(45000, "yyyy-mm-dd")})]
    )
    assert print_grids(read(data).grids) == "123456789012346000 | 2023-03-15"


# --- Excel 95 -----------------------------------------------------------------------------------------------------------


def test_excel_95_writes_the_encoding_of_its_country_and_formats() -> None:
    values = {(0, 0): "项目名称", (0, 1): "某县①", (1, 0): Number(0.95, "0.0%"), (1, 1): Number(45000, 'yyyy"年"m"月"')}
    data = build_xls([Tab("绩效表", values, hidden=True)], excel_95=True)
    document = read(data)
    assert print_grids(document.grids) == "> 绩效表\n项目名称 | 某县①\n95.0% | 2023年3月"
    assert document.grids[0].hidden


def test_the_text_of_a_formula_in_excel_95() -> None:
    text = "合计".encode("gbk")
    string = record(0x207, struct.pack("<H", len(text)) + text)
    found = cells(record(0x42, struct.pack("<H", 936)), number_record(0, 0, 0, 1), formula_record(0, 1, 0, result(0)), string,
                  label_record(0, 2, "富", excel_95=True, kind=0xD6), excel_95=True)  # fmt: skip
    assert found == {(0, 0): "1", (0, 1): "合计", (0, 2): "富"}


# --- damage -------------------------------------------------------------------------------------------------------------


def test_a_text_that_the_file_does_not_hold_is_told() -> None:
    records = [record(0xFD, place(0, col) + struct.pack("<I", col)) for col in range(3)]
    document = read(workbook(shared_strings(["甲", "乙"]), [("表6", False, b"".join(records))]))
    assert print_grids(document.grids) == "> 表6\n甲 | 乙"
    assert [(note.code, note.page) for note in document.notes] == [("unread-part", 1)]
    assert "1 个单元格" in document.notes[0].message


def test_what_is_cut_off_is_never_read_in_part() -> None:
    tab = Tab("Sheet1", {(row, col): f"甲{row}" for row in range(6) for col in range(4)})
    stream = compound_stream(build_xls([tab]), ("Workbook",))
    assert stream is not None
    end = len(stream.rstrip(b"\0")) + 3  # the last record has no body
    for cut in range(8, end):
        assert end < 4096
        with pytest.raises(UnreadableError) as caught:
            read(compound_file("Workbook", stream[:cut]).rstrip(b"\0"))
        assert caught.value.code == "corrupt", cut
    assert len(read(compound_file("Workbook", stream[:end])).grids[0].cells) == 24


def test_sheets_at_one_place_are_damage() -> None:
    """A thousand names for one large sheet would be a bomb."""
    data = build_xls([Tab(name, {(0, 0): name, (0, 1): "x"}) for name in "甲乙"])
    first, second = (at.start() - 6 for at in re.finditer(re.escape(b"\x01\x01") + b"[\x32\x59][\x75\x4e]", data))
    with pytest.raises(UnreadableError):
        read(data[:second] + data[first : first + 4] + data[second + 4 :])


@pytest.mark.parametrize(
    "broken",
    [
        lambda: record(0x203, place(0, 0)),
        lambda: record(0xFD, place(0, 0)),
        lambda: record(0xBD, place(0, 0)),
        lambda: record(0x06, place(0, 0) + bytes(8)),
        lambda: record(0x204, place(0, 0) + b"\5\0\1a"),
        lambda: record(0x207, b"\1\0\0a"),
    ],
)
def test_damaged_records_are_not_read(broken: Callable[[], bytes]) -> None:
    good = number_record(1, 0, 0, 1) + number_record(1, 1, 0, 2)
    data = workbook(STYLES, [("Sheet1", False, broken() + good)])
    with pytest.raises(UnreadableError) as caught:
        read(data)
    assert caught.value.code == "corrupt"


def test_shared_strings_that_end_too_early_are_damage() -> None:
    whole = shared_strings(["甲乙丙丁", "戊"])
    for cut in range(1, len(whole) - 12):
        body = whole[4 : len(whole) - cut]
        if body[8:] and len(body) != 19:  # behind the first string is a good end
            with pytest.raises(UnreadableError):
                read(workbook(record(0xFC, body), [("Sheet1", False, number_record(0, 0, 0, 1))]))

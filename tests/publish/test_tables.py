import csv
import datetime
import hashlib
import io
import json
import re
from collections import namedtuple
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.publish.arrow import MONEY, RowError, to_arrow
from yusuan.publish.seal import seal
from yusuan.publish.tables import PLACEHOLDER, _protected, protect, rechunk, write
from yusuan.schemas import Column, Table, tables

THINGS = Table(
    "things",
    "东西",
    "Things for tests.",
    (
        Column("name", "string", "名称", "A name."),
        Column("note", "string", "备注", "A note.", nullable=True),
        Column("amount", "money", "金额", "In 元.", nullable=True),
        Column("day", "date", "日期", "A day.", nullable=True),
        Column("count", "int32", "数量", "A count.", nullable=True),
        Column("share", "float64", "比例", "A share.", nullable=True),
    ),
    ("name",),
)


def read_csv(folder: Path, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((folder / name).read_bytes().decode("utf-8-sig"), newline=""), strict=True))


# --- rows → Arrow -----------------------------------------------------------------------------------------------------


def test_every_declared_type_becomes_its_arrow_type() -> None:
    row = {
        "name": "a",
        "note": "b",
        "amount": Decimal("1.5"),
        "day": datetime.date(2024, 2, 1),
        "count": 3,
        "share": 0.5,
    }
    table = to_arrow(THINGS, [row])
    assert table.schema.types == [pa.string(), pa.string(), MONEY, pa.date32(), pa.int32(), pa.float64()]
    assert table.to_pylist() == [row | {"amount": Decimal("1.50")}]


def test_missing_keys_are_null_and_an_empty_text_is_null_where_null_is_allowed() -> None:
    assert to_arrow(THINGS, [{"name": "", "note": ""}]).to_pylist() == [
        {"name": "", "note": None, "amount": None, "day": None, "count": None, "share": None}
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"nmae": "a"}, "things: 'nmae' is no column"),
        ({"name": 3}, "things.name"),
        ({"count": 2**40}, "things.count"),
        ({"amount": Decimal("0.005")}, "things.amount"),
        ({"amount": 0.1}, "things.amount"),
    ],
)
def test_a_row_that_does_not_fit_names_table_and_column(row: dict[str, object], said: str) -> None:
    with pytest.raises(RowError, match=re.escape(said)):
        to_arrow(THINGS, [row])


def test_tuples_and_mappings_do_not_mix() -> None:
    """The keys of a mapping would be taken for its values."""
    texts = replace(THINGS, columns=THINGS.columns[:2])
    row = namedtuple("Row", ["name", "note"])("a", "b")
    assert to_arrow(texts, [row]).to_pylist() == [row._asdict()]
    with pytest.raises(RowError, match="things"):
        to_arrow(texts, [row, row._asdict()])


# --- CSV --------------------------------------------------------------------------------------------------------------


def test_csv_has_a_bom_english_header_line_feeds_and_empty_nulls(tmp_path: Path) -> None:
    rows = [{"name": 'say "a,b"\nnext', "amount": Decimal(660000), "day": datetime.date(2024, 2, 1)}, {"name": "b"}]
    (written,) = write(tmp_path, THINGS, [to_arrow(THINGS, rows)])["csv"]
    assert (tmp_path / "things.csv").read_bytes() == (
        b'\xef\xbb\xbfname,note,amount,day,count,share\n"say ""a,b""\nnext",,660000.00,2024-02-01,,\n"b",,,,,\n'
    )
    assert (written.rows, written.bytes) == (2, (tmp_path / "things.csv").stat().st_size)


@given(
    st.lists(st.tuples(st.text(), st.none() | st.text(min_size=1), st.none() | st.floats(allow_nan=False)), max_size=8)
)
def test_csv_gives_back_every_text_and_number(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    try:
        table = to_arrow(THINGS, [{"name": name, "note": note, "share": share} for name, note, share in rows])
    except RowError:  # lone surrogates are no text
        return
    write(folder, THINGS, [table])
    back = [
        (name, note or None, float(share) if share else None)
        for name, note, _, _, _, share in read_csv(folder, "things.csv")[1:]
    ]
    assert back == rows


@pytest.mark.parametrize(
    "text",
    ["=100%", "+86", "-5", "@SUM(A1)", "\t=1", "00123", "12345678901234567890", "1/2", "2024-01-31", "2023.07-2024.01",
     "3月5日", "2023.10", "1e5", "3-Mar", "Sep 2022", "TRUE", "100%", "1,000.50", "（12）", "（1）", "-项目", "#N/A", "12:30",
     '="x"', "　007", "１２３", "\x0c\r"],
)  # fmt: skip
def test_texts_that_a_spreadsheet_would_change_are_written_as_a_formula_that_shows_them(text: str) -> None:
    formula = protect(text)
    assert formula.startswith('="')
    assert formula[2:-1].replace('""', '"') == text
    assert _protected(pa.chunked_array([[text]])).to_pylist() == [formula], "the quick test in Arrow lets it through"


@pytest.mark.parametrize("text", ["", "项目", "≥90%", "23台/套", "0", "15", "1. 第一", "及时", "Windows", "表（一）"])
def test_other_texts_stay_for_the_spreadsheet(text: str) -> None:
    assert protect(text) == text


@given(st.text())
def test_the_quick_test_of_a_column_agrees_with_the_test_of_a_text(text: str) -> None:
    try:
        column = pa.chunked_array([pa.array([text], pa.string())])
    except UnicodeEncodeError:
        return
    assert _protected(column).to_pylist() == [protect(text)]


def test_long_texts_are_cut_into_what_a_formula_and_a_cell_can_hold() -> None:
    parts = protect("=" + "好" * 600).removeprefix("=").split("&")
    assert [len(part) for part in parts] == [257, 257, 93]
    assert "".join(part[1:-1] for part in parts) == "=" + "好" * 600
    assert len(protect("好" * 40_000)) == 32_767
    assert len(protect("=" + "1" * 40_000)) < 8_192


def test_the_file_for_spreadsheets_has_chinese_headers_and_plain_numbers(tmp_path: Path) -> None:
    rows = [{"name": "=100%", "note": None, "amount": Decimal("-5.00"), "day": datetime.date(2024, 2, 1)}]
    write(tmp_path, THINGS, [to_arrow(THINGS, rows)], excel=True)
    header, row = read_csv(tmp_path, "excel/things.csv")
    assert header == ["名称", "备注", "金额", "日期", "数量", "比例"]
    assert row == ['="=100%"', "", "-5.00", "2024-02-01", "", ""]


# --- Parquet ----------------------------------------------------------------------------------------------------------


def test_parquet_metadata_describes_table_columns_and_release(tmp_path: Path) -> None:
    table = tables()["funds"]
    seal(tmp_path, write(tmp_path, table, [to_arrow(table, [])])["parquet"], "0123456789abcdef")
    schema = pq.read_schema(tmp_path / "funds.parquet")
    assert schema.metadata[b"release"] == b"0123456789abcdef"
    assert pq.read_metadata(tmp_path / "funds.parquet").metadata[b"release"] == b"0123456789abcdef"
    assert schema.metadata[b"description"].decode() == table.description
    field = schema.field("amount")
    assert field.type == MONEY
    assert field.metadata[b"title"].decode() == "金额（元）"
    assert "元" in field.metadata[b"description"].decode()
    assert [field.nullable for field in schema] == [column.nullable for column in table.columns]


@given(st.lists(st.integers(0, 30), max_size=6))
def test_bytes_do_not_depend_on_how_the_rows_arrive(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    folder = tmp_path_factory.mktemp("parts")
    whole = to_arrow(THINGS, [{"name": str(number), "count": number} for number in range(sum(sizes))])
    parts, start = [], 0
    for size in sizes:
        parts.append(whole.slice(start, size))
        start += size
    assert [len(part) for part in rechunk(parts, 7)] == [len(part) for part in rechunk([whole], 7)]
    made = [write(folder, THINGS, rows) | {"sealed": []} for rows in ([whole], parts)]
    assert made[0] == made[1]
    assert pq.read_table(folder / "things.parquet").column("name").to_pylist() == whole.column("name").to_pylist()


def test_row_groups_have_a_fixed_size() -> None:
    parts = [pa.table({"n": range(5)}), pa.table({"n": range(5, 12)})]
    assert [part["n"].to_pylist() for part in rechunk(parts, 4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert json.dumps([len(part) for part in rechunk([pa.table({"n": []})], 4)]) == "[]"


def test_a_table_of_many_rows_becomes_a_folder_of_parts_in_order(tmp_path: Path) -> None:
    rows = to_arrow(THINGS, [{"name": f"{number:03}", "count": number} for number in range(10)])
    made = write(tmp_path, replace(THINGS, part_rows=4), [rows.slice(0, 5), rows.slice(5)], excel=True)
    assert [(part.path, part.rows) for part in made["csv"]] == [
        ("things.csv/part-00000.csv", 4), ("things.csv/part-00001.csv", 4), ("things.csv/part-00002.csv", 2)
    ]  # fmt: skip
    assert made["excel"][0].path == "excel/things.csv/part-00000.csv"
    seal(tmp_path, made["parquet"], "0123456789abcdef")
    whole = pq.read_table(tmp_path / "things.parquet")
    assert whole["count"].to_pylist() == list(range(10))
    assert whole.schema.metadata[b"release"] == b"0123456789abcdef"
    names = [row[0] for part in made["csv"] for row in read_csv(tmp_path, part.path)[1:]]
    assert names == rows["name"].to_pylist()
    for name in ("exact", "alone"):
        (tmp_path / name).mkdir()
    exact = write(tmp_path / "exact", replace(THINGS, part_rows=5), [rows])
    assert [part.rows for part in exact["parquet"]] == [5, 5]
    alone = write(tmp_path / "alone", replace(THINGS, part_rows=10), [rows])
    assert [part.path for part in alone["csv"]] == ["things.csv"]


def test_a_text_that_looks_like_the_placeholder_stays(tmp_path: Path) -> None:
    made = write(tmp_path, THINGS, [to_arrow(THINGS, [{"name": PLACEHOLDER}, {"name": "release"}])])
    (sealed,) = seal(tmp_path, made["parquet"], "0123456789abcdef")
    table = pq.read_table(tmp_path / "things.parquet", filters=[("name", "==", PLACEHOLDER)])
    assert table["name"].to_pylist() == [PLACEHOLDER]
    assert sealed.sha256 == hashlib.sha256((tmp_path / "things.parquet").read_bytes()).hexdigest()
    with pytest.raises(ValueError, match="no single place"):
        seal(tmp_path, made["parquet"], "0123456789abcdef")

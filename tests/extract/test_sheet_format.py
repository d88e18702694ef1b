"""Numbers as a spreadsheet shows them; the expected texts are those of LibreOffice and Excel."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build_sheet import Number, Tab, build_xlsx
from tests.build_xls import build_xls
from yusuan.extract import read
from yusuan.extract.sheet_format import BUILTIN, formatter, general

ACCOUNTING = BUILTIN[43]
SHOWN = [
    ("0.95", "0%", "95%"),
    ("0.5", "0.0%", "50.0%"),
    ("1234.5", "#,##0.00", "1,234.50"),
    ("-1234.5", "#,##0.00", "-1,234.50"),
    ("-1234.5", "#,##0.00_);(#,##0.00)", "(1,234.50)"),
    ("-5.5", "0.00;[Red](0.00)", "(5.50)"),
    ("-5.5", "0.00;[Red]0.00", "-5.50"),
    ("-5.5", "0.00;[红色]▲0.00", "▲5.50"),
    ("1000000", '0!.0,"万元"', "100.0万元"),
    ("0", ACCOUNTING, "-"),
    ("12", ACCOUNTING, "12.00"),
    ("0", "0;-0;;@", ""),
    ("0", "#,##0.00", "0.00"),
    ("2.675", "0.00", "2.68"),
    ("12.345", "0.0#", "12.35"),
    ("12", "0.0#", "12.0"),
    ("1234567", '0.0,,"百万"', "1.2百万"),
    ("7", "000", "007"),
    ("13800138000", "000-0000-0000", "138-0013-8000"),
    ("1234.5", "[$¥-804]#,##0.00", "¥1,234.50"),
    ("12345.678", "0.00E+00", "1.23E+04"),
    ("-0.4", "0", "0"),
    ("5", '[>=10]"大"0;"小"0', "小5"),
    ("100", "0\\%", "100%"),
    ("3", '0"年"', "3年"),
    ("88", "@", "88"),
    ("45292", "yyyy/m/d", "2024/1/1"),
    ("45292", 'yyyy"年"m"月"d"日"', "2024年1月1日"),
    ("45292.5", "yyyy-mm-dd hh:mm", "2024-01-01 12:00"),
    ("45292", "[$-804]yyyy\\-mm\\-dd;@", "2024-01-01"),
    ("45292", "aaaa", "星期一"),
    ("0.5", "h:mm AM/PM", "12:00 PM"),
    ("1.25", "[h]:mm", "30:00"),
    ("0.999999", "h:mm:ss", "0:00:00"),
    ("60", "yyyy-mm-dd", "1900-02-29"),
    ("176.12000000000001", "General", "176.12"),
    ("0.30000000000000004", "General", "0.3"),
    ("1.0", "General", "1"),
    ("100", "General", "100"),
    ("1E-3", "General", "0.001"),
    ("123456789012", "General", "123456789012"),
    ("-0", "General", "0"),
    ("n/a", "0.00", "n/a"),
    ("1", "", "1"),
    ("1e300", "#,##0.00", "1E+300"),
    ("2.5", "0." + "0" * 80, "2.5"),
]


@pytest.mark.parametrize(("number", "code", "text"), SHOWN)
def test_shown(number: str, code: str, text: str) -> None:
    assert formatter(code or "General")(number) == text


def test_dates_counted_from_1904() -> None:
    assert formatter("yyyy/m/d", epoch_1904=True)("0") == "1904/1/1"


def test_both_old_and_new_excel_files_show_numbers() -> None:
    values: list[tuple[float, str, str]] = [(float(n), code, text) for n, code, text in SHOWN if code and n != "n/a"]
    tab = Tab("Sheet1", {(row, 1): Number(n, code) for row, (n, code, _) in enumerate(values)})
    tab.values |= {(row, 0): "x" for row in range(len(values))}
    for data in (build_xlsx([tab]), build_xls([tab])):
        grid = read(data).grids[0]
        assert [grid.at(row, 1).text for row in range(len(values))] == [text for _, _, text in values]  # type: ignore[union-attr]


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=4))
def test_general_loses_no_digit(number: Decimal) -> None:
    written = format(number, "f")
    if len(number.as_tuple().digits) <= 15:
        assert Decimal(general(written)) == number


@given(
    st.one_of(
        st.integers(1, 10**16).map(str), st.decimals(0, 10**9, allow_nan=False).map(str), st.floats(0, 1e12).map(repr)
    ),
    st.sampled_from(["#,##0", "0"]),
    st.integers(0, 4),
    st.sampled_from(["", "%", "_ ", '"元"']),
)
def test_plain_formats_round_half_up_on_fifteen_digits(written: str, whole: str, decimals: int, after: str) -> None:
    """However the number is written: with as many digits as are shown, with more, with an exponent."""
    code = whole + ("." + "0" * decimals if decimals else "") + after
    number = Context(prec=15, rounding=ROUND_HALF_UP).create_decimal(written)
    rounded = number.scaleb(2 * (after == "%")).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60))
    wanted = f"{rounded:{',' if ',' in whole else ''}f}"
    assert formatter(code)(written) == wanted + after.strip('_ "')


@given(
    st.text(alphabet='0#?.,%;"\\_*[]@GeneralEyMdhs/-+>< ', max_size=12), st.one_of(st.floats(-1e7, 1e7), st.floats())
)
def test_no_format_code_raises(code: str, number: float) -> None:
    assert isinstance(formatter(code)(repr(number)), str)

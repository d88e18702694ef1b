"""Every golden document gives its expected tables, as DOCX and as PDF."""

from __future__ import annotations

import pytest

from tests.build import build_docx
from tests.golden import FOLDER, Case, as_csv, cases
from yusuan.extract import read
from yusuan.extract.grid import parse_grids
from yusuan.normalize import normalize

CASES = list(cases())


def _compare(case: Case, data: bytes) -> None:
    got = as_csv(normalize(read(data), "0" * 64))
    missing = {table: text for table, text in got.items() if case.expected(table) is None}
    if missing:
        case.write_expected(missing)
        pytest.fail(f"{case.folder}/expected had no {', '.join(missing)}: written now, review and commit them")
    for table, text in got.items():
        assert text == case.expected(table), f"{case.name}: {table}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_word(case: Case) -> None:
    _compare(case, build_docx(parse_grids(case.form)))


@pytest.mark.parametrize("case", [case for case in CASES if case.pdf], ids=lambda case: case.name)
def test_pdf(case: Case) -> None:
    assert case.pdf is not None
    _compare(case, case.pdf)


def test_the_second_example_of_make_run_is_the_rendering_of_its_form() -> None:
    example = next(case for case in CASES if case.name == "x_example")
    (shipped,) = (FOLDER.parent.parent / "data/raw").glob("*.pdf")
    assert shipped.read_bytes() == example.pdf, "python tests/recipe.py render tests/golden x_example, then copy it"

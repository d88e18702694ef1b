"""The golden documents and the sample give the same tables in every kind of file: as spreadsheets, web pages, OFD."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.build_html import build_html
from tests.build_ofd import build_ofd
from tests.build_sheet import build_ods, build_xlsx, tab_of, tabs_of
from tests.build_xls import build_xls
from tests.golden import Case, as_csv, cases
from yusuan.extract import read
from yusuan.extract.grid import Grid, parse_grids
from yusuan.normalize import normalize

SAMPLES = sorted((Path(__file__).parent.parent / "data" / "raw").glob("*.docx"))
CASES = [case for case in cases() if case.expected("projects") is not None]
Grids = Iterable[Grid]


def _gb2312(grids: Grids) -> bytes:
    return build_html(grids, encoding="gb18030", declared="gb2312")


def _stacked(grids: Grids) -> bytes:
    return build_xlsx([tab_of(grids)])


KINDS: dict[str, tuple[str, Callable[[Grids], bytes]]] = {
    "xlsx": ("xlsx", lambda grids: build_xlsx(tabs_of(grids))),
    "xlsx-one-sheet": ("xlsx", _stacked),
    "xls": ("xls", lambda grids: build_xls(tabs_of(grids))),
    "ods": ("ods", lambda grids: build_ods(tabs_of(grids))),
    "html": ("html", build_html),
    "html-gb2312": ("html", _gb2312),
    "ofd": ("ofd", build_ofd),
    "ofd-thin-areas": ("ofd", lambda grids: build_ofd(grids, strokes=False)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_facts(case: Case, kind: str) -> None:
    format_name, build = KINDS[kind]
    document = read(build(parse_grids(case.form)))
    assert document.format == format_name
    for table, text in as_csv(normalize(document, "0" * 64)).items():
        assert text == case.expected(table), f"{case.name} as {kind}: {table}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:6])
def test_the_samples_too(path: Path, kind: str) -> None:
    sample = read(path)
    document = read(KINDS[kind][1](sample.grids))
    expected, got = (as_csv(normalize(each, "0" * 64)) for each in (sample, document))
    for table in ("projects", "funds", "indicators"):
        assert got[table] == expected[table], table

"""A draft made without the form's own layout reads the form as that layout does."""

from __future__ import annotations

import pytest

from tests.golden import Case, as_csv, cases
from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import layouts, normalize
from yusuan.normalize.draft import draft_layout
from yusuan.normalize.layout_file import parse_layout

CASES = [case for case in cases() if case.name[0] in "abcdefghij"]
_INDICATORS, _FUNDS = "indicators", "funds"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_draft_is_a_valid_layout_that_reads_the_form(case: Case) -> None:
    document = Document("docx", tuple(parse_grids(case.form)))
    whole = normalize(document, "0" * 64)
    others = [layout for layout in layouts() if layout.id not in {block.layout for block in whole.blocks}]
    drafted = parse_layout(draft_layout(document, others), "draft", "draft.toml")
    read = normalize(document, "0" * 64, [drafted])
    assert {block.layout for block in read.blocks} == {"draft"}
    assert [block.unread for block in read.blocks] == [0] * len(read.blocks)
    expected, got = as_csv(whole), as_csv(read)
    assert got[_INDICATORS] == expected[_INDICATORS]
    if case.name != "f_flat_no_levels":  # its unit stands in a line before the table, behind a label of a field
        assert got[_FUNDS] == expected[_FUNDS]

"""The second reading: agrees where python-docx is right, and knows its limits by name where it is not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.build import build_docx, build_from_xml, build_zip, cell, paragraph, row, rows
from tests.extract.test_word_tables import CASES as STRUCTURES
from tests.extract.test_word_text import CASES as TEXTS
from tests.strategies import grids
from yusuan.difference import Difference
from yusuan.extract import Grid, UnreadableError
from yusuan.verify import verify

SAMPLE = Path(__file__).parent.parent / "data" / "raw" / "大同市委办公室2022年项目支出绩效目标申报表.docx"


def test_the_sample_reads_the_same() -> None:
    assert verify(SAMPLE.read_bytes()) == []


@given(grids())
@settings(max_examples=40)
def test_plain_documents_read_the_same(grid: Grid) -> None:
    assert verify(build_docx([grid])) == []


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_are_explained(name: str) -> None:
    found = verify(build_from_xml(rows(STRUCTURES[name][0])))
    assert [difference for difference in found if difference.reason is None] == []


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_explained(name: str) -> None:
    found = verify(build_from_xml(rows(row(cell(TEXTS[name][0])))))
    assert [difference for difference in found if difference.reason is None] == []


def test_a_difference_is_seen() -> None:
    control = "<w:sdt><w:sdtContent><w:p><w:r><w:t>b</w:t></w:r></w:p></w:sdtContent></w:sdt><w:p/>"
    found = verify(build_from_xml(rows(row("a", cell(control)))))
    assert found == [Difference(None, 0, 0, 1, "b\n", "", "python-docx leaves out a content control")]


def test_tables_that_are_not_reached() -> None:
    table = rows(row("a"))
    found = verify(build_from_xml(f"<w:sdt><w:sdtContent>{table}</w:sdtContent></w:sdt>{table}"))
    assert [(one.grid, one.ours, one.reason) for one in found] == [
        (0, "1 × 1", "python-docx does not reach tables in a content control")
    ]
    nested = rows(row(cell(table + paragraph("x")), "b"))
    assert verify(build_from_xml(nested)) == []


def test_an_unexplained_difference_has_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docx.table._Cell.text", "x")
    (found,) = verify(build_docx("a"))
    assert (found.ours, found.theirs, found.reason) == ("a", "x", None)


def test_a_file_that_python_docx_refuses() -> None:
    document = build_docx("a")
    (found,) = verify(_as_macro_document(document))
    assert found.reason is not None
    assert "does not open" in found.reason
    with pytest.raises(UnreadableError):
        verify(b"x")


def _as_macro_document(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    types = parts["[Content_Types].xml"]
    assert isinstance(types, bytes)
    word = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts["[Content_Types].xml"] = types.replace(word, b"vnd.ms-word.document.macroEnabled.main+xml")
    return build_zip(parts)

"""Scans where recognition is not installed: told, with what to install; everything else is read."""

from __future__ import annotations

import pytest

from tests.golden import FOLDER
from tests.scans import Scanner, drawn, encoded, joined, picture_pdf, scan_pdf
from yusuan import extract
from yusuan.extract import UnreadableError, read
from yusuan.extract.pdf import read_pages
from yusuan.extract.pdf_scanned import scanned_pages

SCANNER = Scanner(dpi=72, skew=0.0, noise=0.0)


@pytest.fixture(autouse=True)
def without_recognition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "can_recognize", lambda: False)


def text_pdf(name: str = "d_annual_only") -> bytes:
    return (FOLDER / name / "document.pdf").read_bytes()


def test_scans_and_pictures_name_what_to_install() -> None:
    [page] = drawn(text_pdf(), 72)
    for data in (scan_pdf(text_pdf(), SCANNER), encoded(page, "JPEG", SCANNER)):
        with pytest.raises(UnreadableError) as caught:
            read(data)
        assert caught.value.code == "missing-tool"
        assert "yusuan[scan]" in str(caught.value)


def test_the_pages_with_text_are_read_all_the_same() -> None:
    document = read(joined(text_pdf(), scan_pdf(text_pdf(), SCANNER)))
    assert [grid.page for grid in document.grids] == [1]
    assert document.text_source == "text"
    [note] = [note for note in document.notes if note.code == "no-text-layer"]
    assert note.page == 2
    assert "yusuan[scan]" in note.message


def test_a_stamp_beside_a_picture_of_a_page_makes_no_page_of_text() -> None:
    [page] = drawn(text_pdf(), 72)
    for text, part, expected in (
        ("Scanned by X", 1.0, [2]),
        ("Scanned by X", 0.5, []),
        ("A page of text. " * 12, 1.0, []),
    ):
        whole = joined(text_pdf(), picture_pdf([page], SCANNER, text=text, part=part))
        assert scanned_pages(whole, *read_pages(whole)) == expected

"""Fonts that explain themselves are measured on boxes: what is read stays the same, and other fonts stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract.pdf_writer import OWN, ruled, text, write_pdf
from yusuan.extract import pdf
from yusuan.extract.grid import Document, print_grid
from yusuan.extract.pdf_chars import OutlinesNeededError
from yusuan.extract.pdf_fonts import BOXED
from yusuan.extract.pdf_outlines import without_outlines

_ROOT = Path(__file__).parents[2]
_PRINTED = sorted([*(_ROOT / "tests/golden").glob("**/*.pdf"), *(_ROOT / "data/raw").glob("*.pdf")])
_TABLE = ruled((50, 150, 250), (760, 730, 700))


def _read(data: bytes, monkeypatch: pytest.MonkeyPatch, outlines: bool) -> Document:
    with monkeypatch.context() as patch:
        if outlines:
            patch.setattr(pdf, "without_outlines", lambda data: data)
        return pdf.read_pdf(data)


@pytest.mark.parametrize("path", _PRINTED, ids=lambda path: path.parent.name)
def test_a_printed_document_is_read_the_same_on_boxes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = path.read_bytes()
    boxed = without_outlines(data)
    assert len(boxed) == len(data)
    assert boxed != data
    ways = [_read(data, monkeypatch, outlines) for outlines in (False, True)]
    first, second = ([[(cell.text, cell.bbox) for cell in grid.cells] for grid in way.grids] for way in ways)
    assert first == second
    assert [grid.context for grid in ways[0].grids] == [grid.context for grid in ways[1].grids]
    assert ways[0].notes == ways[1].notes


@pytest.mark.parametrize("blank", ["", text(64, 740, " ", font="F6"), text(70, 740, " ", font="F6")])
def test_lone_letters_are_read_and_lone_blanks_are_not(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = text(60, 740, "5", font="F6") + blank + text(66, 740, ".", font="F6") + text(160, 740, "年", font="F6")
    cells += text(60, 710, "1.5", font="F6") + text(160, 710, "2 年", font="F6")
    data = write_pdf(_TABLE + cells)
    assert BOXED in without_outlines(data)
    for outlines in (False, True)[: 1 if blank else 2]:  # the font of the test draws its blank: there pdfium keeps it
        assert print_grid(_read(data, monkeypatch, outlines).grids[0]) == "5. | 年\n1.5 | 2 年"


def test_several_blanks_in_one_object_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """pdfium tells them as one; with its own font it leaves out a single one only."""
    cells = text(60, 740, "年", font="F6")
    cells += text(70, 740, "  ", font="F6") + text(76, 740, "度", font="F6")
    assert _read(write_pdf(_TABLE + cells), monkeypatch, outlines=False).grids[0].cells[0].text == "年  度"


@pytest.mark.parametrize(("right", "left_over"), [(84.5, "18.85"), (82.9, "18.8"), (70, "18"), (68, "1")])
def test_a_clipping_leaves_the_same_letters(right: float, left_over: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pdfium forgets a clipping around which no box sticks out; letters are 6 and 3 points wide here and begin at 60."""
    cells = f"q 55 735 {right - 55:g} 20 re W n {text(60, 740, '18.85', font='F6')} Q"
    data = write_pdf(_TABLE + cells)
    for outlines in (False, True):
        assert _read(data, monkeypatch, outlines).grids[0].cells[0].text == left_over


def test_letters_that_get_lost_on_boxes_are_read_with_the_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """pdfium takes the second of two equal pieces in one place for its shadow."""
    data = write_pdf(_TABLE + text(60, 740, "目标", font="F6") + text(60.2, 740, "目标", font="F6"))
    assert BOXED in without_outlines(data)
    with pytest.raises(OutlinesNeededError):
        _read(without_outlines(data), monkeypatch, outlines=True)
    assert pdf.read_pdf(data).grids[0].cells[0].text == "目标"


def test_what_an_actual_text_calls_a_soft_hyphen_is_read_with_the_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """LibreOffice writes so where the glyph is empty and stands for a blank as well: 5, which ends in a soft hyphen, was read as 5-."""
    hyphen = f"/Span << /ActualText <feff00ad> >> BDC {text(66, 740, ' ', font='F6')} EMC"
    data = write_pdf(_TABLE + text(60, 740, "5", font="F6") + hyphen)
    assert BOXED in without_outlines(data)
    with pytest.raises(OutlinesNeededError):
        _read(without_outlines(data), monkeypatch, outlines=True)


def test_a_lone_blank_of_any_width_parts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_pdf(_TABLE + text(60, 740, "度", font="F6") + text(70, 740, "年", font="F6"))
    data = data.replace(b"<42> <5ea6>", b"<42> <2002>")
    assert BOXED in without_outlines(data)
    assert _read(data, monkeypatch, outlines=False).grids[0].cells[0].text == "年"


def test_blanks_of_slanted_text_are_counted_by_their_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Italics made of upright letters: the loose box is wider by the slant, on boxes and on outlines."""
    slanted = text(60, 740, "年      5度", font="F6").replace("1 0 0 1", "1 0 0.1 1")
    data = write_pdf(_TABLE + slanted)
    assert "0.1" in slanted
    assert BOXED in without_outlines(data)
    for outlines in (False, True):
        assert _read(data, monkeypatch, outlines).grids[0].cells[0].text == "年      5度"


@pytest.mark.parametrize(("right", "left_over"), [(74, "目。"), (71, "目")])
def test_a_stop_shows_with_its_left_half(right: float, left_over: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clipping right behind the ink of 。 hides nothing; in the font its place is an em wide."""
    cells = f"q 55 735 {right - 55:g} 20 re W n {text(60, 740, '目度', font='F6')} Q"
    data = write_pdf(_TABLE + cells).replace(b"<42> <5ea6>", b"<42> <3002>")
    for outlines in (False, True):
        assert _read(data, monkeypatch, outlines).grids[0].cells[0].text == left_over


_DATA = write_pdf(_TABLE + text(60, 740, OWN, font="F6"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/ToUnicode 6 0 R", b""),
        (b"/ToUnicode 6 0 R", b"/ToUnicode 99 0 R"),
        (b"<42> <5ea6>", b""),
        (b"<42> <5ea6>", b"<42> <0000>"),
        (b"<42> <5ea6>", b"<42> <00AD>"),
        (b"<42> <5ea6>", b"<42> <F0FE>"),
        (b"/LastChar 80", b"/LastChar 81"),
        (b" 300 300]", b" 300 300 300]"),
        (b"/ABCDEF+Own /FirstChar", b"/Own /FirstChar"),
        (b"/ABCDEF+Own /FirstChar", b"/ABCDEF+OwnNarrow /FirstChar"),
        (b"/StemV 80 /FontFile2", b"/StemV 80 /MissingWidth 500 /FontFile2"),
        (b"/Subtype /TrueType", b"/Subtype /Type3"),
        (b"/FontFile2", b"/FontBox"),
        (b"<< /Type /Catalog", b"<< /Other << /Type /ObjStm >> /Type /Catalog"),
        (b"/Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 859 /Descent -141 /CapHeight 700 /StemV 80 /FontFile2", b"/Flags 65540 /FontFile2"),
        (b"%%EOF", b"xref\n0 0\ntrailer\n<< /Prev 0 >>\nstartxref\n0\n%%EOF"),
        (b"/F6 7 0 R", b"/F6 7 0 R /F7 << /Type /Font /Subtype /TrueType /BaseFont /GHIJKL+Own /FontDescriptor 5 0 R >>"),
    ],
)  # fmt: skip
def test_a_font_that_does_not_explain_every_code_stays_as_it_is(old: bytes, new: bytes) -> None:
    assert without_outlines(_DATA) != _DATA
    assert old in _DATA
    edited = _DATA.replace(old, new)
    assert without_outlines(edited) is edited


def test_ranges_and_other_ways_of_writing_are_understood() -> None:
    codes = b" ".join(b"<%02x> <%04x>" % (65 + place, ord(letter)) for place, letter in enumerate(OWN))
    assert codes in _DATA
    ranges = _DATA.replace(b"16 beginbfchar " + codes + b" endbfchar", b"1 beginbfrange <41> <50> <4e00> endbfrange")
    assert BOXED in without_outlines(ranges)
    assert BOXED in without_outlines(_DATA.replace(b"\n5 0 obj\n", b"\r5 0 obj\r"))
    assert BOXED in without_outlines(_DATA.replace(b"/FirstChar 65 /LastChar 80 ", b"/FirstChar 65/LastChar 80"))
    assert BOXED in without_outlines(_DATA.replace(b"/Flags 4 /FontBBox", b"/Flags 4/FontBBox"))

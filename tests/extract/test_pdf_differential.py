"""Our cells against pdfplumber's on all test PDFs: equal, or the difference has a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extract import test_pdf_lines, test_pdf_text
from tests.extract.pdf_writer import line, ruled, text, write_pdf
from yusuan.difference import Difference
from yusuan.extract.grid import Cell, Grid
from yusuan.extract.pdf import read_pdf
from yusuan.verify_pdf import compare, second_reading

GOLDEN = sorted((Path(__file__).parent.parent / "golden").glob("*/document.pdf"))
LINES = {
    **test_pdf_lines.BORDERS,
    **{
        name: drawing + ruled(test_pdf_lines.XS, test_pdf_lines.YS)
        for name, drawing in test_pdf_lines.INVISIBLE.items()
    },
}


def differences(data: bytes) -> list[Difference]:
    return compare(read_pdf(data).grids, second_reading(data))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_golden_documents_have_equal_cells(path: Path) -> None:
    assert {found.reason for found in differences(path.read_bytes())} <= {
        "a table of one cell: pdfplumber leaves these out"
    }


@pytest.mark.parametrize("drawing", LINES.values(), ids=LINES.keys())
def test_borders(drawing: str) -> None:
    unexplained = [found for found in differences(write_pdf(drawing + test_pdf_lines.TEXTS)) if found.reason is None]
    assert unexplained == []


@pytest.mark.parametrize("content", test_pdf_text.HIDDEN.values(), ids=test_pdf_text.HIDDEN.keys())
def test_hidden_letters(content: str) -> None:
    data = write_pdf(test_pdf_text.FRAME + content + text(120, 740, "见"))
    assert [found.reason for found in differences(data) if found.reason is None] == []


def test_equal_readings_have_no_difference() -> None:
    assert differences(write_pdf(ruled(test_pdf_lines.XS, test_pdf_lines.YS) + test_pdf_lines.TEXTS)) == []


def test_a_wrong_reading_is_found_and_has_no_reason() -> None:
    right = write_pdf(ruled((50, 150, 250), (760, 730)) + text(60, 740, "1,053,300") + text(160, 740, "乙"))
    wrong = write_pdf(ruled((50, 150, 250), (760, 730)) + text(60, 740, "1,053,308") + text(160, 740, "乙"))
    (found,) = compare(read_pdf(wrong).grids, second_reading(right))
    assert found == Difference(1, 0, 0, 0, "1,053,308", "1,053,300", None)


def test_reasons_tell_what_pdfplumber_does() -> None:
    white = "1 G " + line(50, 745, 150, 745) + "0 G " + ruled((50, 150, 250), (760, 730, 700)) + text(60, 750, "甲")
    reasons = {found.reason for found in differences(write_pdf(white))}
    assert reasons
    assert all(reason and "see" in reason for reason in reasons)
    twice = ruled((50, 150, 250), (760, 730)) + text(60, 740, "粗体") + text(60.3, 740, "粗体")
    assert [found.reason for found in differences(write_pdf(twice))] == [
        "letters drawn twice (bold): pdfplumber keeps both"
    ]
    open_side = "".join(line(50, y, 350, y) for y in (760, 730, 700)) + text(310, 740, "右")
    open_side += line(150, 700, 150, 760) + line(250, 700, 250, 760)
    assert {found.reason for found in differences(write_pdf(open_side))} == {
        "a border that the page does not draw closes the cell (open side or page break): pdfplumber leaves it out"
    }
    ours, theirs = (Grid((Cell(0, 0, text=text, page=1, bbox=(0, 0, 9, 9)),), page=1) for text in ("一月", "⼀⽉"))
    assert [found.reason for found in compare([ours], [theirs])] == [
        "the font's map names radicals (⼀) that look like the letters (一): pdfplumber keeps them"
    ]

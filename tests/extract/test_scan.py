"""Scanned pages: the tables, texts and facts of the page that was scanned, and an issue where something may be wrong.

A golden PDF is the source, its own text the truth. Recognition takes seconds a page, so what is read once serves several tests.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import cache

import pytest

pytest.importorskip("rapidocr", reason="the extra yusuan[scan] is not installed", exc_type=ImportError)

import cv2
import numpy as np
from PIL import Image, ImageDraw

from tests.golden import FOLDER, as_csv
from tests.scans import Scanner, drawn, encoded, joined, picture_pdf, scan_pdf, scanned, stamped
from yusuan.extract import Document, Grid, UnreadableError, read
from yusuan.extract.scan_image import DPI, find_rules, find_skew, prepare
from yusuan.extract.scan_page import DOUBTED, DOUBTFUL, drawn_sign, is_doubtful_number
from yusuan.normalize import normalize

CASE = "d_annual_only"
PLAIN = Scanner(skew=0.0, noise=0.0, quality=90)


def pdf(name: str = CASE) -> bytes:
    return (FOLDER / name / "document.pdf").read_bytes()


@cache
def text_of(name: str = CASE) -> Document:
    return read(pdf(name))


@cache
def scan_of(name: str = CASE) -> Document:
    return read(scan_pdf(pdf(name)))


def folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def spans(grid: Grid) -> list[tuple[int, int, int, int]]:
    return [(cell.row, cell.col, cell.row_span, cell.col_span) for cell in grid.cells]


def wrong_cells(document: Document, truth: Document) -> list[tuple[int, int, int]]:
    """(grid, row, column) of the cells with other texts; the structures must be the same."""
    assert [spans(grid) for grid in document.grids] == [spans(grid) for grid in truth.grids]
    return [
        (number, cell.row, cell.col)
        for number, (own, true) in enumerate(zip(document.grids, truth.grids, strict=True))
        for cell, expected in zip(own.cells, true.cells, strict=True)
        if folded(cell.text) != folded(expected.text)
    ]


def test_a_page_askew_noisy_and_compressed_gives_its_tables() -> None:
    document, truth = scan_of(), text_of()
    assert (document.format, document.pages, document.text_source) == ("pdf", truth.pages, "ocr")
    wrong = wrong_cells(document, truth)
    assert len(wrong) <= 0.02 * sum(len(grid.cells) for grid in truth.grids), wrong
    assert [note.page for note in document.notes if note.code == "text-from-scan"] == [None]
    assert all(cell.confidence is not None for grid in document.grids for cell in grid.cells if cell.text)
    assert all(cell.page == 1 for grid in document.grids for cell in grid.cells)


def test_lines_end_where_they_do_in_the_text() -> None:
    """The free width behind a line tells whether a text goes on over a page break: ink must not make it wider."""
    pairs = [
        (own.room, true.room)
        for name in (CASE, "e_shanghai")
        for grid, other in zip(scan_of(name).grids, text_of(name).grids, strict=True)
        for own, true in zip(grid.cells, other.cells, strict=True)
        if own.room is not None
        and true.room is not None
        and true.text[-1] >= "\u4e00"
        and true.room < 1.5  # where it decides
    ]
    assert len(pairs) > 20
    assert max(own - true for own, true in pairs) < 0.12, [pair for pair in pairs if pair[0] - pair[1] >= 0.12]


def test_its_facts_are_the_same_or_have_an_issue() -> None:
    expected = as_csv(normalize(text_of(), "0" * 64))
    result = normalize(scan_of(), "0" * 64)
    got = as_csv(result)

    def rows(text: str, *columns: str) -> list[list[str]]:
        return [[folded(row.get(column, "")) for column in columns] for row in csv.DictReader(io.StringIO(text))]

    funds = ("period", "stage", "source", "depth", "amount")
    assert rows(got["funds"], *funds) == rows(expected["funds"], *funds)
    indicators = ("period", "seq", "level3", "operator", "value", "unit", "kind")
    assert rows(got["indicators"], *indicators) == rows(expected["indicators"], *indicators)
    assert [issue["code"] for issue in result.issues if issue["code"] == "text-from-scan"] == ["text-from-scan"]


def test_a_table_goes_on_over_scanned_pages() -> None:
    expected = normalize(text_of("e_shanghai"), "0" * 64)
    result = normalize(scan_of("e_shanghai"), "0" * 64)
    assert len(result.projects) == len(expected.projects)
    assert [row["amount"] for row in result.funds] == [row["amount"] for row in expected.funds]
    assert len(result.indicators) == len(expected.indicators)


def test_boxes_are_those_of_the_page() -> None:
    [page] = drawn(pdf(), PLAIN.dpi)
    document = read(encoded(page, "PNG", PLAIN))
    assert (document.format, document.pages, document.text_source) == ("image", 1, "ocr")
    assert wrong_cells(document, text_of()) == []
    for own, true in zip(document.grids, text_of().grids, strict=True):
        for cell, expected in zip(own.cells, true.cells, strict=True):
            assert cell.bbox is not None
            assert expected.bbox is not None
            assert cell.bbox == pytest.approx(expected.bbox, abs=1.5)


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    [page] = drawn(pdf(), PLAIN.dpi)
    document = read(encoded(page.rotate(90, expand=True), "TIFF", PLAIN))
    assert wrong_cells(document, text_of()) == []
    upright, turned = text_of().grids[0].cells[0].bbox, document.grids[0].cells[0].bbox
    assert upright is not None
    assert turned is not None
    height = page.width * 72 / PLAIN.dpi
    assert turned == pytest.approx((upright[1], height - upright[2], upright[3], height - upright[0]), abs=2)


def test_an_opaque_seal_costs_what_it_hides() -> None:
    [page] = drawn(pdf(), 200)
    sealed = stamped(page, page.width * 0.6, page.height * 0.25, 160, opaque=True)
    document = read(picture_pdf([scanned(sealed, Scanner())], Scanner()))
    told = {(note.grid, note.row, note.col) for note in document.notes if note.code == "low-confidence"}
    assert "dropped-overlay" in [note.code for note in document.notes]
    wrong = set(wrong_cells(document, text_of()))
    assert 0 < len(wrong | told) < 0.35 * len(text_of().grids[0].cells)
    assert len(wrong - told) <= 1  # a letter misread elsewhere, as in any scan
    result = normalize(document, "0" * 64)
    warned = {(issue["grid"], issue["row"], issue["col"]) for issue in result.issues if issue["severity"] != "info"}
    amounts = {
        (row["period"], row["source"], row["depth"]): row["amount"] for row in normalize(text_of(), "0" * 64).funds
    }
    for row in result.funds:
        right = row["amount"] == amounts[row["period"], row["source"], row["depth"]]
        assert right or (row["grid"], row["row"], row["col"]) in warned, "no wrong amount without an issue"


def test_a_document_of_text_and_pictures_is_read_in_the_order_of_its_pages() -> None:
    document = read(joined(pdf("d_annual_only_conflict"), scan_pdf(pdf(), PLAIN), pdf("f_flat_no_levels")))
    assert (document.pages, document.text_source) == (3, "mixed")
    assert [grid.page for grid in document.grids] == [1, 2, 3]
    assert [(note.code, note.page) for note in document.notes if note.code == "text-from-scan"] == [
        ("text-from-scan", 2)
    ]
    assert [cell.confidence is None for grid in document.grids for cell in grid.cells if cell.text].count(False) > 10
    assert wrong_cells(Document("pdf", (document.grids[1],)), text_of()) == []
    after = [cell._replace(page=3) for cell in text_of("f_flat_no_levels").grids[0].cells]
    assert list(document.grids[2].cells) == after


def test_too_few_pixels_are_reported() -> None:
    poor = Scanner(dpi=90, skew=0.0, noise=0.0, quality=80)
    document = read(scan_pdf(pdf(), poor))
    assert next((note.page, note.row) for note in document.notes if note.code == "low-confidence") == (1, None)


def test_pictures_without_text_and_broken_ones_are_named() -> None:
    blank = Image.new("RGB", (1200, 1700), (255, 255, 255))
    for data, code in (
        (encoded(blank, "PNG", PLAIN), "no-text"),
        (picture_pdf([blank], PLAIN), "no-text"),
        (encoded(blank, "PNG", PLAIN)[:200], "corrupt"),
        (b"II*\0\x08\0\0\0", "corrupt"),
        (b"BM" + bytes(60), "corrupt"),
    ):
        with pytest.raises(UnreadableError) as caught:
            read(data)
        assert caught.value.code == code


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [-3.0, -0.4, 0.0, 1.0, 5.0])
def test_the_skew_is_measured(angle: float) -> None:
    page = Image.new("L", (1700, 2200), 255)
    draw = ImageDraw.Draw(page)
    for row in range(200, 2000, 60):
        draw.line((200, row, 1500, row), 0, 3)
    assert find_skew(np.asarray(page.rotate(angle, fillcolor=255), dtype=np.uint8)) == pytest.approx(angle, abs=0.06)


def test_strokes_of_letters_are_no_rules_and_short_rules_between_rules_are() -> None:
    ink = np.zeros((900, 1200), dtype=np.uint8)
    for row in (100, 170, 800):
        cv2.line(ink, (100, row), (1100, row), 255, 3)
    for column in (100, 1100):
        cv2.line(ink, (column, 100), (column, 800), 255, 3)
    cv2.line(ink, (600, 100), (600, 170), 255, 3)  # in one row only
    cv2.rectangle(ink, (300, 300), (380, 380), 255, 4)  # 口, large
    cv2.line(ink, (700, 180), (700, 230), 255, 4)  # a stroke near a rule
    cv2.line(ink, (100, 500), (500, 500), 255, 3)
    ink[:, 295:303] = 0  # a gap that a scanner leaves
    horizontal, vertical, _ = find_rules(ink)
    point = 72 / DPI
    assert sorted({round(at / point) for at, _, _ in horizontal}) == pytest.approx([100, 170, 500, 800], abs=2)
    assert sorted(round(at / point) for at, _, _ in vertical) == pytest.approx([100, 600, 1100], abs=2)


@pytest.mark.parametrize("text", ["660.000", "1,05", "12,3456", "1,,000", "27I00", "l00,000", "3O0"])
def test_numbers_that_are_not_well_formed_are_doubted(text: str) -> None:
    assert is_doubtful_number(text)
    assert DOUBTED < DOUBTFUL


@pytest.mark.parametrize("text", ["660,000", "1.05", "95%", "≥98.5%", "2022年1月1日", "1,053,300.00", "3年"])
def test_usual_numbers_are_not(text: str) -> None:
    assert not is_doubtful_number(text)


Stroke = tuple[tuple[int, int], tuple[int, int], int]
SIGNS: list[tuple[str, list[Stroke]]] = [
    ("/", [((20, 60), (45, 15), 4)]),
    ("", [((30, 15), (30, 60), 5)]),  # a one
    ("", [((20, 15), (45, 60), 4)]),  # falls to the right
    ("=", [((10, 30), (50, 30), 3), ((10, 44), (50, 44), 3)]),
    ("", [((18, 30), (42, 30), 3), ((10, 55), (50, 55), 3)]),  # 二: the upper stroke is shorter
    ("——", [((10, 40), (50, 40), 3), ((60, 40), (100, 40), 3)]),
    ("……", [((10 + 14 * dot, 40), (13 + 14 * dot, 40), 4) for dot in range(6)]),
    ("", [((10, 40), (50, 40), 3)]),  # a dash or 一: the engine's turn
]


@pytest.mark.parametrize(("sign", "strokes"), SIGNS)
def test_drawn_signs_are_no_letters(sign: str, strokes: list[Stroke]) -> None:
    ink = np.zeros((80, 130), dtype=np.uint8)
    for begin, end, width in strokes:
        cv2.line(ink, begin, end, 255, width)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    assert drawn_sign(np.asarray(stats[1:], dtype=np.int64), np.asarray(255 - ink, dtype=np.uint8)) == sign


def test_a_page_with_a_seal_that_stands_straight_is_prepared() -> None:
    rgb = np.full((1100, 800, 3), 255, np.uint8)
    for y in range(100, 1000, 60):
        cv2.line(rgb, (50, y), (750, y), (0, 0, 0), 2)
    cv2.circle(rgb, (400, 500), 80, (220, 30, 30), 5)
    page = prepare(rgb, 595.0)
    assert (len(page.seals), len(page.horizontal)) == (1, 15)

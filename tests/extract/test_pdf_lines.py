"""Ways in which producers draw borders, and lines that are none."""

from __future__ import annotations

import itertools

import pytest

from tests.extract.pdf_writer import Form, Page, box, line, ruled, text, write_pdf
from yusuan.extract.grid import print_grid
from yusuan.extract.pdf import read_pdf

XS, YS = (50.0, 150.0, 250.0), (760.0, 730.0, 700.0)
"""Borders of the table of these tests: two rows, two columns."""
TEXTS = text(60, 740, "甲一") + text(160, 740, "乙二") + text(60, 710, "丙三") + text(160, 710, "丁四")
EXPECTED = "甲一 | 乙二\n丙三 | 丁四"


def read(*pages: Page | str) -> list[str]:
    return [print_grid(grid) for grid in read_pdf(write_pdf(*pages)).grids]


def thin(x0: float, y0: float, x1: float, y1: float) -> str:
    return box(x0, y0, x1, y1, "f")


def word_borders() -> str:
    """Thin filled rectangles between corner squares, each piece of a border on its own."""
    t = 0.48
    parts = []
    for y in YS:
        parts += [thin(x, y, x + t, y + t) for x in XS]
        parts += [thin(a + t, y, b, y + t) for a, b in itertools.pairwise(XS)]
    for x in XS:
        parts += [thin(x, b + t, x + t, a) for a, b in itertools.pairwise(YS)]
    return "".join(parts)


def pieces(length: float, gap: float) -> str:
    """All rules cut into short pieces."""
    parts = []
    for y in YS:
        x = XS[0]
        while x < XS[-1]:
            parts.append(line(x, y, min(x + length, XS[-1]), y))
            x += length + gap
    for x in XS:
        y = YS[-1]
        while y < YS[0]:
            parts.append(line(x, y, x, min(y + length, YS[0])))
            y += length + gap
    return "".join(parts)


def doubled(distance: float) -> str:
    rows = "".join(line(XS[0], y + d, XS[-1], y + d) for y in YS for d in (0, distance))
    return rows + "".join(line(x + d, YS[-1], x + d, YS[0]) for x in XS for d in (0, distance))


def each_cell(paint: str, inset: float = 0.0) -> str:
    return "".join(
        box(a + inset, d + inset, b - inset, c - inset, paint)
        for a, b in itertools.pairwise(XS)
        for c, d in itertools.pairwise(YS)
    )


def askew(rise: float) -> str:
    """Each rule leans by `rise` points from end to end."""
    rows = "".join(line(XS[0], y, XS[-1], y + rise) for y in YS)
    return rows + "".join(line(x, YS[-1], x + rise, YS[0]) for x in XS)


def slanted_polygons() -> str:
    """Rules as filled quadrilaterals a little askew."""
    parts = [f"{XS[0]} {y} m {XS[-1]} {y + 2} l {XS[-1]} {y + 2.6} l {XS[0]} {y + 0.6} l f\n" for y in YS]
    parts += [f"{x} {YS[-1]} m {x} {YS[0]} l {x + 0.6} {YS[0]} l {x + 0.6} {YS[-1]} l h f\n" for x in XS]
    return "".join(parts)


def outlines() -> str:
    """Each border outlined: a rectangle inside a rectangle, filled between them."""
    parts = []
    for a, b in itertools.pairwise(XS):
        for c, d in itertools.pairwise(YS):
            parts.append(f"{a} {d} {b - a} {c - d} re {a + 0.5} {d + 0.5} {b - a - 1} {c - d - 1} re f*\n")
    return "".join(parts)


BORDERS = {
    "strokes": ruled(XS, YS),
    "thick strokes": ruled(XS, YS, 2.5),
    "grey strokes": "0.7 G " + ruled(XS, YS),
    "thin rectangles with corner squares": word_borders(),
    "stroked cell rectangles": each_cell("S"),
    "closed cell rectangles": each_cell("s"),
    "filled and stroked cell rectangles": "0.95 g " + each_cell("B") + "0 g ",
    "white cells stroked": "1 g " + each_cell("B") + "0 g ",
    "white cells on a black area": box(49.5, 699.5, 250.5, 760.5, "f") + "1 g " + each_cell("f", 0.5) + "0 g ",
    "grey cells without lines": "0.8 g " + each_cell("f", 0.75) + "0 g ",
    "double lines": doubled(1.5),
    "wide double lines": doubled(2.5),
    "dash pattern": "[3 2] 0 d " + ruled(XS, YS) + "[] 0 d ",
    "short dashes": pieces(4, 4),
    "dots": pieces(0.96, 0.96),
    "many pieces": pieces(17, 0),
    "small gaps": pieces(30, 2),
    "askew": askew(2.0),
    "askew polygons": slanted_polygons(),
    "outlined borders": outlines(),
    "short at the corners": "".join(line(XS[0] + 2, y, XS[-1] - 2, y) for y in YS)
    + "".join(line(x, YS[-1] + 2, x, YS[0] - 2) for x in XS),
    "longer than the corners": "".join(line(XS[0] - 2, y, XS[-1] + 2, y) for y in YS)
    + "".join(line(x, YS[-1] - 2, x, YS[0] + 2) for x in XS),
    "a closed path without its last edge": f"50 700 m 250 700 l 250 760 l 50 760 l s {line(50, 730, 250, 730)}"
    + line(150, 700, 150, 760),
    "one path": "50 760 m 250 760 l 50 730 m 250 730 l 50 700 m 250 700 l 50 700 m 50 760 l 150 700 m 150 760 l"
    " 250 700 m 250 760 l S\n",
    "all hairlines": "0 w " + ruled(XS, YS, 0),
    "coloured": "0.1 0.2 0.9 RG " + ruled(XS, YS),
    "scaled": "q 0.1 0 0 0.1 0 0 cm " + ruled([10 * x for x in XS], [10 * y for y in YS], 5) + "Q ",
    "flipped": "q 1 0 0 -1 0 842 cm " + ruled(XS, [842 - y for y in YS]) + "Q ",
    "clipped to the page": "q 0 0 595 842 re W* n " + ruled(XS, YS) + "Q ",
    "clipped to each border": "".join(f"q {min(XS)} {y - 1} 200 2 re W n {line(0, y, 595, y)} Q " for y in YS)
    + "".join(f"q {x - 1} {min(YS)} 2 60 re W n {line(x, 0, x, 842)} Q " for x in XS),
}


@pytest.mark.parametrize("borders", BORDERS.values(), ids=BORDERS.keys())
def test_borders_as_producers_draw_them(borders: str) -> None:
    assert read(borders + TEXTS) == [EXPECTED]


INVISIBLE = {
    "white": "1 G " + line(50, 745, 250, 745) + line(100, 700, 100, 760) + "0 G ",
    "nearly white": "0.99 G " + line(50, 745, 250, 745) + "0 G ",
    "white rectangle": "1 g " + thin(50, 745, 250, 745.5) + "0 g ",
    "white cell": "1 g " + box(60, 705, 140, 725, "f") + "0 g ",
    "zero width": line(50, 745, 250, 745, 0) + line(100, 700, 100, 760, 0),
    "no thickness": box(50, 745, 250, 745, "f"),
    "transparent": "q /Clear gs " + line(50, 745, 250, 745) + "Q ",
    "clipped away": "q 300 300 50 50 re W n " + line(50, 745, 250, 745) + "Q ",
    "clipped by nested boxes": "q 0 0 595 842 re W n 0 0 595 744 re W n " + line(50, 746, 250, 746) + "Q ",
    "not painted": "50 745 m 250 745 l n ",
    "outside of the page": line(50, 900, 250, 900) + line(50, -20, 250, -20),
    "underline": line(60, 738, 80, 738),
    "strike-through": line(160, 743, 180, 743),
    "shading in strips": "0.85 g "
    + thin(51, 756, 149, 759)
    + box(51, 735, 149, 756, "f")
    + thin(51, 733, 149, 735)
    + "0 g ",
    "highlighted words": "1 1 0 rg " + box(60, 738, 80, 750, "f") + "0 g ",
    "a diagonal": line(50, 700, 150, 730),
    "a circle": "200 715 m 200 720 195 725 190 725 c 185 725 180 720 180 715 c S ",
}


@pytest.mark.parametrize("drawing", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_what_makes_no_row(drawing: str) -> None:
    assert read(drawing + ruled(XS, YS) + TEXTS) == [EXPECTED]


def test_a_line_painted_over_is_gone() -> None:
    painted = line(60, 745, 140, 745) + line(100, 735, 100, 755) + "1 g " + box(51, 731, 149, 759, "f") + "0 g "
    assert read(painted + ruled(XS, YS) + TEXTS) == [EXPECTED]


def test_white_borders_on_a_dark_header_count() -> None:
    header = "0.1 0.2 0.5 rg " + box(50, 730, 250, 760, "f") + "1 G " + line(150, 730, 150, 760) + "0 G 0 g "
    body = line(50, 760, 250, 760) + line(50, 730, 250, 730) + line(50, 700, 250, 700)
    sides = line(50, 700, 50, 760) + line(150, 700, 150, 730) + line(250, 700, 250, 760)
    assert read(header + body + sides + TEXTS) == [EXPECTED]


def place(page: Page, turned: str = "") -> list[tuple[float, ...]]:
    grid = read_pdf(write_pdf(page)).grids[0]
    assert print_grid(grid) == EXPECTED, turned
    return [cell.bbox for cell in grid.cells if cell.bbox]


def test_boxes_start_at_the_top_left_of_the_page_as_it_is_shown() -> None:
    content = ruled(XS, YS) + TEXTS
    expected = [(50, 82, 150, 112), (150, 82, 250, 112), (50, 112, 150, 142), (150, 112, 250, 142)]
    assert place(Page(content)) == expected
    moved = "q 1 0 0 1 100 -50 cm " + content + "Q"
    assert place(Page(moved, media=(100, -50, 695, 792))) == expected
    assert place(Page(moved, media=(0, -500, 2000, 2000), crop=(100, -50, 695, 792))) == expected


@pytest.mark.parametrize(
    ("rotate", "matrix"),
    [(90, "0 1 -1 0 842 0"), (180, "-1 0 0 -1 595 842"), (270, "0 -1 1 0 0 595")],
    ids=["90", "180", "270"],
)
def test_pages_with_rotate_read_as_they_are_shown(rotate: int, matrix: str) -> None:
    content = ruled(XS, YS) + TEXTS
    sideways = rotate in (90, 270)
    shown = (0.0, 0.0, 842.0, 595.0) if sideways else (0.0, 0.0, 595.0, 842.0)
    page = Page(f"q {matrix} cm {content} Q", media=shown, rotate=rotate)
    assert place(page)[0] == pytest.approx((50, 82, 150, 112), abs=0.1)


@pytest.mark.parametrize("matrix", ["0 1 -1 0 842 0", "-1 0 0 -1 595 842", "0 -1 1 0 0 595"], ids=["90", "180", "270"])
def test_content_turned_by_its_own_matrix(matrix: str) -> None:
    content = ruled(XS, YS) + TEXTS
    media = (0.0, 0.0, 595.0, 842.0) if matrix.startswith("-1") else (0.0, 0.0, 842.0, 595.0)
    place(Page(f"q {matrix} cm {content} Q", media=media))


def test_a_page_askew_as_a_whole_is_set_straight() -> None:
    place(Page(f"q 0.9998 0.02 -0.02 0.9998 5 -5 cm {ruled(XS, YS)} {TEXTS} Q"))
    place(Page(f"q 0.9998 -0.02 0.02 0.9998 5 -5 cm {ruled(XS, YS)} {TEXTS} Q"))


def test_nested_form_xobjects() -> None:
    inner = Form(ruled([x / 2 for x in XS], [y / 2 for y in YS]), matrix=(1, 0, 0, 1, 10, 0))
    # the rules: halved, moved by (10, 0); moved back and doubled by the form around
    lines = Form("q 2 0 0 2 -40 0 cm 1 0 0 1 -10 0 cm /Inner Do Q", matrix=(1, 0, 0, 1, 40, 0), forms={"Inner": inner})
    page = Page(
        "q 1 0 0 1 0 0 cm /Lines Do Q q 1 0 0 1 0 0 cm /Texts Do Q", forms={"Lines": lines, "Texts": Form(TEXTS)}
    )
    assert place(page)[0] == pytest.approx((50, 82, 150, 112), abs=0.1)


def test_a_form_xobject_clips_to_its_box() -> None:
    frame = Form(
        ruled(XS, YS) + line(50, 680, 250, 680) + line(50, 680, 50, 700) + line(250, 680, 250, 700),
        bbox=(0, 690, 595, 842),
    )
    assert read(Page("/Frame Do " + TEXTS, forms={"Frame": frame})) == [EXPECTED]


def test_two_tables_on_a_page_and_side_by_side() -> None:
    left, right = (50, 120, 200), (240, 300, 400)
    content = ruled(left, YS) + ruled(right, [y + 1.5 for y in YS])
    content += text(60, 740, "甲") + text(130, 740, "乙") + text(60, 710, "丙") + text(130, 710, "丁")
    content += text(250, 740, "子") + text(310, 740, "丑") + text(250, 710, "寅") + text(310, 710, "卯")
    content += ruled(left, (600, 570, 540)) + text(60, 580, "一") + text(130, 580, "二") + text(60, 550, "三")
    assert read(content) == ["甲 | 乙\n丙 | 丁", "子 | 丑\n寅 | 卯", "一 | 二\n三 | ∅"]


def test_a_frame_around_the_page_is_no_table() -> None:
    frame = box(20, 20, 575, 822) + box(22, 22, 573, 820)
    grids = read_pdf(write_pdf(frame + ruled(XS, YS) + TEXTS + text(60, 780, "标题"))).grids
    assert [print_grid(grid) for grid in grids] == [EXPECTED]
    assert grids[0].context == ("标题",)
    assert grids[0].parent is None


def test_a_table_nested_in_a_cell_keeps_its_text() -> None:
    outer = ruled((40, 140, 560), (800, 770, 600)) + text(50, 780, "标签") + text(50, 700, "明细")
    grids = read_pdf(
        write_pdf(outer + ruled((180, 300, 420), (760, 730, 700)) + text(190, 740, "甲") + text(310, 710, "丁"))
    ).grids
    assert [print_grid(grid) for grid in grids] == ["标签 | ∅\n明细 | ∅", "甲 | ∅\n∅ | 丁"]
    assert [grid.parent for grid in grids] == [None, 0]


def test_drawn_check_boxes_are_no_tables() -> None:
    boxes = box(80, 738, 88, 746) + box(180, 738, 188, 746)
    assert read(boxes + ruled(XS, YS) + TEXTS) == [EXPECTED]


def test_spans_follow_from_the_borders() -> None:
    content = box(50, 600, 350, 760) + line(50, 730, 350, 730) + line(150, 670, 350, 670) + line(150, 600, 150, 730)
    content += (
        line(250, 600, 250, 670)
        + text(60, 740, "题")
        + text(60, 660, "左")
        + text(160, 700, "中")
        + text(160, 620, "子")
    )
    assert read(content) == ["题 | » | »\n左 | 中 | »\n^ | 子 | ∅"]


def test_a_border_missing_in_part_cuts_no_cell_and_loses_no_text() -> None:
    content = box(50, 700, 250, 760) + line(50, 730, 150, 730) + line(150, 700, 150, 730)
    content += text(60, 740, "上") + text(60, 710, "下") + text(160, 710, "右")
    text_seen = "".join(cell.text for grid in read_pdf(write_pdf(content)).grids for cell in grid.cells)
    assert sorted(text_seen) == sorted("上下右")


def test_open_sides_are_closed_where_the_rules_end() -> None:
    content = "".join(line(50, y, 350, y) for y in YS) + line(150, 700, 150, 760) + line(250, 700, 250, 760)
    content += TEXTS + text(260, 740, "右") + text(260, 710, "末")
    assert read(content) == ["甲一 | 乙二 | 右\n丙三 | 丁四 | 末"]


def test_a_row_cut_by_the_page_is_closed_where_the_rules_end() -> None:
    content = "".join(line(x, 700, x, 790) for x in XS) + "".join(line(50, y, 250, y) for y in YS)
    assert read(content + TEXTS + text(60, 770, "续")) == ["续 | ∅\n" + EXPECTED]


def test_a_table_of_inner_lines_alone_has_its_outer_cells() -> None:
    """No outer border: at the corners, where no line ends, the cells are closed all the same, and the page says that nothing is drawn."""
    inner = "".join(line(50, y, 350, y) for y in (730, 700, 670)) + "".join(
        line(x, 640, x, 760) for x in (150, 250, 300)
    )
    rows = [(60, 740, "甲"), (160, 740, "乙"), (60, 710, "丙"), (310, 710, "丁"), (60, 650, "戊"), (310, 650, "己")]
    (grid,) = read_pdf(write_pdf(inner + "".join(text(x, y, word) for x, y, word in rows))).grids
    assert print_grid(grid) == "甲 | 乙 | ∅ | ∅\n丙 | ∅ | ∅ | 丁\n∅ | ∅ | ∅ | ∅\n戊 | ∅ | ∅ | 己"
    assert grid.undrawn == ((0, 1, 2, 3),) * 4


def test_a_table_says_which_of_its_cells_the_page_leaves_open() -> None:
    """The label at the left goes on below the page; the row beside it is finished."""
    rules = line(50, 760, 250, 760) + line(150, 730, 250, 730) + line(150, 700, 250, 700)
    sides = "".join(line(x, 700, x, 760) for x in (50, 150, 250))
    (grid,) = read_pdf(write_pdf(rules + sides + TEXTS)).grids
    assert grid.undrawn == ((), (), (), (0,))


def test_the_rest_of_a_row_with_one_line_below_it_is_a_table() -> None:
    """What a page break leaves of the last row: the sides and the line at the end."""
    rest = line(50, 700, 350, 700) + "".join(line(x, 700, x, 790) for x in (50, 150, 250, 350))
    assert read(rest + text(60, 740, "甲") + text(260, 740, "乙")) == ["甲 | ∅ | 乙"]


def test_a_merged_cell_beside_all_rows_of_a_table_without_sides() -> None:
    """At its side only the first and the last line of the table end."""
    lines = line(50, 760, 350, 760) + line(50, 670, 350, 670)
    lines += "".join(line(150, y, 350, y) for y in (730, 700)) + "".join(line(x, 670, x, 760) for x in (150, 250))
    words = text(60, 710, "标签") + "".join(text(160, y, w) for y, w in ((740, "甲"), (710, "乙"), (680, "丙")))
    assert read(lines + words) == ["标签 | 甲 | ∅\n^ | 乙 | ∅\n^ | 丙 | ∅"]


def test_rows_of_one_cell_that_goes_on_at_both_sides_of_the_page() -> None:
    """The middle of a table wider than the page: nothing but level rules where a cell is merged over all of it."""
    level = "".join(line(50, y, 350, y) for y in (790, 760, 730, 700, 670, 640))
    upright = "".join(line(x, 700, x, 730) + line(x, 640, x, 670) for x in (50, 150, 250, 350))
    words = text(60, 770, "标题的中段") + text(60, 740, "第一行") + text(60, 710, "甲") + text(160, 710, "乙")
    words += text(60, 680, "说明的中段") + text(60, 650, "丙") + text(260, 650, "丁")
    sides = line(50, 730, 50, 760) + line(350, 670, 350, 700)
    rows = "标题的中段 | » | »\n第一行 | » | »\n甲 | 乙 | ∅\n说明的中段 | » | »\n丙 | ∅ | 丁"
    assert read(level + upright + sides + words) == [rows]


def boxes(gap: float) -> str:
    """Cells that stand apart: the first as high as two, the last as wide as two."""
    places = [(50, 640, 110, 700), (110, 670, 170, 700), (170, 670, 230, 700), (110, 640, 230, 670)]
    return "".join(box(x0 + gap / 2, y0 + gap / 2, x1 - gap / 2, y1 - gap / 2) for x0, y0, x1, y1 in places)


@pytest.mark.parametrize("gap", [2.0, 3.0, 4.5, 7.0])
def test_cells_drawn_as_boxes_apart_are_one_table(gap: float) -> None:
    """`cellspacing` of old web pages."""
    words = text(60, 660, "甲") + text(120, 680, "乙") + text(180, 680, "丙") + text(120, 650, "丁")
    frame = box(46, 636, 234, 704)
    assert read(boxes(gap) + words) == ["甲 | 乙 | 丙\n^ | 丁 | »"]
    assert read(frame + boxes(gap) + words) == ["甲 | 乙 | 丙\n^ | 丁 | »"]


def test_a_single_row_of_boxes_apart_is_the_rest_of_a_table() -> None:
    """总分, the last row of a self-evaluation, alone on its second page; the fourth box is empty."""
    row = "".join(box(x0, 680, x1, 698) for x0, x1 in ((50, 386), (391, 422), (426, 461), (466, 543)))
    words = text(200, 685, "总分") + text(395, 685, "100") + text(430, 685, "98.3")
    assert read(row + words) == ["总分 | 100 | 98.3 | ∅"]
    assert read(row + box(50, 640, 386, 672) + words + text(60, 650, "说明")) == ["总分", "100", "98.3", "说明"]


def test_boxes_far_from_each_other_are_no_table() -> None:
    far = "".join(box(x, y, x + 40, y + 20) for x in (50, 110, 170) for y in (640, 680))
    words = "".join(text(x + 5, y + 5, "框") for x in (50, 110, 170) for y in (640, 680))
    assert read(far + words) == ["框"] * 6

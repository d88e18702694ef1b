"""Text of cells in reading order, whatever draws it; letters that are no text."""

from __future__ import annotations

import pytest

from tests.extract.pdf_writer import Form, Page, box, line, ruled, text, turned_text, write_pdf
from yusuan.extract.grid import Document, print_grid
from yusuan.extract.pdf import read_pdf

FRAME = ruled((50, 250, 450), (760, 660, 560))
"""Two rows, two columns, each 200 wide and 100 high."""


def cell(content: str, frame: str = FRAME, row: int = 0, col: int = 0) -> str:
    """The text of a cell of the only table of a page with this content."""
    (grid,) = read_pdf(write_pdf(frame + content)).grids
    found = grid.at(row, col)
    assert found is not None
    return found.text


def document(*contents: str | Page) -> Document:
    return read_pdf(write_pdf(*contents))


def test_reading_order_is_not_drawing_order() -> None:
    first, second, third = text(60, 740, "一行左"), text(120, 740, "一行右"), text(60, 725, "二行")
    assert cell(third + second + first) == "一行左一行右\n二行"
    letters = "".join(
        text(60 + 10 * place, 740, letter) for place, letter in reversed(list(enumerate("逐字倒画的文字")))
    )
    assert cell(letters) == "逐字倒画的文字"


def test_letters_of_several_sizes_and_indices_stay_in_one_line() -> None:
    content = (
        text(60, 700, "面积", 12) + text(84, 700, "100m", 12) + text(108, 705.5, "2", 6) + text(114, 700, "以上", 12)
    )
    assert cell(content) == "面积100m2以上"
    content = text(60, 700, "H", 12) + text(66, 697, "2", 6) + text(70, 700, "O", 12) + text(60, 684, "下一行", 12)
    assert cell(content) == "H2O\n下一行"
    assert cell(text(60, 700, "大", 20) + text(80, 700, "小字", 9) + text(60, 680, "下一行", 9)) == "大小字\n下一行"


def test_raised_digits_behind_a_figure_are_no_digits_of_it() -> None:
    """120 with the mark of note 12 was read as 12012 in silence."""
    assert cell(text(60, 700, "120", 12) + text(78, 705, "12", 6) + text(90, 700, "元", 12)) == "120¹²元"
    assert cell(text(60, 700, "120", 12) + text(78, 700, "12", 6)) == "12012", "on the same base line it goes on"


def test_blanks_are_kept_and_none_is_invented_between_cjk_letters() -> None:
    assert cell(text(60, 740, "表（一）    （2022年度）  单位：元")) == "表（一）    （2022年度）  单位：元"
    assert cell(text(60, 740, "     省级财政资金")) == "     省级财政资金"
    assert cell(text(60, 740, "甲　　乙 丙")) == "甲　　乙 丙"
    assert cell(text(60, 740, "绩") + text(80, 740, "效") + text(100, 740, "目") + text(120, 740, "标")) == "绩效目标"
    assert cell(text(60, 740, "末尾   ")) == "末尾"


def test_latin_words_that_only_stand_apart_get_a_space_and_numbers_do_not_fall_apart() -> None:
    assert cell(text(60, 740, "Budget", font="F3") + text(97, 740, "Law", font="F3")) == "Budget Law"
    assert cell(text(60, 740, "1,053,300", before="1.5 Tc")) == "1,053,300"
    assert cell(text(60, 740, "57,3") + text(80, 740, "00,000")) == "57,300,000"
    assert cell(text(60, 740, "2022") + text(80, 740, "年") + text(90, 740, "6")) == "2022年6"


def test_an_amount_that_sticks_out_of_its_cell_stays_whole() -> None:
    content = text(225, 740, "1,053,300.00", 9) + text(60, 740, "左")
    (grid,) = document(FRAME + content).grids
    assert [entry.text for entry in grid.cells] == ["左", "1,053,300.00", "", ""]
    (grid,) = document(FRAME + text(240, 740, "3,498,000.00", 9, before="1 Tc")).grids
    assert [entry.text for entry in grid.cells] == ["", "3,498,000.00", "", ""]
    (grid,) = document(FRAME + text(60, 740, "left words" + " " * 30 + "right words")).grids
    assert [entry.text for entry in grid.cells] == ["left words", "right words", "", ""]


def test_a_line_in_two_fonts_that_sticks_out_of_its_cell_stays_whole() -> None:
    """`高` lies on the border, behind digits of another font that are as wide as half a letter."""
    content = text(201.2, 740, "由", 10) + text(211.2, 740, "0.28", 10, font="F3") + text(230.66, 740, "提高", 10)
    (grid,) = document(FRAME + content + text(60, 725, "到0.32") + text(260, 740, "右边")).grids
    assert [entry.text for entry in grid.cells[:2]] == ["由0.28提高\n到0.32", "右边"]
    figures = text(230, 740, "1,280.00", 9, font="F3") + text(264, 740, "1,250.00", 9, font="F3")  # two cells
    (grid,) = document(FRAME + figures).grids
    assert [entry.text for entry in grid.cells[:2]] == ["1,280.00", "1,250.00"]


def test_a_word_behind_a_blank_that_begins_on_the_border_stays_in_its_cell() -> None:
    (grid,) = document(FRAME + text(218, 740, "项 目 名") + text(60, 725, "称")).grids
    assert [entry.text for entry in grid.cells[:2]] == ["项 目 名\n称", ""]
    (grid,) = document(
        FRAME + text(225.5, 740, "左边 右边")
    ).grids  # drawn as one line: the second word stands behind the border
    assert [entry.text for entry in grid.cells[:2]] == ["左边", "右边"]


def test_text_that_its_clipping_hides_in_part_is_told() -> None:
    """A spreadsheet's row too low for its text (`前` does not show), and a line that the edge of the page cuts."""
    low = "q 250 660 200 100 re W n " + text(260, 662, "2023年12月") + text(260, 650, "前") + "Q "
    edge = text(560, 540, "工资2800元", 9)
    found = document(FRAME + low + text(60, 740, "左"))
    assert [entry.text for entry in found.grids[0].cells[:2]] == ["左", "2023年12月"]
    assert [(note.code, note.row, note.col) for note in found.notes] == [("cut-text", 0, 1)]
    wide = ruled((50, 250, 590), (760, 660, 560))
    found = document(wide + text(540, 740, "人均月工资2800元", 9))
    assert [(note.code, note.row, note.col) for note in found.notes] == [("cut-text", 0, 1)]
    assert not document(FRAME + edge + text(60, 740, "左")).notes  # no cell's
    hidden = "q 250 660 200 100 re W n " + text(260, 650, "前") + "Q "
    assert not document(FRAME + hidden + text(60, 740, "左")).notes  # nothing of it shows


def test_the_room_behind_a_line_that_is_centred_or_at_the_right() -> None:
    """Figures at the right of their cells looked as if they filled them, and went on with those of the next page."""

    def room(*texts: str) -> float:
        (grid,) = document(FRAME + "".join(texts)).grids
        assert grid.cells[0].room is not None
        return grid.cells[0].room

    width = (200 - 2 * 5.4) / 10
    assert room(text(60, 740, "三十")) == pytest.approx(width - 2.0 - 0.46, abs=0.1)  # at the left
    assert room(text(224.6, 740, "三十")) == pytest.approx(width - 2.0, abs=0.1)  # at the right
    assert room(text(140, 740, "三十")) == pytest.approx(width - 2.0, abs=0.1)  # in the middle
    assert room(text(75.4, 740, "一" * 17)) == pytest.approx(-0.1, abs=0.2)  # an indented line that fills its cell


def test_labels_with_one_letter_a_line() -> None:
    letters = "".join(text(60, 740 - 15 * place, letter) for place, letter in enumerate("产出指标"))
    assert cell(letters) == "产\n出\n指\n标"


def test_vertical_writing_reads_down_and_from_right_to_left() -> None:
    assert cell(text(100, 750, "产出指标", font="F2")) == "产出指标"
    assert cell(text(100, 750, "绩效目标", font="F2") + text(120, 750, "项目支出", font="F2")) == "项目支出\n绩效目标"


@pytest.mark.parametrize("matrix", ["0 1 -1 0", "0 -1 1 0", "-1 0 0 -1"])
def test_turned_labels_read_along_their_own_direction(matrix: str) -> None:
    many = "".join(text(260, 640 - 12 * row, "横排的文字") for row in range(6))
    assert cell(turned_text(150, 700, "产出指标", matrix) + many) == "产出指标"


def test_lines_of_turned_text() -> None:
    many = "".join(text(260, 640 - 12 * row, "横排的文字") for row in range(6))
    up = turned_text(100, 680, "第一行", "0 1 -1 0") + turned_text(115, 680, "第二行", "0 1 -1 0")
    assert cell(up + many) == "第一行\n第二行"
    down = turned_text(115, 740, "第一行", "0 -1 1 0") + turned_text(100, 740, "第二行", "0 -1 1 0")
    assert cell(down + many) == "第一行\n第二行"


@pytest.mark.parametrize("offset", [0.0, 0.3, 0.8], ids=str)
def test_letters_drawn_twice_for_bold_are_one(offset: float) -> None:
    assert cell(text(60, 740, "标题11人人22") + text(60 + offset, 740, "标题11人人22")) == "标题11人人22"
    assert cell(text(60, 740, "标题11") + text(60, 740 + offset, "标题11")) == "标题11"


def test_equal_neighbours_stay() -> None:
    assert cell(text(60, 740, "1111人人……")) == "1111人人……"


HIDDEN = {
    "render mode 3": text(60, 740, "藏", before="3 Tr") + "BT 0 Tr ET ",
    "white": "1 g " + text(60, 740, "藏") + "0 g ",
    "transparent": "q /Clear gs " + text(60, 740, "藏") + "Q ",
    "clipped": "q 300 300 10 10 re W n " + text(60, 740, "藏") + "Q ",
    "tiny": text(60, 740, "藏", 0.5),
    "white on white area": "1 g " + box(55, 735, 90, 755, "f") + text(60, 740, "藏") + "0 g ",
    "dark on equally dark": "0.2 g " + box(55, 735, 90, 755, "f") + text(60, 740, "藏") + "0 g ",
}


@pytest.mark.parametrize("content", HIDDEN.values(), ids=HIDDEN.keys())
def test_letters_that_nobody_sees_are_no_text(content: str) -> None:
    assert cell(content + text(120, 740, "见")) == "见"


def test_text_outside_of_the_page_is_no_text() -> None:
    grids = document(Page(FRAME + text(60, 740, "见") + text(60, 850, "外"), crop=(0, 0, 595, 842))).grids
    assert grids[0].context == ()


def test_letters_that_are_seen_by_their_ground_or_outline() -> None:
    dark = "0 0 0.4 rg " + box(50, 660, 250, 760, "f") + "1 g "
    assert cell(dark + text(60, 740, "白字") + "0 g ") == "白字"
    assert cell("1 g " + text(60, 740, "空心", before="1 Tr") + "0 g BT 0 Tr ET ") == "空心"


def test_a_watermark_across_the_table_is_dropped_and_reported() -> None:
    read = document(
        FRAME
        + text(60, 740, "金额")
        + "0.8 g "
        + turned_text(120, 600, "仅供内部使用", "0.8 0.6 -0.6 0.8", 40)
        + "0 g "
    )
    assert [entry.text for entry in read.grids[0].cells] == ["金额", "", "", ""]
    (note,) = read.notes
    assert (note.code, note.page) == ("dropped-overlay", 1)
    assert "仅供内部使用" in (note.text or "")


def test_a_level_watermark_and_a_seal_are_dropped() -> None:
    lines = "".join(text(60, 740 - 14 * row, "项目资金申报情况说明文字") for row in range(5))
    faint = "0.85 g " + text(70, 700, "内部资料", 30) + "0 g "
    seal = "1 0 0 rg " + text(65, 712, "财务专用章", 11) + "0 g "
    expected = "\n".join(["项目资金申报情况说明文字"] * 5)
    for overlay in (faint, seal):
        read = document(FRAME + lines + overlay)
        assert read.grids[0].cells[0].text == expected
        assert [note.code for note in read.notes] == ["dropped-overlay"]


def test_red_text_that_crosses_nothing_stays() -> None:
    assert cell(text(60, 740, "合计") + "1 0 0 rg " + text(60, 720, "-12.50") + "0 g ") == "合计\n-12.50"


def test_fonts_without_a_unicode_map_are_reported_and_not_published() -> None:
    read = document(FRAME + text(60, 740, "0A3B0C1106770412", font="F4") + text(260, 740, "金额"))
    garbled, *others = [entry.text for entry in read.grids[0].cells]
    assert set(garbled) == {"\ufffd"}
    assert others == ["金额", "", ""]
    (note,) = read.notes
    assert (note.code, note.page, note.grid, note.row, note.col) == ("garbled-text", 1, 0, 0, 0)


def test_many_garbled_cells_give_one_note() -> None:
    frame = ruled(range(50, 450, 40), range(760, 560, -40))
    content = "".join(
        text(x + 5, y - 20, "0A3B0C11", font="F4") for x in range(50, 400, 40) for y in range(760, 600, -40)
    )
    (note,) = document(frame + content).notes
    assert note.code == "garbled-text"
    assert "36" in note.message


def test_bytes_read_in_the_wrong_encoding_are_reported() -> None:
    wrong = "项目资金总额".encode("gb18030").decode("latin-1")
    shown = "BT /F3 10 Tf 60 740 Td (" + "".join(f"\\{ord(letter):03o}" for letter in wrong) + ") Tj ET "
    (note,) = document(FRAME + shown).notes
    assert note.code == "garbled-text"


def test_private_use_symbols_and_rare_names_are_no_garbage() -> None:
    assert document(FRAME + text(60, 740, "\uf0fe 镕堃喆同志")).notes == ()


def test_radicals_become_the_characters_they_look_like() -> None:
    assert cell(text(60, 740, "项⽬⼀⻓")) == "项目一长"


def test_a_hyphen_at_a_line_end_stays_a_hyphen() -> None:
    assert cell(text(60, 740, "ab-", font="F3") + text(60, 728, "cd", font="F3")) == "ab-\ncd"


def test_text_in_nested_forms() -> None:
    inner = Form(text(30, 370, "内层", 5))
    outer = Form("q 2 0 0 2 0 0 cm /Inner Do Q", forms={"Inner": inner})
    assert print_grid(document(Page(FRAME + "/Outer Do", forms={"Outer": outer})).grids[0]) == "内层 | ∅\n∅ | ∅"


def test_form_fields_are_text_of_the_page() -> None:
    fields = (
        ((60.0, 735.0, 140.0, 750.0), text(0, 4, "填写的值")),
        ((260.0, 735.0, 340.0, 750.0), text(0, 4, "660,000")),
    )
    (grid,) = document(Page(FRAME + text(60, 700, "标签"), fields=fields)).grids
    assert [entry.text for entry in grid.cells] == ["填写的值\n标签", "660,000", "", ""]


def test_a_line_under_text_is_no_border() -> None:
    assert cell(text(60, 740, "有下划线") + line(60, 738, 100, 738)) == "有下划线"


def test_wide_signs_on_a_page_with_turned_text_are_followed_by_no_blank() -> None:
    """A seal or a watermark on the page, and the font says how wide `≥` and `“` are: as a CJK letter."""
    assert cell(text(60, 740, "≥85%，“四好”") + turned_text(300, 600, "印章", "0.8 0.6 -0.6 0.8")) == "≥85%，“四好”"


def test_letters_of_another_font_that_stick_out_of_the_table_are_not_lost() -> None:
    assert cell(text(415, 740, "三月") + text(435, 740, "31", font="F3") + text(447, 740, "日"), col=1) == "三月31日"


def test_a_line_that_a_browser_sets_below_the_cell_that_the_page_cuts_belongs_to_it() -> None:
    frame = line(50, 150, 250, 150) + line(150, 110, 250, 110) + line(150, 70, 250, 70)
    frame += "".join(line(x, 70, x, 150) for x in (50, 150, 250))
    (grid,) = document(frame + text(60, 80, "资金情况（万") + text(60, 62, "元）") + text(160, 80, "值")).grids
    assert [entry.text for entry in grid.cells if entry.col == 0] == ["资金情况（万\n元）"]


def test_the_title_of_a_table_may_stand_at_the_end_of_a_page_without_tables() -> None:
    """Also where it ends as low as a footer would: close below its first line."""
    prose = "".join(text(50, 800 - 20 * n, "说明", 9) for n in range(30))
    title = text(200, 64, "项目支出绩效目标表", 16) + text(60, 50, "（2024年度）")
    page_number = text(290, 20, "- 3 -", 9)
    read = document(prose + title + page_number, FRAME + text(60, 740, "甲"))
    assert read.grids[0].context[-2:] == ("项目支出绩效目标表", "（2024年度）")


def test_digits_as_wide_as_a_cjk_letter_in_a_font_without_a_name_are_garbage() -> None:
    """Ghostscript names the glyphs of a browser's fonts by numbers where it lost their letters: `。` came as `2`."""
    read = document(FRAME + text(60, 740, "12") + text(70, 740, "2", font="F5") + text(60, 700, "3", font="F5"))
    assert read.grids[0].cells[0].text == "12\ufffd\n3"
    assert [note.code for note in read.notes] == ["garbled-text"]
    signs = document(FRAME + text(60, 740, "12") + text(70, 740, "4", font="F5"))  # `×` is as wide in CJK fonts
    assert (signs.grids[0].cells[0].text, signs.notes) == ("12×", ())

"""A page may end anywhere: a form cut at any row, and inside a row at any line, gives the records of the uncut one.

Property over the golden forms and over generated ones, with and without a repeated header; then a small document for each bug.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.forms import FAMILIES, generate
from tests.golden import Case, as_csv, cases
from tests.normalize.test_join import on_page
from tests.pages import Laid, cut, cuts, lay_out, whole
from yusuan.extract.grid import Document, Grid, parse_grid, parse_grids
from yusuan.normalize import Normalized, normalize

CASES = [case for case in cases() if case.name[0] in "abcdefghij"]
SEED = 900


def read(*grids: Grid) -> Normalized:
    return normalize(Document("pdf", grids, pages=len(grids)), "0" * 64)


def generated(family: str, seed: int) -> Grid:
    """The largest table of a generated document."""
    return max(generate(family, seed, even=True).grids, key=lambda grid: len(grid.cells))


def header_above(laid: Laid, row: int, line: int) -> range:
    """The row of column labels of the table that goes on behind the break; none where a label beside it is itself cut."""
    for above in range(row - 1, -1, -1):
        cells = [cell for cell in laid.grid.cells if cell.row == above]
        keys = ["".join(cell.text.split()) for cell in cells]
        if "项目名称" in keys:
            break
        if "三级指标" in keys:
            printed = all(
                len(laid.lines[cell.row, cell.col]) <= laid.height(above, row) + line
                for cell in cells
                if cell.row + cell.row_span > row
            )
            return range(above, above + 1) if printed and (row, line) > (above + 1, 0) else range(0)
    return range(0)


def different(laid: Laid, *, headers: bool) -> list[str]:
    """The breaks behind which other records are read, and which tables differ."""
    expected = as_csv(read(whole(laid)))
    found = []
    for row, line in cuts(laid):
        header = header_above(laid, row, line) if headers else range(0)
        if headers and not header:
            continue
        got = as_csv(read(*cut(laid, row, line, header)))
        if got != expected:
            tables = [name for name in expected if got[name] != expected[name]]
            found.append(f"cut behind line {line} of row {row}: {', '.join(tables)}")
    return found


@pytest.mark.parametrize("headers", [False, True], ids=["plain", "header repeated"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_form_cut_anywhere_is_the_same_form(case: Case, headers: bool) -> None:
    assert not different(lay_out(parse_grids(case.form)[0]), headers=headers)


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set("CG")))
def test_a_generated_form_cut_anywhere_is_the_same_form(family: str) -> None:
    assert not different(lay_out(generated(family, SEED)), headers=False)


# --- a document for each bug ------------------------------------------------------------------------------------------

GENERATED_BUGS = [
    (
        "A",
        980,
        26,
        0,
        "a word and an amount are two values, though the level beside them is cut and the names fill their lines",
    ),
    ("B", 965, 19, 1, "a range that is cut behind its sign"),
    ("B", 989, 12, 0, "two values, the second one with 约"),
    ("B", 3314, 9, 0, "a figure below a word that says how much, and the level beside them is cut"),
    ("C", 900, 15, 3, "a goal whose author ended the line in the middle of a sentence, where the page ended, too"),
    ("C", 900, 39, 0, "one row of the form above the title of the next form in the same table"),
    ("C", 900, 52, 0, "the header of the second form is no repetition of that of the first one"),
    ("C", 900, 77, 1, "the rest of a label above the title of the next form is no caption"),
    ("C", 900, 103, 0, "a label written downwards, both halves of which are labels"),
    ("D", 901, 19, 0, "signatures above the title of the next form"),
    ("D", 917, 12, 0, "`……` above 项目完成时间 is a row of a template"),
    ("E", 21005, 5, 4, "a label written downwards with a colon beside its last letter"),
    ("F", 901, 21, 0, "an indicator above the title of the next form"),
    ("G", 900, 5, 1, "an operator that goes to the next line with its figure"),
    ("G", 901, 1, 0, "columns' labels are complete: what stands below is no rest of them"),
    ("G", 917, 32, 0, "a blank cell of the project above the merged level of the next one"),
    ("H", 8847, 40, 0, "a bracket that closes on the next page"),
    ("I", 900, 13, 0, "`……` below 项目完成时间 is a row of a template"),
    ("J", 900, 8, 1, "two goals beside each other that both go on"),
    ("J", 2201, 7, 0, "two labels with a colon each that would make a third one"),
    ("J", 4716, 30, 0, "two labels that would make a third one, the upper with room in its line"),
    ("J", 903, 19, 4, "the rest of a level above the title of the next form is no caption"),
]


@pytest.mark.parametrize(("family", "seed", "row", "line", "what"), GENERATED_BUGS, ids=str)
def test_generated_forms_that_were_misread(family: str, seed: int, row: int, line: int, what: str) -> None:
    laid = lay_out(generated(family, seed))
    assert as_csv(read(*cut(laid, row, line))) == as_csv(read(whole(laid))), what


HEAD = """
项目名称 | 农村义务教育学生营养改善 | » | » | »
年度资金总额 | 100 | » | » | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
"""
WIDTHS = (4, 4, 4, 6, 3)


def indicators(rows: str, row: int, line: int, letters: tuple[int, ...] = WIDTHS) -> list[tuple[object, object]]:
    """(name, value) of the indicators in these rows below HEAD, cut behind a line of one of them."""
    laid = lay_out(parse_grid(HEAD.strip() + "\n" + rows.strip()), letters)
    result = read(*cut(laid, row + 3, line))
    return [(found["level3"], found["value_text"]) for found in result.indicators]


def test_a_row_whose_every_text_goes_on_is_one_row() -> None:
    rows = """
        ^ | 效益指标 | 社会效益指标 | 受益人数 | ≥9人
        ^ | ^ | ^ | 农村学生享受优质课程机会 | 显著提升
    """
    assert indicators(rows, 1, 1) == [("受益人数", "≥9人"), ("农村学生享受优质课程机会", "显著提升")]


def test_a_figure_parted_from_its_unit_is_one_value() -> None:
    rows = "^ | 产出指标 | 数量指标 | 发放补助户数及人数 | 322户、2325人"
    assert indicators(rows, 0, 1, (4, 4, 4, 7, 5)) == [("发放补助户数及人数", "322户、2325人")]


def test_names_that_fill_their_line_are_two_where_the_row_had_room_for_another_line() -> None:
    rows = """
        ^ | 产出指标 | 数量指标 | 运维监测站点 | ≥5
        ^ | ∅ | ∅ | 开展走航监测 | ∅
    """
    assert indicators(rows, 1, 0, (4, 2, 2, 6, 3)) == [("运维监测站点", "≥5"), ("开展走航监测", None)]


def test_two_values_are_no_value_cut_in_two_though_the_first_fills_its_line() -> None:
    rows = """
        ^ | 产 | 数量指 | 开展快速检测 | 103次
        ^ | 出指标 | 标 | 发放补助户数 | 397户
    """
    assert indicators(rows, 1, 0, (4, 1, 3, 6, 3)) == [("开展快速检测", "103次"), ("发放补助户数", "397户")]


@pytest.mark.parametrize("value", ["好评率≥90%", "85%～88%", "显著提升", "322户、2325人"])
def test_a_value_cut_anywhere_is_one_value(value: str) -> None:
    laid = lay_out(
        parse_grid(HEAD.strip() + f"\n^ | 产出指标 | 数量指标 | 发放补助户数及人数 | {value}"), (4, 4, 4, 6, 3)
    )
    for line in range(1, laid.heights[3]):
        found = [(row["level3"], row["value_text"]) for row in read(*cut(laid, 3, line)).indicators]
        assert found == [("发放补助户数及人数", value)]


def test_a_figure_parted_from_a_unit_that_goes_with_another_figure_is_one_value() -> None:
    """LibreOffice parts no figure from the comma before it, so that `户、1900` had no room behind `68`."""
    top, rest = cut(
        lay_out(parse_grid(HEAD.strip() + "\n^ | 产出指标 | 数量指标 | 补助户数及人数 | 68户、1900人"), WIDTHS), 3, 1
    )
    texts = {"补助户数及人": ("补助户数", 0.8, "及人数"), "68户、": ("68", 2.5, "户、\n1900人")}
    upper = [
        cell._replace(text=texts[cell.text][0], room=texts[cell.text][1], full_lines=()) if cell.text in texts else cell
        for cell in top.cells
    ]
    lower = [
        cell._replace(text=text) if (text := {"数": "及人数", "1900人": "户、\n1900人"}.get(cell.text)) else cell
        for cell in rest.cells
    ]
    result = read(replace(top, cells=tuple(upper)), replace(rest, cells=tuple(lower)))
    assert [(row["level3"], row["value_text"]) for row in result.indicators] == [("补助户数及人数", "68户、1900人")]


def test_two_figures_are_no_figure_cut_in_two() -> None:
    rows = """
        ^ | ∅ | ∅ | 书架购置木制铁皮 | 130.00
        ^ | ∅ | ∅ | 图书购置和登记费 | 142.00
    """
    assert indicators(rows, 1, 0, (4, 4, 4, 8, 3)) == [("书架购置木制铁皮", "130.00"), ("图书购置和登记费", "142.00")]


def test_a_name_behind_its_number_goes_on() -> None:
    rows = "^ | 产出指标 | 数量指标 | 指标1：⏎运行台站数 | 4个"
    assert indicators(rows, 0, 1) == [("指标1：运行台站数", "4个")]


GOALS = """
项目名称 | 城市绿地养护 | »
年度资金总额 | 100 | »
总体目标 | 实施期目标 | 年度目标
^ | 保持绿地养护等级不⏎低于二级，为市民提供休闲场所。 | （1）补植苗⏎木1587株；成活率97%。⏎（2）保持绿地养护等级。
绩效指标 | 三级指标 | 指标值
^ | 补植苗木 | ≥1587株
"""


@pytest.mark.parametrize("line", [1, 2])
def test_a_sentence_goes_on_though_its_author_ended_the_line(line: int) -> None:
    laid = lay_out(parse_grid(GOALS), (4, 17, 17))
    (project,) = read(*cut(laid, 3, line)).projects
    assert project["goal_implementation"] == "保持绿地养护等级不低于二级，为市民提供休闲场所。"
    assert project["goal_annual"] == "（1）补植苗木1587株；成活率97%。\n（2）保持绿地养护等级。"


def test_rows_of_the_table_beside_a_label_that_was_drawn_too_short_are_read() -> None:
    rows = """
        ^ | 成本指标 | 经济成本指标 | 亩均投资 | ≤9元
        ␀ | ∅ | 社会成本指标 | 施工扰民情况 | 可控
    """
    result = read(whole(lay_out(parse_grid(HEAD.strip() + "\n" + rows.strip()), WIDTHS)))
    found = [(row["level1"], row["level2"], row["level3"], row["value_text"]) for row in result.indicators]
    assert found == [
        ("成本指标", "经济成本指标", "亩均投资", "≤9元"),
        ("成本指标", "社会成本指标", "施工扰民情况", "可控"),
    ]


SIZES = """
单位名称 | 项目名称 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 分值
教育局 | 教学设备采⏎购经费⏎（一期） | 采购一体⏎机100台/ | 成本指标 | 经济⏎成本 | 单台采购价 | 16⏎34 | 12
"""


def test_texts_in_letters_of_several_sizes_are_cut_at_different_lines() -> None:
    """A text in larger letters has fewer lines than the one beside it and goes on all the same: 16349 was read as 1634 (a list printed by
    LibreOffice, fonts and sizes differing from cell to cell)."""
    below = "∅ | ∅ | 套。 | ∅ | 指标 | ∅ | 9 | ∅\n∅ | ∅ | ∅ | 产出指标 | 数量指标 | 采购一体机 | 100 | 11"
    grids = [on_page(list(parse_grid(text).cells), page, 0, 8) for page, text in ((1, SIZES), (2, below))]
    full = tuple(cell._replace(full_lines=tuple(range(cell.text.count("\n") + 1))) for cell in grids[0].cells)
    result = read(replace(grids[0], cells=full), grids[1])
    assert [row["value_text"] for row in result.indicators] == ["16349", "100"]
    assert [row["project_name"] for row in result.projects] == ["教学设备采购经费（一期）"]


def test_a_bracket_that_closes_on_the_next_page_goes_on() -> None:
    """…（二 + 期）, beside a text of more lines in smaller letters, was a project of its own."""
    top = (
        SIZES.replace("（一期）", "（一")
        .replace("⏎机100台/", "⏎机100台。⏎设备⏎更新。")
        .replace("16⏎34", "16")
        .replace("经济⏎成本", "经济⏎成本⏎指标")
    )
    below = "∅ | 期） | ∅ | ∅ | ∅ | ∅ | ∅ | ∅\n∅ | ∅ | ∅ | 产出指标 | 数量指标 | 采购一体机 | 100 | 11"
    grids = [on_page(list(parse_grid(text).cells), page, 0, 8) for page, text in ((1, top), (2, below))]
    result = read(*grids)
    assert [row["project_name"] for row in result.projects] == ["教学设备采购经费（一期）"]
    assert [row["value_text"] for row in result.indicators] == ["16", "100"]

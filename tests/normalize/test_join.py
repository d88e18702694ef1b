"""Tables over pages, told by the borders of columns alone: a form cut at any row gives the records of the uncut one.

test_page_cuts.py cuts with texts broken into lines, through rows, and with a repeated header.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.golden import Case, as_csv, cases
from yusuan.extract.grid import OPEN_BOTTOM, OPEN_TOP, Cell, Document, Grid, parse_grid, parse_grids, print_grids
from yusuan.normalize import normalize
from yusuan.normalize.finder import Finder
from yusuan.normalize.join import sheets_of
from yusuan.normalize.layout_file import catalogue

WIDTH = 60.0
LINE = 15.0
CASES = [case for case in cases() if case.name[0] in "abcdefghij"]


def on_page(cells: list[Cell], page: int, shift: int, n_cols: int, context: tuple[str, ...] = ()) -> Grid:
    """Cells as a table of one page: rows counted from its top, boxes and borders as a PDF gives them."""
    placed = tuple(
        cell._replace(
            row=cell.row - shift,
            page=page,
            bbox=(
                cell.col * WIDTH,
                cell.row * LINE,
                (cell.col + cell.col_span) * WIDTH,
                (cell.row + cell.row_span) * LINE,
            ),
        )
        for cell in cells
    )
    edges = tuple(sorted({x for cell in placed if cell.bbox for x in (cell.bbox[0], cell.bbox[2])}))
    ranks = {edge: rank for rank, edge in enumerate(edges)}
    ranked = tuple(
        cell._replace(col=ranks[cell.bbox[0]], col_span=ranks[cell.bbox[2]] - ranks[cell.bbox[0]])
        for cell in placed
        if cell.bbox
    )
    del n_cols
    return Grid(ranked, context=context, page=page, edges=edges)


def cut(grid: Grid, at: int, *, text_below: bool = False) -> tuple[Grid, Grid]:
    """The grid on two pages, the second one beginning with row `at`.

    A cell merged over the break has its text on the first page, or (`text_below`) where it is centred on the second.
    """
    above, below = [], []
    for cell in grid.cells:
        if cell.row + cell.row_span <= at:
            above.append(cell)
        elif cell.row >= at:
            below.append(cell)
        else:
            top = cell._replace(row_span=at - cell.row)
            bottom = cell._replace(row=at, row_span=cell.row + cell.row_span - at)
            above.append(top._replace(text="") if text_below else top)
            below.append(bottom if text_below else bottom._replace(text=""))
    below.sort(key=lambda cell: (cell.row, cell.col))
    return on_page(above, 1, 0, grid.n_cols, grid.context), on_page(below, 2, at, grid.n_cols)


def tables(grids: list[Grid]) -> dict[str, str]:
    return as_csv(normalize(Document("pdf", tuple(grids), pages=2), "0" * 64))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_form_cut_at_any_row_is_the_same_form(case: Case) -> None:
    for grid in parse_grids(case.form)[:1]:
        whole = tables([on_page(list(grid.cells), 1, 0, grid.n_cols, grid.context)])
        for at in range(1, grid.n_rows):
            assert tables(list(cut(grid, at))) == whole, f"cut before row {at}"


def test_a_merged_label_may_be_printed_on_the_second_page() -> None:
    grid = parse_grids(next(case for case in CASES if case.name == "a_two_periods").form)[0]
    whole = tables([on_page(list(grid.cells), 1, 0, grid.n_cols, grid.context)])
    for at in range(1, grid.n_rows):
        assert tables(list(cut(grid, at, text_below=True))) == whole, f"cut before row {at}, text on the second page"


def test_a_new_form_on_a_new_page_is_not_joined() -> None:
    first, second = parse_grids(next(case for case in CASES if case.name == "a_two_periods").form)
    one, two = on_page(list(first.cells), 1, 0, first.n_cols), on_page(list(second.cells), 2, 0, second.n_cols)
    result = normalize(Document("pdf", (one, two), pages=2), "0" * 64)
    assert [row["project_name"] for row in result.projects] == ["档案馆恒温恒湿库房运行维护费", "民国档案数字化扫描"]
    assert [row["block_label"] for row in result.projects] == ["表（一）", "表（二）"]


def test_a_list_over_many_pages_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page costs what it holds: looking at the whole table again at every page made a list of 100 pages take a minute."""
    head = ("项目名称", "一级指标", "二级指标", "三级指标", "指标值")
    lines = [("某项目", "产出指标", "数量指标", f"修缮点{n}", f"≥{n}处") for n in range(200)]
    pages = []
    for page in range(50):
        rows = [*([head] if page == 0 else []), *lines[page * 4 : page * 4 + 4]]
        cells = [Cell(r, c, text=text) for r, row in enumerate(rows) for c, text in enumerate(row)]
        pages.append(on_page(cells, page + 1, 0, len(head), ("项目绩效目标表",) if page == 0 else ()))
    looked = []
    is_header = Finder.is_header
    monkeypatch.setattr(Finder, "is_header", lambda finder, keys: looked.append(1) or is_header(finder, keys))
    result = normalize(Document("pdf", tuple(pages), pages=50), "0" * 64)
    assert [row["value_text"] for row in result.indicators] == [f"≥{n}处" for n in range(200)]
    assert len(looked) < 5 * len(lines)


def test_a_cell_that_one_page_does_not_show_goes_on_behind_it() -> None:
    """The second page holds nothing but a part of the last row, and draws no cell for one that has no text there."""
    parts = [
        "项目名称 | 某项目 | »\n项目概况 | 修缮道路， | 改造管网，",
        "∅ | ␀ | 清洗路面，",
        "∅ | 更换路灯。 | 建设泵站。",
    ]
    grids = [on_page(list(parse_grid(part).cells), page, 0, 3) for page, part in enumerate(parts, 1)]
    found = sheets_of(Document("pdf", tuple(grids), pages=3), Finder([catalogue()]))
    assert print_grids(sheet.grid for sheet in found.sheets) == (
        "项目名称 | 某项目 | »\n项目概况 | 修缮道路，更换路灯。 | 改造管网，清洗路面，建设泵站。"
    )


def test_a_running_header_of_two_pages_ends_no_table() -> None:
    """What a browser prints above and below each page; with two pages no reader can tell that it is repeated on all of them."""
    for case in CASES:
        grid = parse_grids(case.form)[0]
        whole = tables([on_page(list(grid.cells), 1, 0, grid.n_cols, grid.context)])
        one, two = cut(grid, grid.n_rows - 1)
        first = replace(one, context=("11/23/26, 8:13 AM  某县预算公开", *one.context))
        second = replace(two, context=("11/23/26, 8:14 AM  某县预算公开",))
        assert tables([first, second]) == whole, case.name


def test_a_title_on_each_of_two_pages_begins_two_tables() -> None:
    grid = parse_grids(next(case for case in CASES if case.name == "d_annual_only").form)[0]
    one, two = cut(grid, grid.n_rows - 1)
    context = ("某县项目支出绩效目标表",)
    found = sheets_of(
        Document("pdf", (replace(one, context=context), replace(two, context=context)), pages=2), Finder([catalogue()])
    )
    assert len(found.sheets) == 2


def open_at(grid: Grid, side: int) -> Grid:
    """The grid with no line drawn at that side."""
    cells = {cell.col for cell in grid.cells if cell.row == 0 or side == OPEN_BOTTOM}
    undrawn = [(), (), (), ()]
    undrawn[side] = tuple(sorted(cells))
    return replace(grid, undrawn=(undrawn[0], undrawn[1], undrawn[2], undrawn[3]))


def test_a_row_that_no_line_ends_on_either_page_is_one_row() -> None:
    """The program that cut the row put its label, four lines high, on the second page as a whole, and the text on the first."""
    top = on_page(list(parse_grid("项目名称 | 某项目 | »\n∅ | 三月完成招标， | 年底验收。").cells), 1, 0, 3)
    rest = on_page(list(parse_grid("项目实施计划 | ∅ | ∅\n立项依据 | 某文件 | »").cells), 2, 0, 3)

    def rows(first: Grid, second: Grid) -> str:
        found = sheets_of(Document("pdf", (first, second), pages=2), Finder([catalogue()]))
        return print_grids(sheet.grid for sheet in found.sheets)

    joined = "项目名称 | 某项目 | »\n项目实施计划 | 三月完成招标， | 年底验收。\n立项依据 | 某文件 | »"
    apart = "项目名称 | 某项目 | »\n∅ | 三月完成招标， | 年底验收。\n项目实施计划 | ∅ | ∅\n立项依据 | 某文件 | »"
    assert rows(open_at(top, OPEN_BOTTOM), open_at(rest, OPEN_TOP)) == joined
    assert rows(open_at(top, OPEN_BOTTOM), rest) == apart
    assert rows(replace(open_at(top, OPEN_BOTTOM), undrawn=((), (0,), (), (0, 1, 2))), open_at(rest, OPEN_TOP)) == apart


def test_title_unit_and_header_printed_again_on_each_page_begin_no_new_list() -> None:
    """What a spreadsheet prints on top of each page; the merged cells of a project that is cut show their text on the second page."""
    context = ("部门预算项目支出绩效目标表", "单位：万元")
    head = "项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值"
    first = f"{head}\n修路 | 10 | 产出指标 | 数量指标 | 里程 | ≥3公里\n∅ | ∅ | 产出指标 | 数量指标 | 栽树 | ≥9棵"
    second = f"{head}\n绿化 | 5 | 效益指标 | 社会效益指标 | 环境 | 改善\n^ | ^ | 满意度指标 | 满意度 | 满意度 | ≥90%"
    pages = [on_page(list(parse_grid(text).cells), page, 0, 6, context) for page, text in ((1, first), (2, second))]
    result = normalize(Document("pdf", tuple(pages), pages=2), "0" * 64)
    assert [row["project_name"] for row in result.projects] == ["修路", "绿化"]
    assert [row["level3"] for row in result.indicators if str(row["project_id"]).endswith("2")] == [
        "栽树",
        "环境",
        "满意度",
    ]


def test_rows_below_a_label_and_a_level_that_are_drawn_too_short() -> None:
    """LibreOffice ends some merged cells a row early on a second page: the rows beside the gap are indicators all the same."""
    form = """
> 项目绩效目标表
项目名称 | 道路养护 | » | » | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 数量指标 | 养护里程 | ≥3公里
^ | 效益指标 | 社会效益指标 | 通行时间 | 缩短
␀ | ␀ | 可持续影响指标 | 管护机制 | 健全
␀ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90%
"""
    result = normalize(Document("pdf", tuple(parse_grids(form.strip())), pages=1), "0" * 64)
    assert [(row["level1"], row["level3"]) for row in result.indicators] == [
        ("产出指标", "养护里程"), ("效益指标", "通行时间"), ("效益指标", "管护机制"), ("满意度指标", "群众满意度"),
    ]  # fmt: skip


def test_a_cell_that_alone_has_no_line_below_it_goes_on_behind_a_repeated_header() -> None:
    head = "项目名称 | 一级指标 | 二级指标 | 三级指标 | 指标值"
    top = on_page(
        list(parse_grid(f"{head}\n5132-道路 | 产出指标 | 数量指标 | 里程 | ≥3公里").cells), 1, 0, 5, ("项目绩效目标表",)
    )
    rest = on_page(list(parse_grid(f"{head}\n养护 | 效益指标 | 社会效益指标 | 环境 | 改善").cells), 2, 0, 5)
    result = normalize(Document("pdf", (replace(top, undrawn=((), (), (), (0,))), rest), pages=2), "0" * 64)
    assert [row["project_name"] for row in result.projects] == ["道路养护"]
    everywhere = replace(
        top, undrawn=((), (), (), (0, 1, 2, 3, 4))
    )  # a program that draws no line at the end of a page
    result = normalize(Document("pdf", (everywhere, rest), pages=2), "0" * 64)
    assert [row["value_text"] for row in result.indicators] == ["≥3公里", "改善"]


def test_a_level_in_the_lower_half_of_a_row_that_the_break_cut_is_its_level() -> None:
    """LibreOffice set 效益指标, four lines high, on the second page; the level beside it is cut (form J of the generator, seed 4716)."""
    top = """
项目名称 | 绿地养护 | » | » | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 成本指标 | 每平方米养护成本 | ≤10元
^ | ∅ | 经济效 | 周边商铺客流 | 增加
"""
    rest = """
∅ | 效益指标 | 益指标 | ∅ | ∅
^ | 效益指标 | 社会效益指标 | 人均绿地面积 | ≥14平方米
"""
    pages = [on_page(list(parse_grid(text).cells), page, 0, 5) for page, text in ((1, top), (2, rest))]
    result = normalize(Document("pdf", tuple(pages), pages=2), "0" * 64)
    assert [(row["level1"], row["level2"], row["level3"]) for row in result.indicators] == [
        ("产出指标", "成本指标", "每平方米养护成本"),
        ("效益指标", "经济效益指标", "周边商铺客流"),
        ("效益指标", "社会效益指标", "人均绿地面积"),
    ]


def test_a_name_that_had_room_for_more_on_a_page_ends_there() -> None:
    """A list: what stands on the third page in the merged cells of names is another project (form G of the generator, seed 8807)."""
    rows = "\n".join(f"^ | ^ | 产出指标 | 数量指标 | 设备{n} | {n}台" for n in range(40))
    pages = (
        "项目名称 | 预算数 | 一级指标 | 二级指标 | 三级指标 | 指标值\n设备⏎（三期） | 20 | 成本指标 | 经济成本指标 | 采购价 | 9元",
        f"∅ | ∅ | 产出指标 | 质量指标 | 合格率 | 100%\n{rows}",
        "平台运行 | 7 | 产出指标 | 数量指标 | 安全测评 | 5次\n^ | ^ | 效益指标 | 社会效益指标 | 办件量 | 18件",
    )
    grids = [on_page(list(parse_grid(text).cells), page, 0, 6) for page, text in enumerate(pages, 1)]
    full = tuple(cell._replace(full_lines=(0, 1)) if cell.row == 1 else cell for cell in grids[0].cells)
    grids[0] = replace(grids[0], cells=full, context=("项目绩效目标表",))
    result = normalize(Document("pdf", tuple(grids), pages=3), "0" * 64)
    assert [row["project_name"] for row in result.projects] == ["设备（三期）", "平台运行"]
    assert len(result.indicators) == 44


def test_a_page_break_in_a_table_without_lines_around_it_is_told() -> None:
    """No line says whether 合格率 goes on with 检验 (form H of the generator, printed with inner lines alone)."""
    pages = (
        "项目名称 | 平台 | » | »\n一级指标 | 二级指标 | 三级指标 | 指标值\n产出指标 | 质量指标 | 检验 | ≥90%",
        "∅ | ∅ | 合格率 | ∅\n满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥80%",
    )
    grids = [on_page(list(parse_grid(text).cells), page, 0, 4) for page, text in enumerate(pages, 1)]
    grids[0] = replace(grids[0], context=("项目绩效目标表",))
    for undrawn, told in ((((0,), (0,), (0,), (0,)), [2]), (((), (), (), (0, 1, 2, 3)), [])):
        first = replace(grids[0], undrawn=undrawn)
        result = normalize(Document("pdf", (first, grids[1]), pages=2), "0" * 64)
        assert [row["page"] for row in result.issues if row["code"] == "open-seam"] == told


def test_a_label_above_a_table_without_lines_around_it_is_told() -> None:
    """A goal in a row of two cells, which no line parts from the lines above the table, was lost in silence (form I, printed so)."""
    form = "项目名称 | 平台 | » | »\n一级指标 | 二级指标 | 三级指标 | 指标值\n产出指标 | 质量指标 | 检验 | ≥90%"
    grid = on_page(list(parse_grid(form).cells), 1, 0, 4)
    for undrawn, told in ((((0,), (0,), (0,), (0,)), ["年度目标"]), (((), (), (), ()), [])):
        named = replace(grid, undrawn=undrawn, context=("项目绩效目标表", "年度目标", "建成平台"))
        result = normalize(Document("pdf", (named,), pages=1), "0" * 64)
        assert [row["text"] for row in result.issues if row["code"] == "unread-cell"] == told


def test_a_level_that_ends_inside_a_row_makes_no_second_row() -> None:
    """Chromium drew 效益指标, which a page break cut, eight points too short."""
    form = """
> 项目绩效目标表
项目名称 | 档案数字化 | » | »
一级指标 | 二级指标 | 三级指标 | 指标值
效益指标 | 社会效益指标 | 查档时间 | 缩短
^ | 生态效益指标 | 纸张消耗 | 减少
∅ | ^ | ^ | ^
满意度指标 | 服务对象满意度指标 | 群众满意度 | ＞89%
"""
    result = normalize(Document("pdf", tuple(parse_grids(form.strip())), pages=1), "0" * 64)
    assert [(row["level1"], row["level3"]) for row in result.indicators] == [
        ("效益指标", "查档时间"), ("效益指标", "纸张消耗"), ("满意度指标", "群众满意度"),
    ]  # fmt: skip


def test_a_rest_of_a_table_that_no_form_holds_is_told() -> None:
    """The next page shows fewer columns than the one before, since the table is wider than the page (LibreOffice Calc)."""
    form = parse_grid("""
项目名称 | 公厕管护 | » | »
年度资金总额（元） | 100 | » | »
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 公厕 | ≥86座
""")

    def told(rest: str, width: int) -> list[tuple[object, object, object]]:
        first = replace(on_page(list(form.cells), 1, 0, 4), context=("项目支出绩效目标表",))
        second = on_page(list(parse_grid(rest).cells), 2, 0, width)
        result = normalize(Document("pdf", (first, second), pages=2), "0" * 64)
        return [(row["code"], row["page"], row["project_id"]) for row in result.issues if row["severity"] == "error"]

    assert told("∅ | 施工扰民 | 可控", 3) == [("unread-table", 2, "0000000000000000-0001")]
    assert told("填报说明：写清楚 | »", 2) == []


def test_a_table_without_a_heading_at_the_top_of_the_next_page_is_told() -> None:
    """Nothing shows that it does not go on, but its first column holds no levels."""
    form = parse_grid("""
项目名称 | 公厕管护 | » | »
年度资金总额（元） | 100 | » | »
一级指标 | 三级指标 | 指标值 | 备注
产出指标 | 公厕 | ≥86座 | a
科室 | 人数 | 职务 | 附记
办公室 | 9 | 主任 | c
""")
    first, second = cut(form, 4)
    pages = (replace(first, context=("项目支出绩效目标表",)), second)
    result = normalize(Document("pdf", pages), "0" * 64)
    told = [(row["code"], row["field"], row["page"]) for row in result.issues if row["severity"] == "warning"]
    assert told == [("level-conflict", "indicators.level1", 2)]

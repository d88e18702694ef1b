"""Tables wider than the page: a form printed on pages side by side, cut at any column, gives the records of the uncut one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.golden import Case, as_csv, cases
from yusuan.extract.grid import Cell, Document, Grid, parse_grid, parse_grids, print_grid
from yusuan.normalize import Normalized, layouts, normalize
from yusuan.normalize.finder import Finder
from yusuan.normalize.layout_file import catalogue
from yusuan.normalize.sideways import wide_tables

WIDTH, LINE = 60.0, 15.0
CASES = [case for case in cases() if case.name[0] in "abcdefghij"]
LIST = parse_grid("""
项目名称 | 预算数（元） | 一级指标 | 二级指标 | 三级指标 | 指标值
道路养护 | 100 | 产出指标 | 数量指标 | 养护里程 | ≥3公里
^ | ^ | 效益指标 | 社会效益指标 | 通行时间 | 缩短
路灯 | 20 | 产出指标 | 数量指标 | 更换路灯 | ≥7盏
绿化 | 50 | 产出指标 | 数量指标 | 栽种树木 | ≥9棵
""")


def heights(grid: Grid) -> list[float]:
    """The borders of rows, each row as high as its texts need."""
    borders = [100.0]
    for row in range(grid.n_rows):
        lines = max(
            (cell.text.count("\n") + 1 for cell in grid.cells if cell.row == row and cell.row_span == 1), default=1
        )
        borders.append(borders[-1] + LINE * lines)
    return borders


def on_page(cells: list[Cell], page: int, first: int, ys: list[float], context: tuple[str, ...] = ()) -> Grid:
    """These cells of a table as the page shows them: its columns from `first` on at the left margin."""
    past = max(cell.col + cell.col_span for cell in cells)
    placed = [
        cell._replace(
            col=max(cell.col, first) - first,
            col_span=min(cell.col + cell.col_span, past) - max(cell.col, first),
            page=page,
            bbox=(
                WIDTH * (max(cell.col, first) - first),
                ys[cell.row],
                WIDTH * (cell.col + cell.col_span - first),
                ys[cell.row + cell.row_span],
            ),
        )
        for cell in cells
    ]
    return Grid(tuple(placed), context, page, tuple(WIDTH * n for n in range(past - first + 1)))


def parts(grid: Grid, at: int, pages: tuple[int, int] = (1, 2)) -> tuple[Grid, Grid]:
    """The table cut before column `at`: a merged cell's line is cut in two, and no line stands where it was cut."""
    left, right, cut = [], [], []
    for cell in grid.cells:
        if cell.col + cell.col_span <= at:
            left.append(cell)
        elif cell.col >= at:
            right.append(cell)
        else:
            lines = cell.text.split("\n")
            halves = [(line[: len(line) // 2], line[len(line) // 2 :]) for line in lines]
            left.append(cell._replace(col_span=at - cell.col, text="\n".join(a for a, _ in halves)))
            right.append(
                cell._replace(col=at, col_span=cell.col + cell.col_span - at, text="\n".join(b for _, b in halves))
            )
            cut.append(cell.row)
    ys = heights(grid)
    one = on_page(left, pages[0], 0, ys, grid.context)
    two = on_page(sorted(right, key=lambda cell: cell[:2]), pages[1], at, ys)
    rows = tuple(sorted(cut))
    return replace(one, undrawn=((), (), rows, ())), replace(two, undrawn=(rows, (), (), ()))


def read(*grids: Grid) -> Normalized:
    return normalize(Document("pdf", grids, pages=4), "0" * 64)


def facts(result: Normalized) -> dict[str, str]:
    return {name: text for name, text in as_csv(result).items() if name != "issues"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_form_cut_at_any_column_is_the_same_form(case: Case) -> None:
    grid = parse_grids(case.form)[0]
    whole = facts(read(on_page(list(grid.cells), 1, 0, heights(grid), grid.context)))
    for at in range(1, grid.n_cols):
        one, two = parts(grid, at)
        if one.undrawn[2]:
            result = read(one, two)
            assert facts(result) == whole, f"cut before column {at}"
            assert "split-table-joined" in {row["code"] for row in result.issues}


def test_columns_that_nothing_is_merged_over_go_on_where_all_rows_have_the_same_heights() -> None:
    """The title is cut, too: it stands half on one page and half on the other."""
    whole = facts(read(on_page(list(LIST.cells), 1, 0, heights(LIST), ("项目绩效目标表",))))
    one, two = parts(LIST, 2)
    one, two = replace(one, context=("项目绩效",)), replace(two, context=("目标表",))
    assert facts(read(one, two)) == whole
    lower = [cell._replace(bbox=(cell.bbox[0], cell.bbox[1] + 9, *cell.bbox[2:])) for cell in two.cells if cell.bbox]
    assert facts(read(one, replace(two, cells=tuple(lower)))) != whole


@pytest.mark.parametrize("pages", [(1, 3, 2, 4), (1, 2, 3, 4)])
def test_strips_of_pages_in_both_orders(pages: tuple[int, int, int, int]) -> None:
    """Two rows of pages, two columns of pages: printed down first, or to the right first."""
    whole = facts(read(on_page(list(LIST.cells), 1, 0, heights(LIST), ("项目绩效目标表",))))
    one, two = parts(LIST, 2, pages[:2])
    grids = [replace(part, cells=tuple(cell for cell in part.cells if cell.row < 4)) for part in (one, two)]
    for part, page in ((one, pages[2]), (two, pages[3])):
        rest = [cell._replace(row=0, page=page) for cell in part.cells if cell.row == 4]
        grids.append(replace(part, cells=tuple(rest), page=page))
    grids[0] = replace(grids[0], context=("项目绩效目标表",))
    assert facts(read(*sorted(grids, key=lambda grid: grid.page or 0))) == whole


def test_two_forms_with_rows_of_the_same_heights_stay_two() -> None:
    grid = parse_grids(next(case for case in CASES if case.name == "d_annual_only").form)[0]
    one = on_page(list(grid.cells), 1, 0, heights(grid), grid.context)
    two = on_page(list(grid.cells), 2, 0, heights(grid), grid.context)
    wider = replace(two, edges=tuple(1.1 * x for x in two.edges))
    assert len(read(one, two).projects) == len(read(one, wider).projects) == 2


def test_a_part_without_the_rest_is_told() -> None:
    grid = parse_grids(next(case for case in CASES if case.name == "d_annual_only").form)[0]
    one, _ = parts(grid, grid.n_cols - 1)
    assert 0 < len(one.undrawn[2]) < grid.n_rows
    assert "cut-columns" in {row["code"] for row in read(one).issues}
    closed = replace(one, undrawn=((), (), (), ()))
    style = replace(one, undrawn=((), (), tuple(range(grid.n_rows)), ()))
    assert "cut-columns" not in {row["code"] for row in (*read(closed).issues, *read(style).issues)}


def test_three_parts_of_which_the_middle_lacks_the_rows_that_are_one_cell() -> None:
    form = """
        项目绩效目标表（2024年度） | » | » | » | »
        项目名称 | 道路养护 | » | » | »
        一级指标 | 二级指标 | 三级指标 | 指标值 | 备注
        产出指标 | 数量指标 | 养护里程 | ≥3公里 | ∅
        效益指标 | 社会效益指标 | 通行时间 | 缩短 | 年底
    """
    grid = parse_grid("\n".join(line.strip() for line in form.strip().split("\n")))
    whole = facts(read(on_page(list(grid.cells), 1, 0, heights(grid))))
    left, rest = parts(grid, 2)
    texts = {cell[:2]: cell.text for cell in grid.cells}
    left = replace(left, cells=tuple(cell._replace(text=texts[cell[:2]]) for cell in left.cells))
    moved = [cell._replace(col=cell.col + 2, text=cell.text if cell.row > 1 else "") for cell in rest.cells]
    middle, right = parts(Grid(tuple(moved)), 4, (2, 3))
    middle = replace(middle, cells=tuple(cell for cell in middle.cells if cell.row > 1), undrawn=((), (), (), ()))
    middle = replace(middle, cells=tuple(cell._replace(row=cell.row - 2) for cell in middle.cells))
    assert facts(read(left, middle, right)) == whole


def rest_of_a_table(page: int, inner: float, texts: list[str], height: float) -> Grid:
    """Rows at the top of a page, over all its width, with the inner border at another place."""
    edges = (0.0, inner, 4 * WIDTH)
    cells = [
        Cell(row, col, 1, 1, text, page, (edges[col], 100 + height * row, edges[col + 1], 100 + height * (row + 1)))
        for row, line in enumerate(texts)
        for col, text in enumerate(line.split("|"))
    ]
    return Grid(tuple(cells), (), page, edges)


def test_rests_of_tables_at_the_top_of_two_pages_are_no_table_side_by_side() -> None:
    """Three rows of two lines are as high as six of one (LibreOffice printed a form of the generator so)."""
    first = rest_of_a_table(2, WIDTH, [f"质量指标{n}|≥9{n}%" for n in range(3)], 2 * LINE)
    second = rest_of_a_table(3, 2 * WIDTH, [f"时效指标{n}|≥8{n}%" for n in range(6)], LINE)
    result = normalize(Document("pdf", (first, second)), "0" * 64)
    assert "split-table-joined" not in {row["code"] for row in result.issues}
    tables, moved = wide_tables((first, second), Finder((*layouts(), catalogue())))
    assert (len(tables), moved) == (2, [])


def test_two_strips_as_wide_as_the_page_are_put_side_by_side() -> None:
    """Rows of many different heights at the same places: no two tables have them by chance."""
    ys = [100.0, 115.0, 146.0, 161.0, 183.0, 198.0]

    def strip(page: int, edges: tuple[float, ...], text: str) -> Grid:
        cells = [
            cell._replace(
                page=page,
                bbox=(edges[cell.col], ys[cell.row], edges[cell.col + cell.col_span], ys[cell.row + cell.row_span]),
            )
            for cell in parse_grid(text).cells
        ]
        return Grid(tuple(cells), ("部门预算项目支出绩效目标表",) if page == 1 else (), page, edges)

    names = strip(1, (128.0, 300.0, 467.0), "项目名称 | 预算数（元）\n道路养护 | 100\n^ | ^\n绿化 | 50\n^ | ^")
    levels = strip(
        2,
        (90.0, 200.0, 300.0, 506.0),
        """
年度目标 | 一级指标 | 二级指标
管护 | 产出指标 | 数量指标
^ | 效益指标 | 社会效益指标
栽树 | 产出指标 | 数量指标
^ | 产出指标 | 质量指标
""",
    )
    values = strip(
        3,
        (90.0, 350.0, 506.0),
        """
三级指标 | 指标值
养护里程 | ≥3公里
通行时间 | 缩短
栽种树木 | ≥9棵
成活率 | ≥90%
""",
    )
    result = normalize(Document("pdf", (names, levels, values)), "0" * 64)
    found = [(row["project_id"], row["level2"], row["level3"], row["value_text"]) for row in result.indicators]
    assert [(str(project)[-1], *rest) for project, *rest in found] == [
        ("1", "数量指标", "养护里程", "≥3公里"),
        ("1", "社会效益指标", "通行时间", "缩短"),
        ("2", "数量指标", "栽种树木", "≥9棵"),
        ("2", "质量指标", "成活率", "≥90%"),
    ]
    alike = strip(3, (90.0, 200.0, 300.0, 506.0), print_grid(levels))
    assert len(wide_tables((levels, alike), Finder((*layouts(), catalogue())))[0]) == 2  # the same rows printed again
    rest = strip(3, (90.0, 350.0, 506.0), print_grid(values).replace("三级指标 | 指标值", "目标2：养护 | ∅"))
    assert (
        len(wide_tables((levels, rest), Finder((*layouts(), catalogue())))[0]) == 2
    )  # the rest of a form on a later page

"""Columns of indicators under headings that no list knows: read where their content and their neighbours leave no doubt, else unread."""

from __future__ import annotations

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import Normalized, normalize

BODY = """
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | 12 | 实地查看
^ | ^ | ^ | 更换设施 | 30套 | 8 | 实地查看
^ | ^ | 质量指标 | 保洁达标率 | ≥95% | 30 | 抽查
^ | 效益指标 | 社会效益指标 | 街面卫生 | 改善 | 30 | 抽查
^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90% | 20 | 问卷
"""
HEADS = ("一级指标", "二级指标", "三级指标", "指标值", "分值", "备注")


def read(text: str, title: str = "项目支出绩效目标表") -> Normalized:
    form = f"> {title}\n> （2022年度）  单位：万元\n{text.strip()}"
    return normalize(Document("docx", tuple(parse_grids(form))), "0" * 64)


def form(heads: tuple[str, ...], body: str = BODY) -> Normalized:
    fields = "项目名称 | 城区公厕管护 | » | » | » | » | »\n年度资金总额 | 100 | » | » | » | » | »"
    return read(f"{fields}\n绩效指标 | {' | '.join(heads)}\n{body.strip()}")


def strange(*unknown: str) -> tuple[str, ...]:
    """The headings with these in words that nobody knows."""
    return tuple(f"某{number}栏" if head in unknown else head for number, head in enumerate(HEADS))


def facts(result: Normalized) -> list[tuple[object, ...]]:
    columns = ("level1", "level2", "level3", "operator", "value", "unit", "weight", "explanation")
    return [tuple(row[column] for column in columns) for row in result.indicators]


def unread(result: Normalized) -> list[object]:
    return [row["text"] for row in result.issues if row["code"] == "unread-cell"]


READ = facts(form(HEADS))


def test_the_form_with_known_headings() -> None:
    assert READ[2] == ("产出指标", "质量指标", "保洁达标率", ">=", 95.0, "%", 30.0, "抽查")
    assert len(READ) == 5


@pytest.mark.parametrize(
    "unknown",
    [
        ("一级指标",), ("二级指标",), ("三级指标",), ("指标值",), ("分值",),
        ("一级指标", "二级指标"), ("二级指标", "三级指标"), ("三级指标", "指标值"), ("一级指标", "三级指标", "指标值"),
        ("一级指标", "二级指标", "指标值"), ("二级指标", "指标值", "分值"),
    ],
    ids="、".join,
)  # fmt: skip
def test_a_column_is_known_by_what_stands_in_it(unknown: tuple[str, ...]) -> None:
    result = form(strange(*unknown))
    assert facts(result) == READ
    assert unread(result) == []
    warnings = [(row["code"], row["text"]) for row in result.issues if row["severity"] == "warning"]
    inferred = [("inferred-meaning", head) for head in strange(*unknown) if head not in HEADS]
    assert warnings == [("unknown-layout", None), *inferred]


def test_a_form_without_any_known_heading_is_not_read() -> None:
    assert form(strange(*HEADS)).indicators == []


def test_explanations_under_unknown_headings_stay_unread() -> None:
    result = form(strange("备注"))
    assert [row[:-1] for row in facts(result)] == [row[:-1] for row in READ]
    assert unread(result) == ["某5栏", "实地查看", "实地查看", "抽查", "抽查", "问卷"]


def test_points_are_no_values() -> None:
    """`8分` has a figure and a unit; the values themselves stand bare in a column that nobody knows either."""
    body = """
        ^ | 产出指标 | 数量指标 | 管护公厕 | 86 | 60分 | 实地查看
        ^ | ^ | 质量指标 | 保洁达标率 | 95 | 30分 | 抽查
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | 90 | 20分 | 问卷
    """
    assert {row["value_text"] for row in form(strange("指标值", "分值"), body).indicators} == {None}


def test_of_two_columns_of_values_neither_is_taken() -> None:
    body = """
        ^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | ≥80座 | 实地查看
        ^ | ^ | 质量指标 | 保洁达标率 | ≥95% | ≥90% | 抽查
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90% | ≥85% | 问卷
    """
    result = form(("一级指标", "二级指标", "三级指标", "某甲", "某乙", "备注"), body)
    assert {row["value_text"] for row in result.indicators} == {None}
    assert [row["code"] for row in result.issues].count("missing-value") == 3


@pytest.mark.parametrize("heading", ["三年要达到的", "上一轮实际", "行业水平标准", "调后", "复核数"])
def test_a_heading_that_may_name_something_else_is_no_target(heading: str) -> None:
    result = form(("一级指标", "二级指标", "三级指标", heading, "分值", "备注"))
    assert {row["value_text"] for row in result.indicators} == {None}
    assert heading in unread(result)


def test_texts_behind_names_are_no_names() -> None:
    """The names stand under 二级指标; what stands behind them is something else."""
    body = """
        ^ | 产出指标 | 管护公厕 | 按月实地查看全部公厕 | ≥86座 | 60 | 实地查看
        ^ | ^ | 保洁达标率 | 抽查合格数与抽查数之比 | ≥95% | 20 | 抽查
        ^ | 满意度指标 | 群众满意度 | 随机发放问卷 | ≥90% | 20 | 问卷
    """
    names = {row["level3"] for row in form(strange("三级指标"), body).indicators}
    assert not names & {"按月实地查看全部公厕", "抽查合格数与抽查数之比", "随机发放问卷"}


def test_what_explains_is_no_name_where_the_names_have_an_unknown_heading() -> None:
    result = form(("一级指标", "二级指标", "某栏", "指标值", "分值", "指标内容"))
    assert facts(result) == READ


def test_signs_and_units_in_columns_of_their_own() -> None:
    body = """
        ^ | 产出指标 | 数量指标 | 管护公厕 | ≥ | 86 | 座
        ^ | ^ | 质量指标 | 保洁达标率 | ＝ | 95 | %
        ^ | ^ | 时效指标 | 完成时间 | 定性 | 12月底前 | ∅
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥ | 90 | %
    """
    heads = ("一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位")
    known = facts(form(heads, body))
    assert known[1][3:6] == ("=", 95.0, "%")
    for number in (2, 3, 4, 5):
        assert facts(form((*heads[:number], "某栏", *heads[number + 1 :]), body)) == known
    assert facts(form((*heads[:3], "某甲", "某乙", "某丙"), body)) == known


def test_each_half_has_its_own_unknown_headings() -> None:
    text = """
        项目名称 | 城区公厕管护 | » | » | » | » | » | »
        年度资金总额 | 100 | » | » | » | » | » | »
        总体目标 | 实施期目标 | » | » | » | 年度目标 | » | »
        ^ | 公厕干净。 | » | » | » | 管护公厕86座。 | » | »
        绩效指标 | 一级指标 | 二级指标 | {0} | 指标值 | {1} | 三级指标 | {2}
        ^ | 产出指标 | 数量指标 | 管护公厕 | ≥258座 | 数量指标 | 管护公厕 | ≥86座
        ^ | ^ | 质量指标 | 保洁达标率 | ≥95% | 质量指标 | 保洁达标率 | ≥90%
        ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥92% | 服务对象满意度指标 | 群众满意度 | ≥88%
    """
    known = read(text.format("三级指标", "二级指标", "指标值"))
    result = read(text.format("某甲", "某乙", "某丙"))
    assert facts(result) == facts(known)
    assert [row["period"] for row in result.indicators] == [row["period"] for row in known.indicators]
    assert len(result.indicators) == 6


# --- lists ------------------------------------------------------------------------------------------------------------

LIST = """
{0} | {1} | 预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值
北屏县环卫站 | 城区公厕管护项目 | 100 | 公厕干净无异味。 | 产出指标 | 数量指标 | 管护公厕 | ≥86座
^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90%
北屏县图书馆 | 图书馆免费开放 | 60 | 读者借阅量增长。 | 产出指标 | 数量指标 | 举办活动 | ≥23场
^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95%
"""


def test_the_names_of_a_list_under_an_unknown_heading() -> None:
    result = read(LIST.format("单位名称", "某栏"))
    assert [(row["project_name"], row["implementing_unit"], row["fiscal_year"]) for row in result.projects] == [
        ("城区公厕管护项目", "北屏县环卫站", 2022),
        ("图书馆免费开放", "北屏县图书馆", 2022),
    ]
    assert [row["level3"] for row in result.indicators] == ["管护公厕", "群众满意度", "举办活动", "读者满意度"]
    assert unread(result) == []


@pytest.mark.parametrize("texts", [("李强", "王敏"), ("保障公厕运行，方便居民。", "服务项目读者，免费开放。")])
def test_other_texts_under_an_unknown_heading_are_no_names(texts: tuple[str, str]) -> None:
    text = LIST.replace("城区公厕管护项目", texts[0]).replace("图书馆免费开放", texts[1])
    result = read(text.format("单位名称", "某栏"))
    assert [row.get("project_name") for row in result.projects] == [None]
    assert result.indicators == []


@pytest.mark.parametrize("heads", [("某甲", "某乙"), ("单位名称", "归口处室")], ids=str)
def test_a_list_of_unknown_projects_is_no_project_of_its_caption(heads: tuple[str, str]) -> None:
    """Its one row says that nothing was read, and has neither the year nor the unit of its projects."""
    text = LIST.replace("城区公厕管护项目", "环境卫生管理处室").replace("图书馆免费开放", "公共文化服务处室")
    (project,) = read(text.format(*heads)).projects
    assert [project.get(name) for name in ("project_name", "fiscal_year", "money_unit", "block_label")] == [None] * 4


def test_a_heading_that_spans_the_header_of_a_list_is_no_value() -> None:
    result = read("""
        单位名称 | 某甲 | 预算数 | 某乙 | 绩效指标 | » | » | »
        ^ | ^ | ^ | ^ | 一级指标 | 二级指标 | 三级指标 | 指标值
        北屏县环卫站 | 李强 | 100 | 公厕干净。 | 产出指标 | 数量指标 | 管护公厕 | ≥86座
        ^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90%
        北屏县图书馆 | 王敏 | 60 | 借阅量增长。 | 产出指标 | 数量指标 | 举办活动 | ≥23场
        ^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95%
    """)
    assert [(row.get("implementing_unit"), row.get("money_unit")) for row in result.projects] == [(None, None)]
    assert result.funds == []


def test_the_points_of_each_project_of_a_list_add_up() -> None:
    text = """
        单位名称 | 项目名称 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标值 | 某栏
        北屏县环卫站 | 城区公厕管护项目 | 公厕干净无异味。 | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | 40
        ^ | ^ | ^ | ^ | 质量指标 | 保洁达标率 | ≥95% | 30
        ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90% | 30
        北屏县图书馆 | 图书馆免费开放 | 读者借阅量增长。 | 产出指标 | 数量指标 | 举办活动 | ≥23场 | 50
        ^ | ^ | ^ | ^ | 质量指标 | 图书上架率 | ≥99% | 25
        ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 读者满意度 | ≥95% | {0}
    """
    assert [row["weight"] for row in read(text.format("25")).indicators] == [40, 30, 30, 50, 25, 25]
    assert {row["weight"] for row in read(text.format("20")).indicators} == {None}


# --- self-evaluations -------------------------------------------------------------------------------------------------

REACHED = """
项目名称 | 城区公厕管护 | » | » | » | » | » | »
年度资金总额 | 100 | » | » | » | » | » | »
绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | {0} | {1} | {2}
^ | 产出指标 | 数量指标 | 管护公厕 | ≥86座 | 88座 | 40 | 40
^ | ^ | 质量指标 | 保洁达标率 | ≥95% | 93% | 30 | 27.5
^ | ^ | 时效指标 | 完成时间 | 12月底前 | 11月 | 10 | 10
^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90% | 96% | 20 | {3}
"""


def reached(*texts: str) -> list[tuple[object, ...]]:
    result = read(REACHED.format(*texts), "项目支出绩效自评表")
    return [(row["actual_text"], row["weight"], row["score"]) for row in result.indicators]


KNOWN = ("实际完成值", "分值", "得分", "20")


@pytest.mark.parametrize("number", range(3))
def test_one_unknown_heading_of_a_self_evaluation(number: int) -> None:
    assert reached(*KNOWN)[1] == ("93%", 30.0, 27.5)
    assert reached(*KNOWN[:number], "某栏", *KNOWN[number + 1 :]) == reached(*KNOWN)


def test_points_are_scores_only_where_none_is_more_than_its_weight() -> None:
    assert {score for _, _, score in reached(*KNOWN[:2], "某栏", "21")} == {None}


@pytest.mark.parametrize("heading", ["上年水平", "行业标准", "调整后"])
def test_figures_beside_targets_may_be_others_than_those_reached(heading: str) -> None:
    assert {text for text, _, _ in reached(heading, *KNOWN[1:])} == {None}


def test_weights_and_scores_both_unknown_are_neither() -> None:
    assert {row[1:] for row in reached(KNOWN[0], "某甲", "某乙", "20")} == {(None, None)}


def test_a_table_without_a_header_behind_headings_that_their_content_tells_is_told() -> None:
    result = read(
        """
        项目名称 | 森林防火巡护 | » | » | »
        年度资金总额 | 809.68 | » | » | »
        绩效指标 | 一指标 | 二指标 | 三级指标 | 指标内容
        ^ | 产出指标 | 数量指标 | 聘用护林员 | 约141名
        ^ | ^ | 质量指标 | 设备完好率 | 100%

        产出指标 | 时效指标 | 报告及时率 | =100%
        效益指标 | 社会效益指标 | 防火意识 | 提高
    """.replace("        ", "")
    )
    told = [row["text"] for row in result.issues if row["code"] == "unread-cell"]
    assert {"报告及时率", "=100%", "防火意识", "提高"} <= set(told)

"""Filled forms with their truth: from a seed and a family to grids and the facts that they state.

    generate("H", 7).grids      the document
    generate("H", 7).projects   what must be read from it

The truth is written down while a form is made and follows shared rules for values only (the contract), never the engine. The
same seed gives the same document. `bench/accuracy.py` measures with it; families are those of the layouts in schemas/forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tests.forms import evaluation, lists, side_by_side, single, stacked
from tests.forms.content import Content, bank, project
from tests.forms.dialect import Dialect, draw
from tests.forms.draft import Draft, field_row, pair
from tests.forms.sheet import WIDTH, Row, lay, row
from tests.forms.truth import Item, ProjectTruth
from yusuan.extract.grid import Grid

__all__ = ["FAMILIES", "Family", "Generated", "ProjectTruth", "generate", "generate_mixed"]


@dataclass(frozen=True)
class Family:
    """How forms of a family are made: their builder, the faults they can have, the unit of money that they print."""

    build: Callable[[Draft, int | None], None] | None
    faults: Sequence[str]
    unit: str | None = None
    cost_level: bool = False
    numbered: float = 0.0


FAMILIES: dict[str, Family] = {
    "A": Family(side_by_side.form_a, side_by_side.FAULTS, "元", numbered=0.9),
    "B": Family(side_by_side.form_b, side_by_side.FAULTS, "万元", numbered=0.1),
    "C": Family(stacked.form_c, single.FAULTS, "万元"),
    "D": Family(single.form_d, ("missing-value", "suspect-operator"), "万元", numbered=0.1),
    "E": Family(side_by_side.form_e, (*side_by_side.FAULTS, "date-order"), "元", cost_level=True),
    "F": Family(single.form_f, single.WEIGHTED_FAULTS, cost_level=True, numbered=0.1),
    "G": Family(None, lists.FAULTS, "万元", cost_level=True),
    "H": Family(evaluation.form_h, evaluation.FAULTS, "万元", numbered=0.1),
    "I": Family(single.form_i, single.FAULTS, "万元"),
    "J": Family(side_by_side.form_j, side_by_side.FAULTS, "万元"),
}


@dataclass(frozen=True)
class Generated:
    """A document and its truth; the projects stand in reading order."""

    name: str
    family: str
    grids: tuple[Grid, ...]
    projects: tuple[ProjectTruth, ...]


@dataclass(frozen=True)
class _Form:
    """A form before its place in the document is known."""

    rows: list[Row]
    context: list[str]
    cuts: list[int]
    projects: list[ProjectTruth]


def generate(family: str, seed: int, *, strange: float = 0.0, even: bool = False) -> Generated:
    """One document of a family with one or more forms.

    `strange` is the rate of labels in words that no list knows; `even` gives all grid columns one width, for pages.
    """
    rng = Random(f"{family}{seed}")
    dialect = draw(rng, unit=FAMILIES[family].unit, strange=strange)
    count = 1 if family in "GI" else rng.choices((1, 2, 3), (6, 3, 2))[0]
    numbered = rng.random() < FAMILIES[family].numbered
    place, year = rng.choice(bank()["places"]), rng.randint(2019, 2025)
    forms = [_form(family, rng, dialect, place, year, at, at if numbered else None) for at in range(count)]
    return _document(f"{family}-{seed:04d}{'s' if strange else ''}", family, rng, dialect, forms, (place, year), even)


def generate_mixed(seed: int, *, even: bool = False) -> Generated:
    """One document with forms of two families and a budget table between them."""
    rng = Random(f"mixed{seed}")
    first, second = rng.sample(sorted(FAMILIES), 2)
    place, year = rng.choice(bank()["places"]), rng.randint(2019, 2025)
    dialects = [draw(rng, unit=FAMILIES[family].unit) for family in (first, second)]
    forms = [
        _form(family, rng, dialect, place, year, at, None)
        for at, (family, dialect) in enumerate(zip((first, second), dialects, strict=True))
    ]
    return _document(f"mixed-{seed:04d}", "mixed", rng, None, forms, (place, year), even)


def _form(family: str, rng: Random, dialect: Dialect, place: str, year: int, at: int, number: int | None) -> _Form:
    kind = FAMILIES[family]
    count = rng.randint(2, 5) if family == "G" else 1

    def content(of: int) -> Content:
        return project(rng, dialect, place=place, year=year, cost_level=kind.cost_level, number_of=of)

    contents = [content(5 * at + more) for more in range(count)]
    truths = [ProjectTruth(family) for _ in contents]
    for truth in truths:
        truth.state("money_unit", dialect.unit)
    fault = rng.choice(kind.faults) if rng.random() < 0.25 else None
    draft = Draft(rng, dialect, contents[0], truths[0], fault)
    draft.one_sided = family in "AB" and fault in (None, "missing-value", "suspect-operator") and rng.random() < 0.1
    if kind.build is None:
        lists.form_g(draft, contents, truths)
    else:
        kind.build(draft, number)
        if family in "CDF" and rng.random() < 0.2:
            _signatures(draft)
    return _Form(draft.rows, draft.context, draft.cuts, truths)


def _signatures(draft: Draft) -> None:
    """填报人 and 填报日期 below the form."""
    day = f"{draft.content.year}年1月{draft.rng.randint(2, 28)}日"
    field_row(
        draft,
        pair(draft, None, draft.pick("填报人", "填表人"), draft.content.person),
        pair(draft, None, draft.pick("填报日期", "填表日期"), day),
    )


# --- documents --------------------------------------------------------------------------------------------------------


def _document(
    name: str,
    family: str,
    rng: Random,
    dialect: Dialect | None,
    forms: Sequence[_Form],
    when: tuple[str, int],
    even: bool,
) -> Generated:
    """Lays the forms: stacked in one table, each in its own, or one in two; other tables and texts around them."""
    grids: list[Grid] = []
    if rng.random() < 0.15 or family == "mixed":
        grids.append(_budget_table(rng, when, len(grids)))
    inside = all(not form.context for form in forms)
    if len(forms) > 1 and inside and dialect is not None and dialect.title_at == "table" and rng.random() < 0.6:
        rows = [items for form in forms for items in form.rows]
        grids.append(lay(rows, len(grids), even=even))
    else:
        for at, form in enumerate(forms):
            if at and rng.random() < 0.1:
                grids.append(_budget_table(rng, when, len(grids)))
            grids += _grids(form, rng, dialect, len(grids), even)
    if rng.random() < 0.06:
        grids.append(_template(len(grids)))
    if rng.random() < 0.1:
        grids.append(_notes(len(grids)))
    return Generated(name, family, tuple(grids), tuple(project for form in forms for project in form.projects))


def _grids(form: _Form, rng: Random, dialect: Dialect | None, first: int, even: bool) -> list[Grid]:
    if dialect is not None and dialect.split and form.cuts:
        at = rng.choice(form.cuts)
        return [lay(form.rows[:at], first, form.context, even=even), lay(form.rows[at:], first + 1, even=even)]
    return [lay(form.rows, first, form.context, even=even)]


def _budget_table(rng: Random, when: tuple[str, int], grid: int) -> Grid:
    """A table that is no form: nothing of it is a fact of a project."""
    borders = [0, 90, 140, 190, WIDTH]
    rows = [row(borders, ["功能科目", "合计", "基本支出", "项目支出"])]
    for code, name in (
        ("2010301", "行政运行"),
        ("2010302", "一般行政管理事务"),
        ("2080505", "机关事业单位养老保险缴费支出"),
    ):
        basic, own = rng.randint(10, 900) / 10, rng.randint(10, 900) / 10
        rows.append(row(borders, [f"{code} {name}", f"{basic + own:.2f}", f"{basic:.2f}", f"{own:.2f}"]))
    title = rng.choice(("支出预算总表", "一般公共预算支出表", "收支预算总表"))
    return lay(rows, grid, [f"{when[0]}{when[1]}年{title}", "单位：万元"])


def _template(grid: int) -> Grid:
    """A form that nobody filled in: no project."""
    borders, full = [0, 40, 100, 140, WIDTH], [0, 40, WIDTH]
    table = [0, 40, 80, 120, 180, WIDTH]
    rows = [
        row(full, ["项目名称", "××"]),
        row(borders, ["主管部门", "", "实施单位", ""]),
        row(borders, ["项目资金（万元）", "年度资金总额：", "", ""]),
        row(full, ["年度目标", "目标1：××××\n目标2：****"]),
        row(table, ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值"]),
        row(table, ["", "产出指标", "数量指标", "指标1：", ""]),
        row(table, ["", "", "质量指标", "……", ""]),
        row(table, ["", "满意度指标", "服务对象满意度指标", "指标1：", ""]),
    ]
    return lay(rows, grid, ["项目支出绩效目标申报表", "（    年度）"])


def _notes(grid: int) -> Grid:
    """填报说明: prose that repeats every label."""
    lines = (
        "填报说明",
        "一、项目名称：填写规范完整的项目名称。",
        "二、资金总额：填写项目资金总额，以万元为单位。",
        "三、绩效指标：一级指标、二级指标、三级指标和指标值应当细化、量化。",
    )
    return lay([[Item("\n".join(lines), 0, WIDTH)]], grid)

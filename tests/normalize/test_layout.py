"""Layouts as data: a respelled label is one entry in a list, a wrong file says file, key and reason."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from yusuan.extract.grid import Document, parse_grids
from yusuan.normalize import layouts, normalize
from yusuan.normalize.layout_file import LayoutError, catalogue, load_layout, parse_layout

TWO_PERIODS = files("yusuan.schemas.forms").joinpath("two_periods.toml").read_text(encoding="utf-8")
FORM = """
项目支出绩效目标申报表 | » | » | »
（2022年度） 单位：元 | » | » | »
项目名称 | 办公设备购置 | 承办科室 | 办公室
项目资金 | 实施期资金总额： | 900 | ∅
^ | 年度资金总额： | 300 | ∅
绩效指标 | 一级指标 | 三级指标 | 指标值
^ | 产出指标 | 购置数量 | ≥23台
"""


def read(form: str, text: str) -> dict[str, object]:
    result = normalize(
        Document("docx", tuple(parse_grids(form))), "0" * 64, [parse_layout(text, "two_periods", "test.toml")]
    )
    assert len(result.projects) == 1
    return {**result.projects[0], "unread": [row["text"] for row in result.issues if row["code"] == "unread-cell"]}


def test_one_more_spelling_is_one_entry_in_one_list() -> None:
    before = read(FORM, TWO_PERIODS)
    assert before["layout"] == "two_periods"
    assert "implementing_unit" not in before
    assert before["unread"] == ["承办科室", "办公室"]
    after = read(FORM, TWO_PERIODS.replace("implementing_unit = [", 'implementing_unit = ["承办科室", '))
    assert after["implementing_unit"] == "办公室"
    assert after["unread"] == []


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        (("[fields]", "[feilds]"), "feilds", "unknown key"),
        (("project_name =", "projekt_name ="), "fields.projekt_name", "unknown key"),
        (('form_kind = "target"', 'form_kind = "goal"'), "form_kind", "'goal' is none of target"),
        (('["项目实施计划"]', '"项目实施计划"'), "fields.plan", "must be a list"),
        (('["项目实施计划"]', '["项目概况"]'), "fields.plan", "already declared under fields.overview"),
        (('name = "', 'name = ""\nnote = "'), "note", "unknown key"),
        (("annual = [", "yearly = ["), "funds.sources.total.yearly", "unknown key"),
        (("[fields]", "[fields"), "TOML", "line"),
        (
            ('column_periods = ["implementation", "annual"]', 'column_periods = ["later"]'),
            "column_periods",
            "is none of",
        ),
    ],
)
def test_a_wrong_layout_names_file_key_and_reason(change: tuple[str, str], key: str, reason: str) -> None:
    wrong = TWO_PERIODS.replace(*change)
    assert wrong != TWO_PERIODS
    with pytest.raises(LayoutError) as caught:
        parse_layout(wrong, "two_periods", "forms/two_periods.toml")
    assert str(caught.value).startswith(f"forms/two_periods.toml: {key}: ")
    assert reason in str(caught.value)


def test_a_missing_layout_file_is_a_layout_error(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"none\.toml: file:"):
        load_layout(tmp_path / "none.toml")


def test_the_shipped_layouts_and_the_catalogue_are_valid() -> None:
    assert [layout.id for layout in layouts()]
    assert not catalogue().declared

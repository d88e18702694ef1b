"""Wrap repair: what is joined, what stays a line, and that no character is lost, added or moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yusuan.normalize.repair import unwrap, unwrap_label

JOINED = [
    ("总体\n目标", "总体目标"),
    ("强化\n\n支部凝聚力", "强化支部凝聚力"),
    ("项目资金\n（元）", "项目资金（元）"),
    ("1,053,\n300", "1,053,300"),
    ("968.\n1918", "968.1918"),
    ("达到\n1.5万元", "达到1.5万元"),
    ("共 \n 12 次", "共12 次"),
    ("Open\nOffice", "Open Office"),
    ("采购OA\n平台", "采购OA平台"),
    ("in spring,\nthe plan", "in spring, the plan"),
    ("  前后空白　\n", "前后空白"),
    ("提高服务，\n改善环境", "提高服务，改善环境"),
    ("如下：\n培训", "如下：培训"),
    ("\n\n", ""),
]
KEPT = [
    "1.购置设备\n2.培训人员",
    "1、购置设备\n2、培训人员",
    "（一）购置设备\n（二）培训人员",
    "(1)购置\n(2)培训",
    "①购置\n②培训",
    "一、购置\n二、培训",
    "目标1：购置\n目标2：培训",
    "第一句。\n第二句",
    "甲；\n乙；\n丙",
    "完成！\n很好",
    "是否完成？\n是",
    "1.2022年完成\n2.2023年验收",
    "他说“完成。”\n下一句",
]


@pytest.mark.parametrize(("text", "expected"), JOINED)
def test_lines_of_one_sentence_are_joined(text: str, expected: str) -> None:
    assert unwrap(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_items_and_sentences_stay_lines(text: str) -> None:
    assert unwrap(text) == text


def test_blank_lines_between_items_go() -> None:
    assert unwrap("1.购置。\n\n \n2.培训。") == "1.购置。\n2.培训。"


def test_a_full_line_was_ended_by_the_page_also_behind_a_full_stop() -> None:
    assert unwrap("第一句。\n第二句", full_lines=(0,)) == "第一句。第二句"
    assert unwrap("第一句。\n第二句。\n第三句", full_lines=(1,)) == "第一句。\n第二句。第三句"
    assert unwrap("1.购置。\n2.培训", full_lines=(0,)) == "1.购置。\n2.培训", "a list item begins a line all the same"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("绩 效 目 标", "绩效目标"),
        ("产\n出\n指\n标\n（50分）", "产出指标（50分）"),
        ("OA 平台 A B", "OA 平台 A B"),
        ("生态效益.指标", "生态效益.指标"),
    ],
)
def test_labels_are_one_line(text: str, expected: str) -> None:
    assert unwrap_label(text) == expected


_TEXT = st.text(alphabet="总体目标12 .,、。；！？\n\t（一）①ab　1.：%“”", max_size=40)


@given(_TEXT, st.sets(st.integers(0, 6)))
def test_no_character_is_lost_added_or_moved(text: str, full: set[int]) -> None:
    for repaired in (unwrap(text, tuple(full)), unwrap_label(text)):
        assert "".join(repaired.split()) == "".join(text.split())


@given(_TEXT)
def test_repair_is_idempotent(text: str) -> None:
    once = unwrap(text)
    assert unwrap(once) == once

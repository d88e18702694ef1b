import ast
import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from yusuan.normalize import layout
from yusuan.publish.assemble import DUPLICATE
from yusuan.schemas import TYPES, DeclarationError, issue_codes, parse_tables, skip, tables

ROOT = Path(__file__).parent.parent
DECLARED: dict[str, Any] = tomllib.loads((ROOT / "schemas/tables.toml").read_text("utf-8"))


def enum(table: str, column: str) -> tuple[str, ...]:
    return next(found.enum for found in tables()[table].columns if found.name == column)


def test_every_column_has_a_type_a_chinese_title_and_a_description() -> None:
    for table in tables().values():
        for column in table.columns:
            assert column.type in TYPES
            assert any("\u4e00" <= character <= "\u9fff" for character in column.title), f"{table.name}.{column.name}"
            assert column.description.endswith("."), f"{table.name}.{column.name}"
            # the period is the one part of a key that a form may leave open: a null there is a value like any other
            assert not (column.nullable and column.name in table.key) or column.name == "period"


def test_money_says_its_unit() -> None:
    money = [column for table in tables().values() for column in table.columns if column.type == "money"]
    assert {column.name for column in money} == {"total_implementation", "total_annual", "amount"}
    for column in money:
        assert "元" in column.title
        assert "元 (CNY)" in column.description


def test_the_contract_tables_stand_in_its_order() -> None:
    assert list(tables()) == ["documents", "sources", "projects", "funds", "indicators", "fields", "issues", "cells"]


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("projects", "form_kind", layout.FORM_KINDS),
        ("projects", "money_unit", layout.MONEY_UNITS),
        ("funds", "source", layout.SOURCES),
        ("funds", "stage", layout.STAGES),
        ("funds", "period", layout.PERIODS),
        ("indicators", "period", layout.PERIODS),
    ],
)
def test_the_words_that_layouts_use_are_the_declared_ones(table: str, column: str, words: tuple[str, ...]) -> None:
    assert enum(table, column) == words


def reported(path: Path) -> set[str]:
    """Issue codes in a module: first arguments of `Note(…)`, `….add(…)` and `Remark(…)`, and keys of rule tables."""
    codes = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("Note", "Remark", "add", "remark", "note") and isinstance(node.args[0].value, str):
                codes.add(node.args[0].value)
    return codes


def test_every_issue_code_that_is_reported_is_declared() -> None:
    found = {
        code for folder in ("extract", "normalize") for path in (ROOT / folder).glob("*.py") for code in reported(path)
    }
    assert found, "the test does not see how issues are reported any more"
    assert {code for code in found if "-" in code} <= set(issue_codes())
    assert DUPLICATE in issue_codes()


def test_issue_codes_have_known_severities_and_are_the_values_of_the_column() -> None:
    for code in issue_codes().values():
        assert set(code.severities) <= set(enum("issues", "severity"))
    assert enum("issues", "code") == tuple(issue_codes())


def test_skip_patterns_are_lower_case() -> None:
    for pattern in (*skip().files, *skip().folders):
        assert pattern == pattern.lower()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("funds", "key"), ["project_id", "no"], r"\[funds\]: 'no' is no column"),
        (("funds", "facts"), ["amuont"], "amuont"),
        (("funds", "columns", "seq", "type"), "int", r"\[funds.columns\] seq: type"),
        (("funds", "columns", "seq", "nulable"), True, "unknown key 'nulable'"),
        (("funds", "columns", "project_id", "references"), ["projects", "title"], "projects.title is no primary key"),
        (("sources", "place"), True, "'grid' is no column"),
    ],
)
def test_a_wrong_declaration_is_named(path: tuple[str, ...], value: object, said: str) -> None:
    declared = copy.deepcopy(DECLARED)
    at = declared
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    with pytest.raises(DeclarationError, match=said):
        parse_tables(declared, ())

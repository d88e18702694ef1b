"""CONTRIBUTING.md walks through one new form from start to end; this test follows the text."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.build import build_docx
from yusuan.cli import cli
from yusuan.extract.grid import parse_grids

TEXT = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)\n```", TEXT, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "备案表.docx"
    path.write_bytes(build_docx(parse_grids(block("form"))))
    return path


def explained(document: Path, *more: str) -> dict[str, object]:
    answer = CliRunner().invoke(cli, ["explain", str(document), "--json", *more])
    assert answer.exit_code == 0, answer.output
    found: dict[str, object] = json.loads(answer.stdout)["blocks"][0]
    return found


def test_the_walk_from_an_unknown_form_to_a_layout(document: Path, tmp_path: Path) -> None:
    assert explained(document)["unread"] == 4
    drafted = CliRunner().invoke(cli, ["layouts", "draft", str(document)])
    assert drafted.exit_code == 0
    assert drafted.stdout.rstrip().endswith(block("end of the draft"))

    other, overview = block("edits").split("\n")
    finished = drafted.stdout.replace("titles = ", f"{other}\ntitles = ").replace(
        "[fields]\n", f"[fields]\n{overview}\n"
    )
    layout = tmp_path / "county_filing.toml"
    layout.write_text(finished, encoding="utf-8")

    checked = CliRunner().invoke(cli, ["layouts", "check", str(layout)])
    assert checked.exit_code == 0
    assert "good" in checked.stdout
    after = explained(document, "--layout", str(layout))
    assert (after["layout"], after["coverage"], after["unread"]) == ("county_filing", 1.0, 0)


def test_a_document_without_a_form_has_nothing_to_draft(tmp_path: Path) -> None:
    path = tmp_path / "表.docx"
    path.write_bytes(build_docx(parse_grids("功能科目 | 合计\n2010301 | 68.70")))
    answer = CliRunner().invoke(cli, ["layouts", "draft", str(path)])
    assert answer.exit_code == 1
    assert "没有找到绩效目标表" in answer.stderr

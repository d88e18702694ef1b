"""What `yusuan status` tells of a store."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.engines import Inline
from tests.samples import form
from yusuan.cli import cli
from yusuan.run import Options, run


def test_status_names_documents_release_and_inputs_as_seen_from_here(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (raw / "broken.docx").write_bytes(form("丁", "4")[:200])
    run([raw], tmp_path / "out", Options(), engine=Inline(None))
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(cli, ["status", "--out", "out"]).stdout
    assert "3 ok, 1 failed" in told
    assert "Input                   raw: 4 sources" in told
    found = json.loads(CliRunner().invoke(cli, ["status", "--out", "out", "--json"]).stdout)
    assert found["inputs"] == [{"root": os.fspath(raw), "sources": 4}]
    assert (found["stale_readings"], found["stale_records"], found["retried"]) == (0, 0, 0)
    assert found["published"]


def test_a_folder_without_a_store_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["status", "--out", os.fspath(tmp_path)])
    assert result.exit_code != 0
    assert "there is no store" in result.output

import json
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.samples import form, formless
from yusuan.cli import cli
from yusuan.difference import Difference
from yusuan.extract.grid import parse_grids

ROOT = Path(__file__).parent.parent


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.docx").write_bytes(form("甲", "100"))
    return folder


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def script(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, as a shell calls it."""
    command = [sys.executable, "-c", "from yusuan.cli import main; main()", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, encoding="latin-1", timeout=120, check=False
    )


# --- run --------------------------------------------------------------------------------------------------------------


def test_run_prints_a_summary_with_chinese_titles_of_issues(raw: Path, tmp_path: Path) -> None:
    (raw / "b.docx").write_bytes(form("甲", "100") + b"\0")
    result = call("run", raw, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert "Read 2 documents: 2 ok." in result.stdout
    assert "2 documents, 2 projects, 12 funds rows, 8 indicators." in result.stdout
    assert "项目重复  duplicate-project" in result.stdout
    assert str(tmp_path / "out") in result.stdout
    assert result.stderr == ""
    again = call("run", raw, "--out", tmp_path / "out")
    assert "Nothing changed" in again.stdout


def test_run_reads_data_raw_into_data_out_by_default(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("run")
    assert result.exit_code == 2
    assert "data/raw: there is no such file or folder" in result.stderr
    (tmp_path / "data").mkdir()
    raw.rename(tmp_path / "data" / "raw")
    assert call("run").exit_code == 0
    assert (tmp_path / "data" / "out" / "projects.csv").exists()


def test_run_names_failed_documents_on_stderr_and_exits_with_1(raw: Path, tmp_path: Path) -> None:
    (raw / "bad.docx").write_bytes(b"PK\x03\x04 no")
    result = call("run", raw, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "bad.docx: [corrupt]" in result.stderr
    assert "1 ok, 1 failed" in result.stdout


def test_many_failures_are_cut_unless_asked_for(raw: Path, tmp_path: Path) -> None:
    for number in range(25):
        (raw / f"{number}.txt").write_text(f"no table {number}", "utf-8")
    result = call("run", raw, "--out", tmp_path / "out")
    assert result.stderr.count("[unsupported]") == 20
    assert "and 5 more" in result.stderr
    assert call("run", raw, "--out", tmp_path / "out", "-v").stderr.count("[unsupported]") == 25


def test_run_json_is_one_line_for_programs(raw: Path, tmp_path: Path) -> None:
    (raw / "bad.docx").write_bytes(b"")
    result = call("run", raw, "--out", tmp_path / "out", "--json")
    assert result.stdout.count("\n") == 1
    answer = json.loads(result.stdout)
    assert answer["read"] == {"ok": 1, "partial": 0, "empty": 0, "failed": 1}
    assert answer["rows"]["projects"] == 1
    assert [failure["code"] for failure in answer["failures"]] == ["corrupt"]
    assert answer["exit_code"] == result.exit_code == 1
    assert (tmp_path / "out" / "releases" / answer["release"]).is_dir()


def test_quiet_and_verbose(raw: Path, tmp_path: Path) -> None:
    quiet = call("run", raw, "--out", tmp_path / "out", "-q")
    assert (quiet.stdout, quiet.stderr) == ("", "")
    verbose = call("run", raw, "--out", tmp_path / "out", "-v", "--force")
    assert "ok       a.docx" in verbose.stderr


def test_the_options_of_run_reach_the_release(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert call("run", raw, "--out", out, "--excel", "--no-cells", "--keep", "1").exit_code == 0
    assert (out / "excel" / "projects.csv").exists()
    assert not (out / "cells.csv").exists()
    (tmp_path / "b.docx").write_bytes(form("乙"))
    assert call("run", tmp_path / "b.docx", "--out", out, "--keep", "1", "--replace").exit_code == 0
    assert [path for path in (out / "releases").iterdir() if path.is_dir()] == [(out / "current").resolve()]
    assert "乙" in (out / "projects.csv").read_text("utf-8-sig")
    assert "甲" not in (out / "projects.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    "arguments",
    [["run", "nowhere"], ["run", "--keep", "0"], ["run", "--no-such"], ["show"], ["show", "nowhere"], ["fly"]],
)
def test_wrong_usage_exits_with_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*arguments).exit_code == 2


def test_an_output_that_cannot_be_written_exits_with_3(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = call("run", raw, "--out", tmp_path / "file" / "out")
    assert result.exit_code == 3
    assert "--out" in result.stderr


# --- one file ---------------------------------------------------------------------------------------------------------


def test_show_prints_notation_that_parses_back(raw: Path) -> None:
    result = call("show", raw / "a.docx")
    assert result.exit_code == 0
    assert result.stdout.startswith("# grid 0\n")
    assert "项目名称 | 甲 | »" in result.stdout
    assert len(parse_grids(result.stdout)) == 1


def test_show_json(raw: Path) -> None:
    answer = json.loads(call("show", raw / "a.docx", "--json").stdout)
    assert answer["format"] == "docx"
    assert answer["grids"][0]["cells"][0]["col_span"] == 8


@pytest.mark.parametrize("command", ["show", "explain", "verify"])
def test_a_file_that_cannot_be_read_is_a_message_and_exit_code_1(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"")
    result = call(command, tmp_path / "a.docx")
    assert result.exit_code == 1
    assert "a.docx: [corrupt]" in result.stderr
    assert result.stdout == ""


def test_explain_names_layout_roles_and_fields(raw: Path) -> None:
    result = call("explain", raw / "a.docx")
    assert result.exit_code == 0
    assert "layout two_periods" in result.stdout
    assert "甲 → projects.project_name" in result.stdout
    assert "\x1b" not in result.stdout
    answer = json.loads(call("explain", raw / "a.docx", "--json").stdout)
    assert answer["blocks"][0]["layout"] == "two_periods"
    assert {"label", "value", "header", "title"} <= {cell["role"] for cell in answer["cells"]}
    coloured = CliRunner().invoke(cli, ["explain", str(raw / "a.docx")], color=True)
    assert "\x1b" in coloured.stdout


def test_explain_tries_a_layout_file_that_is_not_shipped(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((ROOT / "schemas/forms/two_periods.toml").read_text("utf-8"), "utf-8")
    assert "layout mine" in call("explain", raw / "a.docx", "--layout", tmp_path / "mine.toml").stdout
    (tmp_path / "bad.toml").write_text("name = 3", "utf-8")
    assert call("explain", raw / "a.docx", "--layout", tmp_path / "bad.toml").exit_code == 2


def test_verify_agrees_on_a_plain_document(raw: Path) -> None:
    result = call("verify", raw / "a.docx")
    assert (result.exit_code, result.stdout) == (0, "Both readers agree on every cell.\n")
    assert json.loads(call("verify", raw / "a.docx", "--json").stdout) == []


def test_verify_lists_what_differs(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from yusuan import verify  # noqa: PLC0415 - cli imports it as late

    known = Difference(None, 0, 1, 2, "甲", "乙", "a known limit")
    strange = Difference(3, None, None, None, None, "x\ny", None)
    monkeypatch.setattr(verify, "verify", lambda _: [known])
    result = call("verify", raw / "a.docx")
    assert result.exit_code == 0
    assert "grid 0 row 1 col 2: yusuan 甲 · second reader 乙 (a known limit)" in result.stdout
    monkeypatch.setattr(verify, "verify", lambda _: [known, strange])
    result = call("verify", raw / "a.docx")
    assert result.exit_code == 1
    assert "page 3: yusuan no such cell · second reader x⏎y (no known reason)" in result.stdout
    assert "2 differences, 1 without a known reason" in result.stdout


# --- layouts ----------------------------------------------------------------------------------------------------------


def test_layouts_are_listed_and_checked(tmp_path: Path) -> None:
    assert "two_periods" in call("layouts").stdout
    listed = json.loads(call("layouts", "--json").stdout)
    assert {"id", "name", "form_kind", "notice"} <= set(listed[0])
    good = ROOT / "schemas/forms/two_periods.toml"
    (tmp_path / "bad.toml").write_text(good.read_text("utf-8").replace("form_kind", "form_knid"), "utf-8")
    assert call("layouts", "check", good).exit_code == 0
    result = call("layouts", "check", good, tmp_path / "bad.toml")
    assert result.exit_code == 1
    assert "bad.toml" in result.stderr
    assert "form_knid" in result.stderr


# --- the process ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["--help"], ["show", "a.docx"], ["explain", "a.docx"], ["layouts"], ["--version"]]
)
def test_quick_commands_import_neither_pandas_nor_pyarrow_nor_a_pdf_library(arguments: list[str], raw: Path) -> None:
    program = (
        "import sys\nfrom yusuan.cli import main\ntry:\n    main()\nfinally:\n"
        "    heavy = {'pandas', 'pyarrow', 'numpy', 'pypdfium2', 'pdfplumber', 'docx'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=raw, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_the_package_is_light() -> None:
    program = "import sys, yusuan; assert not {'pandas', 'pyarrow', 'lxml', 'click'} & set(sys.modules); yusuan.read"
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)


def test_a_reader_of_a_pipe_that_has_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(form("甲", overview="很长的概况" * 20_000))
    command = f'"{sys.executable}" -c "from yusuan.cli import main; main()" show a.docx | head -c 10 >/dev/null; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_progress_bar_in_a_pipe(raw: Path, tmp_path: Path) -> None:
    done = script("run", raw, "--out", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals here")
def test_a_progress_bar_on_a_terminal(raw: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [
        sys.executable,
        "-c",
        "from yusuan.cli import main; main()",
        "run",
        str(raw),
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False)
    os.set_blocking(ours, False)
    shown = os.read(ours, 10_000).decode()  # while the other end is open, or the system drops it
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, shown
    assert "0/1 [" in shown


def test_an_interrupt_is_a_message_and_leaves_the_last_release(raw: Path, tmp_path: Path) -> None:
    program = (
        "import os, signal\nfrom yusuan import workers\nfrom yusuan.cli import main\n"
        "workers.Pool.run = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\nmain()"
    )
    call("run", raw, "--out", tmp_path / "out")
    before = (tmp_path / "out" / "current").readlink()
    command = [sys.executable, "-c", program, "run", str(raw), "--out", str(tmp_path / "out"), "--force"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert "Interrupted" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out" / "current").readlink() == before


def test_a_fault_of_the_program_is_a_message_and_exit_code_3(raw: Path) -> None:
    program = (
        "from yusuan import normalize\nfrom yusuan import explain\nfrom yusuan.cli import main\n"
        "explain.normalize = lambda *_: 1 / 0\nmain()"
    )
    command = [sys.executable, "-c", program, "explain", str(raw / "a.docx")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_cannot_show_chinese_is_no_error(raw: Path) -> None:
    done = script("show", raw / "a.docx", PYTHONIOENCODING="latin-1:strict")
    assert done.returncode == 0
    assert "\\u9879\\u76ee" in done.stdout


def test_a_document_without_tables_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(formless())
    assert "收入 | 支出" in call("show", tmp_path / "a.docx").stdout

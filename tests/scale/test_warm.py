"""What workers are forked from has everything loaded, and nothing that no worker needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.build import build_docx
from yusuan import forks
from yusuan.cli import cli
from yusuan.extract.grid import parse_grid


def _python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_what_is_made_at_first_use_is_made_before_workers_are_forked() -> None:
    """Layouts, patterns and Arrow's look for pandas took the first document of every worker a quarter of a second."""
    made = "import sys, yusuan.warm; from yusuan.normalize.layout_file import layouts, catalogue; "
    made += "print('pandas' in sys.modules, layouts.cache_info().currsize, catalogue.cache_info().currsize)"
    assert _python(made) == "False 1 1"


def test_frames_can_still_be_made_where_pandas_was_left_out() -> None:
    code = "from yusuan.publish.arrow import without_pandas; without_pandas(); import pyarrow as pa; "
    assert _python(code + "print(pa.table({'a': [1]}).to_pandas()['a'].sum(), len(pa.array([1])))") == "1 1"


def test_workers_are_started_ahead_only_where_nothing_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[bool] = []
    monkeypatch.setattr(forks, "start", lambda start=forks.start: (started.append(True), start())[1])  # type: ignore[func-returns-value]
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.docx").write_bytes(build_docx([parse_grid("项目名称 | 修路")]))
    for expected in (2, 2):  # ahead, and when the pool is made; the second time nothing is to be read
        assert CliRunner().invoke(cli, ["run", str(raw), "--out", str(out)]).exit_code == 0
        assert len(started) == expected


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for child processes in /proc")
@pytest.mark.parametrize("later", [0.0, 0.2])
def test_an_interrupt_while_everything_loads_shows_no_traceback(tmp_path: Path, later: float) -> None:
    """Ctrl-C reaches every process of the terminal, also the one that only loads modules."""
    (tmp_path / "raw").mkdir()
    command = [
        sys.executable,
        "-c",
        "from yusuan.cli import main; main()",
        "run",
        str(tmp_path / "raw"),
        "--out",
        str(tmp_path / "out"),
    ]
    begun = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    children = Path(f"/proc/{begun.pid}/task/{begun.pid}/children")
    for _ in range(1000):
        if len(children.read_text().split()) > 1:  # multiprocessing's own tracker, and the one that loads
            break
        time.sleep(0.01)
    time.sleep(later)
    os.killpg(begun.pid, signal.SIGINT)
    _, told = begun.communicate(timeout=60)
    assert (begun.returncode, b"Traceback" in told) == (130, False)

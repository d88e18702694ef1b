"""Real worker processes, and documents that do to them whatever a document can do."""

import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.engines import Inline, hostile, talkative, tardy, unscannable, victim
from tests.samples import content, form
from tests.scans import Scanner, picture_pdf
from yusuan.opening import Place
from yusuan.run import run
from yusuan.work import Job
from yusuan.workers import Limits, Pool, chunks


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    return folder


def test_workers_give_what_one_process_gives(raw: Path, tmp_path: Path) -> None:
    run([raw], tmp_path / "inline", engine=Inline())
    for workers in (1, 3):
        run([raw], tmp_path / str(workers), engine=Pool(Limits(workers)))
        assert content(tmp_path / str(workers)) == content(tmp_path / "inline")


def test_what_a_worker_prints_does_not_mix_with_the_summary(raw: Path, tmp_path: Path) -> None:
    assert run([raw], tmp_path / "out", engine=Pool(Limits(1), talkative)).read["ok"] == 12


def test_whatever_a_document_does_costs_that_document_only(raw: Path, tmp_path: Path) -> None:
    kinds = {"hang": "timeout", "spin": "timeout", "eat": "too-large", "die": "crashed", "pdfium": "crashed",
             "abort": "crashed", "leave": "crashed", "killed": "crashed", "raise": "crashed"}  # fmt: skip
    for number, kind in enumerate(kinds):
        (raw / f"{number:02}-{kind}.docx").write_bytes(form(kind, "7"))
    done = run([raw], tmp_path / "out", engine=Pool(Limits(2, timeout=8, memory=1500), hostile))
    assert all("-" in failure.path for failure in done.failures), done.failures
    told = {failure.path.split("-")[1].removesuffix(".docx"): failure.code for failure in done.failures}
    assert told == kinds
    assert done.read == {"ok": 12, "partial": 0, "empty": 0, "failed": 9}
    rows = {row["path"]: row for row in pq.read_table(tmp_path / "out" / "documents.parquet").to_pylist()}
    assert all(len(row["document_id"]) == 64 and row["bytes"] for row in rows.values())
    assert "--timeout" in rows["00-hang.docx"]["error"]
    assert "信号 11" in rows["04-pdfium.docx"]["error"]
    again = run([raw], tmp_path / "out", engine=Pool(Limits(2)))
    assert (again.opened, again.unchanged, again.exit_code) == (9, 12, 0)


@pytest.mark.parametrize(("deaths", "failed"), [(1, 0), (2, 1)])
def test_a_worker_that_is_killed_from_outside_costs_at_most_its_document(
    raw: Path, tmp_path: Path, deaths: int, failed: int
) -> None:
    """The first death is that of a chunk, which is done again document by document; the second one is the document's."""
    held = tmp_path / "held"
    held.mkdir()
    (held / "03.docx").touch()

    def kill() -> None:
        for number in range(deaths):
            while len(found := sorted(held.glob("*.pid"))) <= number:
                time.sleep(0.01)
            newest = max(found, key=lambda path: path.stat().st_mtime_ns)
            os.kill(int(newest.name.split(".")[-2]), signal.SIGSEGV)
        (held / "03.docx").unlink()

    killer = threading.Thread(target=kill)
    killer.start()
    done = run([raw], tmp_path / "out", engine=Pool(Limits(2, timeout=60), functools.partial(victim, str(held))))
    killer.join()
    assert done.read["failed"] == failed
    assert done.read["ok"] == 12 - failed
    assert [(failure.path, failure.code) for failure in done.failures] == [("03.docx", "crashed")][:failed]


def test_documents_go_in_chunks_and_large_ones_alone() -> None:
    jobs = [Job(str(number), Place(""), size) for number, size in enumerate([1, 1, 5 << 20, 1, 1, 1])]
    assert [len(chunk) for chunk in chunks(jobs, 2)] == [2, 1, 2, 1]


RUN = "import sys\nfrom pathlib import Path\nfrom tests.engines import slow\nfrom yusuan import workers\nfrom yusuan.cli import main\nworkers.Pool.__init__.__defaults__ = (slow,)\nmain()\n"


def start(raw: Path, out: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RUN, "run", str(raw), "--out", str(out), "--workers", "2", *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )


def children_of_dead_runs(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if marker.encode() in environment:
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.1, 1.4, 1.8])
def test_a_run_that_is_killed_loses_nothing(raw: Path, tmp_path: Path, seconds: float) -> None:
    for number in range(12, 40):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    killed = start(raw, tmp_path / "out")
    time.sleep(seconds)
    killed.kill()
    killed.communicate(timeout=60)
    again = start(raw, tmp_path / "out", "--json")
    answer, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert json.loads(answer)["read"]["ok"] == 40
    run([raw], tmp_path / "quiet", engine=Inline())
    assert content(tmp_path / "out") == content(tmp_path / "quiet")
    assert not list((tmp_path / "out").glob(".staging-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_do_not_outlive_a_killed_run(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUSUAN_TEST_MARK", str(tmp_path))
    killed = start(raw, tmp_path / "out")
    time.sleep(1.2)
    killed.kill()
    killed.communicate(timeout=60)
    until = time.monotonic() + 20
    while children_of_dead_runs(str(tmp_path)) and time.monotonic() < until:
        time.sleep(0.2)
    assert children_of_dead_runs(str(tmp_path)) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_was_read(raw: Path, tmp_path: Path, how: signal.Signals) -> None:
    for number in range(12, 400):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    running = start(raw, tmp_path / "out", "--log-json")
    assert running.stderr is not None
    read = 0
    for line in running.stderr:
        read += json.loads(line)["event"] == "document"
        if read == 40:
            running.send_signal(how)
            break
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Interrupted" in said
    assert not (tmp_path / "out" / "current").exists()
    answer, said = start(raw, tmp_path / "out", "--json").communicate(timeout=120)
    done = json.loads(answer)
    assert done["unchanged"] >= 40
    assert done["read"]["ok"] == 400


def test_two_runs_on_one_output(raw: Path, tmp_path: Path) -> None:
    for number in range(12, 200):
        (raw / f"{number:02}.docx").write_bytes(form(f"项目{number}", str(number + 1)))
    first = start(raw, tmp_path / "out", "--log-json")
    assert first.stderr is not None
    for line in first.stderr:
        if json.loads(line)["event"] == "document":
            break
    second = start(raw, tmp_path / "out")
    _, said = second.communicate(timeout=60)
    assert second.returncode == 3
    assert f"another run (process {first.pid}) is writing" in said
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=60)


def test_a_scan_has_more_time_for_each_of_its_pages(tmp_path: Path) -> None:
    """The reader takes two seconds for whatever it gets."""
    pytest.importorskip("rapidocr", exc_type=ImportError)
    raw = tmp_path / "raw"
    raw.mkdir()
    blank = Image.new("RGB", (200, 280), (255, 255, 255))
    for name, pages in (("long.pdf", 9), ("short.pdf", 1)):
        (raw / name).write_bytes(picture_pdf([blank] * pages, Scanner()))
    (raw / "text.docx").write_bytes(form())
    done = run([raw], tmp_path / "out", engine=Pool(Limits(2, timeout=1.5), functools.partial(tardy, 2.0)))
    told = {failure.path: (failure.code, failure.message) for failure in done.failures}
    assert {name: code for name, (code, _) in told.items()} == {
        "long.pdf": "no-text",
        "short.pdf": "timeout",
        "text.docx": "timeout",
    }
    assert "1.75 秒" in told["short.pdf"][1]
    assert "1.5 秒" in told["text.docx"][1]


def test_a_document_whose_pages_cannot_be_counted_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yusuan.workers.scans", unscannable)
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.docx").write_bytes(form())
    done = run([raw], tmp_path / "out", engine=Pool(Limits(1, timeout=1.5), functools.partial(tardy, 3.0)))
    assert [failure.code for failure in done.failures] == ["timeout"]

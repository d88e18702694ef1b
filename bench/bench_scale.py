"""A run over many generated documents: speed, memory, sizes, and what the second run costs.

    python bench/bench_scale.py [--words 500] [--pages 500] [--printed 100] [--kills 0]

Prints: documents a second with two workers, peak memory of parent and workers at a fifth of the documents and at all of
them, sizes of store and release; a run over unchanged documents, one with one document more; two workers against two
independent processes (pairs, median); `--kills N`: N runs killed
(bench/kills.py).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # of the processes that are measured

from bench.corpus import KEPT, docx, fill  # noqa: E402
from bench.kills import RUN, kills  # noqa: E402

MIB = 2**20


def _peak(pid: int) -> float:
    """Most memory that the process ever had at once, in MiB; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _descendants(pid: int) -> set[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def run(raw: Path, out: Path, *more: str) -> dict[str, Any]:
    """The summary of a run, with wall seconds and peak memory of the parent and of the largest worker in MiB."""
    began = time.perf_counter()
    with subprocess.Popen([*RUN, str(raw), "--out", str(out), "--json", "-q", *more], stdout=subprocess.PIPE) as job:
        parent = worker = 0.0
        while job.poll() is None:
            parent = max(parent, _peak(job.pid))
            worker = max([worker, *map(_peak, _descendants(job.pid))])
            time.sleep(0.1)
        assert job.stdout is not None
        summary: dict[str, Any] = json.loads(job.stdout.read())
    return summary | {"wall": time.perf_counter() - began, "parent": parent, "worker": worker}


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / MIB


def against_independent(files: list[str], pairs: int = 3) -> float:
    """Documents a second of a run with two workers ÷ those of two processes that know nothing of each other."""
    ratios = []
    script = "import sys; from bench.bench_naive import ours; ours(sys.argv[1:])"
    with tempfile.TemporaryDirectory() as work:
        raw = Path(work, "raw")
        raw.mkdir()
        for path in files:
            os.link(path, raw / Path(path).name) if Path(path).stat().st_dev == raw.stat().st_dev else shutil.copy(
                path, raw
            )
        for _ in range(pairs):
            began = time.perf_counter()
            both = [subprocess.Popen([sys.executable, "-c", script, *files[half::2]]) for half in (0, 1)]
            assert [job.wait() for job in both] == [0, 0]
            independent = time.perf_counter() - began
            shutil.rmtree(Path(work, "out"), ignore_errors=True)
            began = time.perf_counter()
            ours = reading_seconds(raw, Path(work, "out"))
            print(f"  two processes {len(files) / independent:.1f}/s, two workers {len(files) / ours:.1f}/s")
            ratios.append(independent / ours)
    return statistics.median(ratios)


def reading_seconds(raw: Path, out: Path) -> float:
    """From the start of the command to the last document in the store (`publishing` in the log)."""
    began = time.perf_counter()
    command = [*RUN, str(raw), "--out", str(out), "--workers", "2", "--log-json", "-q"]
    ended = began
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as job:
        assert job.stderr is not None
        for line in job.stderr:
            if '"publishing"' in line:
                ended = time.perf_counter()
    return ended - began


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, number in (("words", 500), ("pages", 500), ("printed", 100), ("kills", 0), ("pairs", 500)):
        parser.add_argument(f"--{name}", type=int, default=number)
    given = parser.parse_args()
    raw = KEPT / f"corpus-{given.words}-{given.pages}"
    fill(raw, given.words, given.pages, given.printed)
    few = KEPT / f"corpus-{given.words // 5}-{given.pages // 5}"
    fill(few, given.words // 5, given.pages // 5, given.printed)
    words = [str(path) for path in sorted(raw.rglob("*.docx"))[: given.pairs]]
    pages = [str(path) for path in sorted(raw.rglob("*.pdf"))[: given.pairs]]
    print(f"two workers ÷ two processes: {against_independent(words + pages):.2f}")
    with tempfile.TemporaryDirectory(dir=KEPT) as work:
        small = run(few, Path(work, "few"), "--workers", "2")
        out = Path(work, "out")
        first = run(raw, out, "--workers", "2")
        print(f"{sum(first['read'].values()):,} documents in {first['wall']:.0f} s with two workers: "
              f"{sum(first['read'].values()) / first['wall']:.1f} a second, publication included")  # fmt: skip
        print(f"peak memory: parent {small['parent']:.0f} MiB at {sum(small['read'].values()):,}, {first['parent']:.0f} MiB at all; "
              f"largest worker {first['worker']:.0f} MiB")  # fmt: skip
        print(f"store {size(out / '.store'):.0f} MiB, release {size(out / 'releases'):.0f} MiB")
        again = run(raw, out)
        print(f"unchanged: {again['wall']:.1f} s, {again['opened']} opened")
        added = raw / "one-more.docx"
        added.write_bytes(docx(900_000))
        more = run(raw, out)
        added.unlink()
        print(f"one more: {more['wall']:.1f} s, {more['opened']} opened")
    if given.kills:
        kills(few, given.kills)


if __name__ == "__main__":
    main()

"""kill -9 of the parent at random moments, each time followed by a plain run: its release must be that of an undisturbed one.

    python bench/kills.py FOLDER [--times 50]

Every second killed run starts from nothing, the others from a release of a part of the documents. Of each, every second
moment falls anywhere in the run, the others between the first step of the publication and the end (a minute of reading
would otherwise hide the second in which files are switched). Prints in which phase the runs died.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from yusuan.publish.release import current_release, is_complete

RUN = [sys.executable, "-c", "from yusuan.cli import main; main()", "run"]


def _events(log: Path) -> list[dict[str, Any]]:
    """Of the whole lines of a log; the last one may be cut."""
    lines = log.read_text("utf-8", errors="replace").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.startswith('{"time"') and line.endswith("}\n")]


def _start(raw: Path, out: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen([*RUN, str(raw), "--out", str(out), "--log-json"], stdout=file, stderr=file)


def _plain(raw: Path, out: Path, log: Path) -> dict[str, float]:
    """Event → seconds since the start, of a run that nobody disturbs."""
    began = time.time()
    with _start(raw, out, log) as job:
        assert job.wait() in (0, 1), log.read_text("utf-8")
    return {event["event"]: datetime.fromisoformat(event["time"]).timestamp() - began for event in _events(log)}


def _killed(raw: Path, out: Path, log: Path, times: dict[str, float], *, publishing: bool) -> str:
    """The last event before the end of a run that is killed at a random moment."""
    with _start(raw, out, log) as job:
        if publishing:
            while b'"publishing"' not in log.read_bytes() and job.poll() is None:
                time.sleep(0.005)
            time.sleep(random.uniform(0, 1.1 * (times["finished"] - times["publishing"])))
        else:
            time.sleep(random.uniform(0.05, times["finished"]))
        job.kill()
    events = [event["event"] for event in _events(log)]
    return str(events[-1]) if events else "start"


def _same(one: Path, two: Path) -> bool:
    return subprocess.run(["diff", "-rq", one, two], capture_output=True, check=False).returncode == 0


def kills(raw: Path, times: int) -> None:
    random.seed(1)
    phases: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as work:
        quiet, out, part, log = (Path(work, name) for name in ("quiet", "out", "part", "log"))
        fresh = _plain(raw, quiet, log)
        few = Path(work, "raw")
        shutil.copytree(raw, few)
        for path in sorted(path for path in few.rglob("*") if path.is_file())[::4]:
            path.unlink()
        _plain(few, part, log)
        for path in raw.rglob("*"):
            if path.is_file():
                shutil.copy2(path, few / path.relative_to(raw))
        more = _plain(few, Path(shutil.copytree(part, Path(work, "more"), symlinks=True)), log)
        for number in range(times):
            again = bool(number % 2)
            shutil.rmtree(out, ignore_errors=True)
            if again:
                shutil.copytree(part, out, symlinks=True)
            died = _killed(few, out, log, more if again else fresh, publishing=bool(number // 2 % 2))
            phases[died] += 1
            there = current_release(out) if out.exists() else None
            assert there is None or is_complete(there), (number, died, "a release in force is not whole")
            _plain(few, out, log)
            assert _same(quiet / "current/", out / "current/"), (number, died, "the release differs")
            assert all(path.exists() for path in out.iterdir()), (number, died, "a link leads nowhere")
            assert not list(out.glob(".staging-*")), (number, died, "something was left behind")
    told = ", ".join(f"{count} after `{event}`" for event, count in phases.most_common())
    print(f"killed {times} times ({told}): each release the same, byte for byte")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=50)
    given = parser.parse_args()
    kills(given.folder, given.times)


if __name__ == "__main__":
    main()

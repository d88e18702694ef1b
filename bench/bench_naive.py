"""One process of ours against what an analyst writes: python-docx or pdfplumber, pandas, three CSV texts (naive_*.py).

    python bench/bench_naive.py [--documents 96] [--pairs 3]

Each way runs in a process of its own over the same generated documents, none of them seen before: the first 32 are for
imports and caches and are not counted. CPU seconds, since other work shares the machine; the ratio is the median of pairs.
`cells` are the naive script's tables of texts alone, without records.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.corpus import KEPT, fill  # noqa: E402
from yusuan.opening import Place  # noqa: E402
from yusuan.work import Job, process, settle  # noqa: E402

WARM, CHUNK = 32, 32
GOALS = {"docx": 10.0, "pdf": 8.0}
WAYS = ("ours", "records", "cells")


def ours(paths: Sequence[str]) -> None:
    """What a worker does, without a parent."""
    for start in range(0, len(paths), CHUNK):
        process([Job(Path(path).name, Place(path)) for path in paths[start : start + CHUNK]])


def way_of(kind: str, way: str) -> Callable[[Sequence[str]], object]:
    if way == "ours":
        settle()
        return ours
    naive = importlib.import_module(f"bench.naive_{kind}")
    return naive.main if way == "records" else lambda paths: [naive.cells(Path(path)) for path in paths]


def spent(kind: str, way: str, paths: Sequence[str]) -> float:
    """CPU milliseconds a document; runs in the process that is measured."""
    run = way_of(kind, way)
    run(paths[:WARM])
    began = time.process_time()
    run(paths[WARM:])
    return (time.process_time() - began) * 1000 / (len(paths) - WARM)


def measured(kind: str, way: str, paths: Sequence[str]) -> float:
    script = "import sys; from bench.bench_naive import spent; print(spent(sys.argv[1], sys.argv[2], sys.argv[3:]))"
    done = subprocess.run(
        [sys.executable, "-c", script, kind, way, *paths], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=96)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    count = WARM + given.documents
    raw = KEPT / f"naive-{count}"
    fill(raw, count, count, count)
    for kind, goal in GOALS.items():
        paths = [str(path) for path in sorted(raw.rglob(f"*.{kind}"))]
        rounds = [{way: measured(kind, way, paths) for way in WAYS} for _ in range(given.pairs)]
        for one in rounds:
            print(f"  {kind}: " + ", ".join(f"{way} {one[way]:.1f} ms" for way in WAYS))
        ratios = {way: statistics.median(one[way] / one["ours"] for one in rounds) for way in WAYS[1:]}
        print(
            f"{kind}: naive records ÷ ours {ratios['records']:.2f} (goal {goal:g}), naive cells ÷ ours {ratios['cells']:.1f}"
        )


if __name__ == "__main__":
    main()

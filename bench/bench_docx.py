"""DOCX → grids against python-docx `row.cells` and against the bare parse of the same files, in one run.

    python bench/bench_docx.py [--pairs 15]

The twelve forms of the sample are split into files of one table each, in memory. All ways read the same file directly
one after the other (a pair), so load on the machine changes both sides of a ratio; the median of all pairs counts.
"""

from __future__ import annotations

import argparse
import copy
import gc
import io
import statistics
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
from lxml import etree

from yusuan.extract import read
from yusuan.extract.grid import Grid
from yusuan.normalize import normalize

SAMPLE = Path(__file__).parent.parent / "data" / "raw" / "大同市委办公室2022年项目支出绩效目标申报表.docx"
MAIN = "word/document.xml"
LEAST_TIMES_PYTHON_DOCX = 12.0
MOST_TIMES_PARSE = 3.0
MOST_TIMES_PARSE_TO_RECORDS = 6.0
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Way = Callable[[bytes], Any]


def one_form_files(data: bytes) -> list[bytes]:
    """The document once for each of its tables, with the other tables and nothing else left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    files = []
    for index in range(len(list(etree.fromstring(parts[MAIN]).iter(W + "tbl")))):
        root = copy.deepcopy(etree.fromstring(parts[MAIN]))
        for other, table in enumerate(list(root.iter(W + "tbl"))):
            if other != index:
                table.getparent().remove(table)
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in parts.items():
                archive.writestr(name, etree.tostring(root, encoding="UTF-8") if name == MAIN else part)
        files.append(target.getvalue())
    return files


def parse(data: bytes) -> Any:
    """The floor: unzip the main part and parse it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read(MAIN))


def to_grids(data: bytes) -> tuple[Grid, ...]:
    return read(data).grids


def to_records(data: bytes) -> Any:
    return normalize(read(data), "0" * 64)


def python_docx(data: bytes) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(data)).tables
    ]


def seconds(way: Way, data: bytes) -> float:
    """Without the garbage collector, as `timeit` does: it would charge one way for what the other left behind."""
    gc.disable()
    try:
        start = time.perf_counter()
        way(data)
        return time.perf_counter() - start
    finally:
        gc.enable()


def ratios(numerator: Way, denominator: Way, files: list[bytes], pairs: int) -> list[float]:
    """One ratio for each pair, files taken in turn, after one unmeasured call of each."""
    numerator(files[0]), denominator(files[0])
    found = []
    for turn in range(pairs):
        data = files[turn % len(files)]
        if turn % 2:
            below, above = seconds(denominator, data), seconds(numerator, data)
        else:
            above, below = seconds(numerator, data), seconds(denominator, data)
        found.append(above / below)
    return found


def report(name: str, found: list[float], goal: str) -> None:
    low, high = min(found), max(found)
    print(f"{name:<52} {statistics.median(found):7.2f}  ({low:.2f}–{high:.2f}, {len(found)} pairs)  goal {goal}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=24)
    pairs = max(parser.parse_args().pairs, 15)
    whole = SAMPLE.read_bytes()
    files = one_form_files(whole)
    ours = statistics.median(seconds(to_grids, data) for data in files * 3)
    print(f"DOCX → grids: {ours * 1000:.2f} ms a form ({len(files)} files of one form)")
    faster = ratios(python_docx, to_grids, files, pairs)
    report("python-docx row.cells / ours, one form", faster, f"≥ {LEAST_TIMES_PYTHON_DOCX:g}")
    report("ours / zip + lxml parse, one form", ratios(to_grids, parse, files, pairs * 4), f"≤ {MOST_TIMES_PARSE:g}")
    report("ours / zip + lxml parse, 12 forms", ratios(to_grids, parse, [whole], pairs), f"≤ {MOST_TIMES_PARSE:g}")
    records = ratios(to_records, parse, [whole], pairs)
    report("DOCX → records / zip + lxml parse, 12 forms", records, f"≤ {MOST_TIMES_PARSE_TO_RECORDS:g}")


if __name__ == "__main__":
    main()

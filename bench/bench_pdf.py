"""PDF → grids against pdfplumber, and against bare pdfium, on the same files in one run; memory over a thousand pages.

    python bench/bench_pdf.py [FILE] [--pairs 15]

FILE is a PDF of about a dozen one-page forms (default: twelve times the pages of a golden document). It is read as
a whole and split into files of one page each, in memory. All ways read the same file directly one after the other, so that
load on the machine changes both sides of a ratio; the median of all pairs counts. The two baselines of pdfplumber:

    cells      `find_tables`, then the text of each cell by `page.crop(cell).extract_text()`: what keeps the true cells
    extract    `find_tables`, then `Table.extract()`: rows of texts, the spans lost (less work than we do)

`pdfium` is what cannot be saved: opening, loading each page and its text page, closing.
"""

from __future__ import annotations

import argparse
import gc
import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2

from yusuan.extract.pdf import read_pdf
from yusuan.verify_pdf import compare, second_reading

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "a_two_periods" / "document.pdf"
LEAST_ONE_FORM = 12.0
LEAST_TWELVE_PAGES = 20.0
MOST_MEMORY_MB = 250
PAGES = 12
MANY_PAGES = 1000

Way = Callable[[bytes], Any]


def read_cells(data: bytes) -> Any:
    """Baseline: each cell of each table with its text."""
    found = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            found += [(cell, page.crop(cell).extract_text()) for table in page.find_tables() for cell in table.cells]
            page.close()
    return found


def read_rows(data: bytes) -> Any:
    """Baseline: the rows of each table, without spans."""
    found = []
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            found += [table.extract() for table in page.find_tables()]
            page.close()
    return found


def load_only(data: bytes) -> Any:
    """The least that pdfium asks for."""
    document = pypdfium2.PdfDocument(data)
    for index in range(len(document)):
        page = document[index]
        page.get_textpage().close()
        page.close()
    document.close()


WAYS: dict[str, Way] = {"ours": read_pdf, "cells": read_cells, "extract": read_rows, "pdfium": load_only}


def pages_of(data: bytes, count: int) -> bytes:
    """A PDF of `count` pages, those of `data` again and again, with fonts that all of them share."""
    source, target = pypdfium2.PdfDocument(data), pypdfium2.PdfDocument.new()
    target.import_pages(source, list(islice(cycle(range(len(source))), count)))
    return _saved(target)


def split(data: bytes) -> list[bytes]:
    """One file a page."""
    source = pypdfium2.PdfDocument(data)
    files = []
    for index in range(len(source)):
        target = pypdfium2.PdfDocument.new()
        target.import_pages(source, [index])
        files.append(_saved(target))
    return files


def _saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def measure(files: list[bytes], pairs: int) -> dict[str, float]:
    """Median seconds of each way; every file is read by all ways before the next one."""
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for data in islice(cycle(files), pairs):
        for name, way in WAYS.items():
            gc.collect()
            start = time.perf_counter()
            way(data)
            seconds[name].append(time.perf_counter() - start)
    ratios = {
        name: statistics.median(other / ours for other, ours in zip(seconds[name], seconds["ours"], strict=True))
        for name in WAYS
    }
    print("   " + "  ".join(f"{name} {statistics.median(times) * 1000:.1f} ms" for name, times in seconds.items()))
    print("   times as fast as pdfplumber: " + ", ".join(f"{name} {ratios[name]:.1f}" for name in ("cells", "extract")))
    print(f"   times bare pdfium: {1 / ratios['pdfium']:.1f}")
    return ratios


def peak_memory_mb(data: bytes) -> int:
    """Of a fresh process that reads this document."""
    program = (
        "import resource, sys; from yusuan.extract.pdf import read_pdf; document = read_pdf(sys.stdin.buffer.read());"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, len(document.grids))"
    )
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    peak, grids = map(int, done.stdout.split())
    print(f"   {MANY_PAGES} pages, {len(data) / 1e6:.1f} MB: {grids} grids, peak {peak} MB")
    return peak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--pairs", type=int, default=15)
    arguments = parser.parse_args()
    whole = arguments.file.read_bytes() if arguments.file else pages_of(GOLDEN.read_bytes(), PAGES)
    for way in WAYS.values():
        way(whole)
    differences = compare(read_pdf(whole).grids, second_reading(whole))
    unexplained = sum(difference.reason is None for difference in differences)
    print(f"cells against pdfplumber's: {len(differences)} differ, {unexplained} of them unexplained")
    print("one form a file")
    one = measure(split(whole), arguments.pairs)
    print("the whole file")
    many = measure([whole], max(5, arguments.pairs // 3))
    print("memory")
    peak = peak_memory_mb(pages_of(whole, MANY_PAGES))
    met = one["cells"] >= LEAST_ONE_FORM and many["cells"] >= LEAST_TWELVE_PAGES and peak < MOST_MEMORY_MB
    print(
        f"goals (cells ≥ {LEAST_ONE_FORM}× one form, ≥ {LEAST_TWELVE_PAGES}× twelve pages, < {MOST_MEMORY_MB} MB): {'met' if met else 'missed'}"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())

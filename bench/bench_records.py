"""PDF → records of 100 files in one warm process, against pdfplumber's table finding alone (no text, no records) on the same files.

    python bench/bench_records.py [FOLDER]      the golden PDFs in turn by default, or the PDFs of a folder

Imports and publication are not counted. The two are measured in turn, twenty files at a time, with the garbage of the other collected first
(pdfplumber leaves much); the ratio is that of the sums.
"""

from __future__ import annotations

import gc
import io
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import pdfplumber

from yusuan.extract.pdf import read_pdf
from yusuan.normalize import normalize

FILES, BLOCK = 100, 20
GOAL = 8.0


def find_tables(data: bytes) -> None:
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            page.find_tables()
            page.close()


def records(data: bytes) -> None:
    normalize(read_pdf(data), "0" * 64)


def seconds(way: Callable[[bytes], None], files: Sequence[bytes]) -> float:
    gc.collect()
    start = time.perf_counter()
    for data in files:
        way(data)
    return time.perf_counter() - start


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests" / "golden"
    found = sorted(folder.glob("**/*.pdf"))
    files = [path.read_bytes() for path in islice(cycle(found), FILES)]
    records(files[0])
    find_tables(files[0])
    ours = theirs = 0.0
    for first in range(0, FILES, BLOCK):
        theirs += seconds(find_tables, files[first : first + BLOCK])
        ours += seconds(records, files[first : first + BLOCK])
    print(f"{FILES} PDF files ({len(found)} distinct): records {ours:.2f} s, pdfplumber find_tables {theirs:.2f} s")
    print(f"pdfplumber's table finding alone / our records: {theirs / ours:.1f}  goal ≥ {GOAL:g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

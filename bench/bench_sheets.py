"""Spreadsheets → grids against python-calamine on the same files in one run.

    python bench/bench_sheets.py [FILE …] [--rows 10000] [--cols 30] [--pairs 9]

Without FILE: a list of family G of this size, with amounts and weights under number formats, as .xlsx and .xls. Each way
reads the same bytes directly one after the other, so that load on the machine changes both sides of a ratio; the median of
all pairs counts. Ways:

    calamine   all sheets to Python values: no number formats, no cells
    no cells   our reading up to the point where cells are made: numbers as shown, merged ranges, used parts, titles
    ours       our whole reading, with one `Cell` for each position: what normalizing gets

The difference between the last two is what a `Cell` a position costs, whichever library reads the file.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from python_calamine import CalamineWorkbook

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.build_sheet import Number, Tab, Value, build_xls, build_xlsx
from yusuan.extract import read

GOAL = 1.5


def family_g(rows: int, cols: int) -> Tab:
    """A list with one indicator a row, twelve columns repeated until the width is reached; nothing is merged."""
    header = [
        "单位名称",
        "项目名称",
        "预算数",
        "年度目标",
        "一级指标",
        "二级指标",
        "三级指标",
        "指标性质",
        "指标值",
        "度量单位",
        "权重",
        "指标方向性",
    ]
    values: dict[tuple[int, int], Value] = {(0, col): header[col % 12] for col in range(cols)}
    for row in range(1, rows):
        project = row // 8
        line: tuple[Value, ...] = (
            *(
                f"219-某县第{project % 40}中心",
                f"项目{project}",
                Number(project * 13.25, "#,##0.00"),
                f"完成第{project}项工作。",
            ),
            *(
                "产出指标",
                "数量指标",
                f"指标{row}",
                "≥",
                Number(row % 300 / 100, "0%"),
                "次",
                Number(10, "General"),
                "正向指标",
            ),
        )
        values |= {(row, col): line[col % 12] for col in range(cols)}
    return Tab("表6", values)


def read_calamine(data: bytes) -> Any:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return [book.get_sheet_by_index(index).to_python() for index in range(len(book.sheet_names))]


def read_without_cells(data: bytes) -> Any:
    with patch("yusuan.extract.sheet_grid.make_cells", lambda *_: ()):
        return read(data)


WAYS: dict[str, Callable[[bytes], Any]] = {"calamine": read_calamine, "no cells": read_without_cells, "ours": read}


def seconds(way: Callable[[bytes], Any], data: bytes) -> float:
    begin = time.perf_counter()
    result = way(data)
    passed = time.perf_counter() - begin
    del result
    return passed


def measure(data: bytes, pairs: int) -> dict[str, list[float]]:
    for way in WAYS.values():
        way(data)
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(pairs):
        for name, way in WAYS.items():
            taken[name].append(seconds(way, data))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--cols", type=int, default=30)
    parser.add_argument("--pairs", type=int, default=9)
    arguments = parser.parse_args()
    documents = {path.name: path.read_bytes() for path in arguments.files}
    if not documents:
        documents["family G .xlsx"] = build_xlsx([family_g(arguments.rows, arguments.cols)])
        small = family_g(
            arguments.rows // 10, arguments.cols
        )  # the writer of the tests makes no .xls of more than 6 MB
        documents["family G .xls, a tenth"] = build_xls([small])
    for name, data in documents.items():
        taken = measure(data, arguments.pairs)
        print(f"{name}: {len(data):,} bytes")
        for way, times in taken.items():
            ratio = statistics.median(own / base for own, base in zip(times, taken["calamine"], strict=True))
            print(f"  {way:10} {statistics.median(times) * 1000:8.1f} ms   {ratio:5.2f} × calamine")
    print(f"goal: ours under {GOAL} × calamine for .xlsx")


if __name__ == "__main__":
    main()

"""Spreadsheets → grids against python-calamine on the same files in one run.

    python bench/bench_sheets.py [FILE …] [--rows 10000] [--cols 30] [--pairs 9]

Without FILE: a list of family G of this size, with amounts and weights under number formats, as .xlsx and .xls of the tests'
writer and, where LibreOffice is found, as it saves them as .xlsx, .xls and .ods. Each way reads the same bytes directly one
after the other, in CPU time, so that load on the machine changes both sides of a ratio; the median of all pairs counts. Ways:

    calamine   all sheets to Python values: no number formats, no cells
    no cells   our reading up to the point where cells are made: numbers as shown, merged ranges, used parts, titles
    ours       our whole reading, with one `Cell` for each position: what normalizing gets

The difference between the last two is what a `Cell` a position costs, whichever library reads the file.
"""

from __future__ import annotations

import argparse
import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from python_calamine import CalamineWorkbook

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.build_sheet import Number, Tab, Value, build_xlsx
from tests.build_xls import build_xls
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


def cpu_seconds(way: Callable[[bytes], Any], data: bytes) -> float:
    begin = time.process_time()
    result = way(data)
    passed = time.process_time() - begin
    del result
    return passed


def measure(data: bytes, pairs: int) -> dict[str, list[float]]:
    for way in WAYS.values():
        way(data)
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(pairs):
        for name, way in WAYS.items():
            taken[name].append(cpu_seconds(way, data))
    return taken


def saved_by_libreoffice(data: bytes, kinds: tuple[str, ...]) -> dict[str, bytes]:
    saved: dict[str, bytes] = {}
    program = shutil.which("soffice")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in", "family G.xlsx")
        source.parent.mkdir()
        source.write_bytes(data)
        for kind in kinds if program else ():
            profile = f"-env:UserInstallation={Path(folder, 'profile').as_uri()}"
            command = [str(program), profile, "--headless", "--convert-to", kind, "--outdir", folder, str(source)]
            subprocess.run(command, check=True, capture_output=True)
            saved[f"saved by LibreOffice as .{kind}"] = Path(folder, f"family G.{kind}").read_bytes()
    return saved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--cols", type=int, default=30)
    parser.add_argument("--pairs", type=int, default=9)
    arguments = parser.parse_args()
    documents = {path.name: path.read_bytes() for path in arguments.files}
    if not documents:
        tab = family_g(arguments.rows, arguments.cols)
        documents = {"family G .xlsx": build_xlsx([tab]), "family G .xls": build_xls([tab])}
        documents |= saved_by_libreoffice(documents["family G .xlsx"], ("xlsx", "xls", "ods"))
    for name, data in documents.items():
        taken = measure(data, arguments.pairs)
        print(f"{name}: {len(data):,} bytes")
        for way, times in taken.items():
            ratio = statistics.median(own / base for own, base in zip(times, taken["calamine"], strict=True))
            print(f"  {way:10} {statistics.median(times) * 1000:8.1f} ms   {ratio:5.2f} × calamine")
    print(f"goal: ours under {GOAL} × calamine")


if __name__ == "__main__":
    main()

"""Scans: how many facts survive a scanner, how long a page takes, and how much memory.

python bench/bench_scan.py                      the documents in data/raw, fifteen pages, about two minutes
python bench/bench_scan.py FILE.pdf …           other PDFs with text: their text is the truth
python bench/bench_scan.py --golden             all golden documents, about four minutes
python bench/bench_scan.py --dpi 150 --noise 12 a worse scanner; --seal puts an opaque seal on every page; --show lists what is wrong
python bench/bench_scan.py --check              exit code 1 where a limit of bench/README.md is missed
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests import golden  # noqa: E402
from tests.recipe import convert  # noqa: E402
from tests.scans import Scanner, drawn, picture_pdf, scanned, stamped  # noqa: E402
from yusuan.extract import read  # noqa: E402
from yusuan.extract.scan_text import _engine  # noqa: E402
from yusuan.normalize import Normalized, normalize  # noqa: E402

AMOUNTS, FACTS = 0.99, 0.97
FUND_KEY, FUND_COLUMNS = ("period", "stage", "source", "depth"), ("amount",)
INDICATOR_COLUMNS = ("level1", "level2", "level3", "value_text", "operator", "value", "unit", "kind", "weight", "actual", "score")  # fmt: skip


@dataclass
class Count:
    """Facts of one kind; `silent`: wrong, and no issue names the cell or what it holds."""

    stated: int = 0
    right: int = 0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.right / self.stated if self.stated else 1.0


def sources(paths: Sequence[Path], *, with_golden: bool) -> Iterator[tuple[str, bytes]]:
    """(name, PDF with text)."""
    if with_golden:
        yield from ((case.name, case.pdf) for case in golden.cases() if case.pdf)
        return
    paths = paths or sorted(path for path in (ROOT / "data" / "raw").iterdir() if path.suffix in (".pdf", ".docx"))
    for path in paths:
        if path.suffix == ".pdf":
            yield path.name, path.read_bytes()
            continue
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "a.docx"
            copy.write_bytes(path.read_bytes())
            convert([copy], Path(folder) / "pdf", Path(folder) / "profile")
            yield path.name, (Path(folder) / "pdf" / "a.pdf").read_bytes()


def plain(value: object) -> object:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", value)) if isinstance(value, str) else value


def records(result: Normalized, table: str) -> dict[tuple[object, ...], dict[str, object]]:
    """Rows by project number, period and order: what a reader must have found again."""
    numbers = {row["project_id"]: row["project"] for row in result.projects}
    return {
        (numbers[row["project_id"]], row["period"], row["seq"] if table == "indicators" else tuple(row[k] for k in FUND_KEY)): row
        for row in getattr(result, table)
    }  # fmt: skip


def is_told(result: Normalized, row: dict[str, object] | None, about: str) -> bool:
    """Whether a warning names the cell (of an indicator, whose place is its name: any of its row), or the project's fact of this kind."""
    place = ("grid", "row") if about.startswith("indicators") else ("grid", "row", "col")
    for issue in result.issues:
        if issue["severity"] == "info" or row is None:
            continue
        same_cell = all(issue[name] == row[name] for name in place)
        same_fact = issue["project_id"] == row["project_id"] and issue["field"] == about
        if same_cell or same_fact:
            return True
    return row is None and any(issue["severity"] != "info" for issue in result.issues)


def compare(truth: Normalized, result: Normalized, amounts: Count, facts: Count) -> None:
    for table, columns, count in (("funds", FUND_COLUMNS, amounts), ("indicators", INDICATOR_COLUMNS, facts)):
        found = records(result, table)
        for key, row in records(truth, table).items():
            other = found.get(key)
            for column in columns:
                if row.get(column) is None:
                    continue
                count.stated += 1
                if other is not None and plain(other.get(column)) == plain(row[column]):
                    count.right += 1
                    continue
                count.silent += not is_told(result, other, f"{table}.{column}")
                count.wrong.append(f"{key} {column}: {row[column]!r} → {other.get(column) if other else None!r}")


def ratio(page: Image.Image, scanner: Scanner) -> float:
    """Our time for a page against RapidOCR's own reading of the same picture."""
    scan, pixels = picture_pdf([page], scanner), np.asarray(page)[:, :, ::-1]
    begin = time.perf_counter()
    read(scan)
    between = time.perf_counter()
    _engine()(pixels, use_det=True, use_cls=False, use_rec=True)
    return (between - begin) / (time.perf_counter() - between)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--seal", action="store_true")
    for name, value in vars(Scanner()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    arguments = parser.parse_args()
    scanner = Scanner(**{name: getattr(arguments, name) for name in vars(Scanner())})
    amounts, facts = Count(), Count()
    pages, spent = 0, 0.0
    samples: list[Image.Image] = []
    for name, pdf in sources(arguments.paths, with_golden=arguments.golden):
        pictures = drawn(pdf, scanner.dpi)
        if arguments.seal:
            pictures = [
                stamped(page, page.width * 0.55, page.height * 0.3, scanner.dpi * 0.83, opaque=True)
                for page in pictures
            ]
        pictures = [scanned(page, scanner) for page in pictures]
        scan = picture_pdf(pictures, scanner)
        begin = time.process_time()
        document = read(scan)
        spent += time.process_time() - begin
        pages += len(pictures)
        samples += pictures[: 3 - len(samples)]
        before = [len(count.wrong) for count in (amounts, facts)]
        compare(normalize(read(pdf), "0" * 64), normalize(document, "0" * 64), amounts, facts)
        if arguments.show:
            print(
                f"{name}: {len(pictures)} pages",
                *amounts.wrong[before[0] :],
                *facts.wrong[before[1] :],
                sep="\n  ",
                flush=True,
            )
    print(f"scanner    {scanner}{' with an opaque seal' if arguments.seal else ''}")
    print(
        f"amounts    {amounts.right} of {amounts.stated} right ({amounts.share:.2%}), wrong and silent: {amounts.silent}"
    )
    print(
        f"indicators {facts.right} of {facts.stated} facts right ({facts.share:.2%}), wrong and silent: {facts.silent}"
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"speed      {60 * pages / spent:.1f} pages a minute of one core, {memory:.0f} MiB at the most")
    print(
        f"           {median(ratio(page, scanner) for page in samples):.2f} times the time of RapidOCR's own reading of the same picture, without tables"
    )
    if arguments.check and (amounts.share < AMOUNTS or facts.share < FACTS or amounts.silent):
        sys.exit(1)


if __name__ == "__main__":
    main()

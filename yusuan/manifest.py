"""`sources.csv` beside the documents: what they do not say themselves (publisher, region, day, kind, address)."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from yusuan.inputs import Root

NAME = "sources.csv"
COLUMNS = ("publisher", "region_code", "published_on", "release_kind", "source_url")
Facts = dict[str, object]

_REGION = re.compile(r"[1-9]\d{5}(?:\d{3}|\d{6})?")


def _text(data: bytes) -> str:
    """UTF-8 with or without BOM; else GB18030, as spreadsheets in China save CSV."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _value(column: str, text: str) -> object:
    """Raises ValueError with what is expected."""
    if column == "published_on":
        try:
            return datetime.date.fromisoformat(text.replace("/", "-"))
        except ValueError:
            raise ValueError(f"published_on {text!r} is no date; write it as 2024-01-31") from None
    if column == "region_code" and not _REGION.fullmatch(text):
        raise ValueError(f"region_code {text!r} is no GB/T 2260 code; write its 6 digits (9 or 12 for smaller units)")
    return text


def _rows(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(_text(path.read_bytes()), newline=""), strict=True)
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        if "path" not in names:
            problems.append(f"{path}: has no column `path`; it is not used. Columns: path, {', '.join(COLUMNS)}")
            return
        if unknown := [name for name in names if name not in ("path", *COLUMNS)]:
            problems.append(
                f"{path}: column {unknown[0]!r} is not known and not used; known: path, {', '.join(COLUMNS)}"
            )
        for row in reader:
            yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{path}: cannot be read as a CSV file ({error}); the rest of it is not used")


def _read(path: Path, known: Iterable[Path], facts: dict[Path, Facts], problems: list[str]) -> None:
    known = set(known)
    for line, row in _rows(path, problems):
        location = path.parent / row["path"].replace("\\", "/")
        if not row["path"] or location not in known:
            problems.append(f"{path}, line {line}: {row['path']!r} is no document of the input; check the path")
            continue
        for column in COLUMNS:
            text = row.get(column, "")
            if not text:
                continue
            try:
                facts.setdefault(location, {})[column] = _value(column, text)
            except ValueError as error:
                problems.append(f"{path}, line {line}: {error}; the value is left empty")


def read_manifests(roots: Iterable[Root]) -> tuple[dict[Path, Facts], list[str]]:
    """Location → facts, from every sources.csv beside or above it in its input (the nearest wins), and what is wrong."""
    facts: dict[Path, Facts] = {}
    problems: list[str] = []
    for root in roots:
        locations = [location for _, location in root.files]
        for folder in sorted(root.folders) if root.folder else [root.path.parent]:
            path = folder / NAME
            if path.is_file():
                found: list[str] = []
                _read(path, locations, facts, found)
                if root.folder:
                    problems += found
                else:  # beside a single file: rows about its neighbours are no problem
                    problems += [problem for problem in found if "is no document of the input" not in problem]
    return facts, problems

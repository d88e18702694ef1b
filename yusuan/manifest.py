"""`sources.csv` beside the documents: what they do not say themselves (publisher, region, day, kind, address)."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Container, Iterable, Iterator

from yusuan.found import Root
from yusuan.opening import Place, opened

MOST_BYTES = 64 << 20
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


def _data(place: Place | bytes) -> bytes:
    if isinstance(place, bytes):
        return place
    with opened(place) as file:
        return file.read(MOST_BYTES)


def _rows(path: str, place: Place | bytes, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        reader = csv.DictReader(io.StringIO(_text(_data(place)), newline=""), strict=True)
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


def _read(
    folder: str,
    place: Place | bytes,
    known: Container[str],
    facts: dict[str, Facts],
    problems: list[str],
    *,
    alone: bool,
) -> None:
    """`alone`: the manifest lies beside a single file, so that rows about the file's neighbours are no problem."""
    path = f"{folder}/sources.csv"
    for line, row in _rows(path, place, problems):
        location = f"{folder}/{row['path']}".replace("\\", "/")
        if not row["path"] or location not in known:
            if not alone:
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


def read_manifests(roots: Iterable[Root]) -> tuple[dict[str, Facts], list[str]]:
    """Location → facts, from every sources.csv beside or above it in its input (the nearest wins), and what is wrong."""
    facts: dict[str, Facts] = {}
    problems: list[str] = []
    for root in roots:
        if root.manifests:
            locations = {item.location for item in root.files}
            for folder, place in sorted(root.manifests, key=lambda manifest: manifest[0]):
                alone = not root.folder and isinstance(place, Place)
                _read(folder, place, locations, facts, problems, alone=alone)
    return facts, problems

"""One table → one file, from batches of any size: CSV verbatim, CSV for spreadsheets, Parquet; same bytes always."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from yusuan.publish.arrow import schema
from yusuan.schemas import Table

ROWS = 65_536
"""Rows of a Parquet row group: fixed, so that the bytes do not depend on how the rows arrived."""

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: path inside the release, size in bytes, SHA-256 in hex, rows."""

    path: str
    bytes: int
    sha256: str
    rows: int


class _Hashing:
    """A file that is hashed while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest, self.size, self.closed = file, hashlib.sha256(), 0, False

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def rechunk(batches: Iterable[pa.Table], rows: int = ROWS) -> Iterator[pa.Table]:
    """The same rows in tables of exactly `rows` rows (the last one shorter)."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in batches:
        start = 0
        while count + len(batch) - start >= rows:
            waiting.append(batch.slice(start, rows - count))
            start += rows - count
            yield pa.concat_tables(waiting).combine_chunks()
            waiting, count = [], 0
        if start < len(batch):
            waiting.append(batch.slice(start))
            count += len(batch) - start
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def _write_csv(folder: Path, name: str, header: Iterable[str], batches: Iterable[pa.Table]) -> Written:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    options = pa.csv.WriteOptions(include_header=False, batch_size=4096)
    rows = 0
    with path.open("wb") as file:
        hashing = _Hashing(file)
        hashing.write(BOM + (",".join(header) + "\n").encode())
        for batch in rechunk(batches):
            sink = pa.PythonFile(hashing, mode="w")
            pa.csv.write_csv(batch, sink, options)
            sink.flush()
            rows += len(batch)
    return Written(name, hashing.size, hashing.digest.hexdigest(), rows)


def write_csv(folder: Path, table: Table, batches: Iterable[pa.Table]) -> Written:
    """UTF-8 with BOM, English header, LF, texts quoted, null an empty field, decimals and dates as they are."""
    return _write_csv(folder, f"{table.name}.csv", (column.name for column in table.columns), batches)


# --- CSV for double-clicking ------------------------------------------------------------------------------------------

_LITERAL = 255
"""A text inside a formula may have this many characters in Excel; longer ones are joined with &."""
_CELL = 32_767
_FORMULA = 8_000
_MORE = "……（单元格放不下，全文见 CSV 或 Parquet）"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_CHANGED = (
    r"^\s*[=+\-@\t\r]"  # a formula, or what spreadsheets try to make one
    r"|^[\s'’]*[\d(（.$¥￥€£%/][\d\s.,:：，/\-年月日时分秒%()（）eE+$¥￥€£]*(?:[AaPp]\.?[Mm]\.?)?\s*$"  # numbers, dates
    rf"|(?i:^\s*(?:\d+\s*[-/ ]\s*)?(?:{_MONTHS})[a-z]*\.?(?:[-/ ,]*\d+)*\s*$)"  # 3-Mar, Sep 2022
    r"|(?i:^\s*(?:true|false)\s*$)"
    r"|^#"  # #N/A, #REF!
)
_CHANGED_PY = re.compile(_CHANGED)
_PLAIN = re.compile(r"0|[1-9][0-9]{0,10}", re.ASCII)  # shown as it is, number or not


def protect(text: str) -> str:
    """The text as a spreadsheet must find it to show exactly it: `="…"` where it would evaluate or change it."""
    if _PLAIN.fullmatch(text) or not _CHANGED_PY.search(text):
        return text if len(text) <= _CELL else text[: _CELL - len(_MORE)] + _MORE
    if len(text) > _FORMULA:
        text = text[: _FORMULA // 2] + _MORE
    parts = [text[start : start + _LITERAL].replace('"', '""') for start in range(0, len(text), _LITERAL)]
    return "=" + "&".join(f'"{part}"' for part in parts)


def _protected(column: pa.ChunkedArray) -> pa.ChunkedArray:
    suspicious = pc.or_(pc.match_substring_regex(column, _FIRST), pc.greater(pc.utf8_length(column), _CELL))
    if not pc.any(suspicious).as_py():
        return column
    return pa.chunked_array([pa.array([None if text is None else protect(text) for text in column.to_pylist()])])


_FIRST = r"^[\s\p{Z}\p{Cc}'’]*[-=+@\p{Nd}(（.$¥￥€£%/#A-Za-z]|^[\t\r]"
"""A cheap wider test in Arrow: columns of plain Chinese text never reach Python."""


def write_excel_csv(folder: Path, table: Table, batches: Iterable[pa.Table]) -> Written:
    """The same rows for Excel and WPS: Chinese header, every text shown as it is (docs/decisions/0005)."""
    texts = [index for index, column in enumerate(table.columns) if column.type == "string"]

    def protected() -> Iterator[pa.Table]:
        for batch in batches:
            columns = batch.columns
            for index in texts:
                columns[index] = _protected(columns[index])
            yield pa.table(columns, schema=batch.schema)

    return _write_csv(folder, f"excel/{table.name}.csv", (column.title for column in table.columns), protected())


# --- Parquet ----------------------------------------------------------------------------------------------------------


def write_parquet(folder: Path, table: Table, batches: Iterable[pa.Table], release: str) -> Written:
    """zstd, fixed row groups; titles and descriptions of table and columns and the release id in the metadata."""
    path = folder / f"{table.name}.parquet"
    described = schema(table, {"release": release})
    rows = 0
    with pq.ParquetWriter(path, described, compression="zstd", version="2.6", data_page_version="1.0") as writer:
        for batch in rechunk(batches):
            writer.write_table(batch.cast(described), row_group_size=ROWS)
            rows += len(batch)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(path.name, path.stat().st_size, digest, rows)

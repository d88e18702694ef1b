"""One table → its files, from batches of any size in one pass: CSV verbatim, CSV for spreadsheets, Parquet; same bytes
always. A table of more rows than a part may hold becomes a folder of parts, in the same order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
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

SHEET_ROWS = 15 * ROWS
"""Rows of a file for spreadsheets: a sheet holds 1,048,576."""

BOM = b"\xef\xbb\xbf"
PLACEHOLDER = "@@@release-id@@@"
"""As long as a release id, which is known only when all tables are written; `seal` puts it in its place."""
_CSV = pa.csv.WriteOptions(include_header=False, batch_size=4096)


@dataclass(frozen=True, slots=True)
class Written:
    """A finished file: path inside the release, size in bytes, SHA-256 in hex (empty before `seal`), rows."""

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
            yield _joined(waiting)
            count = 0
        if start < len(batch):
            waiting.append(batch.slice(start))
            count += len(batch) - start
    if waiting:
        yield _joined(waiting)


def _joined(waiting: list[pa.Table]) -> pa.Table:
    """One piece of them all; the list is empty afterwards, so that nobody keeps the pieces."""
    whole = pa.concat_tables(waiting)
    waiting.clear()
    return whole.combine_chunks()


class _CsvFile:
    """UTF-8 with BOM, a header, LF, texts quoted, null an empty field, decimals and dates as they are."""

    def __init__(self, path: Path, header: Iterable[str]) -> None:
        self.path, self.rows = path, 0
        self._file = path.open("wb")
        self._hashing = _Hashing(self._file)
        self._hashing.write(BOM + (",".join(header) + "\n").encode())

    def write(self, batch: pa.Table) -> None:
        sink = pa.PythonFile(self._hashing, mode="w")
        pa.csv.write_csv(batch, sink, _CSV)
        sink.flush()
        self.rows += len(batch)

    def close(self) -> tuple[int, str]:
        """(bytes, SHA-256)"""
        self._file.close()
        return self._hashing.size, self._hashing.digest.hexdigest()


class _ParquetFile:
    """zstd, fixed row groups; titles and descriptions in the metadata, and a release id that is put in later."""

    def __init__(self, path: Path, described: pa.Schema) -> None:
        self.path, self.rows = path, 0
        self._described = described
        self._writer = pq.ParquetWriter(path, described, compression="zstd", version="2.6", data_page_version="1.0")

    def write(self, batch: pa.Table) -> None:
        self._writer.write_table(batch.cast(self._described), row_group_size=ROWS)
        self.rows += len(batch)

    def close(self) -> tuple[int, str]:
        """(bytes, no hash: the file is not final before `sealed`)"""
        self._writer.close()
        return self.path.stat().st_size, ""


class _Parts:
    """Files of at most `most` rows each; one alone keeps the plain name, several become a folder of that name."""

    def __init__(self, folder: Path, name: str, most: int, new: Callable[[Path], _CsvFile | _ParquetFile]) -> None:
        self._folder, self._name, self._most, self._new = folder, name, most, new
        self._done: list[tuple[int, str, int]] = []
        (folder / name).parent.mkdir(exist_ok=True)
        self._file = self._next()

    def _path(self, number: int) -> Path:
        return (self._folder / self._name).with_name(f"{Path(self._name).name}.{number:05d}")

    def _next(self) -> _CsvFile | _ParquetFile:
        return self._new(self._path(len(self._done)))

    def _end(self) -> None:
        self._done.append((*self._file.close(), self._file.rows))

    def write(self, batch: pa.Table) -> None:
        start = 0
        while start < len(batch):
            if self._file.rows == self._most:
                self._end()
                self._file = self._next()
            piece = batch.slice(start, self._most - self._file.rows)
            self._file.write(piece)
            start += len(piece)

    def close(self) -> list[Written]:
        self._end()
        if len(self._done) == 1:
            self._path(0).rename(self._folder / self._name)
            names = [self._name]
        else:
            (self._folder / self._name).mkdir()
            names = [f"{self._name}/part-{number:05d}{Path(self._name).suffix}" for number in range(len(self._done))]
            for number, name in enumerate(names):
                self._path(number).rename(self._folder / name)
        return [Written(name, *done) for name, done in zip(names, self._done, strict=True)]


def write(folder: Path, table: Table, batches: Iterable[pa.Table], *, excel: bool = False) -> dict[str, list[Written]]:
    """Kind (csv, excel, parquet) → the files, in order of the rows; every batch is gone through once.

    The Parquet files carry a placeholder for the release id and no hash until `seal`.
    """
    most = table.part_rows
    described = schema(table, {"release": PLACEHOLDER})
    english, chinese = [c.name for c in table.columns], [c.title for c in table.columns]
    kinds = {"csv": _Parts(folder, f"{table.name}.csv", most, lambda path: _CsvFile(path, english))}
    if excel:
        least = min(most, SHEET_ROWS)
        kinds["excel"] = _Parts(folder, f"excel/{table.name}.csv", least, lambda path: _CsvFile(path, chinese))
    kinds["parquet"] = _Parts(folder, f"{table.name}.parquet", most, lambda path: _ParquetFile(path, described))
    texts = [index for index, column in enumerate(table.columns) if column.type == "string"]
    for batch in rechunk(batches):
        for kind, parts in kinds.items():
            parts.write(_safe(batch, texts) if kind == "excel" else batch)
        del batch  # or it would stand in memory beside the next one
    pa.default_memory_pool().release_unused()
    return {kind: parts.close() for kind, parts in kinds.items()}


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


_FIRST = r"^[\s\p{Z}\p{Cc}'’]*[-=+@\p{Nd}(（.$¥￥€£%/#A-Za-z\t\r]"
"""A cheap wider test in Arrow: columns of plain Chinese text never reach Python."""


def _safe(batch: pa.Table, texts: Iterable[int]) -> pa.Table:
    """The same rows for Excel and WPS: every text shown as it is (docs/decisions/0005)."""
    columns = batch.columns
    for index in texts:
        columns[index] = _protected(columns[index])
    return pa.table(columns, schema=batch.schema)

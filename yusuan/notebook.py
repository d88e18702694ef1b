"""`yusuan.read`: documents → pandas frames, for notebooks and scripts. Nothing is written."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyarrow as pa

from yusuan.collect import collect
from yusuan.extract.grid import Grid
from yusuan.found import assign_names
from yusuan.inputs import discover
from yusuan.manifest import read_manifests
from yusuan.publish.arrow import MONEY
from yusuan.publish.assemble import mark_duplicates, ordered, with_paths
from yusuan.schemas import tables
from yusuan.unpack import unpacked

Source = str | os.PathLike[str]
_INTEGERS = {pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}


@dataclass(frozen=True, repr=False, eq=False)
class Dataset(Mapping[str, pd.DataFrame]):
    """The tables of some documents: `data.funds` or `data["funds"]`; columns as in docs/data-dictionary.md.

    Money is float64 in 元 (exact to the 分 up to 90 万亿元), null NaN; dates are datetime64; integers are nullable.
    `arrow` has the same tables with exact decimals. `grids` has the tables as drawn, by path of the document.
    """

    documents: pd.DataFrame
    sources: pd.DataFrame
    projects: pd.DataFrame
    funds: pd.DataFrame
    indicators: pd.DataFrame
    fields: pd.DataFrame
    issues: pd.DataFrame
    cells: pd.DataFrame
    arrow: Mapping[str, pa.Table]
    _grids: Mapping[str, tuple[Grid, ...]] | None = None

    @property
    def grids(self) -> Mapping[str, tuple[Grid, ...]]:
        if self._grids is None:
            raise AttributeError("the grids were not asked for: yusuan.read(path, grids=True)")
        return self._grids

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self.arrow:
            raise KeyError(f"{name!r} is no table; there are {', '.join(self.arrow)}")
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrow)

    def __len__(self) -> int:
        return len(self.arrow)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {len(table)}" for name, table in self.arrow.items())
        return f"<yusuan.Dataset: {counts}>"


def _frame(table: pa.Table) -> pd.DataFrame:
    for index, field in enumerate(table.schema):
        if field.type == MONEY:
            table = table.set_column(index, field.name, table.column(index).cast(pa.float64()))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_INTEGERS.get, date_as_object=False)
    return frame


def read(source: Source | Iterable[Source], *, cells: bool = True, grids: bool = False) -> Dataset:
    """Reads a file, a folder, or several of them.

    A document that cannot be read is a row of `documents` with status `failed`, and a warning. Raises
    yusuan.inputs.InputError where a path does not exist.
    """
    paths = [source] if isinstance(source, str | os.PathLike) else list(source)
    roots = discover(paths)
    facts, problems = read_manifests(roots)
    for problem in (*(line for root in roots for line in root.problems), *problems):
        warnings.warn(problem, stacklevel=2)
    with TemporaryDirectory(prefix="yusuan-") as folder:
        collected = collect(unpacked(assign_names(roots), Path(folder)), facts, cells=cells, grids=grids)
    made = mark_duplicates(tables(), ordered(with_paths(collected.tables)))
    documents = made["documents"].select(["path", "document_id", "status", "error_code"]).to_pylist()
    failed = [row for row in documents if row["status"] == "failed"]
    if failed:
        first = f"{failed[0]['path']} ({failed[0]['error_code']})"
        message = f"{len(failed)} of {len(documents)} documents could not be read, first {first}: see `documents.error`"
        warnings.warn(message, stacklevel=2)
    by_path = {row["path"]: collected.grids[row["document_id"]] for row in documents} if grids else None
    return Dataset(**{name: _frame(table) for name, table in made.items()}, arrow=made, _grids=by_path)

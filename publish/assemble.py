"""The tables of a release from those of its documents: parts carried over, the contract's order, duplicates marked."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yusuan.publish.arrow import arrow_type, empty, schema, to_arrow
from yusuan.publish.files import PublishError
from yusuan.schemas import Table

DUPLICATE = "duplicate-project"
DOUBLE = "“{name}”的全部内容与{path}中的项目（{project}）相同，汇总时请只计一次。"
Tables = dict[str, pa.Table]


def _aligned(table: Table, data: pa.Table, path: Path) -> pa.Table:
    """An older release's table with today's columns: columns added since are null."""
    columns = []
    for column in table.columns:
        if column.name in data.column_names:
            columns.append(data[column.name].cast(arrow_type(column)))
        elif column.nullable:
            columns.append(pa.nulls(len(data), arrow_type(column)))
        else:
            raise PublishError(
                f"{path} has no column {column.name!r} and cannot be added to: "
                "run over all inputs with --replace, or choose another --out"
            )
    return pa.Table.from_arrays(columns, schema=schema(table))


def is_among(column: pa.ChunkedArray, values: Iterable[str]) -> pa.ChunkedArray:
    return pc.is_in(column, value_set=pa.array(sorted(values), pa.string()))


def load_table(table: Table, release: Path | None) -> pa.Table:
    """A table of a published release; empty where the release, or the table in it, does not exist."""
    path = (release or Path()) / f"{table.name}.parquet"
    if release is None or not path.exists():
        return empty(table)
    try:
        return _aligned(table, pq.read_table(path), path)
    except (pa.ArrowException, OSError) as error:
        raise PublishError(
            f"{path} of the last release cannot be read ({error}): "
            "run over all inputs with --replace, or choose another --out"
        ) from error


def load(declared: Mapping[str, Table], release: Path, documents: Iterable[str]) -> Tables:
    """Rows of some documents of a published release as their readers left them: marks of duplicates are taken off."""
    wanted = set(documents)
    tables = {name: load_table(table, release) for name, table in declared.items()}
    tables = {name: data.filter(is_among(data["document_id"], wanted)) for name, data in tables.items()}
    issues, projects = tables["issues"], tables["projects"]
    index = projects.column_names.index("duplicate_of")
    unmarked = projects.set_column(index, projects.field(index), pa.nulls(len(projects), pa.string()))
    return tables | {"issues": issues.filter(pc.not_equal(issues["code"], DUPLICATE)), "projects": unmarked}


def combine(declared: Mapping[str, Table], parts: Sequence[Mapping[str, pa.Table]]) -> Tables:
    """The tables of several groups of documents below each other."""
    return {
        name: pa.concat_tables([part[name] for part in parts] or [empty(table)]) for name, table in declared.items()
    }


def with_facts(documents: pa.Table, known: Mapping[str, Mapping[str, object]]) -> pa.Table:
    """Fills null columns of `documents` from what is known of a document (document_id → column → value)."""
    identities = documents["document_id"].to_pylist()
    for column in sorted({column for facts in known.values() for column in facts}):
        index = documents.column_names.index(column)
        field = documents.field(index)
        values = pa.array([known.get(identity, {}).get(column) for identity in identities], field.type)
        documents = documents.set_column(index, field, pc.coalesce(documents[column], values))
    return documents


def with_paths(tables: Tables) -> Tables:
    """Sets `documents.path` to the smallest path among the document's sources."""
    smallest: dict[str, str] = {}
    for path, identity in sorted(
        zip(*(tables["sources"][name].to_pylist() for name in ("path", "document_id")), strict=True)
    ):
        smallest.setdefault(identity, path)
    documents = tables["documents"]
    index = documents.column_names.index("path")
    paths = pa.array([smallest[identity] for identity in documents["document_id"].to_pylist()], pa.string())
    return tables | {"documents": documents.set_column(index, documents.field(index), paths)}


def ordered(tables: Tables) -> Tables:
    """By path of the document, then as its reader gave the rows (projects and their rows in reading order)."""
    documents = tables["documents"].sort_by("path")
    ranks = documents["document_id"].combine_chunks()
    result = {}
    for name, data in tables.items():
        if name == "sources":
            result[name] = data.sort_by("path")
            continue
        keyed = pa.table(
            {
                "rank": pc.index_in(data["document_id"], value_set=ranks),
                "position": pa.array(range(len(data)), pa.int64()),
            }
        )
        result[name] = data.take(pc.sort_indices(keyed, sort_keys=[("rank", "ascending"), ("position", "ascending")]))
    return result


# --- duplicates -------------------------------------------------------------------------------------------------------


def fingerprints(declared: Mapping[str, Table], tables: Mapping[str, pa.Table]) -> dict[str, bytes]:
    """project_id → digest of its facts, for projects that have a name or a department."""
    facts: dict[str, Any] = defaultdict(hashlib.sha256)
    for name in ("projects", "funds", "indicators"):
        columns = ["project_id", *declared[name].facts]
        for batch in tables[name].select(columns).to_batches():
            for identity, *values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                facts[identity].update(f"{name}{values!r}\n".encode())
    projects = tables["projects"]
    named = pc.or_(pc.is_valid(projects["project_name"]), pc.is_valid(projects["department"]))
    return {identity: facts[identity].digest() for identity in projects.filter(named)["project_id"].to_pylist()}


def mark_duplicates(declared: Mapping[str, Table], tables: Tables) -> Tables:
    """Sets `projects.duplicate_of` to the first project with equal facts and adds an info issue; tables are ordered."""
    prints = fingerprints(declared, tables)
    first: dict[bytes, str] = {}
    same: dict[str, str] = {}
    projects = tables["projects"]
    for identity in projects["project_id"].to_pylist():
        if identity in prints:
            original = first.setdefault(prints[identity], identity)
            if original != identity:
                same[identity] = original
    if not same:
        return tables
    paths = dict(zip(*(tables["documents"][name].to_pylist() for name in ("document_id", "path")), strict=True))
    rows = projects.select(["project_id", "document_id", "project_name", "department"]).to_pylist()
    home = {row["project_id"]: paths[row["document_id"]] for row in rows}
    issues = tables["issues"]
    last = _last(issues)
    added = []
    for row in rows:
        if row["project_id"] not in same:
            continue
        original = same[row["project_id"]]
        document = row["document_id"]
        last[document] = last.get(document, 0) + 1
        name = row["project_name"] or row["department"]
        added.append(
            {
                "document_id": document,
                "seq": last[document],
                "project_id": row["project_id"],
                "severity": "info",
                "code": DUPLICATE,
                "field": "projects.duplicate_of",
                "message": DOUBLE.format(name=name, path=home[original], project=original),
                "actual": original,
            }
        )
    index = projects.column_names.index("duplicate_of")
    marked = pa.array([same.get(identity) for identity in projects["project_id"].to_pylist()], pa.string())
    tables = tables | {
        "projects": projects.set_column(index, projects.field(index), marked),
        "issues": pa.concat_tables([issues, to_arrow(declared["issues"], added)]),
    }
    return ordered(tables)


def _last(issues: pa.Table) -> dict[str, int]:
    highest = issues.group_by("document_id").aggregate([("seq", "max")])
    return dict(zip(highest["document_id"].to_pylist(), highest["seq_max"].to_pylist(), strict=True))

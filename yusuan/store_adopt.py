"""A store that is new beside a release that is not (a store was removed, or yusuan had none yet): what the release holds
is taken over, so that a run over other inputs still only adds. Grids are not there: such documents are read again when
one of their inputs is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from yusuan.manifest import COLUMNS
from yusuan.publish.assemble import DUPLICATE, fingerprints
from yusuan.publish.files import PublishError
from yusuan.publish.judge import scan
from yusuan.publish.release import is_complete
from yusuan.schemas import Table, tables
from yusuan.store import Store, record_tables

_PAGE = 2000


def adopt(store: Store, release: Path) -> bool:
    """Fills an empty store from a release; whether the release has cells. Raises PublishError if it is damaged."""
    if not is_complete(release):
        raise PublishError(
            f"files of the last release are missing or cut ({release}): put them back, or run over all inputs with --replace"
        )
    try:
        with store.transaction():
            _copy(store, release)
            store.changed()
    except (duckdb.Error, PublishError) as error:
        raise PublishError(
            f"the last release cannot be read ({release}: {str(error).splitlines()[0]}): "
            "run over all inputs with --replace, or choose another --out"
        ) from error
    return (release / "cells.parquet").exists()


def _rows(store: Store, table: Table, release: Path) -> str:
    """The table of a release with today's columns: columns added since are null."""
    path = release / f"{table.name}.parquet"
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    query = f"SELECT * FROM {scan(parts)}"
    there = {row[0] for row in store.rows(f"DESCRIBE {query}")}
    for column in table.columns:
        if column.name not in there and not column.nullable:
            raise PublishError(f"{path} has no column {column.name!r}")
    listed = ", ".join(f'"{c.name}"' if c.name in there else f'NULL AS "{c.name}"' for c in table.columns)
    return f"(SELECT {listed} FROM {scan(parts)})"


def _copy(store: Store, release: Path) -> None:
    declared = tables()
    run = store.run
    facts = ", ".join(COLUMNS)
    run(
        f"INSERT INTO documents BY NAME SELECT * EXCLUDE (path, {facts}), (row_number() OVER (ORDER BY path))::INTEGER AS doc, "
        f"false AS named FROM {_rows(store, declared['documents'], release)}"
    )
    run(
        f"INSERT INTO sources BY NAME SELECT s.path, d.doc, s.url, {', '.join(f'f.{name}' for name in COLUMNS)} "
        f"FROM {_rows(store, declared['sources'], release)} s JOIN documents d USING (document_id) "
        f"JOIN {_rows(store, declared['documents'], release)} f USING (document_id)"
    )
    for name, table in record_tables().items():
        if name == "cells" and not (release / "cells.parquet").exists():
            continue
        changed = "* REPLACE (NULL AS duplicate_of)" if name == "projects" else "*"
        kept = f"WHERE code <> '{DUPLICATE}'" if name == "issues" else ""
        columns = ", ".join(f't."{column.name}"' for column in table.columns if column.name != "document_id")
        run(
            f"INSERT INTO {name} BY NAME SELECT d.doc, (row_number() OVER ())::INTEGER AS pos, {columns} FROM "
            f"(SELECT {changed} FROM {_rows(store, table, release)} {kept}) t JOIN documents d USING (document_id)"
        )
    for prints in _prints(store):
        with store.registered("prints", prints):
            run("UPDATE projects SET print = prints.print FROM prints WHERE projects.project_id = prints.project_id")


def _prints(store: Store) -> Iterator[pa.Table]:
    """(project_id, print) of some documents at a time."""
    last = store.value("SELECT coalesce(max(doc), 0) FROM documents")
    for low in range(1, int(last) + 1, _PAGE):
        made = {}
        for name in ("projects", "funds", "indicators"):
            columns = ", ".join(f'"{column.name}"' for column in tables()[name].columns if column.name != "document_id")
            query = f"SELECT {columns} FROM {name} WHERE doc BETWEEN {low} AND {low + _PAGE - 1} ORDER BY doc, pos"
            made[name] = store.connection.sql(query).to_arrow_table()
        prints = fingerprints(tables(), made)
        yield pa.table({"project_id": pa.array(prints, pa.string()), "print": pa.array(prints.values(), pa.binary())})

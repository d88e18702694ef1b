"""datapackage.json: the Frictionless description of a release, derived from the declaration and the written files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yusuan.publish.tables import Written
from yusuan.schemas import PLACE, Column, Table

_TYPES = {
    "string": "string",
    "int32": "integer",
    "int64": "integer",
    "float64": "number",
    "date": "date",
    "money": "number",
}


def _field(column: Column, key: tuple[str, ...]) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if not column.nullable and column.name != "text":  # an empty cell has an empty text, which in CSV looks like null
        constraints["required"] = True
    if key == (column.name,):
        constraints["unique"] = True
    if column.enum:
        constraints["enum"] = list(column.enum)
    field = {
        "name": column.name,
        "type": _TYPES[column.type],
        "title": column.title,
        "description": column.description,
    }
    return field | ({"constraints": constraints} if constraints else {})


def table_schema(table: Table, present: Sequence[str]) -> dict[str, Any]:
    """Table Schema; foreign keys only to tables that are `present` in the release."""
    foreign = [
        # Table Schema names the own table "".
        {
            "fields": [c.name],
            "reference": {
                "resource": "" if c.references[0] == table.name else c.references[0],
                "fields": [c.references[1]],
            },
        }
        for c in table.columns
        if c.references and c.references[0] in present
    ]
    place = list(PLACE)
    nullable = {column.name for column in table.columns if column.nullable}
    if table.place and "cells" in present and nullable.isdisjoint(place):  # Table Schema takes a null for a value here
        foreign.append({"fields": place, "reference": {"resource": "cells", "fields": place}})
    schema: dict[str, Any] = {
        "fields": [_field(column, table.key) for column in table.columns],
        "primaryKey": list(table.key),
        "missingValues": [""],
    }
    return schema | ({"foreignKeys": foreign} if foreign else {})


def _file(written: Written) -> dict[str, Any]:
    return {"path": written.path, "bytes": written.bytes, "hash": f"sha256:{written.sha256}"}


def _files(written: Sequence[Written]) -> dict[str, Any]:
    """One file, or the parts in order; each part of a CSV has its own header."""
    if len(written) == 1:
        return _file(written[0])
    return {
        "path": [part.path for part in written],
        "bytes": sum(part.bytes for part in written),
        "parts": [_file(part) | {"rows": part.rows} for part in written],
    }


def data_package(
    declared: Mapping[str, Table], release: str, files: Mapping[str, Mapping[str, Sequence[Written]]]
) -> dict[str, Any]:
    """`files`: table → kind (csv, parquet, excel) → the written files."""
    resources = []
    for name, kinds in files.items():
        table = declared[name]
        resource: dict[str, Any] = {
            "name": name,
            "profile": "tabular-data-resource",
            "title": table.title,
            "description": table.description,
            **_files(kinds["csv"]),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "rows": sum(part.rows for part in kinds["csv"]),
            "dialect": {
                "delimiter": ",",
                "lineTerminator": "\n",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
            },
            "schema": table_schema(table, list(files)),
        }
        resources.append(resource | {kind: _files(kinds[kind]) for kind in ("parquet", "excel") if kind in kinds})
    return {
        "name": "yusuan",
        "id": release,
        "profile": "tabular-data-package",
        "title": "预算绩效表格数据",
        "description": "Facts read from the tables that governments publish in Word and PDF files; money in 元 (CNY).",
        "resources": resources,
    }


def parts_of(package: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every file that a package names: path, bytes, hash."""
    entries = [entry for r in package["resources"] for entry in (r, *(r[k] for k in ("parquet", "excel") if k in r))]
    return [part for entry in entries for part in entry.get("parts", [entry])]

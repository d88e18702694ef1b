"""The declarations of the project, typed: tables and columns, issue codes, files to skip.

Data lives in the TOML files of this folder, shipped as package data; this module only gives it types and checks it.
Nothing here imports anything of ours or a library.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TYPES = ("string", "int32", "int64", "float64", "date", "money")
PLACE = ("document_id", "grid", "row", "col")


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is Chinese, `description` English with the unit; `references` is (table, column) of a foreign key."""

    name: str
    type: str
    title: str
    description: str
    nullable: bool = False
    enum: tuple[str, ...] = ()
    references: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`place`: (document_id, grid, row, col) of a row name a row of `cells`; `facts`: what a row says, not where."""

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    place: bool = False
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueCode:
    """`severities`: the usual one first."""

    code: str
    severities: tuple[str, ...]
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Name patterns (fnmatch, lower case) of files and folders that are no documents."""

    files: tuple[str, ...]
    folders: tuple[str, ...]


class DeclarationError(Exception):
    """A declaration file that contradicts itself: the message names file, table and key."""


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(name).read_text("utf-8"))


def _column(table: str, name: str, raw: Mapping[str, Any]) -> Column:
    known = {"type", "title", "description", "nullable", "enum", "references"}
    if unknown := sorted(set(raw) - known):
        raise DeclarationError(f"tables.toml: [{table}.columns] {name}: unknown key {unknown[0]!r}")
    if raw.get("type") not in TYPES:
        raise DeclarationError(f"tables.toml: [{table}.columns] {name}: type must be one of {', '.join(TYPES)}")
    reference = raw.get("references")
    return Column(
        name,
        raw["type"],
        raw["title"],
        raw["description"],
        raw.get("nullable", False),
        tuple(raw.get("enum", ())),
        (reference[0], reference[1]) if reference else None,
    )


def parse_tables(declared: Mapping[str, Any], codes: tuple[str, ...]) -> dict[str, Table]:
    """The declaration with types, in its own order; `codes` become the allowed values of issues.code."""
    tables: dict[str, Table] = {}
    for name, raw in declared.items():
        columns = {key: _column(name, key, column) for key, column in raw["columns"].items()}
        if name == "issues" and codes:
            columns["code"] = Column("code", "string", columns["code"].title, columns["code"].description, enum=codes)
        place = raw.get("place", False)
        for key in (*raw["key"], *raw.get("facts", ()), *(PLACE if place else ())):
            if key not in columns:
                raise DeclarationError(f"tables.toml: [{name}]: {key!r} is no column of the table")
        tables[name] = Table(
            name,
            raw["title"],
            raw["description"],
            tuple(columns.values()),
            tuple(raw["key"]),
            place,
            tuple(raw.get("facts", ())),
        )
    for table in tables.values():
        for column in table.columns:
            target = column.references
            if target and (target[0] not in tables or tables[target[0]].key != (target[1],)):
                raise DeclarationError(f"tables.toml: {table.name}.{column.name}: {'.'.join(target)} is no primary key")
    return tables


@cache
def issue_codes() -> dict[str, IssueCode]:
    """Every code that a row of `issues` may carry, by code."""
    return {
        code: IssueCode(code, tuple(raw["severity"]), raw["title"], raw["description"])
        for code, raw in _load("issues.toml").items()
    }


@cache
def tables() -> dict[str, Table]:
    """Every table of a release by name, in the order in which they are shown and written."""
    return parse_tables(_load("tables.toml"), tuple(issue_codes()))


@cache
def skip() -> Skip:
    """What input discovery leaves out."""
    raw = _load("skip.toml")
    return Skip(*(tuple(pattern.lower() for pattern in raw[key]) for key in ("files", "folders")))

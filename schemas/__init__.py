"""The declarations of the project, typed: tables and columns, issue codes, files to skip.

Data lives in the TOML files of this folder, shipped as package data; this module only gives it types and checks it.
Nothing here imports anything of ours or a library.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

TYPES = ("string", "int32", "int64", "float64", "date", "money")
PLACE = ("document_id", "grid", "row", "col")
PART_ROWS = 64 * 65_536
RULES = ("min_rows", "fill", "fill_from", "part_rows")
"""Keys of a table that a user may declare otherwise (`yusuan run --rules FILE`)."""


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
    """`place`: (document_id, grid, row, col) of a row name a row of `cells`; `facts`: what a row says, not where.

    What a release must keep: `min_rows`; `fill` (column → least share of filled rows), for a table of `fill_from` rows or
    more. A table of more than `part_rows` rows is written in parts.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    place: bool = False
    facts: tuple[str, ...] = ()
    min_rows: int = 0
    fill: tuple[tuple[str, float], ...] = ()
    fill_from: int = 1000
    part_rows: int = PART_ROWS


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
        tables[name] = with_rules(tables[name], {key: raw[key] for key in RULES if key in raw}, "tables.toml")
    for table in tables.values():
        for column in table.columns:
            target = column.references
            if target and (target[0] not in tables or tables[target[0]].key != (target[1],)):
                raise DeclarationError(f"tables.toml: {table.name}.{column.name}: {'.'.join(target)} is no primary key")
    return tables


def _is_number(value: object, kind: type[int] | type[float]) -> bool:
    return isinstance(value, kind | int) and not isinstance(value, bool)


def with_rules(table: Table, rules: Mapping[str, Any], where: str) -> Table:
    """The table with other rules for its releases; raises DeclarationError."""
    changes: dict[str, Any] = {}
    for key, value in rules.items():
        if key not in RULES:
            raise DeclarationError(f"{where}: [{table.name}]: {key!r} is no rule; there are {', '.join(RULES)}")
        if key != "fill":
            least = 1 if key == "part_rows" else 0
            if not _is_number(value, int) or value < least:
                raise DeclarationError(f"{where}: [{table.name}] {key}: must be a whole number from {least} on")
            changes[key] = value
            continue
        for column, share in value.items():
            if column not in {c.name for c in table.columns}:
                raise DeclarationError(f"{where}: [{table.name}.fill]: {column!r} is no column of the table")
            if not _is_number(share, float) or not 0 <= share <= 1:
                raise DeclarationError(f"{where}: [{table.name}.fill] {column}: must be a share from 0 to 1")
        changes[key] = tuple((dict(table.fill) | dict(value)).items())
    return replace(table, **changes)


def read_rules(text: str, where: str) -> dict[str, Table]:
    """All tables with the rules of a user's TOML file over the declared ones; raises DeclarationError."""
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{where}: is no TOML ({error})") from error
    known = tables()
    for name, rules in declared.items():
        if name not in known or not isinstance(rules, dict):
            raise DeclarationError(f"{where}: [{name}] is no table; there are {', '.join(known)}")
    return {name: with_rules(table, declared.get(name, {}), where) for name, table in known.items()}


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

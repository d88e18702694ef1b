"""The pages of docs/ that are derived from schemas/: `python -m yusuan.pages [--check]`, run in a checkout.

docs/data-dictionary.md comes from tables.toml and issues.toml, docs/layouts/ from forms/*.toml.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from yusuan.normalize.layout import Layout
from yusuan.normalize.layout_file import layouts
from yusuan.schemas import Column, Table, issue_codes, tables

_TYPES = {"money": "decimal128(20, 2), 元"}
_ABOUT = ("name", "form_kind", "notice", "titles")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# --- data dictionary --------------------------------------------------------------------------------------------------


def _type(column: Column) -> str:
    return _TYPES.get(column.type, column.type) + (", may be null" if column.nullable else "")


def _notes(column: Column, table: Table) -> str:
    notes = [column.description]
    if column.references:
        notes.append(f"Key of `{column.references[0]}`.")
    if column.enum and (table.name, column.name) != ("issues", "code"):
        notes.append("One of " + ", ".join(f"`{value}`" for value in column.enum) + ".")
    return " ".join(notes)


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name} {table.title}"
    yield ""
    yield table.description
    yield ""
    yield "Key: " + ", ".join(f"`{name}`" for name in table.key) + "."
    yield ""
    yield "| column | 中文 | type | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.title} | {_type(column)} | {_cell(_notes(column, table))} |"
    yield ""


def dictionary() -> str:
    lines = [
        "# Data dictionary",
        "",
        "<!-- Written by `make docs` from schemas/tables.toml and schemas/issues.toml: change those. -->",
        "",
        "Every table is published as `.parquet` and `.csv` with the same rows in the same order: by path of the document,",
        "project, and reading order. Titles and descriptions also stand in the Parquet metadata and in `datapackage.json`.",
        "A place (`page` 1-based; `grid`, `row`, `col` 0-based) names a cell of the table `cells`. Money is in 元 whatever",
        "the form used; null means that the form does not say, never zero.",
        "",
    ]
    for table in tables().values():
        lines += _table(table)
    lines += ["## Issue codes", "", "| code | 中文 | severity | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{code.code}` | {code.title} | {' or '.join(code.severities)} | {_cell(code.description)} |"
        for code in issue_codes().values()
    ]
    return "\n".join([*lines, ""])


# --- layouts ----------------------------------------------------------------------------------------------------------


def _flat(section: str, value: object) -> Iterator[tuple[str, str]]:
    """(dotted key, text) for every leaf of a layout file."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{section}.{key}" if section else key, inner)
    elif isinstance(value, list):
        yield section, " · ".join(str(item) for item in value)
    else:
        yield section, str(value).lower() if isinstance(value, bool) else str(value)


def layout_page(layout: Layout, raw: Mapping[str, Any]) -> str:
    """What one layout reads, spelling by spelling."""
    lines = [
        f"# {layout.name}",
        "",
        f"<!-- Written by `make docs` from schemas/forms/{layout.id}.toml: change that. -->",
        "",
        f"Layout `{layout.id}`, form kind `{layout.form_kind}`. Source: {layout.notice}.",
        "",
        "Titles: " + (" · ".join(raw.get("titles", [])) or "any") + ".",
        "",
        "| declared as | spellings |",
        "|---|---|",
    ]
    rest = {key: value for key, value in raw.items() if key not in _ABOUT}
    return "\n".join([*lines, *(f"| `{key}` | {_cell(text)} |" for key, text in _flat("", rest)), ""])


def _index(known: tuple[Layout, ...]) -> str:
    lines = [
        "# Layouts",
        "",
        "<!-- Written by `make docs` from schemas/forms/: change those. -->",
        "",
        "The families of forms that yusuan knows (`yusuan layouts`). CONTRIBUTING.md shows how to add one.",
        "",
        "| layout | form | kind | source |",
        "|---|---|---|---|",
    ]
    rows = [f"| [`{k.id}`]({k.id}.md) | {_cell(k.name)} | `{k.form_kind}` | {_cell(k.notice)} |" for k in known]
    return "\n".join([*lines, *rows, ""])


def pages() -> dict[Path, str]:
    """Path in the checkout → text, of every derived page."""
    known = layouts()
    made = {Path("docs/data-dictionary.md"): dictionary(), Path("docs/layouts/README.md"): _index(known)}
    forms = files("yusuan.schemas.forms")
    for layout in known:
        raw = tomllib.loads(forms.joinpath(f"{layout.id}.toml").read_text("utf-8"))
        made[Path(f"docs/layouts/{layout.id}.md")] = layout_page(layout, raw)
    return made


def stale(made: Mapping[Path, str]) -> list[Path]:
    """Pages that are missing, differ, or belong to a layout that is gone."""
    wrong = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    return wrong + [path for path in sorted(Path("docs/layouts").glob("*.md")) if path not in made]


def main(arguments: list[str]) -> int:
    """Writes the pages, or with --check only says which are not up to date."""
    made = pages()
    wrong = stale(made)
    if arguments == ["--check"]:
        for path in wrong:
            sys.stderr.write(f"{path} is not what schemas/ says: run `make docs`\n")
        return 1 if wrong else 0
    for path in wrong:
        if path in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[path], "utf-8")
        else:
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

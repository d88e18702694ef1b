"""Connections to DuckDB as we want them: one thread, nothing fetched from the network, and not a word on standard output."""

from __future__ import annotations

from pathlib import Path

import duckdb


def connect(path: Path | None, *, memory: str, spill: str | None, ordered: bool) -> duckdb.DuckDBPyConnection:
    """`path` None is a database in memory; `memory` with its unit; `spill` the folder for what does not fit; `ordered`: rows keep
    the order in which they were written. Raises duckdb.Error."""
    connection = duckdb.connect(
        str(path or ":memory:"),
        config={
            "memory_limit": memory,
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": ordered,
            **({"temp_directory": spill} if spill else {}),
        },
    )
    # In notebooks and under `python -c` it draws a bar into standard output, in the middle of what --json prints.
    connection.execute("SET enable_progress_bar = false")
    return connection

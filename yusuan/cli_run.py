"""`yusuan run` and `yusuan status`: the commands around the store. As in cli.py, heavy modules are imported late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from yusuan import forks
from yusuan.console import JSON, CannotRun, leave, print_json, say

_LISTED = 20
"""Failed documents that are listed one by one; the rest stand in documents.csv."""


@click.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...")
@click.option(
    "--out", default="data/out", show_default=True, help="Folder of the results, or a URL (s3://bucket/folder)."
)
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps what was read; `.store` in the folder of the results by default.",
)
@click.option("--excel", is_flag=True, help="Also write excel/*.csv, safe to open with a double click.")
@click.option("--no-cells", is_flag=True, help="Leave out the table `cells` (every cell as read).")
@click.option("--keep", type=click.IntRange(min=1), default=5, show_default=True, help="Releases that stay on disk.")
@click.option("--replace", is_flag=True, help="Release these inputs alone; what other inputs gave before leaves.")
@click.option("--force", is_flag=True, help="Read every document again, known or not.")
@click.option(
    "--verify-hashes", is_flag=True, help="Open every file to see whether it changed; size and time are not trusted."
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="Open at most N files in this run; the rest waits for the next.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes that read; as many as there are cores by default."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit of a document; a scan gets a sixth of it more for each page.",
)
@click.option(
    "--max-memory",
    type=click.IntRange(min=512),
    default=4096,
    show_default=True,
    metavar="MIB",
    help="Memory limit (address space) of a document.",
)
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with rules that a release must keep: minimum counts, fill rates, rows of a part.",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    help="Read on an engine for several machines: `dask`, or `dask://host:port` of a scheduler.",
)
@click.option("--log-json", is_flag=True, help="Progress and messages as lines of JSON on stderr, for log collectors.")
@JSON
@click.option("-q", "--quiet", is_flag=True, help="Only errors: no progress, no messages, no summary.")
@click.option(
    "-v", "--verbose", is_flag=True, help="A line for each document, all failures, and the details of crashes."
)
def run(**given: Any) -> None:
    """Read documents and publish their tables.

    INPUT: files, folders, patterns, archives and URLs, data/raw if none is given. Only new and changed documents are
    read. A run over other inputs adds to the results; a document leaves them when its folder no longer holds it.
    """
    _begin(given)
    import pyarrow as pa  # noqa: PLC0415

    from yusuan import progress  # noqa: PLC0415
    from yusuan import run as job  # noqa: PLC0415
    from yusuan import summary as words  # noqa: PLC0415
    from yusuan.inputs import InputError  # noqa: PLC0415
    from yusuan.normalize.layout_file import LayoutError  # noqa: PLC0415
    from yusuan.publish.arrow import without_pandas  # noqa: PLC0415
    from yusuan.publish.files import PublishError  # noqa: PLC0415

    without_pandas()
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own pool keeps what it no longer uses
    out, quiet, verbose = given["out"], given["quiet"], given["verbose"]
    shown = progress.of(as_json=given["log_json"], quiet=quiet, verbose=verbose)
    options = _options(given)
    try:
        with shown as tell:
            done = job.run(given["inputs"] or ("data/raw",), out, options, engine=_engine(given), tell=tell)
            tell("finished", exit_code=done.exit_code, seconds=round(done.seconds, 3))
    except InputError as error:
        raise click.UsageError(str(error)) from error
    except (PublishError, LayoutError) as error:
        raise CannotRun(str(error)) from error
    if not given["log_json"]:
        if not quiet:
            for message in done.messages:
                say(message, "yellow")
        _say_failures(list(words.failures(done)), out, everything=verbose)
        if verbose:
            for trace in done.traces.values():
                say(trace.rstrip())
    if given["as_json"]:
        print_json(done.to_json())
    elif not quiet:
        click.echo(words.text(done, out))
    leave(done.exit_code)


def _store(given: dict[str, Any]) -> Path:
    """The folder of the store; for a URL as `--out` without `--store`, which the run refuses, no folder that is there."""
    return given["store"] or Path(given["out"], ".store")


def _begin(given: dict[str, Any]) -> None:
    """Where nothing was read before, workers are needed for certain: what they load is loaded while we load what we need."""
    first = not _store(given).exists()
    if first and given["engine"] is None and not given["dry_run"]:
        forks.start()


def _options(given: dict[str, Any]) -> Any:
    from yusuan.run import Options  # noqa: PLC0415
    from yusuan.schemas import DeclarationError, read_rules, tables  # noqa: PLC0415

    declared = tables()
    if given["rules"]:
        try:
            declared = read_rules(given["rules"].read_text("utf-8"), str(given["rules"]))
        except (DeclarationError, OSError, UnicodeDecodeError) as error:
            raise click.UsageError(str(error)) from error
    names = ("store", "excel", "keep", "replace", "force", "verify_hashes", "limit", "dry_run")
    return Options(**{name: given[name] for name in names}, cells=not given["no_cells"], declared=declared)


def _engine(given: dict[str, Any]) -> Any:
    from yusuan.workers import Limits, Pool, default_workers  # noqa: PLC0415

    limits = Limits(given["workers"] or default_workers(), given["timeout"], given["max_memory"])
    name = given["engine"]
    if name is None:
        return Pool(limits)
    if name != "dask" and not name.startswith("dask://"):
        raise click.UsageError(f"--engine {name}: there is `dask`, and `dask://host:port`")
    try:
        from yusuan.engine_dask import Dask  # noqa: PLC0415
    except ImportError as error:
        raise click.UsageError("--engine dask needs dask.distributed: pip install 'yusuan[scale]'") from error
    return Dask(limits, name.removeprefix("dask").removeprefix("://") or None, (_store(given) / "spool").absolute())


def _say_failures(lines: list[str], out: str, *, everything: bool) -> None:
    shown = lines if everything else lines[:_LISTED]
    for line in shown:
        say(line, "red")
    if len(lines) > len(shown):
        say(f"… and {len(lines) - len(shown)} more: rows with status `failed` in {out}/documents.csv")


@click.command()
@click.option("--out", default="data/out", show_default=True, help="Folder of the results, or a URL.")
@click.option(
    "--store",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that keeps what was read; `.store` in the folder of the results by default.",
)
@JSON
def status(*, out: str, store: Path | None, as_json: bool) -> None:
    """Show what the store knows: documents by status, what is to be read again, the release in force."""
    from yusuan import state_of_store  # noqa: PLC0415
    from yusuan.publish.files import PublishError  # noqa: PLC0415

    try:
        found = state_of_store.look(out, store)
    except PublishError as error:
        raise CannotRun(str(error)) from error
    if as_json:
        print_json(found)
    else:
        click.echo(state_of_store.text(found))

"""The command line. Results go to stdout, progress and messages to stderr; no traceback reaches a user.

Heavy modules are imported inside the commands that need them: `yusuan --help` and `yusuan show` start without pandas,
pyarrow and the readers of formats that are not asked for.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from yusuan import __version__

FAILED, NOT_RUN, INTERRUPTED = 1, 3, 130
_LISTED = 20
"""Failed documents that are listed one by one; the rest stand in documents.csv."""

_ROLE_COLOURS = {"label": "cyan", "header": "blue", "title": "magenta", "ignored": "bright_black", "unread": "red"}
_SEVERITY_COLOURS = {"error": "red", "warning": "yellow"}


class CannotRun(click.ClickException):
    """Could not run or publish: exit code 3."""

    exit_code = NOT_RUN


class NotRead(click.ClickException):
    """The one document asked for could not be read: exit code 1."""

    exit_code = FAILED


def _say(message: str, colour: str | None = None) -> None:
    click.secho(message, err=True, fg=colour)


def _print_json(answer: object) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))


def _exit(code: int) -> NoReturn:
    raise click.exceptions.Exit(code)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be read ({error.strerror}); check the path and your rights") from error


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turns what a reader says of an unreadable document into a message and exit code 1."""
    from yusuan.extract.grid import UnreadableError  # noqa: PLC0415

    try:
        yield
    except UnreadableError as error:
        raise NotRead(f"{path}: [{error.code}] {error}") from error


_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yusuan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Turns the tables of Chinese government documents into clean, structured data.

    `yusuan run` reads data/raw and writes tables to data/out. Documents stay as they are.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


# --- run --------------------------------------------------------------------------------------------------------------


@cli.command()
@click.argument("inputs", nargs=-1, metavar="[INPUT]...", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("data/out"), show_default=True,
              help="Folder of the results.")  # fmt: skip
@click.option("--excel", is_flag=True, help="Also write excel/*.csv, safe to open with a double click.")
@click.option("--no-cells", is_flag=True, help="Leave out the table `cells` (every cell as read).")
@click.option("--keep", type=click.IntRange(min=1), default=5, show_default=True, help="Releases that stay on disk.")
@click.option("--replace", is_flag=True, help="Release these inputs alone; what other inputs gave before leaves.")
@_JSON
@click.option("-q", "--quiet", is_flag=True, help="Only errors: no progress, no messages, no summary.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each document, and the details of crashes.")
def run(
    inputs: tuple[Path, ...],
    *,
    out: Path,
    excel: bool,
    no_cells: bool,
    keep: int,
    replace: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Read documents and publish their tables.

    INPUT: files and folders, data/raw if none is given. A run over other inputs adds to the results; a document leaves
    them when its folder no longer holds it.
    """
    from yusuan import run as job  # noqa: PLC0415
    from yusuan import summary as words  # noqa: PLC0415
    from yusuan.inputs import InputError  # noqa: PLC0415
    from yusuan.normalize.layout import LayoutError  # noqa: PLC0415
    from yusuan.publish.files import PublishError  # noqa: PLC0415

    with _progress(quiet=quiet, verbose=verbose) as track:
        try:
            done = job.run(
                inputs or (Path("data/raw"),),
                out,
                excel=excel,
                cells=not no_cells,
                keep=keep,
                replace=replace,
                track=track,
            )
        except InputError as error:
            raise click.UsageError(str(error)) from error
        except (PublishError, LayoutError) as error:
            raise CannotRun(str(error)) from error
    if not quiet:
        for message in done.messages:
            _say(message, "yellow")
    _say_failures(list(words.failures(done)), out, everything=verbose)
    if verbose:
        for trace in done.traces.values():
            _say(trace.rstrip())
    if as_json:
        _print_json(done.to_json())
    elif not quiet:
        click.echo(words.text(done, out))
    _exit(done.exit_code)


def _say_failures(lines: list[str], out: Path, *, everything: bool) -> None:
    shown = lines if everything else lines[:_LISTED]
    for line in shown:
        _say(line, "red")
    if len(lines) > len(shown):
        _say(f"… and {len(lines) - len(shown)} more: rows with status `failed` in {out / 'documents.csv'}")


@contextmanager
def _progress(*, quiet: bool, verbose: bool) -> Iterator[Callable[[int], Callable[..., None]]]:
    """A bar on a terminal, lines with -v, nothing in a pipe."""
    from tqdm import tqdm  # noqa: PLC0415

    bars: list[Any] = []

    def track(count: int) -> Callable[..., None]:
        bar = tqdm(total=count, unit="file", file=sys.stderr, leave=False, dynamic_ncols=True,
                   disable=quiet or verbose or not sys.stderr.isatty())  # fmt: skip
        bars.append(bar)

        def watch(found: Any, converted: Any) -> None:
            bar.update()
            if verbose:
                status = "same as an earlier file" if converted is None else converted.document["status"]
                _say(f"{status:<8} {found.name}")

        return watch

    try:
        yield track
    finally:
        for bar in bars:
            bar.close()


# --- one file ---------------------------------------------------------------------------------------------------------


@cli.command()
@_FILE
@_JSON
def show(file: Path, *, as_json: bool) -> None:
    """Print the tables of FILE in the text notation.

    `|` between cells, `»` same cell as left, `^` same as above, `∅` empty, `⏎` a line end inside a cell.
    """
    from yusuan import shown  # noqa: PLC0415
    from yusuan.extract import read  # noqa: PLC0415

    with _reading(file):
        document = read(_read_bytes(file))
    for note in document.notes:
        _say(f"{note.code}: {note.message}", "yellow")
    if as_json:
        _print_json(shown.to_json(document))
    elif document.grids:
        click.echo(shown.text(document))
    else:
        _say(f"{file}: no tables inside", "yellow")


@cli.command()
@_FILE
@click.option("--layout", "layouts_", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="Also try this layout file (may be given several times).")  # fmt: skip
@_JSON
def explain(file: Path, *, layouts_: tuple[Path, ...], as_json: bool) -> None:
    """Show which layout matched FILE, every cell with its role and column, and what is unread."""
    from yusuan import explain as explaining  # noqa: PLC0415
    from yusuan.normalize.layout import LayoutError, layouts, load_layout  # noqa: PLC0415

    try:
        known = (*(load_layout(path) for path in layouts_), *layouts())
    except LayoutError as error:
        raise click.UsageError(str(error)) from error
    with _reading(file):
        explained = explaining.explain(_read_bytes(file), known)
    if as_json:
        _print_json(explained)
        return
    for line in explaining.lines(explained, lambda text, role: click.style(text, fg=_ROLE_COLOURS.get(role))):
        click.echo(line)


@cli.command()
@_FILE
@_JSON
def verify(file: Path, *, as_json: bool) -> None:
    """Read FILE a second time with an independent reader and list every cell that differs.

    Exit code 1 when a difference has no known reason.
    """
    from dataclasses import asdict  # noqa: PLC0415

    from yusuan import shown  # noqa: PLC0415
    from yusuan import verify as second  # noqa: PLC0415

    with _reading(file):
        differences = second.verify(_read_bytes(file))
    unexplained = [difference for difference in differences if difference.reason is None]
    if as_json:
        _print_json([asdict(difference) for difference in differences])
    else:
        for difference in differences:
            click.secho(shown.difference(difference), fg="red" if difference.reason is None else None)
        click.echo(shown.verdict(len(differences), len(unexplained)))
    _exit(FAILED if unexplained else 0)


# --- layouts ----------------------------------------------------------------------------------------------------------


@cli.group(invoke_without_command=True)
@_JSON
@click.pass_context
def layouts(context: click.Context, *, as_json: bool) -> None:
    """List the known layouts of forms."""
    if context.invoked_subcommand:
        return
    from yusuan.normalize.layout import layouts as declared  # noqa: PLC0415
    from yusuan.shown import columns  # noqa: PLC0415

    known = declared()
    if as_json:
        _print_json(
            [
                {
                    "id": layout.id,
                    "name": layout.name,
                    "form_kind": layout.form_kind,
                    "notice": layout.notice,
                    "spellings": len(layout.spellings),
                }
                for layout in known
            ]
        )
        return
    for line in columns([(layout.id, layout.form_kind, layout.name, layout.notice) for layout in known], indent=""):
        click.echo(line)


@layouts.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE.toml...", type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check layout files: each error names file, key and reason."""
    from yusuan.normalize.layout import LayoutError, load_layout  # noqa: PLC0415

    wrong = False
    for path in files:
        try:
            layout = load_layout(path)
        except LayoutError as error:
            _say(str(error), "red")
            wrong = True
        else:
            click.echo(f"{path}: good, {len(layout.spellings)} spellings")
    _exit(FAILED if wrong else 0)


@layouts.command()
@_FILE
def draft(file: Path) -> None:
    """Propose a layout for the form in FILE that no layout declares: a TOML file for a person to complete."""
    from yusuan import extract  # noqa: PLC0415
    from yusuan.normalize.draft import NothingToDraftError, draft_layout  # noqa: PLC0415

    with _reading(file):
        document = extract.read(_read_bytes(file))
    try:
        click.echo(draft_layout(document), nl=False)
    except NothingToDraftError as error:
        raise NotRead(f"{file}: {error}") from error


# --- entry ------------------------------------------------------------------------------------------------------------


def main() -> NoReturn:
    """The console script: every way out is an exit code and, if it failed, a message."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show Chinese is no reason to fail
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Interrupted: nothing was published, the last release stays.")
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe (head) has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        _say(
            f"Error: yusuan failed ({type(error).__name__}: {error}). The last release stays. Please report this.",
            "red",
        )
        code = NOT_RUN
    sys.exit(code)

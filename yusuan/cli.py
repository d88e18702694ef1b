"""The command line. Results go to stdout, progress and messages to stderr; no traceback reaches a user.

Heavy modules are imported inside the commands that need them: `yusuan --help` and `yusuan show` start without pandas,
pyarrow and the readers of formats that are not asked for.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from yusuan import __version__
from yusuan.cli_run import run, status
from yusuan.console import FAILED, INTERRUPTED, JSON, NOT_RUN, NotRead, leave, print_json, say
from yusuan.interrupts import interruptible

_ROLE_COLOURS = {"label": "cyan", "header": "blue", "title": "magenta", "ignored": "bright_black", "unread": "red"}


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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yusuan")
@click.pass_context
def cli(context: click.Context) -> None:
    """Turns the tables of Chinese government documents into clean, structured data.

    `yusuan run` reads data/raw and writes tables to data/out. Documents stay as they are.
    """
    if os.environ.get("NO_COLOR"):
        context.color = False


cli.add_command(run)
cli.add_command(status)


# --- one file ---------------------------------------------------------------------------------------------------------


@cli.command()
@_FILE
@JSON
def show(file: Path, *, as_json: bool) -> None:
    """Print the tables of FILE in the text notation.

    `|` between cells, `»` same cell as left, `^` same as above, `∅` empty, `⏎` a line end inside a cell.
    """
    from yusuan import shown  # noqa: PLC0415
    from yusuan.extract import read  # noqa: PLC0415

    with _reading(file):
        document = read(_read_bytes(file))
    for note in document.notes:
        say(f"{note.code}: {note.message}", "yellow")
    if as_json:
        print_json(shown.to_json(document))
    elif document.grids:
        click.echo(shown.text(document))
    else:
        say(f"{file}: no tables inside", "yellow")


@cli.command()
@_FILE
@click.option("--layout", "layouts_", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="Also try this layout file (may be given several times).")  # fmt: skip
@JSON
def explain(file: Path, *, layouts_: tuple[Path, ...], as_json: bool) -> None:
    """Show which layout matched FILE, every cell with its role and column, and what is unread."""
    from yusuan import explain as explaining  # noqa: PLC0415
    from yusuan.normalize.layout_file import LayoutError, layouts, load_layout  # noqa: PLC0415

    try:
        known = (*(load_layout(path) for path in layouts_), *layouts())
    except LayoutError as error:
        raise click.UsageError(str(error)) from error
    with _reading(file):
        explained = explaining.explain(_read_bytes(file), known)
    if as_json:
        print_json(explained)
        return
    for line in explaining.lines(explained, lambda text, role: click.style(text, fg=_ROLE_COLOURS.get(role))):
        click.echo(line)


@cli.command()
@_FILE
@JSON
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
        print_json([asdict(difference) for difference in differences])
    else:
        for difference in differences:
            click.secho(shown.difference(difference), fg="red" if difference.reason is None else None)
        click.echo(shown.verdict(len(differences), len(unexplained)))
    leave(FAILED if unexplained else 0)


# --- layouts ----------------------------------------------------------------------------------------------------------


@cli.group(invoke_without_command=True)
@JSON
@click.pass_context
def layouts(context: click.Context, *, as_json: bool) -> None:
    """List the known layouts of forms."""
    if context.invoked_subcommand:
        return
    from yusuan.normalize.layout_file import layouts as declared  # noqa: PLC0415
    from yusuan.shown import columns  # noqa: PLC0415

    known = declared()
    if as_json:
        print_json(
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
    from yusuan.normalize.layout_file import LayoutError, load_layout  # noqa: PLC0415

    wrong = False
    for path in files:
        try:
            layout = load_layout(path)
        except LayoutError as error:
            say(str(error), "red")
            wrong = True
        else:
            click.echo(f"{path}: good, {len(layout.spellings)} spellings")
    leave(FAILED if wrong else 0)


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
        with interruptible(signal.SIGINT, signal.SIGTERM):
            code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted: the last complete release stays. What was read is kept for the next run.")
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe (head) has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        say(
            f"Error: yusuan failed ({type(error).__name__}: {error}). The last release stays. Please report this.",
            "red",
        )
        code = NOT_RUN
    sys.exit(code)

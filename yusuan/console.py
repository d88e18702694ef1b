"""What all commands say and how they end: messages on stderr, answers on stdout, exit codes."""

from __future__ import annotations

import json
from typing import NoReturn

import click

FAILED, NOT_RUN, INTERRUPTED = 1, 3, 130


class CannotRun(click.ClickException):
    """Could not run or publish: exit code 3."""

    exit_code = NOT_RUN


class NotRead(click.ClickException):
    """The one document asked for could not be read: exit code 1."""

    exit_code = FAILED


def say(message: str, colour: str | None = None) -> None:
    click.secho(message, err=True, fg=colour)


def print_json(answer: object) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))


def leave(code: int) -> NoReturn:
    raise click.exceptions.Exit(code)


JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")

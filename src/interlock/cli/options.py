"""Options that several verbs share, spelled once."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from interlock import errors
from interlock.domain.basics import timestamps

repo: Callable[[Any], Any] = click.option(
    "--repo",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current repository",
    help="The Git repository (a checkout or a bare one).",
)
as_json: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document to standard output."
)


def revision(purpose: str, *, default: str) -> Callable[[Any], Any]:
    """Return `--rev` with the help of a verb."""
    return click.option("--rev", "revision", default=default, show_default=True, help=purpose)


def branch(purpose: str) -> Callable[[Any], Any]:
    """Return `--branch` with the help of a verb: each reads something else from this branch."""
    return click.option("--branch", default="main", show_default=True, help=purpose)


def refuse(names: Collection[str], reason: str) -> None:
    """Refuse options on the command line that have no effect there; variables are for all verbs.

    Raises UsageError, which begins with the option and ends with `reason`.
    """
    context = click.get_current_context()
    for each in context.command.params:
        is_typed = context.get_parameter_source(str(each.name)) is ParameterSource.COMMANDLINE
        if each.name in names and is_typed:
            raise click.UsageError(f"{each.opts[0]} {reason}")


def now() -> str:
    """Return the time as ISO 8601 in UTC. The only reading of the clock for a verb."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def timestamp(text: str | None, *, flag: str = "--now") -> int:
    """Return the time of an option in seconds since 1970, by default the current one.

    Raises BadInput for text that is not a valid timestamp.
    """
    seconds = timestamps.read(now() if text is None else text)
    if seconds is None:
        raise errors.BadInput(
            f"{flag}: {text!r} is not a valid timestamp",
            hint="write it as 2026-11-30T12:00:00Z",
        )
    return seconds

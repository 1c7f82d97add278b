"""Options that several verbs share, spelled once."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

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


def moment(text: str | None, *, flag: str = "--now") -> int:
    """Return what a flag says in seconds since 1970, the clock's where nothing is said; raises
    BadInput for text that is no time."""
    if text is None:
        return int(datetime.datetime.now(datetime.UTC).timestamp())
    seconds = timestamps.read(text)
    if seconds is None:
        raise errors.BadInput(f"{flag} {text!r} is no time", hint="write 2026-11-01T06:00:00Z")
    return seconds

"""`interlock demo`: set the stage, tell the story, clean up."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from interlock import cli, errors
from interlock.cli import options
from interlock.demo import facts, show
from interlock.services import temporary_folders


@click.command()
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Put everything into this new folder and leave it there.",
)
@click.option("--serve", is_flag=True, help="Afterwards, serve the page until Ctrl-C.")
@click.option(
    "--engine",
    type=click.Choice(["here", "act"]),
    default="here",
    show_default=True,
    help="Who runs the jobs: this process, or act with the workflow files of this checkout.",
)
@click.option("--program", is_flag=True, help="Show what DVC and the training programs print.")
@options.as_json
def command(*, keep: Path | None, serve: bool, engine: str, program: bool, as_json: bool) -> int:
    """Watch real models go through the life of a pull request, on this machine alone.

    Changed, planned, trained, judged, commented on, merged, promoted, rolled back: on real Git,
    DVC and MLflow, and a GitHub on loopback. Exit code 1 when something that must be seen is not.
    """
    with _folder(keep) as folder, _terminated_like_interrupted():
        outcome = show.run(
            folder,
            _interlock,
            kept=keep is not None,
            serve=serve,
            program=program,
            engine=engine,
        )
        if as_json:
            click.echo(json.dumps(facts.document(outcome), indent=2))
        if serve:
            show.serve(folder)
    return errors.EXIT_DONE if outcome.holds else errors.EXIT_NO


def _interlock(arguments: list[str]) -> object:
    return cli.group.main(arguments, standalone_mode=False)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with temporary_folders.folder("demo") as folder:
            yield folder
        return
    if keep.exists() and any(keep.iterdir()):
        raise errors.BadInput(f"{keep} is not empty", hint="name a folder that does not exist yet")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that nothing is left behind."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

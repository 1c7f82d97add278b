"""`interlock demo`: run the demo in a folder and remove the folder."""

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
from interlock.services import temporary_folders


@click.command()
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="New folder for all files of the demo, which are not deleted, for example `story`.",
)
@click.option("--serve", is_flag=True, help="Serve the GitHub pages afterwards, until Ctrl-C.")
@click.option("--no-mlflow", is_flag=True, help="Keep runs and versions in files, without MLflow.")
@click.option("--program", is_flag=True, help="Show the output of DVC and training programs.")
@options.as_json
def command(
    *, keep: Path | None, serve: bool, no_mlflow: bool, program: bool, as_json: bool
) -> int:
    """Show the life of a pull request on real models, on this machine.

    Two models are changed, trained, evaluated, merged, promoted, monitored and rolled back, with
    real Git, DVC and MLflow and a local GitHub server. Exit code 1 when an assertion fails.
    """
    with errors.needing_extra("all"):
        from interlock.demo import results, run_steps  # noqa: PLC0415 - heavy, and needs the extras
    demo_options = run_steps.DemoOptions(
        list_places=keep is not None or serve,
        show_program_output=program,
        has_mlflow=not no_mlflow,
    )
    with _folder(keep) as folder, _interrupt_on_sigterm():
        result = run_steps.run(folder, _interlock, demo_options)
        if as_json:
            click.echo(json.dumps(results.document(result), indent=2))
        if serve:
            run_steps.serve(folder)
    return errors.EXIT_DONE if result.passed else errors.EXIT_NO


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
def _interrupt_on_sigterm() -> Iterator[None]:
    """Handle SIGTERM like Ctrl-C, so that temporary files are deleted."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""Run the attacks with one kind of jobs: a project, its jobs, and every attack in its order."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from interlock import cli
from interlock.demo import environment, project, run_steps
from interlock.demo.console import Console
from interlock.demo.results import Assertion
from tests import attacks


def run(
    folder: Path, new_runner: run_steps.NewRunner = run_steps.local_jobs
) -> Generator[tuple[str, list[Assertion]]]:
    """Each attack, one after another: its title and its assertions."""
    lines: list[str] = []
    console = Console(_interlock, say=lines.append, line=lines.append)
    variables = environment.variables(folder / "home")
    with (
        environment.entered(variables),
        project.create(folder) as created,
        environment.entered(variables | run_steps.job_variables(created)),
    ):
        session = run_steps.open_session(created, console, new_runner)
        session.state.registry.versions("digits")
        for title, attack in attacks.STEPS.items():
            # Between two attacks the streams are the caller's, as pytest changes them.
            with console.opened():
                assertions = list(attack(session))
            yield title, assertions


def _interlock(arguments: list[str]) -> object:
    return cli.group.main(arguments, standalone_mode=False)

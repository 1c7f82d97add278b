"""Plays the attacks on one engine: a world, its jobs, and every chapter in its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock import cli, settings, wiring
from interlock.demo import environment, world
from interlock.demo.act import ActEngine
from interlock.demo.assertions import Witness
from interlock.demo.console import Console
from interlock.demo.engine import Engine, Performer
from interlock.demo.facts import Fact
from interlock.demo.jobs import Jobs, Workplace
from interlock.demo.show import job_variables
from interlock.demo.stage import DemoStage
from tests import attacks


def play(folder: Path, *, engine: str) -> Iterator[tuple[str, Fact]]:
    """Each chapter's title and its facts, as they are found."""
    lines: list[str] = []
    console = Console(_interlock, say=lines.append, line=lines.append)
    mine = environment.variables(folder / "home")
    with (
        environment.entered(mine),
        world.built(folder) as built,
        environment.entered(mine | job_variables(built)),
        console.opened(),
    ):
        stage = _stage(built, console, engine=engine)
        for title, chapter in attacks.CHAPTERS.items():
            for fact in chapter(stage):
                yield title, fact


def _stage(built: world.DemoWorld, console: Console, *, engine: str) -> DemoStage:
    registry = wiring.registry(settings.read())
    registry.versions("digits")
    witness = Witness(built, registry)
    workplace = Workplace(built.folder, built.clone_url, console, built.person)
    performer: Performer = Jobs(workplace)
    if engine == "act":
        performer = ActEngine.prepared(built, workplace, witness)
    return DemoStage(built, Engine(built.hub, performer), witness)


def _interlock(arguments: list[str]) -> object:
    return cli.group.main(arguments, standalone_mode=False)

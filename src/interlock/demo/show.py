"""Plays the story from first to last and says where to look; the only door to the demo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import github_sandbox
from interlock import errors, settings, wiring
from interlock.demo import environment, world
from interlock.demo.act import ActEngine
from interlock.demo.assertions import Witness
from interlock.demo.console import Console
from interlock.demo.engine import Engine, Performer
from interlock.demo.facts import DemoOutcome, DemoStep, Fact
from interlock.demo.jobs import Jobs, Workplace
from interlock.demo.progress import ProgressPrinter
from interlock.demo.stage import Chapter, DemoStage
from interlock.demo.story import CHAPTERS
from interlock.ports.registry import Registry


def run(
    folder: Path,
    interlock: Callable[[list[str]], object],
    *,
    kept: bool,
    serve: bool,
    program: bool,
    engine: str = "here",
) -> DemoOutcome:
    """Tell the whole story in `folder`; `interlock` runs one command line of the product.

    `engine` is what runs the jobs: "here", this process; or "act", the workflow files under act.
    """
    started = time.monotonic()
    teller = ProgressPrinter(program=program)
    mine = environment.variables(folder / "home")
    console = Console(interlock, say=teller.job, line=teller.line)
    with environment.entered(mine), world.built(folder) as built:
        with environment.entered(mine | job_variables(built)), console.opened():
            steps = _play_all(built, console, teller, engine=engine)
        places = _places(built) if kept or serve else {}
    outcome = DemoOutcome(tuple(steps), time.monotonic() - started, places)
    teller.end(outcome)
    return outcome


def job_variables(built: world.DemoWorld) -> dict[str, str]:
    """What a workflow gives its jobs."""
    return {
        "GITHUB_API_URL": built.api_url,
        "GITHUB_SERVER_URL": built.url,
        "GITHUB_REPOSITORY": world.REPOSITORY,
        "GITHUB_TOKEN": built.token,
        "INTERLOCK_GITHUB_LOGIN": "interlock[bot]",
        "MLFLOW_TRACKING_URI": built.mlflow_uri,
    }


def _play_all(
    built: world.DemoWorld, console: Console, teller: ProgressPrinter, *, engine: str
) -> list[DemoStep]:
    """Every chapter in its order; one in which something is not as it must be is the last."""
    registry = wiring.registry(settings.read())
    # A new MLflow file takes seconds of migrations: they pass while octocat fills the repository.
    threading.Thread(target=_open, args=[registry], daemon=True).start()
    witness = Witness(built, registry)
    workplace = Workplace(built.folder, built.clone_url, console, built.person)
    performer: Performer = Jobs(workplace)
    if engine == "act":
        performer = ActEngine.prepared(built, workplace, witness)
    stage = DemoStage(built, Engine(built.hub, performer), witness)
    steps: list[DemoStep] = []
    for number, (title, chapter) in enumerate(CHAPTERS.items(), start=1):
        with teller.step(number, title):
            steps.append(_play(stage, number, title, chapter))
        teller.done(steps[-1])
        if not steps[-1].holds:
            break
    return steps


def _open(registry: Registry) -> None:
    with suppress(errors.InterlockError):  # whoever needs it next will say what is wrong
        registry.versions(world.MODELS[0])


def _play(stage: DemoStage, number: int, title: str, chapter: Chapter) -> DemoStep:
    started, before = time.monotonic(), set(stage.pulls.values())
    trained = len(stage.engine.trained)
    facts: list[Fact] = list(chapter(stage))
    new = sorted(set(stage.pulls.values()) - before)
    return DemoStep(
        number,
        title,
        tuple(facts),
        stage.engine.trained[trained:],
        time.monotonic() - started,
        pull=new[0] if new else None,
    )


def _places(built: world.DemoWorld) -> dict[str, str]:
    return {
        "page": f"interlock sandbox --keep {built.folder / 'github'}",
        "ledger": f"interlock ledger log --repo {built.bare}",
        "git": f"git -C {built.bare} log --stat interlock-ledger",
        "registry": f"mlflow ui --backend-store-uri {built.mlflow_uri}",
    }


def serve(folder: Path) -> None:
    """Serve the page over what the story left, until Ctrl-C."""
    hub = github_sandbox.Sandbox(folder / "github")
    with hub.serve() as url:
        ProgressPrinter(program=False).place("page", f"{url}/{world.REPOSITORY}/pulls")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return

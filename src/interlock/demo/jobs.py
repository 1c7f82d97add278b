"""The two journeys as jobs: each clones, then runs the very command lines that a workflow runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import github_sandbox
from interlock import documents
from interlock.demo.console import Console
from interlock.demo.user import User
from interlock.demo.world import SCHEDULES
from interlock.domain.training.plan import Decision, Plan

_JUDGED = {Decision.TRAIN, Decision.REUSE, Decision.JUDGE}
_RUNNERS = 2
_LISTEN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where jobs run: a folder for their clones, what they clone, and the console they type at."""

    folder: Path
    clone_url: str
    console: Console
    visitor: User
    """Asks GitHub what a workflow has in its event: a pull request's state, a commit's origin."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """Runs each event's jobs in this process, one after another."""

    at: Workplace

    def perform(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None:
        match (event.name, event.action):
            case ("pull_request", "opened" | "synchronize" | "reopened"):
                return pull_request(self.at, int(event.payload["pull_request"]["number"]))
            case ("push", _) if event.payload["ref"] == "refs/heads/main":
                return release(self.at, str(event.payload["after"]))
            case ("schedule", _) if event.payload["schedule"] == SCHEDULES["monitor"]:
                return monitor(self.at)
            case ("schedule", _) if event.payload["schedule"] == SCHEDULES["reconcile"]:
                return reconcile(self.at)
        return None


def look(at: Workplace, *, head: str, base: str = "", number: int = 0) -> Plan:
    """The plan that the jobs of a commit, or of a pull request, will make; nothing is written."""
    arguments = ("--base", base, "--merge-base") if base else ()
    with _clone(at, f"refs/pull/{number}/head" if number else head) as clone:
        return _plan(at, clone, "--head", head, *arguments)[0]


def pull_request(at: Workplace, number: int) -> tuple[Plan, list[str]]:
    """Plan, train what must be trained, judge, report; the plan, and the models that trained.

    Of a closed pull request nothing is judged any more: it is reported on, as it stands.
    """
    pull = at.visitor.ask("GET", f"pulls/{number}").body
    base, head = pull["base"]["sha"], pull["head"]["sha"]
    with _clone(at, f"refs/pull/{number}/head") as clone:
        if pull["state"] != "open":
            return Plan(base, head, ()), _report(at, clone, number)
        plan, file = _plan(at, clone, "--base", base, "--head", head, "--merge-base")
        _report(at, clone, number, "--plan", str(file))
        trained = _train_and_judge(at, clone, plan, "--base", base)
        _report(at, clone, number, "--plan", str(file))
        return plan, trained


def release(at: Workplace, sha: str) -> tuple[Plan, list[str]]:
    """Make what main says what is served, then tell the pull requests that `sha` came from.

    The job of an older push acts on today's main, too: what main says is all that counts.
    """
    with _clone(at, "refs/heads/main") as clone:
        head = _git(clone, "rev-parse", "HEAD")
        plan, _ = _plan(at, clone, "--head", head)
        trained = _train_and_judge(at, clone, plan)
        at.console.run(clone, "promote", "--rev", head, "--json")
        for pull in at.visitor.ask("GET", f"commits/{sha}/pulls").body["items"]:
            _report(at, clone, pull["number"])
        return plan, trained


def monitor(at: Workplace) -> tuple[Plan, list[str]]:
    """Look at what is served, ask for the retrainings that follow, and run what those start.

    What a workflow's own token opens starts none; the workflow files dispatch it, here it is run.
    """
    with _clone(at, "refs/heads/main") as clone:
        head = _git(clone, "rev-parse", "HEAD")
        at.console.run(clone, "monitor", "--rev", head, "--exit-zero", "--json")
        asked = at.console.run(clone, "retrain", "--json")
    moved = [m["pull"] for m in asked["models"] if m["decision"] in ("open", "update", "finish")]
    found = [pull_request(at, number) for number in moved]
    return found[-1] if found else (Plan(None, head, ()), [])


def reconcile(at: Workplace) -> tuple[Plan, list[str]]:
    """Put the registry back where main says it should be, and tell how all stands."""
    with _clone(at, "refs/heads/main") as clone:
        at.console.run(clone, "reconcile", "--json")
        at.console.run(clone, "dashboard", "--rev", "HEAD", "--json")
        return Plan(None, _git(clone, "rev-parse", "HEAD"), ()), []


def _plan(at: Workplace, clone: Path, *arguments: str) -> tuple[Plan, Path]:
    document = at.console.run(clone, "plan", *arguments, "--json")
    file = clone.parent / "plan.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return documents.load(document, Plan, where=str(file)), file


def _train_and_judge(at: Workplace, clone: Path, plan: Plan, *base: str) -> list[str]:
    chosen = {d: [m.model for m in plan.models if m.decision is d] for d in Decision}
    trained = list(_train(at, clone, plan.head, chosen[Decision.TRAIN]))
    judged = [m for d in Decision if d in _JUDGED for m in chosen[d]]
    if judged:
        at.console.run(clone, "evaluate", *judged, "--rev", plan.head, *base, "--json")
    return trained


def _train(at: Workplace, clone: Path, head: str, models: Iterable[str]) -> Iterator[str]:
    """Train side by side, as two runners would; the names of those that were not there before."""

    def job(model: str) -> dict[str, Any]:
        return at.console.run(clone, "train", model, "--rev", head, "--json")

    with ThreadPoolExecutor(_RUNNERS) as runners:
        running = {name: runners.submit(job, name) for name in models}
        try:
            # Polars' handler of Ctrl-C makes an endless wait for a thread deaf to it.
            while wait(running.values(), timeout=_LISTEN_SECONDS).not_done:
                pass
        except BaseException:
            _end_programs()
            raise
    yield from (name for name, done in running.items() if not done.result().get("reused", False))


def _end_programs() -> None:
    """Interrupt every program that jobs started: each leads a group of its own, which no Ctrl-C
    reaches, and signals reach none of the threads that wait for them."""
    for child in psutil.Process().children():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGTERM)


def _report(at: Workplace, clone: Path, number: int, *arguments: str) -> list[str]:
    at.console.run(clone, "report", "--pull", str(number), *arguments, "--json")
    return []


@contextmanager
def _clone(at: Workplace, ref: str) -> Iterator[Path]:
    """A runner's checkout: a fresh clone at `ref`, gone when the job is done."""
    with tempfile.TemporaryDirectory(prefix="job-", dir=at.folder) as folder:
        clone = Path(folder, "models")
        at.console.say("checking out")
        _git(at.folder, "clone", "--quiet", "--no-checkout", at.clone_url, str(clone))
        _git(clone, "fetch", "--quiet", "origin", ref)
        _git(clone, "switch", "--quiet", "--detach", "FETCH_HEAD")
        yield clone


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()

"""The jobs of the workflows: each checks out the repository and runs the same commands."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import github_sandbox
from interlock import documents, wiring
from interlock.demo.console import Console
from interlock.demo.project import SCHEDULES
from interlock.demo.user import User
from interlock.demo.workspaces import MAIN, Workspaces
from interlock.domain.training.plan import Decision, Plan

_EVALUATED = {Decision.TRAIN, Decision.REUSE, Decision.JUDGE}
_RUNNERS = 2
_LISTEN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class JobContext:
    """`user` reads from GitHub's API for the jobs."""

    workspaces: Workspaces
    console: Console
    user: User

    def check_out(self, ref: str) -> Path:
        self.console.say("checking out")
        return self.workspaces.check_out(ref)


@dataclass(frozen=True, slots=True)
class LocalJobs:
    """Runs the jobs of each event in this process, one after another."""

    context: JobContext

    def run(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None:
        match (event.name, event.action):
            case ("pull_request", "opened" | "synchronize" | "reopened"):
                return pull_request(self.context, int(event.payload["pull_request"]["number"]))
            case ("push", _) if event.payload["ref"] == MAIN:
                return main_push(self.context, str(event.payload["after"]))
            case ("schedule", _) if event.payload["schedule"] == SCHEDULES["monitor"]:
                return monitor(self.context)
            case ("schedule", _) if event.payload["schedule"] == SCHEDULES["reconcile"]:
                return reconcile(self.context)
        return None


def preview_plan(context: JobContext, *, head: str, base: str = "", number: int = 0) -> Plan:
    """Return the plan that the jobs of a commit or a pull request will make; write nothing."""
    arguments = ("--base", base, "--merge-base") if base else ()
    clone = context.check_out(f"refs/pull/{number}/head" if number else head)
    return _plan(context, clone, "--head", head, *arguments)[0]


def pull_request(context: JobContext, number: int) -> tuple[Plan, list[str]]:
    """Plan, train, evaluate and report; return the plan and the trained models.

    A closed pull request only gets its report.
    """
    pull = context.user.request("GET", f"pulls/{number}").body
    base, head = pull["base"]["sha"], pull["head"]["sha"]
    clone = context.check_out(f"refs/pull/{number}/head")
    if pull["state"] != "open":
        return Plan(base, head, ()), _report(context, clone, number)
    plan, file = _plan(context, clone, "--base", base, "--head", head, "--merge-base")
    _report(context, clone, number, "--plan", str(file))
    trained = _train_and_evaluate(context, clone, plan, "--base", base)
    _report(context, clone, number, "--plan", str(file))
    return plan, trained


def main_push(context: JobContext, sha: str) -> tuple[Plan, list[str]]:
    """Promote the models of main, then report on the pull requests of the commit `sha`.

    The job uses the newest main, also for an older push.
    """
    clone = context.check_out(MAIN)
    head = wiring.repository(clone).resolve("HEAD")
    plan, _ = _plan(context, clone, "--head", head)
    trained = _train_and_evaluate(context, clone, plan)
    context.console.run(clone, "promote", "--rev", head, "--json")
    for pull in context.user.request("GET", f"commits/{sha}/pulls").body["items"]:
        _report(context, clone, pull["number"])
    return plan, trained


def monitor(context: JobContext) -> tuple[Plan, list[str]]:
    """Monitor production, open retraining pull requests, and run their jobs.

    GitHub starts no workflow for a pull request of a workflow's own token. The workflow files
    dispatch the jobs; here they run directly.
    """
    clone = context.check_out(MAIN)
    head = wiring.repository(clone).resolve("HEAD")
    context.console.run(clone, "monitor", "--rev", head, "--exit-zero", "--json")
    document = context.console.run(clone, "retrain", "--json")
    changed = ("open", "update", "finish")
    pulls = [model["pull"] for model in document["models"] if model["decision"] in changed]
    results = [pull_request(context, number) for number in pulls]
    return results[-1] if results else (Plan(None, head, ()), [])


def reconcile(context: JobContext) -> tuple[Plan, list[str]]:
    """Repair the registry and update the dashboard."""
    clone = context.check_out(MAIN)
    context.console.run(clone, "reconcile", "--json")
    context.console.run(clone, "dashboard", "--rev", "HEAD", "--json")
    return Plan(None, wiring.repository(clone).resolve("HEAD"), ()), []


def _plan(context: JobContext, clone: Path, *arguments: str) -> tuple[Plan, Path]:
    document = context.console.run(clone, "plan", *arguments, "--json")
    file = clone.parent / "plan.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return documents.load(document, Plan, where=str(file)), file


def _train_and_evaluate(context: JobContext, clone: Path, plan: Plan, *base: str) -> list[str]:
    chosen = {d: [m.model for m in plan.models if m.decision is d] for d in Decision}
    trained = list(_train(context, clone, plan.head, chosen[Decision.TRAIN]))
    evaluated = [m for d in Decision if d in _EVALUATED for m in chosen[d]]
    if evaluated:
        context.console.run(clone, "evaluate", *evaluated, "--rev", plan.head, *base, "--json")
    return trained


def _train(context: JobContext, clone: Path, head: str, models: Iterable[str]) -> Iterator[str]:
    """Train in parallel, on two runners; yield the models that were not trained before."""

    def job(model: str) -> dict[str, Any]:
        return context.console.run(clone, "train", model, "--rev", head, "--json")

    with ThreadPoolExecutor(_RUNNERS) as runners:
        running = {name: runners.submit(job, name) for name in models}
        try:
            # Polars replaces the handler of Ctrl-C: a wait without a timeout cannot be interrupted.
            while wait(running.values(), timeout=_LISTEN_SECONDS).not_done:
                pass
        except BaseException:
            _end_programs()
            raise
    yield from (name for name, done in running.items() if not done.result().get("reused", False))


def _end_programs() -> None:
    """Stop the programs of all jobs; Ctrl-C does not reach their own process groups."""
    for child in psutil.Process().children():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGTERM)


def _report(context: JobContext, clone: Path, number: int, *arguments: str) -> list[str]:
    context.console.run(clone, "report", "--pull", str(number), *arguments, "--json")
    return []

"""Runs the jobs that each event of GitHub starts, as the workflows do; no job is defined here."""

from __future__ import annotations

import queue
from collections.abc import Iterable
from dataclasses import dataclass

from interlock import sandbox
from interlock.demo import jobs
from interlock.demo.jobs import Workplace
from interlock.domain.plan import Change, Decision, Plan


@dataclass(frozen=True, slots=True)
class Run:
    """What the jobs of some events did: the plans that they made, the models that trained."""

    plans: tuple[Plan, ...] = ()
    trained: tuple[str, ...] = ()

    @property
    def decisions(self) -> dict[str, Decision]:
        """Of the last plan, by model."""
        return {m.model: m.decision for m in self.plans[-1].models} if self.plans else {}

    def reasons(self, model: str) -> tuple[Change, ...]:
        found = [m.reasons for m in self.plans[-1].models if m.model == model] if self.plans else []
        return found[0] if found else ()


@dataclass(frozen=True, slots=True)
class _Pull:
    number: int


@dataclass(frozen=True, slots=True)
class _Push:
    sha: str


_Job = _Pull | _Push


class Engine:
    """Hears every event of the hub; `settle` runs what they ask for, in their order."""

    def __init__(self, hub: sandbox.Sandbox, workplace: Workplace) -> None:
        self._events: queue.SimpleQueue[sandbox.Event] = queue.SimpleQueue()
        self._workplace = workplace
        self._history: list[_Job] = []
        self._trained: list[str] = []
        hub.on_event(self._events.put)

    @property
    def trained(self) -> tuple[str, ...]:
        """Every training so far, by model, in order."""
        return tuple(self._trained)

    def settle(self) -> Run:
        """Run the jobs of every event so far, and of those that the jobs themselves caused."""
        runs: list[Run] = []
        while not self._events.empty():
            job = _job(self._events.get())
            if job is not None:
                self._history.append(job)
                runs.append(self._perform(job))
        return _sum(runs)

    def repeat(self) -> Run:
        """Run every job of the past once more."""
        runs = [self._perform(job) for job in list(self._history)]
        return _sum([*runs, self.settle()])

    def _perform(self, job: _Job) -> Run:
        if isinstance(job, _Pull):
            plan, trained = jobs.pull_request(self._workplace, job.number)
        else:
            plan, trained = jobs.release(self._workplace, job.sha)
        self._trained.extend(trained)
        return Run((plan,), tuple(trained))


def _job(event: sandbox.Event) -> _Job | None:
    """The journey that an event starts: none for what a bot's token did, as on GitHub."""
    if event.actor_is_bot:
        return None
    if event.name == "pull_request" and event.action in {"opened", "synchronize", "reopened"}:
        return _Pull(int(event.payload["pull_request"]["number"]))
    if event.name == "push" and event.payload["ref"] == "refs/heads/main":
        return _Push(str(event.payload["after"]))
    return None


def _sum(runs: Iterable[Run]) -> Run:
    every = list(runs)
    return Run(
        tuple(plan for run in every for plan in run.plans),
        tuple(model for run in every for model in run.trained),
    )

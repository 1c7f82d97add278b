"""Run the jobs that each GitHub event starts, in the order of the events."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import github_sandbox
from interlock.domain.training.plan import Decision, InputChange, Plan


@dataclass(frozen=True, slots=True)
class JobResults:
    """The plans that some jobs made, and the models that they trained."""

    plans: tuple[Plan, ...] = ()
    trained: tuple[str, ...] = ()

    @property
    def decisions(self) -> dict[str, Decision]:
        """The decisions of the last plan, by model."""
        return {m.model: m.decision for m in self.plans[-1].models} if self.plans else {}

    def reasons(self, model: str) -> tuple[InputChange, ...]:
        models = self.plans[-1].models if self.plans else ()
        return next((planned.reasons for planned in models if planned.model == model), ())


class JobRunner(Protocol):
    """Runs the jobs that one event starts; returns None when it starts none."""

    def run(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None: ...


class JobQueue:
    """Collects every event of the local GitHub; `run_pending` runs the jobs of these events."""

    def __init__(self, hub: github_sandbox.Sandbox, runner: JobRunner) -> None:
        self._events: queue.SimpleQueue[github_sandbox.Event] = queue.SimpleQueue()
        self._runner = runner
        self._history: list[github_sandbox.Event] = []
        self._trained: list[str] = []
        hub.on_event(self._events.put)

    @property
    def trained(self) -> tuple[str, ...]:
        """The models of all training jobs so far, in order."""
        return tuple(self._trained)

    def run_pending(self) -> JobResults:
        """Run the jobs of all waiting events, and of the events that these jobs cause."""
        results: list[JobResults] = []
        while not self._events.empty():
            event = self._events.get()
            result = self._run(event) if event.starts_workflows else None
            if result is not None:
                self._history.append(event)
                results.append(result)
        return _sum(results)

    def run_again(self) -> JobResults:
        """Run the jobs of all past events again; of equal schedule events, only one."""
        events = {json.dumps([e.name, e.payload], sort_keys=True): e for e in self._history}
        results = [self._run(event) for event in events.values()]
        return _sum([*filter(None, results), self.run_pending()])

    def _run(self, event: github_sandbox.Event) -> JobResults | None:
        result = self._runner.run(event)
        if result is None:
            return None
        plan, trained = result
        self._trained.extend(trained)
        return JobResults((plan,), tuple(trained))


def _sum(results: Iterable[JobResults]) -> JobResults:
    every = list(results)
    return JobResults(
        tuple(plan for result in every for plan in result.plans),
        tuple(model for result in every for model in result.trained),
    )

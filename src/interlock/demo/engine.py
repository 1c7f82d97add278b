"""Runs the jobs that each event of GitHub starts, as the workflows do; no job is defined here."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import github_sandbox
from interlock.domain.training.plan import Decision, InputChange, Plan


@dataclass(frozen=True, slots=True)
class EngineRun:
    """What the jobs of some events did: the plans that they made, the models that trained."""

    plans: tuple[Plan, ...] = ()
    trained: tuple[str, ...] = ()

    @property
    def decisions(self) -> dict[str, Decision]:
        """Of the last plan, by model."""
        return {m.model: m.decision for m in self.plans[-1].models} if self.plans else {}

    def reasons(self, model: str) -> tuple[InputChange, ...]:
        found = [m.reasons for m in self.plans[-1].models if m.model == model] if self.plans else []
        return found[0] if found else ()


class Performer(Protocol):
    """Runs the jobs that one event starts; None when it starts none."""

    def perform(self, event: github_sandbox.Event) -> tuple[Plan, list[str]] | None: ...


class Engine:
    """Hears every event of the hub; `settle` runs what they ask for, in their order."""

    def __init__(self, hub: github_sandbox.Sandbox, performer: Performer) -> None:
        self._events: queue.SimpleQueue[github_sandbox.Event] = queue.SimpleQueue()
        self._performer = performer
        self._history: list[github_sandbox.Event] = []
        self._trained: list[str] = []
        hub.on_event(self._events.put)

    @property
    def trained(self) -> tuple[str, ...]:
        """Every training so far, by model, in order."""
        return tuple(self._trained)

    def settle(self) -> EngineRun:
        """Run the jobs of every event so far, and of those that the jobs themselves caused."""
        runs: list[EngineRun] = []
        while not self._events.empty():
            event = self._events.get()
            run = self._perform(event) if event.starts_workflows else None
            if run is not None:
                self._history.append(event)
                runs.append(run)
        return _sum(runs)

    def repeat(self) -> EngineRun:
        """Run every job of the past once more; of ticks of one clock, which are alike, one."""
        told = {json.dumps([e.name, e.payload], sort_keys=True): e for e in self._history}
        runs = [self._perform(event) for event in told.values()]
        return _sum([*filter(None, runs), self.settle()])

    def _perform(self, event: github_sandbox.Event) -> EngineRun | None:
        done = self._performer.perform(event)
        if done is None:
            return None
        plan, trained = done
        self._trained.extend(trained)
        return EngineRun((plan,), tuple(trained))


def _sum(runs: Iterable[EngineRun]) -> EngineRun:
    every = list(runs)
    return EngineRun(
        tuple(plan for run in every for plan in run.plans),
        tuple(model for run in every for model in run.trained),
    )

"""The job that a repository requires: a success only if all that is needed was literally one.

GitHub counts a skipped job as passed, so the gate must not. Its condition is evaluated by GitHub's
own expression engine for every result of every needed job, in every state of a plan.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract import workflows
from tests.contract.node_world import Expressions
from tests.contract.workflows import File

RESULTS = ("success", "failure", "cancelled", "skipped")
# A workflow that nothing waits for.
WITHOUT = {
    "models-command.yml": "answers comments and reports; what it calls has gates of its own",
    "models-evaluate.yml": "part of workflows with a gate",
    "models-train.yml": "part of workflows with a gate",
    "models-monitor.yml": "nothing is merged on it; pull requests and issues say what came of it",
    "models-reconcile.yml": "nothing is merged on it; its one act says itself how it ended",
}


@dataclass(frozen=True)
class State:
    """What the plan found, and for which event."""

    trains: bool
    judges: bool
    trusted: bool
    event: str
    waits: bool

    @property
    def outputs(self) -> dict[str, str]:
        return {
            "train": '[{"models": "digits"}]' if self.trains else "[]",
            "wait": "zebra" if self.waits else "",
            "judge": "digits" if self.judges else "",
            "trusted": str(self.trusted).lower(),
        }


# When a job may be skipped; one that is not here may never.
NotNeeded = dict[str, Callable[[State], bool]]
PULL_REQUEST: NotNeeded = {
    "announce": lambda s: not s.trains or not s.trusted or s.event == "merge_group",
    "train": lambda s: not s.trains or not s.trusted,
    "evaluate": lambda s: not s.judges or not s.trusted,
    "report": lambda s: not s.trusted,
}
PROMOTE: NotNeeded = {
    "train": lambda s: not s.trains,
    "evaluate": lambda s: not s.judges,
}
NOT_NEEDED = {"models-pull-request.yml": PULL_REQUEST, "models-promote.yml": PROMOTE}
EVENTS = {
    "models-pull-request.yml": ("pull_request", "merge_group"),
    "models-promote.yml": ("push",),
}
GATED = [file for file in workflows.reusable() if file.name not in WITHOUT]

gated = pytest.mark.parametrize("file", GATED, ids=lambda file: file.name)


def _states(file: File) -> Iterator[State]:
    both = (True, False)
    for trains, judges, trusted, event in itertools.product(both, both, both, EVENTS[file.name]):
        # A model waits for the next run only where this one has all the trainings that it can have.
        for waits in both if trains else (False,):
            yield State(trains, judges, trusted, event, waits)


def _contexts(file: File, state: State, results: dict[str, str]) -> dict[str, dict[str, Any]]:
    needs: dict[str, Any] = {name: {"result": result} for name, result in results.items()}
    needs["plan"]["outputs"] = state.outputs if results["plan"] == "success" else {}
    return {"needs": needs, "github": {"event_name": state.event}}


def test_workflows__that_are_required_have_a_gate() -> None:
    assert {file.name for file in GATED} == set(NOT_NEEDED)
    assert all("gate" not in file.jobs for file in workflows.reusable() if file not in GATED)


@gated
def test_gate__waits_for_every_job_and_runs_whatever_happens(file: File) -> None:
    gate = file.jobs["gate"]
    assert set(gate["needs"]) == set(file.jobs) - {"gate"}
    assert gate["if"] == "always()"
    assert gate["permissions"] == {}
    (step,) = gate["steps"]
    assert step["run"].rstrip().endswith("exit 1")
    assert "continue-on-error" not in gate
    assert "continue-on-error" not in step
    aggregating = [name for name, job in file.jobs.items() if "always()" in job.get("if", "")]
    assert aggregating == ["gate"]


@gated
def test_gate__passes_when_all_that_is_needed_succeeded_and_never_else(
    file: File, expressions: Expressions
) -> None:
    gate = file.jobs["gate"]
    (step,) = gate["steps"]
    tried = passed = 0
    for state, results in itertools.product(
        _states(file), itertools.product(RESULTS, repeat=len(gate["needs"]))
    ):
        ended = dict(zip(gate["needs"], results, strict=True))
        (fails,) = expressions.hold([step["if"]], contexts=_contexts(file, state, ended))
        expected = all(_is_right(file, state, *one) for one in ended.items())
        expected = expected and not _is_left_out(file, state)
        assert fails is not expected, (state, ended)
        tried, passed = tried + 1, passed + expected
    print(f"{file.name}: {tried} combinations, {passed} of them pass")
    assert tried == len(list(_states(file))) * 4 ** len(gate["needs"])
    assert 0 < passed < tried / 50


def _is_right(file: File, state: State, job: str, result: str) -> bool:
    may_skip = NOT_NEEDED[file.name].get(job)
    is_needless = result == "skipped" and may_skip is not None and may_skip(state)
    return result == "success" or is_needless


def _is_left_out(file: File, state: State) -> bool:
    """A model that this run could not train is not done, whatever became of the others."""
    trusted = state.trusted or file.name == "models-promote.yml"
    return state.waits and trusted


@gated
def test_job__is_skipped_where_the_gate_lets_it_be(file: File, expressions: Expressions) -> None:
    """Otherwise a change that needs nothing would wait for ever, or one that does would not."""
    for state in _states(file):
        if file.name == "models-promote.yml" and not state.trusted:
            continue  # nothing runs, and the gate says that nothing was promoted
        ended = dict.fromkeys(file.jobs, "success")
        for name, job in file.jobs.items():
            may_skip = NOT_NEEDED[file.name].get(name)
            (runs,) = expressions.hold(
                [job.get("if", "true")], contexts=_contexts(file, state, ended)
            )
            is_needed = may_skip is None or not may_skip(state)
            assert runs is is_needed, (name, state)

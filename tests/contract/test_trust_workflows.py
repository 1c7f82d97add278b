"""The jobs of our reusable workflows start where the table of trust lets them, and nowhere else."""

from __future__ import annotations

import copy
import functools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from interlock.domain.access import permissions
from interlock.domain.access.event import EventKind
from interlock.domain.access.permissions import JobKind
from tests.contract.node_world import Expressions
from tests.contract.test_trust import Case, cases

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
ACTIONS = ROOT / "actions"
CHANGE = (EventKind.PULL_REQUEST, EventKind.MERGE_GROUP, EventKind.DISPATCH)
RELEASE = (EventKind.PUSH, EventKind.DISPATCH)
CLOCK = (EventKind.DISPATCH, EventKind.SCHEDULE)
REQUESTED = (EventKind.COMMENT,)
# On which events each job starts, if that job of the table may. What releases does all that it
# does for `main` alone. A job that is new is added here, on purpose.
STARTS: dict[str, dict[str, tuple[JobKind, tuple[EventKind, ...]]]] = {
    "models-pull-request.yml": {
        "announce": (JobKind.REPORT, (EventKind.PULL_REQUEST, EventKind.DISPATCH)),
        "train": (JobKind.TRAIN, CHANGE),
        "evaluate": (JobKind.EVALUATE, CHANGE),
        "report": (JobKind.REPORT, CHANGE),
    },
    "models-promote.yml": {
        "train": (JobKind.PROMOTE, RELEASE),
        "evaluate": (JobKind.PROMOTE, RELEASE),
        "promote": (JobKind.PROMOTE, RELEASE),
        "report": (JobKind.PROMOTE, RELEASE),
    },
    "models-monitor.yml": {
        "monitor": (JobKind.PROMOTE, CLOCK),
        "refresh": (JobKind.RETRAIN, CLOCK),
        "retrain": (JobKind.RETRAIN, CLOCK),
    },
    "models-reconcile.yml": {
        "reconcile": (JobKind.PROMOTE, (*RELEASE, EventKind.SCHEDULE)),
        "dashboard": (JobKind.PROMOTE, CLOCK),
    },
    "models-command.yml": {
        "command": (JobKind.COMMAND, (EventKind.COMMENT, EventKind.REVIEW)),
        "candidates": (JobKind.TRAIN, REQUESTED),
        "promote": (JobKind.PROMOTE, REQUESTED),
        "retraining": (JobKind.RETRAIN, REQUESTED),
    },
}
# Jobs that start always: two that read alone, and one that sums up and may nothing.
ALWAYS = {"validate", "plan", "gate"}
LATER = (
    "models-command.yml",
    "report",
)  # reports after commands and for runs that cannot report
PLANNED = {
    "train": '[{"models": "digits"}]',
    "wait": "",
    "judge": "digits",
    "base": "a",
    "head": "b",
}


@functools.cache
def jobs(workflow: str) -> dict[str, Any]:
    workflow_file: dict[str, Any] = yaml.safe_load(
        (WORKFLOWS / workflow).read_text(encoding="utf-8")
    )
    return dict(workflow_file["jobs"])


def started(expressions: Expressions, workflow: str, case: Case) -> dict[str, bool]:
    """Which jobs start in a run of a workflow of ours, where all that start end well."""
    all_jobs = jobs(workflow)
    if not {"command", "plan"} & set(all_jobs):
        return _alone(expressions, all_jobs, case)
    case = _that_counts(case)
    contexts = {"github": case.delivery.contexts(), "inputs": _inputs(case), "needs": {}}
    first = "command" if "command" in all_jobs else "plan"
    guard = (
        all_jobs["command"]["if"] if first == "command" else all_jobs["plan"]["outputs"]["trusted"]
    )
    (held,) = expressions.hold([guard], contexts=contexts)
    ended = {"result": "success", "outputs": {**PLANNED, "trusted": str(held).lower()}}
    if first == "command":
        ended = _answer(case) if held else {"result": "skipped", "outputs": {}}
    apart = ALWAYS | {first}
    others = {name: job["if"] for name, job in all_jobs.items() if name not in apart}
    needs = {name: {"result": "success", "outputs": {}} for name in others} | {first: ended}
    starts = expressions.hold(list(others.values()), contexts={**contexts, "needs": needs})
    return dict(zip(others, starts, strict=True)) | {first: held or first == "plan"}


def _alone(expressions: Expressions, all_jobs: dict[str, Any], case: Case) -> dict[str, bool]:
    """Jobs behind a condition of their own, whatever others come to."""
    contexts = {"github": case.delivery.contexts(), "inputs": _inputs(case), "needs": {}}
    held = expressions.hold([job["if"] for job in all_jobs.values()], contexts=contexts)
    return dict(zip(all_jobs, held, strict=True))


def _inputs(case: Case) -> dict[str, Any]:
    """A hostile caller sets the input that only `models-command.yml` may set, for a comment."""
    return {"requested": case.delivery.name != "issue_comment"}


def _answer(case: Case) -> dict[str, Any]:
    """What the job `command` puts out: all flags for a comment; only a report for a review."""
    outputs = case.contexts["needs"]["command"]["outputs"]
    is_review = case.event.kind is EventKind.REVIEW
    return {"result": "success", "outputs": {"report": "true"} if is_review else outputs}


def _that_counts(case: Case) -> Case:
    """A comment that is a command, a review that approves; they would be passed over else."""
    payload = copy.deepcopy(case.delivery.payload)
    if case.delivery.name == "issue_comment":
        payload["comment"]["body"] = "/interlock help"
    if case.delivery.name == "pull_request_review":
        payload["review"]["state"] = "approved"
    return replace(case, delivery=replace(case.delivery, payload=payload))


@pytest.mark.parametrize("workflow", STARTS)
def test_workflow__starts_each_job_by_the_table(expressions: Expressions, workflow: str) -> None:
    counts: Counter[str] = Counter()
    for case in cases():
        runs = started(expressions, workflow, case)
        for job, (does, kinds) in STARTS[workflow].items():
            expected = case.event.kind in kinds and permissions.may(case.trust, does)
            assert runs[job] == expected, (job, case.delivery.place, case.permission)
            counts[job] += expected
        if workflow == LATER[0]:
            held = runs[LATER[1]]
            assert held == _is_reported_later(expressions, case, is_requested=runs["command"])
            assert not held or permissions.may(case.trust, JobKind.REPORT)
            counts[LATER[1]] += held
    print(f"{workflow}: {len(cases())} events and permissions; started: {dict(counts)}")
    assert all(counts[job] for job in STARTS[workflow])


def _is_reported_later(expressions: Expressions, case: Case, *, is_requested: bool) -> bool:
    """After a run that cannot report, and after a comment if the job `command` requests it."""
    if case.event.kind is EventKind.RUN_ENDED:
        return expressions.hold([permissions.LEFT_TO_REPORT], contexts=case.contexts)[0]
    outputs = _answer(case)["outputs"]
    return is_requested and outputs["report"] == "true" and outputs.get("train") != "true"


def callers() -> dict[str, dict[Any, Any]]:
    """The workflow for pull requests as README gives it to an adopter, and this repository's."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    name = "models-pull-request.yml"
    example = re.search(rf"```yaml\n# \.github/workflows/{name}\n(.*?)```", readme, re.DOTALL)
    assert example is not None
    own = (WORKFLOWS / "pull-request.yml").read_text(encoding="utf-8")
    return {"README": yaml.safe_load(example[1]), "own": yaml.safe_load(own)}


@pytest.mark.parametrize("whose", ["README", "own"])
def test_caller__evaluates_again_for_a_new_base_and_not_for_a_new_title(
    expressions: Expressions, whose: str
) -> None:
    """A calling job that does not start does not enter the group whose newest run stays alone."""
    caller = callers()[whose]
    (job,) = caller["jobs"].values()
    assert "concurrency" not in caller
    assert "concurrency" not in job
    counts: Counter[str] = Counter()
    for case in cases():
        delivery = case.delivery
        action, events = delivery.payload.get("action"), caller.get(True)
        types = ((events or {}).get(delivery.name) or {}).get("types", [None])
        if case.event.kind not in CHANGE or action not in types:
            continue
        contexts = {"github": delivery.contexts(), "vars": {"INTERLOCK_ENABLED": "true"}}
        (held,) = expressions.hold([job["if"]], contexts=contexts)
        assert held is (action != "edited" or "base" in delivery.payload["changes"]), delivery.place
        counts[f"{delivery.name} {action}, {held}"] += 1
    print(dict(counts))
    assert set(counts) >= {
        "pull_request opened, True",
        "pull_request edited, True",
        "pull_request edited, False",
        "merge_group checks_requested, True",
        "workflow_dispatch None, True",
    }


@pytest.mark.parametrize(("train", "starts"), [("false", True), ("", True), ("true", False)])
def test_command__is_reported_once(expressions: Expressions, train: str, starts: bool) -> None:
    """The jobs that train report it themselves: a second report would be a race."""
    outputs = {"report": "true", "train": train}
    needs = {"command": {"result": "success", "outputs": outputs}, "promote": {"result": "skipped"}}
    contexts = {"needs": needs, "github": {"event_name": "issue_comment"}}
    assert expressions.hold([jobs(LATER[0])[LATER[1]]["if"]], contexts=contexts) == [starts]
    assert jobs(LATER[0])[LATER[1]]["needs"] == ["command", "promote"]


@pytest.mark.parametrize("workflow", STARTS)
def test_workflow__every_job_has_a_condition(workflow: str) -> None:
    known = {*STARTS[workflow], *ALWAYS} | ({LATER[1]} if workflow == LATER[0] else set())
    assert set(jobs(workflow)) <= known


def test_actions__python_never_imports_from_the_checkout() -> None:
    """`python -m x` would run an x.py of the working directory, which a stranger may have written;
    jobs that hold a token that can write stand there."""
    sources = [*ACTIONS.glob("*/action.yml"), ACTIONS / "run", *WORKFLOWS.glob("models-*.yml")]
    started = [
        line.strip()
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bpython[\d.]*\"? ", line) and not line.lstrip().startswith("#")
    ]
    assert [line for line in started if not re.search(r"python[\d.]*\"? -I ", line)] == []
    assert len(started) == 4


def test_retrain__the_refresh_job_cannot_write() -> None:
    """One job refreshes and reads alone, its clone keeps no credentials; the other writes, and
    neither sets up nor runs anything of the repository, nor holds what reaches its data."""
    refresh, write = (jobs("models-monitor.yml")[name] for name in ("refresh", "retrain"))
    assert set(refresh["permissions"].values()) == {"read"}
    (clone,) = (s for s in refresh["steps"] if s.get("uses") == "$/actions/clone")
    assert clone["with"] == {"token": "${{ github.token }}"}
    assert not [step for step in refresh["steps"] if "create-github-app-token" in str(step)]
    (refreshing,) = (s for s in refresh["steps"] if s.get("uses") == "$/actions/retrain")
    inputs = refreshing["with"]
    # The very token whose permissions are above, and no App's.
    assert (inputs["part"], inputs["token"]) == ("refresh", "${{ github.token }}")
    (writing,) = (s for s in write["steps"] if s.get("uses") == "$/actions/retrain")
    assert writing["with"]["part"] == "write"
    assert writing["with"]["refreshed"] == "${{ needs.refresh.outputs.refreshed }}"
    assert not [step for step in write["steps"] if "run" in step or "PREPARE" in str(step)]
    assert "env" not in writing


def test_requested__only_for_jobs_after_a_command() -> None:
    """Only one file sets the input that trusts a fork's commit, for jobs after `command`."""
    requesting = {
        (path.name, name): job["if"].strip()
        for path in WORKFLOWS.glob("*.yml")
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
        if "requested" in job.get("with", {})
    }
    assert requesting == {
        ("models-command.yml", "candidates"): "needs.command.outputs.train == 'true'",
        ("models-command.yml", "promote"): "needs.command.outputs.promote == 'true'",
        ("models-command.yml", "retraining"): "needs.command.outputs.retrain == 'true'",
    }

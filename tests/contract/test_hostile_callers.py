"""A calling file with hostile inputs: none reaches a verb where that file may be a change's.

GitHub's own engine evaluates the expressions of the called workflows without inputs and with
hostile ones. The results must be equal for each event whose calling file is not that of the default
branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract import workflows
from tests.contract.node_world import Expressions
from tests.contract.test_trust import Case, cases
from tests.contract.workflows import File

_OF_MAIN = {"issue_comment", "schedule", "workflow_run"}
# Inputs that choose the work, and decide nothing about its result.
CHOOSE_WORK = {
    ("models-evaluate.yml", "models"),  # a model that is left out has no verdict
    # A training is a claim; `attest` makes its own plan.
    *(
        ("models-train.yml", name)
        for name in ("model", "rev", "labels", "timeout_minutes", "lfs", "submodules")
    ),
}
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PLANNED = {"train": "[]", "judge": "digits", "head": "a" * 40, "pull": "1", "trusted": "true"}


def inputs(file: File) -> dict[str, dict[str, str]]:
    called: dict[str, Any] = file.document["on"]["workflow_call"] or {}
    return dict(called.get("inputs", {}))


CALLED = [file for file in workflows.reusable() if inputs(file)]
every_called = pytest.mark.parametrize("file", CALLED, ids=lambda file: file.name)


def expressions_of(value: Any, key: str = "") -> Iterator[str]:
    """Every expression in a value. A call is left out: the called file has a test of its own."""
    if isinstance(value, dict):
        is_call = str(value.get("uses", "")).startswith("$/.github/")
        for name, each in value.items():
            if not (is_call and name in {"with", "secrets"}):
                yield from expressions_of(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from expressions_of(each)
    elif key == "if":
        yield value
    else:
        yield from _EXPRESSION.findall(str(value))


def read_inputs(file: File) -> list[str]:
    """The expressions of a file that read an input, or a variable of the job made of one."""
    all_of = [*expressions_of(file.document.get("concurrency", {})), *expressions_of(file.jobs)]
    return [text for text in all_of if re.search(r"\b(inputs|env)\.", text.replace("event.", ""))]


def is_of_main(case: Case) -> bool:
    """True if the event runs the calling file of the default branch."""
    github = case.delivery.contexts()
    branch = (github["event"].get("repository") or {}).get("default_branch")
    return case.delivery.name in _OF_MAIN or github.get("ref") == f"refs/heads/{branch}"


def values(
    expressions: Expressions, file: File, case: Case, sent: dict[str, Any]
) -> list[dict[str, Any]]:
    """What each expression gives, with the variables of the job that are made of expressions."""
    contexts: dict[str, Any] = {
        "github": {**case.delivery.contexts(), "run_attempt": 2},
        "inputs": sent,
        "needs": {name: {"result": "success", "outputs": _PLANNED} for name in file.jobs},
    }
    made = {name: text for job in file.jobs.values() for name, text in job.get("env", {}).items()}
    bare = [_EXPRESSION.findall(text)[0] for text in made.values()]
    results = expressions.evaluate(bare, contexts=contexts)
    env = {name: each.get("value") for name, each in zip(made, results, strict=True)}
    return expressions.evaluate(read_inputs(file), contexts={**contexts, "env": env})


@every_called
def test_input__reaches_no_verb_where_the_calling_file_may_be_the_changes(
    expressions: Expressions, file: File
) -> None:
    hostile: dict[str, Any] = {
        name: True if each["type"] == "boolean" else "hostile"
        for name, each in inputs(file).items()
        if (file.name, name) not in CHOOSE_WORK
    }
    tried = reached = 0
    for case in cases():
        plain = values(expressions, file, case, {})
        results = values(expressions, file, case, hostile)
        if is_of_main(case):
            reached += plain != results
        else:
            assert plain == results, (case.delivery.place, read_inputs(file))
            tried += 1
    assert tried > 250
    assert bool(reached) is bool(hostile), "an input without an effect is not needed"


def test_inputs__are_few() -> None:
    """Every new input is a question; the files that a team calls have none that it may set."""
    assert {(file.name, name) for file in CALLED for name in inputs(file)} - CHOOSE_WORK == {
        ("models-evaluate.yml", "rev"),
        ("models-evaluate.yml", "base"),
        ("models-evaluate.yml", "pull"),
        ("models-monitor.yml", "requested"),
        ("models-monitor.yml", "models"),
        ("models-monitor.yml", "reason"),
        ("models-monitor.yml", "login"),
        ("models-promote.yml", "requested"),
        ("models-pull-request.yml", "requested"),
        ("models-pull-request.yml", "sha"),
        ("models-pull-request.yml", "base"),
        ("models-pull-request.yml", "pull"),
    }


@pytest.mark.parametrize(("rev", "attests"), [("", False), ("a" * 40, True)])
def test_attest__only_of_a_training_at_a_named_commit(
    expressions: Expressions, rev: str, attests: bool
) -> None:
    """`attest` compares the commit with that of the event, and without one it compares nothing."""
    (file,) = (file for file in CALLED if file.name == "models-train.yml")
    contexts: dict[str, Any] = {
        "needs": {"train": {"result": "success", "outputs": {"run": "r1"}}},
        "inputs": {"rev": rev},
    }
    condition = _EXPRESSION.findall(file.jobs["attest"]["if"])[0]
    (result,) = expressions.evaluate([condition], contexts=contexts)
    assert bool(result.get("value")) is attests

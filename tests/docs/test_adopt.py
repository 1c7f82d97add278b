"""What an adopter is told is what the workflows are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("models-*.yml"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "how-to" / "adopt.md").read_text(encoding="utf-8")
ADOPTED = re.findall(r"```yaml\n# \.github/workflows/([\w-]+\.yml)\n(.*?)```", README, re.DOTALL)

OWN = ("pull-request", "promote", "command", "monitor", "reconcile")


def load(text: str) -> dict[str, Any]:
    """Plain YAML, but for `on`, which YAML 1.1 takes for a truth."""
    document: dict[Any, Any] = yaml.safe_load(text)
    return {"on" if key is True else key: value for key, value in document.items()}


def order(level: str) -> int:
    return ("none", "read", "write").index(level)


def test_page__lists_the_permissions_of_every_job() -> None:
    table = PAGE.partition("<!-- permissions -->\n")[2].partition("\n\n")[0]
    listed = [
        tuple(cell.strip(" `") for cell in row.strip("|").split("|"))
        for row in table.splitlines()[2:]
    ]
    actual = [
        (file.name, job, ", ".join(f"{k}: {v}" for k, v in it["permissions"].items()) or "none")
        for file in WORKFLOWS
        for job, it in load(file.read_text(encoding="utf-8"))["jobs"].items()
    ]
    assert listed == actual
    assert len(actual) == 23


def test_page__names_every_input_and_secret() -> None:
    for file in WORKFLOWS:
        called = load(file.read_text(encoding="utf-8"))["on"]["workflow_call"]
        # Of one reusable workflow calling another.
        own = {"requested", "sha", "base", "pull", "models", "reason"}
        for name in (set(called["inputs"]) | set(called["secrets"])) - own:
            assert f"`{name}`" in PAGE, name


def test_readme__shows_a_caller_of_each_workflow_with_the_permissions_of_its_jobs() -> None:
    assert [name for name, _ in ADOPTED] == [
        "models-pull-request.yml",
        "models-promote.yml",
        "models-command.yml",
        "models-monitor.yml",
        "models-reconcile.yml",
    ]
    for name, text in ADOPTED:
        caller = load(text)
        assert caller["permissions"] == {}
        (job,) = caller["jobs"].values()
        assert job["uses"] == f"acme/interlock/.github/workflows/{name}@v1"
        called = load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
        required: dict[str, str] = {}
        for inner in called["jobs"].values():
            for scope, level in inner["permissions"].items():
                required[scope] = max(required.get(scope, "none"), level, key=order)
        assert job["permissions"] == required


# Events that have activity types: without a list GitHub starts on some of them, and which is told
# elsewhere.
_TYPED = {"pull_request", "merge_group", "issue_comment", "pull_request_review", "workflow_run"}


def test_readme__lists_the_types_of_every_event_that_has_some() -> None:
    types = {}
    for name, text in ADOPTED:
        events = load(text)["on"]
        for event in _TYPED & set(events):
            types[name, event] = events[event]["types"]
    assert types == {
        ("models-pull-request.yml", "pull_request"): [
            "opened",
            "synchronize",
            "reopened",
            "edited",
        ],
        ("models-pull-request.yml", "merge_group"): ["checks_requested"],
        ("models-command.yml", "issue_comment"): ["created"],
        ("models-command.yml", "pull_request_review"): ["submitted"],
        ("models-command.yml", "workflow_run"): ["completed"],
    }


def test_own_callers__are_those_of_the_readme() -> None:
    """Interlock's own models go the way that an adopter's go."""
    for (_, text), own in zip(ADOPTED, OWN, strict=True):
        theirs = load(text)
        ours = load((ROOT / ".github" / "workflows" / f"{own}.yml").read_text(encoding="utf-8"))
        assert ours["on"] == theirs["on"]
        assert ours["jobs"]["models"]["permissions"] == theirs["jobs"]["models"]["permissions"]

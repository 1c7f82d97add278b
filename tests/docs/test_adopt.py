"""What an adopter is told is what the workflows are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from interlock import calling_files

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
    assert len(actual) == 26


def test_page__names_every_secret_and_variable() -> None:
    for file in WORKFLOWS:
        text = file.read_text(encoding="utf-8")
        names = set(load(text)["on"]["workflow_call"]["secrets"])
        names |= set(re.findall(r"\bvars\.(\w+)", text))
        assert sorted(name for name in names if f"`{name}`" not in PAGE) == [], file.name


def test_readme__shows_the_files_of_the_package() -> None:
    assert dict(ADOPTED) == calling_files.texts()


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
    """Interlock's own models go the way that an adopter's go, if it has an MLflow at all."""
    enabled = re.compile(r"    if: vars\.INTERLOCK_ENABLED == 'true'(?: && \((.*)\))?\n")
    for (name, text), own in zip(ADOPTED, OWN, strict=True):
        ours = (ROOT / ".github" / "workflows" / f"{own}.yml").read_text(encoding="utf-8")
        ours = ours.partition("\n")[2].replace(
            f"uses: $/.github/workflows/{name}\n",
            f"uses: acme/interlock/.github/workflows/{name}@v1\n",
        )
        assert enabled.search(ours)
        assert enabled.sub(lambda m: f"    if: {m[1]}\n" if m[1] else "", ours) == text


def test_readme__calls_with_constant_text() -> None:
    """No input, and no variable: on a pull request this file is the change's."""
    for _, text in ADOPTED:
        (job,) = load(text)["jobs"].values()
        assert set(job) <= {"if", "permissions", "uses", "secrets"}
        assert "vars." not in text
        assert set(re.findall(r"\$\{\{ (\w+)\.", text)) == {"secrets"}

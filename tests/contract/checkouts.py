"""Runs the steps of a job that fetch with Git, against a repository with a long ledger."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.contract import workflows
from tests.contract.workflows import ROOT

CHECKOUT = "actions/checkout@"
REPLACEMENT = ROOT / "tests" / "act" / "local_actions" / "checkout" / "action.yml"
CLONE = ROOT / "actions" / "clone" / "action.yml"
FETCH_BRANCHES = ROOT / "actions" / "fetch-branches" / "action.yml"
LEDGER = "interlock-ledger"
MAIN_COMMITS = 4
_WHO = "octocat <octocat@users.noreply.github.com> 1900000000 +0000"


@dataclass(frozen=True, slots=True)
class Origin:
    """`change` is the head of a pull request that is two commits ahead of main."""

    folder: Path
    change: str

    def git(self, *arguments: str) -> str:
        return git(self.folder / "acme" / "models.git", *arguments)


def git(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"GIT_NO_LAZY_FETCH": "1"}
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout.strip()


def make_origin(folder: Path, *, records: int) -> Origin:
    """Create main, a branch with a change, another branch, and a ledger of as many commits as
    records, for the models `digits` and `other` in turns."""
    bare = folder / "acme" / "models.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    text = "".join(_history(records))
    import_ = ["git", "-C", str(bare), "fast-import", "--quiet"]
    subprocess.run(import_, input=text, check=True, text=True)
    return Origin(folder, git(bare, "rev-parse", "change"))


def _history(records: int) -> Iterator[str]:
    for number in range(MAIN_COMMITS):
        yield _commit("main", {"train.py": f"version = {number}\n", f"old-{number}": "x" * 9})
    yield "reset refs/heads/change\nfrom refs/heads/main\n\n"
    for number in range(2):
        yield _commit("change", {"train.py": f"change = {number}\n"})
    yield _commit("elsewhere", {"secret.py": "other = 1\n"})
    for number in range(records):
        model = ("digits", "other")[number % 2]
        yield _commit(LEDGER, {f"evidence/{model}/{number:064x}.json": _record(number)})


def _record(number: int) -> str:
    return f'{{"schema": "interlock/evidence/v1", "number": {number}}}\n'


def _commit(branch: str, files: Mapping[str, str]) -> str:
    changes = "".join(
        f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in files.items()
    )
    return f"commit refs/heads/{branch}\ncommitter {_WHO}\ndata 0\n{changes}\n"


def steps() -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield the workflow, the job and the inputs of every checkout of the reusable workflows."""
    for file in workflows.reusable():
        for job, step in file.steps():
            if step.get("uses", "").startswith(CHECKOUT):
                yield file.name, job, step["with"]


def run(action: Path, origin: Origin, checkout: Path, inputs: Mapping[str, str]) -> None:
    """Run the step of an action in a checkout, with these inputs and its own defaults."""
    document = yaml.load(action.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    (step,) = document["runs"]["steps"]
    defaults = {name: each.get("default", "") for name, each in document["inputs"].items()}
    values = {**defaults, **inputs}
    variables = {
        name: values[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
        if text.startswith("${{ inputs.")
    }
    checkout.mkdir(exist_ok=True)
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=checkout,
        check=True,
        env=os.environ
        | {"LEDGER": LEDGER, "GITHUB_ACTION_PATH": str(action.parent)}
        | {"GITHUB_SERVER_URL": origin.folder.as_uri(), "GITHUB_REPOSITORY": "acme/models"}
        | variables,
    )


def received_bytes(checkout: Path) -> int:
    return sum(path.stat().st_size for path in (checkout / ".git" / "objects").rglob("*.pack"))


def missing(checkout: Path, revision: str) -> int:
    """Count the objects of a revision, without its history, that the checkout lacks."""
    limits = ("--objects", "--no-walk", "--missing=print")
    return git(checkout, "rev-list", *limits, revision).count("?")

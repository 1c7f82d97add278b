"""Secrets reach the one step that needs them; no job and no workflow holds one for all steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract import workflows
from tests.contract.workflows import ROOT, File

STORES = {
    "MLFLOW_TRACKING_USERNAME": "${{ secrets.mlflow-username }}",
    "MLFLOW_TRACKING_PASSWORD": "${{ secrets.mlflow-password }}",
    "AWS_ACCESS_KEY_ID": "${{ secrets.aws-access-key-id }}",
    "AWS_SECRET_ACCESS_KEY": "${{ secrets.aws-secret-access-key }}",
}
# Actions that open MLflow, its artifacts or a DVC remote; every other step works without.
OPEN_STORES = {
    f"$/actions/{verb}"
    for verb in ("train", "attest", "evaluate", "promote", "reconcile", "monitor")
}
MAY_OPEN_STORES = OPEN_STORES | {"$/actions/retrain"}
SPEAKS_OF = re.compile(r"\$\{\{.*?\bsecrets\b.*?\}\}", re.DOTALL)
Place = tuple[str | int, ...]

every_workflow = pytest.mark.parametrize("file", workflows.workflows(), ids=lambda file: file.name)


def speaking(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text below a value that reads the secrets, with the keys that lead to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from speaking(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from speaking(each, (*place, number))
    elif isinstance(value, str) and SPEAKS_OF.search(value):
        yield place, value


def belongs(file: File, place: Place, text: str) -> bool:
    """A secret may stand in a call, in the App's step, beside who opens stores."""
    match place:
        case ("jobs", job, "secrets", str()):
            return "uses" in file.jobs[str(job)]
        case ("jobs", job, "steps", int(number), "with", "private-key"):
            uses = str(file.jobs[str(job)]["steps"][number].get("uses"))
            return uses.startswith("actions/create-github-app-token@")
        case ("jobs", job, "steps", int(number), "env", str(name)):
            uses = str(file.jobs[str(job)]["steps"][number].get("uses"))
            return uses in MAY_OPEN_STORES and STORES.get(name) == text
    return False


@every_workflow
def test_secret__is_given_to_a_step_that_needs_it_and_to_no_job(file: File) -> None:
    texts = list(speaking(file.document))
    assert [place for place, text in texts if not belongs(file, place, text)] == []


def test_steps__that_open_stores_have_what_opens_them() -> None:
    document = {
        (file.name, job): step["env"]
        for file in workflows.workflows()
        for job, step in file.steps()
        if step.get("uses") in OPEN_STORES
    }
    assert len(document) >= 6
    assert {place for place, env in document.items() if env != STORES} == set()


@pytest.mark.parametrize(
    "text",
    [
        "env: {A: '${{ secrets.a }}'}\njobs: {}",
        "jobs: {x: {env: {A: '${{ secrets.a }}'}}}",
        "jobs: {x: {env: {AWS_ACCESS_KEY_ID: '${{ secrets.aws-access-key-id }}'}}}",
        "jobs: {x: {steps: [{run: a, env: {A: '${{ secrets.a }}'}}]}}",
        "jobs: {x: {steps: [{uses: actions/checkout@v7, with: {token: '${{ secrets.a }}'}}]}}",
        "jobs: {x: {steps: [{uses: $/actions/fetch, env: {A: \"${{ secrets['a'] }}\"}}]}}",
        "jobs: {x: {steps: [{uses: $/actions/train, env: {A: '${{ toJSON(secrets) }}'}}]}}",
        "jobs: {x: {outputs: {a: '${{ secrets.a }}'}}}",
    ],
)
def test_secret__elsewhere_is_found(text: str) -> None:
    file = File("x.yml", text, yaml.safe_load(text))
    assert [belongs(file, place, text) for place, text in speaking(file.document)] == [False]


def examples() -> list[tuple[Path, str]]:
    """The YAML that people copy: blocks in pages, and workflow files of the runners' folder."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "runners").rglob("*.md")]
    blocks = [
        (page, block)
        for page in pages
        for block in re.findall(r"```ya?ml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    ]
    files = [*(ROOT / "runners").rglob("*.yml"), *(ROOT / "runners").rglob("*.yaml")]
    return [*blocks, *((file, file.read_text("utf-8")) for file in files)]


def test_examples__give_no_secret_to_a_whole_job() -> None:
    number = 0
    for page, text in examples():
        if not SPEAKS_OF.search(text):
            continue
        for document in yaml.load_all(text, Loader=yaml.BaseLoader):
            for place, _ in speaking(document):
                assert "env" not in place or "steps" in place, (page, place)
                number += 1
    assert number >= 4

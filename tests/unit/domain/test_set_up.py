"""What a set-up command needs, held against a model's inputs."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.training import setup_files
from interlock.domain.training.setup_files import SetupFile
from tests.unit.domain.test_plan import MANIFEST

FILE, PACKAGE = (
    SetupFile("pyproject.toml", "uv sync"),
    SetupFile("src/acme", "uv sync", is_package=True),
)


@pytest.mark.parametrize(
    ("need", "inputs"),
    [
        (FILE, {"pyproject.toml"}),
        (FILE, {""}),
        (SetupFile("a/b/c.txt", "x"), {"a"}),
        (PACKAGE, {"src/acme/x.py"}),
        (PACKAGE, {"src/acme"}),
    ],
)
def test_refuse__what_is_among_the_inputs_is_no_obstacle(need: SetupFile, inputs: set[str]) -> None:
    assert setup_files.refuse([need], inputs=inputs, manifest=MANIFEST) == ()


def test_refuse__keeps_what_the_manifest_lists_and_adds_to_it() -> None:
    manifest = dataclasses.replace(MANIFEST, environment=("uv.lock",), context=("sql/*.sql",))
    (sentence,) = setup_files.refuse([FILE, PACKAGE], inputs={"src/acme2/x.py"}, manifest=manifest)
    assert sentence == (
        "`uv sync` needs pyproject.toml, src/acme, which digits does not count among its inputs; "
        "write in models/digits/model.yaml: `environment: [../../uv.lock, ../../pyproject.toml]` "
        "and `context: ['sql/*.sql', 'src/acme/**']`"
    )


def test_refuse__names_no_list_that_lacks_nothing_and_three_files_at_most() -> None:
    needs = [dataclasses.replace(PACKAGE, path=f"src/{name}") for name in "abcd"]
    (sentence,) = setup_files.refuse(needs, inputs=(), manifest=MANIFEST)
    assert "needs src/a, src/b, src/c and 1 more, which" in sentence
    assert "environment" not in sentence


def test_refuse__manifest_at_the_root() -> None:
    manifest = dataclasses.replace(MANIFEST, path="model.yaml")
    (sentence,) = setup_files.refuse([FILE], inputs=(), manifest=manifest)
    assert sentence.endswith("write in model.yaml: `environment: [pyproject.toml]`")

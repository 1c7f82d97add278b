"""What a set-up command needs, held against a model's inputs."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.basics.refusal import Refusal
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
def test_check__allows_files_that_are_inputs(need: SetupFile, inputs: set[str]) -> None:
    assert setup_files.check([need], inputs=inputs, manifest=MANIFEST) is None


def test_check__keeps_what_the_manifest_lists_and_adds_to_it() -> None:
    manifest = dataclasses.replace(MANIFEST, environment=("uv.lock",), context=("sql/*.sql",))
    refusal = setup_files.check([FILE, PACKAGE], inputs={"src/acme2/x.py"}, manifest=manifest)
    assert refusal == Refusal(
        "`uv sync` needs pyproject.toml, src/acme, which digits does not count among its inputs; "
        "write in models/digits/model.yaml: `environment: [../../uv.lock, ../../pyproject.toml]` "
        "and `context: ['sql/*.sql', 'src/acme/**']`"
    )


def test_check__names_no_list_that_lacks_nothing_and_three_files_at_most() -> None:
    needs = [dataclasses.replace(PACKAGE, path=f"src/{name}") for name in "abcd"]
    refusal = setup_files.check(needs, inputs=(), manifest=MANIFEST)
    assert refusal is not None
    assert "needs src/a, src/b, src/c and 1 more, which" in refusal.reason
    assert "environment" not in refusal.reason


def test_check__manifest_at_the_root() -> None:
    manifest = dataclasses.replace(MANIFEST, path="model.yaml")
    refusal = setup_files.check([FILE], inputs=(), manifest=manifest)
    assert refusal is not None
    assert refusal.reason.endswith("write in model.yaml: `environment: [pyproject.toml]`")

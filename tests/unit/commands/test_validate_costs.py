"""What `validate` reads and parses, counted for few and for many manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.adapters import git
from interlock.commands import validate
from interlock.pipelines import installed
from interlock.yaml_reader import common_documents
from tests.benchmarks import plan_repository
from tests.fakes.counting import CountingTree, calls_of
from tests.unit.pipelines.history import HERE, History, model


def tree_of(folder: Path, *, models: int) -> CountingTree:
    """Every model has files of its own; no two of them have the same content."""
    files = {}
    for number in range(models):
        for path, content in model().items():
            text = str(content).replace("model: digits", f"model: m{number}")
            text = text.replace("registry_name: digits", f"registry_name: m{number}")
            files[path.replace(HERE, f"model-manifests/m{number}")] = f"{text}# {number}\n"
    history = History(folder)
    return CountingTree(git.open_repository(folder).tree(history.commit(files)))


@pytest.mark.parametrize("models", [2, 6])
def test_validate__reads_all_manifests_in_a_few_requests(tmp_path: Path, models: int) -> None:
    tree = tree_of(tmp_path / "repository", models=models)
    result = validate.run(validate.ValidateContext(tree=tree), validate.ValidateOptions())
    assert result.files == models
    assert tree.requests <= 7


@pytest.mark.parametrize("models", [2, 6])
def test_validate__parses_every_file_once(tmp_path: Path, models: int) -> None:
    tree = tree_of(tmp_path / "repository", models=models)
    files = [path for path in tree.entries if path.endswith((".yaml", ".csv.dvc"))]
    with calls_of(common_documents.read) as calls:
        result = validate.run(validate.ValidateContext(tree=tree), validate.ValidateOptions())
    assert result.diagnostics == ()
    assert len(calls) == len(files)


@pytest.mark.parametrize("models", [2, 6])
def test_validate__looks_once_into_the_programs_of_a_shared_stage(
    tmp_path: Path, models: int
) -> None:
    root = tmp_path / "repository"
    plan_repository.make_manifests(root, models)
    tree = git.open_repository(root).tree("HEAD")
    with calls_of(installed.of) as calls:
        result = validate.run(validate.ValidateContext(tree=tree), validate.ValidateOptions())
    assert result.diagnostics == ()
    assert result.files == models
    assert len(calls) == len(["the only stage"])

"""What a plan reads of its head after the base, counted for few and for many models."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.adapters import git
from interlock.adapters.git.folders import Folder
from interlock.pipelines import Shelf
from interlock.ports.git import Tree
from interlock.services import snapshots
from tests.benchmarks import plan_repository
from tests.fakes.counting import calls_of


def revisions(root: Path, *, models: int) -> tuple[Tree, Tree]:
    plan_repository.make(root, models)
    plan_repository.change(root)
    repository = git.open_repository(root)
    return repository.tree("HEAD~1"), repository.tree("HEAD")


def test_plan__looks_up_no_file_of_an_unchanged_model_again(tmp_path: Path) -> None:
    counts = []
    for models in (2, 12):
        base, head = revisions(tmp_path / str(models), models=models)
        reader = snapshots.Reader()
        before = reader.read(base, look_for_imports=False)
        with calls_of(Shelf.read) as reads:
            after = reader.read(head, look_for_imports=False)
        moved = [n for n in after.models if after.models[n] is not before.models[n]]
        assert moved == ["m00000"]
        counts.append(len(reads))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("models", [2, 12])
def test_plan__searches_each_folder_once_for_folders(tmp_path: Path, models: int) -> None:
    base, head = revisions(tmp_path / "repository", models=models)
    base.named((".none",))
    with calls_of(Folder._matching) as searches:
        head.named((".none",))
        head.named((".neither",))
    assert len(searches) == len(["/", "model-manifests", "the changed model"])

"""What `plan` makes of a repository, counted for few and for many files that no model uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock.adapters import git
from interlock.domain.training.plan import Decision
from interlock.ports.git import TreeEntry
from interlock.services import snapshots
from interlock.yaml_reader import common_documents
from tests.fakes.counting import calls_of
from tests.unit.pipelines.history import HERE, History, model

EDIT = {f"{HERE}/params.yaml": "split: {share: 0.5}\ntrain:\n  c: 1.0\n"}


def among(folder: Path, *, others: int) -> History:
    history = History(folder)
    images = {f"images/{number % 3}/{number}.jpg": "" for number in range(others)}
    history.commit({**model(), **images, "images.txt": "0.jpg\n"})
    history.commit(EDIT)
    return history


def test_plan__makes_no_object_for_a_file_that_no_model_uses(tmp_path: Path) -> None:
    counts = []
    for others in (3, 300):
        history = among(tmp_path / str(others), others=others)
        with calls_of(TreeEntry.__init__) as calls:
            (planned,) = history.plan("main~1").models
        assert planned.decision is Decision.TRAIN
        counts.append(len(calls))
    assert counts[0] == counts[1]


def test_plan__parses_a_file_of_both_revisions_once(tmp_path: Path) -> None:
    history = among(tmp_path / "repository", others=3)
    with calls_of(common_documents.read) as reads:
        history.plan("main~1")
    files = ["model.yaml", "dvc.yaml", "rows.csv.dvc", "params.yaml at the base", "and at the head"]
    assert len(reads) == len(files)


class Passes(frozenset[str]):
    """Counts how often its paths are searched from the first to the last."""

    number = 0

    def __iter__(self) -> Iterator[str]:
        type(self).number += 1
        return super().__iter__()


def test_plan__searches_the_changed_files_once_for_all_models(tmp_path: Path) -> None:
    counts = []
    for models in (2, 20):
        history = History(tmp_path / str(models))
        files = {path: content for path, content in model().items() if isinstance(content, str)}
        named = {
            f"{path.replace('digits', name)}": content.replace("model: digits", f"model: {name}")
            for name in (f"digits-{number}" for number in range(models))
            for path, content in files.items()
        }
        history.commit(named)
        reader = snapshots.Reader()
        tree = git.open_repository(history.folder).tree("main")
        snapshot = reader.read(tree, look_for_imports=False)
        assert len(snapshot.models) == models
        Passes.number = 0
        reader.importers(snapshot, Passes({"README.md", "train.R"}))
        counts.append(Passes.number)
    assert counts == [1, 1]

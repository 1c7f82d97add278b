"""Always: equal fingerprints, equal trees. No program sees what a fingerprint leaves out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from interlock import wiring
from interlock.adapters import git
from interlock.domain.training.training_tree import TrainingTree
from interlock.services import snapshots
from tests.unit.pipelines.history import (
    HERE,
    MANIFEST,
    PIPELINE,
    Content,
    History,
    Link,
    Program,
    Submodule,
    model,
    pointer,
)

_EXAMPLES = int(os.environ.get("INTERLOCK_EXAMPLES", "60"))
LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 5\n"
FOLDER = PIPELINE.replace("[prepare.py,", "[prepare.py, lib, linked.py, big.bin, ../../vendor/a,")

Draw = Callable[..., Any]


def any_of(*contents: Content) -> Callable[[Draw], Content]:
    return lambda draw: draw(st.sampled_from(contents))


SCALARS = ("0.5", ".5", "'0.5'", "5e-1", "true", "yes", "'yes'", "1", "1.0", "[1, 2]", "{a: 1}")
CHOICES: Mapping[str, Callable[[Draw], Content]] = {
    f"{HERE}/train.py": any_of("print(1)\n", "print(1)\r\n", Program("print(1)\n")),
    f"{HERE}/prepare.py": any_of("print(2)\n", Link("train.py"), Link("lib/a.py")),
    f"{HERE}/lib/a.py": any_of("A = 1\n", Program("A = 1\n"), "A = 2\n"),
    f"{HERE}/lib/new.py": any_of(None, "", "B = 1\n"),
    f"{HERE}/lib/run.log": any_of(None, "log\n"),
    f"{HERE}/linked.py": any_of(Link("lib/a.py"), "A = 1\n", Link("train.py")),
    f"{HERE}/big.bin": any_of(LFS.format("a" * 64), LFS.format("b" * 64)),
    f"{HERE}/stray.py": any_of(None, "import this\n"),
    f"{HERE}/dvc.lock": any_of(None, "schema: '2.0'\nstages: {}\n"),
    f"{HERE}/data/rows.csv.dvc": any_of(
        pointer(), "desc: better\n" + pointer(size=1), pointer("b" * 32)
    ),
    f"{HERE}/metrics.json": any_of(None, "{}\n"),
    "vendor": any_of(Submodule("1" * 40), Submodule("2" * 40)),
    "sitecustomize.py": any_of(None, "x = 1\n"),
    "conftest.py": any_of(None, "x = 2\n"),
    ".dvcignore": any_of("*.log\n", "*.log\n# nothing\n"),
    "sql/a.sql": any_of("select 1\n", "select 2\n"),
    "uv.lock": any_of("version = 1\n", Program("version = 1\n")),
}


def state(draw: Draw) -> dict[str, Content]:
    """A commit's files: every one drawn apart, so that two commits often differ in little."""
    files = model(**{"dvc.yaml": _pipeline(draw), "model.yaml": _manifest(draw)})
    files |= {path: choose(draw) for path, choose in CHOICES.items()}
    share, rate = draw(st.sampled_from(SCALARS)), draw(st.sampled_from(SCALARS))
    other = draw(st.sampled_from(("", "other: 1\n", "# a comment\n")))
    files[f"{HERE}/params.yaml"] = f"{other}train: {{d: 2, c: {rate}}}\nsplit:\n  share: {share}\n"
    return files


def _pipeline(draw: Draw) -> str:
    edits = (
        ("outs: [prepared.csv]", "outs: [{prepared.csv: {cache: false}}]"),
        ("outs: [prepared.csv]", "outs: [{prepared.csv: {desc: what it is}}]"),
        ("metrics: [metrics.json]", "metrics: [{metrics.json: {cache: false}}]"),
        ("    cmd: python train.py\n", "    desc: trains\n    cmd: python train.py\n"),
        ("deps: [train.py, prepared.csv]", "deps: [prepared.csv, ./train.py]"),
        ("params: [train.c]", "params: [train]"),
        ("params: [train.c]", "params: [{params.yaml: null}]"),
    )
    text = FOLDER
    for old, new in draw(st.lists(st.sampled_from(edits), max_size=2, unique=True)):
        text = text.replace(old, new)
    return text


def _manifest(draw: Draw) -> str:
    context = draw(st.sampled_from(("", 'context: ["sql/*"]\n', 'context: ["**"]\n')))
    gate = draw(st.sampled_from(("min: 0.95", "min: 0.9")))
    return MANIFEST.replace("runner:", f"{context}runner:").replace("min: 0.95", gate)


def visible_files(tree: TrainingTree) -> tuple[object, ...]:
    """All of a tree that a program can see. Its data are what the digests name."""
    return tree.root, tree.blobs, dict(tree.submodules), dict(tree.texts), tree.folders, tree.data


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_always__equal_fingerprints_have_equal_trees(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder, "repository.git"))
        one = state(data.draw)
        other = one | {
            path: content
            for path, content in state(data.draw).items()
            if data.draw(st.integers(0, 4)) == 0
        }
        results = [_read(history, history.commit(files)) for files in (one, other)]
        (first, tree), (second, another) = results
        event(f"{'equal' if first == second else 'other'} fingerprints")
        if first == second:
            assert visible_files(tree) == visible_files(another)


def _read(history: History, commit: str) -> tuple[str, TrainingTree]:
    tree = git.open_repository(history.folder).tree(commit)
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    model_at = reader.read_model(tree, "digits")
    assert not model_at.blocked, model_at.blocked
    return str(model_at.fingerprint), reader.training_tree(tree, model_at)

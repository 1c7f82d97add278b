"""Clones that lack something: a partial one fetches it at once, a shallow one says how to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.commands import plan as planning
from interlock.domain.training.plan import Decision
from tests.integration.test_git import run
from tests.unit.pipelines.history import HERE, History, model

MODELS = 12


@pytest.fixture
def origin(tmp_path: Path) -> History:
    return make(tmp_path / "origin.git", models=MODELS)


def make(folder: Path, *, models: int) -> History:
    """Several models; the branch `change` edits a program of one."""
    history = History(folder)
    files = {}
    for number in range(models):
        for path, content in model().items():
            text = str(content).replace("model: digits", f"model: m{number}")
            text = text.replace("registry_name: digits", f"registry_name: m{number}")
            text += "" if path.endswith(".dvc") else f"# {number}\n"
            files[path.replace(HERE, f"model-manifests/m{number}")] = text
    base = history.commit(files)
    history.commit({"model-manifests/m3/train.py": "new\n"}, branch="change", start=base)
    for name in ("allowFilter", "allowAnySHA1InWant"):
        history.git("config", f"uploadpack.{name}", "true")
    return history


def clone(origin: History, *flags: str) -> Path:
    folder = origin.folder.parent / "clone"
    run(folder.parent, "clone", "--quiet", *flags, origin.folder.as_uri(), str(folder))
    return folder


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    return tmp_path / "trace"


def fetches(trace: Path) -> int:
    return len(re.findall(r"built-in: git fetch\b", trace.read_text()))


@pytest.mark.parametrize("filtered", ["blob:none", "tree:0", "blob:limit=1"])
def test_read__what_is_missing_comes_in_one_request(
    origin: History, trace: Path, filtered: str
) -> None:
    folder = clone(origin, f"--filter={filtered}", "--no-checkout")
    trace.write_text("")
    tree = git.open_repository(folder).tree("origin/change")
    files = [path for path, entry in tree.entries.items() if entry.mode.startswith("100")]
    before = fetches(trace)

    contents = tree.read_many(files)

    assert len(contents) == len(files) > 50
    assert contents["model-manifests/m3/train.py"] == b"new\n"
    assert fetches(trace) - before == 1
    assert before == (1 if filtered == "tree:0" else 0)
    tree.read_many(files)
    assert git.open_repository(folder).tree("origin/change").read_many(files) == contents
    assert fetches(trace) - before == 1


def test_plan__of_a_partial_clone_takes_a_few_requests_however_many_models(
    tmp_path: Path, trace: Path
) -> None:
    counts = []
    for models in (4, MODELS):
        (tmp_path / str(models)).mkdir()
        origin = make(tmp_path / str(models) / "origin.git", models=models)
        folder = clone(origin, "--filter=blob:none", "--no-checkout")
        trace.write_text("")
        plan = planning.run(
            planning.PlanContext(repository=git.open_repository(folder), ledger=None),
            planning.PlanOptions(base="main", head="origin/change"),
        )
        decisions = {each.model: each.decision for each in plan.models}
        assert decisions.pop("m3") is Decision.TRAIN
        assert set(decisions.values()) == {Decision.UNAFFECTED}
        counts.append(fetches(trace))
    assert 0 < counts[0] == counts[1] < MODELS, counts


def test_read__a_promise_that_is_not_kept_is_an_error_of_git(origin: History) -> None:
    folder = clone(origin, "--filter=blob:none", "--no-checkout")
    tree = git.open_repository(folder).tree("main")
    origin.folder.rename(origin.folder.parent / "gone.git")
    with pytest.raises(errors.CannotReachGit, match="git fetch failed"):
        tree.read(f"{HERE.replace('digits', 'm1')}/train.py")


def test_partial__commits_and_pushes_as_a_whole_one(origin: History) -> None:
    folder = clone(origin, "--filter=blob:none", "--no-checkout")
    repository = git.open_repository(folder)
    parent = repository.resolve("main")
    commit = repository.commit(parent, {"new/file": b"x"}, message="Add")
    assert repository.push(commit, "refs/heads/added", expected=None)
    assert origin.git("show", "added:new/file") == "x"
    assert origin.git("diff", "--name-only", "main", "added") == "new/file"
    assert repository.merges("main", "origin/change")
    with repository.worktree("main") as checkout:
        assert (checkout / "model-manifests/m1/train.py").is_file()


@pytest.fixture
def shallow(origin: History) -> Path:
    origin.commit({"one": "1"})
    origin.commit({"two": "2"})
    return clone(origin, "--depth=1", "--no-single-branch")


UNSHALLOW = r"git fetch --unshallow .*fetch-depth: 2147483647"


def test_shallow__what_cannot_be_known_says_the_command_that_helps(
    origin: History, shallow: Path
) -> None:
    repository = git.open_repository(shallow)
    older = origin.git("rev-parse", "main~1")
    with pytest.raises(errors.CannotResolve, match=UNSHALLOW):
        repository.resolve(older)
    with pytest.raises(errors.CannotReachGit, match=UNSHALLOW):
        repository.position("main")
    with pytest.raises(errors.CannotReachGit, match=UNSHALLOW):
        repository.merge_base("main", "origin/change")
    with pytest.raises(errors.CannotReachGit, match=UNSHALLOW):
        repository.is_ancestor("origin/change", "main")
    run(shallow, "fetch", "--quiet", "--unshallow")
    repository = git.open_repository(shallow)
    assert repository.position("main") == 3
    assert repository.merge_base("main", "origin/change") == origin.git("rev-parse", "main~2")
    assert not repository.is_ancestor("origin/change", "main")


def test_shallow__a_branch_that_is_whole_is_answered(origin: History, shallow: Path) -> None:
    """The ledger has a history of its own, and all of it comes."""
    repository = git.open_repository(shallow)
    first = repository.commit(None, {"a": b"a"}, message="a")
    other = repository.commit(first, {"b": b"b"}, message="b")
    assert repository.position(other) == 2
    assert repository.is_ancestor(first, other)
    assert not repository.is_ancestor(other, first)
    assert not repository.is_ancestor("main", other)

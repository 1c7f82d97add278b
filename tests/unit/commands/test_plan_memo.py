"""What a plan remembers: fewer files are parsed, the result is the same, and no file can lie."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock import cli, settings, wiring
from interlock.adapters.plan_memos import FolderPlanMemos
from interlock.commands import plan as planning
from interlock.domain.training.plan import Decision, Plan
from interlock.yaml_reader import common_documents
from tests.fakes.counting import calls_of
from tests.unit.pipelines.history import (
    HERE,
    MANIFEST,
    PIPELINE,
    Content,
    History,
    Link,
    model,
    pointer,
)

PARAMS = {f"{HERE}/params.yaml": "split: {share: 0.5}\ntrain: {c: 1.0}\n"}
DATA = {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32)}
CODE = {f"{HERE}/train.py": "print('trained')\n"}


def many(count: int) -> dict[str, Content]:
    """The model `digits` and others like it."""
    files = model()
    for number in range(count - 1):
        name = f"m{number:03}"
        own = {path.replace(HERE, f"model-manifests/{name}"): c for path, c in model().items()}
        own[f"model-manifests/{name}/model.yaml"] = MANIFEST.replace("digits", name)
        files |= own
    return files


def memos(history: History, version: str = "1") -> FolderPlanMemos:
    return FolderPlanMemos(history.folder, version=lambda: version, fewest=1)


def plan(history: History, *, memos: FolderPlanMemos | None) -> Plan:
    repository = wiring.repository(history.folder)
    return planning.run(
        planning.PlanContext(repository=repository, ledger=None, memos=memos),
        planning.PlanOptions(base="main~1", head="main"),
    )


def stored(history: History) -> list[Path]:
    return sorted((history.folder / "interlock/plans").iterdir())


def parsed(history: History, memos: FolderPlanMemos | None) -> int:
    """Return how many documents a plan parses; it must be the plan without a memo."""
    with calls_of(common_documents.read) as composed:
        result = plan(history, memos=memos)
    assert result == plan(history, memos=None)
    return len(composed)


@pytest.fixture
def remembered(tmp_path: Path) -> History:
    """Twelve models, and the memo of the revision before the last."""
    history = History(tmp_path / "repository")
    history.commit({**many(12), ".dvcignore": "*.tmp\n"})
    history.commit({"README.md": "Models.\n"})
    plan(history, memos=memos(history))
    history.commit(PARAMS)
    return history


@pytest.mark.parametrize(
    ("edit", "documents"), [(PARAMS, 5), (DATA, 5), (CODE, 4)], ids=["params", "data", "code"]
)
def test_plan__parses_the_files_of_one_model_among_any_number(
    tmp_path: Path, edit: dict[str, Content], documents: int
) -> None:
    for count in (10, 100):
        history = History(tmp_path / str(count))
        history.commit(many(count))
        history.commit({"README.md": "Models.\n"})
        assert parsed(history, memos(history)) > count
        history.commit(edit)
        assert parsed(history, memos(history)) == documents
        decisions = [each.decision for each in plan(history, memos=memos(history)).models]
        assert decisions.count(Decision.UNAFFECTED) == count - 1


def test_plan__with_a_memo_far_away_compares_both_revisions_with_it(remembered: History) -> None:
    remembered.commit({"model-manifests/m001/params.yaml": "split: {share: 1}\ntrain: {c: 2}\n"})
    assert parsed(remembered, memos(remembered)) < 12


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"12 inputs", b"13 inputs"))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _share(path: Path) -> None:
    path.chmod(0o666)


def _share_folder(path: Path) -> None:
    path.parent.chmod(0o777)


def _open_repository(path: Path) -> None:
    path.parents[2].chmod(0o777)


def _link(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "damage", [_truncate, _change, _empty, _share, _link, _share_folder, _open_repository]
)
def test_memo__that_is_damaged_or_may_be_of_another_user_is_ignored(
    remembered: History, damage: Callable[[Path], None]
) -> None:
    (path,) = stored(remembered)
    damage(path)
    assert parsed(remembered, memos(remembered)) > 12


def test_memo__of_another_version_is_ignored_and_replaced(remembered: History) -> None:
    assert parsed(remembered, memos(remembered, version="2")) > 12
    assert parsed(remembered, memos(remembered, version="2")) < 12


def test_memo__of_a_user_who_is_not_the_owner_of_the_folder(
    remembered: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    assert parsed(remembered, memos(remembered)) > 12
    assert len(stored(remembered)) == 1


def test_memo__of_a_commit_that_is_gone_is_ignored(remembered: History) -> None:
    (path,) = stored(remembered)
    text = path.read_bytes().partition(b"\n")[2].replace(path.stem.encode(), b"0" * 40)
    memos(remembered).write("0" * 40, text)
    path.unlink()
    assert parsed(remembered, memos(remembered)) > 12


def test_memos__only_the_newest_are_kept(tmp_path: Path) -> None:
    files = FolderPlanMemos(tmp_path, version=lambda: "1", most=2)
    for number in range(4):
        files.write(f"{number}", b"%d" % number)
        os.utime(tmp_path / f"interlock/plans/{number}.memo", ns=(0, number))
    assert sorted(p.name for p in (tmp_path / "interlock/plans").iterdir()) == ["2.memo", "3.memo"]
    assert (files.read(["2"]), files.read(["9"])) == (b"2", b"3")


def test_memos__of_a_full_disk_leave_no_part(tmp_path: Path) -> None:
    files = FolderPlanMemos(tmp_path, version=lambda: "1")
    files.write("1", b"1")
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, most))
    try:
        files.write("2", b"2" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    assert [path.name for path in (tmp_path / "interlock/plans").iterdir()] == ["1.memo"]


def test_memos__of_killed_plans_are_removed(tmp_path: Path) -> None:
    files = FolderPlanMemos(tmp_path, version=lambda: "1", most=2)
    files.write("1", b"1")
    part = tmp_path / "interlock/plans/1.4321"
    part.write_bytes(b"1")
    os.utime(part, ns=(0, 0))
    files.write("2", b"2")
    assert not part.exists()


def test_plan__that_reads_everything_again_keeps_its_memo(remembered: History) -> None:
    remembered.commit({".dvcignore": "*.log\n"})
    assert parsed(remembered, memos(remembered)) > 12
    before = [path.stat().st_ino for path in stored(remembered)]
    assert parsed(remembered, memos(remembered)) > 12
    assert [path.stat().st_ino for path in stored(remembered)] == before


def clone(history: History, folder: Path) -> History:
    """Clone without files. The models of the history have different programs."""
    programs = {f"model-manifests/m{n:03}/train.py": f"import m{n}\n" for n in range(11)}
    history.commit(programs)
    history.commit(PARAMS)
    git = ("git", "-C", str(history.folder))
    subprocess.run([*git, "config", "uploadpack.allowFilter", "true"], check=True)
    source = f"file://{history.folder}"
    copy = ("git", "clone", "--quiet", "--bare", "--filter=blob:none", source, str(folder))
    subprocess.run(copy, check=True)
    return History(folder)


def test_memo__is_not_made_from_files_that_would_have_to_be_fetched(
    remembered: History, tmp_path: Path
) -> None:
    partial = clone(remembered, tmp_path / "partial")
    plan(partial, memos=None)
    git = ("git", "-C", str(partial.folder), "cat-file", "--batch-all-objects", "--batch-check")
    before = subprocess.run(git, capture_output=True, check=True).stdout
    plan(partial, memos=memos(partial))
    assert subprocess.run(git, capture_output=True, check=True).stdout == before


def test_plan__is_made_even_if_its_memo_cannot_be(remembered: History, tmp_path: Path) -> None:
    damaged = clone(remembered, tmp_path / "damaged")
    result = plan(damaged, memos=None)
    git = ("git", "-C", str(damaged.folder), "config", "remote.origin.promisor", "false")
    subprocess.run(git, check=True)
    assert plan(damaged, memos=memos(damaged)) == result
    assert not (damaged.folder / "interlock").exists()


@pytest.mark.parametrize("path", [".dvcignore", ".github/interlock.yml", "pyproject.toml"])
def test_plan__of_a_file_that_concerns_every_model_reads_all(
    remembered: History, path: str
) -> None:
    texts = {".github/interlock.yml": "version: 1\n", "pyproject.toml": "[project]\nname = 'a'\n"}
    remembered.commit({path: texts.get(path, "*.log\n")})
    assert parsed(remembered, memos(remembered)) > 12


@pytest.mark.parametrize(
    ("start", "edit"),
    [
        ({f"{HERE}/train.py": "import helpers\n"}, {f"{HERE}/helpers.py": "1\n"}),
        ({}, {f"{HERE}/Model": "1\n"}),
        (
            {f"{HERE}/dvc.yaml": PIPELINE.replace("prepared.csv]\n    p", "missing.py]\n    p")},
            {f"{HERE}/missing.py": "1\n"},
        ),
        (
            {f"{HERE}/dvc.yaml": PIPELINE.replace("outs: [model,", "outs: [made/more.bin, model,")},
            {f"{HERE}/made": Link("../shared")},
        ),
        ({}, {"model-manifests/m000/dvc.yaml": PIPELINE.replace("model,", "../digits/model,")}),
        ({}, {f"{HERE}/dvc.yaml": PIPELINE.replace("train.py, p", "train.py, ../m000/model, p")}),
    ],
    ids=["import", "upper case", "dependency", "link", "output", "input"],
)
def test_plan__of_a_path_that_was_free_is_that_without_a_memo(
    remembered: History, start: dict[str, Content], edit: dict[str, Content]
) -> None:
    remembered.commit({"README.md": "Start.\n", **start})
    plan(remembered, memos=memos(remembered, version="2"))
    remembered.commit(edit)
    result = plan(remembered, memos=memos(remembered, version="2"))
    assert result == plan(remembered, memos=None)
    remembered.commit({"README.md": "End.\n"})
    result = plan(remembered, memos=memos(remembered, version="2"))
    assert result == plan(remembered, memos=None)


def test_memos__are_off_in_workflows_and_by_setting(history_folder: Path) -> None:
    repository = wiring.repository(history_folder)
    for environ in ({"GITHUB_ACTIONS": "true"}, {"CI": "1"}, {"INTERLOCK_PLAN_MEMO": "0"}):
        assert wiring.plan_memos(repository, settings.read(environ)) is None
    assert wiring.plan_memos(repository, settings.read({})) is not None


def test_memos__are_read_by_plan_alone() -> None:
    """A program of the same user can write a memo that lies."""
    sources = Path(cli.__file__).parent.rglob("*.py")
    assert [path.name for path in sources if "plan_memos" in path.read_text()] == ["plan.py"]


@pytest.fixture
def history_folder(tmp_path: Path) -> Path:
    return History(tmp_path / "repository").folder

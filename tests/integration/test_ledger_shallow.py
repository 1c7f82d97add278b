"""The ledger in a partial clone: the newest commit comes alone, and what follows it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.commands.ledger import LedgerContext, log, verify
from tests.integration.test_ledger_git import BRANCH, record, run

EVERYTHING = tuple(path for number in range(12) for path in record(number))


@pytest.fixture(params=[True, False], ids=["filters", "no filters"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An origin with ten records in ten commits; it may not know filters."""
    run(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    run(tmp_path / "origin.git", "config", "uploadpack.allowFilter", str(request.param).lower())
    origin = git.open_repository(tmp_path / "origin.git")
    first = origin.commit(None, {"program.py": b"1\n"}, message="First")
    run(tmp_path / "origin.git", "update-ref", "refs/heads/main", first)
    ledger = GitLedger(origin)
    for number in range(10):
        ledger.append(record(number), message=str(number))
    return tmp_path


def clone(folder: Path, name: str = "clone", *flags: str) -> GitLedger:
    partial = flags or ("--filter=blob:none",)
    source = (folder / "origin.git").as_uri()
    run(folder, "clone", "--quiet", "--single-branch", "--branch=main", *partial, source, name)
    return GitLedger(git.open_repository(folder / name), pause=lambda _: None)


def commits(folder: Path, name: str = "clone") -> int:
    return int(run(folder / name, "rev-list", "--count", "refs/interlock/interlock-ledger"))


def test_refresh__the_first_brings_one_commit_and_the_next_what_follows(folder: Path) -> None:
    ledger = clone(folder)
    ledger.refresh()
    assert commits(folder) == 1
    assert ledger.list("evidence") == EVERYTHING[:10]
    other = GitLedger(git.open_repository(folder / "origin.git"))
    other.append(record(10), message="10")
    ledger.refresh()
    assert commits(folder) == 2
    assert ledger.append(record(11), message="11")
    assert commits(folder) == 3
    assert ledger.read_many(EVERYTHING).keys() == set(EVERYTHING)
    assert run(folder / "origin.git", "rev-list", "--count", BRANCH) == "12"
    assert run(folder / "origin.git", "fsck", "--strict") == ""


def test_refresh__history_was_rewritten(folder: Path) -> None:
    ledger = clone(folder)
    ledger.refresh()
    ledger.append(record(10), message="10")
    run(folder / "origin.git", "update-ref", BRANCH, f"{BRANCH}~5")
    with pytest.raises(errors.LedgerBroken, match="does not continue"):
        ledger.refresh()


def test_earlier__the_trees_of_old_commits_come_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = clone(folder)
    ledger.refresh()
    monkeypatch.setenv("GIT_TRACE", str(folder / "trace"))
    wanted = {EVERYTHING[3]: EVERYTHING, EVERYTHING[7]: EVERYTHING}
    before = ledger.earlier(wanted)
    assert before == {EVERYTHING[3]: set(EVERYTHING[:3]), EVERYTHING[7]: set(EVERYTHING[:7])}
    count = len(re.findall(r"built-in: git fetch\b", (folder / "trace").read_text()))
    assert count <= 5
    assert ledger.earlier(wanted) == before
    assert len(re.findall(r"built-in: git fetch\b", (folder / "trace").read_text())) == count
    assert commits(folder) == 1


def test_added__history_comes_as_far_as_it_is_needed(folder: Path) -> None:
    ledger = clone(folder)
    ledger.refresh()
    assert ledger.added(since="2099-01-01T00:00:00+00:00") == ()
    assert commits(folder) == 1
    assert ledger.added(since="1970-01-02T00:00:00+00:00") == EVERYTHING[:10]
    assert commits(folder) == 10


def test_complete__stays_complete_and_strict(folder: Path) -> None:
    ledger = clone(folder, "whole", "--no-tags")
    ledger.refresh()
    ledger.append(record(10), message="10")
    assert commits(folder, "whole") == 11
    assert run(folder / "whole", "rev-parse", "--is-shallow-repository") == "false"
    lose(folder / "whole", "HEAD:program.py")
    with pytest.raises(errors.CannotReachGit, match="missing"):
        git.open_repository(folder / "whole").tree("HEAD").read("program.py")
    assert ledger.read_many(EVERYTHING).keys() == set(EVERYTHING[:11])


def lose(clone: Path, name: str) -> None:
    """Delete one object of a clone."""
    blob = run(clone, "rev-parse", name)
    for pack in (clone / ".git/objects/pack").glob("*.pack"):
        aside = pack.rename(clone / "pack")
        with aside.open("rb") as stream:
            subprocess.run(["git", "-C", clone, "unpack-objects", "-q"], stdin=stream, check=True)
    (clone / ".git/objects" / blob[:2] / blob[2:]).unlink()


def context(folder: Path) -> LedgerContext:
    ledger = clone(folder)
    ledger.refresh()
    return LedgerContext(repository=git.open_repository(folder / "clone"), ledger=ledger)


def test_log_and_verify__fetch_the_whole_history(folder: Path) -> None:
    shallow = context(folder)
    assert commits(folder) == 1
    assert len(list(log.run(shallow, log.LogOptions()))) == 10
    assert commits(folder) == 10
    shutil.rmtree(folder / "clone")
    assert verify.run(context(folder), verify.VerifyOptions()).commits == 10


def test_verify_since__fetches_no_more_than_it_needs(folder: Path) -> None:
    origin = GitLedger(git.open_repository(folder / "origin.git"))
    for number in range(10, 100):
        origin.append(record(number), message=str(number))
    since = run(folder / "origin.git", "rev-parse", f"{BRANCH}~3")
    audit = verify.run(context(folder), verify.VerifyOptions(since=since))
    assert (audit.since, audit.commits) == (since, 3)
    assert 3 < commits(folder) < 100
    old = run(folder / "origin.git", "rev-parse", f"{BRANCH}~90")
    options = verify.VerifyOptions(since=since, against=old)
    assert verify.run(context_again(folder), options).commits == 3


def test_verify_since__a_commit_that_is_not_in_the_ledger(folder: Path) -> None:
    main = run(folder / "origin.git", "rev-parse", "main")
    audit = verify.run(context(folder), verify.VerifyOptions(since=main))
    assert audit.since is None
    assert audit.commits == 10
    assert any("does not continue" in each.sentence for each in audit.violations)


def context_again(folder: Path) -> LedgerContext:
    repository = git.open_repository(folder / "clone")
    return LedgerContext(repository=repository, ledger=GitLedger(repository))

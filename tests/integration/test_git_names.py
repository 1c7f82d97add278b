"""A revision's name: a branch wins over a tag of its name, and a full name is that ref alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from interlock import cli, errors, wiring
from interlock.adapters import git
from tests import git_processes
from tests.integration.test_git import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three commits on main; `old` is the first, at which a tag `main` points."""
    run(tmp_path, "init", "--quiet", "--initial-branch=main", "repository")
    path = tmp_path / "repository"
    for subject in ("1", "2", "3"):
        run(path, "commit", "--quiet", "--allow-empty", "--message", subject)
    run(path, "tag", "main", "main~2")
    return path


def ids(folder: Path) -> list[str]:
    """The commits of the branch, newest first."""
    return run(folder, "rev-list", "refs/heads/main").split()


def commit_of(folder: Path, revision: str) -> tuple[str, list[str]]:
    warnings: list[str] = []
    repository = git.open_repository(folder, warn=warnings.append)
    commit = repository.resolve(revision)
    assert repository.resolve(revision) == commit
    return commit, warnings


@pytest.mark.parametrize(
    ("revision", "place"), [("main", 0), ("main~1", 1), ("main^", 1), ("main^{commit}", 0)]
)
def test_resolve__the_branch_wins_and_the_tag_is_named(
    folder: Path, revision: str, place: int
) -> None:
    commit, warnings = commit_of(folder, revision)
    assert commit == ids(folder)[place]
    (warning,) = warnings
    assert "refs/heads/main is taken, not refs/tags/main" in warning


def test_resolve__an_annotated_tag_is_a_tag_too(folder: Path) -> None:
    run(folder, "tag", "--force", "--annotate", "--message", "m", "main", ids(folder)[1])
    commit, warnings = commit_of(folder, "main")
    assert commit == ids(folder)[0]
    assert len(warnings) == 1
    run(folder, "tag", "--force", "--annotate", "--message", "m", "main", ids(folder)[0])
    assert commit_of(folder, "main") == (ids(folder)[0], [])


def test_resolve__where_both_are_one_commit_nothing_is_in_doubt(folder: Path) -> None:
    run(folder, "tag", "--force", "main", "refs/heads/main")
    assert commit_of(folder, "main") == (ids(folder)[0], [])


@pytest.mark.parametrize("revision", ["refs/tags/main", "tags/main", "refs/tags/main^{}"])
def test_resolve__the_tag_can_be_meant(folder: Path, revision: str) -> None:
    assert commit_of(folder, revision) == (ids(folder)[2], [])


def test_resolve__a_tag_without_a_branch_is_the_tag(folder: Path) -> None:
    run(folder, "tag", "v1", "refs/heads/main~1")
    assert commit_of(folder, "v1") == (ids(folder)[1], [])


def test_resolve__the_branch_of_origin_wins_over_a_tag_here(folder: Path) -> None:
    """A job's checkout of another commit has main as refs/remotes/origin/main alone."""
    run(folder.parent, "clone", "--quiet", str(folder), "clone")
    clone = folder.parent / "clone"
    run(clone, "checkout", "--quiet", "--detach")
    run(clone, "branch", "--quiet", "--delete", "--force", "main")
    commit, warnings = commit_of(clone, "main")
    assert commit == ids(folder)[0]
    assert "refs/remotes/origin/main is taken, not refs/tags/main" in warnings[0]


@pytest.mark.parametrize("name", ["HEAD", "@", "HEAD~1"])
def test_resolve__head_is_head_whatever_is_called_so(folder: Path, name: str) -> None:
    expected = run(folder, "rev-parse", name)
    run(folder, "update-ref", "refs/heads/HEAD", "refs/tags/main")
    run(folder, "update-ref", "refs/tags/HEAD", "refs/tags/main")
    assert commit_of(folder, name) == (expected, [])


def test_resolve__an_id_is_that_commit_whatever_is_called_so(folder: Path) -> None:
    newest, _, oldest = ids(folder)
    run(folder, "update-ref", f"refs/heads/{newest}", oldest)
    assert commit_of(folder, newest) == (newest, [])
    assert commit_of(folder, newest[:12])[0] == newest


@pytest.mark.parametrize("ref", ["refs/heads/ledger", "refs/remotes/origin/main"])
def test_full_name__is_never_a_tag_that_is_called_so(folder: Path, ref: str) -> None:
    run(folder, "tag", ref, "refs/tags/main")
    repository = git.open_repository(folder)
    assert repository.find_ref(ref) is None
    with pytest.raises(errors.CannotResolve):
        repository.resolve(ref)
    run(folder, "update-ref", ref, "refs/heads/main")
    assert repository.find_ref(ref) == repository.resolve(ref) == ids(folder)[0]


def test_plan__between_a_branch_and_itself_by_another_name_changes_nothing(folder: Path) -> None:
    arguments = ["plan", "--repo", str(folder), "--json", "--base", "main"]
    done = CliRunner().invoke(cli.group, [*arguments, "--head", "refs/heads/main"])
    assert done.exit_code == 0
    assert f'"base": "{ids(folder)[0]}"' in done.stdout
    assert "warning: main is a branch and a tag" in done.stderr


def test_names__of_many_refs_are_found_by_one_process(folder: Path, tmp_path: Path) -> None:
    repository = git.open_repository(folder)
    heads = [f"refs/heads/{number}" for number in range(5)]
    with git_processes.counted(tmp_path) as lines:
        assert [repository.find_ref(ref) for ref in heads] == [None] * 5
        assert repository.resolve("HEAD") == repository.find_ref("refs/heads/main")
    assert len(lines) == 1, lines


def test_find_ref__follows_a_ref_that_another_process_moves(folder: Path) -> None:
    repository = git.open_repository(folder)
    newest, before, _ = ids(folder)
    assert repository.find_ref("refs/heads/main") == newest
    run(folder, "update-ref", "refs/heads/main", before)
    assert repository.find_ref("refs/heads/main") == before
    run(folder, "pack-refs", "--all")
    run(folder, "commit", "--quiet", "--allow-empty", "--message", "after")
    assert repository.find_ref("refs/heads/main") == ids(folder)[0]
    run(folder, "update-ref", "-d", "refs/heads/main")
    assert repository.find_ref("refs/heads/main") is None


def test_shared_repository__is_one_for_all_verbs_while_it_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    with git_processes.counted(tmp_path) as lines:
        kept = wiring.shared_repository(folder)
        for _ in range(3):
            assert wiring.repository(folder).find_ref("refs/heads/main") == ids(folder)[0]
    # Beside those of the test itself.
    started = [line.split()[-1] for line in lines if "rev-list" not in line]
    assert started == ["--show-toplevel", "--buffer"]
    del kept
    assert wiring.repository(folder) is not wiring.repository(folder)

"""CML and Interlock on one pull request: one comment, whoever writes it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock import errors, rendering
from interlock.adapters.cml import CmlComments, failures
from interlock.rendering import watermark
from tests import github_pulls
from tests.github_pulls import REPOSITORY, ServedPull

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "deadbeef"
BODY = f"judged\n\n{rendering.MARKER}\n\n{watermark.line(COMMIT)}"


@pytest.fixture(scope="module")
def open_pull(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ServedPull]]:
    with github_pulls.serve(tmp_path_factory.mktemp("github")) as made:
        yield made


@pytest.fixture
def world(
    open_pull: Callable[[], ServedPull], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ServedPull:
    """A pull request, and a program cml on PATH that knows where GitHub is."""
    made = open_pull()
    program = tmp_path / "bin" / "cml"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec {sys.executable} -m tests.fakes.cml "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for name, value in {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_API_URL": f"{made.url}/api",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_TOKEN": made.token,
        "GITHUB_SHA": COMMIT,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("REPO_TOKEN", raising=False)
    return made


def cml(world: ServedPull, folder: Path = ROOT) -> CmlComments:
    return CmlComments(repository_url=f"{world.url}/{REPOSITORY}", token=world.token, folder=folder)


def update_by_hand(world: ServedPull, text: str, folder: Path) -> None:
    """A team's own step: cml comment update report.md."""
    report = folder / "report.md"
    report.write_text(text)
    subprocess.run(
        [
            *("cml", "comment", "update", "--driver=github", "--publish=false"),
            *(f"--repo={world.url}/{REPOSITORY}", f"--target=pr/{world.number}", str(report)),
        ],
        check=True,
        capture_output=True,
    )


def test_comment__of_ours_is_updated_by_cml(world: ServedPull, tmp_path: Path) -> None:
    world.adapter().upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    update_by_hand(world, "plots", tmp_path)
    assert world.comments() == [("octocat", f"plots\n\n{watermark.line(COMMIT)}")]


def test_comment__of_cml_is_taken_over_by_us(world: ServedPull, tmp_path: Path) -> None:
    update_by_hand(world, "plots", tmp_path)
    github = world.adapter()
    github.upsert_comment(
        world.number, marker=rendering.MARKER, body=BODY, adopted=(watermark.end(),)
    )
    assert world.comments() == [("octocat", BODY)]


def test_comment__of_cml_with_a_title_is_another_one(
    world: ServedPull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CML_COMMENT_WATERMARK_TITLE", "plots_[a]")
    update_by_hand(world, "plots", tmp_path)
    github, ends = world.adapter(), (watermark.end(),)
    github.upsert_comment(world.number, marker=rendering.MARKER, body=BODY, adopted=ends)
    update_by_hand(world, "more plots", tmp_path)
    labelled = watermark.line(COMMIT, label="plots_[a]")
    assert world.comments() == [("octocat", f"more plots\n\n{labelled}"), ("octocat", BODY)]


def test_comment__through_cml_is_ours_byte_for_byte_and_one(world: ServedPull) -> None:
    urls = {
        cml(world).upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
        for _ in range(2)
    }
    assert world.comments() == [("octocat", BODY)]
    (url,) = urls
    assert url.startswith(f"{world.url}/{REPOSITORY}/pull/{world.number}#")


def test_comment__through_cml_is_found_again_by_us(world: ServedPull) -> None:
    cml(world).upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    later = BODY.replace("judged", "shipped")
    world.adapter().upsert_comment(world.number, marker=rendering.MARKER, body=later)
    assert world.comments() == [("octocat", later)]


@pytest.mark.parametrize("ambient", ["", "cafe", "no hexadecimal number"])
def test_comment__through_cml_is_one_wherever_it_is_called(
    world: ServedPull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ambient: str
) -> None:
    """Outside a checkout, and whatever the run is for, the watermark names the report's commit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_SHA", ambient)
    for _ in range(2):
        comments = cml(world, tmp_path)
        comments.upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    assert world.comments() == [("octocat", BODY)]


def test_comment__without_a_watermark_is_one_in_a_checkout(
    world: ServedPull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_SHA")
    for _ in range(2):
        cml(world).upsert_comment(world.number, marker=rendering.MARKER, body="judged")
    assert len(world.comments()) == 1


def test_cml__leaves_the_users_git_configuration_alone(
    world: ServedPull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "gitconfig"
    mine.write_text("[user]\n\tname = octocat\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(mine))
    cml(world).upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    assert mine.read_text() == "[user]\n\tname = octocat\n"


def test_cml__with_a_token_that_github_does_not_know_is_a_setting(
    world: ServedPull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPO_TOKEN", "stale")
    with pytest.raises(errors.MissingSetting, match="Bad credentials") as caught:
        cml(world).upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    assert "REPO_TOKEN" in caught.value.hint


def test_cml__that_fails_shows_githubs_words_and_no_token(
    world: ServedPull, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", f"{world.url}/api/{world.token}")
    with pytest.raises(errors.CannotReachGitHub, match="comment: Not Found") as caught:
        cml(world).upsert_comment(world.number, marker=rendering.MARKER, body=BODY)
    assert "GITHUB_REPOSITORY" in caught.value.hint
    assert world.token not in str(caught.value)


JSON = '{"level":"error","message":"%s","name":"HttpError"%s}'
FAILURES = {
    "status": (JSON % ("Bad credentials", ',"status":401'), errors.MissingSetting, "REPO_TOKEN"),
    "no status": (JSON % ("Bad credentials", ""), errors.MissingSetting, "REPO_TOKEN"),
    "no token": (JSON % ("token not found", ""), errors.MissingSetting, "REPO_TOKEN"),
    "scope": (
        JSON % ("Resource not accessible by integration", ',"status":403'),
        errors.CannotReachGitHub,
        "pull-requests: write",
    ),
    "limit": (
        JSON % ("You have exceeded a secondary rate limit", ',"status":403'),
        errors.CannotReachGitHub,
        "run it again",
    ),
    "text": (JSON % ("Validation Failed", ',"status":422'), errors.CannotReachGitHub, "the text"),
    "server": (JSON % ("Server Error", ',"status":502'), errors.CannotReachGitHub, "run it again"),
    "network": (JSON % ("connect ECONNREFUSED", ""), errors.CannotReachGitHub, "run it again"),
    "usage": ("cml.js comment\n\nUnknown argument: x\n", errors.CannotReachGitHub, "--version"),
    "nothing": ("", errors.CannotReachGitHub, "--version"),
    "odd": ('[1]\n{"level":"error","message":null}\n7', errors.CannotReachGitHub, "--version"),
}


@pytest.mark.parametrize(("stderr", "kind", "hint"), FAILURES.values(), ids=FAILURES)
def test_failure__says_what_to_do(
    stderr: str, kind: type[errors.InterlockError], hint: str
) -> None:
    interlock_error = failures.judge(stderr, status=1, secret="")
    assert type(interlock_error) is kind
    assert hint in interlock_error.hint
    assert "{" not in interlock_error.message


def test_failure__of_a_refused_token_is_not_try_again() -> None:
    for name in ("status", "no status", "scope", "text"):
        assert "again" not in failures.judge(FAILURES[name][0], status=1, secret="").hint


def test_cml__that_is_not_there_is_a_setting(
    world: ServedPull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(errors.MissingSetting, match="cml") as caught:
        cml(world)
    assert "iterative/setup-cml" in caught.value.hint

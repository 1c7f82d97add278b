"""`interlock attest` on the command line: what it refuses before it reads anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interlock import cli, errors

_WHOLE = "ab" * 32


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(tmp_path)], check=True)
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github/interlock.yml").write_text("version: 1\nprovenance: required\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "Policy"], check=True)
    for name in ("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "INTERLOCK_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY_ID", "42")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    return tmp_path


def refused(repository: Path, capsys: pytest.CaptureFixture[str], *options: str, code: int) -> str:
    arguments = ["attest", "digits", "--run", "ab", "--repo", str(repository), *options]
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    output = capsys.readouterr()
    assert ended.value.code == code, output.err
    return output.err


@pytest.mark.parametrize("digest", ["abc", "AB" * 32, "ab" * 33])
def test_attest__a_digest_that_is_none(
    repository: Path, capsys: pytest.CaptureFixture[str], digest: str
) -> None:
    err = refused(repository, capsys, "--digest", digest, code=errors.EXIT_INPUT)
    assert f"--digest '{digest}' is not a SHA-256" in err
    assert "interlock train --json" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [((), "--rev is missing"), (("--rev", "main"), "--rev 'main' is not a full commit id")],
)
def test_attest__a_key_needs_the_commit(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.setenv("INTERLOCK_KEY", str(repository / "evaluator.key"))
    err = refused(repository, capsys, "--digest", _WHOLE, *options, code=errors.EXIT_INPUT)
    assert message in err
    assert "git rev-parse HEAD" in err


def test_attest__without_an_event_and_without_a_key(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    err = refused(repository, capsys, "--digest", _WHOLE, code=errors.EXIT_SETTINGS)
    assert "GITHUB_EVENT_NAME is not set" in err
    assert "INTERLOCK_KEY" in err

"""What is read of the environment, and how a person is told that something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from interlock import cli, errors, settings


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "mlflow_tracking_uri",
            "set MLFLOW_TRACKING_URI to the address of MLflow, for example sqlite:",
        ),
        ("github_repository", "set GITHUB_REPOSITORY to the repository, for example acme/models"),
        ("github_token", "${{ github.token }}"),
        ("id_token_url", "a job with `permissions: {id-token: write}`"),
        ("actor", "INTERLOCK_ACTOR to your login"),
    ],
)
def test_require__names_the_missing_setting(name: str, words: str) -> None:
    with pytest.raises(errors.MissingSetting) as caught:
        settings.read({}).require(name)
    assert words in caught.value.hint
    # An installed program has no folder of pages beside it.
    assert "docs/" not in str(caught.value)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "soon", "²"])
def test_read__an_invalid_deadline(text: str) -> None:
    with pytest.raises(errors.MissingSetting, match="whole number of seconds"):
        settings.read({"INTERLOCK_MLFLOW_DEADLINE_SECONDS": text})


def test_read__empty_is_unset() -> None:
    actual = settings.read({"GITHUB_STEP_SUMMARY": "", "GITHUB_API_URL": "", "GITHUB_ACTOR": ""})
    assert actual == settings.Settings()
    assert settings.read({"GITHUB_STEP_SUMMARY": "page.md"}).github_step_summary == Path("page.md")


def test_read__takes_the_request_for_tokens_out_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "_token_request", {})
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "https://example.com")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret")
    with pytest.raises(SystemExit):
        cli.main(["plan", "--help"])
    program = "import os; print([name for name in os.environ if 'ID_TOKEN' in name])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"[]"]
    assert not any("ID_TOKEN" in name for name in settings.ambient(settings.read()))
    for _ in range(2):
        read = settings.read()
        assert (read.id_token_url, read.id_token_request) == ("https://example.com", "secret")


def test_read__a_token_is_never_shown() -> None:
    for variable in ("GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"):
        assert "secret" not in repr(settings.read({variable: "secret"}))

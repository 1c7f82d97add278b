"""`interlock retrain` as it is typed: what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from interlock import cli, errors, wiring
from interlock.adapters.dvc.refreshing import DvcRefreshing
from interlock.domain.drift.status import DriftStatus
from interlock.ports.github import Pull
from interlock.wiring import training
from tests import tiny
from tests.docs import documents as printed
from tests.fakes.github import FakeGitHub
from tests.retrain_stage import Stage


@dataclass
class Shell:
    stage: Stage
    read: Callable[[], tuple[str, str]]

    def type(self, *words: str) -> tuple[int, str, str]:
        """How it ended, and what it printed."""
        self.stage.look()
        with pytest.raises(SystemExit) as ended:
            cli.main(["retrain", "--repo", str(self.stage.tiny.root), *words])
        out, err = self.read()
        return int(ended.value.code or 0), out, err


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    stage = Stage(tmp_path).begin()
    monkeypatch.setattr(wiring, "github", lambda *_, **__: FakeGitHub(stage.hub))
    monkeypatch.setattr(wiring, "ledger", lambda *_, **__: stage.ledger)
    monkeypatch.setattr(training, "refreshing", lambda: stage.refreshing)

    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return Shell(stage, read)


NOW = ("--now", "2026-11-05T12:00:00Z")


def test_cli__prints_one_line_per_model(shell: Shell) -> None:
    shell.stage.window(3)
    code, out, _ = shell.type(*NOW)
    assert (code, out) == (0, "tiny  open     #1 `age` drifted\n")
    code, out, _ = shell.type(*NOW)
    assert (code, out) == (0, "tiny  nothing  #1 is up to date\n")
    code, out, _ = shell.type(*NOW, "--json")
    document = json.loads(out)
    printed.check(document)
    assert (code, document["models"][0]["decision"]) == (0, "nothing")


def test_cli__in_a_dry_run_does_nothing(shell: Shell) -> None:
    shell.stage.window(3)
    code, out, _ = shell.type(*NOW, "--dry-run")
    assert (code, out) == (0, "tiny  open     `age` drifted\n")
    assert shell.stage.hub.writes == 0


def test_cli__a_failed_refresh_ends_with_1(shell: Shell) -> None:
    shell.stage.window(3)
    shell.stage.refreshing.fails = "\x1b[31m::error::no rows today"
    code, out, err = shell.type(*NOW)
    assert code == 1
    assert "the refresh failed" in out
    assert "\x1b" not in out + err
    assert not any(line.lstrip().startswith("::") for line in (out + err).splitlines())


def test_cli__a_refusal_of_github_ends_with_its_code(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "github", lambda *_, **__: Refusing(shell.stage.hub))
    code, out, _ = shell.type(*NOW, "--json")
    printed.check(json.loads(out))
    assert code == 4
    assert "GitHub is having a day off" in out


class Refusing(FakeGitHub):
    def open_pulls(self) -> tuple[Pull, ...]:
        raise errors.CannotReachGitHub("GitHub is having a day off")


def test_cli__a_hold_or_a_limit_is_not_a_failure(shell: Shell) -> None:
    shell.stage.window(3, DriftStatus.BROKEN)
    code, out, _ = shell.type(*NOW)
    assert code == 0
    assert "upstream data pipeline failed" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--reason", "now"), "--reason needs a model"),
        (("--now", "noon"), "is not a valid timestamp"),
        (("large",), "has no model 'large'"),
    ],
)
def test_cli__wrong_options_end_with_2(shell: Shell, words: tuple[str, ...], message: str) -> None:
    code, out, err = shell.type(*words)
    assert (code, out) == (2, "")
    assert message in err


def test_cli__without_a_token_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tiny.make(tmp_path)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main(["retrain", "--repo", str(made.root)])
    assert ended.value.code == 3
    assert "GITHUB_" in capsys.readouterr().err


def test_cli__refreshes_with_the_set_up_and_the_mlflow_of_main(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = shell.stage
    stage.window(3)
    policy = stage.tiny.root / ".github" / "interlock.yml"
    policy.write_text(f'{tiny.POLICY}mlflow: "https://ours.example"\nprepare: "make env"\n')
    stage.tiny.commit()
    stage.push()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://other.example")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shell.type(*NOW)
    (errand,) = stage.refreshing.errands
    assert errand.prepare == "make env"
    assert errand.env["MLFLOW_TRACKING_URI"] == "https://ours.example"


def test_wiring__refreshes_with_dvc() -> None:
    assert isinstance(training.refreshing(), DvcRefreshing)


def test_cli__two_parts_with_a_workflow_output(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shell.stage.window(3)
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    code, out, _ = shell.type(*NOW, "--part", "refresh")
    assert (code, out) == (0, "tiny  tiny/data.csv.dvc\n")
    assert not shell.stage.hub.pulls
    name, results, _ = output.read_text().splitlines()
    assert name.startswith("refreshed<<")
    monkeypatch.setattr(shell.stage, "refreshing", None)
    code, out, _ = shell.type(*NOW, "--part", "write")
    assert (code, "not refreshed in this run" in out) == (0, True)
    code, out, _ = shell.type(*NOW, "--part", "write", "--refreshed", results)
    assert (code, out) == (0, "tiny  open     #1 `age` drifted\n")
    code, out, err = shell.type(*NOW, "--part", "refresh")
    assert (code, out, err) == (0, "", "no reason to retrain\n")

"""`retrain` lists branches, pull requests and issues once in a run, not for every model."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from interlock.commands import retrain
from interlock.commands.retrain import RetrainOutcome
from interlock.domain.drift.status import DriftStatus
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from tests import tiny
from tests.retrain_stage import WATCH, Stage

NOW = retrain.RetrainOptions(now="2026-11-05T12:00:00Z")
LISTINGS = {"open_pulls": 1, "open_issues": 1}


class Counted:
    """Calls another object, and counts the calls by name."""

    def __init__(self, real: Any) -> None:
        self.real, self.calls = real, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.real, name)
        if not callable(attribute):
            return attribute

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return attribute(*arguments, **named)

        return call


def stage_with(folder: Path, models: int) -> Stage:
    """Some models of which only `tiny` is deployed."""
    stage = Stage(folder).begin()
    for number in range(1, models):
        home = stage.tiny.root / f"copy{number}"
        home.mkdir()
        for file in (stage.tiny.root / "tiny").iterdir():
            if file.is_file():
                (home / file.name).write_bytes(file.read_bytes())
        text = (tiny.MANIFEST + WATCH).replace("model: tiny", f"model: copy{number}")
        (home / "model.yaml").write_text(text)
    stage.tiny.commit()
    stage.push()
    return stage


def calls(stage: Stage) -> tuple[tuple[retrain.RetrainResult, ...], Counter[str], Counter[str]]:
    github, repository = Counted(stage.context().github), Counted(stage.repository)
    context = replace(
        stage.context(), github=cast(GitHub, github), repository=cast(Repository, repository)
    )
    return retrain.run(context, NOW), github.calls, repository.calls


def test_retrain__without_a_reason_makes_the_same_requests_for_any_number_of_models(
    tmp_path: Path,
) -> None:
    for models in (1, 4):
        stage = stage_with(tmp_path / str(models), models)
        stage.window(3, DriftStatus.STABLE)
        results, github, repository = calls(stage)
        assert [each.decision for each in results] == [RetrainOutcome.NOTHING] * models
        assert github == LISTINGS
        assert (repository["fetch_branches"], repository["fetch"]) == (1, 0)

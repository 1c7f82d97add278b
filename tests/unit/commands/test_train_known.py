"""What counts as trained before, and what becomes of two that train the same at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlock import documents, errors
from interlock.cli.train import _document, _sentence
from interlock.commands import train
from interlock.domain.model import candidates
from interlock.domain.model.evidence import Candidate, Evidence, Rows
from interlock.ledger import lookup
from interlock.ports.pipeline import PipelineRun, RunEnd
from tests import tiny, training
from tests.fakes.ledger import FakeLedger, Origin
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny
from tests.unit.commands.test_train import PREDICTIONS, REQUEST, FakeMachine, FakePipeline


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def pipeline() -> FakePipeline:
    return FakePipeline()


@pytest.fixture
def world(repo: Tiny, pipeline: FakePipeline, tmp_path: Path) -> train.TrainContext:
    return training.world(
        repo.root,
        FakeRuns(tmp_path / "runs"),
        rates=lambda _: {},
        pipeline=pipeline,
        machine=FakeMachine(),
    )


def trained(request: train.TrainOptions, world: train.TrainContext) -> train.Trained:
    done = train.run(world, request)
    assert isinstance(done, train.Trained), done
    return done


def runs(world: train.TrainContext) -> FakeRuns:
    assert isinstance(world.runs, FakeRuns)
    return world.runs


def plant(world: train.TrainContext, like: Candidate, *, start: int = -1, **changes: Any) -> str:
    data = documents.text(documents.dump(replace(like, run_id="RUN")) | changes).encode()
    return runs(world).plant(data, model=like.name, fingerprint=like.fingerprint, start=start)


OTHER = {"path": "model", "sha256": "9" * 64, "size_bytes": 1}


def during(pipeline: FakePipeline, act: Callable[[], object]) -> None:
    """Have something happen while the next training runs, once."""
    before = pipeline.run

    def run(*arguments: Any, **named: Any) -> PipelineRun:
        pipeline.run = before  # type: ignore[method-assign]
        act()
        return before(*arguments, **named)

    pipeline.run = run  # type: ignore[method-assign]


@pytest.mark.parametrize("weights", ["w", "other"])
def test_train__of_two_at_once_one_is_the_candidate_and_the_other_says_that_it_repeats_it(
    world: train.TrainContext, pipeline: FakePipeline, weights: str
) -> None:
    first: list[train.Trained] = []

    def other() -> None:
        pipeline.files = {"tiny/model/w": weights, "tiny/predictions.csv": PREDICTIONS}
        first.append(trained(REQUEST, world))
        pipeline.files = {"tiny/model/w": "w", "tiny/predictions.csv": PREDICTIONS}

    during(pipeline, other)
    second = trained(REQUEST, world)
    (winner,) = first
    assert len(pipeline.jobs) == 2
    assert winner.repeats is None
    assert second.repeats == winner.candidate
    assert second.candidate.run_id != winner.candidate.run_id
    runs_of_model = runs(world).find_candidates(
        model="tiny", fingerprint=second.candidate.fingerprint
    )
    assert candidates.choose(runs_of_model, None).candidate == winner.candidate
    assert runs_of_model.repeats == {second.candidate.run_id}
    assert f"a repeat of run {winner.candidate.run_id}, which counts" in _sentence(second)
    assert _document(second)["repeats"] == winner.candidate.run_id
    assert _document(winner)["repeats"] is None
    repeats = [warning for warning in second.warnings if "other bytes than in run" in warning]
    assert len(repeats) == (weights != "w")


def test_train__evidence_that_came_meanwhile_counts_whatever_the_run_store_says(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path
) -> None:
    """The first evidence wins, of a run that this store never saw too."""
    origin = Origin()
    elsewhere = replace(world, runs=FakeRuns(tmp_path / "elsewhere"))
    judged = trained(REQUEST, elsewhere).candidate
    judged = replace(judged, run_id="elsewhere")

    def judge() -> None:
        known = Evidence(judged, Rows(1, "0" * 64), {})
        ledger = FakeLedger(origin)
        ledger.append({lookup.path_of(known): documents.dump(known)}, message="Know tiny")

    during(pipeline, judge)
    done = trained(REQUEST, replace(world, ledger=FakeLedger(origin)))
    assert done.repeats == judged
    runs_of_model = runs(world).find_candidates(model="tiny", fingerprint=judged.fingerprint)
    assert runs_of_model.repeats == {done.candidate.run_id}


def test_train__what_was_trained_is_recorded_though_mlflow_is_unreachable_then(
    world: train.TrainContext, pipeline: FakePipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: str) -> None:
        raise errors.CannotReachRegistry("MLflow is busy")

    during(pipeline, lambda: monkeypatch.setattr(world.runs, "find_candidates", refuse))
    done = trained(REQUEST, world)
    assert done.repeats is None
    assert any("MLflow is busy" in warning for warning in done.warnings)
    monkeypatch.undo()
    again = trained(REQUEST, world)
    assert (again.reused, again.candidate) == (True, done.candidate)


def test_train__by_force_is_a_repeat_and_takes_no_place(world: train.TrainContext) -> None:
    first = trained(REQUEST, world)
    forced = trained(replace(REQUEST, force=True), world)
    assert forced.repeats == first.candidate
    assert trained(REQUEST, world).candidate == first.candidate


def test_train__a_run_that_is_not_its_own_is_no_training_and_is_reported(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path
) -> None:
    like = trained(REQUEST, replace(world, runs=FakeRuns(tmp_path / "elsewhere"))).candidate
    bad = plant(world, like, name="vital")
    done = trained(REQUEST, world)
    assert not done.reused
    assert len(pipeline.jobs) == 2
    assert any(f"run {bad} does not count" in warning for warning in done.warnings)
    again = trained(REQUEST, world)
    assert (again.reused, again.candidate) == (True, done.candidate)


def test_train__candidates_that_contradict_one_another_are_no_answer_and_no_reason_to_train(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    first = trained(REQUEST, world).candidate
    early = plant(world, first, model=OTHER)
    with pytest.raises(errors.Refused, match="other bytes, and no evidence says") as caught:
        train.run(world, REQUEST)
    assert early in caught.value.message
    assert len(pipeline.jobs) == 1
    # By force it trains, and what it leaves is a repeat of neither's place.
    assert trained(replace(REQUEST, force=True), world).candidate.run_id != first.run_id


def test_train__a_candidate_that_cannot_be_fetched_now_is_not_trained_again(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    """Nothing trains twice because a store is slow."""
    first = trained(REQUEST, world).candidate
    runs(world).lost.add(first.run_id)
    with pytest.raises(errors.CannotReachRegistry, match="may be trained already") as caught:
        train.run(world, REQUEST)
    assert "--force" in caught.value.hint
    assert len(pipeline.jobs) == 1


@pytest.mark.parametrize(
    ("run", "is_repeatable"),
    [
        (PipelineRun(RunEnd.FAILED, 1.0, "KeyError: 'lr'", reason="x ended with status 1"), True),
        (PipelineRun(RunEnd.FAILED, 1.0, "", reason="x ended with status 137"), False),
        (PipelineRun(RunEnd.FAILED, 1.0, "MemoryError", reason="x ended with status 1"), False),
        (
            PipelineRun(RunEnd.TIMED_OUT, 1.0, "MemoryError", reason="timed out after 5 minutes"),
            True,
        ),
        (PipelineRun(RunEnd.INTERRUPTED, 1.0, "", reason="interrupted"), False),
    ],
)
def test_train__only_a_failure_that_would_come_again_is_a_result(
    world: train.TrainContext, pipeline: FakePipeline, run: PipelineRun, is_repeatable: bool
) -> None:
    pipeline.run_ = run
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert done.attempt.is_repeatable is is_repeatable
    runs_of_model = runs(world).find_attempts(model="tiny", fingerprint=done.attempt.fingerprint)
    assert runs_of_model.records == (done.attempt,)
    # No failure is taken for a training: the next one trains.
    pipeline.run_ = FakePipeline().run_
    assert not trained(REQUEST, world).reused


def test_train__several_models_of_which_one_has_a_bad_record_are_trained(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    fingerprint = world.read_model(world.repository.tree("HEAD"), "tiny").fingerprint
    ledger = FakeLedger()
    ledger.append(
        {lookup.evidence_path("tiny", str(fingerprint)): {"schema": "x"}}, message="Break"
    )
    (done,) = train.run_all(replace(world, ledger=ledger), [REQUEST])
    assert isinstance(done, train.ModelError)
    assert isinstance(done.error, errors.LedgerBroken)
    assert pipeline.jobs == []

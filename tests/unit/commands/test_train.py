"""What training decides, with a pipeline that only says it ran; real ones are in integration."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from interlock import book, documents, errors, snapshots
from interlock.adapters import git
from interlock.commands import train
from interlock.domain.evidence import Attempt, Candidate, Evidence, Rows
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.ports.machine import Description
from interlock.ports.pipeline import Ended, Job, Run
from tests import tiny
from tests.fakes.ledger import FakeLedger, Origin
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny

DONE = Run(
    Ended.DONE,
    seconds=2.0,
    log_tail="fine",
    outputs=("tiny/model", "tiny/predictions.csv"),
    metrics={"tiny/metrics.json": {"f1": 1}},
)


@dataclass
class FakePipeline:
    """Writes the outputs that it is given and says how it ended."""

    run_: Run = DONE
    files: Mapping[str, str] = field(
        default_factory=lambda: {"tiny/model/w": "w", "tiny/predictions.csv": "id\n"}
    )
    error: Exception | None = None
    jobs: list[Job] = field(default_factory=list)

    def run(self, job: Job, *, say: Callable[[str], None]) -> Run:
        self.jobs.append(job)
        say("working")
        if self.error:
            raise self.error
        for name, text in self.files.items():
            (job.checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (job.checkout / name).write_text(text)
        return self.run_


class FakeMachine:
    def describe(self) -> Description:
        return Description(python="3.11", platform="test", cpu="one")


class BrokenRuns(FakeRuns):
    """Finds nothing, and cannot write."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(folder)
        self.error = error

    def record_candidate(self, candidate: Candidate, *, files: Mapping[str, Path]) -> Candidate:
        raise self.error

    def record_attempt(self, attempt: Attempt) -> Attempt:
        raise self.error


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def pipeline() -> FakePipeline:
    return FakePipeline()


@pytest.fixture
def world(repo: Tiny, pipeline: FakePipeline, tmp_path: Path) -> train.World:
    return train.World(
        repository=git.open_repository(repo.root),
        read_model=snapshots.read_model,
        rates=lambda _: {},
        pipeline=pipeline,
        machine=FakeMachine(),
        runs=FakeRuns(tmp_path / "runs"),
    )


REQUEST = train.Request("tiny", "HEAD")


def test_train__evidence_in_the_ledger_is_enough(
    world: train.World, pipeline: FakePipeline, tmp_path: Path
) -> None:
    """MLflow may have lost its runs, the ledger has not."""
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Trained)
    known = Evidence(done.candidate, Rows(1, "0" * 64), {})
    path = book.evidence_path("tiny", done.candidate.fingerprint)
    ledger = FakeLedger()
    ledger.append({path: documents.dump(known)}, message="Know tiny")
    elsewhere = replace(world, ledger=ledger, runs=FakeRuns(tmp_path / "lost"))
    again = train.run(REQUEST, elsewhere)
    assert again == train.Trained(done.candidate, reused=True)
    assert len(pipeline.jobs) == 1


def test_train__what_another_clone_has_trained_is_known(
    world: train.World, pipeline: FakePipeline, tmp_path: Path
) -> None:
    """This clone has seen nothing of it yet, and MLflow has lost it."""
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Trained)
    origin = Origin()
    stale = FakeLedger(origin)
    known = Evidence(done.candidate, Rows(1, "0" * 64), {})
    FakeLedger(origin).append({book.path_of(known): documents.dump(known)}, message="Know tiny")
    again = train.run(REQUEST, replace(world, ledger=stale, runs=FakeRuns(tmp_path / "lost")))
    assert again == train.Trained(done.candidate, reused=True)
    assert len(pipeline.jobs) == 1


def test_train__a_ledger_whose_history_was_rewritten_stops_it(
    world: train.World, pipeline: FakePipeline
) -> None:
    class Rewritten(FakeLedger):
        was_rewritten = False

        def refresh(self) -> None:
            if self.was_rewritten:
                raise errors.LedgerBroken("it does not continue what was seen")
            super().refresh()

    rewritten = Rewritten()
    rewritten.was_rewritten = True
    with pytest.raises(errors.LedgerBroken):
        train.run(REQUEST, replace(world, ledger=rewritten))
    assert pipeline.jobs == []


def test_train__the_job_is_what_the_manifest_says(
    world: train.World, pipeline: FakePipeline, repo: Tiny
) -> None:
    train.run(REQUEST, world)
    [job] = pipeline.jobs
    assert (job.file, job.target, job.timeout_seconds) == ("tiny/dvc.yaml", "train", 300)
    assert job.home == repo.root
    assert job.checkout != repo.root
    assert not job.checkout.exists()


def test_train__a_model_in_one_file_lies_under_its_own_name(
    world: train.World, pipeline: FakePipeline
) -> None:
    pipeline.files = {"tiny/model": "w", "tiny/predictions.csv": "id\n"}
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Trained)
    assert done.candidate.model.path == "model/model"


def test_train__without_a_rate_there_is_no_price(world: train.World) -> None:
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Trained)
    assert done.candidate.facts.cost is None


@pytest.mark.parametrize(
    ("outputs", "files", "reason"),
    [
        (("tiny/model",), {"tiny/model/w": "w"}, "predictions.csv is not among the outputs"),
        (DONE.outputs, {"tiny/predictions.csv": "id"}, "did not leave tiny/model"),
        (DONE.outputs, {"tiny/model/w": "w"}, "did not leave tiny/predictions.csv"),
        (
            DONE.outputs,
            {"tiny/model/w": "w", "tiny/predictions.csv/part": "id"},
            "predictions.csv is a folder",
        ),
    ],
)
def test_train__what_the_manifest_promises_must_be_there(
    world: train.World,
    pipeline: FakePipeline,
    outputs: tuple[str, ...],
    files: dict[str, str],
    reason: str,
) -> None:
    pipeline.run_, pipeline.files = replace(DONE, outputs=outputs), files
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Failed)
    assert reason in done.attempt.reason
    found = world.runs.find_attempts(model="tiny", fingerprint=done.attempt.fingerprint)
    assert found == (done.attempt,)
    assert world.runs.find_candidate(model="tiny", fingerprint=done.attempt.fingerprint) is None


@pytest.mark.parametrize(
    ("ended", "interrupted"),
    [(Ended.FAILED, False), (Ended.TIMED_OUT, False), (Ended.INTERRUPTED, True)],
)
def test_train__every_other_end_is_an_attempt(
    world: train.World, pipeline: FakePipeline, ended: Ended, interrupted: bool
) -> None:
    pipeline.run_ = Run(ended, seconds=1.0, log_tail="last words", reason="why")
    done = train.run(REQUEST, world)
    assert isinstance(done, train.Failed)
    assert done.ended is ended
    assert (done.attempt.reason, done.attempt.log_tail) == ("why", "last words")
    assert done.attempt.interrupted is interrupted


def test_train__an_attempt_that_cannot_be_recorded_says_both(
    world: train.World, pipeline: FakePipeline, tmp_path: Path
) -> None:
    pipeline.run_ = Run(Ended.FAILED, seconds=1.0, log_tail="", reason="it broke")
    gone = BrokenRuns(tmp_path, errors.CannotReachRegistry("MLflow is gone"))
    done = train.run(REQUEST, replace(world, runs=gone))
    assert isinstance(done, train.Failed)
    assert done.attempt.reason == "it broke"
    assert "the attempt was not recorded: MLflow is gone" in done.warnings


def test_train__a_candidate_that_cannot_be_recorded_is_none(
    world: train.World, tmp_path: Path
) -> None:
    gone = BrokenRuns(tmp_path, errors.CannotReachRegistry("MLflow is gone"))
    with pytest.raises(errors.CannotReachRegistry, match="MLflow is gone"):
        train.run(REQUEST, replace(world, runs=gone))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("place", ["pipeline", "runs"])
def test_train__a_full_disk_is_told_with_its_path(
    world: train.World, pipeline: FakePipeline, tmp_path: Path, number: int, place: str
) -> None:
    full = OSError(number, "No space left on device", "/data/model.bin")
    if place == "pipeline":
        pipeline.error = full
    else:
        world = replace(world, runs=BrokenRuns(tmp_path, full))
    with pytest.raises(errors.OutsideFailure, match=r"no space left on /data/model\.bin") as caught:
        train.run(REQUEST, world)
    assert caught.value.exit_code == 4


def test_train__another_failure_of_the_system_is_no_full_disk(
    world: train.World, pipeline: FakePipeline
) -> None:
    pipeline.error = PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(PermissionError):
        train.run(REQUEST, world)


def test_environment_salt__tells_environments_apart_and_nothing_else() -> None:
    def salt(*inputs: Input) -> str:
        return train.environment_salt(Lineage("tiny", inputs, ()))

    lock = Input(InputKind.ENVIRONMENT, "uv.lock", "git:1")
    other = Input(InputKind.ENVIRONMENT, "conda.yml", "git:3")
    code = Input(InputKind.CODE, "train.py", "git:2")
    assert salt(lock) == salt(lock, code)
    assert salt(lock, other) == salt(other, lock)
    assert len({salt(), salt(lock), salt(lock, other), salt(replace(lock, digest="git:9"))}) == 4

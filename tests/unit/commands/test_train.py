"""What training decides, with a pipeline that only says it ran; real ones are in integration."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from interlock import documents, errors
from interlock.adapters.checkpoints import FolderCheckpoints
from interlock.commands import train
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import candidates, checkpoint
from interlock.domain.model.evidence import Attempt, Candidate, Evidence, Rows
from interlock.domain.model.gpus import Gpu, GpuUse
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.manifest import Launcher, Runner, Task, Training
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.training.interpreters import Launch
from interlock.domain.training.preflight import MachineFacts
from interlock.ledger import lookup
from interlock.ports.git import Tree
from interlock.ports.machine import Description
from interlock.ports.pipeline import DvcSettings, PipelineJob, PipelineRun, RunEnd
from interlock.services import snapshots
from tests import tiny, training
from tests.fakes.ledger import FakeLedger, Origin
from tests.fakes.runs import FakeRuns
from tests.tiny import Tiny

PREDICTIONS = "id,target,prediction\n1,a,a\n2,b,a\n"
DONE = PipelineRun(
    RunEnd.DONE,
    seconds=2.0,
    log_tail="fine",
    outputs=("tiny/model", "tiny/predictions.csv"),
    metrics={"tiny/metrics.json": {"f1": 1}},
)


@dataclass
class FakePipeline:
    """Writes the outputs that it is given and says how it ended."""

    run_: PipelineRun = DONE
    files: Mapping[str, str | None] = field(
        default_factory=lambda: {"tiny/model/w": "w", "tiny/predictions.csv": PREDICTIONS}
    )
    error: Exception | None = None
    jobs: list[PipelineJob] = field(default_factory=list)
    cached_bytes: int = 0
    requested: list[dict[str, int]] = field(default_factory=list)

    def run(
        self,
        job: PipelineJob,
        *,
        say: Callable[[str], None],
        check: Callable[[tuple[str, ...]], Refusal | None],
    ) -> PipelineRun:
        self.jobs.append(job)
        say("working")
        if self.error:
            raise self.error
        for name, text in self.files.items():
            _put(job.checkout / name, text)
        run = replace(self.run_, env={**job.env, "PREPARED": job.prepare})
        if run.ended is RunEnd.DONE and (refusal := check(run.outputs)):
            return replace(run, ended=RunEnd.UNUSABLE, reason=refusal.reason)
        return run

    def settings(
        self, home: Path, config: str, *, path: str, is_brought: bool, scratch: Path | None
    ) -> DvcSettings:
        return DvcSettings(
            config, "", home / ".dvc", scratch or home, path=path, top=home, is_brought=is_brought
        )

    def missing_bytes(self, settings: DvcSettings, sizes: Mapping[str, int]) -> int:
        self.requested.append(dict(sizes))
        return sum(sizes.values()) - self.cached_bytes


def _put(path: Path, text: str | None) -> None:
    """A file, a link (`->target`), or with None an empty folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        path.mkdir()
    elif text.startswith("->"):
        path.symlink_to(text[2:])
    else:
        path.write_text(text)


@dataclass
class FakeMachine:
    """One of which this is known."""

    facts: MachineFacts = field(default_factory=MachineFacts)
    used: GpuUse | None = None
    watched: list[int] = field(default_factory=list)
    python: str = "3.11"
    inspected: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def use(self) -> GpuUse | None:
        return self.used

    def describe(self, launch: Launch | None, *, tree: Path, env: Mapping[str, str]) -> Description:
        assert env["INTERLOCK_FINGERPRINT"]
        assert "PREPARED" in env  # asked as the stages saw it, after the set-up commands
        self.inspected.append((launch.name if launch else "", tree.is_dir()))
        return Description(python=self.python, platform="test", cpu="one")

    def inspect(self, *, folder: Path, gpus: int) -> MachineFacts:
        assert folder.is_dir()
        return self.facts

    @contextmanager
    def watch(self, *, gpus: int) -> Iterator[FakeMachine]:
        self.watched.append(gpus)
        yield self


class BrokenRuns(FakeRuns):
    """Finds nothing, and cannot write."""

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(folder)
        self.error = error

    def record_candidate(
        self, candidate: Candidate, *, files: Mapping[str, Path], repeats: str = ""
    ) -> Candidate:
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
def world(repo: Tiny, pipeline: FakePipeline, tmp_path: Path) -> train.TrainContext:
    return training.world(
        repo.root,
        FakeRuns(tmp_path / "runs"),
        rates=lambda _: {},
        pipeline=pipeline,
        machine=FakeMachine(),
    )


REQUEST = train.TrainOptions("tiny", "HEAD")


def find(world: train.TrainContext, fingerprint: str) -> Candidate | None:
    complete_runs = world.runs.find_candidates(model="tiny", fingerprint=fingerprint)
    return candidates.choose(complete_runs, None).candidate


def test_train__where_nothing_could_be_recorded_does_not_begin(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    """A run store that takes no run of this model is known before hours of training."""
    assert isinstance(world.runs, FakeRuns)
    world.runs.deleted.add("tiny")
    with pytest.raises(errors.CannotReachRegistry, match="was deleted"):
        train.run(world, REQUEST)
    assert pipeline.jobs == []


def test_train__facts_are_of_the_program_and_not_of_us(world: train.TrainContext) -> None:
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    assert isinstance(world.machine, FakeMachine)
    assert world.machine.inspected == [("python", True)]
    assert (done.candidate.facts.program, done.candidate.facts.python) == ("python", "3.11")
    assert not [w for w in done.warnings if "packages" in w]


def test_train__a_program_that_is_no_python_is_reported_as_unknown(
    world: train.TrainContext,
) -> None:
    done = train.run(replace(world, machine=FakeMachine(python="")), REQUEST)
    assert isinstance(done, train.Trained)
    assert done.candidate.facts.packages == {}
    assert any("packages that python ran with are not recorded" in w for w in done.warnings)


def test_train__evidence_in_the_ledger_is_enough(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path
) -> None:
    """MLflow may have lost its runs, the ledger has not."""
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    known = Evidence(done.candidate, Rows(1, "0" * 64), {})
    path = lookup.evidence_path("tiny", done.candidate.fingerprint)
    ledger = FakeLedger()
    ledger.append({path: documents.dump(known)}, message="Know tiny")
    elsewhere = replace(world, ledger=ledger, runs=FakeRuns(tmp_path / "lost"))
    again = train.run(elsewhere, REQUEST)
    assert again == replace(done, reused=True, warnings=())
    assert len(pipeline.jobs) == 1


def test_train__what_another_clone_has_trained_is_known(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path
) -> None:
    """This clone has seen nothing of it yet, and MLflow has lost it."""
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    origin = Origin()
    stale = FakeLedger(origin)
    known = Evidence(done.candidate, Rows(1, "0" * 64), {})
    FakeLedger(origin).append({lookup.path_of(known): documents.dump(known)}, message="Know tiny")
    again = train.run(replace(world, ledger=stale, runs=FakeRuns(tmp_path / "lost")), REQUEST)
    assert again == replace(done, reused=True, warnings=())
    assert len(pipeline.jobs) == 1


def test_train__a_ledger_whose_history_was_rewritten_stops_it(
    world: train.TrainContext, pipeline: FakePipeline
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
        train.run(replace(world, ledger=rewritten), REQUEST)
    assert pipeline.jobs == []


def test_train__the_job_is_what_the_manifest_says(
    world: train.TrainContext, pipeline: FakePipeline, repo: Tiny
) -> None:
    train.run(world, REQUEST)
    [job] = pipeline.jobs
    assert (job.file, job.target, job.timeout_seconds) == ("tiny/dvc.yaml", "train", 300)
    assert job.settings.home == repo.root / ".dvc"
    assert job.data == ("tiny/data.csv",)
    assert job.env["INTERLOCK_FINGERPRINT"]
    assert job.checkout != repo.root
    assert not job.checkout.exists()


def test_train__a_model_in_one_file_lies_under_its_own_name(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    pipeline.files = {"tiny/model": "w", "tiny/predictions.csv": PREDICTIONS}
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    assert done.candidate.model.path == "model/model"


def test_train__without_a_rate_there_is_no_price(world: train.TrainContext) -> None:
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    assert done.candidate.facts.cost is None


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"tiny/predictions.csv": "id"}, "did not leave tiny/model"),
        ({"tiny/model/w": "w"}, "did not leave tiny/predictions.csv"),
        (
            {"tiny/model/w": "w", "tiny/predictions.csv/part": "id"},
            "predictions.csv is a folder",
        ),
    ],
)
def test_train__what_the_manifest_promises_must_be_there(
    world: train.TrainContext,
    pipeline: FakePipeline,
    files: dict[str, str],
    reason: str,
) -> None:
    pipeline.files = files
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert reason in done.attempt.reason
    complete_runs = world.runs.find_attempts(model="tiny", fingerprint=done.attempt.fingerprint)
    assert complete_runs.records == (done.attempt,)
    assert find(world, done.attempt.fingerprint) is None


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("id\n1\n", ["has no column 'target'", "has no column 'prediction'"]),
        ("id,target,prediction\n1,a,\n1,b,b\n", ["occurs more than once", "row 1", "is missing"]),
        ("", ["tiny/predictions.csv is empty"]),
    ],
)
def test_train__predictions_that_cannot_be_scored_are_reported_before_anything_is_stored(
    world: train.TrainContext, pipeline: FakePipeline, text: str, reasons: list[str]
) -> None:
    pipeline.files = {"tiny/model/w": "w", "tiny/predictions.csv": text}
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert done.ended is RunEnd.UNUSABLE
    for reason in ["tiny/predictions.csv", *reasons]:
        assert reason in done.attempt.reason
    assert find(world, done.attempt.fingerprint) is None


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("task: binary", "nothing says which of them is the positive class"),
        ("slices: [hand]", "no column 'hand', which is required as a slice"),
    ],
)
def test_train__predictions_must_be_what_the_manifest_asks_for(
    world: train.TrainContext, manifest: str, reason: str
) -> None:
    def read(tree: Tree, model: str) -> ModelAt:
        at = snapshots.read_model(tree, model)
        if manifest.startswith("task"):
            return replace(at, manifest=replace(at.manifest, task=Task.BINARY))
        evaluation = replace(at.manifest.evaluation, slices=("hand",))
        return replace(at, manifest=replace(at.manifest, evaluation=evaluation))

    done = train.run(replace(world, read_model=read), REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert reason in done.attempt.reason


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"tiny/model/deep/w": None}, "tiny/model is a folder without a file"),
        ({"tiny/model/w": "w", "tiny/model/l": "->nowhere"}, "model/l is a link to nowhere"),
        ({"tiny/model/w": "w", "tiny/model/l": "->/tmp"}, "is a link to the folder /tmp"),
        ({"tiny/model": "->nowhere"}, "tiny/model is a link to nowhere"),
    ],
)
def test_train__a_model_without_bytes_is_none(
    world: train.TrainContext, pipeline: FakePipeline, files: dict[str, str | None], reason: str
) -> None:
    pipeline.files = {"tiny/predictions.csv": PREDICTIONS, **files}
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert done.ended is RunEnd.UNUSABLE
    assert reason in done.attempt.reason


@pytest.mark.parametrize(
    ("ended", "interrupted"),
    [(RunEnd.FAILED, False), (RunEnd.TIMED_OUT, False), (RunEnd.INTERRUPTED, True)],
)
def test_train__every_other_end_is_an_attempt(
    world: train.TrainContext, pipeline: FakePipeline, ended: RunEnd, interrupted: bool
) -> None:
    pipeline.run_ = PipelineRun(ended, seconds=1.0, log_tail="last words", reason="why")
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert done.ended is ended
    assert (done.attempt.reason, done.attempt.log_tail) == ("why", "last words")
    assert done.attempt.interrupted is interrupted


def test_train__an_attempt_that_cannot_be_recorded_says_both(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path
) -> None:
    pipeline.run_ = PipelineRun(RunEnd.FAILED, seconds=1.0, log_tail="", reason="it broke")
    gone = BrokenRuns(tmp_path, errors.CannotReachRegistry("MLflow is gone"))
    done = train.run(replace(world, runs=gone), REQUEST)
    assert isinstance(done, train.TrainingFailed)
    assert done.attempt.reason == "it broke"
    assert "the attempt was not recorded: MLflow is gone" in done.warnings


def test_train__a_candidate_that_cannot_be_recorded_is_none(
    world: train.TrainContext, tmp_path: Path
) -> None:
    gone = BrokenRuns(tmp_path, errors.CannotReachRegistry("MLflow is gone"))
    with pytest.raises(errors.CannotReachRegistry, match="MLflow is gone"):
        train.run(replace(world, runs=gone), REQUEST)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("place", ["pipeline", "runs"])
def test_train__a_full_disk_is_reported_with_its_path(
    world: train.TrainContext, pipeline: FakePipeline, tmp_path: Path, number: int, place: str
) -> None:
    full = OSError(number, "No space left on device", "/data/model.bin")
    if place == "pipeline":
        pipeline.error = full
    else:
        world = replace(world, runs=BrokenRuns(tmp_path, full))
    with pytest.raises(
        errors.OutsideFailure, match=r"the disk (is full|quota is used up).*/data/model\.bin"
    ) as caught:
        train.run(world, REQUEST)
    assert caught.value.exit_code == 4


def test_train__another_failure_of_the_system_is_no_full_disk(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    pipeline.error = PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(PermissionError):
        train.run(world, REQUEST)


def test_environment_salt__tells_environments_apart_and_nothing_else() -> None:
    def salt(*inputs: Input) -> str:
        return train.environment_salt(Lineage("tiny", inputs, ()))

    lock = Input(InputKind.ENVIRONMENT, "uv.lock", "git:1")
    other = Input(InputKind.ENVIRONMENT, "conda.yml", "git:3")
    code = Input(InputKind.CODE, "train.py", "git:2")
    assert salt(lock) == salt(lock, code)
    assert salt(lock, other) == salt(other, lock)
    assert len({salt(), salt(lock), salt(lock, other), salt(replace(lock, digest="git:9"))}) == 4


# --- the machine --------------------------------------------------------------------------------


def asking(
    world: train.TrainContext, runner: Runner, training: Training | None = None
) -> train.TrainContext:
    """The world in which the manifest requires this."""

    def read_model(tree: Tree, name: str) -> ModelAt:
        at = world.read_model(tree, name)
        return replace(at, manifest=replace(at.manifest, runner=runner, training=training))

    return replace(world, read_model=read_model)


def test_train__on_a_machine_without_its_gpu_pulls_and_records_nothing(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    world = asking(world, Runner(gpus=1))
    with pytest.raises(errors.UnfitMachine, match="requires 1 GPU, and this machine has none") as e:
        train.run(world, REQUEST)
    assert e.value.exit_code == 4
    assert "nvidia-smi" in e.value.hint
    assert pipeline.jobs == []
    fingerprint = world.read_model(world.repository.tree("HEAD"), "tiny").fingerprint
    assert fingerprint is not None
    assert world.runs.find_attempts(model="tiny", fingerprint=fingerprint).records == ()


def test_train__what_it_used_of_its_gpus_is_in_the_record(world: train.TrainContext) -> None:
    used = GpuUse(2, 8.0, 0.5, 10**9, 1200.0)
    gpus = tuple(Gpu(n, f"GPU-{n}", "H100", 80 * 10**9, 60 * 10**9) for n in range(2))
    machine = FakeMachine(MachineFacts(gpus=gpus), used)
    lines: list[str] = []
    world = asking(replace(world, machine=machine, tell=lines.append), Runner(gpus=2))
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    assert machine.watched == [2]
    assert done.candidate.facts.gpu_use == used
    assert documents.load(documents.dump(done.candidate), Candidate, where="it") == done.candidate
    assert "tiny: GPUs: 2 GPUs: H100, H100" in lines
    assert [w.partition(" (")[0] for w in done.warnings if "GPU memory" in w] == [
        f"GPU memory: GPU {n}" for n in range(2)
    ]
    with pytest.raises(errors.UnfitMachine, match="requires 70"):
        train.run(asking(world, Runner(gpus=2, gpu_memory_gb=70.0)), replace(REQUEST, force=True))


def test_train__what_is_in_the_cache_is_not_pulled(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    """DVC is asked for it only where the disk may be too small."""
    world = replace(world, machine=FakeMachine(MachineFacts(disk_free_bytes=10**12)))
    train.run(world, REQUEST)
    assert pipeline.requested == []
    world = replace(world, machine=FakeMachine(MachineFacts(disk_free_bytes=len(tiny.DATA) - 1)))
    with pytest.raises(errors.UnfitMachine, match="must be pulled"):
        train.run(world, replace(REQUEST, force=True))
    assert pipeline.requested == [{tiny.md5(tiny.DATA): len(tiny.DATA)}]
    pipeline.cached_bytes = len(tiny.DATA)
    done = train.run(world, replace(REQUEST, force=True))
    assert any(warning.startswith("disk: ") for warning in done.warnings)


def test_train__the_launcher_is_the_jobs_and_its_salt(
    world: train.TrainContext, pipeline: FakePipeline
) -> None:
    train.run(world, REQUEST)
    train.run(
        asking(world, Runner(), Training(Launcher.TORCHRUN, gpus=2)),
        replace(REQUEST, force=True),
    )
    plain, launched = pipeline.jobs
    assert plain.launch == ""
    assert launched.launch.endswith("torch.distributed.run --standalone --nproc-per-node=2")
    # Without a place for checkpoints a program is given none.
    assert "INTERLOCK_CHECKPOINT_DIR" not in plain.env


def test_environment_salt__tells_launchers_apart() -> None:
    def salt(*inputs: Input) -> str:
        return train.environment_salt(Lineage("tiny", inputs, ()))

    plain = Input(InputKind.MANIFEST, "model.yaml", "value:1", name="outputs")
    launcher = Input(InputKind.MANIFEST, "model.yaml", "value:1", name="training")
    assert salt() == salt(plain) != salt(launcher)


# --- checkpoints where other jobs may have written ----------------------------------------------


@dataclass
class Stopping(FakePipeline):
    """Looks at what its program would find, stores one checkpoint more, and is interrupted."""

    checkpoints: list[set[str]] = field(default_factory=list)

    def run(
        self,
        job: PipelineJob,
        *,
        say: Callable[[str], None],
        check: Callable[[tuple[str, ...]], Refusal | None],
    ) -> PipelineRun:
        folder = Path(job.env["INTERLOCK_CHECKPOINT_DIR"])
        self.checkpoints.append({path.name for path in folder.iterdir()} - {"attempts"})
        mark = checkpoint.CheckpointMark("7.state", job.env["INTERLOCK_FINGERPRINT"], 7, SEVEN)
        (folder / "7.state").write_bytes(b"7")
        (folder / "7.json").write_text(documents.text(documents.dump(mark)))
        return PipelineRun(RunEnd.INTERRUPTED, 1.0, "", reason="interrupted")


SEVEN = hashlib.sha256(b"7").hexdigest()


def stopped(world: train.TrainContext) -> Attempt:
    done = train.run(world, REQUEST)
    assert isinstance(done, train.TrainingFailed)
    return done.attempt


def test_train__a_job_goes_on_from_what_an_attempt_of_its_commit_names_in_the_ledger(
    world: train.TrainContext, tmp_path: Path
) -> None:
    pipeline, ledger = Stopping(), FakeLedger()
    kept = FolderCheckpoints(tmp_path / "kept")
    world = replace(world, ledger=ledger, is_own_machine=False)
    job = replace(world, pipeline=pipeline, checkpoints=kept)
    attempt = stopped(job)
    assert [(each.step, each.sha256) for each in attempt.checkpoints] == [(7, SEVEN)]
    [folder] = (tmp_path / "kept" / "tiny").iterdir()
    (folder / "latest.pt").write_bytes(b"planted")
    stopped(job)  # MLflow alone has the attempt: any job may write there
    ledger.append({lookup.path_of(attempt): documents.dump(attempt)}, message="Tell of it")
    (folder / "latest.pt").write_bytes(b"planted")
    stopped(job)
    own = replace(job, is_own_machine=True)
    (folder / "latest.pt").write_bytes(b"mine")
    stopped(own)
    whole = {"7.json", "7.state"}
    assert pipeline.checkpoints == [set(), set(), whole, {*whole, "latest.pt"}]
    assert documents.load(documents.dump(attempt), Attempt, where="attempt") == attempt


@pytest.mark.parametrize("harm", ["another commit", "unreadable"])
def test_train__an_attempt_that_proves_nothing_is_none(
    world: train.TrainContext, tmp_path: Path, harm: str
) -> None:
    pipeline, ledger = Stopping(), FakeLedger()
    kept = FolderCheckpoints(tmp_path / "kept")
    world = replace(world, ledger=ledger, is_own_machine=False)
    job = replace(world, pipeline=pipeline, checkpoints=kept)
    attempt = stopped(job)
    odd = documents.dump(replace(attempt, revision="e" * 40))
    record = odd if harm == "another commit" else {"schema": "interlock/other/v1"}
    ledger.append({lookup.path_of(attempt): record}, message="Tell of it")
    stopped(job)
    assert pipeline.checkpoints == [set(), set()]


def test_train__force_takes_no_more_than_the_ledger_names(
    world: train.TrainContext, tmp_path: Path
) -> None:
    pipeline = Stopping()
    kept = FolderCheckpoints(tmp_path / "kept")
    job = replace(world, pipeline=pipeline, checkpoints=kept, is_own_machine=False)
    stopped(job)
    assert isinstance(train.run(job, replace(REQUEST, force=True)), train.TrainingFailed)
    assert pipeline.checkpoints == [set(), set()]

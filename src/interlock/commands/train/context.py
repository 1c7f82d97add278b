"""What a training is asked for, needs and gives; nothing happens here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlock import errors
from interlock.domain.model import evidence
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.policy import Rate
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.training.training_tree import TrainingTree
from interlock.ports.checkpoints import Checkpoints
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.ports.machine import Machine
from interlock.ports.pipeline import PipelineRunner, RunEnd
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """`force` trains though there is evidence. `here` refuses a checkout that is not the revision,
    or not as committed. `prepare` are shell commands that make the programs' environment, in the
    training's tree. `remove_checkout` empties the checkout before the first program runs, under
    the same conditions as `here`: for a job that has just made it."""

    model: str
    revision: str
    force: bool = False
    here: bool = False
    prepare: str = ""
    remove_checkout: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """There is a candidate. `reused` says that it was there before, and nothing trained; `repeats`
    is the candidate that counts, where somebody trained the same inputs before or meanwhile."""

    candidate: evidence.Candidate
    reused: bool
    warnings: tuple[str, ...] = ()
    repeats: evidence.Candidate | None = None


@dataclass(frozen=True, slots=True)
class TrainingFailed:
    """There is none, and why."""

    attempt: evidence.Attempt
    ended: RunEnd
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelError:
    """One of several models could not be trained, or was not begun: `error` says why."""

    error: errors.InterlockError


@dataclass(frozen=True, slots=True)
class TrainContext:
    """What a training needs of the world. `branch` is the default one, whose DVC remotes count.
    `scoring` is opened when there are outputs, which costs seconds.
    `ambient` is this process's environment; trees are made in `scratch`. `say` takes the program's
    lines, `tell` ours; without `checkpoints` no program's state outlives its job. On one's
    `is_own_machine` what earlier trainings left in this clone is taken; a job of CI takes nothing
    that another job may have written."""

    repository: Repository
    read_model: Callable[[Tree, str], ModelAt]
    training_tree: Callable[[Tree, ModelAt], TrainingTree]
    rates: Callable[[Tree], Mapping[str, Rate]]
    pipeline: PipelineRunner
    machine: Machine
    runs: Runs
    scoring: Callable[[], Scoring]
    ledger: Ledger | None = None
    checkpoints: Checkpoints | None = None
    branch: str = "main"
    is_own_machine: bool = False
    ambient: Mapping[str, str] = field(default_factory=dict)
    scratch: Path | None = None
    say: Callable[[str], None] = lambda _: None
    tell: Callable[[str], None] = lambda _: None

    def find_tip(self) -> str | None:
        """Where the default branch was at origin when it was fetched; here where there is none. A
        training job holds no token to fetch with."""
        refs = (f"refs/remotes/origin/{self.branch}", f"refs/heads/{self.branch}")
        return next(filter(None, map(self.repository.find_ref, refs)), None)


@dataclass(frozen=True, slots=True)
class TrainingSubject:
    """The model that is trained: its words, its inputs, its content address, its revision, what
    an hour costs where it trains."""

    at: ModelAt
    lineage: Lineage
    fingerprint: str
    tree: Tree
    training_tree: TrainingTree
    rates: Mapping[str, Rate]

    @property
    def name(self) -> str:
        return self.at.manifest.model

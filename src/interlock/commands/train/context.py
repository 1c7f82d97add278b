"""The context, the options and the results of a training."""

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
from interlock.services import default_branch_policy
from interlock.services.attested_runs import AttestedRuns


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """`force` trains again despite evidence. `here` refuses a checkout of another revision or with
    changes. `prepare` are shell commands that install the programs' environment, in the training's
    tree. `remove_checkout` empties the checkout before the first program runs, under the conditions
    of `here`: for a job that has just made it."""

    model: str
    revision: str
    force: bool = False
    here: bool = False
    prepare: str = ""
    remove_checkout: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """There is a candidate. `reused`: it is from an earlier training. `repeats` is the candidate
    that counts, if another job has trained the same inputs. `document` is the SHA-256 of the run's
    candidate.json."""

    candidate: evidence.Candidate
    reused: bool
    document: str
    warnings: tuple[str, ...] = ()
    repeats: evidence.Candidate | None = None


@dataclass(frozen=True, slots=True)
class TrainingFailed:
    """There is no candidate, for the reason in `attempt`."""

    attempt: evidence.Attempt
    ended: RunEnd
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelError:
    """One of several models was not trained, because of `error`."""

    error: errors.InterlockError


@dataclass(frozen=True, slots=True)
class TrainContext:
    """`branch` is the default branch, and its DVC remotes count. `scoring` takes seconds to open,
    and is opened when there are outputs. `ambient` is the environment of this process; trees are
    made in `scratch`. `say` prints the program's lines, `tell` Interlock's. Without `checkpoints`
    no state survives its job. `attested` returns the rules for the candidates of a revision, None
    if no attestation is required. On the user's own machine (`is_own_machine`) results of earlier
    trainings in this clone are reused; a job of CI does not reuse files that another job can
    write."""

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
    attested: Callable[[str], AttestedRuns | None] = lambda _: None
    branch: str = "main"
    is_own_machine: bool = False
    ambient: Mapping[str, str] = field(default_factory=dict)
    scratch: Path | None = None
    say: Callable[[str], None] = lambda _: None
    tell: Callable[[str], None] = lambda _: None

    def find_tip(self) -> str | None:
        """Return the last fetched commit of the default branch."""
        return default_branch_policy.find_fetched_tip(self.repository, branch=self.branch)


@dataclass(frozen=True, slots=True)
class TrainingSubject:
    """The model to train, with its inputs, fingerprint, revision and the price of an hour."""

    at: ModelAt
    lineage: Lineage
    fingerprint: str
    tree: Tree
    training_tree: TrainingTree
    rates: Mapping[str, Rate]

    @property
    def name(self) -> str:
        return self.at.manifest.model

"""What a training is asked for, needs and gives; nothing happens here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interlock import errors
from interlock.domain import evidence
from interlock.domain.lineage import Lineage
from interlock.domain.policy import Rate
from interlock.domain.snapshot import ModelAt
from interlock.ports.checkpoints import Checkpoints
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.ports.machine import Machine
from interlock.ports.pipeline import Ended, Pipeline
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True)
class Request:
    """`here` trains in the user's checkout, which must be that revision and clean; `force` trains
    though there is evidence."""

    model: str
    revision: str
    here: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """There is a candidate. `reused` says that it was there before, and nothing trained."""

    candidate: evidence.Candidate
    reused: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """There is none, and why."""

    attempt: evidence.Attempt
    ended: Ended
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """One of several models could not be trained, or was not begun: `error` says why."""

    error: errors.InterlockError


@dataclass(frozen=True, slots=True)
class World:
    """What a training needs of the world. `scoring` is opened when there are outputs, which costs
    seconds. `say` takes the program's lines, `tell` ours; without
    `checkpoints` no program's state outlives its job."""

    repository: Repository
    read_model: Callable[[Tree, str], ModelAt]
    rates: Callable[[Tree], Mapping[str, Rate]]
    pipeline: Pipeline
    machine: Machine
    runs: Runs
    scoring: Callable[[], Scoring]
    ledger: Ledger | None = None
    checkpoints: Checkpoints | None = None
    say: Callable[[str], None] = lambda _: None
    tell: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Subject:
    """The model that is trained: its words, its inputs, its content address, its revision."""

    at: ModelAt
    lineage: Lineage
    fingerprint: str
    tree: Tree

    @property
    def name(self) -> str:
        return self.at.manifest.model

"""What a change means for each model: the nouns of a plan; no revision is read here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.lineage import InputKind


class Decision(StrEnum):
    TRAIN = "train"
    REUSE = "reuse"
    JUDGE = "judge"
    UNAFFECTED = "unaffected"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Change:
    """One input that differs; `before`/`after` are what a person reads, None when absent."""

    kind: InputKind
    path: str
    name: str
    before: str | None
    after: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What carrying out a decision will take; None is unknown."""

    bytes_to_pull: int | None = None
    stages: tuple[str, ...] = ()
    runner_labels: tuple[str, ...] = ()
    expected_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPlan:
    model: str
    manifest: str
    decision: Decision
    sentence: str
    fingerprint: str | None
    base_fingerprint: str | None
    reasons: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    cost: Cost = Cost()


@dataclass(frozen=True, slots=True)
class Plan:
    """`base` is None when the plan is held against what is served instead of a revision."""

    base: str | None
    head: str
    models: tuple[ModelPlan, ...]

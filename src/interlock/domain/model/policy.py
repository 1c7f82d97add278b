"""The rules for all models of a repository; from the default branch, never from a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OnInconclusive(StrEnum):
    """The effect of an inconclusive gate."""

    ASK = "ask"
    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"


class LockPolicy(StrEnum):
    COMMIT = "commit"
    LEAVE = "leave"


class Commenter(StrEnum):
    """The program that writes the report's comment."""

    GITHUB = "github"
    CML = "cml"


class Repairs(StrEnum):
    """Sets if `reconcile` repairs differences or only reports them."""

    AUTO = "auto"
    REPORT = "report"


class UnseenCode(StrEnum):
    """Effect of code that a stage runs and does not declare."""

    WARN = "warn"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Rate:
    """Price of one runner hour."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True)
class RetrainPolicy:
    """The limits for the retrainings of all models together: how many of their pull requests are
    open, how many are opened in an hour, and if a passing one is merged automatically."""

    max_open_total: int = 10
    per_hour: int = 5
    auto_merge: bool = False


@dataclass(frozen=True, slots=True)
class AcceptPolicy:
    """Users who may accept an inconclusive verdict: `users` (GitHub logins), else all users with
    write access. `own` allows the author of the change."""

    own: bool = False
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    manifests: str = "model-manifests/*/model.yaml"
    environments: tuple[str, ...] = ("staging", "production")
    inconclusive: OnInconclusive = OnInconclusive.ASK
    accept: AcceptPolicy = AcceptPolicy()
    dvc_lock: LockPolicy = LockPolicy.COMMIT
    commenter: Commenter = Commenter.GITHUB
    repair: Repairs = Repairs.AUTO
    unseen_code: UnseenCode = UnseenCode.WARN
    runner_labels: tuple[str, ...] = ()
    """Labels that a manifest may request; empty means any."""
    retrain: RetrainPolicy = RetrainPolicy()
    cost_per_hour: Mapping[str, Rate] = field(default_factory=dict)

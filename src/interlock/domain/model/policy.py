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


class AlwaysChanged(StrEnum):
    """Effect of a stage that DVC always runs, upstream of a model: its recorded outputs are inputs
    of the model, or the model does not train."""

    RECORDED = "recorded"
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


def choose(rule: str, own: str, *, in_actions: bool) -> str:
    """Return the value of a setting that the policy (`rule`) and the user (`own`) have. Inside
    GitHub Actions a file of a change may have set the user's value, so the policy wins there."""
    return (rule or own) if in_actions else (own or rule)


class ProvenanceMode(StrEnum):
    """Sets if only attested records and candidates count; UNSET depends on the place of the run."""

    REQUIRED = "required"
    NONE = "none"
    UNSET = "unset"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenancePolicy:
    """The attestations that count. `since` is a commit of the ledger that needs none, like its
    ancestors. Attesting jobs run a workflow file of `repository` at one of `refs` (full tags or
    commits), on GitHub's runners or on those with the labels `evaluate_on`. `keys` are the public
    keys of dedicated evaluators outside of GitHub."""

    mode: ProvenanceMode = ProvenanceMode.UNSET
    since: str = ""
    issuer: str = ""
    repository: str = "acme/interlock"
    refs: tuple[str, ...] = ("refs/tags/v1",)
    evaluate_on: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def is_required(self, *, in_actions: bool) -> bool:
        """True if only attested records count; by default inside GitHub Actions."""
        if self.mode is ProvenanceMode.UNSET:
            return in_actions
        return self.mode is ProvenanceMode.REQUIRED

    def issuer_of(self, server_url: str) -> str:
        """Return the issuer of a server's tokens, for example of https://github.com."""
        if self.issuer:
            return self.issuer
        if server_url == "https://github.com":
            return "https://token.actions.githubusercontent.com"
        if server_url.startswith("https://") and server_url.endswith(".ghe.com"):
            return server_url.replace("https://", "https://token.actions.", 1)
        return f"{server_url}/_services/token"


@dataclass(frozen=True, slots=True)
class Policy:
    manifests: tuple[str, ...] = ("model.yaml", "model-manifests/**/model.yaml")
    """Patterns of the manifest files."""
    environments: tuple[str, ...] = ("staging", "production")
    inconclusive: OnInconclusive = OnInconclusive.ASK
    accept: AcceptPolicy = AcceptPolicy()
    dvc_lock: LockPolicy = LockPolicy.COMMIT
    commenter: Commenter = Commenter.GITHUB
    repair: Repairs = Repairs.AUTO
    unseen_code: UnseenCode = UnseenCode.WARN
    always_changed: AlwaysChanged = AlwaysChanged.RECORDED
    runner_labels: tuple[str, ...] = ()
    """Labels that a manifest may request; empty means any."""
    retrain: RetrainPolicy = RetrainPolicy()
    cost_per_hour: Mapping[str, Rate] = field(default_factory=dict)
    provenance: ProvenancePolicy = ProvenancePolicy()
    mlflow: str = ""
    """Tracking URI of MLflow; empty for the one of the environment."""
    store: str = ""
    """Address of the run store without MLflow (`registry: none`); empty with MLflow."""
    prepare: str = ""
    """Shell commands that create the environment of the team's programs."""

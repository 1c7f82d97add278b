"""A pull request and its models as values of a report; status_rules.py has the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.access.command_record import CommandRecord
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import AcceptPolicy, ProvenanceMode
from interlock.domain.promotion import relation_to_champion
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.training.plan import ModelPlan


class ModelStage(StrEnum):
    """Stage of one model, from plan to production."""

    UNAFFECTED = "unaffected"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"
    """A ledger record of the model cannot be read."""
    ON_REQUEST = "on_request"
    """From a fork: trained when a user with write access comments."""
    TRAINING = "training"
    QUEUED = "queued"
    """Trained by the next run: this run has no free training job."""
    FAILED = "failed"
    TRAINED = "trained"
    """Not evaluated with the current gates, policy and champion."""
    EVALUATED = "evaluated"
    MERGED = "merged"
    PROMOTED = "promoted"
    SUPERSEDED = "superseded"


class MergeStatus(StrEnum):
    """Effect of a model, or of all models, on the merge. Only PASSED allows it."""

    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PullRequestFacts:
    """The pull request. `merge_position` is the position of its merge commit on main, None if
    unknown. `heads` are commits with the same models as `head`: the parent of a commit of lock
    files. `is_on_request`: training needs a comment by a user with write access. `policy_commit`
    last changed the policy of the default branch, "" without a policy file; `policy_problems` are
    the reasons why it cannot be read; `accept` is its rule for acceptances. `provenance` is its
    rule for attestations."""

    number: int
    head: str
    base: str | None
    head_ref: str
    base_ref: str
    is_fork: bool
    is_on_request: bool = False
    is_open: bool = True
    is_merged: bool = False
    merge_position: int | None = None
    heads: tuple[str, ...] = ()
    default_branch: str = ""
    policy_commit: str = ""
    policy_problems: tuple[str, ...] = ()
    accept: AcceptPolicy = field(default_factory=AcceptPolicy)
    provenance: ProvenanceMode = ProvenanceMode.UNSET

    @property
    def targets_default_branch(self) -> bool:
        """True if it is merged into the default branch. Only then a check is written."""
        return self.is_group or self.default_branch in {"", self.base_ref}

    @property
    def is_group(self) -> bool:
        """True if it is the group of a merge queue, which has no pull request number."""
        return self.number == 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The known facts of one model. `key` is the key of a verdict with today's gates, policy and
    champion, "" if unknown. `production` is the current production model, `champions` the evidence
    of the champions of all verdicts, by fingerprint. `is_trained_here` is None without evidence,
    and if this clone does not have all commits of the branch. `is_trained_by_merge`: the merge of
    this change trained it. `is_only_shown`: nothing but a report may use the evidence."""

    plan: ModelPlan
    manifest: Manifest | None = None
    evidence: Evidence | None = None
    attempts: tuple[Attempt, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    key: str = ""
    acceptances: tuple[Acceptance, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    production: Promotion | None = None
    champions: Mapping[str, Evidence] = field(default_factory=dict)
    is_trained_here: bool | None = None
    is_trained_by_merge: bool = False
    is_only_shown: bool = False
    record: str = ""
    """Path of the evidence on the ledger's branch."""
    relaxed: tuple[str, ...] = ()
    """Gates that this change relaxes, one sentence each."""
    hold: Hold | None = None
    """The active hold of the model."""
    unreadable: str = ""
    """The reason why a ledger record cannot be read. Then the other facts are unknown."""
    is_queued: bool = False
    """This run has no free training job for the model; the next run has one."""

    @property
    def failures(self) -> tuple[Attempt, ...]:
        """Attempts that would fail again. Attempts that were interrupted are repeated instead."""
        return tuple(attempt for attempt in self.attempts if attempt.is_repeatable)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model's facts, with its stage and its effect on the merge."""

    facts: ModelFacts
    stage: ModelStage
    merge_status: MergeStatus
    verdict: Verdict | None = None
    is_stale: bool = False
    """The verdict used other gates, another policy or another champion than today's."""
    acceptance: Acceptance | None = None
    promotion: Promotion | None = None
    production: Promotion | None = None
    """The production model: today's, or that at the merge if the pull request is closed."""

    @property
    def model(self) -> str:
        return self.facts.plan.model

    @property
    def primary(self) -> Comparison | None:
        """The primary metric over all rows, from the verdict."""
        manifest, verdict = self.facts.manifest, self.verdict
        if verdict is None or manifest is None:
            return None
        name = manifest.evaluation.primary
        rows = (c for c in verdict.comparisons if c.metric == name and not c.slice)
        return next(rows, None)

    @property
    def champion(self) -> Evidence | None:
        """Evidence of the champion; None without one, or if the candidate is the champion."""
        fingerprint = self.production.fingerprint if self.production else None
        if self.verdict is not None:
            fingerprint = self.verdict.champion
        if fingerprint is None or fingerprint == self.facts.plan.fingerprint:
            return None
        return self.facts.champions.get(fingerprint)

    @property
    def champion_version(self) -> int | None:
        if self.verdict is not None:
            return self.verdict.champion_version
        return self.production.version if self.production else None

    @property
    def earlier_version(self) -> int | None:
        """The earlier production version with this fingerprint, if it is not in production."""
        fingerprint = self.facts.plan.fingerprint or ""
        since = self.production.order if self.production else (0, 0)
        known = [p for p in self.facts.promotions if p.order <= since]
        return relation_to_champion.find(known, fingerprint=fingerprint).served_as


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `models` are those that the change affects, the worst first. `commands` are the
    commands in comments of the pull request, oldest first. `unaffected_warnings` are the plan's
    warnings of unaffected models, as (model, warning). `early_approver` has approved this commit,
    and no job has recorded an acceptance."""

    request: PullRequestFacts
    models: tuple[ModelStatus, ...]
    unaffected: tuple[str, ...]
    merge_status: MergeStatus
    commands: tuple[CommandRecord, ...] = ()
    unaffected_warnings: tuple[tuple[str, str], ...] = ()
    early_approver: str = ""

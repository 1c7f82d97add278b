"""A pull request and its models as a report sees them; the rules are in report, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.access.comment_request import CommandRecord
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.policy import AcceptPolicy
from interlock.domain.promotion import against_champion
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.training.plan import ModelPlan


class ModelStage(StrEnum):
    """Where one model stands on its way, from plan to production."""

    UNAFFECTED = "unaffected"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"
    """A record of it in the ledger cannot be read, so that nothing counts."""
    PLANNED = "planned"
    """To be trained, once a person with write access asks for it: the code is a fork's."""
    TRAINING = "training"
    QUEUED = "queued"
    """To be trained by the next run: this one has no training job left for it."""
    FAILED = "failed"
    TRAINED = "trained"
    """Not judged, or not by the rules and the champion of today."""
    JUDGED = "judged"
    MERGED = "merged"
    SHIPPED = "shipped"
    OVERTAKEN = "overtaken"


class MergeStatus(StrEnum):
    """What a model, or all of them together, means for the merge. Only PASSED lets it through."""

    PASSED = "passed"
    ASKS = "asks"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PullRequestFacts:
    """The pull request. `merge_position` is that of its merge commit on main, None if unknown;
    `heads` are the commits that stand for its head: with one of lock files alone, its parent.
    `is_on_request`: nothing of it is trained until somebody with write access asks. `policy_commit`
    is the commit that the policy of the default branch came with, "" where it has none of its own;
    `policy_problems` say why it cannot be read; `accept` is whom it lets accept."""

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

    @property
    def counts(self) -> bool:
        """Whether it goes into the default branch, as a queue's group does; what goes elsewhere is
        told how it stands, and nothing rests on that."""
        return self.is_group or self.default_branch in {"", self.base_ref}

    @property
    def is_group(self) -> bool:
        """Whether it is a merge queue's group, which is no pull request and has no number."""
        return self.number == 0


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """All that is known of one model. `key` names the judgement that would count today, "" when
    it cannot be told; `served` is what the champion environment runs now, `rivals` the evidence of
    every champion that it was or is held against, by fingerprint; `is_trained_here` is None when
    the commit that it was trained at is not at hand."""

    plan: ModelPlan
    manifest: Manifest | None = None
    evidence: Evidence | None = None
    attempts: tuple[Attempt, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    key: str = ""
    acceptances: tuple[Acceptance, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    served: Promotion | None = None
    rivals: Mapping[str, Evidence] = field(default_factory=dict)
    is_trained_here: bool | None = None
    record: str = ""
    """Where the evidence lies on the ledger's branch."""
    relaxed: tuple[str, ...] = ()
    """What this change loosens of the rules that it is judged by."""
    hold: Hold | None = None
    """The hold that stands, whatever the pull request does."""
    unreadable: str = ""
    """Why what the ledger has of it cannot be read; then nothing else is known."""
    waits: bool = False
    """The run that tells has no training job for it; the next one has."""

    @property
    def failures(self) -> tuple[Attempt, ...]:
        """Attempts that would fail again; one that was ended from outside is to be made again."""
        return tuple(attempt for attempt in self.attempts if attempt.is_repeatable)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model's facts and what follows from them."""

    facts: ModelFacts
    state: ModelStage
    standing: MergeStatus
    verdict: Verdict | None = None
    is_stale: bool = False
    """The verdict was made by other rules, or against another champion, than today's."""
    acceptance: Acceptance | None = None
    promotion: Promotion | None = None
    served: Promotion | None = None
    """What was served when it was merged or closed; before, what is served now."""

    @property
    def model(self) -> str:
        return self.facts.plan.model

    @property
    def primary(self) -> Comparison | None:
        """The primary metric over all rows, as the verdict has it."""
        manifest, verdict = self.facts.manifest, self.verdict
        if verdict is None or manifest is None:
            return None
        name = manifest.evaluation.primary
        rows = (c for c in verdict.comparisons if c.metric == name and not c.slice)
        return next(rows, None)

    @property
    def rival(self) -> Evidence | None:
        """The champion that it is held against; None without one, or when it is the champion."""
        held_against = self.served.fingerprint if self.served else None
        if self.verdict is not None:
            held_against = self.verdict.champion
        if held_against is None or held_against == self.facts.plan.fingerprint:
            return None
        return self.facts.rivals.get(held_against)

    @property
    def rival_version(self) -> int | None:
        if self.verdict is not None:
            return self.verdict.champion_version
        return self.served.version if self.served else None

    @property
    def earlier_version(self) -> int | None:
        """The version under which this fingerprint was served before, if it is not served now."""
        fingerprint = self.facts.plan.fingerprint or ""
        since = self.served.order if self.served else (0, 0)
        known = [p for p in self.facts.promotions if p.order <= since]
        return against_champion.find(known, fingerprint=fingerprint).served_as


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `stories` are the models that the change touches, the worst first; `asked` is what
    people asked for on the pull request, oldest first. `doubts` are the plan's warnings of models
    that are unaffected, as (model, warning)."""

    request: PullRequestFacts
    stories: tuple[ModelStatus, ...]
    unaffected: tuple[str, ...]
    standing: MergeStatus
    asked: tuple[CommandRecord, ...] = ()
    doubts: tuple[tuple[str, str], ...] = ()

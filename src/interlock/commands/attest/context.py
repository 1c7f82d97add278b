"""The context, the options and the result of an attestation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.access.event import Event
from interlock.domain.training.plan import Plan
from interlock.ports.ledger import Ledger
from interlock.ports.provenance import Attestor
from interlock.ports.runs import Runs
from interlock.services.attested_runs import AttestedRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestOptions:
    """`run` and `digest`, the SHA-256 of its candidate.json, are outputs of the job that trained.
    `revision` is the commit that a comment requested; for other events it is only compared."""

    model: str
    run: str
    digest: str
    revision: str = ""
    branch: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestContext:
    """`event` and `sha` are those of the job. `plan` makes the plan of a commit, compared with the
    merge base with another one, or with the champions. `attested` returns the rules for tokens, and
    gets the commit that only a report may show, or "". `has_key`: a key of the policy signs, for
    the revision of the options."""

    event: Event
    sha: str
    plan: Callable[[str | None, str], Plan]
    ledger: Ledger
    runs: Runs
    attested: Callable[[str], AttestedRuns]
    attestor: Attestor
    has_key: bool = False


class AttestOutcome(StrEnum):
    """ATTESTED: the run has a new attestation. NOT_NEEDED: it needs none."""

    ATTESTED = "attested"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class AttestResult:
    outcome: AttestOutcome
    sentence: str
    commit: str = ""
    merge: str | None = None

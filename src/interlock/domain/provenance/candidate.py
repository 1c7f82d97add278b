"""Decides if an attestation vouches for a candidate; Git and the run store are read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attesting_files
from interlock.domain.provenance.attesting_files import Moment
from interlock.domain.provenance.claims import KEY, Claims
from interlock.domain.provenance.token_rules import TokenRules

ATTEMPT = "interlock/attempt/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSubject:
    """A candidate that an attestation vouches for, or with the format ATTEMPT a failed training
    from whose checkpoints the next one may continue; it has no files.

    `commit` was trained; `merge` is the merge commit of a pull request's event, else None.
    `document` is the SHA-256 of the run's document, and `files` are path, size in bytes and SHA-256
    of every file that is evaluated, promoted or committed, sorted.
    """

    model: str
    fingerprint: str
    commit: str
    merge: str | None
    run: str
    document: str
    files: tuple[tuple[str, int, str], ...] = ()
    format: str = attesting_files.CANDIDATE

    @property
    def audience_of(self) -> dict[str, Any]:
        """The document of the attestation."""
        files = [list(each) for each in sorted(self.files)]
        return {**asdict(self), "files": files}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitFacts:
    """The commit that a token is of, from Git. `fingerprint` is the model's at `commit`, and
    `before` that at the base of its change; None if there is none."""

    commit: str
    merge: str | None = None
    fingerprint: str | None
    before: str | None = None


def is_merge(claims: Claims) -> bool:
    """True if the `sha` of a token is a merge commit, whose second parent was trained."""
    return claims.event_name == "pull_request"


def is_change(claims: Claims, rules: TokenRules) -> bool:
    """True if a candidate counts only if its change introduced the fingerprint."""
    at = attesting_files.moment(claims, default_branch=rules.default_branch)
    return at is Moment.CHANGE


def trained(claims: Claims, audience_of: Mapping[str, Any], *, requested: str) -> str | None:
    """Return the commit that was trained if the `sha` of a token is not it, else None.

    The token of a comment is main's, and counts only for the `requested` commit. A key of the
    policy has no event: the signature is over the commit.
    """
    if claims.iss.startswith(KEY):
        return str(audience_of.get("commit"))
    return requested if claims.event_name == "issue_comment" else None


def check(
    subject: CandidateSubject,
    audience_of: Mapping[str, Any],
    *,
    git: CommitFacts,
    is_change: bool,
) -> Refusal | None:
    """Refuse a candidate for which the document of an attestation does not vouch. The token was
    accepted before."""
    expected = subject.audience_of
    for name in sorted({*expected, *audience_of}):
        if expected.get(name) != audience_of.get(name):
            return Refusal(f"its attestation is of another {name}")
    if git.fingerprint != subject.fingerprint:
        return Refusal(f"the model has another fingerprint at {git.commit[:12]}")
    if is_change and git.before == subject.fingerprint:
        return Refusal("the change of its commit did not introduce this fingerprint")
    return None

"""`ledger verify`: checks that records were only added, and that every promotion has its proof."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from interlock import errors
from interlock.commands.ledger import LedgerContext, history
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion import ledger_audit
from interlock.domain.promotion.ledger_audit import Violation
from interlock.ports.git import Repository
from interlock.services import snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """`against` is an earlier head of the ledger, which the history must contain."""

    against: str | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """`commits` is the number of commits, `head` the last one. Without violations it is valid."""

    head: str | None
    commits: int
    violations: tuple[Violation, ...]


def run(context: LedgerContext, options: VerifyOptions) -> Audit:
    """Check the whole history; raises CannotResolve when `against` is not a revision here."""
    head = context.ledger.head
    commits = tuple(history.read(context.repository, head))
    violations = ledger_audit.verify(commits, find_manifest=_manifests(context.repository))
    if options.against is not None:
        violations += _discontinued(context.repository, head, options.against)
    return Audit(head, len(commits), violations)


def _discontinued(repository: Repository, head: str | None, against: str) -> tuple[Violation, ...]:
    earlier = repository.resolve(against)
    if head is not None and repository.is_ancestor(earlier, head):
        return ()
    sentence = f"the ledger does not continue {earlier[:12]}: its history was rewritten"
    return (Violation(head or earlier, "", sentence),)


def _manifests(repository: Repository) -> ledger_audit.Find:
    """Return a function that reads a manifest at a revision; None if this clone has no such
    manifest."""
    reader = snapshots.Reader()

    @functools.cache
    def find(model: str, revision: str) -> Manifest | None:
        try:
            return reader.read_model(repository.tree(revision), model).manifest
        except (errors.BadInput, errors.CannotReachGit):
            return None

    return find

"""`ledger recover`: the records that cannot be confirmed, and how to accept them."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.commands.ledger import LedgerContext
from interlock.domain.provenance.acceptance import IgnoredRecord


@dataclass(frozen=True, slots=True)
class Recovery:
    """`head` is the last commit of the ledger, None without one. `confirmed` is the last commit of
    this history up to which all is verified, None without one, and `unconfirmed` are the changes
    after it that do not count."""

    head: str | None
    confirmed: str | None
    unconfirmed: tuple[IgnoredRecord, ...]


def run(context: LedgerContext) -> Recovery:
    """Raises Refused if the policy requires no provenance."""
    head = context.ledger.head
    if head is None:
        return Recovery(None, None, ())
    state = context.confirm(head)
    if state is None:
        raise errors.Refused(
            "the policy of the default branch says `provenance: none`",
            hint="without it every record of the ledger counts",
        )
    confirmed = state.base.verified_through if state.base else state.since or None
    return Recovery(head, confirmed, state.ignored)

"""What main and the ledger say against what is there, as a list of corrections; nothing is looked
up or written here."""

from __future__ import annotations

from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation import expected_state, settled_act, versions
from interlock.domain.promotion.reconciliation.observed_state import (
    Corrected,
    Correction,
    CorrectionKind,
    CorrectionStep,
    ObservedState,
    ReconcileStatus,
    Repair,
    Status,
    state,
)
from interlock.domain.promotion.reconciliation.versions import Owned, own

__all__ = [
    "Corrected",
    "Correction",
    "CorrectionKind",
    "CorrectionStep",
    "ObservedState",
    "Owned",
    "ReconcileStatus",
    "Repair",
    "Status",
    "deployed",
    "doubtful",
    "find_unserved",
    "own",
    "plan",
    "served",
    "state",
]

_ORDER = list(CorrectionKind)


def plan(seen: ObservedState) -> tuple[Correction, ...]:
    """Return every correction of one model, in the order in which they are to be made.

    What was observed decides alone; in an orderly world there are none.
    """
    way = settled_act.find(seen)
    found = [*way.corrections, *versions.corrections(seen)]
    if way.settled is not None:
        found += expected_state.of_settled(seen, way.settled)
    found += expected_state.of_overtaken(seen)
    found += expected_state.extra_aliases(seen, way)
    found += expected_state.archives(seen)
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.kind)))


def served(seen: ObservedState) -> Owned | None:
    """The version that should be served, if it is known by now and there."""
    settled = settled_act.find(seen).settled
    version = None if settled is None else versions.of(seen, settled)
    return None if settled is None or version is None else Owned(version, (settled,))


def find_unserved(seen: ObservedState) -> Promotion | None:
    """The act that should be served and has no version: its run has to be looked at."""
    settled = settled_act.find(seen).settled
    return settled if settled is not None and versions.of(seen, settled) is None else None


def doubtful(seen: ObservedState) -> tuple[Owned, ...]:
    """Versions whose digests are damaged: their bytes have to be looked at."""
    return versions.doubtful(seen)


def deployed(seen: ObservedState) -> tuple[str, ...]:
    """The commits that GitHub is to be asked about."""
    settled = settled_act.find(seen).settled
    acts = (*expected_state.overtaken(seen), *((settled,) if settled else ()))
    return tuple(sorted({act.revision for act in acts}))

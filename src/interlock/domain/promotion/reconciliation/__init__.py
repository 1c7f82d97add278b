"""What main and the ledger say against what is there, as a list of corrections; nothing is looked
up or written here."""

from __future__ import annotations

from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation import expected_state, settled_promotion, versions
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    ObservedState,
    Repair,
    RepairStatus,
    RepairStep,
    SyncStatus,
    sync_status,
)
from interlock.domain.promotion.reconciliation.versions import OwnedVersion, find_owners

__all__ = [
    "Difference",
    "DifferenceKind",
    "DifferenceResult",
    "ObservedState",
    "OwnedVersion",
    "Repair",
    "RepairStatus",
    "RepairStep",
    "SyncStatus",
    "deployed_commits",
    "expected_version",
    "find_owners",
    "find_unregistered",
    "plan",
    "sync_status",
    "unverified",
]

_ORDER = list(DifferenceKind)


def plan(seen: ObservedState) -> tuple[Difference, ...]:
    """Return every correction of one model, in the order in which they are to be made.

    What was observed decides alone; in an orderly world there are none.
    """
    way = settled_promotion.find(seen)
    found = [*way.corrections, *versions.differences(seen)]
    if way.settled is not None:
        found += expected_state.of_settled(seen, way.settled)
    found += expected_state.of_overtaken(seen)
    found += expected_state.extra_aliases(seen, way)
    found += expected_state.archives(seen)
    return tuple(sorted(found, key=lambda each: _ORDER.index(each.kind)))


def expected_version(seen: ObservedState) -> OwnedVersion | None:
    """The version that should be served, if it is known by now and there."""
    settled = settled_promotion.find(seen).settled
    version = None if settled is None else versions.find_version(seen, settled)
    return None if settled is None or version is None else OwnedVersion(version, (settled,))


def find_unregistered(seen: ObservedState) -> Promotion | None:
    """The act that should be served and has no version: its run has to be looked at."""
    settled = settled_promotion.find(seen).settled
    return settled if settled is not None and versions.find_version(seen, settled) is None else None


def unverified(seen: ObservedState) -> tuple[OwnedVersion, ...]:
    """Versions whose digests are damaged: their bytes have to be looked at."""
    return versions.unverified(seen)


def deployed_commits(seen: ObservedState) -> tuple[str, ...]:
    """The commits that GitHub is to be asked about."""
    settled = settled_promotion.find(seen).settled
    acts = (*expected_state.overtaken(seen), *((settled,) if settled else ()))
    return tuple(sorted({act.revision for act in acts}))

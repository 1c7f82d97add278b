"""Compares main and the ledger with the observed state and lists the differences; pure."""

from __future__ import annotations

from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.reconciliation import expected_state, settled_promotion, versions
from interlock.domain.promotion.reconciliation.observed_state import (
    Difference,
    DifferenceResult,
    ObservedState,
    RepairStatus,
    SyncStatus,
    sync_status,
)
from interlock.domain.promotion.reconciliation.versions import OwnedVersion, find_owners
from interlock.domain.promotion.repair import DifferenceKind, Repair, RepairStep

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


def plan(observed: ObservedState) -> tuple[Difference, ...]:
    """Return every difference of one model, in the order of repair; none if it is in sync."""
    outlook = settled_promotion.find(observed)
    differences = [*outlook.differences, *versions.differences(observed)]
    if outlook.settled is not None:
        differences += expected_state.of_settled(observed, outlook.settled)
    differences += expected_state.of_superseded(observed)
    differences += expected_state.extra_aliases(observed, outlook)
    differences += expected_state.archive_tags(observed)
    return tuple(sorted(differences, key=lambda each: _ORDER.index(each.kind)))


def expected_version(observed: ObservedState) -> OwnedVersion | None:
    """Return the version that should be in production, None if it is unknown or not registered."""
    settled = settled_promotion.find(observed).settled
    version = None if settled is None else versions.find_version(observed, settled)
    return None if settled is None or version is None else OwnedVersion(version, (settled,))


def find_unregistered(observed: ObservedState) -> Promotion | None:
    """Return the promotion that should be in production and has no version in the registry."""
    settled = settled_promotion.find(observed).settled
    return (
        settled
        if settled is not None and versions.find_version(observed, settled) is None
        else None
    )


def unverified(observed: ObservedState) -> tuple[OwnedVersion, ...]:
    """Return the versions with damaged digest tags: their artifacts must be measured."""
    return versions.unverified(observed)


def deployed_commits(observed: ObservedState) -> tuple[str, ...]:
    """Return the commits with deployments on GitHub that must be read."""
    settled = settled_promotion.find(observed).settled
    promotions = (*expected_state.superseded(observed), *((settled,) if settled else ()))
    return tuple(sorted({promotion.revision for promotion in promotions}))

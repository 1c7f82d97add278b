"""What `reconcile` answers: each model, what became of its corrections, and its exit code."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.domain.promotion import reconciliation
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    RepairStatus,
    SyncStatus,
)
from interlock.services.each_model import ModelStopped

_CODES = {
    SyncStatus.IN_ORDER: errors.EXIT_DONE,
    SyncStatus.REPAIRED: errors.EXIT_DONE,
    SyncStatus.DIFFERS: errors.EXIT_NO,
    SyncStatus.LEFT: errors.EXIT_NO,
    SyncStatus.FAILED: errors.EXIT_OUTSIDE,
}


@dataclass(frozen=True, slots=True)
class ReconciledModel:
    """One model, or the manifest that cannot be read: what became of each correction."""

    model: str
    corrections: tuple[DifferenceResult, ...]

    @property
    def state(self) -> SyncStatus:
        return reconciliation.sync_status(self.corrections)

    @property
    def exit_code(self) -> int:
        return _CODES[self.state]


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """`head` is the commit of main that was held against the world."""

    head: str
    models: tuple[ReconciledModel, ...]


def stopped(correction: Difference, found: ModelStopped) -> DifferenceResult:
    """What became of a correction that was not made: FAILED where running it again may help."""
    is_outside = found.exit_code == errors.EXIT_OUTSIDE
    status = RepairStatus.FAILED if is_outside else RepairStatus.REFUSED
    return DifferenceResult(correction, status, found.sentence)


def unknown(found: ModelStopped) -> ReconciledModel:
    """A model of which something cannot be read: nothing of it is compared or put right."""
    correction = Difference(
        found.model,
        DifferenceKind.RECORD,
        "what is recorded of it",
        None,
        None,
        refusal=found.sentence,
    )
    return ReconciledModel(found.model, (stopped(correction, found),))


def unread(path: str, said: str) -> ReconciledModel:
    """A manifest that cannot be read is a model of which nothing is known."""
    refusal = f"{path} cannot be read: {said}"
    found = Difference(path, DifferenceKind.MANIFEST, path, None, None, refusal=refusal)
    return ReconciledModel(path, (DifferenceResult(found, RepairStatus.REFUSED, refusal),))

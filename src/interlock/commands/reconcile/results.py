"""The result of `reconcile`: each model with its differences, their repairs and its exit code."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.domain.basics.refusal import Refusal
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
    SyncStatus.IN_SYNC: errors.EXIT_DONE,
    SyncStatus.REPAIRED: errors.EXIT_DONE,
    SyncStatus.OUT_OF_SYNC: errors.EXIT_NO,
    SyncStatus.REFUSED: errors.EXIT_NO,
    SyncStatus.FAILED: errors.EXIT_OUTSIDE,
}


@dataclass(frozen=True, slots=True)
class ReconciledModel:
    """One model, or a manifest that cannot be read, with the result of each difference."""

    model: str
    differences: tuple[DifferenceResult, ...]

    @property
    def status(self) -> SyncStatus:
        return reconciliation.sync_status(self.differences)

    @property
    def exit_code(self) -> int:
        return _CODES[self.status]


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """`head` is the commit of main that registry and deployments were compared with."""

    head: str
    models: tuple[ReconciledModel, ...]


def stopped(difference: Difference, stop: ModelStopped) -> DifferenceResult:
    """The result of a repair that stopped: FAILED if a rerun may help."""
    is_outside = stop.exit_code == errors.EXIT_OUTSIDE
    status = RepairStatus.FAILED if is_outside else RepairStatus.REFUSED
    return DifferenceResult(difference, status, stop.sentence)


def unknown(stop: ModelStopped) -> ReconciledModel:
    """A model with unreadable records: it is not compared and not repaired."""
    difference = _refused(stop.model, DifferenceKind.RECORD, "records", Refusal(stop.sentence))
    return ReconciledModel(stop.model, (stopped(difference, stop),))


def unread(path: str, messages: str) -> ReconciledModel:
    """A manifest that cannot be read."""
    refusal = Refusal(f"{path} cannot be read: {messages}")
    difference = _refused(path, DifferenceKind.MANIFEST, path, refusal)
    result = DifferenceResult(difference, RepairStatus.REFUSED, refusal.reason)
    return ReconciledModel(path, (result,))


def _refused(model: str, kind: DifferenceKind, resource: str, refusal: Refusal) -> Difference:
    return Difference(model, kind, resource, None, None, refusal=refusal)

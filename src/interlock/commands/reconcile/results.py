"""What `reconcile` answers: each model, what became of its corrections, and its exit code."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.domain.promotion import reconciliation
from interlock.domain.promotion.reconciliation import (
    Corrected,
    Correction,
    CorrectionKind,
    ReconcileStatus,
    Status,
)
from interlock.services.each_model import ModelStopped

_CODES = {
    ReconcileStatus.IN_ORDER: errors.EXIT_DONE,
    ReconcileStatus.REPAIRED: errors.EXIT_DONE,
    ReconcileStatus.DIFFERS: errors.EXIT_NO,
    ReconcileStatus.LEFT: errors.EXIT_NO,
    ReconcileStatus.FAILED: errors.EXIT_OUTSIDE,
}


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One model, or the manifest that cannot be read: what became of each correction."""

    model: str
    corrections: tuple[Corrected, ...]

    @property
    def state(self) -> ReconcileStatus:
        return reconciliation.state(self.corrections)

    @property
    def exit_code(self) -> int:
        return _CODES[self.state]


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """`head` is the commit of main that was held against the world."""

    head: str
    models: tuple[Reconciled, ...]


def stopped(correction: Correction, found: ModelStopped) -> Corrected:
    """What became of a correction that was not made: FAILED where running it again may help."""
    is_outside = found.exit_code == errors.EXIT_OUTSIDE
    status = Status.FAILED if is_outside else Status.REFUSED
    return Corrected(correction, status, found.sentence)


def unknown(found: ModelStopped) -> Reconciled:
    """A model of which something cannot be read: nothing of it is compared or put right."""
    correction = Correction(
        found.model,
        CorrectionKind.RECORD,
        "what is recorded of it",
        None,
        None,
        refusal=found.sentence,
    )
    return Reconciled(found.model, (stopped(correction, found),))


def unread(path: str, said: str) -> Reconciled:
    """A manifest that cannot be read is a model of which nothing is known."""
    refusal = f"{path} cannot be read: {said}"
    found = Correction(path, CorrectionKind.MANIFEST, path, None, None, refusal=refusal)
    return Reconciled(path, (Corrected(found, Status.REFUSED, refusal),))

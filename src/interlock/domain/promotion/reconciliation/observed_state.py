"""The nouns of reconciliation: the observed state of a model, its differences, their repairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion.promotion import DesiredState, Promotion
from interlock.domain.promotion.registry_state import RegisteredModel
from interlock.domain.promotion.repair import DifferenceKind


@dataclass(frozen=True, slots=True)
class Difference:
    """One resource that is out of sync. None as `expected` or `actual` means that it is absent.

    `refusal` explains why it cannot be repaired. The other fields locate the resource: `name` is
    an alias, a tag or an environment of the registered model `registry_name`, `version` the version
    of a tag, `promotion` the promotion that requires it.
    """

    model: str
    kind: DifferenceKind
    resource: str
    expected: str | None
    actual: str | None
    refusal: Refusal | None = None
    registry_name: str = ""
    name: str = ""
    version: int | None = None
    promotion: Promotion | None = None

    @property
    def sentence(self) -> str:
        if self.refusal is not None:
            return self.refusal.reason
        actual, expected = self.actual or "nothing", self.expected or "nothing"
        return f"{self.resource}: {actual} instead of {expected}"

    @property
    def identity(self) -> tuple[str, str, str | None, str | None]:
        """Two differences of one model have two identities."""
        return (self.kind, self.resource, self.expected, self.actual)


class RepairStatus(StrEnum):
    """The result of a repair. FAILED: an outside system refused; a rerun may help."""

    PLANNED = "planned"
    REPAIRED = "repaired"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DifferenceResult:
    difference: Difference
    status: RepairStatus
    sentence: str


class SyncStatus(StrEnum):
    """The status of a model after reconciliation. OUT_OF_SYNC: differences that were not repaired,
    as in a dry run. REFUSED: a difference cannot be repaired."""

    IN_SYNC = "in_sync"
    REPAIRED = "repaired"
    OUT_OF_SYNC = "out_of_sync"
    REFUSED = "refused"
    FAILED = "failed"


# The worst first.
_BY_REPAIR = {
    RepairStatus.FAILED: SyncStatus.FAILED,
    RepairStatus.REFUSED: SyncStatus.REFUSED,
    RepairStatus.PLANNED: SyncStatus.OUT_OF_SYNC,
    RepairStatus.REPAIRED: SyncStatus.REPAIRED,
}


def sync_status(results: Iterable[DifferenceResult]) -> SyncStatus:
    """Return the worst status of all results."""
    statuses = {each.status for each in results}
    worst = (sync for repair, sync in _BY_REPAIR.items() if repair in statuses)
    return next(worst, SyncStatus.IN_SYNC)


@dataclass(frozen=True, slots=True)
class ObservedState:
    """Everything that was observed of one model.

    `desired` is the state that main and its holds require, or the reason why it is unknown; None if
    main does not declare the model. `not_allowed` explains why the desired state may not be
    promoted, `unproven` why the latest promotion has no proof in the ledger. `registered` are the
    registered models of this model, by name, and `promotions` all promotions to one of them.
    `declared` are the registered models that main declares, `environments` all names of
    environments. `deployments` maps a deployment's key to its state; None when GitHub was not read:
    then `not_compared` explains why. `digests` maps (registered model, version) to the SHA-256 of
    its artifact, "" when it cannot be read; versions that were not downloaded are absent.
    `run_digest` is the SHA-256 of the run's own artifact, measured when the registry has no version
    of it.
    """

    model: str
    commit: str
    desired: DesiredState | Refusal | None
    records: tuple[Promotion, ...]
    not_allowed: Refusal | None = None
    unproven: Refusal | None = None
    registered: Mapping[str, RegisteredModel] = field(default_factory=dict)
    promotions: tuple[Promotion, ...] = ()
    declared: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()
    deployments: Mapping[str, str] | None = None
    not_compared: tuple[str, ...] = ()
    digests: Mapping[tuple[str, int], str] = field(default_factory=dict)
    run_digest: str | None = None

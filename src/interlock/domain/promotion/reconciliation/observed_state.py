"""What reconciling is about: what was seen of one model, what differs, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interlock.domain.promotion.promotion import DesiredState, Promotion
from interlock.domain.promotion.registry_state import RegisteredModel


class DifferenceKind(StrEnum):
    """What a correction is about, in the order in which they are made.

    MANIFEST: nothing is known of a model. RECORD: what the ledger, the registry or the run store
    holds of a model cannot be read. BYTES: what is served is not what was judged. TAG: of a
    version. ARCHIVE: whether a registered model is marked as one that main left. PROMOTION: what
    main says was never promoted. ACT: one was begun and has not ended.
    """

    MANIFEST = "manifest"
    RECORD = "record"
    BYTES = "bytes"
    TAG = "tag"
    ARCHIVE = "archive"
    PROMOTION = "promotion"
    ACT = "act"
    VERSION = "version"
    ALIAS = "alias"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise than it should be; None is that it is not there.

    `refusal` says why it may not or cannot be put right, "" when it may. The rest is where:
    `name` of an alias, a tag or an environment, on registered model `registry_name`, on `version`
    of it where it is a tag's; `act` is whose it is.
    """

    model: str
    kind: DifferenceKind
    what: str
    expected: str | None
    found: str | None
    refusal: str = ""
    registry_name: str = ""
    name: str = ""
    version: int | None = None
    act: Promotion | None = None

    @property
    def sentence(self) -> str:
        if self.refusal:
            return self.refusal
        return f"{self.what}: {self.found or 'nothing'} instead of {self.expected or 'nothing'}"

    @property
    def identity(self) -> tuple[str, str, str | None, str | None]:
        """What tells two corrections of one model apart."""
        return (self.kind, self.what, self.expected, self.found)


class RepairStep(StrEnum):
    INTENT = "intent"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Repair:
    """One correction as the ledger has it: the `number`-th of its model, counted from 1, written
    before its effect (INTENT) and after it (DONE). `at` is ISO 8601."""

    model: str
    number: int
    step: RepairStep
    kind: DifferenceKind
    what: str
    expected: str | None
    found: str | None
    sentence: str
    at: str

    @property
    def identity(self) -> tuple[str, str, str | None, str | None]:
        return (self.kind, self.what, self.expected, self.found)


class RepairStatus(StrEnum):
    """What became of a correction. FAILED: a system outside refused; running it again may help."""

    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DifferenceResult:
    correction: Difference
    status: RepairStatus
    sentence: str


class SyncStatus(StrEnum):
    """How a model stands afterwards. DIFFERS: corrections were planned and not made. LEFT: some may
    not or cannot be made."""

    IN_ORDER = "in_order"
    REPAIRED = "repaired"
    DIFFERS = "differs"
    LEFT = "left"
    FAILED = "failed"


_STATES = {
    RepairStatus.FAILED: SyncStatus.FAILED,
    RepairStatus.REFUSED: SyncStatus.LEFT,
    RepairStatus.PLANNED: SyncStatus.DIFFERS,
    RepairStatus.DONE: SyncStatus.REPAIRED,
}


def sync_status(corrected: Iterable[DifferenceResult]) -> SyncStatus:
    """The worst that became of any."""
    found = {each.status for each in corrected}
    return next((s for status, s in _STATES.items() if status in found), SyncStatus.IN_ORDER)


@dataclass(frozen=True, slots=True)
class ObservedState:
    """Everything that was observed of one model.

    `wanted` is what main and its holds say together, or why that cannot be told; None when main
    does not declare the model. `objection` says why what is wanted may not be promoted, `doubt`
    why nothing proves the act that stands.
    `registered` are the registered models that are this model's, by name, and `known` every act
    that ever asked for a version of one of them. `declared` are the names that main still declares,
    `environments` are all names that are an environment's.
    `deployments` maps a deployment's key to its state; None when GitHub was not asked, or did not
    answer: then `unseen` says why.
    `bytes` maps (registered model, version) to the SHA-256 of what it serves, "" when that cannot
    be read; what was not looked at is not there. `in_run` is that of the run's own model, looked at
    when there is no version.
    """

    model: str
    commit: str
    wanted: DesiredState | str | None
    records: tuple[Promotion, ...]
    objection: str = ""
    doubt: str = ""
    registered: Mapping[str, RegisteredModel] = field(default_factory=dict)
    known: tuple[Promotion, ...] = ()
    declared: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()
    deployments: Mapping[str, str] | None = None
    unseen: tuple[str, ...] = ()
    bytes: Mapping[tuple[str, int], str] = field(default_factory=dict)
    in_run: str | None = None

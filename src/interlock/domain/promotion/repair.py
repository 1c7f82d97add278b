"""The record of one repair, and the kinds of differences that are repaired."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DifferenceKind(StrEnum):
    """The kind of a difference, in the order of repair.

    MANIFEST: a manifest cannot be read. RECORD: records of the ledger, the registry or the run
    store cannot be read. ARTIFACT: the production model is not the evaluated artifact. TAG: a tag
    of a version. ARCHIVE: the tag of a registered model that main no longer declares. PROMOTION: a
    promotion that main requires was never begun. UNFINISHED: a promotion was begun and has not
    ended.
    """

    MANIFEST = "manifest"
    RECORD = "record"
    ARTIFACT = "artifact"
    TAG = "tag"
    ARCHIVE = "archive"
    PROMOTION = "promotion"
    UNFINISHED = "unfinished"
    VERSION = "version"
    ALIAS = "alias"
    DEPLOYMENT = "deployment"


class RepairStep(StrEnum):
    INTENT = "intent"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Repair:
    """The ledger's record of one repair: the `number`-th of its model, counted from 1, written
    before its effect (INTENT) and after it (DONE). `at` is ISO 8601."""

    model: str
    number: int
    step: RepairStep
    kind: DifferenceKind
    resource: str
    expected: str | None
    actual: str | None
    sentence: str
    at: str

    @property
    def identity(self) -> tuple[str, str, str | None, str | None]:
        return (self.kind, self.resource, self.expected, self.actual)

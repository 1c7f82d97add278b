"""A scene with many models: each revision is read once, and records are written in one commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from interlock.adapters import git
from interlock.domain.model.snapshot import ModelAt
from interlock.ports.ledger import Ledger
from interlock.services import snapshots
from tests.fakes.ledger import FakeLedger
from tests.fakes.scene import Scene


@dataclass
class LargeScene(Scene):
    """`records` has the evidence and verdicts until `add_records` adds them to a ledger."""

    reader: snapshots.Reader = field(default_factory=snapshots.Reader)
    records: FakeLedger = field(default_factory=FakeLedger)

    @cached_property
    def repository(self) -> git.GitRepository:
        return git.open_repository(self.checkout)

    def model(self, revision: str, *, model: str = "digits") -> ModelAt:
        tree = self.repository.tree(revision)
        return self.reader.read(tree, look_for_imports=False).models[model]

    def add_records(self, ledger: Ledger) -> None:
        paths = self.records.origin.tree(self.records.head)
        documents = {path: self.records.read(path) or {} for path in paths}
        ledger.append(documents, message="Add evidence")

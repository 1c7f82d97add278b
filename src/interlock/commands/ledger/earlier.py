"""Reads the records up to a commit of the ledger: only those of one model or fingerprint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interlock.commands.ledger.counting import Counting
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import reading, records
from interlock.ports.git import Tree


class TreeRecords:
    """The records in the tree of a commit, as `EarlierRecords`; only those that count."""

    def __init__(self, tree: Tree, counting: Counting | None) -> None:
        self._tree, self._counting = tree, counting

    def holds(self, model: str) -> Iterator[Hold]:
        nouns = self._read(self._tree.children(records.folder(Hold, model)))
        return (noun for noun in nouns if isinstance(noun, Hold))

    def of_fingerprint(self, model: str, fingerprint: str) -> Iterator[object]:
        folders = (records.folder(kind, model, fingerprint) for kind in (Verdict, Acceptance))
        own = [path for folder in folders for path in self._tree.children(folder)]
        acts = self._tree.children(records.folder(Promotion, model))
        # The name of a promotion has a part of the fingerprint only.
        for noun in self._read(path for path in acts if f"-{fingerprint[:12]}-" in path):
            if isinstance(noun, Promotion) and noun.fingerprint == fingerprint:
                yield noun
        yield from self._read([records.evidence_path(model, fingerprint), *own])

    def _read(self, paths: Iterable[str]) -> Iterator[object]:
        for path, data in self._tree.read_many(filter(self._counts, paths)).items():
            yield reading.read_file(path, data).noun

    def _counts(self, path: str) -> bool:
        entry = self._tree.entries.get(path)
        if self._counting is None or entry is None:
            return entry is not None
        return entry.object_id == self._counting.blob(path)

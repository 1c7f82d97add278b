"""Writes the records of an evaluation to the ledger, in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from interlock import documents, errors
from interlock.domain.model import data_digests
from interlock.domain.model.data_digests import DataContent
from interlock.domain.model.evidence import Evidence
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from interlock.ports.pictures import Pictures

_Content = TypeVar("_Content")


@dataclass(slots=True)
class LedgerEntries:
    """Records and pictures of one model, by path. A record of another model is refused."""

    model: str
    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    evidence: Evidence | None = None
    data: list[DataContent] = field(default_factory=list)

    def add(self, noun: object) -> None:
        """Raises Refused for a record of another model."""
        path = self._own(lookup.path_of(noun))
        self.records[path] = documents.dump(noun)
        if isinstance(noun, Evidence):
            self.evidence = noun
        if isinstance(noun, DataContent):
            self.data.append(noun)

    def draw(self, files: Mapping[str, bytes]) -> None:
        for path, data in files.items():
            self.files[self._own(path)] = data

    def _own(self, path: str) -> str:
        if path.split("/")[1] != self.model:
            raise errors.Refused(f"{path} is not a record of {self.model}")
        return path

    def is_overtaken(self, ledger: Ledger) -> bool:
        """True if the ledger now has evidence of another candidate, or other data with the digest
        of its data. The first one counts, so that the verdict on this one is not written."""
        if self.evidence is None:
            return False
        mine = self.evidence.candidate
        try:
            there = lookup.find_evidence(ledger, model=self.model, fingerprint=mine.fingerprint)
            replaced = data_digests.check(self.data, lookup.find_data(ledger, self.data))
        except errors.InterlockError:
            return True  # the next evaluation of the model reports the unreadable record
        return replaced is not None or (there is not None and there.candidate != mine)


def store_pictures(
    entries: Iterable[LedgerEntries], pictures: Pictures | None, *, message: str
) -> str:
    """Store all pictures; return the reason why they cannot be stored, "" if they are. A verdict
    does not depend on them."""
    files = {path: data for each in entries for path, data in each.files.items()}
    if pictures is None or not files:
        return ""
    try:
        pictures.store(files, message=message)
    except errors.OutsideFailure as error:
        return f"the pictures are not stored: {error.message}"
    return ""


def write(entries: Mapping[str, LedgerEntries], ledger: Ledger, *, message: str) -> tuple[str, ...]:
    """Append all records; return the models without a written record, because another job has
    written another candidate first. Records that others wrote meanwhile stay."""
    while True:
        late = tuple(name for name, each in entries.items() if each.is_overtaken(ledger))
        due = [each for name, each in entries.items() if name not in late]
        records = {path: record for each in due for path, record in _new(each.records, ledger)}
        if not records:
            return late
        try:
            ledger.append(records, message=message)
            return late
        except errors.LedgerBroken:
            # The same verdict for another commit has another revision: the first one counts.
            ledger.refresh()
            if all(ledger.read_bytes(path) is None for path in records):
                raise


def _new(contents: Mapping[str, _Content], ledger: Ledger) -> Iterator[tuple[str, _Content]]:
    """Yield the records at free paths."""
    return ((path, each) for path, each in contents.items() if ledger.read_bytes(path) is None)

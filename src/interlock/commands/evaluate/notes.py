"""What judging writes to the ledger, in one commit; what is worth writing is not decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock import book, documents, errors
from interlock.ports.ledger import Ledger


@dataclass(slots=True)
class Notes:
    """Records by path, and pictures."""

    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, noun: object) -> None:
        self.records[book.path_of(noun)] = documents.dump(noun)

    def write(self, ledger: Ledger, *, message: str) -> None:
        """Append everything; what another evaluation wrote meanwhile is left as it is."""
        if not self.records:
            return
        try:
            ledger.append(self.records, message=message, files=self.files)
        except errors.LedgerBroken:
            # The same judgement of another commit differs in its revision: the first one stands.
            ledger.refresh()
            rest = Notes(
                {path: record for path, record in self.records.items() if not ledger.read(path)},
                {path: data for path, data in self.files.items() if not ledger.read_bytes(path)},
            )
            if (len(rest.records), len(rest.files)) == (len(self.records), len(self.files)):
                raise
            rest.write(ledger, message=message)

"""The ledger of a dry run: reads from the real ledger, keeps new records in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.ports.ledger import Ledger


@dataclass(slots=True)
class DryRunLedger:
    """Implements ports.ledger; the real ledger is only read."""

    real: Ledger
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def branch(self) -> str:
        return self.real.branch

    @property
    def verified(self) -> VerifiedLedger | None:
        return self.real.verified

    @property
    def head(self) -> str | None:
        """Changes with every record, like the head of the real ledger."""
        return f"{self.real.head} and {len(self.records)} more"

    def refresh(self) -> None:
        self.real.refresh()

    def read(self, path: str) -> dict[str, Any] | None:
        return self.records[path] if path in self.records else self.real.read(path)

    def read_many(self, paths: Iterable[str]) -> Mapping[str, dict[str, Any]]:
        wanted = tuple(paths)
        new = {path: self.records[path] for path in wanted if path in self.records}
        return {**self.real.read_many(path for path in wanted if path not in new), **new}

    def list(self, prefix: str) -> tuple[str, ...]:
        return tuple(sorted({*self.real.list(prefix), *self._new(prefix)}))

    def _new(self, prefix: str) -> Iterator[str]:
        folder = prefix.rstrip("/") + "/"
        return (path for path in self.records if path.startswith(folder))

    def children(self, folder: str) -> tuple[str, ...]:
        start = len(folder.rstrip("/")) + 1
        new = (path[start:].partition("/")[0] for path in self._new(folder))
        return tuple(sorted({*self.real.children(folder), *new}))

    def added(self, *, since: str) -> tuple[str, ...]:
        return self.real.added(since=since)

    def earlier(self, paths: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
        return self.real.earlier(paths)

    def read_bytes(self, path: str) -> bytes | None:
        return self.real.read_bytes(path)

    def append(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        self.records |= {path: dict(record) for path, record in records.items()}
        return bool(records)

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        self.append(records, message=message)
        return True

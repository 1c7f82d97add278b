"""A ledger that keeps what is written to itself: what would be recorded can be seen, and is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.ports.ledger import Ledger


@dataclass(slots=True)
class DryRunLedger:
    """The ledger of ports.ledger over another one, which is only read."""

    real: Ledger
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def head(self) -> str | None:
        """Another one with every record, as the real one's is."""
        return f"{self.real.head} and {len(self.records)} more"

    def refresh(self) -> None:
        self.real.refresh()

    def read(self, path: str) -> dict[str, Any] | None:
        return self.records[path] if path in self.records else self.real.read(path)

    def list(self, prefix: str) -> tuple[str, ...]:
        folder = prefix.rstrip("/") + "/"
        mine = (path for path in self.records if path.startswith(folder))
        return tuple(sorted({*self.real.list(prefix), *mine}))

    def added(self, *, since: str) -> tuple[str, ...]:
        return self.real.added(since=since)

    def positions(self) -> Mapping[str, int]:
        return self.real.positions()

    def read_bytes(self, path: str) -> bytes | None:
        return self.real.read_bytes(path)

    def append(
        self,
        records: Mapping[str, Mapping[str, Any]],
        *,
        message: str,
        files: Mapping[str, bytes] | None = None,
    ) -> bool:
        self.records |= {path: dict(record) for path, record in records.items()}
        return bool(records)

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        self.append(records, message=message)
        return True

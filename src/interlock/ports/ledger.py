"""What is asked of the ledger: append-only JSON records and pictures, found by path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Ledger(Protocol):
    def refresh(self) -> None:
        """Read again what others have written. Raises CannotReachGit."""
        ...

    def read(self, path: str) -> dict[str, Any] | None:
        """One record, None when it does not exist. Raises LedgerBroken when it is no JSON."""
        ...

    def list(self, prefix: str) -> tuple[str, ...]:
        """Paths of the records below a folder, sorted."""
        ...

    def added(self, *, since: str) -> tuple[str, ...]:
        """Paths of the records that were added since a moment (ISO 8601), sorted; the moment of a
        record is its commit's, by the clock of whoever wrote it."""
        ...

    def positions(self) -> Mapping[str, int]:
        """Of every record the number of the commit that wrote it, the first one's being 1: the only
        order between records. Of a record that was changed since, as none may be, it is the last.
        """
        ...

    def read_bytes(self, path: str) -> bytes | None: ...
    def append(
        self,
        records: Mapping[str, Mapping[str, Any]],
        *,
        message: str,
        files: Mapping[str, bytes] | None = None,
    ) -> bool:
        """Add records (path to document) and files in one commit; nothing is ever replaced.

        What is there already, the same, is left alone: False when nothing was new. Raises
        LedgerBroken for a path that exists with another content, CannotReachGit when the push
        was refused for another reason than a newer ledger.
        """
        ...

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        """Add records in one commit over the head that was read, and over no other.

        False, with nothing written and the ledger read anew, when somebody else was first: what
        was decided from the old head has to be decided again. Raises as `append` does.
        """
        ...

    @property
    def head(self) -> str | None:
        """The commit that was read last."""
        ...

"""The port of the ledger: append-only JSON records and pictures, found by path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from interlock.domain.provenance.verified_ledger import VerifiedLedger


class Ledger(Protocol):
    """If only attested records count, no function returns another one, and each write requests a
    token. Then the first read after a `refresh` verifies the new commits: every read may raise
    CannotReachIssuer, and LedgerBroken for a history without the last verified commit.
    """

    @property
    def branch(self) -> str: ...
    @property
    def verified(self) -> VerifiedLedger | None:
        """What counts in this ledger; None if records need no attestation."""
        ...

    def refresh(self) -> None:
        """Read the records that other writers have added. Raises CannotReachGit."""
        ...

    def read(self, path: str) -> dict[str, Any] | None:
        """Return one record, None if it does not exist. Raises LedgerBroken if it is not JSON."""
        ...

    def read_many(self, paths: Iterable[str]) -> Mapping[str, dict[str, Any]]:
        """Return those records that exist, in one request. Raises LedgerBroken like `read`."""
        ...

    def list(self, prefix: str) -> tuple[str, ...]:
        """Paths of the records below a folder, sorted. Only that folder is read."""
        ...

    def children(self, folder: str) -> tuple[str, ...]:
        """Names of the files and folders in a folder, sorted; nothing below them is listed."""
        ...

    def added(self, *, since: str) -> tuple[str, ...]:
        """Paths of the records that were added since a time (ISO 8601), sorted. The time of a
        record is the time of its commit, by the clock of its author."""
        ...

    def earlier(self, paths: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
        """For each record, those of its paths that were in the ledger before it, with the content
        of now: in the commit over which it was written. This is the only order between records.

        All of them are one request. Raises LedgerBroken for a record that names no such commit.
        """
        ...

    def read_bytes(self, path: str) -> bytes | None: ...
    def append(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        """Add records (path to document) in one commit; nothing is ever replaced.

        An equal existing record stays. Returns False if nothing was new. Raises LedgerBroken for a
        path that exists with another content, CannotReachGit if the push was refused for another
        reason than a newer ledger, Refused if this process cannot attest its records.
        """
        ...

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        """Add records in one commit, only over the head that was read.

        Returns False if another writer was first. Then nothing is written and the ledger is read
        again: the caller must decide again. Raises like `append`.
        """
        ...

    @property
    def head(self) -> str | None:
        """The commit that was read last."""
        ...

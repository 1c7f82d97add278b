"""A ledger in memory, with an origin that several of them share, as clones of one repository do."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from interlock import documents, errors
from interlock.domain.promotion import ledger_paths
from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.ports.provenance import LedgerProvenance
from interlock.services import attested_files
from tests.fakes import attested


@dataclass
class Origin:
    """The branch that everybody pushes to: every commit's id, and the files after it; `now` is the
    clock of whoever writes next, in ISO 8601."""

    heads: list[str] = field(default_factory=list)
    trees: dict[str, dict[str, bytes]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    now: str = "2030-01-01T00:00:00+00:00"
    moments: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Origin:
        """Another branch that begins with the same commits."""
        return dataclasses.replace(
            self,
            heads=[*self.heads],
            trees={**self.trees},
            messages=[*self.messages],
            moments={**self.moments},
        )

    def tree(self, head: str | None) -> dict[str, bytes]:
        return {} if head is None else self.trees[head]


class FakeLedger:
    def __init__(
        self,
        origin: Origin | None = None,
        *,
        provenance: LedgerProvenance | None = None,
        with_shown: bool = False,
    ) -> None:
        self.origin = origin or Origin()
        self.provenance, self.with_shown = provenance, with_shown
        self.appends = 0
        self._head: str | None = None
        self.refresh()

    @property
    def branch(self) -> str:
        return "interlock-ledger"

    @property
    def verified(self) -> VerifiedLedger | None:
        if self.provenance is None:
            return None
        return attested.verify(self.origin, self._head, self.provenance)

    def _tree(self, head: str | None) -> Mapping[str, bytes]:
        """The files that count."""
        if self.provenance is None:
            return self.origin.tree(head)
        return attested.accepted(self.origin, head, self.provenance, shown=self.with_shown)

    @property
    def head(self) -> str | None:
        return self._head

    def refresh(self) -> None:
        self._head = self.origin.heads[-1] if self.origin.heads else None

    def read(self, path: str) -> dict[str, Any] | None:
        data = self.read_bytes(path)
        if data is None:
            return None
        try:
            document = dict(json.loads(data))
        except (ValueError, TypeError) as error:
            raise errors.LedgerBroken(f"{path} is not a JSON object") from error
        document.pop("previous", None)
        return document

    def read_bytes(self, path: str) -> bytes | None:
        return self._tree(self._head).get(ledger_paths.check_path(path))

    def read_many(self, paths: Iterable[str]) -> Mapping[str, dict[str, Any]]:
        documents = ((path, self.read(path)) for path in paths)
        return {path: document for path, document in documents if document is not None}

    def list(self, prefix: str) -> tuple[str, ...]:
        folder = prefix.rstrip("/") + "/"
        paths = self._tree(self._head)
        return tuple(sorted(p for p in paths if p.startswith(folder) and p.endswith(".json")))

    def children(self, folder: str) -> tuple[str, ...]:
        start = len(folder.rstrip("/")) + 1
        return tuple(sorted({path[start:].partition("/")[0] for path in self.list(folder)}))

    def added(self, *, since: str) -> tuple[str, ...]:
        start = datetime.fromisoformat(since)
        moments = self.origin.moments
        paths = self._tree(self._head)
        recent = (path for path in paths if datetime.fromisoformat(moments[path]) >= start)
        records = (path for path in recent if not path.startswith("attestations/"))
        return tuple(sorted(path for path in records if path.endswith(".json")))

    def earlier(self, paths: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
        now = self._tree(self._head)
        trees = {path: self._tree(json.loads(now[path])["previous"]) for path in paths}
        return {
            record: frozenset(p for p in inside if p in now and trees[record].get(p) == now[p])
            for record, inside in paths.items()
        }

    def append(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        # Whoever appends sees what others appended first, as a push that lost its race does.
        self.refresh()
        new: dict[str, bytes] = {}
        for path, record in records.items():
            wanted = {key: value for key, value in record.items() if key != "previous"}
            there = self.read(path)
            if there is None:
                new[path] = documents.text({**wanted, "previous": self._head}).encode()
            elif there != json.loads(documents.text(wanted)):
                raise errors.LedgerBroken(f"{path} is there with another content")
        if not new:
            return False
        if self.provenance is not None:
            new = attested_files.attested(new, previous=self._head, provenance=self.provenance)
        self._commit(new, message)
        return True

    def plant(self, files: Mapping[str, bytes | None]) -> None:
        """Add files that Interlock does not write, and remove those without content."""
        self._commit(files, "Manually")

    def extend(self, records: Mapping[str, Mapping[str, Any]], *, message: str) -> bool:
        if self._head != (self.origin.heads[-1] if self.origin.heads else None):
            self.refresh()
            return False
        self.append(records, message=message)
        return True

    def _commit(self, new: Mapping[str, bytes | None], message: str) -> None:
        parts = [str(self._head), message, *(f"{p}\0{d!r}" for p, d in sorted(new.items()))]
        commit = hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()
        tree = {**self.origin.tree(self._head), **new}
        self.origin.trees[commit] = {path: data for path, data in tree.items() if data is not None}
        self.origin.moments.update(dict.fromkeys(new, self.origin.now))
        self.origin.heads.append(commit)
        self.origin.messages.append(message)
        self.appends += 1
        self.refresh()

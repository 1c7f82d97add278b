"""The stored state: JSON documents in one SQLite file; no rules of GitHub."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, repository TEXT NOT NULL, key TEXT NOT NULL, parent TEXT NOT NULL,
  body TEXT NOT NULL, UNIQUE (kind, repository, key));
CREATE INDEX IF NOT EXISTS by_parent ON documents (kind, repository, parent);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Store:
    """Documents by kind, repository and key, in the order of their creation.

    One connection with one lock: every read and write uses a `transaction`, so a thread reads all
    changes of a request or none.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        self._db.executescript(_SCHEMA)
        # The state survives the process, but not a power failure: a flush per request is slow.
        self._db.execute("PRAGMA synchronous=OFF")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    @property
    def depth(self) -> int:
        """The number of open transactions of this thread; use it inside a transaction."""
        return self._depth

    def put(
        self, kind: str, body: Json, *, repository: str = "", key: object, parent: object = ""
    ) -> None:
        """Create a document, or replace it at its place in the order."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO documents (kind, repository, key, parent, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (kind, repository, key)"
                " DO UPDATE SET body = excluded.body, parent = excluded.parent",
                (kind, repository, str(key), str(parent), json.dumps(body)),
            )

    def get(self, kind: str, *, repository: str = "", key: object) -> Json | None:
        with self.transaction():
            row = self._db.execute(
                "SELECT body FROM documents WHERE kind = ? AND repository = ? AND key = ?",
                (kind, repository, str(key)),
            ).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def list(self, kind: str, *, repository: str = "", parent: object | None = None) -> list[Json]:
        where, values = "kind = ? AND repository = ?", [kind, repository]
        if parent is not None:
            where, values = where + " AND parent = ?", [*values, str(parent)]
        with self.transaction():
            rows = self._db.execute(
                f"SELECT body FROM documents WHERE {where} ORDER BY seq",  # noqa: S608 - literals
                values,
            ).fetchall()
        return [dict(json.loads(row[0])) for row in rows]

    def delete(self, kind: str, *, repository: str = "", key: object) -> None:
        with self.transaction():
            self._db.execute(
                "DELETE FROM documents WHERE kind = ? AND repository = ? AND key = ?",
                (kind, repository, str(key)),
            )

    def next(self, counter: str) -> int:
        """Return the counter's next value, from 1."""
        with self.transaction():
            row = self._db.execute(
                "INSERT INTO counters (name, value) VALUES (?, 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (counter,),
            ).fetchone()
        return int(row[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()

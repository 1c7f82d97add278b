"""The database schema of MLflow: a new SQLite file is created completely or not at all; an
existing database is never migrated."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from interlock import errors
from interlock.services import temporary_folders

# https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#connect-strings
_SQLITE = re.compile(r"sqlite(\+\w+)?:///(?P<path>[^?]+)")
# The databases that MLflow supports, by their SQLAlchemy dialect.
_DIALECTS = frozenset({"sqlite", "postgresql", "mysql", "mssql"})
_BUSY_SECONDS = 60
_UPGRADE = 'make a backup, then `mlflow db upgrade "$MLFLOW_TRACKING_URI"`'


def sqlite_path(uri: str) -> Path | None:
    """Return the file behind a SQLite URI, None for anything else."""
    match = _SQLITE.match(uri)
    return Path(match["path"]) if match else None


def require(uri: str, *, place: str, migrate: Callable[[str], object]) -> None:
    """Create a new SQLite file; check the schema of every other database.

    `migrate` makes MLflow create a store at a URI, `place` is the address for messages. Raises
    MissingSetting for a database with the schema of another MLflow.
    """
    if urlsplit(uri).scheme.partition("+")[0] not in _DIALECTS:
        return
    path = sqlite_path(uri)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    schema = _read_schema(uri)
    if path is not None and not schema.tables:
        _create(path, migrate)
    elif not schema.is_current:
        raise _refusal(schema, place, path)


@dataclass(frozen=True, slots=True)
class _Schema:
    tables: frozenset[str]
    missing: frozenset[str]
    version: str
    is_latest: bool
    is_known: bool
    has_runs: bool

    @property
    def is_current(self) -> bool:
        return self.is_latest and not self.missing


def _read_schema(uri: str) -> _Schema:
    # Loaded with the client; MLflow runs the same queries when it opens a store.
    import mlflow  # noqa: PLC0415
    import sqlalchemy  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from mlflow.store.db import base_sql_model, utils  # noqa: PLC0415

    scripts = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    engine = utils.create_sqlalchemy_engine(uri)
    try:
        with engine.connect() as opened:
            tables = frozenset(sqlalchemy.inspect(opened).get_table_names())
            heads = MigrationContext.configure(opened).get_current_heads()
            rows = "SELECT 1 FROM runs LIMIT 1"
            has_runs = "runs" in tables and bool(opened.execute(sqlalchemy.text(rows)).first())
    finally:
        engine.dispose()
    return _Schema(
        tables=tables,
        missing=frozenset(base_sql_model.Base.metadata.tables) - tables,
        version=", ".join(heads),
        is_latest=tuple(heads) == tuple(scripts.get_heads()),
        is_known=all(_is_known(scripts, head) for head in heads),
        has_runs=has_runs,
    )


def _is_known(scripts: Any, version: str) -> bool:
    return any(script.revision == version for script in scripts.walk_revisions())


def _create(path: Path, migrate: Callable[[str], object]) -> None:
    """Create a store in a folder beside it, and copy it in one transaction.

    A killed process leaves an empty file; of two concurrent processes the second finds the tables.
    """
    with temporary_folders.folder("mlflow", above=path.parent) as folder:
        made = folder / "mlflow.db"
        migrate(f"sqlite:///{made}")
        with (
            closing(sqlite3.connect(made)) as source,
            closing(sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS)) as target,
        ):
            _copy(source.iterdump(), target)


def _copy(statements: Iterable[str], target: sqlite3.Connection) -> None:
    target.execute("BEGIN IMMEDIATE")
    if target.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
        for statement in statements:
            if statement not in {"BEGIN TRANSACTION;", "COMMIT;"}:
                target.execute(statement)
    target.execute("COMMIT")


def _refusal(schema: _Schema, place: str, path: Path | None) -> errors.MissingSetting:
    if path is not None and not schema.has_runs:
        return errors.MissingSetting(
            f"{place} is an MLflow database without runs, incomplete or of another version",
            hint=f"mv {path} {path}.half; interlock makes a new one (or {_UPGRADE})",
        )
    if not schema.is_known:
        return errors.MissingSetting(
            f"{place} has the schema {schema.version} of a newer MLflow",
            hint="install the MLflow that it was made with, or a newer one",
        )
    return errors.MissingSetting(
        f"{place} has the schema {schema.version or 'none'}, not the one of this MLflow; interlock "
        "does not migrate an existing database",
        hint=_UPGRADE,
    )

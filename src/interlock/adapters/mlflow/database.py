"""The schema of a store that is a database: a new SQLite file is made whole or not at all, and what
is there already is never migrated."""

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
# What SQLAlchemy calls the databases that MLflow can keep runs in.
_DIALECTS = frozenset({"sqlite", "postgresql", "mysql", "mssql"})
_BUSY_SECONDS = 60
_UPGRADE = 'make a backup, then `mlflow db upgrade "$MLFLOW_TRACKING_URI"`'


def sqlite_path(uri: str) -> Path | None:
    """Return the file behind a SQLite URI, None for anything else."""
    found = _SQLITE.match(uri)
    return Path(found["path"]) if found else None


def require(uri: str, *, place: str, migrate: Callable[[str], object]) -> None:
    """Make a new SQLite file ready for use; check every other database.

    `migrate` has MLflow make a store at a URI, `place` is the address for a message. Raises
    MissingSetting for a database whose schema is not the one of this MLflow.
    """
    if urlsplit(uri).scheme.partition("+")[0] not in _DIALECTS:
        return
    path = sqlite_path(uri)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    found = _look(uri)
    if path is not None and not found.tables:
        _create(path, migrate)
    elif not found.is_current:
        raise _refusal(found, place, path)


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


def _look(uri: str) -> _Schema:
    # Loaded with the client; what MLflow itself asks when it opens a store.
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
    """Have MLflow make a store beside it and copy that in one transaction: a process that is killed
    leaves a file with nothing in it, and of two at once the second finds the work done."""
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


def _refusal(found: _Schema, place: str, path: Path | None) -> errors.MissingSetting:
    if path is not None and not found.has_runs:
        return errors.MissingSetting(
            f"{place} is an MLflow database that is half-made or of another version, and holds no "
            "run: its first migration did not end",
            hint=f"mv {path} {path}.half; interlock makes a new one (or {_UPGRADE})",
        )
    if not found.is_known:
        return errors.MissingSetting(
            f"{place} has the schema {found.version} of a newer MLflow",
            hint="install the MLflow that it was made with, or a newer one",
        )
    return errors.MissingSetting(
        f"{place} has not the schema of this MLflow (it has {found.version or 'none'}), and "
        "interlock migrates no database that is there already",
        hint=_UPGRADE,
    )

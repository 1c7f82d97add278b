"""One connection to MLflow, with a deadline of Interlock."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from interlock import errors
from interlock.adapters.mlflow import database, light_import
from interlock.domain.promotion import registry_state
from interlock.services import machine_shortage

MODEL = registry_state.MODEL
FINGERPRINT = registry_state.FINGERPRINT
REVISION = registry_state.REVISION
KIND = "interlock.kind"
COMPLETE = "interlock.complete"
REPEATS = "interlock.repeats"


class Connection:
    """A client that opens at its first use; threads may share it."""

    def __init__(self, uri: str, *, deadline_seconds: int) -> None:
        self.uri = uri
        self._limits = _limits(deadline_seconds)
        self._client: Any = None
        self._opening = threading.Lock()

    @property
    def place(self) -> str:
        """The address for messages, without a password."""
        parts = urlsplit(self.uri)
        if not parts.hostname:
            return self.uri
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"

    @property
    def artifact_location(self) -> str | None:
        """The folder for artifacts of a new experiment, beside a SQLite file; None for a server."""
        path = database.sqlite_path(self.uri)
        return None if path is None else (path.parent / "artifacts").resolve().as_uri()

    @contextmanager
    def reaching(self, purpose: str) -> Iterator[Any]:
        """Yield the MlflowClient for one action; raises CannotReachRegistry for any failure.

        `purpose` completes "cannot ...". MLflow reads its limits from the environment at every
        request; they are restored, because child processes inherit this environment.
        """
        with _environment.setting(self._limits):
            try:
                yield self.open()
            except errors.InterlockError:
                raise
            except ModuleNotFoundError as error:
                raise _missing_driver(error, uri=self.uri) from error
            except Exception as error:
                failure = self._failure(purpose, error)
                if failure is None:
                    raise
                raise failure from error

    def open(self) -> Any:
        """Return the MlflowClient; create a new SQLite file first, completely or not at all."""
        with self._opening:
            if self._client is None:
                make = _maker()
                database.require(self.uri, place=self.place, migrate=make)
                self._client = make(self.uri)
            return self._client

    def _failure(self, purpose: str, error: Exception) -> errors.OutsideFailure | None:
        """Return the error for a failure of MLflow or the machine, None for a bug of Interlock."""
        path = database.sqlite_path(self.uri)
        near = [path] if path else []
        if not _is_theirs(error):
            return machine_shortage.of(error, near=near)
        return machine_shortage.suspected(error, near=near) or self._refusal(purpose, error)

    def _refusal(self, purpose: str, error: Exception) -> errors.CannotReachRegistry:
        message = re.sub(r"//[^/@\s]+@", "//", " ".join(str(error).split()))
        reason = message[:500] or type(error).__name__
        hint = "check MLFLOW_TRACKING_URI and that MLflow answers there, then run this again"
        return errors.CannotReachRegistry(f"cannot {purpose} at {self.place}: {reason}", hint=hint)


@lru_cache(maxsize=8)
def connect(uri: str, *, deadline_seconds: int = 60) -> Connection:
    """Return the connection of this process to a tracking URI; it is not opened yet.

    Raises MissingSetting for an invalid URI, or for a database that ends with the process.
    """
    _check(uri)
    return Connection(uri, deadline_seconds=deadline_seconds)


def _check(uri: str) -> None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        raise errors.MissingSetting(
            f"MLFLOW_TRACKING_URI is malformed: {error}",
            hint="for example sqlite:////srv/mlflow.db or https://mlflow.example.com",
        ) from error
    if parts.scheme.startswith("sqlite") and parts.path in {"", "/", "/:memory:"}:
        raise errors.MissingSetting(
            "MLFLOW_TRACKING_URI has no file: the database would be lost when the process ends",
            hint="for example sqlite:////srv/mlflow.db",
        )


def _missing_driver(error: ModuleNotFoundError, *, uri: str) -> Exception:
    """Return a missing setting for a missing database driver; anything else is a bug of
    Interlock."""
    if str(error.name).startswith(("interlock", "mlflow")):
        return error
    scheme = urlsplit(uri).scheme
    return errors.MissingSetting(
        f"{error.name} is not installed, and MLflow needs it for {scheme}",
        hint=f"pip install the driver of {scheme}, in the environment of interlock",
    )


def prepare(uri: str, *, deadline_seconds: int = 60) -> None:
    """Create a new SQLite file (2-4 s), so that no later process has to."""
    with connect(uri, deadline_seconds=deadline_seconds).reaching("open the database"):
        pass


def _limits(deadline_seconds: int) -> dict[str, str]:
    # Two tries, each with half of the deadline.
    return {
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(max(1, deadline_seconds // 2)),
    }


class _Environment:
    """Variables that are set while at least one action runs, in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._actions = 0
        self._before: dict[str, str | None] = {}

    @contextmanager
    def setting(self, values: Mapping[str, str]) -> Iterator[None]:
        with self._lock:
            if not self._actions:
                self._before = {name: os.environ.get(name) for name in values}
                os.environ.update(values)
            self._actions += 1
        try:
            yield
        finally:
            with self._lock:
                self._actions -= 1
                if not self._actions:
                    self._restore()

    def _restore(self) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


_environment = _Environment()


def _maker() -> Callable[[str], Any]:
    """Import MLflow, and return the function that creates the client of a URI."""
    create = light_import.client_type()
    return lambda uri: create(tracking_uri=uri, registry_uri=uri)


def _is_theirs(error: Exception) -> bool:
    """True if MLflow, its database or the network failed; otherwise it is a bug of Interlock."""
    return isinstance(error, OSError) or type(error).__module__.split(".")[0] in {
        "mlflow", "sqlalchemy", "sqlite3", "requests", "urllib3", "alembic",
    }  # fmt: skip

"""Imports MLflow without the data frames that Interlock does not use: 0.5 s and 70 MB less."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from typing import Any

# MLflow imports them if they are installed, for the datasets of a run.
_DATA_FRAMES = ("pandas", "polars")
# Read once, when mlflow is imported; harmless to child processes.
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # With a server, MLflow prints a link to every run that ends on standard output.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


def client_type() -> Any:
    """Import MLflow, and return its class MlflowClient."""
    os.environ.update(_QUIET)
    # Interlock's errors replace the messages of these libraries on standard error.
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _without(() if _has_plugins() else _DATA_FRAMES):
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - 1 s, paid when it is needed
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    return MlflowClient


def _has_plugins() -> bool:
    """True if MLflow imports packages of others, too: they may need any package."""
    every = metadata.entry_points()
    groups = [group for group in every.groups if group.startswith("mlflow.")]
    known = (each for group in groups for each in every.select(group=group))
    return any(not each.value.startswith("mlflow.") for each in known)


@contextmanager
def _without(packages: tuple[str, ...]) -> Iterator[None]:
    """Hide packages that are not loaded yet; afterwards they can be imported as always."""
    modules: dict[str, Any] = sys.modules
    hidden = [name for name in packages if name not in modules]
    modules.update(dict.fromkeys(hidden))
    try:
        yield
    finally:
        for name in hidden:
            del modules[name]

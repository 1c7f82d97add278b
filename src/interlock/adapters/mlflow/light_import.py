"""Imports MLflow without the packages that Interlock rarely uses: 0.6 s and 100 MB less."""

from __future__ import annotations

import logging
import os
from importlib import metadata
from typing import Any

from interlock.services import garbage_collection, later_modules

# MLflow imports them if they are installed, for the datasets of a run.
_DATA_FRAMES = ("pandas", "polars")
# MLflow imports it for artifacts on HDFS.
_FILE_SYSTEMS = "pyarrow.fs"
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
    client = _import() if _has_plugins() else _light_import()
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    return client


def _light_import() -> Any:
    hidden = later_modules.replaced(dict.fromkeys(_DATA_FRAMES))
    with hidden, later_modules.postponed(_FILE_SYSTEMS):
        return _import()


def _import() -> Any:
    with garbage_collection.frozen():
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - 1 s, paid when it is needed
    return MlflowClient


def _has_plugins() -> bool:
    """True if MLflow imports packages of others, too: they may need any package."""
    every = metadata.entry_points()
    groups = [group for group in every.groups if group.startswith("mlflow.")]
    known = (each for group in groups for each in every.select(group=group))
    return any(not each.value.startswith("mlflow.") for each in known)

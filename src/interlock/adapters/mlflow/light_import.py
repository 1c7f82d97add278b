"""Imports MLflow without the packages that Interlock rarely uses: 0.6 s and 100 MB less."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from types import ModuleType
from typing import Any

from interlock.adapters.mlflow.later_module import LaterModule

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
    with _replaced({} if _has_plugins() else _replacements()):
        from mlflow.tracking import MlflowClient  # noqa: PLC0415 - 1 s, paid when it is needed
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    return MlflowClient


def _has_plugins() -> bool:
    """True if MLflow imports packages of others, too: they may need any package."""
    every = metadata.entry_points()
    groups = [group for group in every.groups if group.startswith("mlflow.")]
    known = (each for group in groups for each in every.select(group=group))
    return any(not each.value.startswith("mlflow.") for each in known)


def _replacements() -> dict[str, ModuleType | None]:
    return {**dict.fromkeys(_DATA_FRAMES), _FILE_SYSTEMS: LaterModule(_FILE_SYSTEMS)}


@contextmanager
def _replaced(packages: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Replace packages that are not loaded yet; afterwards they can be imported as always.

    The import of a package that is replaced by None fails.
    """
    modules: dict[str, Any] = sys.modules
    hidden = {name: module for name, module in packages.items() if name not in modules}
    modules.update(hidden)
    try:
        yield
    finally:
        for name, module in hidden.items():
            if modules.get(name) is module:
                del modules[name]

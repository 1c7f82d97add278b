"""A migrated MLflow database to copy: migrations take seconds, one per test session is enough."""

from __future__ import annotations

import shutil
from pathlib import Path

import filelock
import pytest

from interlock.adapters.mlflow import client


def copy(factory: pytest.TempPathFactory, folder: Path) -> str:
    """Put a migrated, empty database into `folder`; return its tracking URI."""
    base = factory.getbasetemp()
    # With xdist every worker has a folder of its own below the session's.
    shared = base.parent if base.name.startswith("popen-") else base
    template = shared / "mlflow-template.db"
    with filelock.FileLock(f"{template}.copying"):
        if not template.exists():
            fresh = template.with_name("mlflow-fresh.db")
            client.Connection(f"sqlite:///{fresh}", deadline_seconds=120).open()
            fresh.rename(template)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "mlflow.db")
    return f"sqlite:///{folder / 'mlflow.db'}"

"""What a warm process imports before it forks, so that no command pays for it: seconds each."""

from __future__ import annotations

import gc

import dvc.cli  # noqa: F401
import github  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store
import mlflow.tracking  # noqa: F401
import polars  # noqa: F401

from interlock import cli, wiring
from interlock.adapters import label_join, ledger, live, plots, profiling, scoring  # noqa: F401
from interlock.adapters.dvc import pipeline, refreshing  # noqa: F401
from interlock.adapters.mlflow import registry, runs  # noqa: F401


def load() -> None:
    for name in cli.VERBS:
        if name not in {"demo", "sandbox"}:
            cli.group.get_command(None, name)  # type: ignore[arg-type]
    assert callable(wiring.repository)
    gc.freeze()

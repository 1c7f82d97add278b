"""`interlock promote` and `interlock reconcile` of models without a change, as whole processes.

Real Git, a GitHub on loopback, and MLflow: its server, and the SQLite file that it serves. Each
model was promoted at a commit of its own to two environments. The peer is a program that imports
MLflow and lists the registered models, their versions and their runs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import measuring, mlflow_server, promoted_models, table
from tests.benchmarks.promoted_models import PromotedModels
from tests.benchmarks.table import Row

_SECONDS, _MEGABYTES = 5.0, 200.0
_VERBS = {"promote": ["promote", "--rev", "main"], "reconcile": ["reconcile"]}
_LISTING = """
import sys, mlflow
client = mlflow.MlflowClient(sys.argv[1], sys.argv[1])
client.search_registered_models(max_results=1000)
client.search_model_versions(max_results=1000)
client.search_runs([each.experiment_id for each in client.search_experiments()])
"""


def rows(small: bool) -> Iterator[Row]:
    count = 10 if small else 100
    with (
        tempfile.TemporaryDirectory() as folder,
        promoted_models.promoted(Path(folder), count=count) as promoted,
        mlflow_server.serving(promoted.uri) as address,
    ):
        for verb in _VERBS:
            yield from _measured(promoted, verb, address, name=f"{verb}, {count} models")
            name = f"{verb}, {count} models, MLflow in SQLite"
            yield from _measured(promoted, verb, promoted.uri, name=name)


def _measured(promoted: PromotedModels, verb: str, uri: str, *, name: str) -> Iterator[Row]:
    """Yield the rows of time and of peak memory."""
    ours, peer = measuring.in_turns(
        [sys.executable, "-m", "interlock", *_VERBS[verb]],
        [sys.executable, "-c", _LISTING, uri],
        folder=promoted.scene.checkout,
        environment=promoted.settings(uri),
        runs=3,
    )
    other = "the listing alone"
    yield Row(name=name, ours=ours.seconds, peer=peer.seconds, peer_name=other, limit=_SECONDS)
    yield Row(
        name=f"{name}: peak memory",
        ours=ours.peak_megabytes,
        peer=peer.peak_megabytes,
        peer_name=other,
        limit=_MEGABYTES,
        unit="MB",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true")
    print(table.text(rows(parser.parse_args().small)))

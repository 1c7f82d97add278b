"""MLflow is sent, with its password, to no host but its own, whatever an experiment says."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors
from interlock.adapters.mlflow import artifact_hosts, client, runs
from tests import migrated
from tests.contract.test_runs import FINGERPRINT, attempt

SERVER = "https://mlflow.example.com"


@pytest.mark.parametrize(
    ("uri", "tracking"),
    [
        ("mlflow-artifacts:/7/artifacts", SERVER),
        ("mlflow-artifacts://mlflow.example.com/7", SERVER),
        ("https://mlflow.example.com/api/2.0/mlflow-artifacts", SERVER),
        ("https://mlflow.example.com:443/a", SERVER),
        ("https://MLflow.example.com/a", SERVER),
        ("s3://bucket/a", SERVER),
        ("/srv/artifacts", "sqlite:////srv/mlflow.db"),
        ("file:///srv/artifacts", "sqlite:////srv/mlflow.db"),
    ],
)
def test_objection__to_its_own_server_and_to_stores_there_is_none(uri: str, tracking: str) -> None:
    assert artifact_hosts.check(uri, tracking_uri=tracking) is None


@pytest.mark.parametrize(
    ("uri", "tracking"),
    [
        ("https://other.example.com/a", SERVER),
        ("https://mlflow.example.com.other.example/a", SERVER),
        ("https://mlflow.example.com@other.example/a", SERVER),
        ("https://mlflow.example.com:8443/a", SERVER),
        ("http://mlflow.example.com/a", SERVER),
        ("http://mlflow.example.com:443/a", SERVER),
        ("mlflow-artifacts://other.example.com/a", SERVER),
        ("HTTPS://other.example.com/a", SERVER),
        ("http://127.0.0.1:9/a", "sqlite:////srv/mlflow.db"),
        ("https://[broken/a", SERVER),
    ],
)
def test_objection__to_another_host_there_is_one(uri: str, tracking: str) -> None:
    assert artifact_hosts.check(uri, tracking_uri=tracking)


def test_runs__at_another_host_are_reported_and_nothing_is_sent_there(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")
    with client.connect(uri).reaching("lure") as mlflow:
        name, place = "interlock/digits", "http://127.0.0.1:9/artifacts"
        experiment = mlflow.create_experiment(name, artifact_location=place)
        tags = {client.MODEL: "digits", client.FINGERPRINT: FINGERPRINT, client.KIND: "candidate"}
        run_id = mlflow.create_run(experiment, tags=tags).info.run_id
        mlflow.set_tag(run_id, client.COMPLETE, "0" * 64)
    store = runs.MlflowRuns(uri)
    (bad,) = store.find_candidates(model="digits", fingerprint=FINGERPRINT).bad
    assert "127.0.0.1, which is not the MLflow server" in bad.reason
    assert not bad.is_out_of_reach
    with pytest.raises(errors.Refused, match="not the MLflow server"):
        store.fetch(run_id, "model", to=tmp_path / "fetched")
    with pytest.raises(errors.Refused, match="not the MLflow server"):
        store.keep(run_id, "rows.csv", file=tmp_path / "mlflow" / "mlflow.db")
    with pytest.raises(errors.Refused, match="not the MLflow server"):
        store.record_attempt(attempt())

"""`interlock doctor --only mlflow` on a database of MLflow, with production models in it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from interlock import cli, documents, wiring
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow.registry import MlflowRegistry
from tests import promotions, tiny
from tests.tiny import Tiny

Lines = dict[str, dict[str, str]]


@pytest.fixture
def made(tmp_path: Path) -> Tiny:
    return tiny.make(tmp_path)


def doctor(made: Tiny, uri: str, *arguments: str, code: int = 0) -> Lines:
    command = ["doctor", "--repo", str(made.root), "--json", "--only", "mlflow", *arguments]
    environment = {"MLFLOW_TRACKING_URI": uri}
    done = CliRunner().invoke(cli.group, command, env=environment, standalone_mode=False)
    assert done.exception is None, done.exception
    document = json.loads(done.stdout)
    assert done.return_value == code, document
    return {each["name"]: each for each in document["checks"]}


def test_mlflow__that_is_not_there_is_not_made(made: Tiny, tmp_path: Path) -> None:
    lines = doctor(made, f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert lines["MLflow"]["mark"] == "unknown"
    assert not (tmp_path / "mlflow.db").exists()
    assert "MLFLOW_TRACKING_URI" in doctor(made, "")["MLflow"]["sentence"]


def test_mlflow__that_answers_and_one_that_needs_a_migration(made: Tiny, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    MlflowRegistry(uri).read([])
    lines = doctor(made, uri)
    assert lines["MLflow"]["sentence"] == "it answers, and 0 of 1 model of HEAD is there"
    assert lines["write to MLflow"]["mark"] == "unknown"
    assert doctor(made, uri, "--try")["write to MLflow"]["mark"] == "ok"
    older = shutil.copy(tmp_path / "mlflow.db", tmp_path / "older.db")
    with closing(sqlite3.connect(older)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")
        run = "INSERT INTO runs (run_uuid, experiment_id) VALUES ('a', 0)"
        database.execute(run)
    wrong = doctor(made, f"sqlite:///{older}", code=1)["MLflow"]
    assert wrong["mark"] == "wrong"
    assert "mlflow db upgrade" in wrong["fix"]


def test_mlflow__that_does_not_answer(made: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_MLFLOW_DEADLINE_SECONDS", "1")
    assert doctor(made, "http://127.0.0.1:9", code=1)["MLflow"]["mark"] == "wrong"


def test_mlflow__aliases_that_differ_from_the_ledger(made: Tiny, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    MlflowRegistry(uri).read([])
    champion = promotions.record(1, "a" * 64, model="tiny", registry_name="tiny", version=1)
    path = f"promotions/tiny/00000001-{'a' * 12}-outcome.json"
    ledger = GitLedger(wiring.repository(made.root))
    ledger.append({path: documents.dump(champion)}, message="Promote")
    lines = doctor(made, uri, "--try", code=1)
    sentence = "staging is missing, production is missing; the ledger has version 1"
    assert lines["aliases of tiny"]["sentence"] == sentence
    assert lines["aliases of tiny"]["fix"] == "interlock reconcile"
    assert "no version with the digest aaaaaaaaaaaa" in lines["artifact of tiny"]["sentence"]

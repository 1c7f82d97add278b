"""Target: records of the ledger and documents of runs of which parts are replaced, read by the
verbs that rest on them."""

from __future__ import annotations

import atexit
import importlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from interlock import documents
from interlock.adapters import git
from interlock.domain.basics import digests
from interlock.domain.model.evidence import Candidate, RunFacts
from interlock.domain.model.snapshot import ModelAt
from interlock.ledger import lookup
from interlock.services import artifacts, snapshots
from tests import tiny
from tests.fuzz.driver import Target
from tests.unit.test_documents import places, put
from tests.unit.test_ledger_records import CANDIDATE, CASES, FINGERPRINT, MODEL

_MARK = "@@here@@"
_TOKENS = [
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000, "-1", "0", "1.5", "1e-400",
    "9223372036854775808", "1" + "0" * 400, "true", "null", "[]", "{}", "[[]]", '{"a": {"b": 1}}',
    "[" * 900 + "]" * 900, "[" * 100_000, '{"a":' * 5000, '"' + "x" * 1_000_000 + '"', '""',
    '"\\ud800"', '"\\u0000"', '"\\u001b[31m"', '"../../etc/passwd"', '"/etc/passwd"', '"."',
    '"vital"', '"2030-13-45"', '"9999-12-31T23:59:59-23:59"', '"0001-01-01T00:00:00+14:00"',
    '"%s%n{0}"', '"interlock/evidence/v9"', '"interlock/hold/v1.7"', '"' + "f" * 64 + '"', "",
]  # fmt: skip
_LINES = [
    "plan", "plan --base HEAD --json", "evaluate --json", "evaluate tiny", "promote", "reconcile",
    "reconcile --json", "ledger verify", "ledger verify --json", "ledger log", "ledger log --json",
    "dashboard --json", "monitor --json", "monitor tiny", "accept tiny --reason fine",
    "retrain --json", "train tiny --json",
]  # fmt: skip
_PREDICTIONS = "id,target,prediction\n1,a,a\n2,b,b\n3,a,a\n"


def warm() -> None:
    for verb in sorted({line.split()[0] for line in _LINES}):
        importlib.import_module(f"interlock.cli.{verb}")
    importlib.import_module("interlock.adapters.mlflow.runs")
    importlib.import_module("interlock.adapters.mlflow.registry")
    importlib.import_module("mlflow.tracking")
    importlib.import_module("mlflow.store.tracking.sqlalchemy_store")
    _template()


def make(random: random.Random, folder: Path) -> list[list[str]]:
    repo = tiny.make(folder)
    at = _model(repo)
    whole = _texts(at, repo.git("rev-parse", "HEAD"))
    chosen = dict(random.sample(sorted(whole.items()), k=random.randint(1, len(whole))))
    for path in random.sample(sorted(chosen), k=random.randint(0, min(3, len(chosen)))):
        chosen[path] = _mutated(random, chosen[path], others=list(whole.values()))
    _write(repo, chosen)
    _lay_out(random, folder / "mlflow")
    return [line.split() for line in random.sample(_LINES, k=4)]


def settle(folder: Path, _: list[str]) -> None:
    os.environ |= {
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow/mlflow.db",
        "TINY_COUNT": str(folder / "count"),
    }


def _model(repo: tiny.Tiny) -> ModelAt:
    return snapshots.read_model(git.open_repository(repo.root).tree("HEAD"), "tiny")


def _texts(at: ModelAt, head: str) -> dict[str, bytes]:
    """A sound record of every kind, of this model at this commit, by its path."""
    contents = {}
    for noun, _, _ in CASES:
        text = documents.text(documents.dump(noun) | {"previous": None})
        text = text.replace(f'"{MODEL}"', '"tiny"').replace(FINGERPRINT, str(at.fingerprint))
        text = text.replace("f" * 40, head)
        own = documents.load(json.loads(text), type(noun), where="it")
        contents[lookup.path_of(own)] = text.encode()
    return contents


def _mutated(random: random.Random, data: bytes, *, others: list[bytes]) -> bytes:
    way = random.randrange(8)
    if way == 0:
        return random.choice(others)
    if way == 1:
        return data[: random.randrange(len(data))]
    if way == 2:
        spot = random.randrange(len(data))
        return data[:spot] + random.randbytes(random.randint(1, 4)) + data[spot + 1 :]
    document = json.loads(data)
    for _ in range(random.randint(1, 3)):
        path = random.choice([each for each in places(document) if each])
        document = put(document, path, _MARK)
    text = json.dumps(document)
    while f'"{_MARK}"' in text:
        text = text.replace(f'"{_MARK}"', random.choice(_TOKENS), 1)
    return text.encode("utf-8", "surrogatepass")


def _write(repo: tiny.Tiny, records: dict[str, bytes]) -> None:
    """One commit on the ledger's branch, as `git fast-import` takes it."""
    who = b"octocat <octocat@example.com> 1893456000 +0000"
    parts = [b"commit refs/heads/interlock-ledger\ncommitter " + who + b"\ndata 5\nFuzz\n\n"]
    for path, data in records.items():
        parts.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    command = ["git", "-C", str(repo.root), "fast-import", "--quiet"]
    subprocess.run(command, input=b"".join(parts), check=True)


@lru_cache(maxsize=1)
def _template() -> Path:
    """A run store with one complete candidate, made once, by a process that may start threads."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # no fork of a case comes to it
    subprocess.run([sys.executable, "-m", __name__, str(folder)], check=True, cwd=Path.cwd())
    return folder


def _store(folder: Path) -> None:
    from interlock.adapters.mlflow import runs  # noqa: PLC0415 - slow, and of one process alone

    repo = tiny.make(folder / "repo")
    at, work = _model(repo), folder / "work"
    (work / "model").mkdir(parents=True)
    (work / "model" / "weights.txt").write_text("wwwww")
    (work / "predictions.csv").write_text(_PREDICTIONS)
    assert at.lineage is not None
    candidate = Candidate(
        name="tiny",
        fingerprint=str(at.fingerprint),
        revision=repo.git("rev-parse", "HEAD"),
        run_id="",
        lineage=at.lineage,
        model=artifacts.measure(work / "model", name="model"),
        predictions=artifacts.measure(work / "predictions.csv", name="predictions.csv"),
        files=(),
        facts=RunFacts(1.0),
        metrics=CANDIDATE.metrics,
        plots=CANDIDATE.plots,
    )
    files = {"model": work / "model", "predictions.csv": work / "predictions.csv"}
    (folder / "mlflow").mkdir()
    store = runs.MlflowRuns(f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}")
    store.record_candidate(candidate, files=files)


def _lay_out(random: random.Random, folder: Path) -> None:
    """Copy the store, and have the document of its run be another, marked as if it were right."""
    template = _template() / "mlflow"
    shutil.copytree(template, folder)
    (document,) = folder.rglob("candidate.json")
    data = document.read_bytes()
    if random.random() < 0.7:
        data = _mutated(random, data, others=[b"{}", b"[]", b""])
    document.write_bytes(data)
    changes = [
        ("update experiments set artifact_location = replace(artifact_location, ?, ?)", True),
        ("update runs set artifact_uri = replace(artifact_uri, ?, ?)", True),
        ("update tags set value = ? where key = 'interlock.complete'", False),
    ]
    with sqlite3.connect(folder / "mlflow.db") as database:
        for statement, is_place in changes:
            parameters = (str(template), str(folder)) if is_place else (digests.of_chunks([data]),)
            database.execute(statement, parameters)
    database.close()


TARGET = Target("records", warm, make, place="work", settle=settle)

if __name__ == "__main__":
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    _store(Path(sys.argv[1]))

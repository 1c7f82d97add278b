"""What somebody who may write to MLflow, to a branch and to the ledger's branch tries: chapters of
a story as the demo's are, for either engine. Every fact says that an attack came to nothing.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from dvc.stage.cache import _get_cache_hash
from mlflow import MlflowClient

from interlock import documents
from interlock.demo import production_steps
from interlock.demo.project import add_models
from interlock.demo.pull_request_steps import PARAMS
from interlock.demo.results import Assertion
from interlock.demo.session import DemoSession, Step
from interlock.demo.state import LEDGER
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.ledger import lookup
from interlock.services import artifacts

ALIASES = ("staging", "production")
PLANTED = b"nobody reviewed these bytes"
UNKNOWN = "f" * 64
FIRST = date(2026, 3, 14)


def first_push(session: DemoSession) -> Iterator[Assertion]:
    add_models(session.project)
    production_steps.add_monitoring(session.project)
    session.user.commit_and_push("main", "Describe two models")
    session.queue.run_pending()
    yield Assertion(
        "two models are in production", all(session.state.is_deployed(m, 1) for m in _MODELS)
    )


def forged_documents(session: DemoSession) -> Iterator[Assertion]:
    """Runs of another model, and runs that say they began before the honest one."""
    before = {model: session.state.records(f"evidence/{model}/") for model in _MODELS}
    session.user.start_branch("stronger-digits")
    session.user.replace(PARAMS, "c: 1.0 ", "c: 100.0 ")
    session.user.commit_and_push("stronger-digits", "Let digits fit harder")
    head = session.user.git("rev-parse", "HEAD")
    fingerprint = _fingerprint(session, "digits", head)
    other = _candidate(session, "diabetes")
    forged = [
        # Its tags say digits, its document says diabetes.
        _record(session, "digits", fingerprint, other | {"fingerprint": UNKNOWN}),
        # Its tags say digits, its document is another fingerprint's.
        _record(session, "digits", fingerprint, _candidate(session, "digits")),
        # An earlier candidate of what is in production already.
        _record(session, "diabetes", other["fingerprint"], other | {"log_tail": "forged"}),
    ]
    number = session.user.open_pull("stronger-digits", title="Let digits fit harder", body="")
    session.pulls["stronger-digits"] = number
    session.queue.run_pending()
    after = {model: session.state.records(f"evidence/{model}/") for model in _MODELS}
    yield Assertion("no evidence of diabetes was written", after["diabetes"] == before["diabetes"])
    new = set(after["digits"]) - set(before["digits"])
    yield Assertion("one evidence of digits was written", len(new) == 1)
    run = session.state.record(new.pop())["candidate"]["run_id"] if new else ""
    yield Assertion("it names the run that trained", bool(run) and run not in forged)
    yield Assertion("the check is green", session.green(number))


def planted_version(session: DemoSession) -> Iterator[Assertion]:
    """A version with the right tags and other bytes waits for the merge."""
    evidence = _evidence(session, "digits")
    planted = _plant(session, "digits", evidence, source=_folder(session, "planted"))
    session.merge("stronger-digits", method="squash")
    serving = session.state.alias("digits", "production")
    yield Assertion("the planted version is not in production", serving not in (None, planted))
    yield Assertion(
        "the evaluated bytes are", _bytes(session, "digits", serving) == _sha256(evidence)
    )
    yield Assertion(
        "diabetes keeps its bytes",
        _is_evaluated(session, "diabetes", _evidence(session, "diabetes")),
    )


def moved_alias(session: DemoSession) -> Iterator[Assertion]:
    """Planted versions take the place of all others, in production too; one lies at an address that
    listens."""
    with _listening() as (address, requests):
        for model, source in (("digits", _folder(session, "moved")), ("diabetes", address)):
            for version in session.state.versions(model):
                _client(session).delete_model_version(model, str(version))
            number = _plant(session, model, _evidence(session, model), source=source)
            for alias in ALIASES:
                session.state.registry.set_alias(model, alias, version=number)
        session.tick("reconcile", after=FIRST)
        yield Assertion(f"nothing was asked of a stranger's host ({len(requests)})", not requests)
    for model in _MODELS:
        is_repaired = _is_evaluated(session, model, _evidence(session, model))
        yield Assertion(f"{model}: the evaluated bytes are in production again", is_repaired)


def stored_runs(session: DemoSession) -> Iterator[Assertion]:
    """The remote's run cache says that an honest change makes the bytes of version 1."""
    session.user.start_branch("between")
    session.user.replace(PARAMS, "c: 100.0 ", "c: 70.0 ")
    session.user.commit_and_push("between", "Fit a little less")
    head = session.user.git("rev-parse", "HEAD")
    theirs = os.environ | {"MLFLOW_TRACKING_URI": f"sqlite:///{session.project.folder}/theirs.db"}
    train = (sys.executable, "-m", "interlock", "train", "digits", "--rev", head)
    session.user.run(*train, extra=theirs)
    forged = _forge_runs(session.project.folder / "dvc-remote" / "runs", size=70.0, of=1.0)
    yield Assertion("the remote has forged runs", forged > 0)
    shutil.rmtree(session.project.folder / "home" / "dvc-cache", ignore_errors=True)
    number = session.user.open_pull("between", title="Fit a little less", body="")
    session.queue.run_pending()
    records = map(session.state.record, session.state.records("evidence/digits/"))
    made = {e["candidate"]["fingerprint"]: e for e in records}
    mine = made.get(_fingerprint(session, "digits", head), {}).get("candidate", {})
    old = [e["candidate"]["model"]["sha256"] for e in made.values() if e["candidate"] != mine]
    yield Assertion("the program ran", "train: fitted" in mine.get("log_tail", ""))
    yield Assertion("its model is no other's", mine and mine["model"]["sha256"] not in old)
    session.user.close(number)
    session.queue.run_pending()


def planted_files(session: DemoSession) -> Iterator[Assertion]:
    """Files of a change that a library, a tool or DVC would read from the working directory."""
    session.user.start_branch("planted")
    canary = session.project.folder / "canary-of-a-file"
    for path, text in _files(canary).items():
        place = session.user.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    session.user.replace(PARAMS, "c: 100.0 ", "c: 90.0 ")
    config = session.user.folder / ".dvc" / "config"
    config.write_text(config.read_text() + _remote(session.user.folder))
    number, run = session.propose("planted", "Fit a little less", "")
    yield Assertion("digits is planned", run.decisions.get("digits") == "train")
    yield Assertion("no file of the change ran", not canary.exists())
    yield Assertion("there is one comment", bool(session.state.comment(number)))
    session.user.close(number)
    session.queue.run_pending()


def forged_records(session: DemoSession) -> Iterator[Assertion]:
    """Records written into the ledger's branch: a verdict that passes in spite of its finding, and
    an intent that nothing precedes."""
    session.user.start_branch("weaker-digits")
    session.user.replace(PARAMS, "c: 100.0 ", "c: 0.1 ")
    number, _ = session.propose("weaker-digits", "Regularise digits more", "")
    yield Assertion(
        "the check is red", session.state.check(session.state.head(number)) == "failure"
    )
    serving = session.state.alias("digits", "production")
    intent = _forge(session)
    session.tick("reconcile", after=FIRST)
    yield Assertion(
        "production is as it was", session.state.alias("digits", "production") == serving
    )
    outcome = intent.replace("-intent.json", "-outcome.json")
    done = [p for p in session.state.records("promotions/digits/") if p == outcome]
    phase = session.state.record(outcome)["phase"] if done else ""
    yield Assertion("the forged intent did not end in a promotion", phase != "done")


STEPS: dict[str, Step] = {
    "Two models are in production": first_push,
    "Runs with documents of others, and from before": forged_documents,
    "A version that waits for the merge": planted_version,
    "Aliases moved to planted versions": moved_alias,
    "Runs that nobody made": stored_runs,
    "Files that a library would read": planted_files,
    "Records that nobody's job wrote": forged_records,
}
_MODELS = ("digits", "diabetes")


def _client(session: DemoSession) -> MlflowClient:
    return MlflowClient(tracking_uri=session.project.mlflow_uri)


def _fingerprint(session: DemoSession, model: str, head: str) -> str:
    command = (sys.executable, "-m", "interlock", "plan", "--head", head, "--json")
    plan = json.loads(session.user.run(*command))
    return str(next(m["fingerprint"] for m in plan["models"] if m["model"] == model))


def _evidence(session: DemoSession, model: str) -> dict[str, Any]:
    """Of what is in production; else the newest."""
    path = f"evidence/{model}/"
    promoted = session.state.last_promotion(model)
    records = [session.state.record(p) for p in session.state.records(path)]
    newest = [e for e in records if e["candidate"]["fingerprint"] != promoted["fingerprint"]]
    waiting = [e for e in newest if session.pulls and not session.merges]
    return (waiting or [e for e in records if e not in newest])[0]


def _sha256(evidence: dict[str, Any]) -> str:
    return str(evidence["candidate"]["model"]["sha256"])


def _candidate(session: DemoSession, model: str) -> dict[str, Any]:
    """The document of the run that is in production."""
    promoted = session.state.last_promotion(model)
    with tempfile.TemporaryDirectory() as folder:
        place = _client(session).download_artifacts(promoted["run_id"], "candidate.json", folder)
        return dict(json.loads(Path(place).read_text()))


def _record(session: DemoSession, model: str, fingerprint: str, document: dict[str, Any]) -> str:
    """A run with these tags and this document, that says it began before every other; whole, with
    the artifacts of the run that the document is of."""
    client = _client(session)
    experiment = client.get_experiment_by_name(f"interlock/{model}")
    tags = {
        "interlock.model": model,
        "interlock.fingerprint": fingerprint,
        "interlock.revision": document["revision"],
        "interlock.kind": "candidate",
    }
    run = client.create_run(experiment.experiment_id, start_time=1, tags=tags)
    text = documents.text(document | {"run_id": run.info.run_id})
    with tempfile.TemporaryDirectory() as folder:
        client.download_artifacts(document["run_id"], "", folder)
        Path(folder, "candidate.json").write_text(text)
        client.log_artifacts(run.info.run_id, folder)
    client.set_terminated(run.info.run_id)
    digest = hashlib.sha256(text.encode()).hexdigest()
    client.set_tag(run.info.run_id, "interlock.complete", digest)
    return str(run.info.run_id)


def _plant(session: DemoSession, model: str, evidence: dict[str, Any], *, source: str) -> int:
    candidate = evidence["candidate"]
    tags = {
        registry_state.SHA256: _sha256(evidence),
        registry_state.FINGERPRINT: candidate["fingerprint"],
        registry_state.REVISION: candidate["revision"],
        registry_state.MODEL: model,
    }
    created = _client(session).create_model_version(
        model, source=source, run_id=candidate["run_id"], tags=tags
    )
    return int(created.version)


def _folder(session: DemoSession, name: str) -> str:
    folder = session.project.folder / name / "model"
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(PLANTED)
    return str(folder)


def _bytes(session: DemoSession, model: str, version: int | None) -> str:
    """The SHA-256 of what a version's source holds, as anybody who loads it would get it."""
    model_versions = [v for v in session.state.registry.versions(model) if v.number == version]
    source = model_versions[0].source.removeprefix("file://") if model_versions else ""
    return artifacts.measure(Path(source), name="model").sha256 if Path(source).is_dir() else ""


def _is_evaluated(session: DemoSession, model: str, evidence: dict[str, Any]) -> bool:
    names = {_bytes(session, model, session.state.alias(model, alias)) for alias in ALIASES}
    return names == {_sha256(evidence)}


@contextmanager
def _listening() -> Iterator[tuple[str, list[str]]]:
    """An address on loopback, and what was asked there."""
    requests: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(f"{self.path} {self.headers.get('Authorization', '')}")
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # As MLflow's client spells where a server hands out artifacts.
        yield (
            f"http://127.0.0.1:{server.server_port}/api/2.0/mlflow-artifacts/artifacts/model",
            requests,
        )
    finally:
        server.shutdown()
        server.server_close()


def _forge_runs(folder: Path, *, size: float, of: float) -> int:
    """Give every stored run with one `classifier.c` the outputs of that with another."""
    runs = {path: yaml.safe_load(path.read_text()) for path in folder.rglob("*") if path.is_file()}
    fits = {path: run for path, run in runs.items() if "classifier.c" in json.dumps(run)}
    outs = next(run["outs"] for run in fits.values() if _c(run) == of)
    forged = [(path, run | {"outs": outs}) for path, run in fits.items() if _c(run) == size]
    for path, run in forged:
        path.with_name(_get_cache_hash(run)).write_text(yaml.safe_dump(run))
        path.unlink()
    return len(forged)


def _c(run: dict[str, Any]) -> float:
    (params,) = run["params"].values()
    return float(params["classifier.c"])


def _files(canary: Path) -> dict[str, str]:
    """What leaves a canary when it is read as code, in the root and beside the model."""
    python = f"open({str(canary)!r}, 'a').write(__file__)\n"
    matplotlibrc = f"axes.prop_cycle: cycler('color', [open({str(canary)!r}, 'a').name])\n"
    named = ("sitecustomize", "usercustomize", "polars", "yaml", "mlflow", "conftest", "venv")
    shadows = {f"{name}.py": python for name in named}
    return shadows | {
        "matplotlibrc": matplotlibrc,
        ".python-version": "/nowhere/python\n",
        "uv.toml": 'index-url = "http://127.0.0.1:9/simple"\n',
        "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/simple\n",
        ".netrc": "machine 127.0.0.1 login mallory password x\n",
    }


def _remote(root: Path) -> str:
    return f"['remote \"evil\"']\n    url = s3://evil/x\n    configpath = {root / 'aws.cfg'}\n"


def _forge(session: DemoSession) -> str:
    """Push a verdict and an intent for the candidate that failed; the intent's path."""
    paths = session.state.records("verdicts/digits/")
    failing = next(p for p in paths if session.state.record(p)["outcome"] == "fail")
    verdict = session.state.record(failing) | {"outcome": "pass"}
    fingerprint = verdict["fingerprint"]
    evidence = session.state.record(f"evidence/digits/{fingerprint}.json")
    served = session.state.last_promotion("digits")
    position = int(served["position"]) + 1
    act = Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=Phase.INTENT,
        fingerprint=fingerprint,
        revision=session.user.git("rev-parse", "origin/main"),
        position=position,
        run_id=evidence["candidate"]["run_id"],
        sha256=_sha256(evidence),
        registry_name="digits",
        environments=ALIASES,
        at="2026-03-15T00:00:00Z",
        replaces=served["fingerprint"],
    )
    intent = lookup.path_of(act)
    key = "e" * len(Path(failing).stem)
    copied = failing.replace(Path(failing).stem, key)
    written = {copied: verdict | {"key": key}, intent: documents.dump(act)}
    clone = session.project.folder / "forger"
    session.user.run("git", "clone", "-q", "-b", LEDGER, session.project.clone_url, str(clone))
    for path, document in written.items():
        place = clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(documents.text(document))
    for words in (("add", "--all"), ("commit", "-q", "-m", "Judge digits"), ("push", "-q")):
        session.user.run("git", "-C", str(clone), *words)
    shutil.rmtree(clone)
    return intent

"""What Mallory plants for jobs to find: she may write to MLflow, and knows every record's form."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mlflow import MlflowClient

from interlock import documents
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.ledger import lookup
from interlock.services import artifacts
from tests.act.conftest import ActSession


def run(session: ActSession, fingerprint: str, head: str) -> dict[str, Any]:
    """Plant a candidate of digits for a commit, the first one by its start time: the predictions of
    the production model, with the bytes of another model. Return its document."""
    client = MlflowClient(tracking_uri=session.project.mlflow_uri)
    run_id = _create(client, fingerprint, head)
    mine, other = (session.state.last_promotion(each)["run_id"] for each in ("digits", "diabetes"))
    files = session.project.folder / "planted" / run_id
    changed = {"fingerprint": fingerprint, "revision": head, "run_id": run_id}
    return rewrite(client, files, of=mine, bytes_of=other, changed=changed)


def rewrite(
    client: MlflowClient,
    files: Path,
    *,
    of: str,
    bytes_of: str = "",
    changed: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Write the artifacts of a run with other fields and another run's model bytes, into the run
    itself or the one in `changed`. Return the new document, which agrees with the bytes."""
    files.mkdir(parents=True)
    client.download_artifacts(of, "", str(files))
    (files / "attestation.json").unlink(missing_ok=True)
    document: dict[str, Any] = json.loads((files / "candidate.json").read_text()) | changed
    if bytes_of:
        shutil.rmtree(files / "model")
        client.download_artifacts(bytes_of, "model", str(files))
        document["model"] = dataclasses.asdict(artifacts.measure(files / "model", name="model"))
    _complete(client, files, document)
    return document


def _create(client: MlflowClient, fingerprint: str, head: str) -> str:
    tags = {
        "interlock.model": "digits",
        "interlock.fingerprint": fingerprint,
        "interlock.revision": head,
        "interlock.kind": "candidate",
    }
    experiment = client.get_experiment_by_name("interlock/digits").experiment_id
    return str(client.create_run(experiment, start_time=1, tags=tags).info.run_id)


def _complete(client: MlflowClient, files: Path, document: Mapping[str, Any]) -> None:
    text = documents.text(document)
    (files / "candidate.json").write_text(text)
    client.log_artifacts(document["run_id"], str(files))
    client.set_terminated(document["run_id"])
    for name in ("fingerprint", "revision"):
        client.set_tag(document["run_id"], f"interlock.{name}", document[name])
    digest = hashlib.sha256(text.encode()).hexdigest()
    client.set_tag(document["run_id"], "interlock.complete", digest)


def evidence(session: ActSession, candidate: Mapping[str, Any]) -> dict[str, bytes]:
    """Evidence of a candidate: that of the production model, but for the candidate."""
    state = session.state
    known = state.record(_evidence_path(state.last_promotion("digits")["fingerprint"]))
    path = _evidence_path(candidate["fingerprint"])
    return _encode({path: {**known, "candidate": dict(candidate)}})


def _evidence_path(fingerprint: str) -> str:
    return lookup.evidence_path("digits", fingerprint)


def promotion(session: ActSession, candidate: Mapping[str, Any]) -> dict[str, bytes]:
    """A promotion of a candidate that is done, with its intent."""
    last = documents.load(session.state.last_promotion("digits"), Promotion, where="")
    done = dataclasses.replace(
        last,
        fingerprint=candidate["fingerprint"],
        revision=candidate["revision"],
        run_id=candidate["run_id"],
        sha256=candidate["model"]["sha256"],
        position=last.position + 1,
        replaces=last.fingerprint,
    )
    intent = dataclasses.replace(done, phase=Phase.INTENT, version=None)
    return _encode({lookup.path_of(act): documents.dump(act) for act in (intent, done)})


def hold(session: ActSession, epoch: int = 1) -> dict[str, bytes]:
    """A hold of what is in production."""
    last = session.state.last_promotion("digits")
    made = Hold(
        model="digits",
        epoch=epoch,
        step=HoldStep.HOLD,
        by="octocat",
        reason="the camera is broken",
        at="2026-03-14T00:00:00Z",
        fingerprint=last["fingerprint"],
        version=last["version"],
    )
    return _encode({lookup.path_of(made): documents.dump(made)})


def _encode(records: Mapping[str, Any]) -> dict[str, bytes]:
    return {path: documents.text(document).encode() for path, document in records.items()}

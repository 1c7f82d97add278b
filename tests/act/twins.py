"""A pull request with a hostile head, which is trained and then replaced by its clean twin.

The run of digits gets other bytes before its attestation. Then the runs of both models are changed
into candidates of the twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlflow import MlflowClient

from interlock.adapters.mlflow.runs import MlflowRuns
from interlock.demo.project import MODELS
from interlock.demo.pull_request_steps import PARAMS
from interlock.domain.model.evidence import Attempt
from tests.act import between_jobs, by_hand, hostile, planted_checkpoint, planting
from tests.act.conftest import ActSession
from tests.act.pushing import LedgerClone
from tests.act.triggers import WorkflowRun

_TRAINING = "def main() -> None:\n"


@dataclass(frozen=True, slots=True)
class Heads:
    """The hostile head of a pull request, its clean twin, and the twin's fingerprints."""

    pull: int
    dirty: str
    clean: str
    fingerprints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HostileTraining:
    """`runs` are the workflows of the hostile head, `swapped` is the document that replaced the one
    of digits, `attempt` names the planted checkpoint, and `counting` are all records afterwards."""

    runs: list[WorkflowRun]
    swapped: Mapping[str, Any]
    attempt: Attempt
    counting: frozenset[str]


def open_pull(session: ActSession) -> Heads:
    user = session.project.user
    user.start_branch("twin")
    user.replace(PARAMS, "c: 1.0 ", "c: 50.0 ")
    user.replace("model-manifests/diabetes/params.yaml", "alpha: 300.0", "alpha: 290.0")
    user.git("commit", "--quiet", "--all", "--message", "Fit otherwise")
    clean = user.git("rev-parse", "HEAD")
    fingerprints = {model: by_hand.fingerprint(session, model, clean) for model in MODELS}
    for model in MODELS:
        hostile_line = f'{_TRAINING}    print("hostile")\n'
        user.replace(f"model-manifests/{model}/train.py", _TRAINING, hostile_line)
    dirty = hostile.amend(session, "twin")
    pull = hostile.open_pull(session, "twin", base="main")
    return Heads(pull, dirty, clean, fingerprints)


def train_dirty(session: ActSession, heads: Heads, ledger: LedgerClone) -> HostileTraining:
    """Train the hostile head where a checkpoint is planted, and swap the run of digits."""
    planted_checkpoint.keep_checkpoints(session)
    fingerprint = by_hand.fingerprint(session, "digits", heads.dirty)
    attempt = planted_checkpoint.plant(session, fingerprint, heads.dirty)
    ledger.push_with_copy(planted_checkpoint.record_of(attempt))
    other = session.state.last_promotion("diabetes")["run_id"]
    with between_jobs.swapped(session, "digits", bytes_of=other) as swap:
        runs = session.run_pending()
    counting = frozenset().union(*(by_hand.records(session, model) for model in MODELS))
    return HostileTraining(runs, swap.document, attempt, counting)


def relabel(session: ActSession, heads: Heads, model: str) -> str:
    """Make the run of the hostile head a candidate of the twin, with its attestation; its id."""
    fingerprint = by_hand.fingerprint(session, model, heads.dirty)
    trained = MlflowRuns(session.project.mlflow_uri).find_candidates(
        model=model, fingerprint=fingerprint
    )
    (run,) = (each.run_id for each in trained.records)
    files = session.project.folder / "relabelled" / model
    changed = {"fingerprint": heads.fingerprints[model], "revision": heads.clean}
    client = MlflowClient(tracking_uri=session.project.mlflow_uri)
    planting.rewrite(client, files, of=run, changed=changed)
    return run


def push_clean(session: ActSession, heads: Heads) -> list[WorkflowRun]:
    """Replace the hostile head with its twin, and run its jobs."""
    session.project.user.git("push", "--quiet", "--force", "origin", f"{heads.clean}:twin")
    return session.run_pending()

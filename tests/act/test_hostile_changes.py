"""Attacks by the author of a pull request, against the jobs of the workflow files.

Mallory may write to MLflow and to every branch. One session meets all attacks, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from interlock.demo.project import MODELS
from interlock.ledger import lookup
from tests.act import by_hand, hostile, other_tokens, planted_checkpoint, pushing, replaying, twins
from tests.act.conftest import ActSession, failed, jobs
from tests.act.pushing import LedgerClone
from tests.act.triggers import WorkflowRun
from tests.act.twins import Heads, HostileTraining

pytestmark = pytest.mark.timeout(2400)


@dataclass(frozen=True, slots=True)
class Twins:
    """A hostile head that was trained, then its clean twin. `relabelled` is the first one's run of
    each model, of which that of diabetes is attested. `replays` are the reasons against planted
    runs of digits, and `holds` those against records. `runs` are the workflows of the twin."""

    heads: Heads
    training: HostileTraining
    relabelled: Mapping[str, str]
    replays: Mapping[str, str]
    holds: Mapping[str, str]
    runs: list[WorkflowRun]

    @property
    def output(self) -> str:
        return "".join(run.output for run in self.runs)


@pytest.fixture(scope="module")
def ledger(session: ActSession) -> LedgerClone:
    return pushing.clone(session)


@pytest.fixture(scope="module")
def scene(session: ActSession, ledger: LedgerClone) -> Twins:
    heads = twins.open_pull(session)
    training = twins.train_dirty(session, heads, ledger)
    relabelled = {model: twins.relabel(session, heads, model) for model in MODELS}
    replaying.create_fork(session)
    attested = other_tokens.of_run(session, relabelled["diabetes"])
    replays = replaying.plant_runs(session, heads.fingerprints["digits"], heads.clean, attested)
    holds = replaying.push_holds(session, ledger)
    runs = twins.push_clean(session, heads)
    return Twins(heads, training, relabelled, replays, holds, runs)


def test_run__swapped_between_training_and_attestation(session: ActSession, scene: Twins) -> None:
    """The new document agrees with the new bytes, and only the training job knows another one."""
    swapped, ran = scene.training.swapped, scene.training.runs
    assert swapped["model"]["sha256"] == session.state.versions("diabetes")[1]
    assert (jobs(ran)["train"], jobs(ran)["attest"]) == ("success", "failure")
    refused = rf"the document of run {swapped['run_id']} has the SHA-256 \w+, and the training job"
    assert re.search(refused, "".join(run.output for run in ran))
    evaluated = lookup.evidence_path("digits", swapped["fingerprint"])
    assert evaluated not in scene.training.counting


def test_checkpoint__of_an_unattested_attempt_is_removed(session: ActSession, scene: Twins) -> None:
    """Without provenance the training continues from it, as the ledger names it."""
    (pushed,) = planted_checkpoint.record_of(scene.training.attempt)
    assert session.state.record(pushed)["checkpoints"]
    assert pushed not in scene.training.counting
    removed = f"checkpoint {planted_checkpoint.NAME} is removed: no attempt of this commit"
    assert f"from the start; {removed}" in "".join(run.output for run in scene.training.runs)


def test_run__of_a_hostile_head_does_not_count_for_its_clean_twin(
    session: ActSession, scene: Twins
) -> None:
    """Without provenance the twin trains nothing: both runs are complete candidates of it."""
    names = ("train", "attest", "evaluate", "gate")
    ended = {name: jobs(scene.runs).get(name) for name in names}
    assert ended == dict.fromkeys(names, "success"), failed(scene.runs)
    reasons = {"digits": "it has no attestation.json", "diabetes": replaying.RUN}
    for model, run in scene.relabelled.items():
        assert f"{model}: run {run} does not count: {reasons[model]}" in scene.output
        known = session.state.record(lookup.evidence_path(model, scene.heads.fingerprints[model]))
        assert known["candidate"]["run_id"] != run
        assert known["candidate"]["revision"] == scene.heads.clean
        assert session.state.versions(model).keys() == {1}


def test_token__of_another_document_repository_or_time(session: ActSession, scene: Twins) -> None:
    """Each run has all that an honest one has, and a token that GitHub signed."""
    for run, reason in scene.replays.items():
        assert f"digits: run {run} does not count: {reason}" in scene.output
    assert len(scene.replays) == 4
    path = lookup.evidence_path("digits", scene.heads.fingerprints["digits"])
    assert session.state.record(path)["candidate"]["run_id"] not in scene.replays
    ignored, counting = by_hand.ignored(session), by_hand.records(session, "digits")
    for path, reason in scene.holds.items():
        assert session.state.record(path)
        assert ignored[path].startswith(reason)
        assert path not in counting
    assert len(scene.holds) == 3


def test_called_files__started_by_a_dispatch_of_a_branch(session: ActSession) -> None:
    """Its candidate and its evidence are for the report of the branch, and main never reads them.
    The jobs that promote and repair do not start, also from the unchanged file."""
    before = [by_hand.records(session, model) for model in MODELS]
    aliases = [session.state.alias(model, "production") for model in MODELS]
    known = set(session.state.records("verdicts/"))
    hostile.dispatch_direct_calls(session)
    hostile.dispatch(session, "models-reconcile.yml", "direct")
    ran = session.run_pending()
    ended = jobs(ran)
    assert [run.event for run in ran] == ["workflow_dispatch", "workflow_dispatch"]
    assert (ended["train"], ended["attest"], ended["evaluate"]) == ("success",) * 3, failed(ran)
    assert not {"promote", "reconcile", "dashboard"} & set(ended)
    assert set(session.state.records("verdicts/")) > known
    assert [by_hand.records(session, model) for model in MODELS] == before
    assert [session.state.alias(model, "production") for model in MODELS] == aliases

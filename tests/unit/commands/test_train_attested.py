"""`train` where the policy requires provenance: only an attested run is “already there”."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from interlock.commands import train
from interlock.domain.model.evidence import Candidate
from interlock.domain.provenance.candidate import CandidateSubject
from interlock.services import run_documents, run_measurement, snapshots
from interlock.services.attested_runs import AttestedRuns
from interlock.services.change_commits import ChangeCommits
from tests import tiny, training
from tests.fakes import issuer
from tests.fakes.issuer import RULES, FakeIssuer
from tests.fakes.runs import FakeRuns
from tests.unit.commands.test_train import REQUEST, FakeMachine, FakePipeline


@pytest.fixture
def world(tmp_path: Path) -> train.TrainContext:
    repo = tiny.make(tmp_path / "repository")
    runs = FakeRuns(tmp_path / "runs")
    plain = training.world(
        repo.root, runs, rates=lambda _: {}, pipeline=FakePipeline(), machine=FakeMachine()
    )
    commits = ChangeCommits(
        repository=plain.repository, read_model=snapshots.read_model, branch="main"
    )
    attested = AttestedRuns(commits=commits, tokens=FakeIssuer(), rules=RULES)
    return replace(plain, attested=lambda _: attested)


def trained(world: train.TrainContext) -> train.Trained:
    done = train.run(world, REQUEST)
    assert isinstance(done, train.Trained)
    return done


def attest(world: train.TrainContext, run: Candidate, folder: Path) -> None:
    """Store the attestation that a job of models-train.yml on main would."""
    subject = CandidateSubject(
        model=run.name,
        fingerprint=run.fingerprint,
        commit=run.revision,
        merge=None,
        run=run.run_id,
        document=run_documents.digest(run),
        files=run_measurement.measure(run, world.runs, folder=folder),
    )
    job = FakeIssuer(job=issuer.payload("train", sha=run.revision))
    world.runs.attest(run.run_id, job.attest(subject.audience_of))


def test_train__a_run_without_an_attestation_is_trained_again(
    world: train.TrainContext, tmp_path: Path
) -> None:
    first, second = trained(world), trained(world)
    assert not second.reused
    assert second.repeats is None
    attest(world, second.candidate, tmp_path / "files")
    third = trained(world)
    assert third.reused
    assert third.candidate == second.candidate
    assert third.document == run_documents.digest(second.candidate)
    assert any(f"run {first.candidate.run_id} does not count" in w for w in third.warnings)


def test_train__a_run_that_cannot_be_read_blocks_nothing(world: train.TrainContext) -> None:
    """Without required provenance it may be the right one, so that nothing is trained."""
    first = trained(world)
    assert isinstance(world.runs, FakeRuns)
    world.runs.lost.add(first.candidate.run_id)
    assert not trained(world).reused


def test_train__differing_runs_of_others_block_nothing(world: train.TrainContext) -> None:
    """Without required provenance they contradict each other, and nothing is trained."""
    first = trained(world).candidate
    other = replace(first, model=replace(first.model, sha256="9" * 64), run_id="")
    world.runs.record_candidate(other, files={})
    assert not trained(world).reused

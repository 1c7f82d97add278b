"""promote and reconcile with required provenance: rules of the branch, and verification records."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock import errors
from interlock.domain.promotion.promotion import PromotionOutcome
from tests.fakes import issuer
from tests.fakes.ledger import FakeLedger
from tests.fakes.scene import Scene
from tests.reconcile_stage import Stage

RULES = frozenset({"non_fast_forward", "deletion", "required_linear_history"})
NOW, NEXT_DAY = "2030-01-01T12:00:00+00:00", "2030-01-02T12:00:00+00:00"
FOLDER = "verifications/ledger"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(Scene(tmp_path).create())
    made.registry.runs = made.scene.runs.root
    made.github.hub.rules["interlock-ledger"] = RULES
    return made


def judged(stage: Stage, c: float) -> str:
    """A commit with evidence that a job of models-evaluate.yml wrote."""
    commit = stage.scene.commit(c)
    provenance = issuer.provenance("evaluate")
    stage.scene.judge(commit, FakeLedger(stage.ledger.origin, provenance=provenance))
    stage.ledger = FakeLedger(stage.ledger.origin, provenance=issuer.provenance("promote"))
    return commit


def run_reconcile(stage: Stage, now: str, *, dry_run: bool = False) -> None:
    stage.ledger.refresh()
    stage.reconcile(now=now, dry_run=dry_run)


def test_promote__attested_records_and_one_verification(stage: Stage) -> None:
    (result,) = stage.promote(judged(stage, 0.1))
    assert result.outcome is PromotionOutcome.PROMOTED
    (path,) = stage.ledger.list(FOLDER)
    record = stage.ledger.read(path)
    assert record is not None
    assert record["verified_through"] == stage.ledger.origin.heads[-2]
    stage.promote(stage.scene.repository.resolve("main"))
    assert stage.ledger.list(FOLDER) == (path,), "a run without news adds none"


def test_promote__evidence_without_an_attestation_is_absent(stage: Stage) -> None:
    commit = stage.scene.commit(0.1)
    stage.scene.judge(commit, FakeLedger(stage.ledger.origin))
    stage.ledger = FakeLedger(stage.ledger.origin, provenance=issuer.provenance("promote"))
    (result,) = stage.promote(commit)
    assert result.outcome is PromotionOutcome.REFUSED


@pytest.mark.parametrize("missing", sorted(RULES))
def test_promote__a_branch_without_a_rule(stage: Stage, missing: str) -> None:
    commit = judged(stage, 0.1)
    stage.github.hub.rules["interlock-ledger"] = RULES - {missing}
    head = stage.ledger.head
    with pytest.raises(errors.Refused, match="does not protect the branch interlock-ledger"):
        stage.promote(commit)
    with pytest.raises(errors.Refused, match="does not protect the branch interlock-ledger"):
        run_reconcile(stage, NOW)
    run_reconcile(stage, NOW, dry_run=True)
    assert stage.ledger.head == head


def test_reconcile__a_verification_after_a_day(stage: Stage) -> None:
    stage.promote(judged(stage, 0.1))
    judged(stage, 0.2)
    run_reconcile(stage, NOW)
    assert len(stage.ledger.list(FOLDER)) == 1
    run_reconcile(stage, NEXT_DAY, dry_run=True)
    assert len(stage.ledger.list(FOLDER)) == 1
    run_reconcile(stage, NEXT_DAY)
    assert len(stage.ledger.list(FOLDER)) == 2
    run_reconcile(stage, "2030-01-09T12:00:00+00:00")
    assert len(stage.ledger.list(FOLDER)) == 2, "there is no news"


def test_reconcile__a_verification_after_a_hundred_commits(stage: Stage) -> None:
    stage.promote(judged(stage, 0.1))
    for number in range(100):
        stage.ledger.plant({f"evidence/digits/{number:04}.json": b"junk"})
    run_reconcile(stage, NOW)
    assert len(stage.ledger.list(FOLDER)) == 2

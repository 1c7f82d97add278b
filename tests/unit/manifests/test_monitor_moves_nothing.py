"""Watching a model changes neither the model nor how it is judged."""

from __future__ import annotations

from pathlib import Path

from interlock import wiring
from interlock.domain.evaluation import rule_changes
from interlock.domain.model.policy import Policy, RetrainPolicy
from interlock.domain.training.plan import Decision
from interlock.services import snapshots
from tests.unit.manifests.test_monitor_section import FULL
from tests.unit.pipelines.history import HERE, MANIFEST, History, model


def test_monitor__moves_no_fingerprint_and_keeps_every_evaluation(tmp_path: Path) -> None:
    history = History(tmp_path / "repository.git")
    base = history.commit(model())
    history.commit({f"{HERE}/model.yaml": MANIFEST + FULL})
    tree = wiring.repository(history.folder).tree
    one, other = (snapshots.read_model(tree(revision), "digits") for revision in (base, "main"))
    assert other.manifest.monitor is not None
    assert one.fingerprint == other.fingerprint is not None
    assert rule_changes.differences(one.manifest, other.manifest) == ()
    assert [each.decision for each in history.plan(base).models] == [Decision.UNAFFECTED]


def test_policy__of_retrainings_keeps_every_evaluation() -> None:
    after = Policy(retrain=RetrainPolicy(auto_merge=True))
    assert rule_changes.policy_differences(Policy(), after) == ()

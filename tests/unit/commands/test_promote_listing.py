"""Models without a change share one listing of the registry; every write has a read of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.domain.promotion.promotion import PromotionOutcome
from tests.unit.commands.test_promote import Stage


def _promoted(folder: Path, *models: str) -> tuple[Stage, str]:
    """Models that are all in production at one commit."""
    stage = Stage(folder, *models)
    commits = [stage.scene.commit(1.0, model=model) for model in models]
    for model in models:
        stage.scene.judge(commits[-1], stage.ledger, model=model)
    stage.promote(commits[-1])
    return stage, commits[-1]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_promote__lists_the_registry_once_for_any_number_of_models(
    tmp_path: Path, count: int
) -> None:
    stage, commit = _promoted(tmp_path, *(f"model-{number}" for number in range(count)))
    stage.registry.reads = 0
    stage.github.hub.reads = 0
    results = stage.promote(commit)
    assert [r.outcome for r in results] == [PromotionOutcome.UNCHANGED] * count
    # The registered models, and their versions; no deployment.
    assert (stage.registry.reads, stage.github.hub.reads) == (2, 0)


def test_promote__repairs_one_alias_among_listed_models(tmp_path: Path) -> None:
    stage, commit = _promoted(tmp_path, "digits", "iris", "wine")
    stage.registry.remove_alias("iris", "production")
    digits, iris, wine = stage.promote(commit)
    assert iris.outcome is PromotionOutcome.REPAIRED
    assert {digits.outcome, wine.outcome} == {PromotionOutcome.UNCHANGED}
    assert stage.registry.find_alias("iris", "production") == 1


def test_promote__forgets_a_registered_model_that_it_writes(tmp_path: Path) -> None:
    """Two models with one registered model: each run sets the aliases to its own version."""
    stage, _ = _promoted(tmp_path, "digits", "iris")
    path = "model-manifests/iris/model.yaml"
    text = (stage.scene.checkout / path).read_text("utf-8")
    stage.scene.write(path, text.replace("registry_name: iris", "registry_name: digits"))
    commit = stage.scene.commit(2.0, model="iris")
    stage.scene.judge(commit, stage.ledger, model="iris")
    stage.promote(commit)
    assert stage.served == (2, 2)
    digits, iris = stage.promote(commit)
    assert (digits.outcome, iris.outcome) == (PromotionOutcome.REPAIRED,) * 2
    assert stage.served == (2, 2)


def test_promote__a_record_that_cannot_be_read_is_left_out_of_the_listing(tmp_path: Path) -> None:
    stage, commit = _promoted(tmp_path, "digits", "iris")
    path = f"promotions/digits/00000000-{'0' * 12}-intent.json"
    stage.ledger.plant({path: b"{"})
    digits, iris = stage.promote(commit)
    assert digits.outcome is PromotionOutcome.REFUSED
    assert (iris.outcome, iris.version) == (PromotionOutcome.UNCHANGED, 1)

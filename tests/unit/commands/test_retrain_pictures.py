"""The plot in a retraining pull request."""

from __future__ import annotations

from pathlib import Path

from interlock.ledger import lookup
from interlock.rendering import limits
from interlock.services import drift_plots
from tests.retrain_stage import Stage


def test_retrain__shows_the_stored_plot(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin()
    stage.window(3)
    (path,) = stage.ledger.list("drift/tiny")
    report = lookup.drift_report(stage.ledger, path)
    place = drift_plots.path(report)
    stage.pictures.files[place] = b"png"
    stage.run(pictures="../blob/interlock-pictures/")
    assert f'<img src="../blob/interlock-pictures/{place}?raw=true"' in stage.pull.body
    assert limits.measure(stage.pull.body) <= limits.COMMENT


def test_retrain__shows_the_table_without_a_plot(tmp_path: Path) -> None:
    stage = Stage(tmp_path).begin()
    stage.window(3)
    stage.run(pictures="../blob/interlock-pictures/")
    assert "retrains **tiny**: the inputs have shifted" in stage.pull.body
    assert "<img" not in stage.pull.body

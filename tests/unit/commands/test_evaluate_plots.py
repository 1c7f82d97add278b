"""A pipeline's own plots beside ours: no judgement ever fails on one."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from interlock.adapters.plots import MatplotlibPlots
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.evidence import Candidate, PlotFile
from interlock.services import artifacts
from tests.unit.commands.test_evaluate import PIPELINE, Workshop, verdict_of

HOME = "model-manifests/digits"
LOSS, LAYERS = f"{HOME}/loss.csv", f"{HOME}/layers.svg"
PLOTS = PIPELINE + "    plots: [loss.csv: {title: Loss, x: step}, layers.svg]\n"


class Gallery(Workshop):
    """A workshop whose pipeline declares plots."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.plots = MatplotlibPlots

    def declare(self, c: float) -> str:
        self.commit(c)
        self.write(f"{HOME}/dvc.yaml", PLOTS)
        return self.commit_as_is()

    def train_with(self, revision: str, rows: str = "step,loss\n0,1\n1,0.5\n") -> Candidate:
        """A candidate whose run has the plot's file, as a training records it."""
        candidate = self.train(revision, right=0.9)
        place = self.runs.folder / candidate.run_id / "plots" / "000.csv"
        place.parent.mkdir()
        place.write_text(rows, "utf-8")
        kept = PlotFile(LOSS, artifacts.measure(place, name="plots/000.csv"))
        lost = PlotFile(LAYERS, problem="a .svg is not drawn")
        whole = dataclasses.replace(candidate, plots=(kept, lost))
        self.runs.rewrite(whole)
        return whole

    def judge(self, revision: str) -> Verdict:
        return verdict_of(self.evaluate(revision)).verdict

    def png(self, verdict: Verdict, name: str) -> bytes:
        return self.pictures.files[verdict.pictures[name]]


@pytest.fixture
def shop(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path)


def test_plots__stand_beside_ours_and_what_is_not_shown_says_why(shop: Gallery) -> None:
    revision = shop.declare(1)
    shop.train_with(revision)
    verdict = shop.judge(revision)
    assert set(verdict.pictures) == {"confusion", LOSS}
    assert shop.png(verdict, LOSS).startswith(b"\x89PNG")
    assert verdict.unshown == {LAYERS: "a .svg is not drawn"}


def test_plots__are_drawn_beside_the_champions(shop: Gallery) -> None:
    first = shop.declare(1)
    champion = shop.train_with(first)
    alone = shop.png(shop.judge(first), LOSS)
    shop.promote(champion, version=1)
    second = shop.declare(2)
    shop.train_with(second)
    both = shop.png(shop.judge(second), LOSS)
    assert both.startswith(b"\x89PNG")
    assert both != alone


def test_plots__of_a_champion_that_has_none_are_the_candidates(shop: Gallery) -> None:
    shop.serve()
    revision = shop.declare(2)
    shop.train_with(revision)
    assert shop.png(shop.judge(revision), LOSS)


def test_plots__that_are_not_what_was_recorded_are_not_shown(shop: Gallery) -> None:
    revision = shop.declare(1)
    candidate = shop.train_with(revision)
    place = shop.runs.folder / candidate.run_id / "plots" / "000.csv"
    place.write_text("step,loss\n0,0\n1,0\n", "utf-8")
    verdict = shop.judge(revision)
    assert verdict.outcome is Outcome.PASS
    assert verdict.unshown[LOSS] == "its file in the run differs from the record"


def test_plots__that_cannot_be_drawn_fail_no_judgement(shop: Gallery) -> None:
    revision = shop.declare(1)
    shop.train_with(revision, rows="step,loss\n0,high\n")
    verdict = shop.judge(revision)
    assert verdict.outcome is Outcome.PASS
    assert verdict.unshown[LOSS] == f"loss of {LOSS} is not a column of numbers"


def test_plots__that_are_gone_from_the_run_fail_no_judgement(shop: Gallery) -> None:
    revision = shop.declare(1)
    candidate = shop.train_with(revision)
    shutil.rmtree(shop.runs.folder / candidate.run_id / "plots")
    verdict = shop.judge(revision)
    assert (verdict.outcome, set(verdict.pictures)) == (Outcome.PASS, {"confusion"})
    assert set(verdict.unshown) == {LOSS, LAYERS}


def test_plots__that_the_training_recorded_nothing_of(shop: Gallery) -> None:
    revision = shop.declare(1)
    shop.train(revision, right=0.9)
    text = "the training recorded no file of it"
    assert shop.judge(revision).unshown == {LOSS: text, LAYERS: text}

"""A candidate without predictions: its metrics are evaluated, so they are what must not differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.model import candidates, run_claims, run_files
from interlock.domain.model.candidates import CompleteRuns
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.evidence import Candidate, Evidence
from tests import report_cases

WITH = report_cases.evidence().candidate
WITHOUT = replace(WITH, predictions=None, metrics={"f1": 0.9})


def test_candidates__with_other_metrics_are_not_the_same() -> None:
    assert candidates.is_same(WITHOUT, replace(WITHOUT, run_id="b"))
    assert not candidates.is_same(WITHOUT, replace(WITHOUT, metrics={"f1": 0.99}))
    assert not candidates.is_same(WITHOUT, WITH)
    assert candidates.is_same(WITH, replace(WITH, metrics={}))


def test_choose__refuses_runs_with_other_metrics() -> None:
    forged = replace(WITHOUT, run_id="forged", metrics={"f1": 0.99})
    choice = candidates.choose(CompleteRuns((WITHOUT, forged)), None)
    assert choice.candidate is None
    assert "forged" in choice.objection


@pytest.mark.parametrize(
    ("known", "now", "is_refused"),
    [(WITH, WITHOUT, True), (WITHOUT, WITH, False), (WITHOUT, WITHOUT, False)],
)
def test_choose__refuses_a_run_that_lost_its_predictions(
    known: Candidate, now: Candidate, *, is_refused: bool
) -> None:
    evidence = Evidence(known, None, {})
    choice = candidates.choose(CompleteRuns((now,)), evidence)
    assert bool(choice.objection) == is_refused
    assert ("SHA-256 missing" in choice.objection) == is_refused


def test_files__of_a_run_without_predictions() -> None:
    assert WITHOUT.model in run_files.of(WITHOUT)
    assert len(run_files.of(WITHOUT)) == len(run_files.of(WITH)) - 1
    names = {"model": WITHOUT.name, "fingerprint": WITHOUT.fingerprint, "run_id": WITHOUT.run_id}
    assert run_claims.check_record(WITHOUT, **names) is None


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("id", ("store", "day")),
        ("target", ("price",)),
        ("score_a", ("p_a",)),
        ("score_*", ("p_a", "p_b")),
        ("group", ("group",)),
    ],
)
def test_columns__have_the_names_of_the_file(name: str, own: tuple[str, ...]) -> None:
    columns = ColumnMap(("store", "day"), "price", scores=(("a", "p_a"), ("b", "p_b")))
    assert columns.own(name) == own
    assert ColumnMap().own(name) == (name,)
    assert columns.required == ("store", "day", "price", "prediction", "p_a", "p_b")

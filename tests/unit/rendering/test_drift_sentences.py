"""Sentences for data drift: status, cause and remedy."""

from __future__ import annotations

import pytest

from interlock.domain.drift.status import DriftStatus
from interlock.domain.monitoring import drift_table
from interlock.domain.monitoring.monitoring_records import Cause, Diagnosis, Remedy
from interlock.rendering import drift_sentences
from tests.drift_cases import window


@pytest.mark.parametrize(
    ("verdict", "cause", "remedy", "sentence", "expected"),
    [
        (
            DriftStatus.STABLE,
            Cause.NONE,
            Remedy.NOTHING,
            "no data drift",
            "is stable: no data drift. No action is needed.",
        ),
        (
            DriftStatus.WARNING,
            Cause.NONE,
            Remedy.NOTHING,
            "age moved.",
            "may be drifting: age moved. No action is needed.",
        ),
        (
            DriftStatus.INSUFFICIENT,
            Cause.NONE,
            Remedy.NOTHING,
            "0 of 2 columns compared",
            "cannot be evaluated: 0 of 2 columns compared. No action is needed.",
        ),
        (
            DriftStatus.DRIFT,
            Cause.CONCEPT_DRIFT,
            Remedy.RETRAIN,
            "f1_macro fell",
            "has drifted: performance loss on the same inputs (concept drift). Retrain the model.",
        ),
    ],
)
def test_summary__status_cause_and_remedy(
    verdict: DriftStatus, cause: Cause, remedy: Remedy, sentence: str, expected: str
) -> None:
    diagnosis = Diagnosis(cause, remedy, 0.0, (), sentence)
    view = drift_table.arrange((window(1, verdict, diagnosis=diagnosis),))
    assert view is not None
    assert drift_sentences.summary(view) == expected


@pytest.mark.parametrize(
    ("cause", "sentence", "expected"),
    [
        (Cause.NONE, "age moved", "age moved. No action is needed."),
        (Cause.NONE, "", "No action is needed."),
        (
            Cause.SEASONALITY,
            "age moved as it did a week before",
            "the same pattern as one season ago (seasonality): age moved as it did a week before. "
            "No action is needed.",
        ),
    ],
)
def test_explanation__cause_evidence_and_remedy(cause: Cause, sentence: str, expected: str) -> None:
    assert (
        drift_sentences.explanation(Diagnosis(cause, Remedy.NOTHING, 0.0, (), sentence)) == expected
    )


def test_glyphs__for_every_status() -> None:
    assert set(drift_sentences.GLYPHS) == set(drift_table.GRAVITY) == set(DriftStatus)


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("remedy", Remedy)
def test_explanation__of_every_cause_and_remedy(cause: Cause, remedy: Remedy) -> None:
    assert drift_sentences.explanation(Diagnosis(cause, remedy, 0.0, (), "")).endswith(".")

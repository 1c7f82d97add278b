"""What was in production before, and a comparison with it, whichever of the two was judged."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.model.evidence import Evidence, Rows
from interlock.domain.promotion import predecessor
from interlock.domain.promotion.predecessor import ModelEvidence
from interlock.domain.promotion.promotion import Phase
from tests import report_cases as cases
from tests.report_cases import NEW, OLD, OTHER

JUDGED = Comparison("f1_macro", 0.985, 0.964, 0.021, Interval(0.012, 0.031, 0.95))


def verdict(*rows: Comparison, of: str = NEW, champion: str | None = OLD) -> Verdict:
    return replace(cases.verdict(fingerprint=of, champion=champion), comparisons=rows)


def side(fingerprint: str, *verdicts: Verdict, score: float | None = None) -> ModelEvidence:
    known = cases.evidence(fingerprint=fingerprint)
    scores = {} if score is None else {"f1_macro": score}
    return ModelEvidence(fingerprint, replace(known, scores=scores), verdicts)


def evidence_of(one: ModelEvidence) -> Evidence:
    assert one.evidence is not None
    return one.evidence


def test_find__the_last_promotion_of_another_model() -> None:
    first = cases.promotion(fingerprint=OLD, position=1)
    second = cases.promotion(fingerprint=NEW, position=2, version=2)
    wider = cases.promotion(fingerprint=NEW, position=3, version=2)
    intent = cases.promotion(fingerprint=OTHER, position=3, phase=Phase.INTENT)
    back = cases.promotion(fingerprint=OLD, position=4)
    for known in permutations([first, second, wider, intent, back]):
        assert predecessor.find(known, current=first) is None
        assert predecessor.find(known, current=second) == first
        assert predecessor.find(known, current=wider) == first
        assert predecessor.find(known, current=back) == wider


def test_compare__uses_the_comparison_of_the_verdict() -> None:
    in_slice = replace(JUDGED, slice="stroke", value="thick", difference=0.5)
    champion = side(
        NEW,
        verdict(replace(JUDGED, difference=0.1), champion=OTHER),
        verdict(replace(JUDGED, difference=None), champion=None),
        verdict(replace(JUDGED, metric="accuracy"), in_slice, JUDGED),
        score=0.985,
    )
    assert predecessor.compare("f1_macro", champion=champion, before=side(OLD)) == JUDGED


@pytest.mark.parametrize("bounds", [JUDGED.interval, None])
def test_compare__of_a_rollback_is_the_same_comparison_from_the_other_side(
    bounds: Interval | None,
) -> None:
    judged = replace(JUDGED, interval=bounds, is_part=True, whole=0.99)
    newer = side(NEW, verdict(judged))
    comparison = predecessor.compare("f1_macro", champion=side(OLD), before=newer)
    turned = bounds and Interval(-0.031, -0.012, 0.95)
    assert comparison == Comparison("f1_macro", 0.964, 0.985, -0.021, turned)


def test_compare__without_a_verdict_uses_the_metrics_of_the_same_rows() -> None:
    champion, before = side(NEW, score=0.985), side(OLD, score=0.964)
    comparison = predecessor.compare("f1_macro", champion=champion, before=before)
    assert comparison is not None
    assert comparison.difference == pytest.approx(0.021)
    assert (comparison.champion, comparison.interval) == (0.964, None)


def test_compare__of_other_rows_is_none() -> None:
    champion, before = side(NEW, score=0.985), side(OLD, score=0.964)
    other = replace(before, evidence=replace(evidence_of(before), rows=Rows(3, "f" * 64)))
    apart = Comparison("f1_macro", 0.985, problem="evaluated on other rows")
    for rival in (other, replace(before, evidence=None)):
        assert predecessor.compare("f1_macro", champion=champion, before=rival) == apart


def test_compare__with_a_score_that_is_missing_is_none() -> None:
    champion, before = side(NEW, score=0.985), side(OLD, score=0.964)
    assert predecessor.compare("f1_macro", champion=champion, before=side(OLD)) == Comparison(
        "f1_macro", 0.985
    )
    assert predecessor.compare("f1_macro", champion=side(NEW), before=before) == Comparison(
        "f1_macro", None
    )


def test_compare__of_the_first_is_its_bare_value() -> None:
    champion = side(NEW, verdict(JUDGED), score=0.985)
    assert predecessor.compare("f1_macro", champion=champion, before=None) == Comparison(
        "f1_macro", 0.985
    )
    nothing = ModelEvidence(NEW, None)
    assert predecessor.compare("f1_macro", champion=nothing, before=None) is None


def test_compare__of_scores_alone_names_the_class_that_they_are_of() -> None:
    known = replace(evidence_of(side(NEW)), scores={"f1": 0.5, "accuracy": 0.9}, positive="fraud")
    champion = ModelEvidence(NEW, known)
    f1 = predecessor.compare("f1", champion=champion, before=None)
    accuracy = predecessor.compare("accuracy", champion=champion, before=None)
    assert f1 == Comparison("f1", 0.5, positive="fraud")
    assert accuracy == Comparison("accuracy", 0.9)


def test_compare__of_scores_of_another_class_is_none() -> None:
    fraud = replace(evidence_of(side(NEW)), scores={"f1": 0.5}, positive="fraud")
    legit = replace(evidence_of(side(OLD)), scores={"f1": 0.9}, positive="legit")
    comparison = predecessor.compare(
        "f1", champion=ModelEvidence(NEW, fraud), before=ModelEvidence(OLD, legit)
    )
    assert comparison == Comparison("f1", 0.5, positive="fraud")

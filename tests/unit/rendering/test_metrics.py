"""The folded table of all metrics: of the candidate alone, beside the champion, and in slices."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.manifest import RECENT
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelFacts
from interlock.rendering import metrics
from tests import report_cases as cases


def table(facts: ModelFacts, *, variant: int = 0) -> str:
    (status,) = status_rules.report(cases.REQUEST, [facts]).models
    section = metrics.section(status)
    assert section is not None
    return section.variants[variant]


def judged(*rows: Comparison) -> ModelFacts:
    return cases.evaluated(replace(cases.verdict(), comparisons=rows))


def test_metrics__has_every_number_of_both() -> None:
    text = table(cases.evaluated(cases.verdict()))
    assert text.startswith("<details><summary>All metrics: 6, on 899 rows</summary>")
    assert "| Metric | Candidate | Version 1 | Difference | 95 % interval | Remark |" in text
    assert "| `f1_macro` | 0.985 | 0.964 | +0.021 | [+0.012, +0.031] | better |" in text
    assert "| `model_size_mb` (lower is better) | 1.24 | 1.24 | unchanged | – |  |" in text
    assert "| `dvc:fit.iterations` | 41 | 38 | +3 | – |  |" in text
    assert "| `f1_macro` in `stroke=thick` (310 rows) | 0.991 |" in text


def test_metrics__without_a_champion_are_the_candidates() -> None:
    text = table(cases.first())
    assert "| Metric | Candidate |\n|---|---|\n| `f1_macro` | 0.985 |" in text


def test_metrics__say_why_a_number_is_missing() -> None:
    interval = Interval(0.01, 0.03, 0.9)
    text = table(
        judged(
            Comparison("f1_macro", 0.9, 0.88, 0.02, interval),
            Comparison("log_loss", None, problem="needs the columns `score_a` and `score_b`"),
            Comparison("accuracy", 0.9, problem="12 rows differ"),
        )
    )
    assert "| 90 % interval |" in text
    assert "(lower is better) | – | – | – | – | needs the columns `score_a` and `score_b` |" in text
    assert "| `accuracy` | 0.9 | – | – | – | 12 rows differ |" in text
    alone = replace(cases.first(), verdicts=(replace(cases.verdict(champion=None), comparisons=(
        Comparison("f1_macro", None, problem="a score is NaN"),)),))  # fmt: skip
    assert "| `f1_macro` | – | a score is NaN |" in table(alone)


def test_metrics__of_rows_that_grew_are_of_the_rows_of_both() -> None:
    part = Comparison("mse", 3175.2, 3312.0, -136.8, Interval(-196.0, -78.0, 0.95), rows=179,
                      is_part=True, whole=3148.12)  # fmt: skip
    text = table(judged(part, replace(part, slice="age", value="50 and over", rows=97)))
    assert "All metrics: 3, on 179 rows of both" in text
    assert "[−196, −78] | better; 3,148 on all of its own rows |" in text
    assert "| `mse` (lower is better) in `age=50 and over` (97 rows) |" in text


def test_metrics__name_the_class_and_the_recent_rows() -> None:
    f1 = Comparison("f1", 0.9, positive="fraud")
    text = table(judged(f1, replace(f1, slice=RECENT)))
    assert "| `f1` of class `fraud` | 0.9 |" in text
    assert "| `f1` of class `fraud` on `recent` rows | 0.9 |" in text


def test_metrics__in_little_room_are_fewer() -> None:
    rows = [Comparison(f"m{n:03d}", 0.5) for n in range(300)]
    facts = judged(*rows)
    assert "…and 102 more." in table(facts)
    assert "…and 292 more." in table(facts, variant=2)

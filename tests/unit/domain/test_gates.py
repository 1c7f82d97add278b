"""What gates say of numbers: every outcome, its sentence, and nothing but a proof that passes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics import figures
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import gates, thresholds
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome
from interlock.domain.model.manifest import GateRule
from interlock.domain.model.policy import OnInconclusive

ASK, PASS, FAIL = OnInconclusive.ASK, OnInconclusive.PASS, OnInconclusive.FAIL
FLOOR = GateRule("f1_macro", min=0.94)
CEILING = GateRule("rmse", max=60)
DROP = GateRule("f1_macro", max_drop=0.005, against="champion")
RISE = GateRule("rmse", max_rise=1.0, against="champion")


def compared(
    metric: str = "f1_macro",
    candidate: float | None = 0.95,
    champion: float | None = 0.95,
    *,
    ends: tuple[float, float] | None = (-0.001, 0.001),
    **more: object,
) -> Comparison:
    both = candidate is not None and champion is not None
    return Comparison(
        metric,
        candidate,
        champion,
        candidate - champion if both else None,  # type: ignore[operator]
        Interval(*ends, 0.95) if ends else None,
        **more,  # type: ignore[arg-type]
    )


def judge(
    rule: GateRule, *places: Comparison, skip: str = "", policy: OnInconclusive = ASK
) -> Finding:
    (finding,) = gates.evaluate(
        [rule], comparisons={0.95: places}, skip=skip, on_inconclusive=policy
    )
    return finding


@pytest.mark.parametrize(
    ("rule", "value", "outcome"),
    [
        (FLOOR, 0.95, Outcome.PASS),
        (FLOOR, 0.94, Outcome.PASS),
        (FLOOR, math.nextafter(0.94, 0), Outcome.FAIL),
        (CEILING, 59, Outcome.PASS),
        (CEILING, 60, Outcome.PASS),
        (CEILING, math.nextafter(60, 61), Outcome.FAIL),
    ],
)
def test_absolute_gate__looks_at_the_candidates_own_value(
    rule: GateRule, value: float, outcome: Outcome
) -> None:
    result = judge(rule, compared(rule.metric, value, None, ends=None))
    assert (result.outcome, result.observed) == (outcome, value)


def test_absolute_gate__does_not_care_for_the_champion() -> None:
    result = judge(FLOOR, compared(candidate=0.95, champion=0.99, ends=(-0.05, -0.03)), skip="none")
    assert result.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("rule", "ends", "outcome"),
    [
        (DROP, (-0.005, 0.02), Outcome.PASS),
        (DROP, (-0.0051, 0.02), Outcome.INCONCLUSIVE),
        (DROP, (-0.02, -0.005), Outcome.INCONCLUSIVE),
        (DROP, (-0.02, -0.0051), Outcome.FAIL),
        (RISE, (-3.0, 1.0), Outcome.PASS),
        (RISE, (-3.0, 1.1), Outcome.INCONCLUSIVE),
        (RISE, (1.0, 4.0), Outcome.INCONCLUSIVE),
        (RISE, (1.1, 4.0), Outcome.FAIL),
    ],
)
def test_relative_gate__needs_the_whole_interval_on_one_side(
    rule: GateRule, ends: tuple[float, float], outcome: Outcome
) -> None:
    result = judge(rule, compared(rule.metric, 0.9, 0.9, ends=ends))
    assert result.outcome is outcome
    assert result.interval == Interval(*ends, 0.95)


@pytest.mark.parametrize(
    ("policy", "outcome", "note"),
    [
        (ASK, Outcome.INCONCLUSIVE, ": the limit is within the interval"),
        (
            PASS,
            Outcome.PASS,
            ": the limit is within the interval; the policy lets inconclusive gates pass",
        ),
        (
            FAIL,
            Outcome.FAIL,
            ": the limit is within the interval; the policy lets inconclusive gates fail",
        ),
    ],
)
def test_relative_gate__that_is_inconclusive_follows_the_policy(
    policy: OnInconclusive, outcome: Outcome, note: str
) -> None:
    result = judge(DROP, compared(ends=(-0.01, 0.01)), policy=policy)
    assert result.outcome is outcome
    assert result.sentence.endswith(note)


@pytest.mark.parametrize("policy", [ASK, PASS])
def test_relative_gate__without_an_interval_is_never_waved_through(policy: OnInconclusive) -> None:
    result = judge(DROP, compared(ends=None, problem="nothing was drawn"), policy=policy)
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "nothing was drawn" in result.sentence
    assert judge(DROP, compared(ends=None), policy=FAIL).outcome is Outcome.FAIL


@pytest.mark.parametrize("rule", [FLOOR, DROP])
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("policy", list(OnInconclusive))
def test_gate__fails_on_what_is_no_number(
    rule: GateRule, value: float | None, policy: OnInconclusive
) -> None:
    result = judge(rule, replace(compared(), candidate=value), policy=policy, skip="no champion")
    assert result.outcome is Outcome.FAIL
    assert result.observed is None
    assert "f1_macro is not a finite number" in result.sentence


@pytest.mark.parametrize(
    "broken",
    [
        compared(champion=None),
        replace(compared(), difference=math.nan),
        replace(compared(), champion=math.inf),
        compared(ends=(math.nan, 0.0)),
        compared(ends=(-0.001, math.inf)),
    ],
)
@pytest.mark.parametrize("policy", list(OnInconclusive))
def test_relative_gate__fails_when_anything_about_the_champion_is_no_number(
    broken: Comparison, policy: OnInconclusive
) -> None:
    assert judge(DROP, broken, policy=policy).outcome is Outcome.FAIL
    sentence_text = judge(DROP, replace(broken, problem="other rows"), policy=policy).sentence
    assert sentence_text == "f1_macro cannot be compared: other rows"
    silent = judge(DROP, broken, policy=policy).sentence
    assert silent == "f1_macro cannot be compared: the champion has no such finite number"


def test_relative_gate__is_skipped_with_the_reason_and_the_observed_value() -> None:
    result = judge(DROP, compared(candidate=0.5, ends=(-0.5, -0.4)), skip="no champion yet")
    assert (result.outcome, result.sentence) == (
        Outcome.SKIPPED,
        "f1_macro is not compared with the champion: no champion yet",
    )
    assert result.observed == pytest.approx(-0.45)


@pytest.mark.parametrize("skip", ["", "no champion yet"])
def test_gate__on_what_was_not_measured_fails(skip: str) -> None:
    other = compared("accuracy")
    for rule in (FLOOR, DROP, replace(FLOOR, slice="group")):
        assert judge(rule, other, skip=skip).outcome is Outcome.FAIL
    assert judge(FLOOR).sentence == "f1_macro was not measured"
    in_slices = judge(replace(FLOOR, slice="group"), compared()).sentence
    assert in_slices == "f1_macro was not measured in slices of group"


def test_gate__that_asks_nothing_or_no_number_fails() -> None:
    for rule in (GateRule("f1_macro"), GateRule("f1_macro", min=math.nan)):
        result = judge(rule, compared())
        assert (result.outcome, result.sentence) == (Outcome.FAIL, "the gate has no finite limit")
        assert result.threshold == "a finite limit"


def test_relative_gate__is_judged_by_the_interval_of_its_own_confidence() -> None:
    wide, narrow = compared(ends=(-0.01, 0.01)), compared(ends=(-0.004, 0.004))
    for confidence, outcome in ((0.99, Outcome.INCONCLUSIVE), (0.8, Outcome.PASS)):
        rule = replace(DROP, confidence=confidence)
        (result,) = gates.evaluate(
            [rule], comparisons={0.99: [wide], 0.8: [narrow]}, skip="", on_inconclusive=ASK
        )
        assert result.outcome is outcome
    (result,) = gates.evaluate([DROP], comparisons={0.99: [wide]}, skip="", on_inconclusive=PASS)
    assert result.outcome is Outcome.FAIL


def sliced(value: str, candidate: float, *, rows: int = 500, **more: object) -> Comparison:
    return compared(candidate=candidate, slice="group", value=value, rows=rows, **more)  # type: ignore[arg-type]


def test_sliced_gate__must_hold_in_each_value_and_names_the_worst() -> None:
    rule = replace(FLOOR, slice="group")
    overall = compared(candidate=0.1)
    good = judge(rule, overall, sliced("a", 0.99), sliced("b", 0.96), sliced("c", 0.97))
    assert (good.outcome, good.observed) == (Outcome.PASS, 0.96)
    assert good.sentence == (
        "f1_macro in group=b is 0.96, not below the minimum of 0.94 (the worst of 3 values)"
    )
    bad = judge(rule, sliced("a", 0.99), sliced("b", 0.90), sliced("c", 0.93))
    assert (bad.outcome, bad.observed) == (Outcome.FAIL, 0.90)
    assert judge(rule, sliced("a", 0.99)).sentence.endswith("of 0.94")


def test_sliced_gate__is_inconclusive_on_too_few_rows_whatever_they_score() -> None:
    rule = replace(FLOOR, slice="group")
    least = thresholds.MINIMUM_ROWS
    for value in (0.1, 0.99):
        result = judge(rule, sliced("a", 0.99), sliced("b", value, rows=least - 1))
        assert result.outcome is Outcome.INCONCLUSIVE
        assert f"f1_macro in group=b rests on {least - 1} rows" in result.sentence
    assert judge(rule, sliced("b", 0.99, rows=least)).outcome is Outcome.PASS
    few = sliced("b", 0.99, rows=least - 1)
    assert judge(rule, few, policy=FAIL).outcome is Outcome.FAIL
    relative = replace(DROP, slice="group")
    result = judge(relative, few)
    assert (result.outcome, result.observed) == (Outcome.INCONCLUSIVE, few.difference)
    assert judge(relative, few, skip="no champion yet").outcome is Outcome.SKIPPED


def test_finding__belongs_to_its_rule_whatever_came_of_it() -> None:
    rules = [
        GateRule("accuracy", min=0.9, line=3),
        GateRule("accuracy", min=math.nan, line=4),
        GateRule("absent", min=0.9, line=5),
        GateRule("accuracy", line=6),
    ]
    result = [judge(rule, compared("accuracy")) for rule in rules]
    assert [finding.rule for finding in result] == rules
    assert all(finding.threshold for finding in result)


def test_sliced_gate__of_two_values_says_that_it_names_the_worse() -> None:
    result = judge(replace(FLOOR, slice="group"), sliced("a", 0.95), sliced("b", 0.85))
    assert result.sentence.endswith("(the worst of 2 values)")


def test_sliced_gate__asks_for_thirty_rows_as_its_page_says() -> None:
    assert thresholds.MINIMUM_ROWS == 30


@pytest.mark.parametrize(
    ("rule", "worst"), [(replace(DROP, max_drop=0.5), 0.85), (replace(RISE, max_rise=1.0), 0.99)]
)
def test_sliced_gate__against_the_champion_names_the_greatest_loss(
    rule: GateRule, worst: float
) -> None:
    places = [
        compared(rule.metric, value, 0.9, slice="group", value=f"{value}", rows=500)
        for value in (0.95, 0.85, 0.99, 0.9)
    ]
    result = judge(replace(rule, slice="group"), *places)
    assert result.outcome is Outcome.PASS
    assert f"group={worst} changed" in result.sentence
    assert result.sentence.endswith("(the worst of 4 values)")
    of_two = judge(replace(rule, slice="group"), *places[:2])
    assert of_two.sentence.endswith("(the worst of 2 values)")
    open_ = [replace(place, interval=Interval(-9.0, 9.0, 0.95)) for place in places]
    doubtful = judge(replace(rule, slice="group"), *open_)
    assert doubtful.outcome is Outcome.INCONCLUSIVE
    assert f"group={worst} changed" in doubtful.sentence


def test_sliced_gate__prefers_a_failure_to_a_doubt() -> None:
    rule = replace(DROP, slice="group")
    result = judge(
        rule,
        sliced("a", 0.95, ends=(-0.01, 0.01)),
        sliced("b", 0.90, ends=(-0.09, -0.02)),
        sliced("c", 0.95, ends=(0.0, 0.01)),
    )
    assert result.outcome is Outcome.FAIL
    assert "group=b" in result.sentence


@pytest.mark.parametrize(
    ("rule", "place", "skip", "policy", "reason"),
    [
        (FLOOR, compared(), "", ASK, ""),
        (FLOOR, compared(candidate=0.93), "", ASK, "below the minimum"),
        (CEILING, compared("rmse", 61.0), "", ASK, "above the maximum"),
        (FLOOR, compared(candidate=None), "", ASK, "is not a finite number"),
        (FLOOR, compared(candidate=None, problem="a score is NaN"), "", ASK, "a score is NaN"),
        (DROP, compared(), "", ASK, ""),
        (DROP, compared(), "no champion yet", ASK, "no champion yet"),
        (DROP, compared(ends=(-0.02, -0.01)), "", ASK, "the whole interval is beyond the limit"),
        (DROP, compared(ends=(-0.02, 0.01)), "", ASK, "the limit is within the interval"),
        (
            DROP,
            compared(ends=(-0.02, 0.01)),
            "",
            PASS,
            "the limit is within the interval; the policy lets inconclusive gates pass",
        ),
        (DROP, compared(ends=None), "", ASK, "has no interval: none can be drawn"),
        (
            DROP,
            compared(champion=None, problem="12 rows differ"),
            "",
            ASK,
            "cannot be compared: 12 rows differ",
        ),
    ],
)
def test_reason__is_why_without_the_numbers(
    rule: GateRule, place: Comparison, skip: str, policy: OnInconclusive, reason: str
) -> None:
    result = judge(rule, place, skip=skip, policy=policy)
    assert result.reason == reason
    assert (result.value, result.values) == ("", 0)


def test_finding__names_the_worst_slice_and_how_many_there_are() -> None:
    rule = replace(FLOOR, slice="group")
    places = [
        compared(candidate=value, slice="group", value=name, rows=100)
        for name, value in (("a", 0.97), ("b", 0.91), ("c", 0.95))
    ]
    result = judge(rule, *places)
    assert (result.value, result.values, result.observed) == ("b", 3, 0.91)
    few = judge(rule, replace(places[0], rows=3))
    assert (few.value, few.values, few.reason) == ("a", 1, "rests on 3 rows, fewer than 30")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (GateRule("f1_macro"), "the gate has no finite limit"),
        (FLOOR, "it was not measured"),
        (
            replace(FLOOR, slice="recent"),
            "the candidate was evaluated on no labelled row of the champion's live data",
        ),
    ],
)
def test_reason__where_there_is_nothing_to_judge(rule: GateRule, reason: str) -> None:
    assert judge(rule).reason == reason


def finding(outcome: Outcome, sentence: str = "so it is") -> Finding:
    return Finding(FLOOR, outcome, None, "", sentence)


@pytest.mark.parametrize(
    ("outcomes", "total"),
    [
        ([], Outcome.INCONCLUSIVE),
        ([Outcome.SKIPPED, Outcome.SKIPPED], Outcome.INCONCLUSIVE),
        ([Outcome.SKIPPED, Outcome.PASS], Outcome.PASS),
        ([Outcome.PASS, Outcome.INCONCLUSIVE], Outcome.INCONCLUSIVE),
        ([Outcome.PASS, Outcome.INCONCLUSIVE, Outcome.FAIL], Outcome.FAIL),
    ],
)
def test_verdict__is_the_worst_finding_and_no_proof_is_doubt(
    outcomes: list[Outcome], total: Outcome
) -> None:
    assert gates.outcome([finding(outcome) for outcome in outcomes]) is total


@given(st.lists(st.sampled_from(list(Outcome))))
def test_verdict__passes_only_on_a_proof_and_no_objection(outcomes: list[Outcome]) -> None:
    passes = gates.outcome([finding(outcome) for outcome in outcomes]) is Outcome.PASS
    assert passes == (
        Outcome.PASS in outcomes
        and Outcome.FAIL not in outcomes
        and Outcome.INCONCLUSIVE not in outcomes
    )


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        ([], "nothing was evaluated: there are no gates"),
        (
            [finding(Outcome.SKIPPED, "no champion yet")],
            "nothing was evaluated: every gate was skipped (no champion yet)",
        ),
        ([finding(Outcome.PASS)], "1 of 1 gate passes"),
        ([finding(Outcome.PASS)] * 2 + [finding(Outcome.SKIPPED)], "2 of 3 gates pass, 1 skipped"),
        (
            [finding(Outcome.PASS), finding(Outcome.INCONCLUSIVE, "who knows")],
            "1 of 2 gates is inconclusive: who knows",
        ),
        (
            [finding(Outcome.INCONCLUSIVE, "this"), finding(Outcome.INCONCLUSIVE, "that")],
            "2 of 2 gates are inconclusive: this; that",
        ),
        (
            [finding(Outcome.FAIL, "too low"), finding(Outcome.FAIL, "too high")],
            "2 of 2 gates fail: too low; too high",
        ),
        (
            [finding(Outcome.INCONCLUSIVE, "who knows"), finding(Outcome.FAIL, "too low")],
            "1 of 2 gates fails: too low",
        ),
    ],
)
def test_sentence__says_the_sum_and_what_decided_it(findings: list[Finding], sentence: str) -> None:
    assert gates.sentence(findings) == sentence


def test_finding__says_the_threshold_and_the_observed_value() -> None:
    result = judge(DROP, compared(candidate=0.96, champion=0.94, ends=(0.012, 0.031)))
    assert result.threshold == "a drop of at most 0.005 from the champion"
    assert result.sentence == (
        "f1_macro changed by +0.02 [+0.012, +0.031], a drop of at most 0.005 is allowed: "
        "the whole interval is within the limit"
    )
    worse = judge(RISE, compared("rmse", 63.0, 60.0, ends=(2.0, 4.0)))
    assert worse.threshold == "a rise of at most 1 over the champion"
    assert worse.sentence == (
        "rmse changed by +3 [+2, +4], a rise of at most 1 is allowed: "
        "the whole interval is beyond the limit"
    )
    assert judge(FLOOR, compared()).threshold == "at least 0.94"
    assert judge(CEILING, compared("rmse", 61.0)).threshold == "at most 60"
    assert judge(CEILING, compared("rmse", 61.0)).sentence == "rmse is 61, above the maximum of 60"


def test_sentence__never_rounds_a_value_onto_the_limit_that_it_missed() -> None:
    result = judge(FLOOR, compared(candidate=0.939996))
    assert result.sentence == "f1_macro is 0.939996, below the minimum of 0.94"
    exact = judge(FLOOR, compared(candidate=0.94))
    assert exact.sentence == "f1_macro is 0.94, not below the minimum of 0.94"
    edge = judge(DROP, compared(ends=(-0.0050004, 0.0050004)))
    assert "[−0.0050004, +0.005]" in edge.sentence
    edge = judge(RISE, compared("rmse", ends=(-1.00004, 1.00004)))
    assert "[−1, +1.00004]" in edge.sentence


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_number__reads_the_same_only_as_its_equal(one: float, other: float) -> None:
    same = figures.significant(one, beside=other) == figures.significant(other, beside=one)
    assert same == (one == other)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-0.25, "−0.25"), (0.25, "+0.25"), (12345.6, "+12,346"), (math.nan, "nan")],
)
def test_difference__carries_its_sign(value: float, text: str) -> None:
    assert figures.signed(value) == text


def test_finding__names_the_positive_class_and_how_many_rows_it_rests_on() -> None:
    place = Comparison("recall", 0.5, positive="fraud", rows=750)
    result = judge(GateRule("recall", min=0.8), place)
    assert result.sentence == "recall of class fraud is 0.5, below the minimum of 0.8"
    assert (result.positive, result.rows) == ("fraud", 750)
    sliced = replace(place, slice="country", value="FR")
    assert thresholds.name(sliced) == "recall of class fraud in country=FR"
    assert thresholds.short(sliced) == "recall in country=FR (fraud)"
    assert thresholds.short(replace(place, positive="")) == "recall"

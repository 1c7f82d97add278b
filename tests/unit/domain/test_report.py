"""Which verdict counts, which promotion a merge brought about, what all of it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations, product

import pytest

from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.evidence import Attempt
from interlock.domain.promotion.promotion import Phase
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import (
    MergeStatus,
    ModelFacts,
    ModelStage,
    ModelStatus,
    PullRequestFacts,
)
from interlock.domain.training.plan import Decision
from interlock.rendering import sentences
from tests import report_cases as cases
from tests.report_cases import HEAD, MERGED, NEW, OLD, OTHER, REQUEST

TODAY, EARLIER = "key-today", "a-key-of-yesterday"


def only(facts: ModelFacts, request: PullRequestFacts = REQUEST) -> ModelStatus:
    (status,) = status_rules.report(request, [facts]).models
    return status


# The verdict


def test_find_verdict__under_todays_key_counts_by_any_author() -> None:
    ours = replace(cases.verdict(), key=EARLIER, outcome=Outcome.FAIL)
    today = replace(cases.verdict(), key=TODAY, revision="f" * 40)
    for known in permutations([ours, today]):
        assert status_rules.find_verdict(known, key=TODAY, heads=[HEAD]) == (today, False)


def test_find_verdict__without_one_is_stale_and_prefers_this_commits() -> None:
    other = replace(cases.verdict(), key="a-first-key", revision="f" * 40)
    ours = replace(cases.verdict(), key="b-second-key")
    for known in permutations([other, ours]):
        assert status_rules.find_verdict(known, key=TODAY, heads=[HEAD]) == (ours, True)
    assert status_rules.find_verdict([], key=TODAY, heads=[HEAD]) == (None, True)


def test_unknown_key__judges_nothing() -> None:
    status = only(replace(cases.evaluated(cases.verdict()), key=""))
    assert (status.stage, status.merge_status) == (ModelStage.TRAINED, MergeStatus.WAITING)


def test_find_last_verdict__is_that_against_the_champion_of_then() -> None:
    then = replace(cases.verdict(), key="z", champion=OLD)
    later = replace(cases.verdict(), key="a", champion=OTHER)
    for known in permutations([then, later]):
        assert status_rules.find_last_verdict(known, champion=OLD, heads=[HEAD]) == then


# The promotion


def test_find_promotion__that_names_the_pull_request_comes_first() -> None:
    ours = cases.promotion(fingerprint=OTHER, position=5, pull=7)
    same = cases.promotion(fingerprint=NEW, position=4)
    for known in permutations([ours, same]):
        assert status_rules.find_promotion(known, request=MERGED, fingerprint=NEW) == ours


def test_find_promotion__before_the_merge_is_another_ones() -> None:
    earlier = cases.promotion(fingerprint=NEW, position=3)
    later = cases.promotion(fingerprint=NEW, position=6)
    assert status_rules.find_promotion([earlier], request=MERGED, fingerprint=NEW) is None
    assert status_rules.find_promotion([earlier, later], request=MERGED, fingerprint=NEW) == later


def test_find_promotion__the_end_tells_more_than_the_intent() -> None:
    intent = cases.promotion(fingerprint=NEW, position=4, phase=Phase.INTENT)
    done = cases.promotion(fingerprint=NEW, position=4)
    for known in permutations([intent, done]):
        assert status_rules.find_promotion(known, request=MERGED, fingerprint=NEW) == done


def test_find_promotion__without_a_position_rests_on_the_number_alone() -> None:
    same = cases.promotion(fingerprint=NEW, position=9)
    unknown = replace(MERGED, merge_position=None)
    assert status_rules.find_promotion([same], request=unknown, fingerprint=NEW) is None


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        (Phase.INTENT, ModelStage.MERGED),
        (Phase.DONE, ModelStage.PROMOTED),
        (Phase.SUPERSEDED, ModelStage.SUPERSEDED),
    ],
)
def test_state__after_a_merge_follows_its_promotion(phase: Phase, state: ModelStage) -> None:
    act = cases.promotion(fingerprint=NEW, position=4, phase=phase, pull=7, replaces=OLD)
    facts = replace(cases.evaluated(cases.verdict()), promotions=(cases.promotion(), act))
    assert only(facts, MERGED).stage is state


def test_merge__without_a_position_is_held_against_what_is_served() -> None:
    status = only(cases.gates_changed(), replace(MERGED, merge_position=None))
    assert sentences.is_in_production(status)


# What it comes to


STANDINGS: dict[MergeStatus, Callable[[], ModelFacts]] = {
    MergeStatus.FAILED: lambda: cases.worse("a"),
    MergeStatus.WAITING: lambda: cases.facts("b"),
    MergeStatus.INCONCLUSIVE: cases.unsure,
    MergeStatus.PASSED: lambda: cases.evaluated(cases.verdict("d")),
}


@pytest.mark.parametrize("kinds", list(product(MergeStatus, repeat=3)))
def test_standing__of_all_is_the_gravest_and_passes_only_if_all_do(
    kinds: tuple[MergeStatus, ...],
) -> None:
    models = [
        replace(facts, plan=replace(facts.plan, model=f"m{n}"))
        for n, facts in enumerate(STANDINGS[kind]() for kind in kinds)
    ]
    report = status_rules.report(REQUEST, models)
    gravity = [
        MergeStatus.FAILED,
        MergeStatus.WAITING,
        MergeStatus.INCONCLUSIVE,
        MergeStatus.PASSED,
    ]
    assert report.merge_status is min(kinds, key=gravity.index)
    assert (report.merge_status is MergeStatus.PASSED) == (set(kinds) == {MergeStatus.PASSED})
    assert [s.merge_status for s in report.models] == sorted(kinds, key=gravity.index)


def test_standing__of_nothing_touched_passes() -> None:
    assert status_rules.report(REQUEST, [cases.UNTOUCHED]).merge_status is MergeStatus.PASSED


def test_interrupted_training__is_to_be_made_again_and_no_failure() -> None:
    attempt = Attempt("digits", NEW, HEAD, "run", "interrupted", "", 1.0, interrupted=True)
    status = only(replace(cases.facts(), attempts=(attempt,)))
    assert (status.stage, status.merge_status) == (ModelStage.TRAINING, MergeStatus.WAITING)


def test_model__that_waits_for_the_next_run_has_a_note_until_it_has_trained() -> None:
    waiting = only(replace(cases.facts(), is_queued=True))
    assert (waiting.stage, waiting.merge_status) == (ModelStage.QUEUED, MergeStatus.WAITING)
    assert only(replace(cases.failed(), is_queued=True)).stage is ModelStage.FAILED
    assert (
        only(replace(cases.evaluated(cases.verdict()), is_queued=True)).stage
        is ModelStage.EVALUATED
    )


def test_acceptance__of_a_verdict_that_is_not_inconclusive_is_nothing() -> None:
    failed = cases.worse()
    word = cases.accepted().acceptances
    assert only(replace(failed, acceptances=word)).merge_status is MergeStatus.FAILED


def test_acceptance__of_another_judgement_is_nothing() -> None:
    facts = cases.accepted()
    (word,) = facts.acceptances
    status = only(replace(facts, acceptances=(replace(word, key="another"),)))
    assert status.merge_status is MergeStatus.INCONCLUSIVE


def test_acceptance__of_the_queued_commit_counts_for_the_group_of_a_merge_queue() -> None:
    queued = cases.accepted()
    group = replace(REQUEST, number=0, head=OTHER)
    assert (group.is_group, REQUEST.is_group) == (True, False)
    assert only(queued, group).merge_status is MergeStatus.PASSED
    assert only(queued, replace(REQUEST, head=OTHER)).merge_status is MergeStatus.INCONCLUSIVE


def test_merge__that_nobody_judged_waits() -> None:
    status = only(cases.facts(), MERGED)
    assert (status.stage, status.merge_status) == (ModelStage.MERGED, MergeStatus.WAITING)


def test_rival_version__is_that_of_the_verdict() -> None:
    assert only(cases.evaluated(cases.verdict())).champion_version == 1


def test_glyph__of_what_was_overtaken() -> None:
    assert sentences.glyph(only(superseded(), MERGED)) == "⏭️"


def test_headline__of_one_model_is_its_own_line() -> None:
    report = status_rules.report(REQUEST, [cases.evaluated(cases.verdict())])
    assert sentences.headline(report) == (
        "✅ digits passes: f1_macro 0.985, better than version 1: +0.021 [+0.012, +0.031]"
    )


def test_rival__is_the_champion_of_the_verdict_and_never_the_model_itself() -> None:
    assert only(cases.evaluated(cases.verdict())).champion == cases.facts().champions[OLD]
    assert only(cases.gates_changed()).champion is None
    assert only(cases.first()).champion is None
    assert only(cases.facts()).champion_version == 1
    assert only(replace(cases.facts(), production=None)).champion is None
    assert only(replace(cases.facts(), production=None)).champion_version is None


def test_earlier_version__is_known_of_a_revert_alone() -> None:
    assert only(cases.revert()).earlier_version == 1
    assert only(cases.evaluated(cases.verdict())).earlier_version is None
    assert only(cases.first()).earlier_version is None


# Sentences


def every_status() -> Iterator[ModelStatus]:
    for make in cases.CASES.values():
        yield from make().report.models


def test_sentences__of_every_case_have_no_gap() -> None:
    for status in every_status():
        text = f"{sentences.glyph(status)} {sentences.summary(status)}. {sentences.notes(status)}"
        assert "None" not in text
        assert "  " not in text


def superseded() -> ModelFacts:
    act = cases.promotion(fingerprint=NEW, position=4, phase=Phase.SUPERSEDED, pull=7)
    return replace(cases.evaluated(cases.verdict()), promotions=(cases.promotion(), act))


def promoted_from_main() -> ModelFacts:
    """The base branch changed, so the promoted model was trained there."""
    act = cases.promotion(fingerprint=OTHER, position=4, version=2, pull=7, replaces=OLD)
    return replace(cases.evaluated(cases.verdict()), promotions=(cases.promotion(), act))


def policy_changed() -> ModelFacts:
    return replace(cases.evaluated(cases.verdict()), key="another")


def without_numbers() -> ModelFacts:
    verdict = cases.verdict()
    row = verdict.comparisons[1]
    unknown = replace(row, candidate=None, problem="a score is NaN")
    return cases.evaluated(replace(verdict, outcome=Outcome.FAIL, comparisons=(unknown,)))


def not_comparable() -> ModelFacts:
    verdict = cases.verdict(outcome=Outcome.FAIL)
    row = verdict.comparisons[1]
    apart = replace(row, difference=None, interval=None, problem="12 rows differ")
    return cases.evaluated(replace(verdict, comparisons=(apart,)))


@pytest.mark.parametrize(
    ("facts", "request_", "expected"),
    [
        (superseded(), MERGED, "was superseded: a newer commit was promoted first"),
        (promoted_from_main(), MERGED, "which has changed"),
        (policy_changed(), REQUEST, "must be evaluated again: the gates or the policy changed"),
        (without_numbers(), REQUEST, "f1_macro is unknown: a score is NaN"),
        (not_comparable(), REQUEST, "not comparable with version 1 (12 rows differ)"),
        (cases.facts(), MERGED, "it is trained on the base branch before the promotion"),
    ],
)
def test_summary__in_rare_stages(
    facts: ModelFacts, request_: PullRequestFacts, expected: str
) -> None:
    assert expected in sentences.summary(only(facts, request_))


def test_summary__without_the_primary_metric_has_the_sentence_of_the_verdict() -> None:
    facts = cases.evaluated(replace(cases.verdict(), comparisons=()))
    assert sentences.summary(only(facts)) == "passes: every gate passes"
    assert sentences.primary_metric(only(replace(facts, manifest=None))) == "every gate passes"


def test_primary_metric__unknown_without_a_problem() -> None:
    facts = without_numbers()
    (verdict,) = facts.verdicts
    bare = replace(verdict, comparisons=(replace(verdict.comparisons[0], problem=""),))
    assert sentences.primary_metric(only(replace(facts, verdicts=(bare,)))) == "f1_macro is unknown"


def test_summary__has_the_expected_training_time() -> None:
    facts = cases.facts()
    cost = facts.plan.cost

    def summary(**changes: object) -> str:
        plan = replace(facts.plan, cost=replace(cost, **changes))  # type: ignore[arg-type]
        return sentences.summary(only(replace(facts, plan=plan)))

    assert summary().endswith("(about 3 min on self-hosted)")
    assert summary(expected_minutes=0.2).endswith("(less than a minute on self-hosted)")
    assert summary(expected_minutes=None).endswith("(on self-hosted)")
    assert summary(expected_minutes=None, runner_labels=()).endswith("yet")


def test_headline__names_models_that_do_not_pass() -> None:
    report = status_rules.report(
        REQUEST,
        [cases.worse("a"), cases.worse("b"), cases.facts("c"), cases.evaluated(cases.verdict("d"))],
    )
    assert sentences.headline(report) == (
        "❌ 1 of 4 models passes; a and b fail; c is not evaluated yet"
    )
    passing = [cases.evaluated(cases.verdict(name)) for name in "abc"]
    assert sentences.headline(status_rules.report(REQUEST, passing[:2])) == "✅ both models pass"
    assert sentences.headline(status_rules.report(REQUEST, passing)) == "✅ all 3 models pass"


def test_headline__without_affected_models() -> None:
    assert sentences.headline(status_rules.report(REQUEST, [])) == "✅ no model is affected"
    assert "(diabetes)" in sentences.headline(status_rules.report(REQUEST, [cases.UNTOUCHED]))


def test_unaffected__models_keep_the_warnings_of_their_plans() -> None:
    model_facts = cases.UNTOUCHED
    warned = replace(model_facts, plan=replace(model_facts.plan, warnings=("one", "two")))
    report = status_rules.report(REQUEST, [warned])
    assert report.unaffected == ("diabetes",)
    assert report.unaffected_warnings == (("diabetes", "one"), ("diabetes", "two"))
    assert status_rules.report(REQUEST, [model_facts]).unaffected_warnings == ()


def test_unaffected__has_no_sentence_about_merging() -> None:
    model_status = ModelStatus(cases.UNTOUCHED, ModelStage.UNAFFECTED, MergeStatus.PASSED)
    assert sentences.summary(model_status) == "is unaffected"
    assert sentences.merging(model_status) == ""


def test_promoted__without_its_promotion_has_a_shorter_sentence() -> None:
    status = replace(only(cases.promoted(), MERGED), promotion=None)
    assert sentences.summary(status).startswith("was promoted as the champion")
    assert sentences.merging(status) == ""


def test_reused_evidence__is_not_trained_by_this_pull_request() -> None:
    facts = replace(
        cases.evaluated(cases.verdict()),
        plan=cases.plan(decision=Decision.REUSE),
        is_trained_here=None,
    )
    assert sentences.origin(only(facts)).startswith("Nothing trained: the same inputs")
    assert sentences.merging(only(replace(facts, manifest=None))).startswith("Merging promotes")


def test_merging__of_evidence_that_only_the_report_may_use_trains_again() -> None:
    facts = replace(cases.evaluated(cases.verdict()), is_only_shown=True)
    assert sentences.merging(only(facts)).startswith("Merging trains and evaluates it again")
    merged = replace(facts, is_only_shown=False, is_trained_here=False, is_trained_by_merge=True)
    assert sentences.origin(only(merged)).startswith("Trained by the merge at")


def test_primary_metric__has_the_number_of_shared_rows() -> None:
    status = cases.CASES["gates-pass"]().report.models[0]
    assert status.verdict is not None
    assert "rows of both" not in sentences.primary_metric(status)
    grown = tuple(
        replace(row, is_part=True, whole=0.5, rows=1_227) for row in status.verdict.comparisons
    )
    part = replace(status, verdict=replace(status.verdict, comparisons=grown))
    assert sentences.primary_metric(part).endswith("[+0.012, +0.031], on the 1,227 rows of both")

"""The proof of a promotion: a verdict that passed or was accepted, or an earlier promotion of the
same artifact; each of them before the promotion."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.evaluation import gates
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.manifest import (
    Evaluation,
    GateRule,
    Manifest,
    Outputs,
    Pipeline,
    PredictionsOutput,
    Promote,
    Runner,
    Task,
)
from interlock.domain.model.policy import Policy
from interlock.domain.promotion import proof
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.promotion.proof import LedgerEntry

COMMIT, FINGERPRINT, OTHER = "c1" * 20, "f1" * 32, "e2" * 32
RULE = GateRule(metric="f1_macro", min=0.9)
MANIFEST = Manifest(
    path="model-manifests/digits/model.yaml",
    model="digits",
    owner="@acme/vision",
    objective="Read digits.",
    task=Task.MULTICLASS,
    pipeline=Pipeline("dvc.yaml", "train"),
    outputs=Outputs("model", PredictionsOutput("predictions.csv")),
    environment=(),
    runner=Runner(),
    evaluation=Evaluation("f1_macro"),
    gates=(RULE,),
    promote=Promote(("production",), "digits"),
)
SENTENCE = "f1_macro is what decided."


def key(*, champion: str | None = None, rollback: bool = False) -> str:
    return gates.key(
        fingerprint=FINGERPRINT,
        manifest=MANIFEST,
        policy=Policy(),
        champion=champion,
        rollback=rollback,
    )


KEY = key()


def verdict(outcome: Outcome = Outcome.PASS, *, champion: str | None = None) -> Verdict:
    observed = 0.95 if outcome is Outcome.PASS else 0.85
    findings = (Finding(RULE, outcome, observed, "at least 0.9", SENTENCE),)
    return Verdict(
        key(champion=champion),
        "digits",
        FINGERPRINT,
        COMMIT,
        outcome,
        "1 gate.",
        findings,
        (),
        champion,
    )


def acceptance(of: str = KEY) -> Acceptance:
    return Acceptance(of, "digits", FINGERPRINT, COMMIT, "octocat", "it is fine", "")


def reason(checked: Verdict | None, *accepted: Acceptance) -> str:
    """The reason of the refusal, "" if the verdict allows the promotion."""
    refusal = proof.check_verdict(checked, accepted, key=KEY, manifest=MANIFEST, commit=COMMIT)
    return refusal.reason if refusal else ""


def test_verdict__a_pass_is_allowed() -> None:
    assert reason(verdict()) == ""


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.SKIPPED])
def test_verdict__a_fail_or_a_skip_even_if_accepted(outcome: Outcome) -> None:
    actual = reason(verdict(outcome), acceptance())
    assert actual == f"its verdict is {outcome}: f1_macro is what decided"


def test_verdict__inconclusive_until_accepted() -> None:
    actual = reason(verdict(Outcome.INCONCLUSIVE), acceptance("cd" * 32))
    assert "its verdict is inconclusive: f1_macro is what decided" in actual
    assert f"interlock accept digits --rev {COMMIT} --reason TEXT" in actual
    assert reason(verdict(Outcome.INCONCLUSIVE), acceptance()) == ""


@pytest.mark.parametrize(
    "other",
    [
        None,
        dataclasses.replace(verdict(), key="cd" * 32),
        dataclasses.replace(verdict(), model="letters"),
    ],
)
def test_verdict__no_verdict_or_that_of_another_evaluation(other: Verdict | None) -> None:
    assert f"interlock evaluate digits --rev {COMMIT}" in reason(other)


def test_verdict__without_findings_its_own_sentence_is_the_reason() -> None:
    failed = Verdict(KEY, "digits", FINGERPRINT, COMMIT, Outcome.FAIL, "No gate.", (), ())
    assert reason(failed) == "its verdict is fail: No gate"


@pytest.mark.parametrize("says", [Outcome.PASS, Outcome.INCONCLUSIVE])
def test_verdict__a_failed_verdict_that_was_relabelled(says: Outcome) -> None:
    forged = dataclasses.replace(verdict(Outcome.FAIL), outcome=says)
    actual = reason(forged, acceptance())
    assert actual == (
        f"its verdict is not consistent: its outcome is {says}, and the outcome of "
        "its findings is fail"
    )


# Of an act that the ledger has.

CANDIDATE = Candidate(
    name="digits",
    fingerprint=FINGERPRINT,
    revision=COMMIT,
    run_id="run1",
    lineage=Lineage("digits", (), ()),
    model=Artifact("model", "ab" * 32, 1),
    predictions=Artifact("predictions.csv", "0" * 64, 1),
    files=(),
    facts=RunFacts(1.0),
)
EVIDENCE = Evidence(CANDIDATE, Rows(1, "1" * 64), {})
INTENT = Promotion(
    model="digits",
    kind=PromotionKind.PROMOTION,
    phase=Phase.INTENT,
    fingerprint=FINGERPRINT,
    revision=COMMIT,
    position=3,
    run_id="run1",
    sha256="ab" * 32,
    registry_name="digits",
    environments=("production",),
    at="2030-01-01T00:00:00+00:00",
)
DONE = dataclasses.replace(INTENT, phase=Phase.DONE, version=1)


def entries(*nouns: object) -> list[LedgerEntry]:
    """The records in this order, a commit each."""
    return [LedgerEntry(noun, position) for position, noun in enumerate(nouns, start=1)]


def unproven(act: Promotion, *nouns: object, manifest: Manifest | None = MANIFEST) -> str:
    """The reason of the refusal, "" if the records prove the promotion."""
    refusal = proof.check_proof(act, entries(*nouns), manifest=manifest)
    return refusal.reason if refusal else ""


def test_proof__not_with_a_verdict_before_it() -> None:
    assert unproven(INTENT, EVIDENCE, verdict(), INTENT) == ""
    assert unproven(DONE, EVIDENCE, verdict(), INTENT, DONE) == ""


def test_proof__an_intent_alone() -> None:
    assert unproven(INTENT, INTENT) == "there is no evidence before it"
    assert unproven(INTENT, EVIDENCE, INTENT) == "there is no verdict before it"


def test_proof__an_outcome_alone() -> None:
    assert unproven(DONE, EVIDENCE, verdict(), DONE) == "it was never begun"


@pytest.mark.parametrize("late", [verdict(), EVIDENCE])
def test_proof__a_record_after_it_does_not_count(late: object) -> None:
    others = [noun for noun in (EVIDENCE, verdict()) if noun != late]
    assert "before it" in unproven(INTENT, *others, INTENT, late)


def test_proof__the_reason_does_not_depend_on_the_order_of_verdicts() -> None:
    """An audit of later commits reads earlier records by their paths."""
    one = dataclasses.replace(verdict(Outcome.FAIL), key="1" * 64)
    other = dataclasses.replace(verdict(Outcome.INCONCLUSIVE), key="2" * 64)
    reasons = {
        unproven(INTENT, EVIDENCE, *verdicts, INTENT, manifest=None)
        for verdicts in ((one, other), (other, one))
    }
    assert reasons == {"no verdict before it allows it: the verdict is inconclusive"}


def test_proof__in_the_same_commit_is_not_before() -> None:
    records = [LedgerEntry(EVIDENCE, 1), LedgerEntry(verdict(), 2), LedgerEntry(INTENT, 2)]
    assert "there is no verdict before it" in str(proof.check_proof(INTENT, records))


def test_proof__accepted_before_it_and_not_after_it() -> None:
    doubt = verdict(Outcome.INCONCLUSIVE)
    assert unproven(INTENT, EVIDENCE, doubt, acceptance(), INTENT) == ""
    assert "the verdict is inconclusive" in unproven(INTENT, EVIDENCE, doubt, INTENT, acceptance())
    assert "the verdict is inconclusive" in unproven(
        INTENT, EVIDENCE, doubt, acceptance("cd" * 32), INTENT
    )


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        (verdict(Outcome.FAIL), "the verdict is fail"),
        (
            dataclasses.replace(verdict(Outcome.FAIL), outcome=Outcome.PASS),
            "outcome of its findings is fail",
        ),
        (verdict(champion=OTHER), "compares with another model than the replaced one"),
        (dataclasses.replace(verdict(), key="cd" * 32), "the key of the verdict is not that"),
        (dataclasses.replace(verdict(), model="wine"), "there is no verdict"),
        (dataclasses.replace(verdict(), fingerprint=OTHER), "there is no verdict"),
    ],
)
def test_proof__a_verdict_that_does_not_allow_it(forged: Verdict, sentence: str) -> None:
    assert sentence in unproven(INTENT, EVIDENCE, forged, INTENT)


def test_proof__one_good_verdict_among_bad_ones_is_enough() -> None:
    assert unproven(INTENT, EVIDENCE, verdict(Outcome.FAIL), verdict(), INTENT) == ""


def test_proof__a_manifest_that_is_not_known_is_not_compared() -> None:
    other = dataclasses.replace(verdict(), key="cd" * 32)
    assert unproven(INTENT, EVIDENCE, other, INTENT, manifest=None) == ""


@pytest.mark.parametrize(
    "change", [{"sha256": "cd" * 32}, {"run_id": "run2"}, {"artifact": "other"}]
)
def test_proof__another_artifact_than_in_the_evidence(change: dict[str, str]) -> None:
    forged = dataclasses.replace(INTENT, **change)  # type: ignore[arg-type]
    text = unproven(forged, EVIDENCE, verdict(), forged)
    assert text == "its run, artifact and SHA-256 are not those of the evidence"


@pytest.mark.parametrize(
    "change", [{"sha256": "cd" * 32}, {"registry_name": "wine"}, {"environments": ("staging",)}]
)
def test_proof__an_outcome_that_differs_from_its_intent(
    change: dict[str, object],
) -> None:
    forged = dataclasses.replace(DONE, **change)  # type: ignore[arg-type]
    text = unproven(forged, EVIDENCE, verdict(), INTENT, forged)
    assert text == f"its outcome differs from its intent in {next(iter(change))}"


BACK = dataclasses.replace(INTENT, kind=PromotionKind.ROLLBACK, position=9, replaces=OTHER)
HELD = dataclasses.replace(INTENT, epoch=1, position=9, replaces=OTHER)
HOLD = Hold("digits", 1, HoldStep.HOLD, "octocat", "", "2030-01-02T00:00:00+00:00", FINGERPRINT, 1)


@pytest.mark.parametrize(("act", "more"), [(BACK, ()), (HELD, (HOLD,))])
def test_proof__a_promoted_model_may_return(act: Promotion, more: tuple[object, ...]) -> None:
    assert unproven(act, EVIDENCE, verdict(), INTENT, DONE, *more, act) == ""


@pytest.mark.parametrize(
    "before",
    [
        (EVIDENCE, verdict(), INTENT),
        (EVIDENCE, INTENT, DONE),
        (EVIDENCE, verdict(), INTENT, dataclasses.replace(DONE, phase=Phase.SUPERSEDED)),
        (EVIDENCE, verdict(), DONE),
    ],
)
def test_proof__only_a_proven_promotion_may_return(
    before: tuple[object, ...],
) -> None:
    assert "there is no proven promotion of the same artifact" in unproven(BACK, *before, BACK)


def test_proof__a_promotion_that_is_not_a_return_needs_its_own_verdict() -> None:
    again = dataclasses.replace(INTENT, position=9, replaces=OTHER)
    assert "compares with another model" in unproven(
        again, EVIDENCE, verdict(), INTENT, DONE, again
    )
    release = dataclasses.replace(HOLD, step=HoldStep.RELEASE)
    held = dataclasses.replace(again, epoch=1)
    assert "compares with another model" in unproven(
        held, EVIDENCE, verdict(), INTENT, DONE, release, held
    )


NOUNS = (EVIDENCE, verdict(), acceptance(), INTENT, DONE, BACK, HELD, HOLD)


@given(st.permutations(NOUNS), st.sets(st.integers(0, len(NOUNS) - 1)))
def test_always__a_proven_promotion_has_evidence_and_a_verdict_before_it(
    nouns: list[object], left_out: set[int]
) -> None:
    kept = [noun for number, noun in enumerate(nouns) if number not in left_out]
    for act in (INTENT, BACK, HELD):
        if act not in kept or unproven(act, *kept):
            continue
        before = kept[: kept.index(act)]
        assert EVIDENCE in before
        assert verdict() in before


def test_always__a_long_history_is_read_without_recursion() -> None:
    acts = [dataclasses.replace(BACK, position=number) for number in range(10, 400)]
    both = [(act, dataclasses.replace(act, phase=Phase.DONE, version=1)) for act in acts]
    history = [EVIDENCE, verdict(), INTENT, DONE, *itertools.chain.from_iterable(both)]
    assert unproven(acts[-1], *history) == ""

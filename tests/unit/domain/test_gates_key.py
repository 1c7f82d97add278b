"""Which judgements are the same, where a candidate stands, and what a change relaxes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import (
    champion_relation,
    gates,
    pipeline_metrics,
    relaxed_gates,
    scores,
)
from interlock.domain.evaluation import model_evaluation as cases
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.evaluation.verdict import Comparison, Outcome
from interlock.domain.model.column_map import ColumnMap
from interlock.domain.model.evidence import Artifact, Candidate, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.manifest import (
    RECENT,
    Better,
    Evaluation,
    GateRule,
    Manifest,
    Outputs,
    Pipeline,
    PredictionsOutput,
    Promote,
    RowsRule,
    Runner,
    Task,
)
from interlock.domain.model.policy import OnInconclusive, Policy
from interlock.domain.promotion import relation_to_champion
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind

FLOOR = GateRule("f1_macro", min=0.95, line=10)
DROP = GateRule("f1_macro", max_drop=0.005, against="champion", line=11)
SIZE = GateRule("model_size_mb", max=20, line=12)
SLICED = GateRule("accuracy", min=0.9, slice="group", line=13)
RULES = (FLOOR, DROP, SIZE, SLICED)

MANIFEST = Manifest(
    path="model-manifests/digits/model.yaml",
    model="digits",
    owner="@acme/vision",
    objective="Read digits.",
    task=Task.MULTICLASS,
    pipeline=Pipeline("model-manifests/digits/dvc.yaml", "train"),
    outputs=Outputs(
        "model-manifests/digits/model",
        PredictionsOutput("model-manifests/digits/predictions.csv"),
    ),
    environment=(),
    runner=Runner(),
    evaluation=Evaluation("f1_macro", ("group",), 7),
    gates=RULES,
    promote=Promote(("staging", "production"), "digits"),
)


def key(manifest: Manifest = MANIFEST, **more: object) -> str:
    parts = {"fingerprint": "a" * 64, "policy": Policy(), "champion": "b" * 64} | more
    return gates.key(manifest=manifest, **parts)  # type: ignore[arg-type]


def with_rules(*rules: GateRule) -> Manifest:
    return replace(MANIFEST, gates=rules)


def test_key__stays_what_it_is_or_every_verdict_is_computed_again() -> None:
    """Another value is right only when the same inputs are judged differently: EVALUATOR + 1."""
    assert key() == "fd8e0f177bc77cdf568df0d9934d072d9a2e5ffc035ccdff096a6b5d9aa89542"


@pytest.mark.parametrize(
    "same",
    [
        replace(MANIFEST, owner="@octocat"),
        replace(MANIFEST, objective="Something else."),
        replace(MANIFEST, runner=Runner(gpus=1)),
        with_rules(*(replace(rule, line=rule.line + 5) for rule in RULES)),
        with_rules(*reversed(RULES)),
    ],
)
def test_key__does_not_move_with_what_judges_nothing(same: Manifest) -> None:
    assert key(same) == key()


OWN = GateRule("dvc:loss", max=0.1)


def with_columns(columns: ColumnMap) -> Manifest:
    return replace(MANIFEST, outputs=Outputs("m", PredictionsOutput("p.csv", columns)))


def test_key__moves_with_all_that_judges() -> None:
    others = [
        key(replace(MANIFEST, task=Task.BINARY)),
        key(replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, primary="accuracy"))),
        key(replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, slices=()))),
        key(replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, seed=8))),
        key(with_rules(*RULES[1:])),
        *(
            key(with_rules(change, *RULES[1:]))
            for change in (
                replace(FLOOR, min=0.94),
                replace(FLOOR, metric="accuracy"),
                replace(FLOOR, min=None, max=0.95),
                replace(FLOOR, slice="group"),
            )
        ),
        key(with_rules(FLOOR, replace(DROP, confidence=0.9), SIZE, SLICED)),
        key(policy=Policy(inconclusive=OnInconclusive.PASS)),
        key(champion=None),
        key(champion="c" * 64),
        key(fingerprint="c" * 64),
        key(rollback=True),
        key(with_columns(ColumnMap(id=("pin",)))),
        key(with_columns(ColumnMap(id=()))),
        key(with_columns(ColumnMap(scores=(("a", "p"),)))),
        key(with_rules(replace(OWN, better=Better.SMALLER), *RULES)),
        key(with_rules(OWN, *RULES)),
        key(replace(MANIFEST, task=None, outputs=Outputs("m"))),
    ]
    assert len({key(), *others}) == len(others) + 1


def promoted(
    position: int, fingerprint: str, *, version: int, phase: Phase = Phase.DONE
) -> Promotion:
    return Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=phase,
        fingerprint=fingerprint,
        revision="f" * 40,
        position=position,
        run_id=f"run{version}",
        sha256="0" * 64,
        registry_name="digits",
        environments=("production",),
        at="2030-01-01T00:00:00Z",
        version=version,
    )


ONE, TWO, THREE = (
    promoted(1, "a", version=1),
    promoted(2, "b", version=2),
    promoted(3, "c", version=3),
)


def test_standing__without_a_finished_promotion_has_no_champion() -> None:
    for records in ([], [replace(ONE, phase=Phase.INTENT)]):
        relation = relation_to_champion.find(records, fingerprint="a")
        assert (relation.champion, relation.skip) == (None, "no champion yet")


def test_standing__of_the_champion_itself_is_not_held_against_itself() -> None:
    relation = relation_to_champion.find([ONE, TWO], fingerprint="b")
    assert (relation.champion, relation.version, relation.is_champion) == ("b", 2, True)
    assert (relation.is_rollback, relation.skip) == (False, "it is the champion")


def test_standing__of_what_was_served_before_is_a_rollback() -> None:
    relation = relation_to_champion.find([TWO, ONE], fingerprint="a")
    assert (relation.champion, relation.is_rollback, relation.served_as) == ("b", True, 1)
    assert relation.skip == (
        "served before as version 1; a rollback is not compared with the version that it replaces"
    )


def test_standing__of_something_new_is_held_against_the_newest() -> None:
    relation = relation_to_champion.find([THREE, ONE, TWO], fingerprint="d")
    assert (relation.champion, relation.version, relation.skip) == ("c", 3, "")
    assert not relation.is_rollback


def relaxed(head: Manifest, base: Manifest | None = MANIFEST) -> tuple[str, ...]:
    return relaxed_gates.find(base, head)


def test_relaxation__of_the_same_tighter_or_first_rules_says_nothing() -> None:
    assert relaxed(MANIFEST) == ()
    assert relaxed(with_rules(FLOOR), base=None) == ()
    tighter = with_rules(
        replace(FLOOR, min=0.96),
        replace(DROP, max_drop=0.001, confidence=0.99),
        replace(SIZE, max=10),
        replace(SLICED, min=0.91),
        GateRule("accuracy", min=0.5),
    )
    assert relaxed(tighter) == ()


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ((replace(FLOOR, min=0.9), DROP, SIZE, SLICED), "f1_macro: min lowered from 0.95 to 0.9"),
        (
            (replace(FLOOR, min=0.949999), DROP, SIZE, SLICED),
            "f1_macro: min lowered from 0.95 to 0.949999",
        ),
        (
            (FLOOR, replace(DROP, max_drop=0.01), SIZE, SLICED),
            "f1_macro: max_drop raised from 0.005 to 0.01",
        ),
        (
            (FLOOR, replace(DROP, confidence=0.8), SIZE, SLICED),
            "f1_macro: confidence of max_drop lowered from 0.95 to 0.8",
        ),
        ((FLOOR, DROP, replace(SIZE, max=30), SLICED), "model_size_mb: max raised from 20 to 30"),
        ((FLOOR, DROP, SLICED), "gate on model_size_mb (at most 20) removed"),
        (
            (FLOOR, DROP, SIZE, replace(SLICED, min=0.8)),
            "accuracy in slices of group: min lowered from 0.9 to 0.8",
        ),
        (
            (FLOOR, DROP, SIZE, replace(SLICED, slice=None)),
            "gate on accuracy in slices of group (at least 0.9) removed",
        ),
    ],
)
def test_relaxation__says_which_gate_became_looser(
    rules: tuple[GateRule, ...], sentence: str
) -> None:
    assert relaxed(with_rules(*rules)) == (sentence,)


def test_relaxation__counts_the_strictest_of_several_rules_and_no_empty_one() -> None:
    doubled = with_rules(FLOOR, replace(FLOOR, min=0.5), GateRule("rmse"))
    assert relaxed(with_rules(replace(FLOOR, min=0.5), FLOOR), base=doubled) == ()
    assert relaxed(with_rules(replace(FLOOR, min=0.6)), base=doubled) == (
        "f1_macro: min lowered from 0.95 to 0.6",
    )
    sizes = with_rules(replace(SIZE, max=50), SIZE)
    assert relaxed(with_rules(replace(SIZE, max=30)), base=sizes) == (
        "model_size_mb: max raised from 20 to 30",
    )


def test_relaxation__tells_what_a_result_could_be_picked_by() -> None:
    head = replace(MANIFEST, task=Task.BINARY, evaluation=Evaluation("accuracy", (), 8))
    assert relaxed(head) == (
        "task changed from multiclass to binary",
        "evaluate.primary changed from f1_macro to accuracy",
        "evaluate.slices no longer holds group",
        "evaluate.seed changed from 7 to 8: intervals are drawn again",
    )


def trained(*, size_bytes: int, seconds: float | None = None) -> Candidate:
    return Candidate(
        name="digits",
        fingerprint="a",
        revision="f" * 40,
        run_id="run",
        lineage=Lineage("digits", (), ()),
        model=Artifact("model", "0" * 64, size_bytes),
        predictions=Artifact("predictions.csv", "0" * 64, 1),
        files=(),
        facts=RunFacts(seconds=1.0),
        metrics={} if seconds is None else {"train.seconds": seconds},
    )


def test_measure__a_size_is_exact_and_a_number_of_the_pipeline_has_no_interval() -> None:
    size, seconds = pipeline_metrics.measure(
        ["f1_macro", "model_size_mb", "dvc:train.seconds", "model_size_mb"],
        candidate=trained(size_bytes=2_500_000, seconds=3.0),
        champion=trained(size_bytes=2_000_000, seconds=4.0),
        confidence=0.9,
    )
    assert size == Comparison("model_size_mb", 2.5, 2.0, 0.5, Interval(0.5, 0.5, 0.9))
    assert seconds == Comparison("dvc:train.seconds", 3.0, 4.0, -1.0)


def test_measure__says_why_a_number_is_missing() -> None:
    names = ["model_size_mb", "dvc:loss"]
    alone = pipeline_metrics.measure(names, candidate=None, champion=None, confidence=0.95)
    assert {c.problem for c in alone} == {"needs a repository: predictions files do not contain it"}
    size, loss = pipeline_metrics.measure(
        names, candidate=trained(size_bytes=1), champion=None, confidence=0.95
    )
    assert (size.candidate, size.champion, size.problem) == (1e-6, None, "")
    assert (loss.candidate, loss.problem) == (
        None,
        "has no number in the pipeline's metrics files",
    )
    other = trained(size_bytes=1, seconds=3.0)
    (loss,) = pipeline_metrics.measure(names[1:], candidate=other, champion=None, confidence=0.95)
    assert loss.problem.endswith("metrics files, which have train.seconds")
    mine = replace(trained(size_bytes=1), metrics={"loss": 1.0})
    _, loss = pipeline_metrics.measure(
        names, candidate=mine, champion=trained(size_bytes=1), confidence=0.95
    )
    assert (loss.candidate, loss.champion, loss.problem) == (
        1.0,
        None,
        "the champion has no dvc:loss",
    )


def case(**more: object) -> cases.EvaluationCase:
    parts = {
        "manifest": with_rules(FLOOR, DROP, SIZE),
        "base": MANIFEST,
        "policy": Policy(),
        "fingerprint": "a" * 64,
        "revision": "f" * 40,
        "standing": champion_relation.ChampionRelation(),
    } | more
    return cases.EvaluationCase(**parts)  # type: ignore[arg-type]


SCORED = scores.Scores(
    rows=Rows(900, "0" * 64),
    comparisons={
        0.95: (
            Comparison("f1_macro", 0.97),
            Comparison("roc_auc_ovr", None, problem="needs scores"),
            Comparison("f1_macro", 0.96, slice="group", value="a", rows=400),
        )
    },
    charts=Charts(),
)


def test_case__asks_for_what_its_gates_and_people_want_to_know() -> None:
    manifest = with_rules(
        FLOOR, replace(DROP, confidence=0.999), SLICED, replace(SIZE, confidence=0.5)
    )
    required = case(manifest=manifest).request
    assert required.slices == ("group",)
    assert required.focus == ("f1_macro", "accuracy")
    assert required.confidences == (0.95, 0.999)
    # Ten resamples beyond each end of the widest interval.
    assert required.resamples == 20_000
    assert case().request.resamples == scores.RESAMPLES


def test_case__becomes_a_verdict_with_its_findings_and_numbers() -> None:
    subject = case()
    by_confidence = cases.comparisons(
        subject, SCORED, candidate=trained(size_bytes=1_000_000), champion=None, problem=""
    )
    verdict = cases.verdict(subject, by_confidence, pictures={"confusion": "pictures/x.png"})
    assert [f.outcome for f in verdict.findings] == [Outcome.PASS, Outcome.SKIPPED, Outcome.PASS]
    assert (verdict.outcome, verdict.sentence) == (
        Outcome.PASS,
        "2 of 3 gates pass, 1 skipped",
    )
    assert (verdict.key, verdict.model, verdict.champion) == (subject.key, "digits", None)
    assert verdict.relaxed == ("gate on accuracy in slices of group (at least 0.9) removed",)
    assert verdict.pictures == {"confusion": "pictures/x.png"}
    # Nobody asked for the area, and there is none to show.
    assert [c.metric for c in verdict.comparisons] == ["f1_macro", "f1_macro", "model_size_mb"]
    assert cases.values(by_confidence) == {"f1_macro": 0.97, "model_size_mb": 1.0}


def test_case__whose_champion_cannot_be_read_fails_with_the_reason() -> None:
    subject = case(standing=champion_relation.ChampionRelation(champion="b" * 64, version=3))
    assert subject.is_compared
    by_confidence = cases.comparisons(
        subject,
        SCORED,
        candidate=trained(size_bytes=1),
        champion=None,
        problem="the champion's predictions are gone",
    )
    verdict = cases.verdict(subject, by_confidence, pictures={})
    drop = verdict.findings[1]
    assert (drop.outcome, verdict.outcome) == (Outcome.FAIL, Outcome.FAIL)
    assert drop.sentence == "f1_macro cannot be compared: the champion's predictions are gone"
    assert (verdict.champion, verdict.champion_version) == ("b" * 64, 3)


def test_case__is_compared_with_a_champion_that_is_another() -> None:
    assert not case().is_compared
    itself = champion_relation.ChampionRelation(champion="a" * 64, version=1, is_champion=True)
    assert not case(standing=itself).is_compared


def test_comparison__is_shown_when_it_has_a_number_or_is_required() -> None:
    number, none = Comparison("mae", 1.0), Comparison("mae", None)
    assert scores.shown(number, required=frozenset())
    assert not scores.shown(none, required=frozenset())
    assert scores.shown(none, required=frozenset({"mae"}))


GROWING = replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, rows=RowsRule.GROWING))


def test_relaxed__rows_that_may_grow_are_reported() -> None:
    assert relaxed(GROWING) == (
        "evaluate.rows changed from same to growing: more rows than the champion's may come",
    )
    assert relaxed(MANIFEST, GROWING) == ()


def test_relaxed__a_gate_on_recent_rows_that_is_gone() -> None:
    rule = GateRule("rmse", max_rise=1, against="champion", slice=RECENT)
    base = replace(GROWING, gates=(*GROWING.gates, rule))
    (sentence,) = relaxed(GROWING, base)
    assert sentence.startswith("gate on rmse on recent rows (")


def test_key__says_rows_only_where_they_may_grow() -> None:
    """What was judged before they could is not judged anew."""
    keys = {
        gates.key(fingerprint="a" * 64, manifest=each, policy=Policy(), champion=None)
        for each in (MANIFEST, GROWING)
    }
    assert len(keys) == 2


def test_key__says_the_positive_class_only_where_it_is_given() -> None:
    """What was judged before it could be given is not judged again."""
    fraud, legit = (
        replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, positive=label))
        for label in ("fraud", "legit")
    )
    assert len({key(MANIFEST), key(fraud), key(legit)}) == 3


def test_relaxed__another_positive_class_is_reported() -> None:
    fraud, legit = (
        replace(MANIFEST, evaluation=replace(MANIFEST.evaluation, positive=label))
        for label in ("fraud", "legit")
    )
    assert relaxed_gates.find(fraud, legit) == (
        "evaluate.positive changed from 'fraud' to 'legit'",
    )
    assert relaxed_gates.find(MANIFEST, fraud) == (
        "evaluate.positive changed from none to 'fraud'",
    )
    assert relaxed_gates.find(fraud, fraud) == ()

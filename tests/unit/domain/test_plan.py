"""The rule of a plan: what a fingerprint, evidence and rules decide; nothing is read."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.lineage import Input, InputKind, Lineage, fingerprint
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
from interlock.domain.model.policy import OnInconclusive, Policy, UnseenCode
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.model.undeclared_files import Undeclared
from interlock.domain.training import plan as planning
from interlock.domain.training.plan import Decision, PlannedCost

MANIFEST = Manifest(
    path="models/digits/model.yaml",
    model="digits",
    owner="@acme/vision",
    objective="Read digits.",
    task=Task.MULTICLASS,
    pipeline=Pipeline("models/digits/dvc.yaml", "train"),
    outputs=Outputs("models/digits/model", PredictionsOutput("models/digits/predictions.csv")),
    environment=(),
    runner=Runner(labels=("self-hosted", "gpu")),
    evaluation=Evaluation("f1_macro"),
    gates=(GateRule("f1_macro", min=0.95), GateRule("model_size_mb", max=20)),
    promote=Promote(("staging", "production"), "digits"),
)
STAGES = ("models/digits/dvc.yaml:train",)


def code(path: str, digest: str) -> Input:
    return Input(InputKind.CODE, f"models/digits/{path}", f"git:{digest}")


def at(*inputs: Input, manifest: Manifest = MANIFEST, blocked: str = "") -> ModelAt:
    lineage = None if blocked else Lineage(manifest.model, inputs, STAGES)
    return ModelAt(manifest, lineage, blocked=blocked, bytes_to_pull=10, warnings=("look",))


def snapshot(*models: ModelAt, policy: Policy | None = None, revision: str = "r") -> Snapshot:
    return Snapshot(revision, policy or Policy(), {m.manifest.model: m for m in models})


def decide(
    before: ModelAt | None, after: ModelAt, *, known: frozenset[str] | None = frozenset()
) -> planning.ModelPlan:
    plan = planning.plan(
        base=snapshot() if before is None else snapshot(before),
        head=snapshot(after),
        known=None if known is None else {"digits": known},
        served={},
        minutes={"digits": 1.5},
    )
    (model_plan,) = plan.models
    return model_plan


A, B = at(code("train.py", "aaaaaaaaaaaaaaaa")), at(code("train.py", "bbbbbbbbbbbbbbbb"))
STRICTER = dataclasses.replace(
    MANIFEST, gates=(GateRule("f1_macro", min=0.96), GateRule("model_size_mb", max=20))
)
JUDGED_OTHERWISE = at(code("train.py", "aaaaaaaaaaaaaaaa"), manifest=STRICTER)


def test_plan__other_inputs_train() -> None:
    model_plan = decide(A, B)
    assert model_plan.decision is Decision.TRAIN
    assert model_plan.sentence == "train.py changed"
    assert (model_plan.fingerprint, model_plan.base_fingerprint) == (B.fingerprint, A.fingerprint)
    assert model_plan.cost == PlannedCost(10, STAGES, ("self-hosted", "gpu"), 1.5, 60)
    assert model_plan.warnings == ("look",)
    (reason,) = model_plan.reasons
    assert (reason.before, reason.after) == ("git:aaaaaaaaaaaa", "git:bbbbbbbbbbbb")


def test_plan__other_inputs_with_evidence_reuse_it() -> None:
    model_plan = decide(A, B, known=frozenset({str(B.fingerprint)}))
    assert model_plan.decision is Decision.REUSE
    assert model_plan.sentence == f"train.py changed; evidence of {str(B.fingerprint)[:12]} exists"
    assert model_plan.cost == PlannedCost(bytes_to_pull=0)


def test_plan__evidence_of_another_fingerprint_is_none() -> None:
    assert decide(A, B, known=frozenset({str(A.fingerprint)})).decision is Decision.TRAIN
    assert decide(A, B, known=None).decision is Decision.TRAIN


def test_plan__the_same_inputs_are_unaffected() -> None:
    model_plan = decide(A, at(code("train.py", "aaaaaaaaaaaaaaaa")))
    assert (model_plan.decision, model_plan.reasons) == (Decision.UNAFFECTED, ())
    assert model_plan.sentence == "1 inputs, none of them changed"
    assert model_plan.cost == PlannedCost(bytes_to_pull=0)


def test_plan__the_same_inputs_under_other_rules_are_judged() -> None:
    model_plan = decide(A, JUDGED_OTHERWISE)
    assert model_plan.decision is Decision.JUDGE
    assert (
        model_plan.sentence
        == "gate f1_macro min 0.95 became f1_macro min 0.96; the model is the same"
    )


@pytest.mark.parametrize(
    "policy", [Policy(inconclusive=OnInconclusive.FAIL), Policy(environments=("production",))]
)
def test_plan__another_policy_judges_every_model(policy: Policy) -> None:
    plan = planning.plan(
        base=snapshot(A), head=snapshot(A, policy=policy), known=None, served={}, minutes={}
    )
    assert plan.models[0].decision is Decision.JUDGE
    assert plan.models[0].sentence.startswith("policy: ")


def test_plan__what_cannot_be_fingerprinted_is_blocked_whatever_is_known() -> None:
    model_plan = decide(A, at(blocked="no such file"), known=frozenset({str(A.fingerprint)}))
    assert (model_plan.decision, model_plan.sentence) == (Decision.BLOCKED, "no such file")
    assert model_plan.fingerprint is None
    assert model_plan.cost == PlannedCost()
    both = decide(at(blocked="x"), at(blocked="y"))
    assert both.decision is Decision.BLOCKED


def test_plan__after_a_blocked_base_trains() -> None:
    model_plan = decide(at(blocked="no such file"), A)
    assert (model_plan.decision, model_plan.base_fingerprint) == (Decision.TRAIN, None)
    assert model_plan.sentence == "the base could not be fingerprinted"


def test_plan__a_new_model_trains_and_a_removed_one_is_listed() -> None:
    letters = at(code("x", "1"), manifest=dataclasses.replace(MANIFEST, model="letters"))
    plan = planning.plan(
        base=snapshot(A), head=snapshot(letters), known=None, served={}, minutes={}
    )
    assert [(m.model, m.decision, m.sentence) for m in plan.models] == [
        ("letters", Decision.TRAIN, "the model is new")
    ]
    assert plan.removed == ("digits",)


def test_plan__a_manifest_that_cannot_be_read_blocks_its_model() -> None:
    problems = (
        Diagnostic(MANIFEST.path, 3, 1, Severity.ERROR, "no such metric"),
        Diagnostic(MANIFEST.path, 9, 1, Severity.ERROR, "later"),
        Diagnostic("models/new/model.yaml", 0, 0, Severity.ERROR, "it is empty"),
        Diagnostic("models/fine/model.yaml", 1, 1, Severity.WARNING, "a warning is none"),
    )
    head = Snapshot("h", Policy(), {}, problems)
    plan = planning.plan(base=snapshot(A), head=head, known=None, served={}, minutes={})
    assert [(m.model, m.sentence) for m in plan.models] == [
        ("digits", "models/digits/model.yaml:3: no such metric"),
        ("new", "models/new/model.yaml: it is empty"),
    ]
    assert {m.decision for m in plan.models} == {Decision.BLOCKED}
    assert plan.removed == ()


@pytest.mark.parametrize(
    ("served", "known", "decision", "sentence"),
    [
        ({}, frozenset(), Decision.TRAIN, "no champion yet"),
        ({"digits": None}, frozenset(), Decision.TRAIN, "no champion yet"),
        ({"digits": A.fingerprint}, frozenset(), Decision.UNAFFECTED,
         "1 inputs, they are those of the champion"),
        ({"digits": B.fingerprint}, frozenset(), Decision.TRAIN, "train.py changed"),
        ({"digits": "f" * 64}, frozenset(), Decision.TRAIN,
         "the inputs are not those of the champion"),
        ({"digits": B.fingerprint}, frozenset({str(A.fingerprint)}), Decision.REUSE,
         f"train.py changed; evidence of {str(A.fingerprint)[:12]} exists"),
    ],
)  # fmt: skip
def test_plan__held_against_what_is_served(
    served: dict[str, str | None], known: frozenset[str], decision: Decision, sentence: str
) -> None:
    assert B.lineage is not None
    champions = {"digits": B.lineage} if served.get("digits") == B.fingerprint else {}
    plan = planning.plan(
        base=None,
        head=snapshot(A),
        known={"digits": known},
        served=served,
        minutes={},
        champions=champions,
    )
    assert plan.base is None
    assert (plan.models[0].decision, plan.models[0].sentence) == (decision, sentence)


def test_sentence__counts_what_it_does_not_say() -> None:
    many = [code(f"{n}.py", "1") for n in "abc"]
    model_plan = decide(A, at(*A_INPUTS, *many[:1]))
    assert model_plan.sentence == "a.py is new"
    model_plan = decide(A, at(*A_INPUTS, *many[:2]))
    assert model_plan.sentence == "a.py is new, and b.py is new"
    model_plan = decide(A, at(*A_INPUTS, *many))
    assert model_plan.sentence == "a.py is new, and 2 more code changes"
    manifest = dataclasses.replace(STRICTER, task=Task.BINARY)
    model_plan = decide(A, at(*A_INPUTS, many[0], manifest=manifest))
    assert model_plan.sentence == "a.py is new, and 2 more manifest changes"
    model_plan = decide(A, at(*A_INPUTS, *many[:2], manifest=manifest))
    assert model_plan.sentence == "a.py is new, and 3 more other changes"


A_INPUTS = A.lineage.inputs if A.lineage else ()
_INPUTS = st.lists(
    st.builds(
        Input,
        st.sampled_from(InputKind),
        st.sampled_from("pqr"),
        st.sampled_from(["git:1", "md5:2", "value:3"]),
        st.sampled_from(["", "n"]),
        st.text(max_size=2),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(0, 3),
    ),
    max_size=6,
    unique_by=lambda i: i.key,
)


@given(one=_INPUTS, other=_INPUTS)
def test_plan__trains_exactly_when_the_content_differs(
    one: list[Input], other: list[Input]
) -> None:
    model_plan = decide(at(*one), at(*other))
    same = {(i.key, i.digest) for i in one} == {(i.key, i.digest) for i in other}
    assert (model_plan.decision is Decision.UNAFFECTED) == same
    assert bool(model_plan.reasons) != same
    assert all(reason.sentence for reason in model_plan.reasons)


@given(inputs=_INPUTS, data=st.data())
def test_fingerprint__is_of_the_content_alone(inputs: list[Input], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(inputs))
    dressed = [dataclasses.replace(i, text="x", rows=9, size_bytes=9) for i in shuffled]
    stages = tuple(data.draw(st.lists(st.text(max_size=3), max_size=2)))
    one, other = Lineage("m", tuple(inputs), ("s",)), Lineage("m", tuple(dressed), stages)
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(dataclasses.replace(one, model="n"))


LACKS = (
    Undeclared("models/digits/dvc.yaml", "train", "src/a.py", "../../src/a.py", "runs a"),
    Undeclared("models/digits/dvc.yaml", "train", "src/b.py", "../../src/b.py", "imports b"),
    Undeclared("models/digits/dvc.yaml", "train", "", "", "cannot see what code `x` runs"),
)
BLOCK = (
    "stage train of models/digits/dvc.yaml uses what it does not declare; add to it: "
    "`deps: [../../src/a.py, ../../src/b.py]`; cannot see what code `x` runs"
)
STRICT, LENIENT = Policy(unseen_code=UnseenCode.BLOCKED), Policy()


@pytest.mark.parametrize("policies", [(STRICT, LENIENT), (LENIENT, STRICT), (STRICT, STRICT)])
def test_plan__code_that_is_not_declared_blocks_a_training_by_either_policy(
    policies: tuple[Policy, Policy],
) -> None:
    after = dataclasses.replace(B, undeclared=LACKS)
    plan = planning.plan(
        base=snapshot(A, policy=policies[0]),
        head=snapshot(after, policy=policies[1]),
        known=None,
        served={},
        minutes={},
    )
    (model_plan,) = plan.models
    assert (model_plan.decision, model_plan.fingerprint) == (Decision.BLOCKED, None)
    assert model_plan.sentence == BLOCK
    assert model_plan.cost == PlannedCost()


ALLOWS, OTHER = Policy(runner_labels=("gpu", "self-hosted", "x")), Policy(runner_labels=("gpu",))
REFUSED = (
    "the policy at {} does not allow the runner label `self-hosted`: it allows gpu; "
    "a pull request of its own adds it to `runner_labels`"
)


@pytest.mark.parametrize(
    ("old", "new", "refuses"),
    [
        (OTHER, ALLOWS, "b" * 12),
        (ALLOWS, OTHER, "h" * 12),
        (OTHER, OTHER, "b" * 12),
        (Policy(), OTHER, "h" * 12),
        (OTHER, Policy(), "b" * 12),
        (None, OTHER, "h" * 12),
        (ALLOWS, ALLOWS, ""),
        (ALLOWS, Policy(), ""),
        (None, ALLOWS, ""),
    ],
)
def test_plan__runner_label_is_allowed_by_base_and_head(
    old: Policy | None, new: Policy, refuses: str
) -> None:
    plan = planning.plan(
        base=None if old is None else snapshot(A, policy=old, revision="b" * 40),
        head=snapshot(B, policy=new, revision="h" * 40),
        known=None,
        served={},
        minutes={},
    )
    (model_plan,) = plan.models
    assert model_plan.decision is (Decision.BLOCKED if refuses else Decision.TRAIN)
    if refuses:
        assert model_plan.sentence == REFUSED.format(refuses)


def test_plan__runner_label_that_is_not_allowed_is_a_warning_where_nothing_trains() -> None:
    plan = planning.plan(
        base=snapshot(A, policy=OTHER, revision="b"),
        head=snapshot(A, policy=OTHER, revision="b"),
        known=None,
        served={},
        minutes={},
    )
    (model_plan,) = plan.models
    assert (model_plan.decision, model_plan.warnings) == (
        Decision.UNAFFECTED,
        ("look", REFUSED.format("b")),
    )


def test_plan__code_that_is_not_declared_is_no_obstacle_without_a_policy() -> None:
    assert decide(A, dataclasses.replace(B, undeclared=LACKS)).decision is Decision.TRAIN


def test_plan__obstacles_are_warnings_where_nothing_trains() -> None:
    plan = planning.plan(
        base=snapshot(A),
        head=snapshot(A),
        known=None,
        served={},
        minutes={},
        obstacles={"digits": tuple(map(Refusal, ("look", "add it", "add it")))},
    )
    (model_plan,) = plan.models
    assert (model_plan.decision, model_plan.warnings) == (Decision.UNAFFECTED, ("look", "add it"))
    assert model_plan.fingerprint == A.fingerprint


def test_plan__obstacle_blocks_what_would_train_without_a_base() -> None:
    plan = planning.plan(
        base=None,
        head=snapshot(A),
        known=None,
        served={},
        minutes={},
        obstacles={"digits": (Refusal("add it"),)},
    )
    assert (plan.models[0].decision, plan.models[0].sentence) == (Decision.BLOCKED, "add it")

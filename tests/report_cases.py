"""Reports of pull requests in every stage, made of the same few facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from interlock.domain.access.command_record import CommandOutcome as Asking
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.access.comment_command import Verb
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import model_evaluation
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.champion_relation import ChampionRelation
from interlock.domain.evaluation.model_evaluation import EvaluationCase
from interlock.domain.evaluation.scores import WITHOUT_ROWS
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome, Verdict
from interlock.domain.model.evidence import Artifact, Attempt, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.git_outputs import UncommittedFile
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.manifest import (
    Better,
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
from interlock.domain.model.stage_runs import OWN_CACHE, StageRun
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelFacts, PullRequestFacts, Report
from interlock.domain.training.dvc_lock import LockFate, LockNote
from interlock.domain.training.plan import Decision, InputChange, ModelPlan, PlannedCost
from interlock.rendering import RecordLinks

OLD, NEW, OTHER = "1" * 64, "2" * 64, "3" * 64
BASE, HEAD, MERGE = "a" * 40, "b" * 40, "c" * 40
LINKS = RecordLinks(
    ledger_branch="interlock-ledger",
    plots="../blob/",
    absolute_plots="https://github.com/acme/models/blob/",
)

SKIPPED = "served before as version 1; a rollback is not compared with the version that it replaces"
GATES = (
    GateRule("f1_macro", min=0.94, line=12),
    GateRule("f1_macro", max_drop=0.005, against="champion", line=13),
    GateRule("accuracy", min=0.92, slice="stroke", line=14),
    GateRule("model_size_mb", max=20, line=15),
)
REQUEST = PullRequestFacts(
    number=7, head=HEAD, base=BASE, head_ref="better", base_ref="main", is_fork=False
)
MERGED = replace(REQUEST, is_open=False, is_merged=True, merge_position=4)
CLOSED = replace(REQUEST, is_open=False)


def manifest(model: str = "digits") -> Manifest:
    folder = f"model-manifests/{model}"
    return Manifest(
        path=f"{folder}/model.yaml",
        model=model,
        owner="@acme/vision",
        objective="Read handwritten digits.",
        task=Task.MULTICLASS,
        pipeline=Pipeline(file=f"{folder}/dvc.yaml", target="train"),
        outputs=Outputs(
            model=f"{folder}/model", predictions=PredictionsOutput(f"{folder}/predictions.parquet")
        ),
        environment=("uv.lock",),
        runner=Runner(),
        evaluation=Evaluation(primary="f1_macro", slices=("stroke",), seed=7),
        gates=GATES,
        promote=Promote(environments=("staging", "production"), registry_name=model),
        lines={"pipeline": 6, "gates": 11},
    )


def lineage(model: str, *, components: int, rows: int) -> Lineage:
    folder = f"model-manifests/{model}"
    value = str(components)
    prepare, train = f"{folder}/dvc.yaml:prepare", f"{folder}/dvc.yaml:train"
    return Lineage(
        model=model,
        inputs=(
            Input(InputKind.CODE, f"{folder}/prepare.py", "git:" + "4" * 40, readers=(prepare,)),
            Input(InputKind.CODE, f"{folder}/train.py", "git:" + "5" * 40, readers=(train,)),
            Input(
                InputKind.CODE,
                "model-manifests/shared/outputs.py",
                "git:" + "6" * 40,
                readers=(prepare, train),
            ),
            Input(
                InputKind.DATA,
                f"{folder}/data/{model}.csv",
                "md5:" + "7" * 32,
                size_bytes=rows * 275,
                rows=rows,
                readers=(prepare,),
            ),
            Input(
                InputKind.PARAMS,
                f"{folder}/params.yaml",
                f"value:{value}",
                name="kernel.components",
                text=value,
                readers=(train,),
            ),
            Input(InputKind.ENVIRONMENT, "uv.lock", "git:" + "8" * 40),
        ),
        stages=(prepare, train),
        edges=((prepare, train),),
    )


def evidence(model: str = "digits", *, fingerprint: str = NEW, revision: str = HEAD) -> Evidence:
    is_new = fingerprint == NEW
    return Evidence(
        candidate=Candidate(
            name=model,
            fingerprint=fingerprint,
            revision=revision,
            run_id=f"run-{fingerprint[:4]}",
            lineage=lineage(model, components=200 if is_new else 60, rows=1797),
            model=Artifact(f"model-manifests/{model}/model", fingerprint[::-1], 1_240_000),
            predictions=Artifact("predictions.parquet", "9" * 64, 41_000),
            files=(),
            facts=RunFacts(
                seconds=2.4 if is_new else 1.9,
                peak_memory_bytes=311_000_000,
                python="3.11.7",
                platform="Linux-6.8 x86_64",
                cpu="8 × Xeon",
                gpu="H100" if is_new else "",
                driver="570.1" if is_new else "",
                cost=0.0021,
                currency="EUR",
            ),
            metrics={"fit.iterations": 41.0 if is_new else 38.0, "fit.seconds": 1.5},
            lock={
                f"model-manifests/{model}/dvc.lock": {
                    "train": {"cmd": "python train.py", "outs": [{"path": "model", "md5": "0"}]}
                }
            },
        ),
        rows=Rows(count=899, sha256="0" * 64),
        scores={"f1_macro": 0.985, "accuracy": 0.987},
    )


CHANGE = InputChange(
    kind=InputKind.PARAMS,
    path="model-manifests/digits/params.yaml",
    name="kernel.components",
    before="60",
    after="200",
    sentence="params.yaml: kernel.components changed from 60 to 200",
)


def plan(model: str = "digits", decision: Decision = Decision.TRAIN) -> ModelPlan:
    is_changed = decision in {Decision.TRAIN, Decision.REUSE}
    change = replace(CHANGE, path=f"model-manifests/{model}/params.yaml")
    return ModelPlan(
        model=model,
        manifest=f"model-manifests/{model}/model.yaml",
        decision=decision,
        sentence=change.sentence if is_changed else "6 inputs, none of them changed",
        fingerprint=NEW if is_changed else OLD,
        base_fingerprint=OLD,
        reasons=(change,) if is_changed else (),
        cost=PlannedCost(494_000, ("prepare", "train"), ("self-hosted",), 3.2),
    )


REASONS = {
    Outcome.PASS: "",
    Outcome.FAIL: "the whole interval is beyond the limit",
    Outcome.INCONCLUSIVE: "the limit is within the interval",
}


def findings(
    drop: Outcome = Outcome.PASS,
    difference: float = 0.021,
    interval: tuple[float, float] = (0.012, 0.031),
    skip: str = "",
) -> tuple[Finding, ...]:
    value = 0.964 + difference
    is_skipped = drop is Outcome.SKIPPED
    return (
        Finding(GATES[0], Outcome.PASS, value, "at least 0.94", f"f1_macro is {value:.3f}"),
        Finding(
            GATES[1],
            drop,
            None if is_skipped else difference,
            "a drop of at most 0.005 from the champion",
            f"f1_macro changed by {difference:+.3f}, a drop of at most 0.005 is allowed",
            None if is_skipped else Interval(*interval, 0.95),
            reason=skip if is_skipped else REASONS[drop],
        ),
        Finding(
            GATES[2],
            Outcome.PASS,
            0.971,
            "at least 0.92",
            "accuracy in stroke=thick is 0.971",
            value="thick",
            values=2,
        ),
        Finding(GATES[3], Outcome.PASS, 1.24, "at most 20", "model_size_mb is 1.24"),
    )


def comparisons(
    difference: float, interval: tuple[float, float], *, problem: str = ""
) -> tuple[Comparison, ...]:
    """With `problem` there is no champion to be held against."""
    bounds = Interval(*interval, 0.95)
    turned = Interval(-interval[1], -interval[0], 0.95)
    wide = Interval(2 * interval[0] - difference, 2 * interval[1] - difference, 0.95)

    def row(metric: str, value: float, moved: float, held: Interval) -> Comparison:
        if problem:
            return Comparison(metric, value, problem=problem)
        return Comparison(metric, value, value - moved, moved, held)

    def in_slice(value: str, rows: int) -> Comparison:
        comparison = row("f1_macro", 0.97 + difference, difference, wide)
        return replace(comparison, slice="stroke", value=value, rows=rows)

    return (
        row("accuracy", 0.966 + difference, difference, bounds),
        row("f1_macro", 0.964 + difference, difference, bounds),
        row("log_loss", 0.081, -difference, turned),
        row("model_size_mb", 1.24, 0.0, Interval(0.0, 0.0, 0.95)),
        in_slice("thick", 310),
        in_slice("thin", 589),
    )


def verdict(
    model: str = "digits",
    outcome: Outcome = Outcome.PASS,
    *,
    fingerprint: str = NEW,
    drop: Outcome | None = None,
    difference: float = 0.021,
    interval: tuple[float, float] = (0.012, 0.031),
    champion: str | None = OLD,
) -> Verdict:
    gate = outcome if drop is None else drop
    skip = SKIPPED
    if champion is None or champion == fingerprint:
        skip = "it is the champion" if champion else "no champion yet"
    problem = "" if skip == SKIPPED else skip
    return Verdict(
        key="key-today",
        model=model,
        fingerprint=fingerprint,
        revision=HEAD,
        outcome=outcome,
        sentence="every gate passes" if outcome is Outcome.PASS else "a gate fails",
        findings=findings(gate, difference, interval, skip),
        comparisons=comparisons(difference, interval, problem=problem),
        champion=champion,
        champion_version=1 if champion else None,
        pictures={
            "calibration": f"pictures/{model}/{fingerprint}/calibration.png",
            "confusion": f"pictures/{model}/{fingerprint}/confusion.png",
            f"model-manifests/{model}/loss.csv": f"pictures/{model}/{fingerprint}/declared-1.png",
        },
        unshown={f"model-manifests/{model}/layers.svg": "a .svg is not drawn"},
    )


def promotion(
    model: str = "digits",
    *,
    fingerprint: str = OLD,
    position: int = 1,
    version: int = 1,
    phase: Phase = Phase.DONE,
    kind: PromotionKind = PromotionKind.PROMOTION,
    replaces: str | None = None,
    pull: int | None = None,
) -> Promotion:
    return Promotion(
        model=model,
        kind=kind,
        phase=phase,
        fingerprint=fingerprint,
        revision=MERGE,
        position=position,
        run_id=f"run-{fingerprint[:4]}",
        sha256=fingerprint[::-1],
        registry_name=model,
        environments=("staging", "production"),
        at="2030-01-01T00:00:00+00:00",
        version=version,
        replaces=replaces,
        pull=pull,
    )


def facts(model: str = "digits", decision: Decision = Decision.TRAIN) -> ModelFacts:
    """Nothing but the plan is known yet; version 1 is served."""
    return ModelFacts(
        plan=plan(model, decision),
        manifest=manifest(model),
        key="key-today",
        promotions=(promotion(model),),
        production=promotion(model),
        champions={OLD: evidence(model, fingerprint=OLD, revision=BASE)},
    )


def evaluated(verdict: Verdict, decision: Decision = Decision.TRAIN) -> ModelFacts:
    fingerprint = verdict.fingerprint
    return replace(
        facts(verdict.model, decision),
        evidence=evidence(verdict.model, fingerprint=fingerprint),
        record=f"evidence/{verdict.model}/{fingerprint}.json",
        verdicts=(verdict,),
        is_trained_here=decision is Decision.TRAIN,
    )


def restored() -> ModelFacts:
    """Two stages stand on what trainings before this one made."""
    model_facts = evaluated(verdict())
    assert model_facts.evidence is not None
    folder = "model-manifests/digits/dvc.yaml"
    stages = (
        StageRun(f"{folder}:prepare", ran=False, source=OLD),
        StageRun(f"{folder}:features", ran=False, source=OWN_CACHE),
        StageRun(f"{folder}:train", ran=True),
    )
    candidate = replace(model_facts.evidence.candidate, stages=stages)
    return replace(model_facts, evidence=replace(model_facts.evidence, candidate=candidate))


def _scored() -> ModelFacts:
    from tests import scored_case  # noqa: PLC0415 - it uses the facts of this module

    return scored_case.scored()


def metrics_only() -> ModelFacts:
    """The pipeline writes no predictions: gates on its own metrics."""
    rules = (
        GateRule("dvc:accuracy", min=0.8, line=9),
        GateRule("dvc:accuracy", max_drop=0.01, against="champion", better=Better.GREATER, line=10),
        GateRule("dvc:fit.seconds", max_rise=60, against="champion", line=11),
    )
    declared = replace(
        manifest(),
        task=None,
        outputs=Outputs("model-manifests/digits/model"),
        evaluation=Evaluation(primary="dvc:accuracy"),
        gates=rules,
    )
    model_facts = replace(facts(), manifest=declared)
    mine, theirs = (
        replace(
            evidence(fingerprint=fingerprint, revision=revision),
            rows=None,
            candidate=replace(
                evidence(fingerprint=fingerprint, revision=revision).candidate,
                predictions=None,
                metrics={"accuracy": accuracy, "fit.seconds": seconds},
            ),
            scores={},
            pictures={},
        )
        for fingerprint, revision, accuracy, seconds in (
            (NEW, HEAD, 0.861, 41.5),
            (OLD, BASE, 0.8567, 38.0),
        )
    )
    case_ = EvaluationCase(
        declared, None, Policy(), NEW, HEAD, ChampionRelation(champion=OLD, version=1)
    )
    compared = model_evaluation.comparisons(
        case_, WITHOUT_ROWS, candidate=mine.candidate, champion=theirs.candidate, problem=""
    )
    judged = model_evaluation.verdict(case_, compared, pictures={})
    return replace(
        model_facts,
        evidence=mine,
        champions={OLD: theirs},
        key=judged.key,
        verdicts=(judged,),
        record=f"evidence/digits/{NEW}.json",
        is_trained_here=True,
    )


@dataclass(frozen=True)
class Case:
    report: Report
    lock: LockNote | None = None


def case(
    *models: ModelFacts,
    request: PullRequestFacts = REQUEST,
    fate: LockFate | None = None,
    left: tuple[UncommittedFile, ...] = (),
) -> Case:
    note = None
    if fate is not None:
        folder = "model-manifests/digits"
        paths = (f"{folder}/dvc.lock", *([f"{folder}/metrics.json"] if left else []))
        note = LockNote(fate, paths, (f"{folder}/dvc.yaml:train",), left=left)
    return Case(status_rules.report(request, models), note)


def worse(model: str = "digits") -> ModelFacts:
    interval = (-0.046, -0.022)
    return evaluated(verdict(model, Outcome.FAIL, difference=-0.034, interval=interval))


def unsure() -> ModelFacts:
    interval = (-0.011, 0.003)
    return evaluated(verdict(outcome=Outcome.INCONCLUSIVE, difference=-0.004, interval=interval))


def too_large() -> ModelFacts:
    """The primary metric is better, and another gate is broken."""
    evaluation = verdict(outcome=Outcome.FAIL, drop=Outcome.PASS)
    broken = Finding(
        GATES[3],
        Outcome.FAIL,
        31.2,
        "at most 20",
        "model_size_mb is 31.2, above the maximum of 20",
        reason="above the maximum",
    )
    return evaluated(replace(evaluation, findings=(*evaluation.findings[:3], broken)))


LOG = "reading prepared/train.npz\nfitting with C=-1\nTraceback (most recent call last):\n" + (
    '  File "train.py", line 31, in <module>\n    fit(rows)\nValueError: C must be positive'
)


def failed() -> ModelFacts:
    attempt = Attempt("digits", NEW, HEAD, "run-9", "python train.py ended with 1", LOG, 1.2)
    return replace(facts(), attempts=(attempt,))


def blocked() -> ModelFacts:
    model_plan = plan(decision=Decision.BLOCKED)
    sentence = "stage train depends on data/new.csv, which is neither in Git nor behind a pointer"
    return replace(facts(), plan=replace(model_plan, sentence=sentence, fingerprint=None))


def relaxed() -> ModelFacts:
    sentences = ("f1_macro: min lowered from 0.95 to 0.94", "the gate on log_loss was removed")
    return replace(evaluated(verdict()), relaxed=sentences)


def first() -> ModelFacts:
    model_facts = evaluated(verdict(champion=None, drop=Outcome.SKIPPED))
    return replace(model_facts, promotions=(), production=None, champions={})


def gates_changed() -> ModelFacts:
    unchanged = verdict(fingerprint=OLD, champion=OLD, drop=Outcome.SKIPPED, difference=0.0)
    change = InputChange(
        kind=InputKind.MANIFEST,
        path="model-manifests/digits/model.yaml",
        name="gates.0",
        before="min 0.94",
        after="min 0.95",
        sentence="model.yaml: the gate on f1_macro changed from min 0.94 to min 0.95",
    )
    model_facts = evaluated(unchanged, Decision.JUDGE)
    return replace(model_facts, plan=replace(model_facts.plan, reasons=(change,)))


def accepted() -> ModelFacts:
    model_facts = unsure()
    word = Acceptance("key-today", "digits", NEW, HEAD, "octocat", "Fewer false eights.", "2030")
    return replace(model_facts, acceptances=(word,))


def promoted() -> ModelFacts:
    act = promotion(fingerprint=NEW, position=4, version=2, replaces=OLD, pull=7)
    return replace(evaluated(verdict()), promotions=(promotion(), act), production=act)


def revert() -> ModelFacts:
    """The change brings back what was served as version 1, before version 2."""
    worse = verdict(drop=Outcome.SKIPPED, difference=-0.021, interval=(-0.031, -0.012))
    model_facts = evaluated(replace(worse, champion_version=2))
    then = promotion(fingerprint=NEW, position=1)
    now = promotion(fingerprint=OLD, position=2, version=2, replaces=NEW)
    return replace(
        model_facts,
        plan=replace(model_facts.plan, decision=Decision.REUSE),
        promotions=(then, now),
        production=now,
        is_trained_here=False,
    )


def rolled_back() -> ModelFacts:
    act = promotion(
        fingerprint=NEW, position=4, version=1, replaces=OLD, pull=7, kind=PromotionKind.ROLLBACK
    )
    model_facts = revert()
    return replace(model_facts, promotions=(*model_facts.promotions, act), production=act)


def stale() -> ModelFacts:
    newer = promotion(fingerprint=OTHER, position=3, version=3)
    model_facts = evaluated(replace(verdict(), key="key-of-yesterday"))
    return replace(model_facts, production=newer, promotions=(*model_facts.promotions, newer))


def regression() -> ModelFacts:
    """A regression model that is worse: its primary metric is better when it is lower."""
    gate = GateRule("rmse", max_rise=1.0, against="champion", line=12)
    bounds = Interval(1.1, 3.52, 0.95)
    finding = Finding(
        gate,
        Outcome.FAIL,
        2.31,
        "a rise of at most 1 over the champion",
        "rmse changed by +2.31 [+1.1, +3.52], a rise of at most 1 is allowed",
        bounds,
        reason=REASONS[Outcome.FAIL],
    )
    model = "prices"
    rows = (
        Comparison("rmse", 56.43, 54.12, 2.31, bounds),
        Comparison("r2", 0.437, 0.482, -0.045, Interval(-0.069, -0.021, 0.95)),
    )
    failed = replace(
        verdict(model, Outcome.FAIL), findings=(finding,), comparisons=rows, pictures={}, unshown={}
    )
    declared = replace(
        manifest(model),
        task=Task.REGRESSION,
        evaluation=Evaluation(primary="rmse"),
        gates=(gate,),
    )
    return replace(evaluated(failed), manifest=declared)


def with_warnings() -> ModelFacts:
    model_facts = evaluated(verdict())
    warning = (
        "train.py:3 imports colours.py, which is not a dependency of stage train; "
        "add ../shared/colours.py to its deps"
    )
    return replace(model_facts, plan=replace(model_facts.plan, warnings=(warning,)))


def new_data() -> ModelFacts:
    model_facts = evaluated(verdict("diabetes"))
    path = "model-manifests/diabetes/data/diabetes.csv"
    change = InputChange(
        kind=InputKind.DATA,
        path=path,
        name="",
        before="353 rows",
        after="442 rows",
        sentence="data/diabetes.csv grew from 353 to 442 rows (+89), 97.1 kB to 121.6 kB",
    )
    assert model_facts.evidence is not None
    candidate = model_facts.evidence.candidate
    grown = replace(candidate, lineage=lineage("diabetes", components=60, rows=442))
    champion = replace(candidate, lineage=lineage("diabetes", components=60, rows=353))
    return replace(
        model_facts,
        plan=replace(model_facts.plan, reasons=(change,)),
        evidence=replace(model_facts.evidence, candidate=grown),
        champions={OLD: replace(model_facts.evidence, candidate=champion)},
    )


UNTOUCHED = facts("diabetes", Decision.UNAFFECTED)
FORK = replace(REQUEST, is_fork=True, is_on_request=True)

HOLD = Hold(
    "digits", 1, HoldStep.HOLD, "octocat", "broken camera", "2030-01-02T09:30:00+00:00", OLD, 1
)
COMMANDS = (
    CommandRecord(
        pull=7,
        source=CommentKind.COMMENT,
        id=1,
        by="octocat",
        text="/interlock train 1234567",
        outcome=Asking.REFUSED,
        sentence="did nothing: the head is bbbbbbb now",
        at="2030-01-02T09:00:00+00:00",
        verb=Verb.TRAIN,
    ),
    CommandRecord(
        pull=7,
        source=CommentKind.COMMENT,
        id=2,
        by="octocat",
        text="/interlock hold digits broken camera",
        outcome=Asking.DONE,
        sentence="holds version 1",
        at="2030-01-02T09:30:00+00:00",
        verb=Verb.HOLD,
        models=("digits",),
    ),
)


def on_hold() -> ModelFacts:
    return replace(evaluated(verdict()), hold=HOLD)


def with_commands() -> Case:
    shown = case(on_hold(), UNTOUCHED)
    return replace(shown, report=replace(shown.report, commands=COMMANDS))


CASES: dict[str, Callable[[], Case]] = {
    "on-hold": with_commands,
    "on-hold-merged": lambda: case(on_hold(), UNTOUCHED, request=MERGED),
    "on-request": lambda: case(facts(), UNTOUCHED, request=FORK),
    "training": lambda: case(facts(), UNTOUCHED),
    "queued": lambda: case(replace(facts(), is_queued=True), UNTOUCHED),
    "training-failed": lambda: case(failed(), UNTOUCHED),
    "trained": lambda: case(replace(evaluated(verdict()), verdicts=()), UNTOUCHED),
    "stale-verdict": lambda: case(stale(), UNTOUCHED),
    "gates-pass": lambda: case(evaluated(verdict()), UNTOUCHED, fate=LockFate.RECORDED),
    "stages-restored": lambda: case(restored(), UNTOUCHED),
    "scored": lambda: case(_scored(), UNTOUCHED, fate=LockFate.RECORDED),
    "metrics-only": lambda: case(metrics_only(), UNTOUCHED, fate=LockFate.RECORDED),
    "gate-fails": lambda: case(worse(), UNTOUCHED),
    "other-gate-fails": lambda: case(too_large(), UNTOUCHED),
    "inconclusive": lambda: case(unsure(), UNTOUCHED),
    "accepted": lambda: case(accepted(), UNTOUCHED),
    "first-version": lambda: case(first(), UNTOUCHED, fate=LockFate.RECORDED),
    "gates-changed": lambda: case(gates_changed(), UNTOUCHED, fate=LockFate.RECORDED),
    "unaffected": lambda: case(facts(decision=Decision.UNAFFECTED), UNTOUCHED),
    "blocked": lambda: case(blocked(), UNTOUCHED),
    "new-data": lambda: case(new_data(), fate=LockFate.RECORDED),
    "warnings": lambda: case(with_warnings(), UNTOUCHED, fate=LockFate.RECORDED),
    "regression": lambda: case(regression(), UNTOUCHED),
    "revert": lambda: case(revert(), UNTOUCHED, fate=LockFate.RECORDED),
    "gates-changed-merged": lambda: case(gates_changed(), UNTOUCHED, request=MERGED),
    "closed": lambda: case(stale(), UNTOUCHED, request=CLOSED),
    "merged": lambda: case(evaluated(verdict()), UNTOUCHED, request=MERGED),
    "promoted": lambda: case(promoted(), UNTOUCHED, request=MERGED),
    "rolled-back": lambda: case(rolled_back(), UNTOUCHED, request=MERGED),
    "fork": lambda: case(evaluated(verdict()), UNTOUCHED, request=FORK, fate=LockFate.FORK),
    "lock-left": lambda: case(evaluated(verdict()), UNTOUCHED, fate=LockFate.LEFT),
    "outputs-left": lambda: case(
        evaluated(verdict()),
        UNTOUCHED,
        fate=LockFate.RECORDED,
        left=(
            UncommittedFile(
                "model-manifests/digits/roc.png", "it is not JSON, YAML, TOML or CSV", "run-2222"
            ),
            UncommittedFile("model-manifests/digits/all.csv", "it is larger than 1 MB"),
        ),
    ),
    "relaxed-gates": lambda: case(relaxed(), UNTOUCHED, fate=LockFate.RECORDED),
    "several-models": lambda: case(
        evaluated(verdict()),
        worse("faces"),
        facts("letters"),
        UNTOUCHED,
    ),
}

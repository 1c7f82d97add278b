"""Every field of a report that a stranger can write, and reports with a text in each of them.

Sentences are made by the domain's own functions, as they are in a report of the real thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from interlock.domain.access.command_record import CommandOutcome as Answered
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation import relaxed_gates, rule_changes, thresholds
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome, Verdict
from interlock.domain.model import lineage_changes
from interlock.domain.model.evidence import Artifact, Attempt, Evidence
from interlock.domain.model.git_outputs import UncommittedFile
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.model.manifest import GateRule, Manifest, Promote, Runner
from interlock.domain.model.policy import OnInconclusive
from interlock.domain.model.stage_runs import StageRun
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.reporting import status_rules
from interlock.domain.reporting.model_status import ModelFacts, Report
from interlock.domain.training.dvc_lock import LockFate, LockNote
from interlock.domain.training.plan import Decision, InputChange, PlannedCost
from tests import report_cases

SHOWN = (
    "code file",
    "data file",
    "parameters file",
    "environment file",
    "pipeline file",
    "stage",
    "lock file",
    "file left",
    "run that keeps it",
    "parameter name",
    "parameter before",
    "parameter after",
    "metric",
    "slice column",
    "slice value",
    "class label",
    "environment",
    "registry name",
    "runner label",
    "log line",
    "why it failed",
    "why it is blocked",
    "warning",
    "reason of an accept",
    "login of an accept",
    "reason of a hold",
    "login of a hold",
    "line of a comment",
    "answer to a comment",
    "login of a comment",
    "Python",
    "platform",
    "processor",
    "GPU",
    "currency",
    "picture",
)
# In no page today: a change that shows one of them is held to the same.
HIDDEN = ("manifest path", "owner", "objective", "head branch", "base branch", "program output")
FIELDS = (*SHOWN, *HIDDEN)
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """`one` has a single model, which is told otherwise than the several of `many`."""

    one: Report
    many: Report
    lock: LockNote


def case(texts: Texts) -> Case:
    judged = _judged(texts)
    every = [judged, _failed(texts), _blocked(texts), _training(texts)]
    request = replace(
        report_cases.REQUEST, head_ref=texts["head branch"], base_ref=texts["base branch"]
    )
    command_records = _command_records(texts)
    return Case(
        one=replace(status_rules.report(request, [judged]), commands=command_records),
        many=replace(status_rules.report(request, every), commands=command_records),
        lock=LockNote(
            LockFate.LEFT,
            (texts["lock file"],),
            (f"{texts['pipeline file']}:{texts['stage']}",),
            left=(
                UncommittedFile(texts["file left"], "it is no CSV", texts["run that keeps it"]),
                UncommittedFile(texts["file left"], "it is larger than 1 MB"),
            ),
        ),
    )


def _manifest(texts: Texts, name: str) -> Manifest:
    return replace(
        report_cases.manifest(name),
        path=texts["manifest path"],
        owner=texts["owner"],
        objective=texts["objective"],
        runner=Runner(labels=(texts["runner label"],)),
        gates=(_rule(texts),),
        promote=Promote(environments=(texts["environment"],), registry_name=texts["registry name"]),
    )


def _rule(texts: Texts) -> GateRule:
    return GateRule(texts["metric"], min=0.94, slice=texts["slice column"], line=12)


def _inputs(texts: Texts, *, is_new: bool) -> Lineage:
    digest, value = ("2" * 40, "after") if is_new else ("1" * 40, "before")
    rows, text = (442, texts["parameter after"]) if is_new else (353, texts["parameter before"])
    inputs = (
        Input(InputKind.CODE, texts["code file"], f"git:{digest}"),
        Input(InputKind.DATA, texts["data file"], f"md5:{digest}", size_bytes=rows * 99, rows=rows),
        Input(InputKind.ENVIRONMENT, texts["environment file"], f"git:{digest}"),
        Input(InputKind.PARAMS, texts["parameters file"], f"value:{value}",
              name=texts["parameter name"], text=text),
        Input(InputKind.PIPELINE, texts["pipeline file"], f"git:{digest}", name=texts["stage"]),
    )  # fmt: skip
    return Lineage("digits", inputs, (_address(texts),))


def _address(texts: Texts) -> str:
    return f"{texts['pipeline file']}:{texts['stage']}"


def _evidence(texts: Texts, name: str, *, is_new: bool = True) -> Evidence:
    fingerprint = report_cases.NEW if is_new else report_cases.OLD
    evidence = report_cases.evidence(name, fingerprint=fingerprint)
    facts = replace(
        evidence.candidate.facts,
        python=texts["Python"],
        platform=texts["platform"],
        cpu=texts["processor"],
        gpu=texts["GPU"],
        currency=texts["currency"],
    )
    candidate = replace(
        evidence.candidate,
        lineage=_inputs(texts, is_new=is_new),
        facts=facts,
        model=Artifact(texts["program output"], "2" * 64, 1_240_000),
        log_tail=texts["log line"],
        stages=(StageRun(texts["stage"], ran=False, source=report_cases.OLD),),
    )
    return replace(evidence, candidate=candidate)


def _verdict(texts: Texts, name: str, outcome: Outcome) -> Verdict:
    place = Comparison(
        metric=texts["metric"],
        candidate=0.9,
        champion=0.95,
        difference=-0.05,
        interval=Interval(-0.06, -0.04, 0.95),
        slice=texts["slice column"],
        value=texts["slice value"],
        rows=400,
    )
    rule = _rule(texts)
    limit = thresholds.read(rule)
    assert limit is not None
    threshold_result = thresholds.evaluate(
        limit, place, skip="", on_inconclusive=OnInconclusive.ASK
    )
    problem = f"class {texts['class label']} is in no row"
    findings = (
        Finding(rule, outcome, threshold_result.observed, limit.text, threshold_result.sentence),
        Finding(rule, outcome, None, limit.text, f"{thresholds.name(place)}: {problem}"),
    )
    return replace(
        report_cases.verdict(name, outcome),
        findings=findings,
        comparisons=(place, Comparison("f1_macro", None, problem=problem)),
        sentence=threshold_result.sentence,
        pictures={texts["picture"]: f"pictures/{name}/{texts['picture']}.png"},
    )


def _changes(texts: Texts) -> tuple[InputChange, ...]:
    before, after = _inputs(texts, is_new=False), _inputs(texts, is_new=True)
    lost = replace(after, inputs=tuple(i for i in after.inputs if i.kind is not InputKind.CODE))
    return (
        *lineage_changes.compare(before, after),
        *lineage_changes.compare(after, lost),
        *rule_changes.differences(report_cases.manifest(), _manifest(texts, "digits")),
    )


def _facts(texts: Texts, name: str, decision: Decision = Decision.TRAIN) -> ModelFacts:
    model_facts = report_cases.facts(name, decision)
    cost = PlannedCost(runner_labels=(texts["runner label"],), stages=(texts["stage"],))
    plan = replace(model_facts.plan, manifest=texts["manifest path"], cost=cost, reasons=())
    return replace(model_facts, plan=plan, manifest=_manifest(texts, name))


def _hold(texts: Texts, name: str) -> Hold:
    by, reason = texts["login of a hold"], texts["reason of a hold"]
    return Hold(
        name, 1, HoldStep.HOLD, by, reason, "2030-01-01T00:00:00+00:00", report_cases.OLD, 1
    )


def _judged(texts: Texts) -> ModelFacts:
    """What is in doubt, and accepted: the model of which most is told."""
    model_facts = _facts(texts, "digits")
    warning = f"train.py:3 imports {texts['warning']}, which is not a dependency"
    verdict = _verdict(texts, "digits", Outcome.INCONCLUSIVE)
    word = Acceptance(
        key=verdict.key,
        model="digits",
        fingerprint=report_cases.NEW,
        revision=report_cases.HEAD,
        by=texts["login of an accept"],
        reason=texts["reason of an accept"],
        at="2030-01-01T00:00:00+00:00",
    )
    return replace(
        model_facts,
        plan=replace(model_facts.plan, reasons=_changes(texts), warnings=(warning,)),
        evidence=_evidence(texts, "digits"),
        record=f"evidence/digits/{report_cases.NEW}.json",
        champions={report_cases.OLD: _evidence(texts, "digits", is_new=False)},
        verdicts=(verdict,),
        acceptances=(word,),
        relaxed=relaxed_gates.find(report_cases.manifest("digits"), _manifest(texts, "digits")),
        hold=_hold(texts, "digits"),
        is_trained_here=True,
    )


def _failed(texts: Texts) -> ModelFacts:
    log = f"first\n{texts['log line']}\nlast"
    attempt = Attempt(
        "diabetes", report_cases.NEW, report_cases.HEAD, "run-9", texts["why it failed"], log, 1.2
    )
    return replace(_facts(texts, "diabetes"), attempts=(attempt,))


def _blocked(texts: Texts) -> ModelFacts:
    model_facts = _facts(texts, "wine", Decision.BLOCKED)
    sentence = f"stage train depends on {texts['why it is blocked']}, which is not in Git"
    return replace(model_facts, plan=replace(model_facts.plan, sentence=sentence, fingerprint=None))


def _training(texts: Texts) -> ModelFacts:
    return _facts(texts, "housing")


def _command_records(texts: Texts) -> tuple[CommandRecord, ...]:
    return (
        CommandRecord(
            pull=7,
            source=CommentKind.COMMENT,
            id=1,
            by=texts["login of a comment"],
            text=texts["line of a comment"],
            outcome=Answered.REFUSED,
            sentence=f"did nothing: {texts['answer to a comment']}",
            at="2030-01-01T00:00:00+00:00",
        ),
    )

"""Decides for each model if a change trains it: the values and rules of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.basics.diagnostics import Severity
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import rule_changes
from interlock.domain.model import lineage_changes, undeclared_files
from interlock.domain.model.lineage import InputKind, Lineage
from interlock.domain.model.lineage_changes import InputChange
from interlock.domain.model.policy import UnseenCode
from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.domain.training import policy_rules

__all__ = ["Decision", "FetchedInputs", "InputChange", "ModelPlan", "Plan", "PlannedCost", "plan"]

_SHORT = 12
_NONE: Mapping[str, Lineage] = {}
_NO_OBSTACLES: Mapping[str, tuple[Refusal, ...]] = {}


class Decision(StrEnum):
    TRAIN = "train"
    REUSE = "reuse"
    JUDGE = "judge"
    UNAFFECTED = "unaffected"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """The expected cost of a decision; None is unknown."""

    bytes_to_pull: int | None = None
    stages: tuple[str, ...] = ()
    runner_labels: tuple[str, ...] = ()
    expected_minutes: float | None = None
    timeout_minutes: int | None = None
    """The limit in the manifest."""


@dataclass(frozen=True, slots=True)
class FetchedInputs:
    """Inputs that a training fetches in addition to the clone and DVC's data: paths in Git LFS, and
    paths of submodules."""

    lfs: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelPlan:
    model: str
    manifest: str
    decision: Decision
    sentence: str
    fingerprint: str | None
    base_fingerprint: str | None
    reasons: tuple[InputChange, ...] = ()
    warnings: tuple[str, ...] = ()
    cost: PlannedCost = PlannedCost()
    needs: FetchedInputs = FetchedInputs()


@dataclass(frozen=True, slots=True)
class Plan:
    """`base` is None if the plan compares with the champions.

    `removed` are models of the base that the head does not declare any more.
    """

    base: str | None
    head: str
    models: tuple[ModelPlan, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Before:
    """The state that a model is compared with: its fingerprint, and its lineage if it is known."""

    fingerprint: str | None = None
    lineage: Lineage | None = None
    judging: tuple[InputChange, ...] = ()
    what: str = "base"
    exists: bool = False


def plan(
    *,
    base: Snapshot | None,
    head: Snapshot,
    known: Mapping[str, frozenset[str]] | None,
    served: Mapping[str, str | None],
    minutes: Mapping[str, float],
    champions: Mapping[str, Lineage] = _NONE,
    obstacles: Mapping[str, tuple[Refusal, ...]] = _NO_OBSTACLES,
) -> Plan:
    """Decide for every model of `head`, sorted by name.

    With a `base`, a model with the same fingerprint is `unaffected`, or `judge` if its evaluation
    rules changed. Another fingerprint is `reuse` if there is evidence of it (`known`: model to
    fingerprints; None without a ledger), else `train`. Without a base the model is compared with
    its champion (`served`: model to its champion's fingerprint, `champions`: to the lineage behind
    it). A model without a fingerprint is `blocked`. `minutes` are the expected minutes of a
    training.

    `obstacles` are refusals to train a model although its inputs are identified: it is `blocked` if
    it would train, and has a warning otherwise. Examples are a runner label that the policy of the
    base or of the head does not allow, and undeclared code if one of these policies requires
    declared code, and a stage that always runs if one of them does not allow it.
    """
    broken = _broken(head, base)
    policies = [(s.revision, s.policy) for s in (base, head) if s]
    refuses = any(p.unseen_code is UnseenCode.BLOCKED for _, p in policies)
    models = [
        _decide(
            model,
            before=_before(model, base, head, served, champions),
            known=(known or {}).get(name, frozenset()),
            minutes=minutes.get(name),
            obstacles=obstacles.get(name, ())
            + policy_rules.check_labels(model.manifest.runner.labels, policies=policies)
            + (undeclared_files.check(model.undeclared) if refuses else ())
            + policy_rules.check_stages(model.lineage, policies=policies),
        )
        for name, model in head.models.items()
    ]
    names = set(head.models) | {b.model for b in broken}
    gone = () if base is None else tuple(sorted(set(base.models) - names))
    return Plan(
        base=None if base is None else base.revision,
        head=head.revision,
        models=tuple(sorted([*models, *broken], key=lambda m: (m.model, m.manifest))),
        removed=gone,
    )


def _before(
    model: ModelAt,
    base: Snapshot | None,
    head: Snapshot,
    served: Mapping[str, str | None],
    champions: Mapping[str, Lineage],
) -> _Before:
    name = model.manifest.model
    if base is None:
        fingerprint = served.get(name)
        lineage = champions.get(name)
        return _Before(fingerprint, lineage, what="champion", exists=fingerprint is not None)
    old = base.models.get(name)
    if old is None:
        return _Before()
    rules = rule_changes.policy_differences(base.policy, head.policy)
    rules += rule_changes.differences(old.manifest, model.manifest)
    return _Before(old.fingerprint, old.lineage, rules, exists=True)


def _decide(
    model: ModelAt,
    *,
    before: _Before,
    known: frozenset[str],
    minutes: float | None,
    obstacles: tuple[Refusal, ...],
) -> ModelPlan:
    reasons = _reasons(model, before)
    decision = _decision(model.fingerprint, before, known)
    refused = tuple(map(str, obstacles))
    is_kept = decision is Decision.TRAIN and bool(obstacles)
    decision = Decision.BLOCKED if is_kept else decision
    return ModelPlan(
        model=model.manifest.model,
        manifest=model.manifest.path,
        decision=decision,
        sentence="; ".join(refused) if is_kept else _sentence(decision, model, before, reasons),
        fingerprint=None if is_kept else model.fingerprint,
        base_fingerprint=before.fingerprint,
        reasons=reasons,
        warnings=model.warnings if is_kept else tuple(dict.fromkeys(model.warnings + refused)),
        cost=_cost(decision, model, minutes),
    )


def _decision(fingerprint: str | None, before: _Before, known: frozenset[str]) -> Decision:
    if fingerprint is None:
        return Decision.BLOCKED
    if fingerprint == before.fingerprint:
        return Decision.JUDGE if before.judging else Decision.UNAFFECTED
    return Decision.REUSE if fingerprint in known else Decision.TRAIN


def _reasons(model: ModelAt, before: _Before) -> tuple[InputChange, ...]:
    if model.lineage is None or before.lineage is None:
        return before.judging
    folder = model.manifest.path.rpartition("/")[0]
    differ = model.fingerprint != before.fingerprint
    changes = (
        lineage_changes.compare(before.lineage, model.lineage, folder=folder) if differ else ()
    )
    return changes + before.judging


def _cost(decision: Decision, model: ModelAt, minutes: float | None) -> PlannedCost:
    if decision is Decision.BLOCKED:
        return PlannedCost()
    if decision is not Decision.TRAIN or model.lineage is None:
        return PlannedCost(bytes_to_pull=0)
    return PlannedCost(
        bytes_to_pull=model.bytes_to_pull,
        stages=model.lineage.stages,
        runner_labels=model.manifest.runner.labels,
        expected_minutes=minutes,
        timeout_minutes=model.manifest.runner.timeout_minutes,
    )


def _sentence(
    decision: Decision, model: ModelAt, before: _Before, reasons: tuple[InputChange, ...]
) -> str:
    if decision is Decision.BLOCKED:
        return model.blocked
    if decision is Decision.UNAFFECTED:
        count = len(model.lineage.inputs) if model.lineage else 0
        same = (
            "they are those of the champion"
            if before.what == "champion"
            else "none of them changed"
        )
        return f"{count} inputs, {same}"
    cause = _cause(before, reasons)
    if decision is Decision.REUSE:
        return f"{cause}; evidence of {(model.fingerprint or '')[:_SHORT]} exists"
    return f"{cause}; the model is the same" if decision is Decision.JUDGE else cause


def _cause(before: _Before, reasons: tuple[InputChange, ...]) -> str:
    if not before.exists:
        return "no champion yet" if before.what == "champion" else "the model is new"
    if not reasons:
        if before.fingerprint is None:
            return f"the {before.what} could not be fingerprinted"
        return f"the inputs are not those of the {before.what}"
    if len(reasons) == 1:
        return reasons[0].sentence
    return f"{reasons[0].sentence}, and {_count(reasons[1:])}"


def _count(reasons: tuple[InputChange, ...]) -> str:
    if len(reasons) == 1:
        return reasons[0].sentence
    kinds = [kind for kind in InputKind if any(r.kind is kind for r in reasons)]
    names = kinds[0].value if len(kinds) == 1 else "other"
    return f"{len(reasons)} more {names} changes"


def _broken(head: Snapshot, base: Snapshot | None) -> list[ModelPlan]:
    """An invalid manifest blocks its models, so that they stay in the plan."""
    gone: dict[str, list[str]] = {}
    for name, model in sorted(base.models.items() if base else ()):
        if name not in head.models:
            gone.setdefault(model.manifest.path, []).append(name)
    first = {p.path: p for p in reversed(head.problems) if p.severity is Severity.ERROR}
    return [
        ModelPlan(
            model=name,
            manifest=path,
            decision=Decision.BLOCKED,
            sentence=f"{path}:{problem.line}: {problem.message}"
            if problem.line
            else f"{path}: {problem.message}",
            fingerprint=None,
            base_fingerprint=None,
        )
        for path, problem in first.items()
        for name in gone.get(path, [path.rpartition("/")[0].rpartition("/")[2] or path])
    ]

"""`reconcile`: compares registry and deployments with main and repairs differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock import errors
from interlock.commands.reconcile import repair_records, results
from interlock.commands.reconcile.apply_repairs import Repairer
from interlock.commands.reconcile.observation import Observer, unreadable
from interlock.commands.reconcile.results import ReconciledModel, ReconcileResult
from interlock.domain.model.policy import Repairs
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import reconciliation
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    ObservedState,
    Repair,
    RepairStatus,
)
from interlock.ports.github import GitHub
from interlock.services import default_branch_policy, ledger_rules, ledger_verifications
from interlock.services.each_model import EachModel, ModelStopped, Probes
from interlock.services.promotion import model_promotion
from interlock.services.promotion.model_promotion import Main, PromotionContext

# How often all is compared again because another process wrote to the ledger in the meantime.
_TRIES = 10
_PROMOTIONS = frozenset({DifferenceKind.PROMOTION, DifferenceKind.UNFINISHED})
__all__ = ["PromotionContext", "ReconcileOptions", "ReconcileResult", "ReconciledModel", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOptions:
    """`now` is recorded, in ISO 8601; no `models` means all models.

    `with_artifacts` downloads the production models to compare their SHA-256. Without
    `with_promotions` promotions are neither begun nor ended.
    """

    now: str
    models: tuple[str, ...] = ()
    branch: str = "main"
    dry_run: bool = False
    with_artifacts: bool = True
    with_promotions: bool = True


def run(context: PromotionContext, options: ReconcileOptions) -> ReconcileResult:
    """Observe all models (or the named ones), find the differences, and repair them.

    Nothing is written in a dry run, or if the policy of main has `repair: report`. Raises
    CannotReadManifest when that policy cannot be read, CannotResolve for an unknown model, and
    OutsideFailure when a system cannot be reached before the first repair. A failure of one model
    is its result, and the others continue.
    """
    main, snapshot = _read_main(context, options)
    each = EachModel(model_promotion.probes(context))
    observer = Observer(
        context, main, snapshot, each, options.with_artifacts, options.with_promotions
    )
    probes = {**model_promotion.probes(context), **_github_probe(context.github, main.commit)}
    repairer = Repairer(context, main, snapshot, each, EachModel(probes))
    is_dry = options.dry_run or snapshot.policy.repair is Repairs.REPORT
    if not is_dry:
        ledger_rules.require(context.ledger, context.github)
    for _ in range(_TRIES):
        models = observer.observe(options.models)
        _check_names(options.models, models, head=main.commit)
        observed = [state for state in models.values() if isinstance(state, ObservedState)]
        plans = {state.model: _plan(state, options) for state in observed}
        over = context.ledger.head
        done = _report(plans) if is_dry else _repair(repairer, plans, over=over)
        if done is not None:
            break
    else:
        raise errors.CannotReachGit(
            f"the ledger changed {_TRIES} times before the repairs could begin",
            hint="run it again when fewer promotions are in progress",
        )
    if not is_dry:
        ledger_verifications.record_if_due(
            context.ledger, at=options.now, attempts=context.attempts
        )
    bad = [] if options.models else [results.unread(*each) for each in unreadable(snapshot)]
    return ReconcileResult(main.commit, (*bad, *(_result(each, done) for each in models.values())))


def _read_main(context: PromotionContext, options: ReconcileOptions) -> tuple[Main, Snapshot]:
    repository, branch, reader = context.repository, options.branch, context.reader
    default_branch_policy.refresh(repository, context.ledger, branch=branch)
    head = model_promotion.fetch_line(repository, branch=branch)[-1]
    position = repository.position(head)
    snapshot = model_promotion.readable(reader.read(repository.tree(head), look_for_imports=False))
    return Main(repository, reader, branch, head, position, now=options.now, pull=None), snapshot


def _github_probe(github: GitHub | None, head: str) -> Probes:
    return {} if github is None else {errors.CannotReachGitHub: lambda: github.deployments({head})}


def _report(plans: dict[str, tuple[Difference, ...]]) -> dict[str, tuple[DifferenceResult, ...]]:
    return {model: tuple(_planned(each) for each in plan) for model, plan in plans.items()}


def _result(
    model: ObservedState | ModelStopped, done: Mapping[str, Sequence[DifferenceResult]]
) -> ReconciledModel:
    if isinstance(model, ModelStopped):
        return results.unknown(model)
    return ReconciledModel(model.model, (*done[model.model], *_not_compared(model)))


def _plan(observed: ObservedState, options: ReconcileOptions) -> tuple[Difference, ...]:
    differences = reconciliation.plan(observed)
    return tuple(d for d in differences if options.with_promotions or d.kind not in _PROMOTIONS)


def _check_names(models: Sequence[str], known: Mapping[str, object], *, head: str) -> None:
    for name in models:
        if name not in known:
            raise errors.CannotResolve(
                f"neither {head[:12]} nor the ledger has a model {name!r}",
                hint="interlock validate lists manifests that cannot be read",
            )


def _repair(
    repairer: Repairer, plans: dict[str, tuple[Difference, ...]], *, over: str | None
) -> dict[str, tuple[DifferenceResult, ...]] | None:
    """Record all repairs as begun, do them, and record them as done.

    Returns None, with nothing begun, when the ledger is no longer at `over`: then the plans are
    outdated.
    """
    ledger, at = repairer.context.ledger, repairer.main.now
    # Without differences only the repairs of a dead process are left to end.
    names = ", ".join([model for model, plan in plans.items() if plan] or plans)
    message = f"repair of {names} at {repairer.main.commit[:12]}"
    begun = repair_records.begin(ledger, plans, at=at, message=message, head=over)
    if begun is None:
        return None
    done = {model: tuple(repairer.repair(d) for d in plan) for model, plan in plans.items()}
    ended = [repair for model, each in done.items() for repair in _ended(begun[model], each)]
    if ended:
        repair_records.end(ledger, ended, at=at, message=message)
    return done


def _ended(begun: Sequence[Repair], done: Sequence[DifferenceResult]) -> list[Repair]:
    repaired = {r.difference.identity for r in done if r.status is RepairStatus.REPAIRED}
    return [repair for repair in begun if repair.identity in repaired]


def _planned(difference: Difference) -> DifferenceResult:
    status = RepairStatus.PLANNED if difference.refusal is None else RepairStatus.REFUSED
    return DifferenceResult(difference, status, difference.sentence)


def _not_compared(observed: ObservedState) -> tuple[DifferenceResult, ...]:
    """A resource that was not compared is not in sync."""
    difference = Difference(observed.model, DifferenceKind.DEPLOYMENT, "deployments", None, None)
    sentences = observed.not_compared
    return tuple(DifferenceResult(difference, RepairStatus.FAILED, each) for each in sentences)

"""`reconcile`: makes registry and deployments agree with main and the ledger, or says how they
differ; what differs is decided in domain.reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from interlock import errors
from interlock.commands.reconcile import repair_records, results
from interlock.commands.reconcile.apply_repairs import Repairer
from interlock.commands.reconcile.observation import Observer, unreadable
from interlock.commands.reconcile.results import ReconciledModel, ReconcileResult
from interlock.domain.model.policy import Repairs
from interlock.domain.promotion import reconciliation
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    ObservedState,
    Repair,
    RepairStatus,
)
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services import snapshots
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped, Probes
from interlock.services.promotion import model_promotion

# Somebody else has promoted meanwhile, each time: then all is looked at again.
_TRIES = 10
_ACTS = frozenset({DifferenceKind.PROMOTION, DifferenceKind.ACT})
__all__ = ["ReconcileResult", "ReconciledModel", "run"]


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    runs: Runs,
    registry: Registry,
    github: GitHub | None,
    now: str,
    models: Sequence[str] = (),
    branch: str = "main",
    dry_run: bool = False,
    look_at_bytes: bool = True,
    with_acts: bool = True,
    reader: snapshots.Reader | None = None,
    attempts: Attempts | None = None,
) -> ReconcileResult:
    """Observe all models (or those named), plan, and put right what may be.

    What GitHub is told of promotions gates nothing: `attempts` says afterwards what of it could not
    be done; deployments that could not be read are a failure of each model that has them.

    Without `with_acts` promotions are neither begun nor ended: `promote` is at it. Nothing is
    written with `dry_run`, or where main's policy says `repair: report`. Raises CannotReadManifest
    when that policy cannot be read, CannotResolve for a name that neither main nor the ledger
    knows, and OutsideFailure when a system is out of reach before anything is done. What of one
    model cannot be read is that model's answer, and the others go on.
    """
    world = model_promotion.PromotionContext(
        repository, ledger, runs, registry, github, attempts or Attempts()
    )
    head = model_promotion.fetch_line(repository, branch=branch)[-1]
    position = repository.position(head)
    ledger.refresh()
    reader = reader or snapshots.Reader()
    snapshot = model_promotion.readable(reader.read(repository.tree(head), look_for_imports=False))
    main = model_promotion.Main(repository, reader, branch, head, position, now=now, pull=None)
    each = EachModel(model_promotion.probes(world))
    observer = Observer(world, main, snapshot, each, look_at_bytes, with_acts)
    told = EachModel({**model_promotion.probes(world), **_github_probe(github, head)})
    hand = Repairer(world, main, snapshot, each, told)
    is_said = dry_run or snapshot.policy.repair is Repairs.REPORT
    for _ in range(_TRIES):
        every = observer.observe(models)
        _check(models, every, head=head)
        seen = [one for one in every.values() if isinstance(one, ObservedState)]
        plans = {one.model: _plan(one, with_acts=with_acts) for one in seen}
        made = _said(plans) if is_said else _make(hand, plans, over=ledger.head)
        if made is not None:
            break
    else:
        raise errors.CannotReachGit(
            f"the ledger moved {_TRIES} times while corrections were being begun",
            hint="run it again when fewer promotions are under way",
        )
    found = [_answer(one, made) for one in every.values()]
    bad = [] if models else [results.unread(path, said) for path, said in unreadable(snapshot)]
    return ReconcileResult(head, (*bad, *found))


def _github_probe(github: GitHub | None, head: str) -> Probes:
    return {} if github is None else {errors.CannotReachGitHub: lambda: github.deployments({head})}


def _said(plans: dict[str, tuple[Difference, ...]]) -> dict[str, tuple[DifferenceResult, ...]]:
    return {model: tuple(_planned(c) for c in plan) for model, plan in plans.items()}


def _answer(
    one: ObservedState | ModelStopped, made: Mapping[str, Sequence[DifferenceResult]]
) -> ReconciledModel:
    if isinstance(one, ModelStopped):
        return results.unknown(one)
    return ReconciledModel(one.model, (*made[one.model], *_unseen(one)))


def _plan(seen: ObservedState, *, with_acts: bool) -> tuple[Difference, ...]:
    return tuple(c for c in reconciliation.plan(seen) if with_acts or c.kind not in _ACTS)


def _check(models: Sequence[str], known: Mapping[str, object], *, head: str) -> None:
    for name in models:
        if name not in known:
            raise errors.CannotResolve(
                f"neither {head[:12]} nor the ledger has a model {name!r}",
                hint="interlock validate names manifests that cannot be read",
            )


def _make(
    hand: Repairer, plans: dict[str, tuple[Difference, ...]], *, over: str | None
) -> dict[str, tuple[DifferenceResult, ...]] | None:
    """Begin all in the ledger, make each, and end what was done; None, with nothing begun, when the
    ledger is not `over` any more, which the plans were made from."""
    ledger, at = hand.world.ledger, hand.main.now
    # Without corrections what is left is to end those of a process that died.
    names = ", ".join([model for model, plan in plans.items() if plan] or plans)
    message = f"reconcile {names} with {hand.main.commit[:12]}"
    begun = repair_records.begin(ledger, plans, at=at, message=message, head=over)
    if begun is None:
        return None
    made = {model: tuple(hand.make(c) for c in plan) for model, plan in plans.items()}
    done = [
        repair for model, corrected in made.items() for repair in _ended(begun[model], corrected)
    ]
    if done:
        repair_records.end(ledger, done, at=at, message=message)
    return made


def _ended(begun: Sequence[Repair], corrected: Sequence[DifferenceResult]) -> list[Repair]:
    done = {c.correction.identity for c in corrected if c.status is RepairStatus.DONE}
    return [repair for repair in begun if repair.identity in done]


def _planned(correction: Difference) -> DifferenceResult:
    status = RepairStatus.REFUSED if correction.refusal else RepairStatus.PLANNED
    return DifferenceResult(correction, status, correction.sentence)


def _unseen(seen: ObservedState) -> tuple[DifferenceResult, ...]:
    """What was not compared is no agreement."""
    found = Difference(seen.model, DifferenceKind.DEPLOYMENT, "deployments", None, None)
    return tuple(DifferenceResult(found, RepairStatus.FAILED, sentence) for sentence in seen.unseen)

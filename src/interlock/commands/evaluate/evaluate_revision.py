"""Evaluates the candidates of one revision and writes evidence and verdicts to the ledger.

Scoring is behind a port. Reports show a verdict, promotions depend on it; neither is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from interlock import errors
from interlock.commands.evaluate import run_metrics
from interlock.commands.evaluate.context import (
    EvaluateContext,
    EvaluateOptions,
    EvaluateResult,
    ModelVerdict,
    NoVerdict,
)
from interlock.commands.evaluate.models import ModelEvaluations
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.snapshot import Snapshot
from interlock.manifests import POLICY_PATH
from interlock.services import default_branch_policy


def run(context: EvaluateContext, options: EvaluateOptions) -> EvaluateResult:
    """Evaluate the models, write to the ledger in one commit, and return one result per model.

    A fault of one model (its manifest, its records, its runs) is its own result; the other models
    are evaluated. Raises CannotResolve for an unknown revision or model, CannotReadManifest when
    the policy of the default branch cannot be read, LedgerBroken for a rewritten history, and
    CannotReachGit; then nothing is written.
    """
    revision = context.repository.resolve(options.revision)
    if _is_late(context, options):
        return EvaluateResult(revision, (), is_late=True)
    default_branch_policy.refresh(context.repository, context.ledger, branch=options.branch)
    head = context.read(context.repository.tree(revision))
    policy = default_branch_policy.read(context.repository, branch=options.branch).require()
    evaluations = ModelEvaluations(
        context, head=head, base=_read_base(context, options), policy=policy
    )
    unreadable = _unreadable(head, options.models)
    names = _names(options.models, head, unreadable)
    results = {name: evaluations.result(name, is_named=bool(options.models)) for name in names}
    for name in evaluations.write(_message((*results.values(), *unreadable.values()), revision)):
        results[name] = evaluations.result(name, is_named=True)
    evaluations.write(_message(results.values(), revision))
    known = [each for each in (*results.values(), *unreadable.values()) if each is not None]
    return EvaluateResult(
        revision,
        tuple(sorted(known, key=lambda result: result.model)),
        passed_over=tuple(name for name, result in results.items() if result is None),
        warnings=(*evaluations.warnings, *run_metrics.show(evaluations.scores, context)),
    )


def _is_late(context: EvaluateContext, options: EvaluateOptions) -> bool:
    """True if the pull request is closed. Then a user has started an old run again, and the result
    of a comparison with today's champion cannot be merged."""
    if options.pull is None or context.github is None:
        return False
    pull = context.github().find_pull(options.pull)
    return pull is None or pull.state != "open"


def _read_base(context: EvaluateContext, options: EvaluateOptions) -> Snapshot | None:
    if options.base is None:
        return None
    return context.read(context.repository.tree(context.repository.resolve(options.base)))


def _unreadable(head: Snapshot, models: tuple[str, ...]) -> dict[str, NoVerdict]:
    """Manifests that cannot be read, by the name of their folder; only the named models, if any."""
    unreadable: dict[str, NoVerdict] = {}
    for problem in head.problems:
        name = problem.path.rpartition("/")[0].rpartition("/")[2] or problem.path
        is_requested = not models or (name in models and name not in head.models)
        if problem.severity is Severity.ERROR and is_requested and problem.path != POLICY_PATH:
            reason = f"its manifest cannot be read: {problem}"
            unreadable.setdefault(name, NoVerdict(name, None, reason, exit_code=errors.EXIT_INPUT))
    return unreadable


def _names(
    models: tuple[str, ...], head: Snapshot, unreadable: Mapping[str, NoVerdict]
) -> tuple[str, ...]:
    unknown = [name for name in models if name not in head.models and name not in unreadable]
    if unknown:
        known = ", ".join(sorted(head.models)) or "none"
        raise errors.CannotResolve(
            f"there is no model {unknown[0]!r} at {head.revision[:12]}", hint=f"models: {known}"
        )
    return tuple(sorted({*(models or head.models)} & head.models.keys()))


def _message(results: Iterable[ModelVerdict | NoVerdict | None], revision: str) -> str:
    lines = [
        f"{r.model}: {r.verdict.outcome}: {r.verdict.sentence}"
        if isinstance(r, ModelVerdict)
        else f"{r.model}: {r.reason}"
        for r in results
        if isinstance(r, NoVerdict) or (r is not None and r.is_new)
    ]
    names = ", ".join(line.partition(":")[0] for line in lines)
    return f"Evaluate {names} at {revision[:12]}\n\n" + "\n".join(lines) + "\n"

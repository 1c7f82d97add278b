"""Judges candidates of one revision and writes what it finds to the ledger; scores nothing itself.

What people may do with a verdict is not here: reports tell it, promotions rest on it.
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

__all__ = [
    "EvaluateContext",
    "EvaluateOptions",
    "EvaluateResult",
    "ModelVerdict",
    "NoVerdict",
    "run",
]


def run(request: EvaluateOptions, world: EvaluateContext) -> EvaluateResult:
    """Judge, write to the ledger in one commit, and return what was found.

    What is wrong with one model (its manifest, its records, its runs) is its own result, and the
    others are judged. Raises CannotResolve for an unknown revision or model, CannotReadManifest
    when the default branch's policy cannot be read, LedgerBroken for a history that was rewritten
    and CannotReachGit; then nothing is written.
    """
    revision = world.repository.resolve(request.revision)
    if _is_late(request, world):
        return EvaluateResult(revision, (), is_late=True)
    world.ledger.refresh()
    head = world.read(world.repository.tree(revision))
    policy = default_branch_policy.read(world.repository, branch=request.branch).require()
    judge = ModelEvaluations(world, head=head, base=_read_base(request, world), policy=policy)
    broken = _unreadable(head, request.models)
    names = _named(request.models, head, broken)
    found = {name: judge.result(name, is_named=bool(request.models)) for name in names}
    for name in judge.write(_message((*found.values(), *broken.values()), revision)):
        found[name] = judge.result(name, is_named=True)
    judge.write(_message(found.values(), revision))
    results = [result for result in (*found.values(), *broken.values()) if result is not None]
    passed_over = tuple(name for name, result in found.items() if result is None)
    warnings = tuple(run_metrics.show(judge.scores, world))
    ordered = tuple(sorted(results, key=lambda result: result.model))
    return EvaluateResult(revision, ordered, passed_over, warnings=warnings)


def _is_late(request: EvaluateOptions, world: EvaluateContext) -> bool:
    """Whether the pull request that asks is closed: then a run of the past was started again, and
    a verdict against today's champion would be about nothing that anybody can still merge."""
    if request.pull is None or world.github is None:
        return False
    pull = world.github().find_pull(request.pull)
    return pull is None or pull.state != "open"


def _read_base(request: EvaluateOptions, world: EvaluateContext) -> Snapshot | None:
    if request.base is None:
        return None
    return world.read(world.repository.tree(world.repository.resolve(request.base)))


def _unreadable(head: Snapshot, models: tuple[str, ...]) -> dict[str, NoVerdict]:
    """Manifests that cannot be read, by the name of their folder: where models are named, only of
    those."""
    found: dict[str, NoVerdict] = {}
    for problem in head.problems:
        name = problem.path.rpartition("/")[0].rpartition("/")[2] or problem.path
        is_asked = not models or (name in models and name not in head.models)
        if problem.severity is Severity.ERROR and is_asked and problem.path != POLICY_PATH:
            said = f"its manifest cannot be read: {problem}"
            found.setdefault(name, NoVerdict(name, None, said, exit_code=errors.EXIT_INPUT))
    return found


def _named(
    models: tuple[str, ...], head: Snapshot, broken: Mapping[str, NoVerdict]
) -> tuple[str, ...]:
    unknown = [name for name in models if name not in head.models and name not in broken]
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
    return f"Judge {names} at {revision[:12]}\n\n" + "\n".join(lines) + "\n"

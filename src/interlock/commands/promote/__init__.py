"""`promote`: promotes the models at a revision of main."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interlock import errors
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import PromotionResult
from interlock.services import default_branch_policy, ledger_rules, ledger_verifications
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.promotion import model_promotion
from interlock.services.promotion.model_promotion import Main, PromotionContext

__all__ = ["PromoteOptions", "PromotionContext", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions:
    """`now` is recorded, in ISO 8601; no `models` means all models."""

    revision: str
    now: str
    models: tuple[str, ...] = ()
    branch: str = "main"


def run(context: PromotionContext, options: PromoteOptions) -> tuple[PromotionResult, ...]:
    """Promote the models at a revision of main, in order of name.

    Raises CannotPromote when the revision is not on the first-parent line of main, CannotResolve
    for an unknown model, and OutsideFailure when a system cannot be reached before the first model.
    A failure of one model is its result, and the others continue; a rerun completes all of them.
    """
    default_branch_policy.refresh(context.repository, context.ledger, branch=options.branch)
    line = model_promotion.fetch_line(context.repository, branch=options.branch)
    main = _main(context, options, line)
    tree = context.repository.tree(main.commit)
    snapshot = model_promotion.readable(context.reader.read(tree, look_for_imports=False))
    ruling = default_branch_policy.read_at(context.repository, line[-1], branch=options.branch)
    policy = ruling.require()
    snapshot = dataclasses.replace(snapshot, policy=policy)
    names = _names(snapshot, options.models)
    ledger_rules.require(context.ledger, context.github)
    pull = model_promotion.find_pull(context.github, main.commit, attempts=context.attempts)
    main = dataclasses.replace(main, pull=pull)
    each = EachModel(model_promotion.probes(context))
    listing = model_promotion.list_registry(context, names)

    def promote(name: str) -> PromotionResult:
        return model_promotion.promote(context, main, snapshot, name, listing=listing)

    results = [each.do(name, promote, otherwise=_stopped) for name in names]
    ledger_verifications.record(context.ledger, at=options.now, attempts=context.attempts)
    return (*_unreadable(snapshot, options.models), *results)


def _main(context: PromotionContext, options: PromoteOptions, line: Sequence[str]) -> Main:
    repository, branch = context.repository, options.branch
    commit = repository.resolve(options.revision)
    position = repository.position(commit)
    if commit not in line:
        raise errors.CannotPromote(
            f"{commit[:12]} is not on the first-parent line of {branch}",
            hint=f"merge it into {branch} first: only commits of {branch} are promoted",
        )
    return Main(repository, context.reader, branch, commit, position, now=options.now, pull=None)


def _stopped(stopped: ModelStopped) -> PromotionResult:
    return promotion.refuse(stopped.model, stopped.sentence, exit_code=stopped.exit_code)


def _names(snapshot: Snapshot, models: Sequence[str]) -> list[str]:
    for name in models:
        if name not in snapshot.models:
            raise errors.CannotResolve(
                f"{snapshot.revision[:12]} has no model {name!r}",
                hint=f"it has {', '.join(sorted(snapshot.models)) or 'none'}; interlock validate "
                "lists manifests that cannot be read",
            )
    return sorted(set(models)) or sorted(snapshot.models)


def _unreadable(snapshot: Snapshot, models: Sequence[str]) -> Iterator[PromotionResult]:
    """Refuse the models with unreadable manifests."""
    problems = [p for p in snapshot.problems if p.severity is Severity.ERROR and not models]
    for path in sorted({problem.path for problem in problems}):
        messages = "; ".join(problem.message for problem in problems if problem.path == path)
        yield promotion.refuse(path, f"{path} cannot be read: {messages}")

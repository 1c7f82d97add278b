"""`promote`: makes what a revision of main says what is served; how is in promoting."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from interlock import errors
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.snapshot import Snapshot
from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import PromotionResult
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.services import default_branch_policy, snapshots
from interlock.services.best_effort import Attempts
from interlock.services.each_model import EachModel, ModelStopped
from interlock.services.promotion import model_promotion


def run(
    *,
    repository: Repository,
    ledger: Ledger,
    runs: Runs,
    registry: Registry,
    github: GitHub | None,
    revision: str,
    now: str,
    models: Sequence[str] = (),
    branch: str = "main",
    reader: snapshots.Reader | None = None,
    attempts: Attempts | None = None,
) -> tuple[PromotionResult, ...]:
    """Promote the models of a revision of main (all of them when none is named), in order of name.

    `now` is the time to record, in ISO 8601. What GitHub is told gates nothing: `attempts` says
    afterwards what of it could not be done. Raises CannotPromote when the revision is not on
    main's first-parent line, CannotResolve for a name that it does not know, and OutsideFailure
    when a system is out of reach before any model was begun. What is wrong with one model is its
    result, and the others go on; a rerun completes what was begun.
    """
    tries = attempts or Attempts()
    world = model_promotion.PromotionContext(repository, ledger, runs, registry, github, tries)
    commit = repository.resolve(revision)
    position = repository.position(commit)
    if commit not in model_promotion.fetch_line(repository, branch=branch):
        raise errors.CannotPromote(
            f"{commit[:12]} is not on the first-parent line of {branch}",
            hint=f"only what {branch} says is served: merge it first",
        )
    ledger.refresh()
    reader = reader or snapshots.Reader()
    snapshot = model_promotion.readable(
        reader.read(repository.tree(commit), look_for_imports=False)
    )
    policy = default_branch_policy.read(repository, branch=branch).require()
    snapshot = dataclasses.replace(snapshot, policy=policy)
    names = _names(snapshot, models)
    pull = model_promotion.find_pull(github, commit, attempts=tries)
    main = model_promotion.Main(repository, reader, branch, commit, position, now=now, pull=pull)
    each = EachModel(model_promotion.probes(world))

    def act(name: str) -> PromotionResult:
        return model_promotion.promote(world, main, snapshot, name)

    done = [each.do(name, act, otherwise=_stopped) for name in names]
    return (*_unreadable(snapshot, models), *done)


def _stopped(stopped: ModelStopped) -> PromotionResult:
    return promotion.refuse(stopped.model, stopped.sentence, exit_code=stopped.exit_code)


def _names(snapshot: Snapshot, models: Sequence[str]) -> list[str]:
    for name in models:
        if name not in snapshot.models:
            raise errors.CannotResolve(
                f"{snapshot.revision[:12]} has no model {name!r}",
                hint=f"it has {', '.join(sorted(snapshot.models)) or 'none'}; interlock validate "
                "names manifests that cannot be read",
            )
    return sorted(set(models)) or sorted(snapshot.models)


def _unreadable(snapshot: Snapshot, models: Sequence[str]) -> Iterator[PromotionResult]:
    """A manifest that cannot be read is a model of which nothing is known: never promoted."""
    bad = [p for p in snapshot.problems if p.severity is Severity.ERROR and not models]
    for path in sorted({problem.path for problem in bad}):
        said = "; ".join(problem.message for problem in bad if problem.path == path)
        yield promotion.refuse(path, f"{path} cannot be read: {said}")

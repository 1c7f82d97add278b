"""`promote`: makes what a revision of main says what is served; its effects are in act.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import assert_never

from interlock import book, errors, manifests, snapshots
from interlock.commands.promote import line
from interlock.commands.promote.act import Act, World
from interlock.commands.promote.line import Main
from interlock.domain import hold as holding
from interlock.domain import promotion, proof
from interlock.domain.diagnostics import Severity
from interlock.domain.evidence import Evidence
from interlock.domain.hold import Hold
from interlock.domain.policy import Policy
from interlock.domain.promotion import Outcome, Phase, Promotion, Result, Wanted
from interlock.domain.snapshot import ModelAt, Snapshot
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.ledger import Ledger
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs


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
) -> tuple[Result, ...]:
    """Promote the models of a revision of main (all of them when none is named), in order of name.

    `now` is the time to record, in ISO 8601. Raises CannotPromote when the revision is not on
    main's first-parent line, CannotResolve for a name that it does not know, and OutsideFailure
    when a system is out of reach: then a rerun completes what was begun.
    """
    world = World(repository, ledger, runs, registry, github)
    commit = repository.resolve(revision)
    position = repository.position(commit)
    if commit not in line.fetch(repository, branch=branch):
        raise errors.CannotPromote(
            f"{commit[:12]} is not on the first-parent line of {branch}",
            hint=f"only what {branch} says is served: merge it first",
        )
    ledger.refresh()
    reader = reader or snapshots.Reader()
    snapshot = _readable(reader.read(repository.tree(commit), look_for_imports=False))
    names = _names(snapshot, models)
    pull = _pull(github, commit)
    main = Main(repository, reader, branch, commit, position, now=now, pull=pull)
    return (
        *_unreadable(snapshot, models),
        *(promote_model(world, main, snapshot, n) for n in names),
    )


def _names(snapshot: Snapshot, models: Sequence[str]) -> list[str]:
    for name in models:
        if name not in snapshot.models:
            raise errors.CannotResolve(
                f"{snapshot.revision[:12]} has no model {name!r}",
                hint=f"it has {', '.join(sorted(snapshot.models)) or 'none'}; interlock validate "
                "names manifests that cannot be read",
            )
    return sorted(set(models)) or sorted(snapshot.models)


def _readable(snapshot: Snapshot) -> Snapshot:
    """Under a policy that cannot be read nothing can be judged: raises CannotReadManifest."""
    found = [str(p) for p in snapshot.problems if p.path == manifests.POLICY_PATH]
    if found:
        raise errors.CannotReadManifest("\n".join(found))
    return snapshot


def _unreadable(snapshot: Snapshot, models: Sequence[str]) -> Iterator[Result]:
    """A manifest that cannot be read is a model of which nothing is known: never promoted."""
    bad = [p for p in snapshot.problems if p.severity is Severity.ERROR and not models]
    for path in sorted({problem.path for problem in bad}):
        said = "; ".join(problem.message for problem in bad if problem.path == path)
        yield Result(path, Outcome.REFUSED, f"{path} cannot be read: {said}")


def _pull(github: GitHub | None, commit: str) -> int | None:
    """The pull request that brought a commit to main: the one whose merge it is, else a merged."""
    if github is None:
        return None
    merged = [pull for pull in github.pulls_of_commit(commit) if pull.merged]
    merged.sort(key=lambda pull: pull.merge_commit_sha == commit)
    return merged[-1].number if merged else None


def promote_model(world: World, main: Main, snapshot: Snapshot, name: str) -> Result:
    """Serve what a hold pins while one stands, else what main says."""
    act = Act(world, main, name, book.holds(world.ledger, model=name))
    held = act.hold
    if held is None:
        return _serve(act, snapshot, _said(main, snapshot.models[name], epoch=act.epoch))
    result = _serve(act, snapshot, _held(held, act.records()))
    return dataclasses.replace(result, sentence=f"{result.sentence}; {holding.sentence(held)}")


def _said(main: Main, model: ModelAt, *, epoch: int) -> Wanted | str:
    """What main says, or why that cannot be told."""
    if model.fingerprint is None:
        return f"it has no fingerprint: {model.blocked}"
    return Wanted(
        model=model.manifest.model,
        fingerprint=model.fingerprint,
        revision=main.commit,
        position=main.position,
        registry_name=model.manifest.promote.registry_name,
        environments=model.manifest.promote.environments,
        epoch=epoch,
    )


def _held(held: Hold, records: Sequence[Promotion]) -> Wanted | str:
    """What a hold pins: the very act that it began."""
    pin = holding.pinned(held, records)
    if pin is None:
        return (
            f"the ledger has no act of hold {held.epoch}; interlock ledger verify finds the break"
        )
    return Wanted(
        model=pin.model,
        fingerprint=pin.fingerprint,
        revision=pin.revision,
        position=pin.position,
        registry_name=pin.registry_name,
        environments=pin.environments,
        epoch=pin.epoch,
    )


def _serve(act: Act, snapshot: Snapshot, wanted: Wanted | str) -> Result:
    if isinstance(wanted, str):
        return act.refuse(wanted)
    world, main = act.world, act.main
    match promotion.decide(wanted, act.records()):
        case promotion.Keep(done=done):
            result = act.keep(done)
        case promotion.Yield(newer=newer, own=own):
            result = act.give_way(own, to=newer)
        case promotion.Resume(intent=intent):
            result = act.carry_out(intent)
        case promotion.Begin() as begin:
            model = snapshot.models[act.model]
            evidence, objection = _prove(world.ledger, model, snapshot.policy, wanted)
            if evidence is None or objection:
                return act.refuse(objection)
            result = act.carry_out(_intent(main, wanted, evidence, begin))
        case promotion.Contradiction(other=other):
            result = act.refuse(_rewritten(main.branch, other))
        case decision:
            assert_never(decision)
    return result


def _rewritten(branch: str, other: Promotion) -> str:
    return (
        f"position {other.position} of {branch} was promoted as {other.revision[:12]} with "
        f"fingerprint {other.fingerprint[:12]}: {branch} was rewritten; add a commit to it and "
        "promote that"
    )


def _prove(
    ledger: Ledger, model: ModelAt, policy: Policy, wanted: Wanted
) -> tuple[Evidence | None, str]:
    """The evidence, and why it may not be promoted (empty when it may)."""
    name, fingerprint, short = wanted.model, wanted.fingerprint, wanted.revision[:12]
    evidence = book.find_evidence(ledger, model=name, fingerprint=fingerprint)
    if evidence is None:
        return None, (
            f"there is no evidence of fingerprint {fingerprint[:12]}; interlock train {name} "
            f"--rev {short}, then interlock evaluate {name} --rev {short} make it"
        )
    key = book.current_key(ledger, model=model, policy=policy)
    return evidence, proof.objection(
        book.find_verdict(ledger, model=name, fingerprint=fingerprint, key=key),
        book.acceptances(ledger, model=name, fingerprint=fingerprint),
        key=key,
        model=name,
        commit=wanted.revision,
    )


def _intent(main: Main, wanted: Wanted, evidence: Evidence, begin: promotion.Begin) -> Promotion:
    return Promotion(
        model=wanted.model,
        kind=begin.kind,
        phase=Phase.INTENT,
        fingerprint=wanted.fingerprint,
        revision=wanted.revision,
        position=wanted.position,
        epoch=wanted.epoch,
        run_id=evidence.candidate.run_id,
        sha256=evidence.candidate.model.sha256,
        registry_name=wanted.registry_name,
        environments=wanted.environments,
        at=main.now,
        replaces=begin.replaces,
        pull=main.pull,
        artifact=evidence.candidate.model.path,
    )

"""`retrain`: sees what live data, the calendar, upstreams and people ask for, and keeps one pull
request a model that asks for its retraining."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from interlock import errors, manifests
from interlock.attempts import Attempts
from interlock.commands.retrain import acting, feed, merging, observing
from interlock.commands.retrain.nouns import Job, Request, Result, Subject, Word, World
from interlock.domain.policy import Policy
from interlock.domain.retraining import deciding, feeds, nouns
from interlock.domain.retraining.nouns import Decision, Nothing
from interlock.domain.snapshot import ModelAt, Snapshot
from interlock.domain.watch import Cause

__all__ = ["Request", "Result", "Word", "World", "document", "run"]


def run(world: World, request: Request) -> tuple[Result, ...]:
    """Decide and act for every model that is watched, or for those named, in order of name.

    What goes wrong with one model is its result, and the others are gone on with. Raises
    CannotResolve for a name that the revision does not know or does not watch, and
    CannotReadManifest when the policy or the manifest of what may be meant cannot be read.
    """
    tip = world.repository.resolve(request.revision)
    world.ledger.refresh()
    snapshot = world.reader.read(world.repository.tree(tip), look_for_imports=False)
    names = _names(snapshot, request.models)
    return tuple(_one(world, request, snapshot, name) for name in names)


def _names(snapshot: Snapshot, wanted: Sequence[str]) -> list[str]:
    watched = [name for name, at in snapshot.models.items() if at.manifest.monitor is not None]
    are_known = bool(wanted) and all(name in snapshot.models for name in wanted)
    bad = [p for p in snapshot.problems if p.path == manifests.POLICY_PATH or not are_known]
    if bad:
        raise errors.CannotReadManifest("\n".join(map(str, bad)))
    for name in wanted:
        if name not in snapshot.models:
            raise errors.CannotResolve(
                f"{snapshot.revision[:12]} has no model {name!r}",
                hint=f"it has {', '.join(sorted(snapshot.models)) or 'none'}",
            )
        if name not in watched:
            raise errors.CannotResolve(
                f"nothing says how {name} is watched or retrained",
                hint="give its manifest `monitor:` with `retrain:`",
            )
    return sorted(set(wanted)) or sorted(watched)


def _one(world: World, request: Request, snapshot: Snapshot, name: str) -> Result:
    attempts = Attempts()
    try:
        subject = _observe(world, request, snapshot.models[name], snapshot.policy, attempts)
        if request.dry_run:
            return _planned(subject, attempts.undone)
        return _act(Job(world, request, subject, attempts))
    except errors.InterlockError as error:
        said = f"{error.message}; {error.hint}" if error.hint else error.message
        return Result(name, Word.FAILED, Cause.NONE, None, None, said, error.exit_code)


def _observe(
    world: World, request: Request, at: ModelAt, policy: Policy, attempts: Attempts
) -> Subject:
    branch = nouns.branch(at.manifest.model)
    tip = world.repository.resolve(request.revision)
    head = observing.find_head(world, branch)
    pulls = world.github.pulls_of_branch(branch)
    seen = observing.situation(world, request, at, policy, tip=tip, head=head, pulls=pulls)
    has_rule = at.manifest.monitor is not None and at.manifest.monitor.retrain is not None
    decision: Decision = Nothing("its manifest asks for no retraining")
    return Subject(
        model=at,
        tip=tip,
        situation=seen,
        decision=deciding.decide(seen) if has_rule else decision,
        feed=feed.decide(world, seen, attempts),
        head=head,
        pulls=pulls,
    )


def _act(job: Job) -> Result:
    taken_back = merging.take_back(job)
    issue, told = feed.act(job)
    result = acting.act(job)
    said = [taken_back, told if issue is not None else "", result.sentence, *job.attempts.undone]
    return dataclasses.replace(result, issue=issue, sentence="; ".join(filter(None, said)))


_WORDS = {
    nouns.Open: Word.OPEN,
    nouns.Update: Word.UPDATE,
    nouns.Finish: Word.FINISH,
    nouns.Remark: Word.COMMENT,
    nouns.Close: Word.CLOSE,
    nouns.Nothing: Word.NOTHING,
}


def _planned(subject: Subject, undone: Sequence[str]) -> Result:
    """What would be done, of which nothing is."""
    decision = subject.decision
    match decision:
        case Nothing(reason=reason):
            cause, said = Cause.NONE, reason
        case nouns.Remark(mark=mark, sentence=sentence) | nouns.Close(mark=mark, sentence=sentence):
            cause, said = mark.cause, sentence
        case _:
            cause, said = decision.need.cause, decision.need.sentence
    pull = next((p.number for p in subject.pulls if p.is_open), None)
    if isinstance(subject.feed, feeds.Tell):
        said = f"an issue would say that the feed is broken; {said}"
    said = "; ".join([said, *undone])
    return Result(subject.name, _WORDS[type(decision)], cause, pull, None, said)


def document(results: Sequence[Result]) -> dict[str, Any]:
    """The results as `interlock/retrain/v1`."""
    return {
        "schema": "interlock/retrain/v1",
        "models": [_document(result) for result in results],
    }


def _document(result: Result) -> dict[str, Any]:
    found = dataclasses.asdict(result)
    del found["exit_code"]
    return found

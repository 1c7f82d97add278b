"""Judges candidates of one revision and writes what it finds to the ledger; scores nothing itself.

What people may do with a verdict is not here: reports tell it, promotions rest on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from interlock import book, errors, places, ruling
from interlock.commands.evaluate import keeping, showing
from interlock.commands.evaluate.drawing import Pen, Pictures
from interlock.commands.evaluate.notes import Notes
from interlock.commands.evaluate.nouns import Answer, Judged, Refused, Request, World
from interlock.commands.evaluate.reading import CannotJudgeError, Reader, Rival
from interlock.domain import case as cases
from interlock.domain import standing
from interlock.domain.case import Case
from interlock.domain.evidence import Attempt, Candidate, Evidence
from interlock.domain.policy import Policy
from interlock.domain.scores import Scores
from interlock.domain.snapshot import ModelAt, Snapshot

__all__ = ["Answer", "Judged", "Refused", "Request", "World", "run"]


def run(request: Request, world: World) -> Answer:
    """Judge, write to the ledger in one commit, and return what was found.

    Raises CannotResolve for an unknown revision or model, CannotReadManifest when a manifest or the
    default branch's policy cannot be read, and OutsideFailure when the run store or Git cannot be
    reached; then nothing is written.
    """
    revision = world.repository.resolve(request.revision)
    if _is_late(request, world):
        return Answer(revision, (), is_late=True)
    world.ledger.refresh()
    head = world.read(world.repository.tree(revision))
    policy = ruling.read(world.repository, branch=request.branch).require()
    judge = _Judge(world, head=head, base=_read_base(request, world), policy=policy)
    results: list[Judged | Refused] = []
    passed_over = []
    for name in _named(request.models, head):
        result = judge.judge(name)
        if result is None and not request.models:
            passed_over.append(name)
        else:
            results.append(result or _unknown(head.models[name], revision))
    judge.notes.write(world.ledger, message=_message(results, revision))
    warnings = tuple(showing.show(judge.scores, world))
    return Answer(revision, tuple(results), tuple(passed_over), warnings=warnings)


def _is_late(request: Request, world: World) -> bool:
    """Whether the pull request that asks is closed: then a run of the past was started again, and
    a verdict against today's champion would be about nothing that anybody can still merge."""
    if request.pull is None or world.github is None:
        return False
    pull = world.github().find_pull(request.pull)
    return pull is None or pull.state != "open"


def _read_base(request: Request, world: World) -> Snapshot | None:
    if request.base is None:
        return None
    return world.read(world.repository.tree(world.repository.resolve(request.base)))


def _named(models: tuple[str, ...], head: Snapshot) -> tuple[str, ...]:
    unknown = [name for name in models if name not in head.models]
    if head.problems and (unknown or not models):
        raise errors.CannotReadManifest("\n".join(str(problem) for problem in head.problems))
    if unknown:
        known = ", ".join(sorted(head.models)) or "none"
        raise errors.CannotResolve(
            f"there is no model {unknown[0]!r} at {head.revision[:12]}", hint=f"models: {known}"
        )
    return tuple(sorted(set(models or head.models)))


def _unknown(at: ModelAt, revision: str) -> Refused:
    name = at.manifest.model
    return Refused(
        name,
        at.fingerprint,
        f"no candidate was trained: `interlock train {name} --rev {revision}` makes one",
    )


def _message(results: Iterable[Judged | Refused], revision: str) -> str:
    lines = [
        f"{r.model}: {r.verdict.outcome}: {r.verdict.sentence}"
        if isinstance(r, Judged)
        else f"{r.model}: {r.reason}"
        for r in results
        if isinstance(r, Refused) or r.is_new
    ]
    names = ", ".join(line.partition(":")[0] for line in lines)
    return f"Judge {names} at {revision[:12]}\n\n" + "\n".join(lines) + "\n"


@dataclass(slots=True)
class _Judge:
    """Judges one model after the other and notes what the ledger does not hold yet, and what the
    runs are to show (`scores`: run to metrics)."""

    world: World
    head: Snapshot
    base: Snapshot | None
    policy: Policy
    notes: Notes = field(default_factory=Notes)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)

    def judge(self, name: str) -> Judged | Refused | None:
        """Return what is found of one model, None when nothing is known of it."""
        at = self.head.models[name]
        if at.fingerprint is None:
            return Refused(name, None, f"it cannot be fingerprinted: {at.blocked}")
        case = self._case(at, at.fingerprint)
        known = book.find_verdict(
            self.world.ledger, model=name, fingerprint=case.fingerprint, key=case.key
        )
        if known is not None:
            # What was relaxed depends on the base as well, which is no part of the key.
            return Judged(name, replace(known, relaxed=case.relaxed), is_new=False)
        return self._judge_anew(case)

    def _case(self, at: ModelAt, fingerprint: str) -> Case:
        name = at.manifest.model
        before = self.base.models.get(name) if self.base else None
        return Case(
            manifest=at.manifest,
            base=before.manifest if before else None,
            policy=self.policy,
            fingerprint=fingerprint,
            revision=self.head.revision,
            standing=standing.find(
                book.promotions(self.world.ledger, model=name), fingerprint=fingerprint
            ),
        )

    def _judge_anew(self, case: Case) -> Judged | Refused | None:
        known = book.find_evidence(self.world.ledger, model=case.name, fingerprint=case.fingerprint)
        runs = self.world.runs()
        candidate = (
            known.candidate
            if known
            else runs.find_candidate(model=case.name, fingerprint=case.fingerprint)
        )
        if candidate is None:
            return self._tell_attempts(case)
        try:
            with places.folder("evaluate") as folder:
                reader = Reader(self.world, runs, self.world.scoring(), folder)
                return self._judge_candidate(case, candidate, known, reader=reader)
        except CannotJudgeError as problem:
            if problem.is_unusable:
                self.notes.add(_attempt(candidate, problem.reason))
            return Refused(case.name, case.fingerprint, problem.reason, candidate.log_tail)

    def _tell_attempts(self, case: Case) -> Refused | None:
        runs = self.world.runs()
        found = runs.find_attempts(model=case.name, fingerprint=case.fingerprint)
        for attempt in found:
            self.notes.add(attempt)
        if not found:
            return None
        last = found[-1]
        reason = f"training failed: {last.reason}"
        return Refused(case.name, case.fingerprint, reason, last.log_tail)

    def _judge_candidate(
        self, case: Case, candidate: Candidate, known: Evidence | None, *, reader: Reader
    ) -> Judged:
        mine = reader.read_candidate(case, candidate)
        rival = reader.read_rival(case)
        try:
            scored = reader.scoring.score(
                mine, champion=rival.predictions, request=case.request, served=rival.served
            )
        except errors.CannotScore as error:
            raise CannotJudgeError(error.line, is_unusable=True) from error
        seen = cases.see(
            case, scored, candidate=candidate, champion=rival.candidate, problem=rival.problem
        )
        drawn = self._draw(case, scored, candidate, rival, reader)
        self.scores[candidate.run_id] = cases.values(seen)
        if known is None:
            scores, positive = cases.values(seen), cases.positive(seen)
            self.notes.add(Evidence(candidate, scored.rows, scores, drawn.paths, positive))
            self._keep(case, candidate, reader)
        verdict = cases.judge(case, seen, pictures=drawn.paths, unshown=drawn.unshown)
        self.notes.add(verdict)
        return Judged(case.name, verdict, is_new=True)

    def _keep(self, case: Case, candidate: Candidate, reader: Reader) -> None:
        at = self.head.models[case.name]
        kept = keeping.read(at, candidate, reader.runs, folder=reader.folder / "kept")
        if kept is not None:
            self.notes.add(kept)

    def _draw(
        self, case: Case, scored: Scores, candidate: Candidate, rival: Rival, reader: Reader
    ) -> Pictures:
        if self.world.plots is None:
            return Pictures()
        pen = Pen(self.world.plots(), reader.runs, reader.folder, case)
        plots = self.head.models[case.name].plots
        drawn = pen.draw(scored, plots, candidate=candidate, champion=rival.candidate)
        self.notes.files.update(drawn.files)
        return drawn


def _attempt(candidate: Candidate, reason: str) -> Attempt:
    """A training whose predictions are unusable is one that failed, and is told as such."""
    return Attempt(
        name=candidate.name,
        fingerprint=candidate.fingerprint,
        revision=candidate.revision,
        run_id=candidate.run_id,
        reason=reason,
        log_tail=candidate.log_tail,
        seconds=candidate.facts.seconds,
    )

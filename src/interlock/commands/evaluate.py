"""Judges candidates of one revision and writes what it finds to the ledger; scores nothing itself.

What people may do with a verdict is not here: reports tell it, promotions rest on it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from interlock import artifacts, book, documents, errors
from interlock.domain import case as cases
from interlock.domain import standing
from interlock.domain.case import Case
from interlock.domain.evidence import Artifact, Attempt, Candidate, Evidence
from interlock.domain.scores import Scores
from interlock.domain.snapshot import ModelAt, Snapshot
from interlock.domain.verdict import Outcome, Verdict
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger
from interlock.ports.plots import Plots
from interlock.ports.runs import Runs
from interlock.ports.scoring import Predictions, Scoring

_KEY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Request:
    """`models` empty asks for all of which anything is known. Rules are the revision's own, the
    policy is that of `base`, so that a change cannot loosen what it is judged by unnoticed."""

    revision: str
    models: tuple[str, ...] = ()
    base: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What judging needs of the world; no pictures are drawn without `plots`."""

    repository: Repository
    read: Callable[[Tree], Snapshot]
    ledger: Ledger
    runs: Runs
    scoring: Scoring
    plots: Plots | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict; `is_new` says that it was reached now, else it was found in the ledger."""

    model: str
    verdict: Verdict
    is_new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """No verdict, and why; `log_tail` is the last that a failed training said."""

    model: str
    fingerprint: str | None
    reason: str
    log_tail: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One result a model, in order of name; `passed_over` are models of which nothing is known."""

    revision: str
    results: tuple[Judged | Refused, ...]
    passed_over: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    """What is to be written to the ledger, all at once."""

    records: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, noun: object) -> None:
        self.records[book.path_of(noun)] = documents.dump(noun)


class _NoVerdictError(Exception):
    """A candidate that cannot be judged; told as a Refused, never to a caller."""

    def __init__(self, reason: str, *, attempt: Attempt | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempt = attempt


def run(request: Request, world: World) -> Answer:
    """Judge, write to the ledger in one commit, and return what was found.

    Raises CannotResolve for an unknown revision or model, CannotReadManifest when a manifest
    cannot be read, and OutsideFailure when the run store or Git cannot be reached; then nothing
    is written.
    """
    world.ledger.refresh()
    revision = world.repository.resolve(request.revision)
    head = world.read(world.repository.tree(revision))
    base = _read_base(request, world)
    notes = _Notes()
    results, passed_over = [], []
    for name in _named(request.models, head):
        result = _judge_model(name, head=head, base=base, world=world, notes=notes)
        if result is None and not request.models:
            passed_over.append(name)
        else:
            results.append(result or _unknown(head.models[name], revision))
    _write(notes, world.ledger, message=_message(results, revision))
    return Answer(revision, tuple(results), tuple(passed_over))


def _read_base(request: Request, world: World) -> Snapshot | None:
    if request.base is None:
        return None
    return world.read(world.repository.tree(world.repository.resolve(request.base)))


def _named(models: tuple[str, ...], head: Snapshot) -> tuple[str, ...]:
    for name in models:
        if name not in head.models:
            known = ", ".join(sorted(head.models)) or "none"
            raise errors.CannotResolve(
                f"there is no model {name!r} at {head.revision[:12]}", hint=f"models: {known}"
            )
    if not models and head.problems:
        raise errors.CannotReadManifest("\n".join(str(problem) for problem in head.problems))
    return tuple(sorted(models or head.models))


def _unknown(at: ModelAt, revision: str) -> Refused:
    name = at.manifest.model
    return Refused(
        name, at.fingerprint, f"no candidate was trained: interlock train {name} --rev {revision}"
    )


def _judge_model(
    name: str, *, head: Snapshot, base: Snapshot | None, world: World, notes: _Notes
) -> Judged | Refused | None:
    """Return what is found of one model, None when nothing is known of it."""
    at = head.models[name]
    if at.fingerprint is None:
        return Refused(name, None, f"it cannot be fingerprinted: {at.blocked}")
    before = base.models.get(name) if base else None
    case = Case(
        manifest=at.manifest,
        base=before.manifest if before else None,
        policy=base.policy if base else head.policy,
        fingerprint=at.fingerprint,
        revision=head.revision,
        standing=standing.find(
            book.promotions(world.ledger, model=name), fingerprint=at.fingerprint
        ),
    )
    known = book.find_verdict(world.ledger, model=name, fingerprint=case.fingerprint, key=case.key)
    if known is not None:
        # What was relaxed depends on the base as well, which is no part of the key.
        return Judged(name, replace(known, relaxed=case.relaxed), is_new=False)
    return _judge_anew(case, world=world, notes=notes)


def _judge_anew(case: Case, *, world: World, notes: _Notes) -> Judged | Refused | None:
    name, fingerprint = case.name, case.fingerprint
    evidence = book.find_evidence(world.ledger, model=name, fingerprint=fingerprint)
    candidate = (
        evidence.candidate
        if evidence
        else world.runs.find_candidate(model=name, fingerprint=fingerprint)
    )
    if candidate is None:
        return _tell_attempts(case, world=world, notes=notes)
    try:
        with tempfile.TemporaryDirectory(prefix="interlock-") as folder:
            return _judge_candidate(
                case, candidate, evidence, world=world, notes=notes, folder=Path(folder)
            )
    except _NoVerdictError as problem:
        if problem.attempt is not None:
            notes.add(problem.attempt)
        return Refused(name, fingerprint, problem.reason, candidate.log_tail)


def _tell_attempts(case: Case, *, world: World, notes: _Notes) -> Refused | None:
    found = world.runs.find_attempts(model=case.name, fingerprint=case.fingerprint)
    for attempt in found:
        notes.add(attempt)
    if not found:
        return None
    last = found[-1]
    return Refused(case.name, case.fingerprint, f"training failed: {last.reason}", last.log_tail)


def _judge_candidate(
    case: Case,
    candidate: Candidate,
    evidence: Evidence | None,
    *,
    world: World,
    notes: _Notes,
    folder: Path,
) -> Judged:
    mine = _read_candidate(case, candidate, world=world, folder=folder)
    rival = _Rival.find(case, world=world, folder=folder)
    try:
        scored = world.scoring.score(mine, champion=rival.predictions, request=case.request)
    except errors.CannotScore as error:
        raise _unusable(candidate, error.message) from error
    seen = cases.see(
        case, scored, candidate=candidate, champion=rival.candidate, problem=rival.problem
    )
    pictures = _draw(case, scored, world=world, notes=notes)
    if evidence is None:
        notes.add(Evidence(candidate, scored.rows, cases.values(seen), pictures))
    verdict = cases.judge(case, seen, pictures=pictures)
    notes.add(verdict)
    return Judged(case.name, verdict, is_new=True)


def _read_candidate(case: Case, candidate: Candidate, *, world: World, folder: Path) -> Predictions:
    artifact = candidate.predictions
    path = world.runs.fetch(candidate.run_id, artifact.path, to=folder / "candidate")
    if not _is_the_same(path, artifact):
        raise _NoVerdictError(
            f"{artifact.path} of run {candidate.run_id} is not what the training recorded "
            f"(SHA-256 {artifact.sha256[:12]}): the run was tampered with or damaged"
        )
    try:
        return world.scoring.read(
            path, name=artifact.path, task=case.manifest.task, slices=case.request.slices
        )
    except errors.CannotScore as error:
        raise _unusable(candidate, error.message) from error


def _unusable(candidate: Candidate, message: str) -> _NoVerdictError:
    """A training whose predictions are unusable is one that failed, and is told as such."""
    attempt = Attempt(
        name=candidate.name,
        fingerprint=candidate.fingerprint,
        revision=candidate.revision,
        run_id=candidate.run_id,
        reason=message,
        log_tail=candidate.log_tail,
        seconds=candidate.facts.seconds,
    )
    return _NoVerdictError(message, attempt=attempt)


def _is_the_same(path: Path, artifact: Artifact) -> bool:
    return artifacts.measure(path, name=artifact.path).sha256 == artifact.sha256


@dataclass(frozen=True, slots=True)
class _Rival:
    """The champion that a candidate is held against; `problem` is why its rows are not at hand."""

    candidate: Candidate | None = None
    predictions: Predictions | None = None
    problem: str = ""

    @staticmethod
    def find(case: Case, *, world: World, folder: Path) -> _Rival:
        served = case.standing.champion
        if served is None or not case.is_compared:
            return _Rival()
        known = book.find_evidence(world.ledger, model=case.name, fingerprint=served)
        if known is None:
            return _Rival(problem="the ledger holds no evidence of the champion")
        champion, artifact = known.candidate, known.candidate.predictions
        path = world.runs.fetch(champion.run_id, artifact.path, to=folder / "champion")
        if not _is_the_same(path, artifact):
            return _Rival(champion, problem="the champion's predictions are not those recorded")
        try:
            read = world.scoring.read(
                path, name=f"the champion's {artifact.path}", task=case.manifest.task
            )
        except errors.CannotScore as error:
            return _Rival(champion, problem=error.message)
        return _Rival(champion, read)


def _draw(case: Case, scored: Scores, *, world: World, notes: _Notes) -> dict[str, str]:
    if world.plots is None:
        return {}
    version = case.standing.version
    drawn = world.plots.draw(
        scored.charts,
        champion=scored.champion_charts,
        names=("candidate", f"champion, version {version}"),
    )
    paths = {}
    for name, png in drawn.items():
        # The champion beside it differs from one judgement to the next, and so must the path.
        path = book.picture_path(case.name, case.fingerprint, f"{name}-{case.key[:_KEY_DIGITS]}")
        notes.files[path] = png
        paths[name] = path
    return paths


def _write(notes: _Notes, ledger: Ledger, *, message: str) -> None:
    """Append everything in one commit; what another evaluation wrote meanwhile is left alone."""
    if not notes.records:
        return
    try:
        ledger.append(notes.records, message=message, files=notes.files)
    except errors.LedgerBroken:
        # The same judgement of another commit differs in its revision: the first one stands.
        ledger.refresh()
        records = {p: r for p, r in notes.records.items() if ledger.read(p) is None}
        files = {p: f for p, f in notes.files.items() if ledger.read_bytes(p) is None}
        if len(records) + len(files) == len(notes.records) + len(notes.files):
            raise
        if records:
            ledger.append(records, message=message, files=files)


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


def is_passed(answer: Answer) -> bool:
    """Say whether something was judged and all of it passed."""
    verdicts = [r.verdict for r in answer.results if isinstance(r, Judged)]
    is_all = len(verdicts) == len(answer.results) > 0
    return is_all and all(verdict.outcome is Outcome.PASS for verdict in verdicts)

"""Audits the ledger: safe paths, and a history to which files were only added; without Git."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import proof
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.proof import LedgerEntry

# Area, model, then names that start with a letter or a digit: no "..", no hidden file, no option.
_PATH = re.compile(r"[a-z][a-z-]*/[a-z][a-z0-9-]*(/[0-9A-Za-z][0-9A-Za-z._-]*)+\.(json|png)")
_MODEL = re.compile(r"[a-z][a-z0-9-]*")
_HEX = re.compile(r"[0-9a-f]{4,64}")


def check_path(path: str) -> str:
    """Return the path; raises CannotResolve for one that cannot be a record or a picture."""
    if not _PATH.fullmatch(path):
        raise errors.CannotResolve(
            f"{path!r} cannot be a path in the ledger",
            hint="<area>/<model>/<name>.json; `interlock ledger log` lists those that exist",
        )
    return path


def check_model(name: str) -> str:
    """Return the name; raises CannotResolve for one that no manifest may carry."""
    if not _MODEL.fullmatch(name):
        raise errors.CannotResolve(
            f"{name!r} cannot be a model's name",
            hint="lower-case letters, digits and hyphens, a letter first",
        )
    return name


def check_hex(text: str) -> str:
    """Return a fingerprint, key or commit id; raises CannotResolve for anything but hex digits."""
    if not _HEX.fullmatch(text):
        raise errors.CannotResolve(f"{text!r} is not a digest", hint="4 to 64 hex digits")
    return text


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """One JSON file as a commit added it.

    `noun` is its content, and `previous` is the commit that the file names as its predecessor
    (None: it claims to be the first). `problem` is the reason why there is no noun.
    """

    path: str
    noun: object | None = None
    previous: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LedgerCommit:
    """One commit of the ledger's history and its changes to the tree of its parent."""

    id: str
    parents: tuple[str, ...]
    subject: str = ""
    records: tuple[LedgerFile, ...] = ()
    files: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the history does not fit an append-only ledger."""

    commit: str
    path: str
    sentence: str


@dataclass(slots=True)
class _Known:
    """The facts that the earlier commits established."""

    intents: dict[tuple[object, ...], Promotion] = field(default_factory=dict)
    holds: dict[str, list[Hold]] = field(default_factory=dict)


Find = Callable[[str, str], Manifest | None]
"""The manifest of a model at a revision; None if it is unknown."""


def verify(
    commits: Sequence[LedgerCommit], *, find_manifest: Find | None = None
) -> tuple[Violation, ...]:
    """Return every violation in a history, from its first commit to its last.

    A record names the commit that it was written over, and a commit's id covers all its content.
    An edit, a removal or a move of one commit therefore leaves later records that name missing
    commits. This does not protect the last commits: compare this history with an earlier known
    head. With `find_manifest`, verdicts are also compared with the gates of their manifest.
    """
    known = _Known()
    violations: list[Violation] = []
    parent: str | None = None
    for commit in commits:
        violations += _shape(commit, parent)
        violations += _chain(commit, parent)
        violations += _meaning(commit, known)
        parent = commit.id
    return (*violations, *_unproven(commits, find_manifest))


def _unproven(commits: Sequence[LedgerCommit], find_manifest: Find | None) -> Iterator[Violation]:
    """Find promotions that began without a proof."""
    entries: dict[str, list[LedgerEntry]] = {}
    begun: list[tuple[LedgerCommit, str, Promotion]] = []
    for number, commit in enumerate(commits, start=1):
        for record in commit.records:
            noun = record.noun
            if isinstance(noun, Evidence):
                entries.setdefault(noun.candidate.name, []).append(LedgerEntry(noun, number))
            elif isinstance(noun, Acceptance | Hold | Promotion | Verdict):
                entries.setdefault(noun.model, []).append(LedgerEntry(noun, number))
            if isinstance(noun, Promotion) and noun.phase is Phase.INTENT:
                begun.append((commit, record.path, noun))
    for commit, path, intent in begun:
        manifest = find_manifest(intent.model, intent.revision) if find_manifest else None
        why = proof.check_proof(intent, entries[intent.model], manifest=manifest)
        if why:
            yield Violation(commit.id, path, f"nothing proves it: {why}")


def _shape(commit: LedgerCommit, parent: str | None) -> Iterator[Violation]:
    """Check that a commit has only the previous commit as its parent, and only adds files at
    allowed paths."""
    if commit.parents != (() if parent is None else (parent,)):
        names = ", ".join(p[:12] for p in commit.parents) or "nothing"
        yield Violation(commit.id, "", f"it was written over {names}, not over {_name(parent)}")
    for path in commit.changed:
        yield Violation(commit.id, path, "a record was changed")
    for path in commit.removed:
        yield Violation(commit.id, path, "a record was removed")
    for path in (*commit.files, *(record.path for record in commit.records)):
        if not _PATH.fullmatch(path):
            yield Violation(commit.id, path, "it is not a valid path of a record")
    if not commit.records and not commit.files and not commit.changed and not commit.removed:
        yield Violation(commit.id, "", "it adds nothing")


def _chain(commit: LedgerCommit, parent: str | None) -> Iterator[Violation]:
    for record in commit.records:
        if record.problem:
            yield Violation(commit.id, record.path, record.problem)
        elif record.previous != parent:
            claim = f"it was written over {_name(record.previous)}"
            yield Violation(commit.id, record.path, f"{claim}, not over {_name(parent)}")


def _meaning(commit: LedgerCommit, known: _Known) -> Iterator[Violation]:
    """Check that an outcome has an intent, and that holds are in order."""
    nouns = [(record.path, record.noun) for record in commit.records]
    acts = [noun for _, noun in nouns if isinstance(noun, Promotion)]
    for path, noun in nouns:
        if isinstance(noun, Hold):
            for sentence in _hold(noun, known.holds.setdefault(noun.model, []), acts):
                yield Violation(commit.id, path, sentence)
    for path, noun in nouns:
        if isinstance(noun, Promotion):
            for sentence in _promotion(noun, known):
                yield Violation(commit.id, path, sentence)


def _hold(hold: Hold, before: list[Hold], acts: Sequence[Promotion]) -> Iterator[str]:
    """Check the number of a hold, and that it begins the promotion of its fingerprint."""
    if hold.epoch != holding.epoch(before) + 1:
        yield f"it is number {hold.epoch}, after {holding.epoch(before)}"
    if hold.step is HoldStep.RELEASE and holding.active(before) is None:
        yield "it releases a model without a hold"
    pins = [(a.model, a.epoch, a.fingerprint) for a in acts if a.phase is Phase.INTENT]
    if hold.step is HoldStep.HOLD and (hold.model, hold.epoch, hold.fingerprint) not in pins:
        yield "it pins a fingerprint that no act of its commit promotes"
    before.append(hold)


def _promotion(promotion: Promotion, known: _Known) -> Iterator[str]:
    intents = known.intents
    if promotion.epoch > holding.epoch(known.holds.get(promotion.model, ())):
        yield f"there was no hold or release {promotion.epoch} before it"
    act = (promotion.model, *promotion.act)
    if promotion.phase is Phase.INTENT:
        intents[act] = promotion
    elif act not in intents:
        yield "it closes an act that was never begun"
    elif refusal := proof.check_outcome(promotion, intents[act]):
        yield refusal.reason


def _name(commit: str | None) -> str:
    return "nothing" if commit is None else commit[:12]

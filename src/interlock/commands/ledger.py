"""`ledger`: reads the record and walks its history; writes nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interlock import documents, errors
from interlock.domain.model.manifest import Manifest
from interlock.domain.promotion import ledger_audit as sound
from interlock.domain.promotion.ledger_audit import LedgerCommit, LedgerFile, Violation
from interlock.domain.promotion.promotion import Promotion
from interlock.ledger import lookup
from interlock.ports.git import Repository, TreeEntry
from interlock.ports.ledger import Ledger
from interlock.services import snapshots

_AREAS = (
    "evidence",
    "verdicts",
    "acceptances",
    "attempts",
    "holds",
    "corrections",
    "pictures",
)


@dataclass(frozen=True, slots=True)
class ModelRecords:
    """What the ledger holds of one model. `records` are the paths of each area, sorted."""

    model: str
    champion: Promotion | None
    promotions: tuple[Promotion, ...]
    records: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Audit:
    """`commits` is how many were read, `head` the last of them; sound when nothing is broken."""

    head: str | None
    commits: int
    violations: tuple[Violation, ...]


def show_record(*, ledger: Ledger, path: str) -> dict[str, Any]:
    """Return one record as it was written, its envelope included; raises CannotResolve."""
    data = ledger.read_bytes(path)
    if data is None:
        raise errors.CannotResolve(
            f"the ledger has no {path}", hint="interlock ledger log lists what it has"
        )
    try:
        document = documents.parse(data, where=path)
    except errors.CannotReadDocument:
        document = None
    if not isinstance(document, dict):
        raise errors.LedgerBroken(
            f"{path} is not a JSON object", hint="interlock ledger verify names the commit"
        )
    return document


def show_model(*, ledger: Ledger, model: str) -> ModelRecords:
    """Return what the ledger holds of a model; raises CannotResolve when that is nothing."""
    sound.check_model(model)
    found = {area: ledger.list(f"{area}/{model}") for area in _AREAS if area != "pictures"}
    promotions = lookup.promotions(ledger, model=model)
    if not promotions and not any(found.values()):
        raise errors.CannotResolve(
            f"the ledger has no record of model {model!r}",
            hint="interlock ledger log lists what it has",
        )
    return ModelRecords(model, lookup.champion(ledger, model=model), promotions, found)


def log(*, repository: Repository, ledger: Ledger, model: str = "") -> tuple[LedgerCommit, ...]:
    """Return the ledger's commits from newest to oldest, or those that touch one model."""
    commits = reversed(tuple(_read_history(repository, ledger.head)))
    return tuple(commit for commit in commits if not model or _touches(commit, model))


def verify(*, repository: Repository, ledger: Ledger, against: str = "") -> Audit:
    """Walk the whole history; `against` is a revision that was the ledger's head once.

    Raises CannotResolve when `against` does not exist here.
    """
    commits = tuple(_read_history(repository, ledger.head))
    violations = list(sound.verify(commits, find_manifest=_manifests(repository)))
    if against:
        seen = repository.resolve(against)
        if ledger.head is None or not repository.is_ancestor(seen, ledger.head):
            sentence = f"the ledger does not continue {seen[:12]}: its history was rewritten"
            violations.append(Violation(ledger.head or seen, "", sentence))
    return Audit(ledger.head, len(commits), tuple(violations))


def _manifests(repository: Repository) -> sound.Find:
    """A manifest at a revision, as this version reads it; None where this clone has no such commit,
    or no such manifest."""
    reader = snapshots.Reader()

    @functools.cache
    def find(model: str, revision: str) -> Manifest | None:
        try:
            return reader.read_model(repository.tree(revision), model).manifest
        except (errors.BadInput, errors.CannotReachGit):
            return None

    return find


def _touches(commit: LedgerCommit, model: str) -> bool:
    paths = (*commit.files, *commit.changed, *commit.removed, *(r.path for r in commit.records))
    return any(path.split("/")[1:2] == [model] for path in paths)


def _read_history(repository: Repository, head: str | None) -> Iterator[LedgerCommit]:
    """Every commit from the first to the head, with what it did to the tree before it."""
    before: Mapping[str, TreeEntry] = {}
    for commit, subject in reversed(repository.log(head) if head else ()):
        tree = repository.tree(commit)
        after = {path: e for path, e in tree.entries.items() if e.mode != "040000"}
        added = sorted(after.keys() - before.keys())
        kept = after.keys() & before.keys()
        content = tree.read_many(path for path in added if path.endswith(".json"))
        yield LedgerCommit(
            id=commit,
            parents=repository.parents(commit),
            subject=subject,
            records=tuple(_record(path, content) for path in added if path.endswith(".json")),
            files=tuple(path for path in added if not path.endswith(".json")),
            changed=tuple(sorted(path for path in kept if after[path] != before[path])),
            removed=tuple(sorted(before.keys() - after.keys())),
        )
        before = after


def _record(path: str, content: Mapping[str, bytes]) -> LedgerFile:
    if path not in content:
        return LedgerFile(path, problem="it is not a file")
    return lookup.read_file(path, content[path])


def document(found: ModelRecords) -> dict[str, Any]:
    """Return `interlock/ledger-model/v1`."""
    return {
        "schema": "interlock/ledger-model/v1",
        "model": found.model,
        "champion": None if found.champion is None else documents.dump(found.champion),
        "promotions": [documents.dump(promotion) for promotion in found.promotions],
        "records": {area: list(paths) for area, paths in found.records.items()},
    }

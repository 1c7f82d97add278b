"""Finds records in the ledger. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable

from interlock import errors
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.basics.refusal import Refusal
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.data_digests import DataContent
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.promotion import hold as holding
from interlock.domain.promotion import proof, record_order, relation_to_champion
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.proof import LedgerEntry
from interlock.domain.promotion.repair import Repair
from interlock.ledger import reading
from interlock.ledger.monitoring import (
    drift_report,
    drift_windows,
    find_profile,
    performance_report,
    performance_reports,
    performance_windows,
    retraining_names,
    retrainings,
    window_verdicts,
)
from interlock.ledger.production import champion, previous_champion
from interlock.ledger.reading import read_file
from interlock.ledger.records import at, evidence_path, folder, path_of, window_name
from interlock.ports.ledger import Ledger

__all__ = [
    "EVIDENCE",
    "acceptances",
    "active_hold",
    "attempts",
    "champion",
    "commands",
    "current_key",
    "drift_report",
    "drift_windows",
    "evidence_path",
    "evidence_paths",
    "find_command",
    "find_data",
    "find_evidence",
    "find_outputs",
    "find_profile",
    "find_promotion",
    "find_verdict",
    "history",
    "holds",
    "path_of",
    "performance_report",
    "performance_reports",
    "performance_windows",
    "previous_champion",
    "promoted_models",
    "promotions",
    "read_evidence",
    "read_file",
    "repairs",
    "retraining_names",
    "retrainings",
    "verdicts",
    "window_name",
    "window_verdicts",
]


EVIDENCE = folder(Evidence)
"""The area of evidence."""


def find_evidence(ledger: Ledger, *, model: str, fingerprint: str) -> Evidence | None:
    return reading.find(ledger, evidence_path(model, fingerprint), Evidence)


def evidence_paths(ledger: Ledger, *, model: str) -> tuple[str, ...]:
    return ledger.list(folder(Evidence, model))


def read_evidence(ledger: Ledger, path: str) -> Evidence:
    """Return the record at one of the paths of `evidence_paths`."""
    return reading.read(ledger, path, Evidence)


def find_outputs(ledger: Ledger, *, model: str, fingerprint: str) -> KeptFiles | None:
    """Return the metrics and plots that a training left for Git; None without any."""
    return reading.find(ledger, at(KeptFiles, model, fingerprint), KeptFiles)


def find_data(ledger: Ledger, contents: Iterable[DataContent]) -> tuple[DataContent, ...]:
    """Return the records of data with the digests of these contents, in one request."""
    known = ledger.read_many(path_of(each) for each in contents)
    return tuple(reading.load(path, document, DataContent) for path, document in known.items())


def find_verdict(ledger: Ledger, *, model: str, fingerprint: str, key: str) -> Verdict | None:
    return reading.find(ledger, at(Verdict, model, fingerprint, key), Verdict)


def verdicts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Verdict, ...]:
    """Return every evaluation of a fingerprint, with any rules and any champion."""
    return reading.read_all(ledger, Verdict, model, fingerprint)


def attempts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
    return reading.read_all(ledger, Attempt, model, fingerprint)


def acceptances(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Acceptance, ...]:
    return reading.read_all(ledger, Acceptance, model, fingerprint)


def promotions(ledger: Ledger, *, model: str) -> tuple[Promotion, ...]:
    """Return every record of every promotion of a model, in order of position."""
    return reading.read_all(ledger, Promotion, model)


def find_promotion(ledger: Ledger, path: str) -> Promotion | None:
    """Return the promotion at a path of `path_of`; None without one."""
    return reading.find(ledger, path, Promotion)


def holds(ledger: Ledger, *, model: str) -> tuple[Hold, ...]:
    """Return every hold and release of a model, in order."""
    return reading.read_all(ledger, Hold, model)


def active_hold(ledger: Ledger, *, model: str) -> Hold | None:
    """Return the active hold of a model, or None; only the last record is read."""
    paths = ledger.list(folder(Hold, model))
    return holding.active(reading.read(ledger, path, Hold) for path in paths[-1:])


def promoted_models(ledger: Ledger) -> tuple[str, ...]:
    """Return the models with at least one promotion, sorted."""
    return ledger.children(folder(Promotion))


def repairs(ledger: Ledger, *, model: str) -> tuple[int, tuple[Repair, ...]]:
    """Return the number of repairs of a model, and those that are not done."""
    paths = ledger.list(folder(Repair, model))
    done = {path.removesuffix("-done.json") for path in paths}
    intents = [path for path in paths if path.endswith("-intent.json")]
    left = (path for path in intents if path.removesuffix("-intent.json") not in done)
    return len(intents), reading.read_many(ledger, left, Repair)


def find_command(
    ledger: Ledger, *, pull: int, source: CommentKind, number: int
) -> CommandRecord | None:
    """Return the record of one comment or review; None if it has none yet."""
    path = at(CommandRecord, f"pull-{pull}", f"{source}-{number}")
    return reading.find(ledger, path, CommandRecord)


def commands(ledger: Ledger, *, pull: int) -> tuple[CommandRecord, ...]:
    """Return every command on a pull request, oldest first."""
    records = reading.read_all(ledger, CommandRecord, f"pull-{pull}")
    return tuple(sorted(records, key=lambda record: (record.at, record.id)))


def history(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[LedgerEntry, ...]:
    """Return the acts of a fingerprint and their proof, each with its place in their order.

    Raises LedgerBroken if the intents contradict one another about the order.
    """
    kinds: dict[type, tuple[str, ...]] = {
        Promotion: (model,),
        Hold: (model,),
        Verdict: (model, fingerprint),
        Acceptance: (model, fingerprint),
    }
    files = [(path, k) for k, parts in kinds.items() for path in ledger.list(folder(k, *parts))]
    if find_evidence(ledger, model=model, fingerprint=fingerprint) is not None:
        files.append((evidence_path(model, fingerprint), Evidence))
    documents = ledger.read_many(path for path, _ in files)
    nouns: dict[str, object] = {
        path: reading.load(path, documents.get(path), kind) for path, kind in files
    }
    intents = (p for p, n in nouns.items() if proof.is_intent(n) and n.fingerprint == fingerprint)
    order = record_order.positions(nouns, ledger.earlier(dict.fromkeys(intents, tuple(nouns))))
    if isinstance(order, Refusal):
        raise errors.LedgerBroken(order.reason, hint=reading.HINT)
    return tuple(LedgerEntry(noun, order[path]) for path, noun in nouns.items())


def current_key(ledger: Ledger, *, model: ModelAt, policy: Policy) -> str:
    """Return the key of the evaluation that counts now: of these rules and this champion.

    Raises CannotFingerprint when the model has no fingerprint.
    """
    name, fingerprint = model.manifest.model, model.fingerprint
    if fingerprint is None:
        raise errors.CannotFingerprint(f"{name} has no fingerprint: {model.blocked}")
    relation = relation_to_champion.find(promotions(ledger, model=name), fingerprint=fingerprint)
    return gates.key(
        fingerprint=fingerprint,
        manifest=model.manifest,
        policy=policy,
        champion=relation.champion,
        rollback=relation.is_rollback,
    )

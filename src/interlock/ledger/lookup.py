"""The ledger's table of contents: which record lies where; nothing is written here."""

from __future__ import annotations

from interlock import errors
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.evaluation import gates
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.promotion import promotion as acts
from interlock.domain.promotion import relation_to_champion
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.promotion import Promotion
from interlock.domain.promotion.proof import LedgerEntry
from interlock.domain.promotion.reconciliation import Repair
from interlock.ledger import records
from interlock.ledger.monitoring import (
    drift_ends,
    drift_report,
    drift_summary,
    find_profile,
    performance_ends,
    performance_report,
    performance_reports,
    retraining_names,
    retrainings,
)
from interlock.ledger.paths import (
    acceptance_path,
    attempt_path,
    command_path,
    drift_name,
    drift_path,
    evidence_path,
    hold_path,
    kept_path,
    performance_path,
    picture_path,
    profile_path,
    promotion_path,
    repair_path,
    retraining_path,
    stamp,
    verdict_path,
)
from interlock.ledger.records import path_of, read_record
from interlock.ports.ledger import Ledger

__all__ = [
    "acceptance_path",
    "acceptances",
    "attempt_path",
    "attempts",
    "champion",
    "command_path",
    "commands",
    "current_key",
    "drift_ends",
    "drift_name",
    "drift_path",
    "drift_report",
    "drift_summary",
    "evidence_path",
    "find_command",
    "find_evidence",
    "find_outputs",
    "find_profile",
    "find_promotion",
    "find_verdict",
    "history",
    "hold_path",
    "holds",
    "kept_path",
    "path_of",
    "performance_ends",
    "performance_path",
    "performance_report",
    "performance_reports",
    "picture_path",
    "profile_path",
    "promoted_models",
    "promotion_path",
    "promotions",
    "read_evidence",
    "read_record",
    "repair_path",
    "repairs",
    "retraining_names",
    "retraining_path",
    "retrainings",
    "stamp",
    "verdict_path",
    "verdicts",
]


def find_evidence(ledger: Ledger, *, model: str, fingerprint: str) -> Evidence | None:
    return records.find(ledger, evidence_path(model, fingerprint), Evidence)


def read_evidence(ledger: Ledger, path: str) -> Evidence:
    """The record at a path below `evidence` that the ledger lists."""
    return records.read(ledger, path, Evidence)


def find_outputs(ledger: Ledger, *, model: str, fingerprint: str) -> KeptFiles | None:
    """What a training left for Git; None where it left nothing, or an older version judged it."""
    return records.find(ledger, kept_path(model, fingerprint), KeptFiles)


def find_verdict(ledger: Ledger, *, model: str, fingerprint: str, key: str) -> Verdict | None:
    return records.find(ledger, verdict_path(model, fingerprint, key), Verdict)


def verdicts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Verdict, ...]:
    """Every judgement of a fingerprint, by whatever rules and against whatever champion."""
    paths = ledger.list(f"verdicts/{model}/{fingerprint}")
    return records.every(ledger, paths, Verdict)


def attempts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
    paths = ledger.list(f"attempts/{model}/{fingerprint}")
    return records.every(ledger, paths, Attempt)


def acceptances(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Acceptance, ...]:
    paths = ledger.list(f"acceptances/{model}/{fingerprint}")
    return records.every(ledger, paths, Acceptance)


def promotions(ledger: Ledger, *, model: str) -> tuple[Promotion, ...]:
    """Every record of every promotion of a model, in order of position."""
    paths = ledger.list(f"promotions/{model}")
    return records.every(ledger, paths, Promotion)


def find_promotion(ledger: Ledger, path: str) -> Promotion | None:
    """The record at the path that `promotion_path` gives; None where there is none."""
    return records.find(ledger, path, Promotion)


def holds(ledger: Ledger, *, model: str) -> tuple[Hold, ...]:
    """Every hold and release of a model, in their order."""
    paths = ledger.list(f"holds/{model}")
    return records.every(ledger, paths, Hold)


def promoted_models(ledger: Ledger) -> tuple[str, ...]:
    """Every model that anything was ever promoted of, sorted."""
    return tuple(sorted({path.split("/")[1] for path in ledger.list("promotions")}))


def repairs(ledger: Ledger, *, model: str) -> tuple[int, tuple[Repair, ...]]:
    """How many corrections of a model were begun, and those among them that have not ended."""
    paths = ledger.list(f"corrections/{model}")
    ended = {path.removesuffix("-done.json") for path in paths}
    begun = [path for path in paths if path.endswith("-intent.json")]
    left = (path for path in begun if path.removesuffix("-intent.json") not in ended)
    return len(begun), records.every(ledger, left, Repair)


def find_command(
    ledger: Ledger, *, pull: int, source: CommentKind, number: int
) -> CommandRecord | None:
    """What came of one comment or review, None when nothing did yet."""
    return records.find(ledger, command_path(pull, source, number), CommandRecord)


def commands(ledger: Ledger, *, pull: int) -> tuple[CommandRecord, ...]:
    """Everything that was asked on a pull request, oldest first."""
    paths = ledger.list(f"commands/pull-{pull}")
    found = records.every(ledger, paths, CommandRecord)
    return tuple(sorted(found, key=lambda each: (each.at, each.id)))


def history(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[LedgerEntry, ...]:
    """What proves the acts of a fingerprint, and these acts: in the order in which it was written
    where the order matters."""
    positions = ledger.positions()
    kinds_: dict[str, type] = {
        f"promotions/{model}": Promotion,
        f"holds/{model}": Hold,
        f"verdicts/{model}/{fingerprint}": Verdict,
        f"acceptances/{model}/{fingerprint}": Acceptance,
    }
    found = [(path, kind) for folder, kind in kinds_.items() for path in ledger.list(folder)]
    evidence = find_evidence(ledger, model=model, fingerprint=fingerprint)
    if evidence is not None:
        found.append((evidence_path(model, fingerprint), Evidence))
    return tuple(
        LedgerEntry(records.read(ledger, path, kind), positions[path]) for path, kind in found
    )


def champion(ledger: Ledger, *, model: str) -> Promotion | None:
    """What is served: the finished promotion with the highest position."""
    return acts.champion(promotions(ledger, model=model))


def current_key(ledger: Ledger, *, model: ModelAt, policy: Policy) -> str:
    """The judgement that counts for a model now: under these rules, against what is served.

    Raises CannotFingerprint when the model has no fingerprint.
    """
    name, fingerprint = model.manifest.model, model.fingerprint
    if fingerprint is None:
        raise errors.CannotFingerprint(f"{name} has no fingerprint: {model.blocked}")
    stands = relation_to_champion.find(promotions(ledger, model=name), fingerprint=fingerprint)
    return gates.key(
        fingerprint=fingerprint,
        manifest=model.manifest,
        policy=policy,
        champion=stands.champion,
        rollback=stands.is_rollback,
    )

"""The ledger's table of contents: which record lies where; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from interlock import documents, errors
from interlock.domain import gates, moments, standing
from interlock.domain import ledger as sound
from interlock.domain import promotion as acts
from interlock.domain.acceptance import Acceptance
from interlock.domain.asked import Asked, Source
from interlock.domain.evidence import Attempt, Evidence
from interlock.domain.hold import Hold
from interlock.domain.policy import Policy
from interlock.domain.promotion import Phase, Promotion
from interlock.domain.reconciliation import Repair
from interlock.domain.snapshot import ModelAt
from interlock.domain.verdict import Verdict
from interlock.domain.watch import (
    DriftReport,
    Glance,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
    Step,
)
from interlock.ports.ledger import Ledger


def evidence_path(model: str, fingerprint: str) -> str:
    return f"evidence/{sound.check_model(model)}/{sound.check_hex(fingerprint)}.json"


def verdict_path(model: str, fingerprint: str, key: str) -> str:
    folder = f"verdicts/{sound.check_model(model)}/{sound.check_hex(fingerprint)}"
    return sound.check_path(f"{folder}/{key}.json")


def attempt_path(attempt: Attempt) -> str:
    folder = f"attempts/{sound.check_model(attempt.name)}/{sound.check_hex(attempt.fingerprint)}"
    return sound.check_path(f"{folder}/{attempt.run_id}.json")


def acceptance_path(acceptance: Acceptance) -> str:
    model = sound.check_model(acceptance.model)
    folder = f"acceptances/{model}/{sound.check_hex(acceptance.fingerprint)}"
    return sound.check_path(f"{folder}/{acceptance.key}-{acceptance.revision}.json")


def picture_path(model: str, fingerprint: str, name: str) -> str:
    folder = f"pictures/{sound.check_model(model)}/{sound.check_hex(fingerprint)}"
    return sound.check_path(f"{folder}/{name}.png")


def promotion_path(promotion: Promotion) -> str:
    # One path for both ways an act can end, so that it ends once: nothing is ever replaced.
    end = "intent" if promotion.phase is Phase.INTENT else "outcome"
    epoch = f"-{promotion.epoch}" if promotion.epoch else ""
    name = f"{promotion.position:08d}-{promotion.fingerprint[:12]}{epoch}-{end}"
    sound.check_hex(promotion.fingerprint)
    return f"promotions/{sound.check_model(promotion.model)}/{name}.json"


def hold_path(hold: Hold) -> str:
    # One path for a hold and a release, so that of two at once the second finds its place taken.
    return sound.check_path(f"holds/{sound.check_model(hold.model)}/{hold.epoch:08d}.json")


def repair_path(repair: Repair) -> str:
    model = sound.check_model(repair.model)
    return sound.check_path(f"corrections/{model}/{repair.number:08d}-{repair.step}.json")


def asked_path(pull: int, source: Source, number: int) -> str:
    return sound.check_path(f"commands/pull-{pull}/{source}-{number}.json")


def stamp(moment: str) -> str:
    """20260314T000000Z of 2026-03-14T00:00:00+00:00: a time as a name that sorts."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def drift_path(report: DriftReport) -> str:
    # One path for a window, so that of two monitors the second finds it reported.
    return sound.check_path(f"drift/{sound.check_model(report.model)}/{stamp(report.end)}.json")


def performance_path(report: PerformanceReport) -> str:
    name = f"{stamp(report.end)}-{report.performance.rows}"
    return sound.check_path(f"performance/{sound.check_model(report.model)}/{name}.json")


def profile_path(model: str, fingerprint: str, rules: str) -> str:
    name = f"{sound.check_hex(fingerprint)}-{sound.check_hex(rules)}"
    return sound.check_path(f"profiles/{sound.check_model(model)}/{name}.json")


def retraining_path(request: RetrainingRequest) -> str:
    # A request is written before its pull request has a number, and once more with it.
    number = f"-{request.pull}" if request.pull is not None else ""
    name = f"{stamp(request.at)}-{request.step}{number}"
    return sound.check_path(f"retrainings/{sound.check_model(request.model)}/{name}.json")


def find_evidence(ledger: Ledger, *, model: str, fingerprint: str) -> Evidence | None:
    path = evidence_path(model, fingerprint)
    document = ledger.read(path)
    return None if document is None else documents.load(document, Evidence, where=path)


def find_verdict(ledger: Ledger, *, model: str, fingerprint: str, key: str) -> Verdict | None:
    path = verdict_path(model, fingerprint, key)
    document = ledger.read(path)
    return None if document is None else documents.load(document, Verdict, where=path)


def verdicts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Verdict, ...]:
    """Every judgement of a fingerprint, by whatever rules and against whatever champion."""
    paths = ledger.list(f"verdicts/{model}/{fingerprint}")
    return tuple(documents.load(ledger.read(path), Verdict, where=path) for path in paths)


def attempts(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
    paths = ledger.list(f"attempts/{model}/{fingerprint}")
    return tuple(documents.load(ledger.read(path), Attempt, where=path) for path in paths)


def acceptances(ledger: Ledger, *, model: str, fingerprint: str) -> tuple[Acceptance, ...]:
    paths = ledger.list(f"acceptances/{model}/{fingerprint}")
    return tuple(documents.load(ledger.read(path), Acceptance, where=path) for path in paths)


def promotions(ledger: Ledger, *, model: str) -> tuple[Promotion, ...]:
    """Every record of every promotion of a model, in order of position."""
    paths = ledger.list(f"promotions/{model}")
    return tuple(documents.load(ledger.read(path), Promotion, where=path) for path in paths)


def holds(ledger: Ledger, *, model: str) -> tuple[Hold, ...]:
    """Every hold and release of a model, in their order."""
    paths = ledger.list(f"holds/{model}")
    return tuple(documents.load(ledger.read(path), Hold, where=path) for path in paths)


def drift_reports(ledger: Ledger, *, model: str) -> tuple[DriftReport, ...]:
    """What was said of every window of a model, oldest first."""
    paths = ledger.list(f"drift/{model}")
    return tuple(documents.load(ledger.read(path), DriftReport, where=path) for path in paths)


def drift_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Which windows were looked at, oldest first: their ends in seconds, and the paths of their
    records, of which none is opened."""
    return _ends(ledger.list(f"drift/{model}"))


def drift_glance(ledger: Ledger, path: str) -> Glance:
    """What is short of the record at one of the paths of `drift_ends`."""
    return documents.load(ledger.read(path), Glance, where=path)


def drift_report(ledger: Ledger, path: str) -> DriftReport:
    """The record at one of the paths of `drift_ends`."""
    return documents.load(ledger.read(path), DriftReport, where=path)


def performance_ends(ledger: Ledger, *, model: str) -> dict[int, str]:
    """Of which windows labels were judged, as `drift_ends`; the record with the most rows."""
    paths = ledger.list(f"performance/{model}")
    return _ends(sorted(paths, key=lambda path: int(_name(path).partition("-")[2])))


def performance_report(ledger: Ledger, path: str) -> PerformanceReport:
    """The record at one of the paths of `performance_ends`."""
    return documents.load(ledger.read(path), PerformanceReport, where=path)


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".json")


def _ends(paths: Iterable[str]) -> dict[int, str]:
    found = {moments.read_name(_name(path).partition("-")[0]): path for path in paths}
    return dict(sorted((end, path) for end, path in found.items() if end is not None))


def find_profile(
    ledger: Ledger, *, model: str, fingerprint: str, rules: str
) -> ReferenceProfile | None:
    path = profile_path(model, fingerprint, rules)
    document = ledger.read(path)
    return None if document is None else documents.load(document, ReferenceProfile, where=path)


def performance_reports(ledger: Ledger, *, model: str) -> tuple[PerformanceReport, ...]:
    """Of every window whose labels came, oldest first; the one with the most rows counts."""
    paths = ledger.list(f"performance/{model}")
    return tuple(documents.load(ledger.read(path), PerformanceReport, where=path) for path in paths)


def retrainings(ledger: Ledger, *, model: str) -> tuple[RetrainingRequest, ...]:
    """What was asked for on behalf of a model, oldest first."""
    paths = ledger.list(f"retrainings/{model}")
    return tuple(documents.load(ledger.read(path), RetrainingRequest, where=path) for path in paths)


_RETRAINING = re.compile(rf"retrainings/([^/]+)/(\w+)-({'|'.join(Step)})(?:-(\d+))?\.json")


def retraining_names(ledger: Ledger) -> tuple[tuple[str, int, Step, int | None], ...]:
    """What the names of all models' requests tell, oldest first: model, time in seconds, step, pull
    request; of the records none is opened."""
    found = []
    for path in ledger.list("retrainings"):
        told = _RETRAINING.fullmatch(path)
        at = moments.read_name(told[2]) if told else None
        if told is not None and at is not None:
            found.append((told[1], at, Step(told[3]), int(told[4]) if told[4] else None))
    return tuple(sorted(found, key=lambda each: each[1]))


def promoted(ledger: Ledger) -> tuple[str, ...]:
    """Every model that anything was ever promoted of, sorted."""
    return tuple(sorted({path.split("/")[1] for path in ledger.list("promotions")}))


def repairs(ledger: Ledger, *, model: str) -> tuple[int, tuple[Repair, ...]]:
    """How many corrections of a model were begun, and those among them that have not ended."""
    paths = ledger.list(f"corrections/{model}")
    ended = {path.removesuffix("-done.json") for path in paths}
    begun = [path for path in paths if path.endswith("-intent.json")]
    left = (path for path in begun if path.removesuffix("-intent.json") not in ended)
    found = (documents.load(ledger.read(path), Repair, where=path) for path in left)
    return len(begun), tuple(found)


def find_asked(ledger: Ledger, *, pull: int, source: Source, number: int) -> Asked | None:
    """What came of one comment or review, None when nothing did yet."""
    path = asked_path(pull, source, number)
    document = ledger.read(path)
    return None if document is None else documents.load(document, Asked, where=path)


def asked(ledger: Ledger, *, pull: int) -> tuple[Asked, ...]:
    """Everything that was asked on a pull request, oldest first."""
    paths = ledger.list(f"commands/pull-{pull}")
    found = (documents.load(ledger.read(path), Asked, where=path) for path in paths)
    return tuple(sorted(found, key=lambda each: (each.at, each.id)))


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
    stands = standing.find(promotions(ledger, model=name), fingerprint=fingerprint)
    return gates.key(
        fingerprint=fingerprint,
        manifest=model.manifest,
        policy=policy,
        champion=stands.champion,
        rollback=stands.is_rollback,
    )


def path_of(noun: object) -> str:
    """Where a record lies; raises CannotReadDocument for what is not kept in the ledger."""
    home = _HOMES.get(type(noun))
    if home is None:
        raise errors.CannotReadDocument(f"the ledger keeps no {type(noun).__name__}")
    return home(noun)


_HOMES: dict[type, Callable[[Any], str]] = {
    Evidence: lambda noun: evidence_path(noun.candidate.name, noun.candidate.fingerprint),
    Verdict: lambda noun: verdict_path(noun.model, noun.fingerprint, noun.key),
    Attempt: attempt_path,
    Acceptance: acceptance_path,
    Promotion: promotion_path,
    Hold: hold_path,
    Repair: repair_path,
    DriftReport: drift_path,
    PerformanceReport: performance_path,
    ReferenceProfile: lambda noun: profile_path(noun.model, noun.reference, noun.rules),
    RetrainingRequest: retraining_path,
    Asked: lambda noun: asked_path(noun.pull, noun.source, noun.id),
}
_KINDS: dict[str, type] = {documents.SCHEMAS[kind]: kind for kind in _HOMES}


def read_record(path: str, data: bytes) -> sound.Record:
    """Return the record that a file of the ledger holds, or with its problem; never raises."""
    try:
        document = documents.parse(data, where=path)
        if not isinstance(document, dict) or "previous" not in document:
            return sound.Record(path, problem="it does not say which commit it was written over")
        kind = _kind(str(document.get("schema")))
        if kind is None:
            return sound.Record(path, problem=f"unknown schema {document.get('schema')!r}")
        noun: object = documents.load(document, kind, where=path)
        home = path_of(noun)
    except (ValueError, errors.InterlockError) as error:
        return sound.Record(path, problem=f"it cannot be read: {str(error).splitlines()[0]}")
    if home != path:
        return sound.Record(path, problem=f"its content belongs at {home}")
    return sound.Record(path, noun=noun, previous=document["previous"])


def _kind(schema: str) -> type | None:
    """The noun of a schema of this major version, whatever its minor."""
    return _KINDS.get(re.sub(r"(/v\d+)\.\d+$", r"\1", schema))

"""Every kind of record in the ledger: its area, its schema and its path.

A new kind needs three things: a line in RECORDS, its noun in `domain/`, its schema in `schemas/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.domain.access.command_record import CommandRecord
from interlock.domain.basics import timestamps
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.evaluation.verdict import Verdict
from interlock.domain.model.data_digests import DataContent
from interlock.domain.model.evidence import Attempt, Evidence
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.monitoring.monitoring_records import (
    DriftReport,
    PerformanceReport,
    ReferenceProfile,
    RetrainingRequest,
    WindowVerdict,
)
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.ledger_paths import check_hex, check_path
from interlock.domain.promotion.promotion import Phase, Promotion
from interlock.domain.promotion.repair import Repair
from interlock.domain.provenance import areas, verification
from interlock.domain.provenance.verification import Verification
from interlock.ledger import evidence_names


@dataclass(frozen=True, slots=True)
class Record:
    """`area` is the first folder. `path` returns the rest of a noun's path, without `.json`;
    `earlier_path` the one at which earlier versions wrote it, from the first."""

    area: str
    schema: str
    path: Callable[[Any], str]
    earlier_path: Callable[[str], str] | None = None


def _by_digest(model: str, *digests: str) -> str:
    return f"{model}/{'-'.join(map(check_hex, digests))}"


def _promotion(act: Promotion) -> str:
    # The intent and the outcome of an act have one path each, so that an act ends only once: no
    # file is replaced.
    end = "intent" if act.phase is Phase.INTENT else "outcome"
    epoch = f"-{act.epoch}" if act.epoch else ""
    return f"{act.model}/{act.position:08d}-{check_hex(act.fingerprint)[:12]}{epoch}-{end}"


def window_name(report: DriftReport | WindowVerdict) -> str:
    """Return the end of a window, and the number of the evaluation from the second on."""
    return _time(report.end) + (f"-{report.revision}" if report.revision else "")


def _retraining(request: RetrainingRequest) -> str:
    # A request is written before its pull request has a number, and again with the number.
    number = "" if request.pull is None else f"-{request.pull}"
    return f"{request.model}/{_time(request.at)}-{request.step}{number}"


def _time(text: str) -> str:
    """`20260314T000000Z`; raises ValueError for text that is not a valid timestamp."""
    seconds = timestamps.read(text)
    if seconds is None:
        raise ValueError(f"{text!r} is not a valid timestamp")
    return timestamps.name(seconds)


def _performance_name(report: PerformanceReport) -> str:
    return f"{_time(report.end)}-{report.performance.rows}"


def _by_year(name: Callable[[Any], str]) -> Callable[[Any], str]:
    """A folder for each year: a run lists the newest one, and not every window of a model."""

    def path(noun: Any) -> str:
        text = name(noun)
        return f"{noun.model}/{text[:4]}/{text}"

    return path


def _without_year(path: str) -> str:
    model, _, name = path.rsplit("/", 2)
    return f"{model}/{name}"


# One path for a window and for an epoch: the second of two writers finds the first one's record.
_WINDOW = Record("drift", "interlock/drift-window/v1", _by_year(window_name), _without_year)
RECORDS: Mapping[type, Record] = {
    Evidence: Record(
        evidence_names.AREA,
        "interlock/evidence/v1",
        lambda r: _by_digest(r.candidate.name, r.candidate.fingerprint),
    ),
    KeptFiles: Record(
        "outputs", "interlock/outputs/v1", lambda r: _by_digest(r.model, r.fingerprint)
    ),
    DataContent: Record(
        "data", "interlock/data/v1", lambda r: f"{r.model}/{r.digest.replace(':', '-')}"
    ),
    Verdict: Record(
        "verdicts",
        "interlock/verdict/v1",
        lambda r: f"{_by_digest(r.model, r.fingerprint)}/{r.key}",
    ),
    Acceptance: Record(
        "acceptances",
        "interlock/acceptance/v1",
        lambda r: f"{_by_digest(r.model, r.fingerprint)}/{r.key}-{r.revision}",
    ),
    Attempt: Record(
        "attempts",
        "interlock/attempt/v1",
        lambda r: f"{_by_digest(r.name, r.fingerprint)}/{r.run_id}",
    ),
    Promotion: Record("promotions", "interlock/promotion/v1", _promotion),
    Repair: Record(
        "repairs", "interlock/repair/v1", lambda r: f"{r.model}/{r.number:08d}-{r.step}"
    ),
    Hold: Record("holds", "interlock/hold/v1", lambda r: f"{r.model}/{r.epoch:08d}"),
    CommandRecord: Record(
        "commands", "interlock/comment-command/v1", lambda r: f"pull-{r.pull}/{r.source}-{r.id}"
    ),
    DriftReport: _WINDOW,
    PerformanceReport: Record(
        "performance",
        "interlock/performance/v1",
        _by_year(_performance_name),
        _without_year,
    ),
    ReferenceProfile: Record(
        "profiles", "interlock/reference/v1", lambda r: _by_digest(r.model, r.reference, r.rules)
    ),
    RetrainingRequest: Record("retrainings", "interlock/retraining/v1", _retraining),
    Verification: Record(
        areas.VERIFICATIONS, verification.KIND, lambda r: f"ledger/{r.number:08d}"
    ),
}
NOUNS: Mapping[str, type] = {record.schema: noun for noun, record in RECORDS.items()}
AREAS_OF_A_MODEL = tuple(
    dict.fromkeys(
        record.area for noun, record in RECORDS.items() if noun not in {CommandRecord, Verification}
    )
)
"""Areas in which the second folder is a model: all but the commands, which belong to a pull
request, and the verifications."""


def path_of(noun: object) -> str:
    """Return the path of a record; raises CannotReadDocument for another kind of noun."""
    record = RECORDS.get(type(noun))
    if record is None:
        raise errors.CannotReadDocument(f"the ledger keeps no {type(noun).__name__}")
    return at(type(noun), record.path(noun))


def paths_of(noun: object) -> tuple[str, ...]:
    """Return every path at which a record is valid, the one for new records first."""
    record = RECORDS[type(noun)]
    new = record.path(noun)
    paths = (new,) if record.earlier_path is None else (new, record.earlier_path(new))
    return tuple(at(type(noun), path) for path in paths)


def at(noun: type, *parts: str) -> str:
    """Return the path of one record of a kind; raises CannotResolve for a name that is not safe."""
    return check_path(f"{folder(noun, *parts)}.json")


def folder(noun: type, *parts: str) -> str:
    return "/".join((RECORDS[noun].area, *parts))


def evidence_path(model: str, fingerprint: str) -> str:
    return at(Evidence, _by_digest(model, fingerprint))

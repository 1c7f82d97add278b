"""A record says of itself whose it is and which; anything else at its path is no record of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from interlock import documents, errors
from interlock.domain.access.command_record import CommandOutcome as Asking
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.status import DriftStatus as Drift
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.model.evidence import Attempt
from interlock.domain.model.git_outputs import KeptFiles
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    Diagnosis,
    DriftReport,
    Performance,
    PerformanceReport,
    ReferenceProfile,
    Remedy,
    RetrainingRequest,
    RetrainingStep,
)
from interlock.domain.promotion.hold import Hold
from interlock.domain.promotion.hold import HoldStep as Holding
from interlock.domain.promotion.reconciliation import DifferenceKind, Repair
from interlock.domain.promotion.reconciliation import RepairStep as Repairing
from interlock.ledger import lookup
from interlock.ports.ledger import Ledger
from tests import report_cases
from tests.fakes.ledger import FakeLedger

MODEL, FINGERPRINT, OTHER = "digits", "a" * 64, "b" * 64
AT = "2030-01-02T00:00:00+00:00"
CASE = report_cases.CASES["shipped"]().report.models[0]
DIAGNOSIS = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "nothing moved")
assert CASE.facts.evidence is not None
assert CASE.verdict is not None
assert CASE.promotion is not None
CANDIDATE = dataclasses.replace(CASE.facts.evidence.candidate, name=MODEL, fingerprint=FINGERPRINT)
EVIDENCE = dataclasses.replace(CASE.facts.evidence, candidate=CANDIDATE)
VERDICT = dataclasses.replace(CASE.verdict, model=MODEL, fingerprint=FINGERPRINT, key="c" * 64)
PROMOTION = dataclasses.replace(CASE.promotion, model=MODEL, fingerprint=FINGERPRINT)
ATTEMPT = Attempt(MODEL, FINGERPRINT, "f" * 40, "run1", "it failed", "", 1.0)
ACCEPTANCE = Acceptance("c" * 64, MODEL, FINGERPRINT, "f" * 40, "octocat", "it is fine", AT)
HOLD = Hold(MODEL, 1, Holding.HOLD, "octocat", "broken camera", AT, FINGERPRINT, 1)
REPAIR = Repair(MODEL, 1, Repairing.INTENT, DifferenceKind.ALIAS, "alias", "1", "2", "moved", AT)
ASKED = CommandRecord(
    7, CommentKind.COMMENT, 1, "octocat", "/interlock help", Asking.DONE, "answered", AT
)
DRIFT = DriftReport(MODEL, AT, AT, 1, Drift.STABLE, FINGERPRINT, 1, DIAGNOSIS, AT)
PERFORMANCE = PerformanceReport(
    MODEL,
    AT,
    AT,
    FINGERPRINT,
    Performance("f1", 0.9, 0.9, 0.0, None, 3, Drift.STABLE, "as before"),
    DIAGNOSIS,
    AT,
)
PROFILE = ReferenceProfile(MODEL, FINGERPRINT, "d" * 64, Profile(1, ()))
REQUEST = RetrainingRequest(
    MODEL,
    Cause.COVARIATE_SHIFT,
    AT,
    FINGERPRINT,
    1.0,
    "branch",
    RetrainingStep.OPENED,
    AT,
    "it moved",
    7,
)

Read = Callable[[Ledger], object]
RECORDS: list[tuple[object, Read, object]] = [
    # A record, how it is read, and the same of somebody or something else.
    (
        EVIDENCE,
        lambda ledger: lookup.find_evidence(ledger, model=MODEL, fingerprint=FINGERPRINT),
        dataclasses.replace(EVIDENCE, candidate=dataclasses.replace(CANDIDATE, name="wine")),
    ),
    (
        EVIDENCE,
        lambda ledger: lookup.find_evidence(ledger, model=MODEL, fingerprint=FINGERPRINT),
        dataclasses.replace(EVIDENCE, candidate=dataclasses.replace(CANDIDATE, fingerprint=OTHER)),
    ),
    (
        KeptFiles(MODEL, FINGERPRINT),
        lambda ledger: lookup.find_outputs(ledger, model=MODEL, fingerprint=FINGERPRINT),
        KeptFiles("wine", FINGERPRINT),
    ),
    (
        VERDICT,
        lambda ledger: lookup.find_verdict(
            ledger, model=MODEL, fingerprint=FINGERPRINT, key=VERDICT.key
        ),
        dataclasses.replace(VERDICT, key="e" * 64),
    ),
    (
        VERDICT,
        lambda ledger: lookup.verdicts(ledger, model=MODEL, fingerprint=FINGERPRINT),
        dataclasses.replace(VERDICT, model="wine"),
    ),
    (
        ATTEMPT,
        lambda ledger: lookup.attempts(ledger, model=MODEL, fingerprint=FINGERPRINT),
        dataclasses.replace(ATTEMPT, run_id="run2"),
    ),
    (
        ACCEPTANCE,
        lambda ledger: lookup.acceptances(ledger, model=MODEL, fingerprint=FINGERPRINT),
        dataclasses.replace(ACCEPTANCE, key="e" * 64),
    ),
    (
        PROMOTION,
        lambda ledger: lookup.promotions(ledger, model=MODEL),
        dataclasses.replace(PROMOTION, position=PROMOTION.position + 1),
    ),
    (
        HOLD,
        lambda ledger: lookup.holds(ledger, model=MODEL),
        dataclasses.replace(HOLD, epoch=2),
    ),
    (
        REPAIR,
        lambda ledger: lookup.repairs(ledger, model=MODEL),
        dataclasses.replace(REPAIR, model="wine"),
    ),
    (
        ASKED,
        lambda ledger: lookup.find_command(ledger, pull=7, source=CommentKind.COMMENT, number=1),
        dataclasses.replace(ASKED, pull=8),
    ),
    (
        ASKED,
        lambda ledger: lookup.commands(ledger, pull=7),
        dataclasses.replace(ASKED, source=CommentKind.REVIEW),
    ),
    (
        DRIFT,
        lambda ledger: lookup.drift_report(ledger, lookup.path_of(DRIFT)),
        dataclasses.replace(DRIFT, end="2030-01-03T00:00:00+00:00"),
    ),
    (
        DRIFT,
        lambda ledger: lookup.drift_summary(ledger, lookup.path_of(DRIFT)),
        dataclasses.replace(DRIFT, model="wine"),
    ),
    (
        PERFORMANCE,
        lambda ledger: lookup.performance_reports(ledger, model=MODEL),
        dataclasses.replace(PERFORMANCE, model="wine"),
    ),
    (
        PERFORMANCE,
        lambda ledger: lookup.performance_report(ledger, lookup.path_of(PERFORMANCE)),
        dataclasses.replace(PERFORMANCE, end="2030-01-03T00:00:00+00:00"),
    ),
    (
        PROFILE,
        lambda ledger: lookup.find_profile(
            ledger, model=MODEL, fingerprint=FINGERPRINT, rules=PROFILE.rules
        ),
        dataclasses.replace(PROFILE, reference=OTHER),
    ),
    (
        REQUEST,
        lambda ledger: lookup.retrainings(ledger, model=MODEL),
        dataclasses.replace(REQUEST, step=RetrainingStep.CLOSED),
    ),
]
EACH = pytest.mark.parametrize(
    ("record", "read", "other"), RECORDS, ids=[type(r).__name__ for r, _, _ in RECORDS]
)


def holding(path: str, noun: object) -> FakeLedger:
    ledger = FakeLedger()
    ledger.append({path: documents.dump(noun)}, message="By hand")
    return ledger


def test_every_kind_of_record_is_tried() -> None:
    of_the_ledger = {type(record) for record, _, _ in RECORDS}
    kept = set()
    for kind in documents.SCHEMAS:
        try:
            lookup.path_of(object.__new__(kind))
        except errors.CannotReadDocument:
            continue  # a document that the ledger does not keep
        except AttributeError:
            kept.add(kind.__name__)
    assert {kind.__name__ for kind in of_the_ledger} | {"DriftSummary"} == kept


@EACH
def test_a_record_where_it_belongs_is_read(record: object, read: Read, other: object) -> None:
    assert read(holding(lookup.path_of(record), record)) not in (None, ())


@EACH
def test_a_record_of_somebody_else_is_refused(record: object, read: Read, other: object) -> None:
    path = lookup.path_of(record)
    with pytest.raises(errors.LedgerBroken) as caught:
        read(holding(path, other))
    assert caught.value.message == f"{path}: its content belongs at {lookup.path_of(other)}"
    assert "ledger verify" in caught.value.hint


@pytest.mark.parametrize(
    "odd",
    [
        dataclasses.replace(DRIFT, end="yesterday"),
        dataclasses.replace(DRIFT, model="../wine"),
        dataclasses.replace(DRIFT, revision=-1),
    ],
)
def test_a_record_that_belongs_nowhere_is_refused(odd: DriftReport) -> None:
    path = lookup.path_of(DRIFT)
    with pytest.raises(errors.LedgerBroken, match="its content belongs"):
        lookup.drift_report(holding(path, odd), path)


@pytest.mark.parametrize("name", ["20300102T000000Z-x", "20300102T000000Z-1-2"])
def test_a_file_whose_name_no_window_has_is_refused(name: str) -> None:
    ledger = holding(f"drift/{MODEL}/{name}.json", DRIFT)
    with pytest.raises(errors.LedgerBroken, match="no record can lie there"):
        lookup.drift_ends(ledger, model=MODEL)

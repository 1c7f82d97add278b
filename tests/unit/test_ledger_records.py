"""Every kind of record is in one registry, and a record at the path of another one is refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest
from cattrs.converters import BaseConverter

from interlock import documents, errors
from interlock.domain.access.command_record import CommandOutcome as Asking
from interlock.domain.access.command_record import CommandRecord, CommentKind
from interlock.domain.basics import timestamps
from interlock.domain.drift.profile import Profile
from interlock.domain.drift.status import DriftStatus as Drift
from interlock.domain.evaluation.acceptance import Acceptance
from interlock.domain.model.data_digests import DataContent
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
from interlock.domain.provenance.verification import Verification
from interlock.ledger import lookup, reading, records
from interlock.ports.ledger import Ledger
from tests import report_cases
from tests.docs import documents as printed
from tests.fakes.counting import calls_of
from tests.fakes.ledger import FakeLedger

MODEL, FINGERPRINT, OTHER = "digits", "a" * 64, "b" * 64
AT = "2030-01-02T00:00:00+00:00"
CASE = report_cases.CASES["promoted"]().report.models[0]
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
COMMAND = CommandRecord(
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
PROFILE = ReferenceProfile(MODEL, FINGERPRINT, "d" * 12, Profile(1, ()))
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

DATA = DataContent(MODEL, f"md5:{'a' * 32}", "1" * 64)
VERIFICATION = Verification(1, "e" * 40, "", {"holds/digits/00000001.json": None}, {}, AT)

Read = Callable[[Ledger], object]
CASES: list[tuple[object, Read, object]] = [
    # A record, the function that reads it, and a record that belongs at another path.
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
        DATA,
        lambda ledger: next(iter(lookup.find_data(ledger, [DATA])), None),
        dataclasses.replace(DATA, digest=f"md5:{'b' * 32}"),
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
        COMMAND,
        lambda ledger: lookup.find_command(ledger, pull=7, source=CommentKind.COMMENT, number=1),
        dataclasses.replace(COMMAND, pull=8),
    ),
    (
        COMMAND,
        lambda ledger: lookup.commands(ledger, pull=7),
        dataclasses.replace(COMMAND, source=CommentKind.REVIEW),
    ),
    (
        DRIFT,
        lambda ledger: lookup.drift_report(ledger, lookup.path_of(DRIFT)),
        dataclasses.replace(DRIFT, end="2030-01-03T00:00:00+00:00"),
    ),
    (
        DRIFT,
        lambda ledger: tuple(lookup.window_verdicts(ledger, model=MODEL)),
        dataclasses.replace(DRIFT, model="wine"),
    ),
    (
        PERFORMANCE,
        lambda ledger: tuple(
            lookup.performance_reports(ledger, model=MODEL, reference=FINGERPRINT)
        ),
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
    (
        VERIFICATION,
        lambda ledger: reading.read_all(ledger, Verification, "ledger"),
        dataclasses.replace(VERIFICATION, number=2),
    ),
]
EACH = pytest.mark.parametrize(
    ("record", "read", "other"), CASES, ids=[type(r).__name__ for r, _, _ in CASES]
)


def ledger_with(path: str, noun: object) -> FakeLedger:
    ledger = FakeLedger()
    ledger.append({path: documents.dump(noun)}, message="Add a record")
    return ledger


def test_every_kind_of_record_has_a_case() -> None:
    assert {type(record) for record, _, _ in CASES} == set(records.RECORDS)


def test_every_area_and_every_schema_belongs_to_one_kind() -> None:
    kinds = records.RECORDS.values()
    assert len({record.area for record in kinds}) == len({r.schema for r in kinds}) == len(kinds)


def test_every_schema_describes_the_fields_of_its_record() -> None:
    for record, _, _ in CASES:
        printed.check(json.loads(documents.text(documents.dump(record))))


def test_path__begins_with_the_area_and_the_file_is_read_back() -> None:
    for record, _, _ in CASES:
        path = records.path_of(record)
        data = documents.text({**documents.dump(record), "previous": None}).encode()
        file = lookup.read_file(path, data)
        assert path.startswith(f"{records.RECORDS[type(record)].area}/")
        assert (file.noun, file.problem) == (record, "")


@EACH
def test_record__at_its_own_path_is_read(record: object, read: Read, other: object) -> None:
    assert read(ledger_with(lookup.path_of(record), record)) not in (None, ())


@EACH
def test_record__of_another_path_is_refused(record: object, read: Read, other: object) -> None:
    path = lookup.path_of(record)
    with pytest.raises(errors.LedgerBroken) as caught:
        read(ledger_with(path, other))
    assert caught.value.message == f"{path}: its content belongs at {lookup.path_of(other)}"
    assert "ledger verify" in caught.value.hint


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        (
            dataclasses.replace(DRIFT, end="yesterday"),
            "its content has no valid path: 'yesterday' is not a valid timestamp",
        ),
        (
            dataclasses.replace(DRIFT, model="../wine"),
            "its content has no valid path: 'drift/../wine/2030/20300102T000000Z.json' cannot be a "
            "path "
            "in the ledger",
        ),
        (
            dataclasses.replace(DRIFT, revision=-1),
            f"its content belongs at drift/{MODEL}/2030/20300102T000000Z--1.json",
        ),
    ],
)
def test_record__without_a_valid_path_is_refused(odd: DriftReport, problem: str) -> None:
    path = lookup.path_of(DRIFT)
    with pytest.raises(errors.LedgerBroken) as caught:
        lookup.drift_report(ledger_with(path, odd), path)
    assert caught.value.message == f"{path}: {problem}"
    assert "ledger verify" in caught.value.hint


@pytest.mark.parametrize("folder", [f"drift/{MODEL}", f"drift/{MODEL}/2030"])
@pytest.mark.parametrize("name", ["20300102T000000Z-x", "20300102T000000Z-1-2"])
def test_windows__refuse_a_file_name_that_is_not_a_window(folder: str, name: str) -> None:
    ledger = ledger_with(f"{folder}/{name}.json", DRIFT)
    with pytest.raises(errors.LedgerBroken, match="is not a valid path of a record"):
        lookup.drift_windows(ledger, model=MODEL).after(0)


@pytest.mark.parametrize(
    ("record", "earlier"),
    [
        (DRIFT, f"drift/{MODEL}/20300102T000000Z.json"),
        (PERFORMANCE, f"performance/{MODEL}/20300102T000000Z-{PERFORMANCE.performance.rows}.json"),
    ],
)
def test_record_of_a_window__at_the_path_of_earlier_versions(record: object, earlier: str) -> None:
    data = documents.text({**documents.dump(record), "previous": None}).encode()
    for path in (earlier, lookup.path_of(record)):
        assert lookup.read_file(path, data).problem == ""
    elsewhere = earlier.replace(f"/{MODEL}/", f"/{MODEL}/2029/")
    assert lookup.path_of(record) in lookup.read_file(elsewhere, data).problem


def test_record__is_read_with_one_reading_of_its_time_and_one_search_for_readers() -> None:
    """A ledger has a record for each model and each day."""
    data = documents.text({**documents.dump(DRIFT), "previous": None}).encode()
    path = lookup.path_of(DRIFT)
    lookup.read_file(path, data)
    with calls_of(timestamps.read) as times:
        assert lookup.read_file(path, data).problem == ""
    with calls_of(BaseConverter._structure_tuple) as lists:
        lookup.read_file(path, data)
    with calls_of(BaseConverter._structure_optional) as optional:
        lookup.read_file(path, data)
    assert (len(times), lists, optional) == (1, [], [])

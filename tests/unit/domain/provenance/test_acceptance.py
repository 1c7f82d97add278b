"""Only attested records of the ledger count, and junk neither speaks nor blocks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import acceptance, attestation
from interlock.domain.provenance.acceptance import (
    AcceptedRecords,
    Change,
    Commit,
    IgnoredRecord,
)
from tests.fakes import issuer
from tests.fakes.issuer import FakeIssuer
from tests.unit.domain.provenance.test_token_rules import COMMENT, RULES

KIND = "interlock/promotion/v1"
GITHUB = FakeIssuer()


def record(path: str, content: str = "1", kind: str = KIND) -> Change:
    return Change(path=path, blob=f"blob-{content}", kind=kind, sha256=f"sha-{content}")


def commit(number: int, *records: Change, attested: bool = True, by: FakeIssuer = GITHUB) -> Commit:
    """A commit over the one before, as a job of Interlock writes it, or without an attestation."""
    previous = None if number == 1 else str(number - 1)
    document = acceptance.subject(previous, {r.path: (r.kind, r.sha256) for r in records})
    own = Change(path=acceptance.path_of(previous), blob=f"token-{number}")
    return Commit(
        id=str(number),
        parents=() if previous is None else (previous,),
        changes=(*records, own) if attested else records,
        attestation=by.attest(document) if attested else Refusal("it has no attestation"),
    )


def accept(*commits: Commit, known: Mapping[str, str] | None = None) -> AcceptedRecords:
    return acceptance.accept(commits, rules=RULES, read=GITHUB.read, before=(known or {}).get)


def records(result: AcceptedRecords) -> dict[str, str]:
    return {p: blob for p, blob in result.records.items() if not p.startswith("attestations/")}


A, B = "promotions/digits/1.json", "promotions/digits/2.json"


def test_accept__attested_records() -> None:
    result = accept(commit(1, record(A)), commit(2, record(B, "2")))
    assert records(result) == {A: "blob-1", B: "blob-2"}
    assert result.ignored == []
    assert result.newest == 1000


def test_accept__junk_leaves_its_path_free() -> None:
    junk = commit(1, record(A, "junk"), attested=False)
    result = accept(junk, commit(2, record(A)))
    assert records(result) == {A: "blob-1"}
    assert result.ignored == [IgnoredRecord("1", A, "it has no attestation")]


@pytest.mark.parametrize("later", [record(A, "2"), Change(path=A, blob=None)])
@pytest.mark.parametrize("attested", [True, False])
def test_accept__a_later_change_is_ignored(later: Change, attested: bool) -> None:
    result = accept(commit(1, record(A)), commit(2, later, attested=attested))
    assert records(result) == {A: "blob-1"}
    assert [each.path for each in result.ignored] == [A]
    assert result.disturbed == {A: "blob-1"}


def test_accept__nothing_at_a_path_of_an_earlier_record() -> None:
    result = accept(commit(1, record(A, "2")), known={A: "blob-1"})
    assert records(result) == {}
    assert result.disturbed == {A: "blob-1"}
    assert result.ignored == [IgnoredRecord("1", A, "the path has an earlier attested record")]


def test_accept__the_same_content_again_is_not_worth_a_word() -> None:
    again = commit(2, record(A), attested=False)
    result = accept(commit(1, record(A)), again)
    assert (result.ignored, result.disturbed) == ([], {})


def test_accept__a_copied_attestation() -> None:
    """Whoever copies a record with its attestation into another commit has another parent."""
    first, copied = commit(1, record(A)), commit(2, record(B))
    stolen = dataclasses.replace(copied, attestation=first.attestation)
    assert records(accept(first, stolen)) == {A: "blob-1"}


def test_accept__a_whole_commit_over_another_parent() -> None:
    moved = dataclasses.replace(commit(2, record(B)), parents=("9",))
    result = accept(moved)
    assert records(result) == {}
    assert result.ignored == [IgnoredRecord("2", B, "its attestation is of another commit")]


def test_accept__a_record_that_the_attestation_does_not_cover() -> None:
    true = commit(1, record(A))
    more = dataclasses.replace(true, changes=(*true.changes, record(B)))
    other = dataclasses.replace(true, changes=(record(A, "2"),))
    renamed = dataclasses.replace(true, changes=(record(A, kind="interlock/hold/v1"),))
    assert records(accept(more)) == {A: "blob-1"}
    assert records(accept(other)) == records(accept(renamed)) == {}


def test_accept__a_token_of_another_signer() -> None:
    forger = FakeIssuer(secret="forger")
    result = accept(commit(1, record(A), by=forger))
    assert records(result) == {}
    assert "no key of the issuer signed it" in result.ignored[0].reason


def test_accept__a_file_for_another_kind() -> None:
    monitor = FakeIssuer(job=issuer.payload("monitor"))
    assert records(accept(commit(1, record(A), by=monitor))) == {}


def test_accept__a_merge_adds_nothing() -> None:
    merge = dataclasses.replace(commit(2, record(A)), parents=("1", "0"))
    result = accept(merge)
    assert result.ignored[0] == IgnoredRecord("2", A, "a merge commit adds no record")


def test_accept__a_token_that_is_older_than_the_record_before() -> None:
    early = FakeIssuer(job=issuer.payload(iat=600))
    result = accept(commit(1, record(A)), commit(2, record(B), by=early))
    assert records(result) == {A: "blob-1"}
    within = FakeIssuer(job=issuer.payload(iat=700))
    assert len(records(accept(commit(1, record(A)), commit(2, record(B), by=within)))) == 2


def test_accept__for_a_report() -> None:
    fork = FakeIssuer(job=issuer.payload("evaluate", **COMMENT))
    evidence = commit(1, record("evidence/digits/1.json", kind="interlock/evidence/v1"), by=fork)
    result = accept(evidence)
    assert records(result) == {}
    assert result.shown == {"evidence/digits/1.json": "blob-1"}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": "interlock/candidate/v1", "previous": None, "records": []},
        {"format": acceptance.FORMAT, "records": []},
        {"format": acceptance.FORMAT, "previous": None},
        {"format": acceptance.FORMAT, "previous": None, "records": "all"},
        {"format": acceptance.FORMAT, "previous": None, "records": ["all", {"path": A}, {}]},
    ],
)
def test_accept__an_attestation_of_another_form(document: dict[str, Any]) -> None:
    odd = dataclasses.replace(commit(1, record(A)), attestation=GITHUB.attest(document))
    assert records(accept(odd)) == {}


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from("12"), st.booleans())))
def test_always__a_path_has_its_first_attested_content(
    writes: list[tuple[str, str, bool]],
) -> None:
    commits = [
        commit(number, record(path, content), attested=attested)
        for number, (path, content, attested) in enumerate(writes, start=1)
    ]
    first: dict[str, str] = {}
    for path, content, attested in writes:
        if attested:
            first.setdefault(path, f"blob-{content}")
    assert records(accept(*commits)) == first


def test_audience__is_of_the_content_and_not_of_its_order() -> None:
    one = attestation.audience({"a": 1, "b": "ü"})
    assert one == attestation.audience({"b": "ü", "a": 1})
    assert one != attestation.audience({"a": 1, "b": "u"})
    assert one.startswith("sha256:")

"""What counts at a head: the tree, except where a commit changed what it may not change."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from interlock.domain.provenance import (
    acceptance,
    attestation,
    record_content,
    verification,
    verified_ledger,
)
from interlock.domain.provenance.acceptance import Change, Commit
from interlock.domain.provenance.verification import Verification
from interlock.domain.provenance.verified_ledger import (
    VerificationFile,
    VerifiedLedger,
)
from tests.fakes import issuer
from tests.fakes.issuer import FakeIssuer
from tests.unit.domain.provenance.test_acceptance import A, B, commit, record

GITHUB = FakeIssuer()
AT = "2030-01-01T00:00:00+00:00"
Blobs = dict[str, str]


def tree(commits: tuple[Commit, ...], start: Mapping[str, str]) -> Blobs:
    files = dict(start)
    for each in commits:
        for change in each.changes:
            files.pop(change.path, None)
            if change.blob is not None:
                files[change.path] = change.blob
    return files


def advance(
    *commits: Commit,
    state: VerifiedLedger | None = None,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> VerifiedLedger:
    old = before or {}
    new = tree(commits, old) if after is None else after
    return verified_ledger.advance(
        state or verified_ledger.begin(""),
        commits[-1].id,
        commits,
        rules=issuer.RULES,
        read=GITHUB.read,
        find_blob=old.get,
        differing={p: (old.get(p), new.get(p)) for p in {*old, *new} if old.get(p) != new.get(p)},
    )


def junk(number: int, *records: Change) -> Commit:
    return commit(number, *records, attested=False)


def test_advance__without_junk_the_tree_counts() -> None:
    state = advance(commit(1, record(A)), commit(2, record(B)))
    assert (state.head, state.exceptions, state.news, state.newest) == ("2", {}, 2, 1000)


def test_advance__junk_at_a_free_path() -> None:
    state = advance(junk(1, record(A)))
    assert state.exceptions == {A: None}
    written = advance(commit(2, record(A, "2")), state=state, before={A: "blob-1"})
    assert written.exceptions == {}
    assert [each.path for each in written.ignored] == [A]


@pytest.mark.parametrize("later", [record(A, "2"), Change(path=A, blob=None)])
def test_advance__a_change_of_a_record_is_remembered_also_if_it_is_taken_back(
    later: Change,
) -> None:
    changed = advance(commit(1, record(A)), junk(2, later))
    assert changed.exceptions == {A: "blob-1"}
    again = tree((commit(1, record(A)), junk(2, later)), {})
    back = advance(junk(3, record(A)), state=changed, before=again)
    assert back.exceptions == {A: "blob-1"}
    both = advance(junk(2, later), junk(3, record(A)), before={A: "blob-1"})
    assert both.exceptions == {A: "blob-1"}


def test_advance__a_merge_with_the_tree_of_another_line() -> None:
    merge = dataclasses.replace(commit(3), parents=("2", "x"), changes=())
    state = advance(commit(1, record(A)), merge, after={B: "blob-7"})
    own = acceptance.path_of(None)
    assert state.exceptions == {A: "blob-1", B: None, own: "token-1"}
    assert state.news == 2


def shown_evidence(number: int) -> Commit:
    comment = FakeIssuer(job=issuer.payload("evaluate", event_name="issue_comment"))
    return commit(number, record(A, kind="interlock/evidence/v1"), by=comment)


def test_advance__what_a_report_may_show() -> None:
    state = advance(shown_evidence(1))
    assert (state.exceptions[A], state.shown) == (None, {A: "blob-1"})
    own = {A: "blob-1"}
    later = advance(junk(2, record(B)), state=state, before=own)
    assert later.shown == {A: "blob-1"}
    accepted = advance(commit(2, record(A, "2")), state=state, before=own)
    assert accepted.shown == {}
    overwritten = advance(junk(2, record(A, "3")), state=state, before=own)
    assert overwritten.shown == {A: "blob-1"}
    removed = advance(junk(2, Change(path=A, blob=None)), state=state, before=own)
    assert removed.shown == {}


def test_record__only_with_news() -> None:
    assert verified_ledger.record(verified_ledger.begin(""), number=1, at=AT) is None
    path = "verifications/ledger/00000001.json"
    own = advance(commit(1, record(path, kind=verification.KIND)))
    assert verified_ledger.record(own, number=2, at=AT) is None
    state = advance(commit(1, record(A)), junk(2, record(A, "2")))
    assert verified_ledger.record(state, number=3, at=AT) == Verification(
        3, "2", "", {A: "blob-1"}, {}, AT
    )


def file(number: int, *, by: FakeIssuer = GITHUB, since: str = "") -> VerificationFile:
    noun = Verification(number, f"head-{number}", since, {A: None}, {B: "blob"}, AT)
    path = f"verifications/ledger/{number:08d}.json"
    covered = {path: (verification.KIND, f"sha-{number}")}
    attested = by.attest(acceptance.subject("1", covered))
    return VerificationFile(noun, path, f"sha-{number}", attested)


def begin(*files: VerificationFile, **other: Any) -> str | None:
    state = verified_ledger.begin_at_newest(
        files, since="", rules=issuer.RULES, read=GITHUB.read, **other
    )
    return None if state is None else state.head


def test_begin__at_the_newest_verification_that_counts() -> None:
    assert begin(file(2), file(1)) == "head-2"
    state = verified_ledger.begin_at_newest(
        [file(2)], since="", rules=issuer.RULES, read=GITHUB.read
    )
    assert state is not None
    assert (state.exceptions, state.shown, state.newest) == ({A: None}, {B: "blob"}, 1000)
    assert verified_ledger.begin("5" * 40).head == "5" * 40


@pytest.mark.parametrize(
    "bad",
    [
        file(2, by=FakeIssuer(secret="forger")),
        file(2, by=FakeIssuer(job=issuer.payload("evaluate"))),
        file(2, by=FakeIssuer(job=issuer.payload(event_name="pull_request"))),
        file(2, by=FakeIssuer(job=issuer.payload(repository_id="43"))),
        file(2, since="5" * 40),
        dataclasses.replace(file(2), sha256="other"),
        dataclasses.replace(file(2), path=file(1).path),
        dataclasses.replace(file(2), attestation=file(1).attestation),
        dataclasses.replace(file(2), attestation=GITHUB.attest({"format": "other"})),
    ],
)
def test_begin__not_at_a_verification_that_does_not_count(bad: VerificationFile) -> None:
    assert begin(bad, file(1)) == "head-1"
    assert begin(bad) is None


def test_begin__only_after_a_known_one() -> None:
    assert begin(file(2), after=file(2).verification) is None
    assert begin(file(3), file(2), after=file(2).verification) == "head-3"


ATTESTATION = GITHUB.attest(acceptance.subject(None, {}))


def test_attestation__is_the_same_after_text() -> None:
    assert attestation.read(attestation.text(ATTESTATION).encode()) == ATTESTATION


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "not a document"),
        (b'{"schema": "interlock/attestation/v1", "token": 1}', "not a document"),
        (
            attestation.text(ATTESTATION).replace("attestation/v1", "attestation/v2").encode(),
            "interlock/attestation/v2",
        ),
    ],
)
def test_attestation__of_another_form(data: bytes, reason: str) -> None:
    assert reason in str(attestation.read(data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"{", ""),
        (b"[1]", ""),
        (b'{"schema": 1}', ""),
        (b'{"schema": "interlock/x/v1"}', "interlock/x/v1"),
    ],
)
def test_describe__the_kind_that_the_bytes_name(data: bytes, kind: str) -> None:
    assert record_content.describe(data)[0] == kind
    assert len(record_content.describe(data)[1]) == 64

"""A token counts only from a listed workflow file, at a moment that may write the record."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attesting_files, claims
from interlock.domain.provenance.attesting_files import CANDIDATE
from interlock.domain.provenance.claims import Claims
from tests.fakes import issuer

RULES = issuer.RULES
EVIDENCE, PROMOTION, HOLD = (f"interlock/{kind}/v1" for kind in ("evidence", "promotion", "hold"))
ACCEPTANCE, WINDOW = "interlock/acceptance/v1", "interlock/drift-window/v1"
PULL = {"event_name": "pull_request", "ref": "refs/pull/7/merge", "base_ref": "main"}
REVIEW = {**PULL, "event_name": "pull_request_review"}
QUEUE_REF = f"refs/heads/gh-readonly-queue/main/pr-7-{'b' * 40}"
QUEUE = {"event_name": "merge_group", "ref": QUEUE_REF}
COMMENT, SCHEDULE, DISPATCH = (
    {"event_name": name} for name in ("issue_comment", "schedule", "workflow_dispatch")
)


def made(verb: str, **other: Any) -> Claims:
    read = claims.read({**issuer.payload(verb), "aud": "sha256:1", **other})
    assert isinstance(read, Claims)
    return read


def file(text: str) -> dict[str, str]:
    return {"job_workflow_ref": text}


@pytest.mark.parametrize(
    ("verb", "kind", "event"),
    [
        *((verb, kind, event)
          for verb, kind in (("train", CANDIDATE), ("evaluate", EVIDENCE))
          for event in ({}, SCHEDULE, DISPATCH, PULL, QUEUE)),
        *(("promote", PROMOTION, event) for event in ({}, SCHEDULE, DISPATCH, COMMENT)),
        ("reconcile", PROMOTION, SCHEDULE),
        ("command", HOLD, COMMENT),
        ("command", PROMOTION, COMMENT),
        ("command", ACCEPTANCE, COMMENT),
        ("command", ACCEPTANCE, REVIEW),
        ("monitor", WINDOW, SCHEDULE),
    ],
)  # fmt: skip
def test_check__a_file_that_may_attest(verb: str, kind: str, event: dict[str, str]) -> None:
    assert RULES.check(made(verb, **event), kind=kind) is None


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ({"iss": "https://evil.example"}, "of the issuer https://evil.example"),
        ({"repository_id": "43"}, "the id 43"),
        ({"runner_environment": "self-hosted"}, "on a self-hosted runner"),
        (file("evil/interlock/.github/workflows/models-promote.yml@refs/tags/v1"), "not a listed"),
        (file("acme/interlock/.github/workflows/models-promote.yml@refs/tags/v2"), "not a listed"),
        (file("acme/interlock/.github/workflows/models-promote.yml@refs/heads/v1"), "not a listed"),
        (file("acme/interlock/.github/workflows/models-promote.yml@refs/pull/1/merge"), "listed"),
        (file(f"acme/interlock/.github/workflows/models-promote.yml@{'d' * 40}"), "not a listed"),
        (file("acme/interlock/.github/workflows/models-promote.yml"), "not a listed"),
        (file("acme/interlock/.github/workflows/models-monitor.yml@refs/tags/v1"), "may not write"),
        (file("acme/interlock/models-promote.yml@refs/tags/v1"), "may not write"),
        ({"ref": "refs/heads/other"}, "never counts"),
        ({"ref": "refs/tags/main"}, "never counts"),
        ({"event_name": "workflow_run"}, "never counts"),
        ({"event_name": "pull_request_target", "base_ref": "main"}, "never counts"),
        (PULL, "may not write"),
        (QUEUE, "may not write"),
    ],
)
def test_check__of_a_promotion_refuses(claim: dict[str, Any], reason: str) -> None:
    refusal = RULES.check(made("promote", **claim), kind=PROMOTION)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    "event",
    [
        COMMENT,
        {"event_name": "workflow_run"},
        {"event_name": "pull_request_target", "base_ref": "main"},
        {"ref": "refs/tags/v3"},
        {**DISPATCH, "ref": "refs/heads/interlock/retrain/digits"},
        {**PULL, "base_ref": "hostile"},
        {**PULL, "ref": "refs/heads/main"},
        REVIEW,
        {**QUEUE, "ref": QUEUE_REF.replace("/main/", "/hostile/")},
        {**QUEUE, "ref": f"{QUEUE_REF}/more"},
        {**QUEUE, "ref": "refs/heads/main"},
    ],
)
def test_check__of_a_candidate_refuses_an_event_that_never_counts(event: dict[str, Any]) -> None:
    assert RULES.check(made("train", **event), kind=CANDIDATE) is not None


@pytest.mark.parametrize("event", [COMMENT, {**PULL, "base_ref": "release"}])
def test_check__a_record_that_only_a_report_may_show(event: dict[str, Any]) -> None:
    evidence = made("evaluate", **event)
    assert RULES.check(evidence, kind=EVIDENCE, with_shown=True) is None
    assert RULES.check(evidence, kind=EVIDENCE) is not None
    assert RULES.check(made("promote", **PULL), kind=PROMOTION, with_shown=True) is not None


@pytest.mark.parametrize(
    ("event", "ref", "base", "expected"),
    [
        ("issue_comment", "refs/heads/main", "", True),
        ("workflow_dispatch", "refs/heads/interlock/retrain/digits", "", True),
        ("workflow_dispatch", "refs/heads/main", "", False),
        ("workflow_dispatch", "refs/tags/v1", "", False),
        ("pull_request", "refs/pull/7/merge", "release", True),
        ("pull_request", "refs/pull/7/merge", "main", False),
        ("pull_request", "refs/pull/7/merge", "", False),
        ("pull_request", "refs/heads/main", "release", False),
        ("pull_request_review", "refs/pull/7/merge", "release", False),
        ("", "", "", False),
    ],
)
def test_is_only_shown(event: str, ref: str, base: str, expected: bool) -> None:
    shown = attesting_files.is_only_shown(event, ref, base_ref=base, default_branch="main")
    assert shown is expected


def test_check__a_kind_without_a_row() -> None:
    assert RULES.check(made("promote"), kind="interlock/plan/v1") is not None


def test_check__a_listed_commit() -> None:
    by_commit = file(f"acme/interlock/.github/workflows/models-promote.yml@{'e' * 40}")
    assert (
        RULES.check(made("promote", **by_commit, job_workflow_sha="e" * 40), kind=PROMOTION) is None
    )
    assert RULES.check(made("promote", **by_commit), kind=PROMOTION) is not None


def test_check__a_branch_at_a_listed_commit() -> None:
    branch = file("acme/interlock/.github/workflows/models-promote.yml@refs/heads/e")
    assert RULES.check(made("promote", **branch, job_workflow_sha="e" * 40), kind=PROMOTION)


def test_check__a_self_hosted_runner_that_the_policy_admits() -> None:
    admits = dataclasses.replace(RULES, interlock="Acme/Interlock", evaluate_on=("private",))
    assert admits.check(made("evaluate", runner_environment="self-hosted"), kind=EVIDENCE) is None


def test_attesting_files__every_file_is_a_workflow_of_ours() -> None:
    files = {each.file for row in attesting_files.ATTESTING_FILES.values() for each in row}
    assert files == {
        f".github/workflows/models-{verb}.yml"
        for verb in ("train", "evaluate", "command", "promote", "reconcile", "monitor")
    }


@pytest.mark.parametrize(
    ("claim", "value"),
    [("aud", ["sha256:1"]), ("iat", "1000"), ("iat", True), ("repository_id", 42), ("ref", None)],
)
def test_claims__of_another_type(claim: str, value: object) -> None:
    read = claims.read({**issuer.payload(), "aud": "sha256:1", claim: value})
    assert isinstance(read, Refusal)
    assert claim in read.reason


def test_claims__issued_outside_of_the_validity() -> None:
    assert isinstance(claims.read({**issuer.payload(), "aud": "x", "nbf": 2000}), Refusal)


def test_check__a_key_of_the_policy() -> None:
    signed = claims.of_key("public", {"aud": "sha256:1", "iat": 1000})
    assert isinstance(signed, Claims)
    refusal = RULES.check(signed, kind=EVIDENCE)
    assert isinstance(refusal, Refusal)
    assert "does not list the key" in refusal.reason
    listed = dataclasses.replace(RULES, keys=("public",))
    assert all(listed.check(signed, kind=kind) is None for kind in (EVIDENCE, PROMOTION, CANDIDATE))


@pytest.mark.parametrize("payload", [{"aud": "x"}, {"iat": 1}, {"aud": ["x"], "iat": 1}])
def test_claims__of_a_key_without_its_claims(payload: dict[str, Any]) -> None:
    assert isinstance(claims.of_key("public", payload), Refusal)

"""What `interlock doctor` decides about what it observed."""

from __future__ import annotations

import pytest

from interlock import calling_files
from interlock.domain.doctor import provenance_lines as checkup
from interlock.domain.doctor.line import Mark, SettingCheck

NAME = "models-promote.yml"
TEXT = calling_files.texts()[NAME]
TITLES = {"deletion": "Restrict deletions", "non_fast_forward": "Block force pushes"}


def check(text: str | None, *, branch: str = "main", ref: str = "refs/tags/v1") -> SettingCheck:
    (only,) = checkup.calling_files(
        {NAME: text}, {NAME: TEXT}, branch=branch, repository="Acme/Interlock", refs=[ref]
    )
    return only


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"# Ours.\n\n{TEXT}",
        TEXT.replace(" # the ledger, and dvc.lock", ""),
        TEXT.replace("- cron: ", "- cron: 1"),
    ],
)
def test_calling_files__the_constant_text(text: str) -> None:
    assert check(text).mark is Mark.OK


def test_calling_files__another_default_branch_and_version() -> None:
    text = TEXT.replace("[main]", "[trunk]").replace("@v1", f"@{'a' * 40}")
    assert check(text, branch="trunk", ref="a" * 40).mark is Mark.OK
    wrong = check(text, branch="trunk")
    assert wrong.mark is Mark.WRONG
    assert wrong.fix.endswith(f"interlock: {{repository: acme/interlock, refs: [{'a' * 40}]}}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            TEXT.replace("id-token: write", "id-token: none"),
            1 + TEXT[: TEXT.index("id-token")].count("\n"),
        ),
        (f"{TEXT}    with:\n", 1 + TEXT.count("\n")),
        (TEXT[: TEXT.index("    uses:")], 1 + TEXT[: TEXT.index("    uses:")].count("\n")),
    ],
)
def test_calling_files__another_text(text: str, line: int) -> None:
    wrong = check(text)
    assert wrong.mark is Mark.WRONG
    assert f"{NAME}:{line} differs" in wrong.sentence


def test_calling_files__missing() -> None:
    assert check(None).sentence == f".github/workflows/{NAME} is missing"


@pytest.mark.parametrize("ref", ["main", "feature/v2", "a" * 39, "release"])
def test_calling_files__a_branch_is_never_a_version_to_list(ref: str) -> None:
    wrong = check(TEXT.replace("@v1", f"@{ref}"))
    assert wrong.mark is Mark.WRONG
    assert wrong.fix == "call a tag or a commit of acme/interlock: a branch never counts"


def test_calling_files__that_call_nothing() -> None:
    (only,) = checkup.calling_files(
        {NAME: "a: 1"}, {NAME: "a: 1"}, branch="main", repository="acme/interlock", refs=[]
    )
    assert "calls nothing" in only.sentence


def test_calling_files__another_repository() -> None:
    wrong = check(TEXT.replace("acme/interlock/", "mallory/interlock/"))
    assert "calls mallory/interlock at v1, which the policy does not list" in wrong.sentence
    assert "refs: [refs/tags/v1]" in wrong.fix


def test_provenance() -> None:
    assert checkup.provenance(is_required=True, is_everywhere=True).mark is Mark.OK
    inside = checkup.provenance(is_required=True, is_everywhere=False)
    assert inside.mark is Mark.OK
    assert "inside GitHub Actions" in inside.sentence
    assert checkup.provenance(is_required=False, is_everywhere=False).mark is Mark.WRONG


@pytest.mark.parametrize(
    ("total", "uncounted", "mark", "sentence"),
    [
        (None, 0, Mark.UNKNOWN, "they were not read: no answer"),
        (0, 0, Mark.OK, "there are none yet"),
        (7, 0, Mark.OK, "jobs on GitHub read all 7"),
        (7, 2, Mark.OK, "jobs on GitHub do not read 2 of 7 records: without an attestation"),
        (7, 7, Mark.WRONG, "jobs on GitHub do not read 7 of 7 records: without an attestation"),
    ],
)
def test_records(total: int | None, uncounted: int, mark: Mark, sentence: str) -> None:
    made = checkup.records("ledger", total=total, uncounted=uncounted, reason="no answer")
    assert (made.mark, made.sentence) == (mark, sentence)
    assert ("interlock ledger recover" in made.fix) is (mark is Mark.WRONG)


def test_not_fetched() -> None:
    made = checkup.not_fetched("main", "no network")
    assert made.mark is Mark.UNKNOWN
    assert made.sentence.endswith("no network")


def test_branch_rules() -> None:
    assert checkup.branch_rules("ledger", {*TITLES, "more"}, TITLES).mark is Mark.OK
    wrong = checkup.branch_rules("ledger", {"deletion"}, TITLES)
    assert (wrong.mark, wrong.sentence) == (Mark.WRONG, "missing: Block force pushes")
    unknown = checkup.branch_rules("ledger", None, TITLES, reason="no answer")
    assert (unknown.mark, unknown.sentence) == (Mark.UNKNOWN, "they were not read: no answer")


def test_bypasses() -> None:
    assert checkup.bypasses("ledger", frozenset()).mark is Mark.OK
    assert checkup.bypasses("ledger", None).mark is Mark.UNKNOWN
    unread = checkup.bypasses("ledger", None, reason="no answer")
    assert (unread.mark, unread.sentence) == (Mark.UNKNOWN, "it was not read: no answer")
    assert checkup.bypasses("ledger", {"Team 7"}).sentence == "may bypass the rules: Team 7"

"""What `interlock doctor` decides about what it observed."""

from __future__ import annotations

import pytest

from interlock import calling_files
from interlock.domain.access import checkup
from interlock.domain.access.checkup import Mark, SettingCheck

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
    assert checkup.provenance(is_required=True).mark is Mark.OK
    assert checkup.provenance(is_required=False).mark is Mark.WRONG


def test_branch_rules() -> None:
    assert checkup.branch_rules("ledger", {*TITLES, "more"}, TITLES).mark is Mark.OK
    wrong = checkup.branch_rules("ledger", {"deletion"}, TITLES)
    assert (wrong.mark, wrong.sentence) == (Mark.WRONG, "missing: Block force pushes")
    assert checkup.branch_rules("ledger", None, TITLES).mark is Mark.UNKNOWN


def test_bypasses() -> None:
    assert checkup.bypasses("ledger", frozenset()).mark is Mark.OK
    assert checkup.bypasses("ledger", None).mark is Mark.UNKNOWN
    assert checkup.bypasses("ledger", {"Team 7"}).sentence == "may bypass the rules: Team 7"

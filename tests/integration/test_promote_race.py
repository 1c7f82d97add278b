"""Promoters of different revisions at once, in processes of their own, over real Git and a real
MLflow: the newest wins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.commands.ledger import LedgerContext, verify
from interlock.ledger import lookup
from tests.integration.promoting import Case, carry_out, tell

# Four revisions of main; the third takes back what the second had changed.
CONTENTS = [1.0, 2.0, 1.0, 3.0]
REPEATS = 1


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, list[str]]:
    return tell(tmp_path_factory.mktemp("merged"), CONTENTS)


@pytest.mark.parametrize("count", [2, 4])
def test_promote__at_once(merged: tuple[Case, list[str]], tmp_path: Path, count: int) -> None:
    template, commits = merged
    cases = [Case(template.scene.copy(tmp_path / str(number))) for number in range(REPEATS)]
    rounds: list[list[Any]] = []
    for case in cases:
        jobs = [case.job(commit, clone=f"clone-{commit[:8]}") for commit in commits[-count:]]
        rounds += [jobs, jobs]
    answers = carry_out(rounds)
    for number, case in enumerate(cases):
        check(case, commits[-count:], answers[2 * number], again=answers[2 * number + 1])


def check(
    case: Case, commits: list[str], raced: list[dict[str, Any]], *, again: list[dict[str, Any]]
) -> None:
    assert all(answer["outcome"] != "refused" for answer in raced), raced
    newest = case.scene.fingerprint(commits[-1])
    state = case.state()
    by_fingerprint = {version.fingerprint: version.number for version in state["versions"]}
    assert len(by_fingerprint) == len(state["versions"])
    assert state["staging"] == state["production"] == by_fingerprint[newest], raced
    origin = git.open_repository(case.scene.folder / "origin.git")
    ledger = GitLedger(origin)
    champion = lookup.champion(ledger, model="digits")
    assert champion is not None
    assert (champion.fingerprint, champion.version) == (newest, by_fingerprint[newest])
    context = LedgerContext(repository=origin, ledger=ledger)
    assert verify.run(context, verify.VerifyOptions()).violations == ()
    # Everybody is through: a second round of the same jobs has nothing left to do.
    assert [answer["effects"] for answer in again] == [0] * len(again), again

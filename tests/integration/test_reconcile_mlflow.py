"""`reconcile` over real Git and a real MLflow: damage by hand, crashes, and races.

All jobs run in one program, because importing MLflow costs more than any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.adapters.mlflow import client
from interlock.commands.ledger import LedgerContext, verify
from interlock.domain.promotion import registry_state
from tests.crashing import KILLED
from tests.integration.promoting import Case, carry_out, tell

Damage = Callable[[Any], object]
_ALIAS: Damage = lambda m: m.set_registered_model_alias("digits", "production", "1")  # noqa: E731
_NO_DIGEST: Damage = lambda m: m.delete_model_version_tag("digits", "2", registry_state.SHA256)  # noqa: E731

DAMAGES: dict[str, list[Damage]] = {
    "registry": [lambda m: m.delete_registered_model("digits")],
    "everything": [
        _ALIAS,
        _NO_DIGEST,
        lambda m: m.delete_registered_model_alias("digits", "staging"),
        lambda m: m.set_model_version_tag("digits", "2", registry_state.MODEL, "wine"),
        lambda m: m.set_registered_model_tag("digits", registry_state.ARCHIVED, "0" * 40),
    ],
}
# Begun, tag, alias, ended.
EFFECTS = 4
# Before the first there is nothing to be mended.
CRASHES = [*(("before", n) for n in range(2, EFFECTS + 1)), ("after", EFFECTS)]


@dataclass(frozen=True, slots=True)
class Ran:
    """The world of a story, and what each of its rounds answered."""

    case: Case
    answers: list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Every story, by name: two revisions are promoted, something is damaged, jobs run."""
    folder = tmp_path_factory.mktemp("told")
    template, commits = tell(tmp_path_factory.mktemp("template"), [1.0, 2.0])
    carry_out([[template.job(commit, clone="first")] for commit in commits])
    cases: dict[str, Case] = {}
    stories: dict[str, list[list[Any]]] = {}

    def begin(name: str, damages: list[Damage], jobs: Callable[[Case], list[list[Any]]]) -> None:
        case = cases[name] = Case(template.scene.copy(folder / name))
        _damage(case, damages)
        stories[name] = jobs(case)

    for name, damages in DAMAGES.items():
        begin(name, damages, lambda case: [[case.job(None, clone=c)] for c in ("one", "two")])
    two = [_ALIAS, _NO_DIGEST]
    begin("whole", two, lambda case: [[case.job(None, clone="one")]])
    for when, n in CRASHES:
        # The second dies, too, in its recovery; the third is another machine's.
        begin(
            f"{when} {n}",
            two,
            lambda case, crash=(when, n): [  # type: ignore[misc]
                [case.job(None, clone="one", crash=crash)],
                [case.job(None, clone="one", crash=("before", 2))],
                [case.job(None, clone="two")],
            ],
        )
    begin(
        "race",
        two,
        lambda case: [
            [
                case.job(None, clone="one"),
                case.job(None, clone="two"),
                case.job(commits[-1], clone="three"),
            ],
            [case.job(None, clone="two")],
        ],
    )
    answers = iter(carry_out([jobs for rounds in stories.values() for jobs in rounds]))
    return {
        name: Ran(cases[name], [next(answers) for _ in rounds]) for name, rounds in stories.items()
    }


def _damage(case: Case, damages: list[Damage]) -> None:
    uri = f"sqlite:///{case.database}"
    with client.connect(uri, deadline_seconds=60).reaching("damage it") as mlflow:
        for damage in damages:
            damage(mlflow)


@pytest.mark.parametrize("name", DAMAGES)
def test_reconcile__what_was_damaged_by_hand(ran: dict[str, Ran], name: str) -> None:
    case, ((first,), (again,)) = ran[name].case, ran[name].answers
    assert first["outcome"] == "repaired", first
    assert (again["outcome"], again["differences"], again["effects"]) == ("in_sync", [], 0)
    state = case.state()
    newest = max(version.number for version in state["versions"])
    assert state["staging"] == state["production"] == newest
    _sound(case)


def test_reconcile__killed_at_every_effect_and_again_in_the_recovery(ran: dict[str, Ran]) -> None:
    ((whole,),) = ran["whole"].answers
    assert (whole["outcome"], whole["effects"]) == ("repaired", EFFECTS), whole
    expected = ran["whole"].case.state()
    assert expected["staging"] == expected["production"] == 2
    for when, n in CRASHES:
        case, ((died,), (_,), (last,)) = ran[f"{when} {n}"].case, ran[f"{when} {n}"].answers
        assert died == {"code": KILLED}, (when, n)
        assert last["outcome"] in {"repaired", "in_sync"}, (when, n, last)
        state = case.state()
        for part in ("versions", "staging", "production", "deployments"):
            assert state[part] == expected[part], (when, n, part)
        # The same records: nothing was lost, and nothing begun twice.
        assert set(state["tree"]) == set(expected["tree"]), (when, n)
        _sound(case)
    print(f"{len(CRASHES)} crashes, each with another in its recovery")


def test_reconcile__two_at_once_and_a_promotion_among_them(ran: dict[str, Ran]) -> None:
    raced, (again,) = ran["race"].answers
    assert {answer["outcome"] for answer in raced} <= {"repaired", "in_sync", "unchanged"}, raced
    assert (again["outcome"], again["effects"]) == ("in_sync", 0), again
    state = ran["race"].case.state()
    assert [v.number for v in state["versions"]] == [1, 2]
    assert state["staging"] == state["production"] == 2
    _sound(ran["race"].case)


def _sound(case: Case) -> None:
    origin = git.open_repository(case.scene.folder / "origin.git")
    context = LedgerContext(repository=origin, ledger=GitLedger(origin))
    assert verify.run(context, verify.VerifyOptions()).violations == ()

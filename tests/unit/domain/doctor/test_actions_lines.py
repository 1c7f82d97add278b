"""The settings of Actions: what is allowed, forks, runners."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from interlock.domain.doctor import actions_lines
from interlock.domain.doctor.actions_lines import ALL_FORKS, ActionsSetup, RunnerFacts
from interlock.domain.doctor.line import Mark

GPU = RunnerFacts(frozenset({"self-hosted", "linux", "gpu"}), is_online=True)
OFF = RunnerFacts(frozenset({"self-hosted", "cpu"}), is_online=False)
SOUND = ActionsSetup("all", None, ALL_FORKS, (GPU, OFF))
FILES = "octo-org/interlock"


def marks(
    setup: ActionsSetup,
    *,
    wanted: tuple[Collection[str], ...] = (("self-hosted", "GPU"),),
    workflows: str = FILES,
    is_private: bool = False,
) -> dict[str, Mark]:
    lines = actions_lines.lines(
        setup, repository="acme/models", workflows=workflows, is_private=is_private, wanted=wanted
    )
    return {line.name: line.mark for line in lines}


def test_lines__of_a_repository_that_is_set_up() -> None:
    assert marks(SOUND) == {
        "allowed workflows": Mark.OK,
        "pull requests of forks": Mark.OK,
        "runners with gpu, self-hosted": Mark.OK,
    }


def test_lines__that_a_token_cannot_read_are_never_right() -> None:
    assert set(marks(ActionsSetup()).values()) == {Mark.UNKNOWN}


@pytest.mark.parametrize(
    ("setup", "mark"),
    [
        (ActionsSetup("none"), Mark.WRONG),
        (ActionsSetup("local_only"), Mark.WRONG),
        (ActionsSetup("selected"), Mark.UNKNOWN),
        (ActionsSetup("selected", ()), Mark.WRONG),
        (ActionsSetup("selected", ("octo-org/other@*", "actions/*")), Mark.WRONG),
        (ActionsSetup("selected", ("Octo-Org/*",)), Mark.OK),
        (ActionsSetup("selected", ("octo-org/interlock/.github/workflows/*@v1",)), Mark.OK),
        (ActionsSetup("selected", ("octo-org/interlock/.github/workflows/*",)), Mark.OK),
    ],
)
def test_allowed__is_what_the_settings_and_patterns_say(setup: ActionsSetup, mark: Mark) -> None:
    assert marks(setup)["allowed workflows"] is mark


def test_allowed__files_of_the_same_owner_unless_actions_are_off() -> None:
    for allowed in ("local_only", "selected"):
        mark = marks(ActionsSetup(allowed), workflows="Acme/interlock")["allowed workflows"]
        assert mark is Mark.OK
    off = marks(ActionsSetup("none"), workflows="acme/interlock")
    assert off["allowed workflows"] is Mark.WRONG


def test_forks__matter_to_a_public_repository_with_its_own_runners() -> None:
    name = "pull requests of forks"
    some = ActionsSetup("all", None, "first_time_contributors", ())
    assert marks(some)[name] is Mark.WRONG
    assert name not in marks(some, is_private=True)
    hosted = marks(some, wanted=(("ubuntu-latest",),))
    assert list(hosted) == ["allowed workflows"]


def test_runners__need_all_labels_and_one_that_is_online() -> None:
    wanted = (("self-hosted", "cpu"), ("self-hosted", "tpu"), ("self-hosted",))
    known = marks(SOUND, wanted=wanted)
    assert known["runners with cpu, self-hosted"] is Mark.WRONG
    assert known["runners with self-hosted, tpu"] is Mark.UNKNOWN
    assert known["runners with self-hosted"] is Mark.OK

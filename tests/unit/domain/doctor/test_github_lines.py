"""The settings of a repository on GitHub."""

from __future__ import annotations

from interlock.domain.doctor import github_lines
from interlock.domain.doctor.github_lines import RepositorySetup
from interlock.domain.doctor.line import Mark


def marks(setup: RepositorySetup, *, branch: str = "main") -> dict[str, Mark]:
    return {line.name: line.mark for line in github_lines.lines(setup, branch=branch)}


def test_lines__of_a_repository_that_is_set_up() -> None:
    setup = RepositorySetup("acme/models", "main", can_write=True, required={"interlock": 15368})
    assert set(marks(setup).values()) == {Mark.OK}
    assert marks(setup, branch="trunk")["default branch"] is Mark.WRONG


def test_lines__the_check_is_not_required_or_has_no_source() -> None:
    for required in ({}, {"tests": 15368}, {"interlock": None}):
        setup = RepositorySetup("acme/models", "main", can_write=True, required=required)
        assert marks(setup)["required check"] is Mark.WRONG


def test_lines__rights_that_are_unknown_or_too_small_are_never_right() -> None:
    for rights in (None, False):
        setup = RepositorySetup("acme/models", "main", can_write=rights, required={"interlock": 1})
        assert marks(setup)["token"] is Mark.UNKNOWN

"""Lines about the repository on GitHub: its default branch, the token, the required check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from interlock.domain.doctor.actions_lines import ActionsSetup
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong

CHECK = "interlock"
_RULES = "Settings, Rules, Rulesets of"


@dataclass(frozen=True, slots=True)
class RepositorySetup:
    """The settings of a repository, as a token reads them.

    `can_write` is None if the answer does not have the rights of the token. `required` maps each
    required check of the default branch to the id of the App that must write it, None for any.
    """

    name: str

    default_branch: str
    can_write: bool | None
    required: Mapping[str, int | None]
    is_private: bool = False
    actions: ActionsSetup = field(default_factory=ActionsSetup)


def lines(setup: RepositorySetup, *, branch: str) -> Iterator[SettingCheck]:
    """Yield the lines of a repository; `branch` is the branch that is checked."""
    default = setup.default_branch
    if branch == default:
        yield ok("default branch", f"{default} is the default branch on GitHub")
    else:
        fix = f"git remote set-head origin {default}, or --branch {default}"
        yield wrong("default branch", f"{branch} is checked, and GitHub's is {default}", fix)
    yield _token(setup.can_write)
    yield _check(setup, default)


def _token(can_write: bool | None) -> SettingCheck:
    if can_write is None:
        return unknown("token", "GitHub does not name the rights of this token")
    if can_write:
        return ok("token", "its user may write to the repository")
    return unknown("token", "its user may only read, as you may on a laptop; a job needs to write")


def _check(setup: RepositorySetup, branch: str) -> SettingCheck:
    name = "required check"
    if CHECK not in setup.required:
        fix = f"require the check {CHECK} under {_RULES} {branch}"
        return wrong(name, f"{branch} does not require the check {CHECK}", fix)
    if setup.required[CHECK] is None:
        sentence = f"any App, and any user with write access, can write the check {CHECK}"
        fix = f"select GitHub Actions, or your App, as its source under {_RULES} {branch}"
        return wrong(name, sentence, fix)
    return ok(name, f"{branch} requires {CHECK} of the App {setup.required[CHECK]}")

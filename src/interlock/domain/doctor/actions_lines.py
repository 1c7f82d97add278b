"""Lines about GitHub Actions: whether the workflows may be called, forks, and runners."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong

ALL_FORKS = "all_external_contributors"
_HOSTED = re.compile(r"(ubuntu|windows|macos)-.+")
_NEEDS_ADMIN = "it was not read: that needs the token of an administrator"
_FIX = "run it with such a token"
_PAGE = "Settings, Actions, General"


@dataclass(frozen=True, slots=True)
class RunnerFacts:
    """A runner of the repository; its labels are in lower case, as GitHub compares them."""

    labels: frozenset[str]
    is_online: bool


@dataclass(frozen=True, slots=True)
class ActionsSetup:
    """The settings of Actions; None is what a token cannot read.

    `allowed` is `all`, `local_only`, `selected` or `none` (Actions are off), `patterns` are those
    of `selected`, and `approval` says which pull requests of forks wait for an approval.
    """

    allowed: str | None = None
    patterns: tuple[str, ...] | None = None
    approval: str | None = None
    runners: tuple[RunnerFacts, ...] | None = None


def lines(
    setup: ActionsSetup,
    *,
    repository: str,
    workflows: str,
    is_private: bool,
    wanted: Iterable[Collection[str]],
) -> Iterator[SettingCheck]:
    """Yield the lines of `repository`, which calls files of the repository `workflows`. `wanted`
    are the `runs-on` labels of each model."""
    yield _allowed(setup, repository, workflows)
    sets = dict.fromkeys(frozenset(each.lower() for each in labels) for labels in wanted)
    own = [labels for labels in sets if not any(map(_HOSTED.fullmatch, labels))]
    if own and not is_private:
        yield _forks(setup.approval)
    for labels in own:
        yield _runners(labels, setup.runners)


def _allowed(setup: ActionsSetup, repository: str, workflows: str) -> SettingCheck:
    name = "allowed workflows"
    if setup.allowed is None:
        return unknown(name, _NEEDS_ADMIN, _FIX)
    if setup.allowed == "none":
        return wrong(name, "GitHub Actions are off", f"allow them under {_PAGE}")
    own = repository.partition("/")[0].lower() == workflows.partition("/")[0].lower()
    if setup.allowed == "all" or own or _matches(workflows, setup.patterns or ()):
        return ok(name, f"Actions may call {workflows}")
    if setup.allowed == "selected" and setup.patterns is None:
        return unknown(name, _NEEDS_ADMIN, _FIX)
    fix = f"allow {workflows}/* under {_PAGE}"
    return wrong(name, f"Actions may not call {workflows}", fix)


def _matches(workflows: str, patterns: Iterable[str]) -> bool:
    """A pattern is `owner/repository`, with `*`, with or without a path and a ref."""
    file = f"{workflows}/.github/workflows/models-train.yml@v1".lower()
    for pattern in (each.lower() for each in patterns):
        if fnmatch.fnmatchcase(file, pattern) or fnmatch.fnmatchcase(file, f"{pattern}@*"):
            return True
    return False


def _forks(approval: str | None) -> SettingCheck:
    name = "pull requests of forks"
    if approval is None:
        return unknown(name, _NEEDS_ADMIN, _FIX)
    if approval == ALL_FORKS:
        return ok(name, "their workflows wait for an approval")
    sentence = "workflows of known contributors run without an approval, also on your runners"
    return wrong(name, sentence, f"require approval for all external contributors under {_PAGE}")


def _runners(labels: frozenset[str], runners: tuple[RunnerFacts, ...] | None) -> SettingCheck:
    name = f"runners with {', '.join(sorted(labels))}"
    if runners is None:
        return unknown(name, _NEEDS_ADMIN, _FIX)
    fitting = [runner for runner in runners if labels <= runner.labels]
    online = sum(runner.is_online for runner in fitting)
    if online:
        return ok(name, f"{figures.count(online, 'runner')} online")
    if not fitting:
        sentence = "the repository has none; those of its organization were not read"
        return unknown(name, sentence, "start one, or look under the organization's runners")
    return wrong(name, f"{figures.count(len(fitting), 'runner')} offline", "start one")

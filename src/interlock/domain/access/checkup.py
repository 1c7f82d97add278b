"""The checks of `interlock doctor`: decisions about the observed settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

FOLDER = ".github/workflows"
_USES = re.compile(r"uses: (?P<repository>\S+?/\S+?)/(?P<path>\S+)@(?P<ref>\S+)")
_COMMENT = re.compile(r"(^|\s)#.*")


class Mark(StrEnum):
    """WRONG needs a fix. UNKNOWN could not be checked, which is never OK."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SettingCheck:
    """One line of the result. `fix` is what to type or to click."""

    name: str
    mark: Mark
    sentence: str
    fix: str = ""


def calling_files(
    actual: Mapping[str, str | None],
    expected: Mapping[str, str],
    *,
    branch: str,
    repository: str,
    refs: Collection[str],
) -> Iterator[SettingCheck]:
    """Check each of a team's workflow files: its text, and the version that it calls.

    A schedule may differ, and the name of the default branch is `branch`.
    """
    for name, text in expected.items():
        there, path = actual.get(name), f"{FOLDER}/{name}"
        if there is None:
            yield SettingCheck(name, Mark.WRONG, f"{path} is missing", "copy it from the README")
        elif line := _first_difference(there, text.replace("[main]", f"[{branch}]")):
            sentence = f"{path}:{line} differs from the constant text of this version"
            yield SettingCheck(name, Mark.WRONG, sentence, "copy it from the README")
        else:
            yield _version(name, there, repository, refs)


def _first_difference(text: str, expected: str) -> int:
    """Return the number of the first line that differs, 0 without one."""
    mine, theirs = (list(_lines(each)) for each in (text, expected))
    for (number, line), (_, other) in zip(mine, theirs, strict=False):
        if line != other:
            return number
    if len(mine) > len(theirs):
        return mine[len(theirs)][0]
    return len(text.splitlines()) + 1 if len(mine) < len(theirs) else 0


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and content of each line, without comments, schedules and versions."""
    for number, line in enumerate(text.splitlines(), start=1):
        content = _USES.sub(r"uses: \g<path>", _COMMENT.sub("", line)).rstrip()
        if content and not content.lstrip().startswith("- cron:"):
            yield number, content


def _version(name: str, text: str, repository: str, refs: Collection[str]) -> SettingCheck:
    match = _USES.search(text)
    called, ref = (match["repository"], match["ref"]) if match else ("", "")
    names = {ref, f"refs/tags/{ref}"}
    if called.lower() == repository.lower() and names & set(refs):
        return SettingCheck(name, Mark.OK, f"calls {called} at {ref}, which the policy lists")
    listed = f"interlock: {{repository: {called}, refs: [{_full(ref)}]}}"
    sentence = f"calls {called or 'nothing'} at {ref}, which the policy does not list"
    return SettingCheck(name, Mark.WRONG, sentence, f"add to .github/interlock.yml: {listed}")


def _full(ref: str) -> str:
    return ref if re.fullmatch(r"[0-9a-f]{40}", ref) else f"refs/tags/{ref}"


def provenance(*, is_required: bool) -> SettingCheck:
    """Check that only attested records count."""
    name = "provenance"
    if is_required:
        return SettingCheck(name, Mark.OK, "only attested records and candidates count")
    fix = "add to .github/interlock.yml: provenance: required"
    return SettingCheck(name, Mark.WRONG, "nobody attests records and candidates", fix)


def branch_rules(
    branch: str, rules: Collection[str] | None, titles: Mapping[str, str]
) -> SettingCheck:
    """Check the rules of the ledger's branch; None: they could not be read."""
    name = f"rules of {branch}"
    if rules is None:
        sentence = "they were not read: GITHUB_REPOSITORY or GITHUB_TOKEN is not set"
        return SettingCheck(name, Mark.UNKNOWN, sentence, "set both variables")
    missing = [title for kind, title in titles.items() if kind not in rules]
    if not missing:
        return SettingCheck(name, Mark.OK, "no force push, no deletion, no merge")
    fix = "add them under Settings, Rules, Rulesets, without a bypass"
    return SettingCheck(name, Mark.WRONG, f"missing: {', '.join(missing)}", fix)


def bypasses(branch: str, actors: Collection[str] | None) -> SettingCheck:
    """Check who may bypass the rules of a branch; None: this token cannot read it."""
    name = f"bypass of {branch}"
    if actors is None:
        sentence = "it was not read: that needs the token of an administrator"
        return SettingCheck(name, Mark.UNKNOWN, sentence, "run it with such a token")
    if not actors:
        return SettingCheck(name, Mark.OK, "nobody may bypass the rules")
    sentence = f"may bypass the rules: {', '.join(sorted(actors))}"
    return SettingCheck(name, Mark.WRONG, sentence, "remove the bypass list of the ruleset")

"""Lines about provenance: the policy, the five workflow files, the ledger and its rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from interlock.domain.basics import figures
from interlock.domain.doctor.line import Mark, SettingCheck

FOLDER = ".github/workflows"
_USES = re.compile(r"uses: (?P<repository>\S+?/\S+?)/(?P<path>\S+)@(?P<ref>\S+)")
_COMMIT, _TAG = re.compile(r"[0-9a-f]{40}"), re.compile(r"v?[0-9][\w.+-]*")
_CONNECT = "set GITHUB_REPOSITORY and a valid GITHUB_TOKEN, and check the network"
_COMMENT = re.compile(r"(^|\s)#.*")


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
    sentence = f"calls {called or 'nothing'} at {ref}, which the policy does not list"
    return SettingCheck(name, Mark.WRONG, sentence, _fix(called, ref))


def _fix(called: str, ref: str) -> str:
    """List the called version in the policy, or call another one if its name is not of a tag."""
    if not (_COMMIT.fullmatch(ref) or _TAG.fullmatch(ref)):
        return f"call a tag or a commit of {called}: a branch never counts"
    full = ref if _COMMIT.fullmatch(ref) else f"refs/tags/{ref}"
    listed = f"interlock: {{repository: {called}, refs: [{full}]}}"
    return f"add to .github/interlock.yml: {listed}"


def not_fetched(branch: str, reason: str) -> SettingCheck:
    """The branch could not be fetched: the other checks are of the last fetched commit."""
    sentence = f"it was not fetched, and its last fetched commit is checked: {reason}"
    return SettingCheck(f"{branch} at origin", Mark.UNKNOWN, sentence, "run it again")


def provenance(*, is_required: bool, is_everywhere: bool) -> SettingCheck:
    """Check that only attested records count in the jobs of GitHub."""
    name = "provenance"
    if is_required:
        where = "" if is_everywhere else "inside GitHub Actions "
        return SettingCheck(name, Mark.OK, f"{where}only attested records and candidates count")
    fix = "add to .github/interlock.yml: provenance: required"
    return SettingCheck(name, Mark.WRONG, "nobody attests records and candidates", fix)


def records(branch: str, *, total: int | None, uncounted: int, reason: str = "") -> SettingCheck:
    """Check that records of the ledger count; without a `total` they could not be read."""
    name = f"records of {branch}"
    if total is None:
        return SettingCheck(name, Mark.UNKNOWN, f"they were not read: {reason}", "run it again")
    if not uncounted:
        known = f"jobs on GitHub read all {total}" if total else "there are none yet"
        return SettingCheck(name, Mark.OK, known)
    share = f"{uncounted} of {figures.count(total, 'record')}"
    sentence = f"jobs on GitHub do not read {share}: without an attestation"
    mark = Mark.WRONG if uncounted == total else Mark.OK
    fix = "to keep them, merge the line that `interlock ledger recover` prints"
    return SettingCheck(name, mark, sentence, fix if mark is Mark.WRONG else "")


def branch_rules(
    branch: str, rules: Collection[str] | None, titles: Mapping[str, str], *, reason: str = ""
) -> SettingCheck:
    """Check the rules of the ledger's branch; None: they could not be read, for a reason."""
    name = f"rules of {branch}"
    if rules is None:
        return SettingCheck(name, Mark.UNKNOWN, f"they were not read: {reason}", _CONNECT)
    missing = [title for kind, title in titles.items() if kind not in rules]
    if not missing:
        return SettingCheck(name, Mark.OK, "no force push, no deletion, no merge")
    fix = "add them under Settings, Rules, Rulesets, without a bypass"
    return SettingCheck(name, Mark.WRONG, f"missing: {', '.join(missing)}", fix)


def bypasses(branch: str, actors: Collection[str] | None, *, reason: str = "") -> SettingCheck:
    """Check who may bypass the rules of a branch; None: this token cannot read it, or nothing was
    read for a reason."""
    name = f"bypass of {branch}"
    if reason:
        return SettingCheck(name, Mark.UNKNOWN, f"it was not read: {reason}", _CONNECT)
    if actors is None:
        sentence = "it was not read: that needs the token of an administrator"
        return SettingCheck(name, Mark.UNKNOWN, sentence, "run it with such a token")
    if not actors:
        return SettingCheck(name, Mark.OK, "nobody may bypass the rules")
    sentence = f"may bypass the rules: {', '.join(sorted(actors))}"
    return SettingCheck(name, Mark.WRONG, sentence, "remove the bypass list of the ruleset")

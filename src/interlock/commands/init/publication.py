"""Writes a proposal on its branch, and opens the pull request."""

from __future__ import annotations

from interlock import errors
from interlock.commands.init import completion
from interlock.commands.init.adoption import Adoption
from interlock.ports.git import Repository
from interlock.ports.github import Draft, GitHub, Pull
from interlock.rendering import adoption

BRANCH = "interlock-init"


def commit(repository: Repository, made: Adoption) -> str:
    """Write the files on the branch BRANCH, without a change of the checkout; return the commit.

    Raises Refused if the branch has other commits.
    """
    ref = f"refs/heads/{BRANCH}"
    contents = {each.path: completion.encoded(each) for each in made.files}
    new = repository.commit(made.base, contents, message=_message(made))
    known = repository.find_ref(ref)
    if known is not None and not repository.differences(known, new):
        return known
    if known is not None and not _is_replaceable(repository, known, made.base):
        hint = f"delete it with `git branch -D {BRANCH}`, and run init again"
        raise errors.Refused(f"there is a branch {BRANCH} with commits of its own", hint=hint)
    if not repository.move(ref, new, expected=known):
        raise errors.Refused(f"the branch {BRANCH} was changed meanwhile", hint="run init again")
    return new


def _is_replaceable(repository: Repository, commit: str, base: str) -> bool:
    """True if a branch has nothing but an earlier proposal over the history of `base`."""
    if repository.is_ancestor(commit, base):
        return True
    _, subject = repository.log(commit)[0]
    above = repository.parents(commit)
    return subject == adoption.TITLE and all(repository.is_ancestor(p, base) for p in above)


def _message(made: Adoption) -> str:
    names = ", ".join(each.name for each in made.choices)
    return f"{adoption.TITLE}\n\nIt plans, trains, evaluates and promotes {names}.\n"


def open_pull(repository: Repository, made: Adoption, github: GitHub, *, commit: str) -> Pull:
    """Push the branch, and open its pull request; an open one is returned as it is.

    Raises Refused if origin has other commits on the branch.
    """
    ref = f"refs/heads/{BRANCH}"
    there = repository.at_origin(ref)
    if there != commit and not repository.push(commit, ref, expected=there):
        hint = f"delete it with `git push origin --delete {BRANCH}`, and run init again"
        raise errors.Refused(f"origin has other commits on the branch {BRANCH}", hint=hint)
    known = [pull for pull in github.pulls_of_branch(BRANCH) if pull.is_open]
    if known:
        return known[0]
    purposes = {each.path: each.purpose for each in made.files}
    body = adoption.body(made.choices, purposes, made.notes)
    return github.open_pull(Draft(BRANCH, made.branch, adoption.TITLE, body))

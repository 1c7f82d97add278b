"""Select the pull requests to report on."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors
from interlock.domain.access.event import Event
from interlock.ports.git import Repository
from interlock.ports.github import GitHub, Pull


@dataclass(frozen=True, slots=True)
class PullSelection:
    """A pull request by `number`; or those with `commit` as merge commit or head; or, with `base`,
    the group of a merge queue with the head `commit`. `event` started the workflow, if known."""

    number: int | None = None
    commit: str | None = None
    base: str | None = None
    event: Event | None = None


def choose(
    selection: PullSelection, *, repository: Repository, github: GitHub, where: str
) -> tuple[Pull, ...]:
    """Return the pull requests; none if the commit belongs to none. `where` is `owner/name`.

    Raises BadInput for an incomplete or contradictory selection, CannotResolve for an unknown
    number or revision, CannotReachGitHub.
    """
    match selection:
        case PullSelection(number=int(number), commit=None, base=None):
            return (_find(github, number, where=where),)
        case PullSelection(number=None, commit=str(commit), base=None):
            pulls = github.pulls_of_commit(commit) or _pulls_of_run(github, commit, selection.event)
            return tuple(p for p in pulls if commit in (p.head_sha, p.merge_commit_sha))
        case PullSelection(number=None, commit=str(commit), base=str(base)):
            return (_group(repository, commit, base=base, where=where),)
    raise errors.BadInput(
        "no pull request is selected",
        hint="give --pull N or --commit SHA; for a merge queue's group --commit SHA --base REV",
    )


def _find(github: GitHub, number: int, *, where: str) -> Pull:
    pull = github.find_pull(number)
    if pull is None:
        raise errors.CannotResolve(
            f"{where} has no pull request {number}",
            hint="check --pull, GITHUB_REPOSITORY, and that the token may read pull requests",
        )
    return pull


def _group(repository: Repository, commit: str, *, base: str, where: str) -> Pull:
    """The group of a merge queue as a pull request without a number."""
    head, start = repository.resolve(commit), repository.resolve(base)
    return Pull(0, "", "", "", "open", head, "", where, "", start, base_repository=where)


def _pulls_of_run(github: GitHub, commit: str, event: Event | None) -> tuple[Pull, ...]:
    """Pull requests of a fork, by the branch of the workflow run that ended."""
    run = event.run if event else None
    if run is None or run.head.sha != commit or not run.head.repository or not run.head.ref:
        return ()
    return github.pulls_from(f"{run.head.repository.split('/')[0]}:{run.head.ref}")


def fetch(repository: Repository, pull: Pull) -> None:
    """Fetch the head and the base if this clone lacks them."""
    for commit, refspec in (
        (pull.head_sha, f"refs/pull/{pull.number}/head"),
        (pull.base_sha, f"refs/heads/{pull.base_ref}"),
        (pull.merge_commit_sha, f"refs/heads/{pull.base_ref}"),
    ):
        if commit and repository.find_ref(commit) is None:
            repository.fetch(refspec)

"""The pages of commits: a branch's, and one with its diff."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox import protection
from github_sandbox.pages import discussion, rendering

_PER_PAGE = 50


def show_commits(visit: rendering.PageRequest) -> Response:
    ref = visit.request.path_params.get("ref") or visit.branch
    sha = visit.git.resolve(ref)
    if sha is None:
        raise rendering.PageNotFound(f"the revision {ref} of {visit.name}")
    number = _number(visit)
    commits = visit.git.commits(sha, skip=(number - 1) * _PER_PAGE, limit=_PER_PAGE + 1)
    states = {
        commit.sha: protection.rollup(protection.contexts(visit.instance, visit.name, commit.sha))
        for commit in commits
    }
    return visit.page(
        "commits.html",
        tab="commits",
        ref=ref,
        commits=commits[:_PER_PAGE],
        states=states,
        number=number,
        more=len(commits) > _PER_PAGE,
    )


def _number(visit: rendering.PageRequest) -> int:
    text = visit.request.query_params.get("page", "1")
    return int(text) if text.isdecimal() and 0 < int(text) < 10**6 else 1


def show_commit(visit: rendering.PageRequest) -> Response:
    sha = visit.git.resolve(visit.request.path_params["sha"])
    if sha is None:
        raise rendering.PageNotFound("that commit")
    commit = visit.git.commit(sha)
    return visit.page(
        "commit.html",
        tab="commits",
        commit=commit,
        files=visit.git.files(commit.before, sha),
        runs=protection.latest_checks(visit.instance, visit.name, sha),
        statuses=protection.latest_statuses(visit.instance, visit.name, sha),
        comments=discussion.on_commit(visit, sha),
    )

"""Endpoints about commits: one, many, between two, and their pull requests."""

from __future__ import annotations

from github_sandbox.git import File
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found, page
from github_sandbox.shapes import commits as shapes
from github_sandbox.shapes import pulls as pull_shapes
from github_sandbox.state import Json

_LISTED = 10_000
_FILES = 300
_COMPARED = 250


def list_commits(call: Call) -> Answer:
    ref = call.query.get("sha") or call.repository["default_branch"]
    sha = call.git.resolve(ref)
    if sha is None:
        raise ApiError(409, "Git Repository is empty.") if not call.git.refs() else not_found()
    commits = call.git.commits(sha, limit=_LISTED, path=call.query.get("path", ""))
    return page(
        call, commits, shape=lambda c: shapes.commit(call.instance, call.base, call.name, c)
    )


def get_commit(call: Call) -> Answer:
    sha = _need(call, call.params["ref"])
    if "vnd.github.sha" in call.accept:
        return Answer(sha.encode(), media="application/vnd.github.sha; charset=utf-8")
    commit = call.git.commit(sha)
    files = call.git.files(commit.before, sha)
    shape = shapes.commit(call.instance, call.base, call.name, commit)
    return Answer({**shape, "stats": _stats(files), "files": _files(call, sha, files)})


def _need(call: Call, ref: str) -> str:
    sha = call.git.resolve(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    return sha


def _stats(files: list[File]) -> dict[str, int]:
    added = sum(max(file.additions, 0) for file in files)
    deleted = sum(file.deletions for file in files)
    return {"additions": added, "deletions": deleted, "total": added + deleted}


def _files(call: Call, sha: str, files: list[File]) -> list[Json]:
    return [shapes.file(call.base, call.name, sha, file) for file in files[:_FILES]]


def list_pulls(call: Call) -> Answer:
    """List merged pull requests of a commit, and open ones that contain it."""
    sha = _need(call, call.params["ref"])
    pulls = [p for p in call.store.list("pull", repository=call.name) if _contains(call, p, sha)]
    return page(
        call, pulls, shape=lambda p: pull_shapes.pull(call.instance, call.base, call.name, p)
    )


def _contains(call: Call, pull: Json, sha: str) -> bool:
    if pull["merged_at"] and pull["merge_commit_sha"] == sha:
        return True
    if pull["head_repository"] != call.name and not pull["merged_at"]:
        return False  # like GitHub, although refs/pull/N/head contains the commit
    git = call.git
    if not git.is_ancestor(sha, pull["head_sha"]):
        return False
    return not git.is_ancestor(sha, pull["base_sha"])


def compare(call: Call) -> Answer:
    before, dots, after = call.params["basehead"].partition("...")
    base, head = call.git.resolve(before), call.git.resolve(after)
    if not dots or base is None or head is None:
        raise not_found()
    common = call.git.merge_base(base, head)
    if common is None:
        raise ApiError(404, "No common ancestor")
    ahead = call.git.count(head, exclude=base)
    behind = call.git.count(base, exclude=head)
    listed = call.git.commits(head, exclude=base, limit=_COMPARED, oldest_first=True)
    address = f"{call.base}/api/repos/{call.name}/compare/{call.params['basehead']}"
    page_url = f"{call.base}/{call.name}/compare/{call.params['basehead']}"
    return Answer(
        {
            "url": address,
            "html_url": page_url,
            "permalink_url": page_url,
            "diff_url": f"{page_url}.diff",
            "patch_url": f"{page_url}.patch",
            "base_commit": _commit(call, base),
            "merge_base_commit": _commit(call, common),
            "status": _relation(ahead, behind),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [shapes.commit(call.instance, call.base, call.name, c) for c in listed],
            "files": _files(call, head, call.git.files(common, head)),
        }
    )


def _commit(call: Call, sha: str) -> Json:
    return shapes.commit(call.instance, call.base, call.name, call.git.commit(sha))


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("GET", f"{_REPOSITORY}/commits", list_commits),
    Endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}/pulls", list_pulls),
    Endpoint("GET", f"{_REPOSITORY}/commits/{{ref:path}}", get_commit),
    Endpoint("GET", f"{_REPOSITORY}/compare/{{basehead:path}}", compare),
)

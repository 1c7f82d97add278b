"""Endpoints of Git refs and Git commits."""

from __future__ import annotations

from github_sandbox import ref_updates, rulesets
from github_sandbox.git import SHA, ZERO, GitFailed
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found, page
from github_sandbox.shapes import actors, commits
from github_sandbox.state import Json


def get_ref(call: Call) -> Answer:
    return Answer(_shape(call, *_need_ref(call)))


def matching_refs(call: Call) -> Answer:
    prefix = f"refs/{call.params.get('ref', '')}"
    refs = [item for item in call.git.refs("refs/").items() if item[0].startswith(prefix)]
    return page(call, refs, shape=lambda item: _shape(call, *item))


def create_ref(call: Call) -> Answer:
    ref = call.text("ref", resource="Reference", required=True) or ""
    if not ref.startswith("refs/") or ref.count("/") < 2 or not call.git.valid_ref(ref):
        raise ApiError(422, "Reference name is not well-formed: it begins with 'refs/heads/'")
    if ref.startswith("refs/pull/"):
        raise ApiError(422, "Reference cannot be created under refs/pull")
    sha = _need_object(call)
    if call.git.resolve(ref, kind="object") is not None:
        raise ApiError(422, "Reference already exists")
    _move(call, ref, ZERO, sha)
    return Answer(_shape(call, ref, sha), status=201)


def update_ref(call: Call) -> Answer:
    ref, before = _need_ref(call)
    sha = _need_object(call)
    forward = call.git.is_ancestor(before, sha)
    if not forward and (call.body.get("force") is not True or _protected(call, ref)):
        raise ApiError(422, "Update is not a fast forward")
    _permitted(call, ref_updates.RefUpdate(ref, before, sha))
    _move(call, ref, before, sha)
    return Answer(_shape(call, ref, sha))


def delete_ref(call: Call) -> Answer:
    ref, before = _need_ref(call)
    if _protected(call, ref) or ref == f"refs/heads/{call.repository['default_branch']}":
        raise ApiError(422, "Cannot delete this branch")
    move = _permitted(call, ref_updates.RefUpdate(ref, before, ZERO))
    call.git.delete_ref(ref)
    ref_updates.apply(call.instance, call.name, [move], by=call.actor)
    return Answer(None, status=204)


def _permitted(call: Call, move: ref_updates.RefUpdate) -> ref_updates.RefUpdate:
    reason = rulesets.refusal(call.instance, call.name, move)
    if reason is not None:
        raise ApiError(422, reason)
    return move


def _move(call: Call, ref: str, before: str, after: str) -> None:
    try:
        call.git.update_ref(ref, after, expected=before)
    except GitFailed as error:
        raise ApiError(422, "Reference cannot be updated") from error
    if before != after:
        moves = [ref_updates.RefUpdate(ref, before, after)]
        ref_updates.apply(call.instance, call.name, moves, by=call.actor)


def _protected(call: Call, ref: str) -> bool:
    if ref.startswith("refs/pull/"):
        return True
    return ref.removeprefix("refs/heads/") in call.repository["protection"]


def _need_ref(call: Call) -> tuple[str, str]:
    ref = f"refs/{call.params['ref']}"
    sha = call.git.resolve(ref, kind="object") if call.git.valid_ref(ref) else None
    if sha is None:
        raise not_found()
    return ref, sha


def _need_object(call: Call) -> str:
    sha = call.text("sha", resource="Reference", required=True) or ""
    if not SHA.fullmatch(sha) or call.git.resolve(sha, kind="object") is None:
        raise ApiError(422, "Object does not exist")
    return sha


def _shape(call: Call, ref: str, sha: str) -> Json:
    address = f"{call.base}/api/repos/{call.name}/git"
    kind = call.git.kind(sha)
    return {
        "ref": ref,
        "node_id": actors.node_id("Ref", ref),
        "url": f"{address}/{ref}",
        "object": {"type": kind, "sha": sha, "url": f"{address}/{kind}s/{sha}"},
    }


def get_commit(call: Call) -> Answer:
    sha = call.params["sha"]
    if not SHA.fullmatch(sha) or call.git.resolve(sha) is None:
        raise not_found()
    return Answer(commits.git_commit(call.base, call.name, call.git.commit(sha)))


_GIT = "/repos/{owner}/{repo}/git"
_WRITE = ("contents",)
ENDPOINTS = (
    Endpoint("GET", f"{_GIT}/ref/{{ref:path}}", get_ref),
    Endpoint("GET", f"{_GIT}/refs", matching_refs),
    Endpoint("GET", f"{_GIT}/refs/{{ref:path}}", get_ref),
    Endpoint("GET", f"{_GIT}/matching-refs/{{ref:path}}", matching_refs),
    Endpoint("POST", f"{_GIT}/refs", create_ref, scopes=_WRITE),
    Endpoint("PATCH", f"{_GIT}/refs/{{ref:path}}", update_ref, scopes=_WRITE),
    Endpoint("DELETE", f"{_GIT}/refs/{{ref:path}}", delete_ref, scopes=_WRITE),
    Endpoint("GET", f"{_GIT}/commits/{{sha}}", get_commit),
)

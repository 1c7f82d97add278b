"""The pages of pull requests: the list, the conversation, checks and commits."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox import protection
from github_sandbox.pages import discussion, rendering
from github_sandbox.state import Json

_COMMITS = 250


def show_list(request: rendering.PageRequest) -> Response:
    every = request.instance.store.list("pull", repository=request.name)
    state, counts = discussion.filter_by_state(request, every)
    shown = [pull for pull in reversed(every) if state in ("all", pull["state"])]
    rows = [
        {**pull, "check": _rollup(request, pull), "chips": discussion.labels(request, pull)}
        for pull in shown
    ]
    for row in rows:
        row["comments"] = len(
            request.instance.store.list("comment", repository=request.name, parent=row["number"])
        )
    return request.page("pulls.html", tab="pulls", rows=rows, state=state, counts=counts)


def show_conversation(request: rendering.PageRequest) -> Response:
    pull = _need(request)
    required = request.repository["protection"].get(pull["base_ref"], {}).get("contexts", [])
    contexts = protection.contexts(request.instance, request.name, pull["head_sha"])
    missing = {name: "expected" for name in required if name not in contexts}
    titles = {
        run["name"]: run["output"].get("title") or ""
        for run in protection.latest_checks(request.instance, request.name, pull["head_sha"])
    }
    return _page(
        request,
        "conversation.html",
        pull,
        part="conversation",
        timeline=discussion.timeline(request, pull),
        contexts={**contexts, **missing},
        titles=titles,
        required=required,
        reviewers=[*pull.get("reviewers", ()), *pull.get("teams", ())],
        mergeable=protection.mergeable_state(request.instance, request.name, pull),
        obstacle=protection.merge_refusal(request.instance, request.name, pull),
    )


def show_checks(request: rendering.PageRequest) -> Response:
    pull = _need(request)
    sha = pull["head_sha"]
    return _page(
        request,
        "checks.html",
        pull,
        part="checks",
        runs=protection.latest_checks(request.instance, request.name, sha),
        statuses=protection.latest_statuses(request.instance, request.name, sha),
    )


def show_commits(request: rendering.PageRequest) -> Response:
    pull = _need(request)
    commits = request.git.commits(
        pull["head_sha"], exclude=_start(request, pull), limit=_COMMITS, oldest_first=True
    )
    return _page(request, "pull_commits.html", pull, part="commits", commits=commits)


def _start(request: rendering.PageRequest, pull: Json) -> str:
    common = request.git.merge_base(pull["base_sha"], pull["head_sha"])
    return common or str(pull["base_sha"])


def _need(request: rendering.PageRequest) -> Json:
    number = request.http.path_params["number"]
    pull = request.instance.store.get("pull", repository=request.name, key=number)
    if pull is None:
        raise rendering.PageNotFound(f"pull request #{number} of {request.name}")
    return pull


def _page(request: rendering.PageRequest, template: str, pull: Json, **values: object) -> Response:
    start = _start(request, pull)
    return request.page(
        template,
        tab="pulls",
        pull=pull,
        chips=discussion.labels(request, pull),
        check=_rollup(request, pull),
        commit_count=request.git.count(pull["head_sha"], exclude=start),
        **values,
    )


def _rollup(request: rendering.PageRequest, pull: Json) -> str:
    return protection.rollup(protection.contexts(request.instance, request.name, pull["head_sha"]))

"""The pages of pull requests: the list, the conversation, checks, commits, files."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox import protection
from github_sandbox.pages import discussion, rendering
from github_sandbox.state import Json

_COMMITS = 250


def show_list(visit: rendering.PageRequest) -> Response:
    every = visit.instance.store.list("pull", repository=visit.name)
    wanted, counts = discussion.filter_by_state(visit, every)
    shown = [pull for pull in reversed(every) if wanted in ("all", pull["state"])]
    rows = [
        {**pull, "check": _rollup(visit, pull), "chips": discussion.labels(visit, pull)}
        for pull in shown
    ]
    for row in rows:
        row["comments"] = len(
            visit.instance.store.list("comment", repository=visit.name, parent=row["number"])
        )
    return visit.page("pulls.html", tab="pulls", rows=rows, wanted=wanted, counts=counts)


def show_conversation(visit: rendering.PageRequest) -> Response:
    pull = _need(visit)
    required = visit.repository["protection"].get(pull["base_ref"], {}).get("contexts", [])
    contexts = protection.contexts(visit.instance, visit.name, pull["head_sha"])
    missing = {name: "expected" for name in required if name not in contexts}
    titles = {
        run["name"]: run["output"].get("title") or ""
        for run in protection.latest_checks(visit.instance, visit.name, pull["head_sha"])
    }
    return _page(
        visit,
        "conversation.html",
        pull,
        part="conversation",
        timeline=discussion.timeline(visit, pull),
        contexts={**contexts, **missing},
        titles=titles,
        required=required,
        reviewers=[*pull.get("reviewers", ()), *pull.get("teams", ())],
        mergeable=protection.mergeable_state(visit.instance, visit.name, pull),
        obstacle=protection.merge_refusal(visit.instance, visit.name, pull),
    )


def show_checks(visit: rendering.PageRequest) -> Response:
    pull = _need(visit)
    sha = pull["head_sha"]
    return _page(
        visit,
        "checks.html",
        pull,
        part="checks",
        runs=protection.latest_checks(visit.instance, visit.name, sha),
        statuses=protection.latest_statuses(visit.instance, visit.name, sha),
    )


def show_commits(visit: rendering.PageRequest) -> Response:
    pull = _need(visit)
    commits = visit.git.commits(
        pull["head_sha"], exclude=_start(visit, pull), limit=_COMMITS, oldest_first=True
    )
    return _page(visit, "pull_commits.html", pull, part="commits", commits=commits)


def show_files(visit: rendering.PageRequest) -> Response:
    pull = _need(visit)
    files = visit.git.files(_start(visit, pull), pull["head_sha"])
    return _page(visit, "files.html", pull, part="files", files=files)


def _start(visit: rendering.PageRequest, pull: Json) -> str:
    common = visit.git.merge_base(pull["base_sha"], pull["head_sha"])
    return common or str(pull["base_sha"])


def _need(visit: rendering.PageRequest) -> Json:
    number = visit.request.path_params["number"]
    pull = visit.instance.store.get("pull", repository=visit.name, key=number)
    if pull is None:
        raise rendering.PageNotFound(f"pull request #{number} of {visit.name}")
    return pull


def _page(visit: rendering.PageRequest, template: str, pull: Json, **values: object) -> Response:
    start = _start(visit, pull)
    return visit.page(
        template,
        tab="pulls",
        pull=pull,
        chips=discussion.labels(visit, pull),
        check=_rollup(visit, pull),
        commit_count=visit.git.count(pull["head_sha"], exclude=start),
        file_count=len(visit.git.touched_between(start, pull["head_sha"])),
        **values,
    )


def _rollup(visit: rendering.PageRequest, pull: Json) -> str:
    return protection.rollup(protection.contexts(visit.instance, visit.name, pull["head_sha"]))

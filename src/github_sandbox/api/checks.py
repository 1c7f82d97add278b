"""Endpoints of check runs, their annotations and their limits."""

from __future__ import annotations

from typing import Any

from github_sandbox import limits, protection
from github_sandbox.git import SHA
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, invalid, not_found, page
from github_sandbox.shapes import actors
from github_sandbox.shapes import checks as shapes
from github_sandbox.state import Json

_RESOURCE = "CheckRun"
_STATUSES = ("queued", "in_progress", "completed")
_CONCLUSIONS = (
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required",
)  # fmt: skip
_LEVELS = ("notice", "warning", "failure")
_ANNOTATION = ("path", "start_line", "end_line", "annotation_level", "message")


def create_run(call: Call) -> Answer:
    sha = call.text("head_sha", resource=_RESOURCE, required=True) or ""
    if not SHA.fullmatch(sha) or call.git.resolve(sha) is None:
        raise ApiError(422, f"No commit found for SHA: {sha}")
    run: Json = {
        "id": call.store.next("id"),
        "name": call.text("name", resource=_RESOURCE, required=True),
        "head_sha": sha,
        "creator": call.actor.login,
        "status": "queued",
        "conclusion": None,
        "started_at": call.moment("started_at", resource=_RESOURCE) or limits.now(),
        "completed_at": None,
        "external_id": "",
        "details_url": None,
        "output": {},
        "annotations": [],
    }
    _apply(call, run)
    _announce(call, run, "created")
    return Answer(_shape(call, run), status=201)


def update_run(call: Call) -> Answer:
    run = _need_run(call)
    if run["creator"] != call.actor.login:
        raise ApiError(403, "Invalid app_id: the check run belongs to another app")
    run["name"] = call.text("name", resource=_RESOURCE) or run["name"]
    _apply(call, run)
    if run["status"] == "completed":
        _announce(call, run, "completed")
    return Answer(_shape(call, run))


def _apply(call: Call, run: Json) -> None:
    for name in ("external_id", "details_url"):
        run[name] = call.text(name, resource=_RESOURCE) or run[name]
    _set_status(call, run)
    output = call.body.get("output")
    if output is not None:
        _set_output(run, output)
    call.store.put("check_run", run, repository=call.name, key=run["id"], parent=run["head_sha"])


def _set_status(call: Call, run: Json) -> None:
    conclusion = call.body.get("conclusion")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise invalid(_RESOURCE, "conclusion", "invalid", f"{conclusion!r} is not a conclusion")
    default = "completed" if conclusion else run["status"]
    status = call.choice("status", resource=_RESOURCE, of=_STATUSES, default=default)
    if conclusion:
        status = "completed"
    if status == "completed" and not (conclusion or run["conclusion"]):
        raise invalid(_RESOURCE, "conclusion", "missing_field", "a completed check concludes")
    run["status"] = status
    run["conclusion"] = (conclusion or run["conclusion"]) if status == "completed" else None
    done = call.moment("completed_at", resource=_RESOURCE) or run["completed_at"] or limits.now()
    run["completed_at"] = done if status == "completed" else None


def _set_output(run: Json, output: Any) -> None:
    if not isinstance(output, dict) or not isinstance(output.get("summary"), str):
        raise invalid(_RESOURCE, "output", "invalid", "output needs a title and a summary")
    if not run["output"] and not isinstance(output.get("title"), str):
        raise invalid(_RESOURCE, "output", "invalid", "output needs a title and a summary")
    for name in ("title", "summary", "text"):
        text = output.get(name)
        if text is not None and len(str(text)) > limits.CHECK_OUTPUT_CHARACTERS:
            message = f"Only {limits.CHECK_OUTPUT_CHARACTERS} characters are allowed; "
            raise ApiError(
                422, "Invalid request.", errors=[f"{message}{len(str(text))} were given"]
            )
        if text is not None:
            run["output"][name] = str(text)
    run["annotations"] += _annotations(output.get("annotations", []))


def _annotations(annotations: Any) -> list[Json]:
    if not isinstance(annotations, list) or len(annotations) > limits.ANNOTATIONS_PER_REQUEST:
        message = f"No more than {limits.ANNOTATIONS_PER_REQUEST} annotations per request"
        raise ApiError(422, "Invalid request.", errors=[message])
    for item in annotations:
        if not isinstance(item, dict) or any(item.get(name) is None for name in _ANNOTATION):
            raise invalid(_RESOURCE, "annotations", "missing_field", ", ".join(_ANNOTATION))
        if item["annotation_level"] not in _LEVELS:
            raise invalid(_RESOURCE, "annotation_level", "invalid")
        if item["start_line"] != item["end_line"] and item.get("start_column") is not None:
            raise invalid(_RESOURCE, "start_column", "invalid", "columns need one line")
    kept = (*_ANNOTATION, "title", "raw_details", "start_column", "end_column")
    return [{name: item.get(name) for name in kept} for item in annotations]


def get_run(call: Call) -> Answer:
    return Answer(_shape(call, _need_run(call)))


def list_for_ref(call: Call) -> Answer:
    sha = call.git.resolve(call.params["ref"])
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {call.params['ref']}")
    if call.query.get("filter", "latest") == "all":
        runs = call.store.list("check_run", repository=call.name, parent=sha)
    else:
        runs = protection.latest_checks(call.instance, call.name, sha)
    for query, name in (("check_name", "name"), ("status", "status")):
        wanted = call.query.get(query)
        runs = [run for run in runs if not wanted or run[name] == wanted]
    runs.reverse()
    return page(call, runs, shape=lambda run: _shape(call, run), under="check_runs")


def list_annotations(call: Call) -> Answer:
    run = _need_run(call)
    href = f"{call.base}/{call.name}/blob/{run['head_sha']}/"
    annotations = [{**item, "blob_href": href + item["path"]} for item in run["annotations"]]
    return page(call, annotations)


def _need_run(call: Call) -> Json:
    run = call.store.get("check_run", repository=call.name, key=call.params["run"])
    if run is None:
        raise not_found()
    return run


def _shape(call: Call, run: Json) -> Json:
    return shapes.check_run(call.instance, call.base, call.name, run)


def _announce(call: Call, run: Json, action: str) -> None:
    instance, base = call.instance, call.instance.base_url
    payload = {
        "check_run": shapes.check_run(instance, base, call.name, run),
        "repository": actors.repository(instance, base, call.repository),
        "sender": actors.user(instance, base, call.actor.login),
    }
    instance.emit("check_run", action, payload, repository=call.name, by=call.actor)


_RUNS = "/repos/{owner}/{repo}/check-runs"
ENDPOINTS = (
    Endpoint("POST", _RUNS, create_run, scopes=("checks",)),
    Endpoint("GET", f"{_RUNS}/{{run:int}}", get_run),
    Endpoint("PATCH", f"{_RUNS}/{{run:int}}", update_run, scopes=("checks",)),
    Endpoint("GET", f"{_RUNS}/{{run:int}}/annotations", list_annotations),
    Endpoint("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs", list_for_ref),
)

"""Endpoints of labels of a repository, an issue or a pull request."""

from __future__ import annotations

import re

from github_sandbox import issues, pulls
from github_sandbox.http_types import Answer, Call, Endpoint, invalid, not_found, page
from github_sandbox.limits import LABEL_CHARACTERS
from github_sandbox.shapes import discussion as shapes
from github_sandbox.shapes import pulls as pull_shapes
from github_sandbox.state import Json

_COLOR = re.compile(r"[0-9a-fA-F]{6}")
_GREY = "ededed"


def create_label(call: Call) -> Answer:
    name = call.text("name", resource="Label", required=True, limit=LABEL_CHARACTERS) or ""
    color = call.text("color", resource="Label") or _GREY
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color", "invalid", "color is six hexadecimal digits without #")
    if _find(call, name):
        raise invalid("Label", "name", "already_exists")
    label = _save(call, name, color, call.text("description", resource="Label", limit=100))
    return Answer(shapes.label(call.base, call.name, label), status=201)


def _find(call: Call, name: str) -> Json | None:
    return call.store.get("label", repository=call.name, key=name.lower())


def _save(call: Call, name: str, color: str = _GREY, description: str | None = None) -> Json:
    label = {"id": call.store.next("id"), "name": name, "color": color, "description": description}
    call.store.put("label", label, repository=call.name, key=name.lower())
    return label


def list_labels(call: Call) -> Answer:
    labels = call.store.list("label", repository=call.name)
    return page(call, labels, shape=lambda label: shapes.label(call.base, call.name, label))


def get_label(call: Call) -> Answer:
    label = _find(call, call.params["label"])
    if label is None:
        raise not_found()
    return Answer(shapes.label(call.base, call.name, label))


def delete_label(call: Call) -> Answer:
    get_label(call)
    call.store.delete("label", repository=call.name, key=call.params["label"].lower())
    return Answer(None, status=204)


def need_issue(call: Call) -> Json:
    """Return the issue or pull request in the path."""
    known = issues.find(call.instance, call.name, call.params["number"])
    if known is None:
        raise not_found()
    return known


def list_of_issue(call: Call) -> Answer:
    return page(call, pull_shapes.labels_of(call.instance, call.base, call.name, need_issue(call)))


def add_to_issue(call: Call) -> Answer:
    """Add labels by name; as on GitHub, create missing labels."""
    put_on(call, need_issue(call), call.texts("labels", resource="Label"))
    return list_of_issue(call)


def set_on_issue(call: Call) -> Answer:
    known, wanted = need_issue(call), call.texts("labels", resource="Label")
    for key in [key for key in known["labels"] if key not in {name.lower() for name in wanted}]:
        _take_off(call, known, key)
    put_on(call, known, wanted)
    return list_of_issue(call)


def remove_from_issue(call: Call) -> Answer:
    known, key = need_issue(call), call.params["label"].lower()
    if key not in known["labels"]:
        raise not_found()
    _take_off(call, known, key)
    return list_of_issue(call)


def clear_issue(call: Call) -> Answer:
    known = need_issue(call)
    for key in list(known["labels"]):
        _take_off(call, known, key)
    return Answer(None, status=204)


def put_on(call: Call, known: Json, names: list[str]) -> None:
    for name in names:
        if not name or len(name) > LABEL_CHARACTERS:
            raise invalid("Label", "name", "invalid")
        label = _find(call, name) or _save(call, name)
        if name.lower() not in known["labels"]:
            known["labels"].append(name.lower())
            _announce(call, known, "labeled", label)


def _take_off(call: Call, known: Json, key: str) -> None:
    known["labels"].remove(key)
    label = _find(call, key)
    if label:
        _announce(call, known, "unlabeled", label)


def _announce(call: Call, known: Json, action: str, label: Json) -> None:
    issues.save(call.instance, call.name, known)
    pulls.note(
        call.instance, call.name, known["number"], action, by=call.actor, label=label["name"]
    )
    shape = shapes.label(call.instance.base_url, call.name, label)
    issues.announce(call.instance, call.name, known, action, by=call.actor, label=shape)


_REPOSITORY = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPOSITORY}/issues/{{number:int}}/labels"
_WRITE = ("issues", "pull_requests")
ENDPOINTS = (
    Endpoint("POST", f"{_REPOSITORY}/labels", create_label, scopes=_WRITE),
    Endpoint("GET", f"{_REPOSITORY}/labels", list_labels),
    Endpoint("GET", f"{_REPOSITORY}/labels/{{label:path}}", get_label),
    Endpoint("DELETE", f"{_REPOSITORY}/labels/{{label:path}}", delete_label, scopes=_WRITE),
    Endpoint("GET", _ISSUE, list_of_issue),
    Endpoint("POST", _ISSUE, add_to_issue, scopes=_WRITE, needs="triage"),
    Endpoint("PUT", _ISSUE, set_on_issue, scopes=_WRITE, needs="triage"),
    Endpoint(
        "DELETE", f"{_ISSUE}/{{label:path}}", remove_from_issue, scopes=_WRITE, needs="triage"
    ),
    Endpoint("DELETE", _ISSUE, clear_issue, scopes=_WRITE, needs="triage"),
)

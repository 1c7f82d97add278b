"""Parts of the pages of pull requests and issues: filter, labels, timeline."""

from __future__ import annotations

from collections.abc import Sequence

from github_sandbox.pages import rendering
from github_sandbox.state import Json

_STATES = ("open", "closed", "all")


def filter_by_state(
    request: rendering.PageRequest, every: Sequence[Json]
) -> tuple[str, dict[str, int]]:
    """Return the requested state, and the number of items per state."""
    state = request.http.query_params.get("state", "open")
    counts = {each: sum(item["state"] == each for item in every) for each in _STATES[:2]}
    return (state if state in _STATES else "open"), {**counts, "all": len(every)}


def timeline(request: rendering.PageRequest, known: Json) -> list[Json]:
    """Return comments, reviews and events, sorted by time."""
    kinds = (
        ("comment", "comment", "created_at"),
        ("review", "review", "submitted_at"),
        ("timeline", "event", "created_at"),
    )
    entries = [
        {**item, "kind": kind, "at": item[time]}
        for table, kind, time in kinds
        for item in request.instance.store.list(
            table, repository=request.name, parent=known["number"]
        )
    ]
    return sorted(entries, key=lambda entry: str(entry["at"]))


def of_commit(request: rendering.PageRequest, sha: str) -> list[Json]:
    comments = request.instance.store.list("commit_comment", repository=request.name, parent=sha)
    return [{**item, "kind": "commit", "at": item["created_at"]} for item in comments]


def labels(request: rendering.PageRequest, known: Json) -> list[str]:
    store = request.instance.store
    stored = (store.get("label", repository=request.name, key=key) for key in known["labels"])
    return [label["name"] for label in stored if label]

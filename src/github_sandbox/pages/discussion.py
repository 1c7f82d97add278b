"""What the pages share on which people talk: states to choose, labels, the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from github_sandbox.pages import rendering
from github_sandbox.state import Json

_STATES = ("open", "closed", "all")


def filter_by_state(
    visit: rendering.PageRequest, every: Sequence[Json]
) -> tuple[str, dict[str, int]]:
    """Return the state that is asked for, and how many there are of each."""
    word = visit.request.query_params.get("state", "open")
    counts = {state: sum(item["state"] == state for item in every) for state in _STATES[:2]}
    return (word if word in _STATES else "open"), {**counts, "all": len(every)}


def timeline(visit: rendering.PageRequest, known: Json) -> list[Json]:
    """Return comments, reviews and what happened, in the order of time."""
    store, number = visit.instance.store, known["number"]
    entries = [
        {**item, "kind": "comment", "at": item["created_at"]}
        for item in store.list("comment", repository=visit.name, parent=number)
    ]
    entries += [
        {**item, "kind": "review", "at": item["submitted_at"]}
        for item in store.list("review", repository=visit.name, parent=number)
    ]
    entries += [
        {**item, "kind": "event", "at": item["created_at"]}
        for item in store.list("timeline", repository=visit.name, parent=number)
    ]
    return sorted(entries, key=lambda entry: str(entry["at"]))


def on_commit(visit: rendering.PageRequest, sha: str) -> list[Json]:
    found = visit.instance.store.list("commit_comment", repository=visit.name, parent=sha)
    return [{**item, "kind": "commit", "at": item["created_at"]} for item in found]


def labels(visit: rendering.PageRequest, known: Json) -> list[str]:
    found = (
        visit.instance.store.get("label", repository=visit.name, key=k) for k in known["labels"]
    )
    return [label["name"] for label in found if label]

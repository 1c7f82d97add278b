"""The page of the ledger: each commit of its branch, with the records it added shown to be read."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from github_sandbox.git import Commit
from github_sandbox.pages import rendering
from github_sandbox.state import Json

BRANCH = "interlock-ledger"
_PER_PAGE = 40
_PICTURES = (".png", ".svg", ".jpg")
_RECORD_BYTES = 256 * 1024


def show(visit: rendering.PageRequest) -> Response:
    tip = visit.git.branch(BRANCH)
    if tip is None:
        return visit.page("ledger.html", tab="ledger", acts=[], number=1, more=False)
    text = visit.request.query_params.get("page", "1")
    number = int(text) if text.isdecimal() and 0 < int(text) < 10**6 else 1
    commits = visit.git.commits(tip, skip=(number - 1) * _PER_PAGE, limit=_PER_PAGE + 1)
    touched = visit.git.touched([commit.sha for commit in commits[:_PER_PAGE]])
    acts = [_act(visit, commit, touched[commit.sha]) for commit in commits[:_PER_PAGE]]
    more = len(commits) > _PER_PAGE
    return visit.page("ledger.html", tab="ledger", acts=acts, number=number, more=more)


def _act(visit: rendering.PageRequest, commit: Commit, touched: list[tuple[str, str]]) -> Json:
    records = [_record(visit, commit, status, path) for status, path in touched]
    return {"commit": commit, "records": records}


def _record(visit: rendering.PageRequest, commit: Commit, status: str, path: str) -> Json:
    family = path.split("/", 1)[0] if "/" in path else ""
    record: Json = {"path": path, "family": family, "status": status}
    entry = visit.git.entry(commit.sha, path)
    record["picture"] = path.endswith(_PICTURES) and entry is not None
    record["value"] = None
    if entry is not None and path.endswith(".json") and entry.size_bytes <= _RECORD_BYTES:
        record["value"] = _parse(visit.git.blob(entry.sha))
    return record


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw.decode(errors="replace")

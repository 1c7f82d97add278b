"""Writes one check run for each name and commit, with its annotations in batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from interlock.adapters.github.session import Session
from interlock.ports.github import Annotation, Check

# https://docs.github.com/en/rest/checks/runs#update-a-check-run
_ANNOTATIONS_A_REQUEST = 50
_OURS = "interlock:"
_UNFINISHED = _OURS + "unfinished"


class CheckRuns:
    def __init__(self, session: Session, *, repository: str) -> None:
        self._session = session
        self._root = f"/repos/{repository}"

    def upsert(self, check: Check, *, is_new_commit: bool = False) -> str:
        """Create or update the run, only if something differs; return its URL.

        The digest of its content is its external id, set by the last request: an interrupted run is
        completed, and a complete one stays.
        """
        latest: dict[str, Any] | None = None

        def find_whole() -> dict[str, Any] | None:
            nonlocal latest
            latest = self._find(check)
            return latest if latest and latest["external_id"] == _digest(check) else None

        run = self._session.patience.create_once(
            find=find_whole, create=lambda: self._write(check, over=latest), is_new=is_new_commit
        )
        return str(run["html_url"])

    def _find(self, check: Check) -> dict[str, Any] | None:
        path = f"{self._root}/commits/{check.head_sha}/check-runs"
        parameters = {"check_name": check.name, "filter": "latest"}
        runs = self._session.find_all(path, parameters, item="check_runs")
        ours = [run for run in runs if str(run.get("external_id") or "").startswith(_OURS)]
        return max(ours, key=lambda run: int(run["id"]), default=None)

    def _write(self, check: Check, *, over: dict[str, Any] | None) -> dict[str, Any]:
        there = set() if over is None else self._annotations(over)
        if over is None or _is_stale(over, there, check):
            return self._send("POST", "", check, check.annotations)
        missing = [a for a in check.annotations if a not in there]
        return self._send("PATCH", f"/{over['id']}", check, missing)

    def _annotations(self, run: dict[str, Any]) -> set[Annotation]:
        if not run["output"].get("annotations_count"):
            return set()
        path = f"{self._root}/check-runs/{run['id']}/annotations"
        return {_annotation(item) for item in self._session.find_all(path)}

    def _send(
        self, method: str, target: str, check: Check, annotations: Sequence[Annotation]
    ) -> dict[str, Any]:
        starts = range(0, max(len(annotations), 1), _ANNOTATIONS_A_REQUEST)
        run: dict[str, Any] = {}
        for start in starts:
            batch = annotations[start : start + _ANNOTATIONS_A_REQUEST]
            body = _body(check, batch, is_last=start == starts[-1])
            # A run stays on its commit: only a new one gets it.
            body |= {"head_sha": check.head_sha} if method == "POST" else {}
            run = self._session.write(method, f"{self._root}/check-runs{target}", body)
            method, target = "PATCH", f"/{run['id']}"
        return run


def _is_stale(run: dict[str, Any], there: set[Annotation], check: Check) -> bool:
    """True if a run cannot get this content: annotations cannot be removed, and a run that has
    ended cannot start again. A newer run of the same name takes its place."""
    reopened = run["status"] == "completed" and check.conclusion is None
    return reopened or not there <= set(check.annotations)


def _body(check: Check, batch: Sequence[Annotation], *, is_last: bool) -> dict[str, Any]:
    output: dict[str, Any] = {"title": check.title, "summary": check.summary, "text": check.text}
    if batch:
        output["annotations"] = [_annotation_body(a) for a in batch]
    body = {
        "name": check.name,
        "external_id": _digest(check) if is_last else _UNFINISHED,
        "output": output,
        **_state(check),
    }
    return {**body, "details_url": check.details_url} if check.details_url else body


def _state(check: Check) -> dict[str, str]:
    if check.conclusion is None:
        return {"status": "in_progress"}
    return {"status": "completed", "conclusion": check.conclusion.value}


def _annotation_body(annotation: Annotation) -> dict[str, Any]:
    return {
        "path": annotation.path,
        "start_line": annotation.line,
        "end_line": annotation.line,
        "annotation_level": annotation.level,
        "title": annotation.title,
        "message": annotation.message,
    }


def _annotation(item: dict[str, Any]) -> Annotation:
    return Annotation(
        path=item["path"],
        line=item["start_line"],
        level=item["annotation_level"],
        title=item.get("title") or "",
        message=item.get("message") or "",
    )


def _digest(check: Check) -> str:
    # Without the link: the same content of a later run is not a change.
    content = {**asdict(check), "details_url": ""}
    text = json.dumps(content, sort_keys=True)
    return _OURS + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

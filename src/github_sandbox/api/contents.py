"""Endpoint of files at a ref: one file, one folder, raw or as base64."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from github_sandbox.git import Entry
from github_sandbox.http_types import Answer, ApiError, Call, Endpoint, not_found
from github_sandbox.state import Json

_KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}
# Larger files are returned only as raw bytes; files over the second limit are not returned.
_INLINE_BYTES = 1024 * 1024
_RAW_BYTES = 100 * 1024 * 1024


def get_contents(call: Call) -> Answer:
    path = call.params.get("path", "").strip("/")
    ref = call.query.get("ref") or call.repository["default_branch"]
    sha = call.git.branch(ref) or call.git.resolve(ref)
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    entry = call.git.entry(sha, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        return Answer([_shape(call, ref, item) for item in call.git.tree(sha, path)])
    raw = call.git.blob(entry.sha) if entry.kind == "blob" else b""
    if len(raw) > _RAW_BYTES:
        raise ApiError(403, "This API returns blobs up to 100 MB in size.")
    if "raw" in call.accept:
        return Answer(raw)
    return Answer({**_shape(call, ref, entry), **_content(raw)})


def _content(raw: bytes) -> dict[str, Any]:
    if len(raw) > _INLINE_BYTES:
        return {"encoding": "none", "content": ""}
    return {"encoding": "base64", "content": base64.encodebytes(raw).decode()}


def _shape(call: Call, ref: str, entry: Entry) -> Json:
    api = f"{call.base}/api/repos/{call.name}"
    address = f"{api}/contents/{entry.path}?ref={ref}"
    kind = "symlink" if entry.mode == "120000" else _KINDS[entry.kind]
    folder = "tree" if entry.kind == "tree" else "blob"
    page = f"{call.base}/{call.name}/{folder}/{ref}/{entry.path}"
    git_url = f"{api}/git/{folder}s/{entry.sha}"
    return {
        "type": kind,
        "name": entry.name,
        "path": entry.path,
        "sha": entry.sha,
        "size": max(entry.size_bytes, 0),
        "url": address,
        "html_url": page,
        "git_url": git_url,
        "download_url": f"{page}?raw=true" if entry.kind == "blob" else None,
        "_links": {"self": address, "git": git_url, "html": page},
    }


def get_blob(call: Call) -> Answer:
    sha = call.git.resolve(call.params["sha"], kind="blob")
    if sha is None:
        raise not_found()
    raw = call.git.blob(sha)
    if "raw" in call.accept:
        return Answer(raw)
    content = base64.encodebytes(raw).decode()
    address = f"{call.base}/api/repos/{call.name}/git/blobs/{sha}"
    node = hashlib.sha256(sha.encode()).hexdigest()[:20]
    shape = {"sha": sha, "node_id": node, "size": len(raw), "url": address}
    return Answer({**shape, "encoding": "base64", "content": content})


_REPOSITORY = "/repos/{owner}/{repo}"
ENDPOINTS = (
    Endpoint("GET", f"{_REPOSITORY}/contents", get_contents),
    Endpoint("GET", f"{_REPOSITORY}/contents/{{path:path}}", get_contents),
    Endpoint("GET", f"{_REPOSITORY}/git/blobs/{{sha}}", get_blob),
)

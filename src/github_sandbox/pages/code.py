"""The pages of files at a revision: folders, files, and their bytes."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.git import Entry
from github_sandbox.pages import rendering

_SHOWN_BYTES = 512 * 1024
_PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}
# A picture may style itself (SVG) and may do nothing else, even when it is opened alone.
_RAW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def show_tree(visit: rendering.PageRequest) -> Response:
    ref, sha, path = _split(visit)
    entry = visit.git.entry(sha, path)
    if entry is None or entry.kind != "tree":
        raise rendering.PageNotFound(f"the folder {path} at {ref}")
    entries = sorted(visit.git.tree(sha, path), key=lambda item: (item.kind != "tree", item.path))
    return visit.page("tree.html", tab="code", ref=ref, path=path, entries=entries)


def show_blob(visit: rendering.PageRequest) -> Response:
    ref, sha, path = _split(visit)
    entry = visit.git.entry(sha, path)
    if entry is None or entry.kind != "blob":
        raise rendering.PageNotFound(f"the file {path} at {ref}")
    raw = visit.git.blob(entry.sha)
    if visit.request.query_params.get("raw") == "true":
        return _raw(path, raw)
    return _page(visit, ref, entry, raw)


def _split(visit: rendering.PageRequest) -> tuple[str, str, str]:
    """Return ref, commit and path of `main/a/b`, where the ref itself may hold slashes."""
    parts = visit.request.path_params["rest"].strip("/").split("/")
    for size in range(1, len(parts) + 1):
        ref = "/".join(parts[:size])
        sha = visit.git.branch(ref) or visit.git.resolve(ref)
        if sha is not None:
            return ref, sha, "/".join(parts[size:])
    raise rendering.PageNotFound(f"a revision {parts[0]}")


def _raw(path: str, raw: bytes) -> Response:
    """Return the bytes as picture or plain text, never as a page."""
    kind = _PICTURES.get(_suffix(path)) or _text_kind(raw)
    return Response(raw, 200, {**rendering.HEADERS, "Content-Security-Policy": _RAW_POLICY}, kind)


def _text_kind(raw: bytes) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8" if b"\0" not in raw else "application/octet-stream"


def _page(visit: rendering.PageRequest, ref: str, entry: Entry, raw: bytes) -> Response:
    is_picture = _suffix(entry.path) in _PICTURES
    is_text = _text_kind(raw) != "application/octet-stream" and len(raw) <= _SHOWN_BYTES
    text = raw.decode() if is_text else ""
    is_markdown = entry.path.lower().endswith(".md") and "plain" not in visit.request.query_params
    return visit.page(
        "blob.html",
        tab="code",
        ref=ref,
        path=entry.path,
        size_bytes=len(raw),
        picture=is_picture,
        text=text if is_text and not is_picture else None,
        as_markdown=is_markdown and is_text,
    )


def _suffix(path: str) -> str:
    return path.rsplit(".", 1)[-1].lower() if "." in path.rsplit("/", 1)[-1] else ""

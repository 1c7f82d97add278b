"""Files at a revision, as pictures or plain text: comments show plots with these addresses."""

from __future__ import annotations

from starlette.responses import Response

from github_sandbox.pages import rendering

_PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
}
# An SVG picture may have styles, but nothing else, even when it is opened alone.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def show_raw(request: rendering.PageRequest) -> Response:
    """Return a file as picture, text or download, never as a page."""
    ref, sha, path = _split(request)
    entry = request.git.entry(sha, path)
    if entry is None or entry.kind != "blob":
        raise rendering.PageNotFound(f"the file {path} at {ref}")
    raw = request.git.blob(entry.sha)
    media_type = _PICTURES.get(path.rsplit(".", 1)[-1].lower()) or _text_or_download(raw)
    headers = {**rendering.HEADERS, "Content-Security-Policy": _POLICY}
    return Response(raw, 200, headers, media_type)


def _split(request: rendering.PageRequest) -> tuple[str, str, str]:
    """Return ref, commit and path of `main/a/b`; the ref itself may contain slashes."""
    parts = request.http.path_params["rest"].strip("/").split("/")
    for size in range(1, len(parts) + 1):
        ref = "/".join(parts[:size])
        sha = request.git.branch(ref) or request.git.resolve(ref)
        if sha is not None:
            return ref, sha, "/".join(parts[size:])
    raise rendering.PageNotFound(f"the revision {parts[0]}")


def _text_or_download(raw: bytes) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8" if b"\0" not in raw else "application/octet-stream"

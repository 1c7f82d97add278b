"""Answer what Git asks before it transfers objects: the refs, and what a server can do.

https://git-scm.com/docs/protocol-v2 and https://git-scm.com/docs/pack-protocol
"""

from __future__ import annotations

from collections.abc import Iterator

from github_sandbox.git import refs as stored
from github_sandbox.git.objects import ZERO
from github_sandbox.git.repository import GitRepository

_FLUSH = b"0000"


def lists_refs(body: bytes) -> bool:
    """Return True for a request of protocol 2 that asks for the refs."""
    return body[4:].startswith(b"command=ls-refs")


def refs(git: GitRepository, request: bytes) -> bytes:
    """Return the refs that a request asks for."""
    words = list(_lines(request))
    prefixes = tuple(w.removeprefix("ref-prefix ") for w in words if w.startswith("ref-prefix "))
    listed = (each for each in _listed(git, words) if each[0].startswith(prefixes or ""))
    return b"".join(_line(f"{sha} {name}{more}") for name, sha, more in listed) + _FLUSH


def _listed(git: GitRepository, words: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield name, object, and what a client asks for beside them."""
    known, links = git.refs(), stored.links(git.path)
    head = known.get(links.get("HEAD", ""), "unborn" if "unborn" in words else "")
    for name, sha in {"HEAD": head, **known}.items() if head else known.items():
        link = f" symref-target:{links[name]}" if "symrefs" in words and name in links else ""
        yield name, sha, link + (_peeled(git, name, sha) if "peel" in words else "")


def _peeled(git: GitRepository, name: str, sha: str) -> str:
    target = git.resolve(sha, kind="") if name.startswith("refs/tags/") else sha
    return "" if target == sha else f" peeled:{target}"


def fetchable(git: GitRepository) -> bytes:
    """Return what a server offers to a client that wants to fetch with protocol 2."""
    return git.offers("upload-pack", "version=2")


def pushable(git: GitRepository) -> bytes:
    """Return what a server offers to a client that wants to push, and the refs."""
    offers = git.offers("receive-pack", "").split(b"\0")[1].split(b"\n")[0].decode()
    known = {name: sha for name, sha in git.refs().items() if not name.startswith("refs/pull/")}
    first, *rest = [f"{sha} {name}" for name, sha in known.items()] or [f"{ZERO} capabilities^{{}}"]
    lines = (f"{first}\0{offers}", *rest)
    return _line("# service=git-receive-pack") + _FLUSH + b"".join(map(_line, lines)) + _FLUSH


def _line(text: str) -> bytes:
    data = text.encode() + b"\n"
    return f"{len(data) + 4:04x}".encode() + data


def _lines(body: bytes) -> Iterator[str]:
    while len(body) >= 4:
        length = max(int(body[:4], 16), 4)
        yield body[4:length].decode().rstrip("\n")
        body = body[length:]

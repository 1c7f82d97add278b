"""Conversions between Git's bytes and those of a checkout: files with one are refused.

A training reads the bytes that Git stores. The same program in a checkout would read other bytes
under the same fingerprint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from interlock import errors
from interlock.adapters.git import program
from interlock.domain.training.training_tree import Blob
from interlock.services import temporary_folders

_ATTRIBUTES = ("text", "eol", "ident", "working-tree-encoding", "filter")
_OFF = frozenset({"unspecified", "unset"})
_BARE_LF = re.compile(rb"(?<!\r)\n")
_IDENT = re.compile(rb"\$Id(?::[^$\n]*)?\$")


def refuse(
    root: Path,
    read: Callable[[Iterable[str]], Mapping[str, bytes]],
    blobs: Sequence[Blob],
    *,
    revision: str,
) -> None:
    """Raise OutsideFailure when the attributes of a revision change bytes of these files."""
    attributes = dict(_attributes(root, blobs, revision))
    suspects = [blob for blob in blobs if _may_change(attributes.get(blob.path, {}))]
    content = read(blob.object_id for blob in suspects)
    for blob in suspects:
        if reason := _change(attributes[blob.path], content[blob.object_id]):
            raise errors.OutsideFailure(
                f"{blob.path}: {reason}, so that a checkout has other bytes than Git stores, which "
                "are the ones that train",
                hint=f"in .gitattributes: {blob.path} -text -ident -filter "
                "-working-tree-encoding; then `git add --renormalize`",
            )


def _may_change(attributes: Mapping[str, str]) -> bool:
    return any(attributes.get(name, "unset") not in _OFF for name in _ATTRIBUTES if name != "text")


def _change(attributes: Mapping[str, str], data: bytes) -> str:
    """Describe the change that a checkout makes to these bytes; '' for none."""
    encoding = attributes["working-tree-encoding"]
    if encoding not in _OFF and encoding.lower() not in ("utf-8", "utf8"):
        return f"it is converted to {encoding}"
    if attributes["filter"] not in _OFF and attributes["filter"] != "lfs":
        return f"it passes through the filter {attributes['filter']}"
    if attributes["ident"] == "set" and _IDENT.search(data):
        return "$Id$ is expanded in it"
    return "its lines end with CR LF" if _ends_otherwise(attributes, data) else ""


def _ends_otherwise(attributes: Mapping[str, str], data: bytes) -> bool:
    if attributes["eol"] != "crlf" or attributes["text"] == "unset":
        return False
    is_binary = attributes["text"] == "auto" and b"\0" in data
    return not is_binary and _BARE_LF.search(data) is not None


def _attributes(
    root: Path, blobs: Sequence[Blob], revision: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the attributes of each path in a checkout of the revision."""
    if not blobs:
        return
    with temporary_folders.folder("index") as folder:
        index = {"GIT_INDEX_FILE": str(folder / "index")}
        program.run(root, "read-tree", revision, extra=index)
        names = "\0".join(blob.path for blob in blobs).encode("utf-8", "surrogateescape")
        arguments = ("check-attr", "--cached", "-z", "--stdin", *_ATTRIBUTES)
        fields = program.run(root, *arguments, stdin=names + b"\0", extra=index).split("\0")
    attributes: dict[str, dict[str, str]] = {}
    for path, name, value in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        attributes.setdefault(path, {})[name] = value
    yield from attributes.items()

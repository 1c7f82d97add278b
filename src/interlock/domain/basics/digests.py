"""SHA-256 of files and folders, as evidence records them; no file is opened here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping


def of_chunks(chunks: Iterable[bytes]) -> str:
    """Return the SHA-256 (64 hex digits) of the bytes, in the order given."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def of_folder(files: Mapping[str, str]) -> str:
    """Return the digest of a folder from those of its files.

    `files` maps each file's path inside the folder (forward slashes) to its SHA-256. The digest is
    that of the lines "path NUL sha256 LF", sorted by path: it depends on names and bytes alone, not
    on times, modes or empty folders. A path has no NUL and all SHA-256 have the same length, so
    that no two folders have the same lines.
    """
    lines = (f"{path}\0{sha256}\n".encode() for path, sha256 in sorted(files.items()))
    return of_chunks(lines)

"""Places for a run store without a server: a folder, or objects as in a bucket."""

from __future__ import annotations

import uuid
from pathlib import Path


def url(kind: str, folder: Path) -> str:
    """Return the address of a new, empty store: `files` or `objects`."""
    return str(folder / "store") if kind == "files" else f"memory://{uuid.uuid4().hex}"

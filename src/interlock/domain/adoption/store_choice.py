"""Chooses the place of runs and versions for a team without MLflow: beside the data of DVC."""

from __future__ import annotations

import re

_REACHED = re.compile(r"(s3|gs)://[^/@]+(/.*)?|/.+")
"""Remotes whose addresses fsspec opens as DVC does, and folders of this machine."""


def choose(remote: str) -> str:
    """Return the address of the store; "" if the remote is not such a place."""
    return f"{remote.rstrip('/')}/interlock" if _REACHED.fullmatch(remote) else ""

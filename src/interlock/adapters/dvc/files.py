"""What DVC tracks in a checkout, as a file system of fsspec's: what is read, is pulled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dvc.api import DVCFileSystem


def open_files(root: Path) -> Any:
    """Return the file system; its paths are relative to `root`, where DVC was set up."""
    return DVCFileSystem(str(root))

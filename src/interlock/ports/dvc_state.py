"""Port: what DVC finds in a repository and in its remote."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from interlock.domain.doctor.data_lines import DataFacts


class DvcState(Protocol):
    def inspect(self, root: Path, *, folder: str, with_write: bool) -> DataFacts:
        """Look at the DVC repository in a folder of the checkout `root`, at HEAD.

        With `with_write` a small file is written to the remote, and deleted. Every failure is in
        the facts.
        """
        ...

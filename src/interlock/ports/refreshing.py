"""The refresh of training data, by any tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from interlock.domain.retraining.data_difference import RefreshedPointer
from interlock.ports.pipeline import RunEnd


@dataclass(frozen=True, slots=True)
class RefreshJob:
    """One refresh in a separate checkout; `pointers` and `folder` are relative to it.

    `prepare` are shell commands that run first, and create the environment of the program. Imported
    pointers are updated; then `command` ("" for none) runs in `folder`, without a shell, with the
    data of the other pointers in place. `env` is added to its environment, without GitHub's tokens.
    `home` is the user's own checkout or bare repository: settings that are not in Git and the cache
    are taken from there. `time` is the column of times whose first and last value are recorded; ""
    for none.
    """

    checkout: Path
    pointers: tuple[str, ...]
    command: str
    folder: str
    timeout_seconds: float
    home: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    time: str = ""
    prepare: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a refresh.

    `changed` are the pointers to other data than before, with their new content; that data has been
    pushed. It is empty unless the result is DONE; `reason` explains why it is not.
    """

    ended: RunEnd
    log_tail: str
    reason: str = ""
    changed: Mapping[str, RefreshedPointer] = field(default_factory=dict)


class Refreshing(Protocol):
    def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
        """Fetch newer data, and push exactly the data that the pointers then name.

        Every line of output goes to `say` at once. A failed program is a value. Raises
        CannotReachRemote, MissingSetting without a remote, CannotTrain for a pointer that DVC
        cannot read, OutsideFailure for a full disk.
        """
        ...

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
    """One refresh in a checkout of its own; `pointers` and `folder` are relative to it.

    Imported pointers are moved on; then `command` ("" for none) is run in `folder`, without a
    shell, with the data of the others in place. `env` is added to its environment, from which
    GitHub's tokens are taken. `home` is the user's own checkout or bare repository: settings that
    are not in Git and the cache are taken from there. `time` is the column of times, of which what
    is brought tells the ends; "" for none.
    """

    checkout: Path
    pointers: tuple[str, ...]
    command: str
    folder: str
    timeout_seconds: float
    home: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    time: str = ""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`changed` are the pointers that name other data than before, and what they name now; that
    data has been pushed. Only DONE leaves any; `reason` says why it is not."""

    ended: RunEnd
    log_tail: str
    reason: str = ""
    changed: Mapping[str, RefreshedPointer] = field(default_factory=dict)


class Refreshing(Protocol):
    def refresh(self, errand: RefreshJob, *, say: Callable[[str], None]) -> Refreshed:
        """Bring newer data and push exactly what the pointers name then.

        Every line of output goes to `say` as it comes. A failed program is a value. Raises
        CannotReachRemote, MissingSetting without a remote, CannotTrain for a pointer that DVC
        cannot read, OutsideFailure for a full disk.
        """
        ...

"""Classifies the failures of DVC's process, with a sentence for each; loaded in that process
only."""

from __future__ import annotations

import errno
import logging
from typing import Any

from dvc import exceptions
from dvc.config import ConfigError, NoRemoteError
from dvc.output import OutputDoesNotExistError
from dvc.stage.exceptions import MissingDataSource

from interlock.adapters.dvc import (
    config,
    inputs,
    objects,
    recorded_outputs,
    stage_outputs,
    storage_approval,
)


class TrainingStopped(Exception):
    """The training was stopped."""


class NotPushed(Exception):
    """The outputs of the stages could not be stored in the remote."""


class StageFailed(Exception):
    """A stage's program ended with another status than 0."""

    def __init__(self, stage: str, command: str, code: int) -> None:
        # The status of a shell that does not find a program (POSIX, Shell Command 2.8.2).
        why = ": a program that it starts is not on the PATH" if code == 127 else ""
        super().__init__(f"{command!r} of stage {stage} ended with status {code}{why}")


class NotLaunched(Exception):
    """The manifest names a launcher for Python, and the target does not start Python."""

    def __init__(self, stage: str) -> None:
        super().__init__(
            f"no command of stage {stage} begins with `python` and a program, which is what "
            "training.launcher starts"
        )


# The first kind in the chain of causes decides.
_KINDS: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
    ("stopped", (TrainingStopped, KeyboardInterrupt)),
    ("program", (StageFailed,)),
    ("launcher", (NotLaunched,)),
    ("output", (OutputDoesNotExistError,)),
    ("unusable", (storage_approval.Unusable, recorded_outputs.MadeOther)),
    ("damaged", (objects.Damaged,)),
    ("differs", (inputs.Differs,)),
    ("other-bytes", (stage_outputs.OtherBytes,)),
    ("not-run", (stage_outputs.NotRun,)),
    ("missing-data", (MissingDataSource, exceptions.CheckoutError)),
    ("settings", (config.SettingRefused,)),
    ("no-remote", (NoRemoteError,)),
    ("config", (ConfigError,)),
    (
        "remote",
        (
            NotPushed,
            exceptions.FileTransferError,
        ),
    ),
)


def explain(error: BaseException) -> dict[str, Any]:
    """Return the kind of the failure, and its message for users."""
    chain = _causes(error)
    for cause in chain:
        if isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}:
            return {"kind": "disk", "message": str(cause)}
    message = "; ".join(dict.fromkeys(str(cause) for cause in reversed(chain) if str(cause)))
    for kind, types in _KINDS:
        failure = next((cause for cause in chain if isinstance(cause, types)), None)
        if failure is not None:
            if kind == "missing-data" and objects.damage():
                return {"kind": "damaged", "message": objects.damage()}
            return {"kind": kind, "message": str(failure)}
    return {"kind": "dvc", "message": message or type(error).__name__}


def _causes(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


class TransferErrors(logging.Handler):
    """Keeps the reasons of failed transfers: DVC logs them, and raises only their number."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.messages.append(": ".join(t for t in (record.getMessage(), str(cause or "")) if t))

"""The exception tree and its exit codes; knows nothing of the rest of the package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

EXIT_DONE = 0
EXIT_NO = 1
EXIT_INPUT = 2
EXIT_SETTINGS = 3
EXIT_OUTSIDE = 4
EXIT_BUG = 70
_WORST_FIRST = (EXIT_BUG, EXIT_OUTSIDE, EXIT_SETTINGS, EXIT_INPUT, EXIT_NO, EXIT_DONE)


def worst(codes: Iterable[int]) -> int:
    """Return the code to end with after several models; EXIT_DONE where there was none.

    The order is 70, 4, 3, 2, 1: first bugs and failed systems, where the answer is not known, then
    settings and input to fix, then a plain no. An unknown code counts as a bug.
    """
    known = {code if code in _WORST_FIRST else EXIT_BUG for code in codes}
    return next((code for code in _WORST_FIRST if code in known), EXIT_DONE)


class InterlockError(Exception):
    """A failure that a user can fix, with its message and a hint.

    An expected outcome (a failed gate, a blocked plan) is a value, never one of these.
    """

    exit_code: ClassVar[int] = EXIT_BUG

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def line(self) -> str:
        """The message and the hint as one line, for a record or a cell."""
        hint = f" ({self.hint})" if self.hint else ""
        return "; ".join(self.message.split("\n")) + hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class Refused(InterlockError):
    """A rule refuses the request, and every system works."""

    exit_code = EXIT_NO


class BadInput(InterlockError):
    """A file or an option of the user is wrong."""

    exit_code = EXIT_INPUT


class MissingSetting(InterlockError):
    """An environment variable or an optional package is missing."""

    exit_code = EXIT_SETTINGS


@contextmanager
def needing_extra(extra: str) -> Iterator[None]:
    """Raise MissingSetting where an import inside fails. The hint installs from a checkout: this
    project is not on a package index, where the same name may be another author's code."""
    try:
        yield
    except ModuleNotFoundError as error:
        if str(error.name).startswith("interlock"):
            raise
        raise MissingSetting(
            f"{error.name} is not installed",
            hint=f"in a checkout of interlock: pip install '.[{extra}]'",
        ) from error


class OutsideFailure(InterlockError):
    """A system outside (GitHub, MLflow, a DVC remote, a disk) refused; trying again may help."""

    exit_code = EXIT_OUTSIDE


class CannotReadManifest(BadInput):
    """A manifest or the policy does not match its schema."""


class CannotReadDocument(BadInput):
    """A JSON document or a predictions file is malformed or of an unknown version."""


class CannotResolve(BadInput):
    """A revision, model or path that was named does not exist."""


class CannotFingerprint(BadInput):
    """An input of a model cannot be identified from Git alone."""


class CannotScore(BadInput):
    """Predictions cannot be scored or compared."""


class CannotProfile(BadInput):
    """Data cannot be reduced to a profile: unreadable, or of several shapes."""


class CannotDraw(OutsideFailure):
    """A requested page or picture cannot be drawn."""


class CannotTrain(InterlockError):
    """The training program failed, or left no usable output."""

    exit_code = EXIT_NO


class CannotPromote(Refused):
    """The ledger does not prove that this model may be promoted."""


class CannotReachGit(OutsideFailure):
    """Git failed in a way that is not about the user's revision."""


class CannotReachRemote(OutsideFailure):
    """The DVC remote refused, or returned another content than the stored one."""


class CannotReachRegistry(OutsideFailure):
    """MLflow refused or is unreachable."""


class CannotReachGitHub(OutsideFailure):
    """GitHub refused or is unreachable."""


class CannotReachIssuer(OutsideFailure):
    """The issuer of GitHub's tokens refused or is unreachable."""


class ShortOfRoom(OutsideFailure):
    """This machine has no room left on a disk, or no more of something else that it needs."""


class UnfitMachine(OutsideFailure):
    """This machine cannot do a training; another may."""


class LedgerBroken(Refused):
    """The ledger's history was edited or rewritten; it is not trusted."""

"""Runs optional effects, for example a comment: a failed one is reported, and the run continues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Attempts:
    """The optional effects of one run. A record, a registry or a pointer is never optional: there
    a failure ends the run."""

    _failed: list[tuple[str, errors.InterlockError]] = field(default_factory=list)
    _refused: dict[str, errors.InterlockError] = field(default_factory=dict)

    def attempt(
        self, undone: str, act: Callable[[], _Result], *, otherwise: _Result, of: str = ""
    ) -> _Result:
        """Return the result of `act`; `otherwise` if a system refuses or is not reachable.

        `undone` is the sentence about the missing effect. After one effect `of` a kind fails, the
        others of this kind are not tried: each would wait minutes for a system that is down.
        """
        known = self._refused.get(of) if of else None
        if known is not None:
            self._failed.append((undone, known))
            return otherwise
        try:
            return act()
        except (errors.OutsideFailure, errors.MissingSetting) as error:
            self._failed.append((undone, error))
            self._refused[of] = error
            return otherwise

    @property
    def undone(self) -> tuple[str, ...]:
        """One sentence for each failed effect, in order, with the reason and a hint."""
        return tuple(_sentence(undone, error) for undone, error in self._failed)

    @property
    def failures(self) -> tuple[errors.InterlockError, ...]:
        return tuple(error for _, error in self._failed)


def _sentence(undone: str, error: errors.InterlockError) -> str:
    return "; ".join(part for part in (f"{undone}: {error.message}", error.hint) if part)

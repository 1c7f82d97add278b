"""Effects that are good to have, tried one by one: what fails is kept to be reported, and stops
nothing that comes after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from interlock import errors

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Attempts:
    """Those of one run. What a record, a registry or a pointer says is never one of them: there a
    failure has to end the run."""

    _failed: list[tuple[str, errors.InterlockError]] = field(default_factory=list)
    _refused: dict[str, errors.InterlockError] = field(default_factory=dict)

    def attempt(
        self, undone: str, act: Callable[[], _Result], *, otherwise: _Result, of: str = ""
    ) -> _Result:
        """Return what `act` returns; `otherwise` where a system refuses or is out of reach.

        `undone` says what then is not done. Effects `of` one kind are not tried again after one
        has failed: to give up on a system that is down takes minutes each time.
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
        """A sentence for each that failed, in their order: what is not done, why, and a hint."""
        return tuple(_sentence(undone, error) for undone, error in self._failed)

    @property
    def failures(self) -> tuple[errors.InterlockError, ...]:
        return tuple(error for _, error in self._failed)


def _sentence(undone: str, error: errors.InterlockError) -> str:
    return "; ".join(part for part in (f"{undone}: {error.message}", error.hint) if part)

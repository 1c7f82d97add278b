"""Gathers everything that is wrong with one file, to say it at once; what is wrong is not known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from interlock import errors


@dataclass(slots=True)
class Complaints:
    found: list[errors.CannotScore] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Go on behind the block where something in it cannot be scored."""
        try:
            yield
        except errors.CannotScore as error:
            self.found.append(error)

    def add(self, message: str, *, hint: str = "") -> None:
        self.found.append(errors.CannotScore(message, hint=hint))

    def refuse(self) -> None:
        """Raise all of it as one CannotScore, a line each; nothing where nothing is wrong."""
        if self.found:
            said = dict.fromkeys(error.message for error in self.found)
            hints = dict.fromkeys(error.hint for error in self.found if error.hint)
            raise errors.CannotScore("\n".join(said), hint="; ".join(hints))

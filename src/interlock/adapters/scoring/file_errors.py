"""Collects all errors of one file, to report them together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from interlock import errors


@dataclass(slots=True)
class FileErrors:
    collected: list[errors.CannotScore] = field(default_factory=list)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Collect a CannotScore of the block, and continue after the block."""
        try:
            yield
        except errors.CannotScore as error:
            self.collected.append(error)

    def add(self, message: str, *, hint: str = "") -> None:
        self.collected.append(errors.CannotScore(message, hint=hint))

    def refuse(self) -> None:
        """Raise all errors as one CannotScore, one per line; do nothing without errors."""
        if self.collected:
            messages = dict.fromkeys(error.message for error in self.collected)
            hints = dict.fromkeys(error.hint for error in self.collected if error.hint)
            raise errors.CannotScore("\n".join(messages), hint="; ".join(hints))


@contextmanager
def polars_errors(name: str) -> Iterator[None]:
    """Raise CannotScore with the name of the file for an error of polars. A panic of Rust is not an
    Exception, and would end the command with exit code 1."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotScore(f"{name} cannot be scored: {reason}") from error

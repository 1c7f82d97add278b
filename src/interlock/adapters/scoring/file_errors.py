"""Gathers everything that is wrong with one file, to say it at once; what is wrong is not known."""

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
        """Go on behind the block where something in it cannot be scored."""
        try:
            yield
        except errors.CannotScore as error:
            self.collected.append(error)

    def add(self, message: str, *, hint: str = "") -> None:
        self.collected.append(errors.CannotScore(message, hint=hint))

    def refuse(self) -> None:
        """Raise all of it as one CannotScore, a line each; nothing where nothing is wrong."""
        if self.collected:
            messages = dict.fromkeys(error.message for error in self.collected)
            hints = dict.fromkeys(error.hint for error in self.collected if error.hint)
            raise errors.CannotScore("\n".join(messages), hint="; ".join(hints))


@contextmanager
def polars_errors(name: str) -> Iterator[None]:
    """What polars cannot do with the values of a file, as an error that names it: a panic of Rust
    is no Exception, and would end the command with our "no"."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise errors.CannotScore(f"{name} cannot be scored: {reason}") from error

"""The Python interpreter of a stage's program, according to its command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """How a stage starts its program, in a folder relative to the repository.

    `words` begin a command that runs the very Python: `python`, `uv run python`. Where they are
    none, `script` is an installed script, whose first line names its Python; where both are none,
    `name` is a program that is not Python, or of which nothing is known.
    """

    name: str
    folder: str
    words: tuple[str, ...] = ()
    script: str = ""

    @property
    def is_python(self) -> bool:
        return bool(self.words or self.script)

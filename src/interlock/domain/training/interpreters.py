"""The Python interpreter of a stage's program, according to its command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """How a stage starts its program, in a folder relative to the repository.

    `words` begin a command that runs the same Python: `python`, `uv run python`. If there are no
    words, `script` is an installed script, and its first line names its Python. If both are empty,
    `name` is an unknown program, or one that is not Python.
    """

    name: str
    folder: str
    words: tuple[str, ...] = ()
    script: str = ""

    @property
    def is_python(self) -> bool:
        return bool(self.words or self.script)

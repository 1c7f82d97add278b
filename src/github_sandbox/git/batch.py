"""Ask one long-lived `git cat-file` for objects and for the meaning of names."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from github_sandbox.git.lasting import Lasting


class Batch:
    """The process starts at the first question, and ends with this object or with `close`."""

    def __init__(self, path: Path) -> None:
        self._git = Lasting(path, "cat-file", "--batch-command")

    def resolve(self, name: str) -> tuple[str, str] | None:
        """Return id and kind of the object with a name, or None."""
        if not _is_line(name):
            return None
        header = self._git.ask(f"info {name}\n", _header)
        return (header[0], header[1]) if header else None

    def content(self, name: str) -> bytes | None:
        return self._git.ask(f"contents {name}\n", _content) if _is_line(name) else None

    def close(self) -> None:
        self._git.close()


def _is_line(name: str) -> bool:
    return "\n" not in name and "\0" not in name


def _header(answers: IO[bytes]) -> list[str]:
    """Return id, kind and size; nothing for a name without an object."""
    header = answers.readline().decode(errors="replace").split()
    if not header:  # Git ends on names that mean nothing in a bare repository
        raise EOFError
    return header if len(header) == 3 and header[2].isdigit() else []


def _content(answers: IO[bytes]) -> bytes | None:
    header = _header(answers)
    if not header:
        return None
    data = answers.read(int(header[2]) + 1)
    if len(data) <= int(header[2]):  # Git ends in a damaged object
        raise EOFError
    return data[:-1]

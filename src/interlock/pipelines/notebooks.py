"""A Jupyter notebook to the Python and the shell text of its code cells; nothing is executed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from interlock.domain.basics import json_text, parse_limits

_CELL = re.compile(r"%%(\w+)[^\n]*\n?")
_RUN = re.compile(r"\s*%run\s+(?:-\w+\s+)*(.*)")
_SHELLS = frozenset(("bash", "sh", "script", "system", "sx"))


@dataclass(frozen=True, slots=True)
class Notebook:
    """Line numbers of `python` are those of the code cells put together."""

    python: str
    shell: str


def read_notebook(data: bytes, *, path: str = "") -> Notebook:
    """Return the code of a notebook; one that cannot be read has none. Raises TooMuch."""
    del path
    try:
        document = json_text.read(data, size=parse_limits.NOTEBOOK)
    except parse_limits.TooMuch:
        raise
    except ValueError:
        return Notebook("", "")
    cells = document.get("cells") if isinstance(document, dict) else None
    python: list[str] = []
    shell: list[str] = []
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            _split(_text(cell.get("source")), python, shell)
    return Notebook("\n".join(python), "\n".join(shell))


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _split(text: str, python: list[str], shell: list[str]) -> None:
    magic = _CELL.match(text)
    if magic and magic[1] in _SHELLS:
        shell.append(text[magic.end() :])
        return
    if magic and magic[1] not in {"time", "timeit", "capture", "prun"}:
        return
    for line in text[magic.end() if magic else 0 :].splitlines():
        plain = line.lstrip()
        if run := _RUN.match(line):
            shell.append(f"python {run[1]}")
        elif plain.startswith("!"):
            shell.append(plain.lstrip("!"))
        # Indented under an `if`, a magic leaves a block that must not be empty.
        python.append(line.replace(plain, "pass") if plain.startswith(("!", "%", "?")) else line)

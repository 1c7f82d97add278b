"""Read the refs of a bare repository from its files, without a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from github_sandbox.git.objects import SHA

_SYMBOLIC = "ref: "


def read(repository: Path) -> dict[str, str]:
    """Return the object of each ref below refs/ by name, sorted by name."""
    known = dict(_packed(repository)) | dict(_loose(repository))
    objects = ((name, _follow(known, text)) for name, text in sorted(known.items()))
    return {name: sha for name, sha in objects if SHA.fullmatch(sha)}


def links(repository: Path) -> dict[str, str]:
    """Return the ref that HEAD names, and that of each other symbolic ref."""
    texts = {"HEAD": (repository / "HEAD").read_text().strip(), **dict(_loose(repository))}
    return {
        name: text.removeprefix(_SYMBOLIC)
        for name, text in texts.items()
        if text.startswith(_SYMBOLIC)
    }


def _follow(known: dict[str, str], text: str) -> str:
    return known.get(text.removeprefix(_SYMBOLIC), "") if text.startswith(_SYMBOLIC) else text


def _packed(repository: Path) -> Iterator[tuple[str, str]]:
    file = repository / "packed-refs"
    for line in file.read_text().splitlines() if file.exists() else ():
        if line[0] not in "#^":  # "^": the commit of the tag in the line before
            sha, _, name = line.partition(" ")
            yield name, sha


def _loose(repository: Path) -> Iterator[tuple[str, str]]:
    for file in (repository / "refs").rglob("*"):
        if file.is_file() and file.suffix != ".lock":
            yield file.relative_to(repository).as_posix(), file.read_text().strip()

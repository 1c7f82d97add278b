"""Makes a separate DVC repository of a training's tree; loaded in DVC's process only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# A generated dvc.yaml is resolved: `train@eu` is a name, and not one item of a group.
from dvc import parsing

_CONFIG = "[core]\n    no_scm = true\n"
# Files that interpreters write next to programs would count as part of a folder that is a
# dependency.
_IGNORED = ("__pycache__/", ".ipynb_checkpoints/")


def lay(job: Mapping[str, Any], checkout: Path, root: Path) -> None:
    """Write the files that DVC itself needs, and hide the files of set-up commands from it."""
    parsing.split_group_name = lambda name: (name, None)
    (root / ".dvc").mkdir(parents=True, exist_ok=True)
    (root / ".dvc" / "config").write_text(_CONFIG, "utf-8")
    known = {*job["files"], *job["pointers"]}
    later = {*job["data"], *job["storage"], *job["metrics"]}
    strays = _strays(checkout, root, known, later) if job["prepare"] else ()
    (root / ".dvcignore").write_text("\n".join([*_IGNORED, *strays]) + "\n", "utf-8")


def _strays(checkout: Path, root: Path, known: set[str], later: set[str]) -> Iterator[str]:
    """Yield patterns for files that do not belong to the tree, one pattern for a folder of such
    files. `later` are data, outputs and figures: a file or folder at their place must not hide
    them."""
    held = {str(folder) for path in known | later for folder in Path(path).parents} | later
    for place, folders, names in os.walk(root):
        inside = Path(place).relative_to(checkout)
        for name in [name for name in folders if str(inside / name) not in held]:
            folders.remove(name)
            if Path(place, name) != root / ".dvc":
                yield _pattern(Path(place, name).relative_to(root)) + "/"
        for name in names:
            if str(inside / name) not in known | later:
                yield _pattern(Path(place, name).relative_to(root))


def _pattern(path: Path) -> str:
    """Return a line of .dvcignore that matches this path. DVC strips blanks and reads UTF-8, so
    that a character which no line can have is matched as any one character."""
    return "/" + "".join(map(_matching, path.as_posix()))


def _matching(character: str) -> str:
    if character.isspace():
        return "?" if character in "\r\n" or not character.isascii() else f"[{character}]"
    if character in "\\*?[]":
        return f"\\{character}"
    return "?" if "\ud800" <= character <= "\udfff" else character

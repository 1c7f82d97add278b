"""Reads the version and packages of a training program's Python, in one subprocess."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from interlock.domain.training.interpreters import Launch

MAX_PACKAGES = 1000
_PATIENCE_SECONDS = 120
# This works in every Python that a program may use; -I ignores the folder, PYTHONPATH and the
# user's own packages.
_ASK = r"""
import json, platform
from importlib import metadata
found = {}
for each in metadata.distributions():
    name = each.metadata["Name"]
    if name:
        found.setdefault(name.lower().replace("_", "-").replace(".", "-"), each.version or "")
print("\n" + json.dumps([platform.python_version(), found]))
"""
_FIRST_LINE = re.compile(rb"#!\s*(\S+)(?:\s+(\S+))?")
# A path that is too long for the first line is in the second one (distlib, pip).
_SECOND_LINE = re.compile(rb"^'''exec' ['\"]?([^'\" ]+)", re.MULTILINE)


def ask(launch: Launch | None, *, tree: Path, env: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return its version and packages; "" and none if it is not Python, or does not answer."""
    words = [] if launch is None else _words(launch, tree=tree, env=env)
    if launch is None or not words:
        return "", {}
    try:
        done = subprocess.run(
            [*words, "-I", "-c", _ASK],
            cwd=tree / launch.folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
            check=True,
        )
        python, packages = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return "", {}
    return str(python), dict(sorted(packages.items())[:MAX_PACKAGES])


def _words(launch: Launch, *, tree: Path, env: Mapping[str, str]) -> list[str]:
    words = list(launch.words) or _of_script(tree / launch.folder, launch.script, env)
    if words[:2] == ["uv", "run"]:
        words.insert(
            2, "--no-sync"
        )  # inspect the environment of the training, do not install it again
    if words and "/" not in words[0]:
        place = shutil.which(words[0], path=env.get("PATH"))
        return [place, *words[1:]] if place else []
    return words


def _of_script(folder: Path, name: str, env: Mapping[str, str]) -> list[str]:
    """Return the Python in the first line of an installed script; none for any other program."""
    if not name:
        return []
    place = folder / name if "/" in name else shutil.which(name, path=env.get("PATH"))
    try:
        with Path(place or "").open("rb") as file:
            start = file.read(1024)
    except OSError:
        return []
    match = _SECOND_LINE.search(start) or _FIRST_LINE.match(start)
    words = [word.decode("utf-8", "replace") for word in match.groups() if word] if match else []
    python = words[-1] if words and words[0].endswith("/env") else next(iter(words), "")
    return [python] if "python" in python.rpartition("/")[2] else []

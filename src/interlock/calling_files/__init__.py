"""The five workflow files of a team's repository, which call those of Interlock: constant text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files


def texts() -> Mapping[str, str]:
    """Return each file's text by its name, for example `models-promote.yml`."""
    folder = files(__package__)
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".yml"))
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in names}

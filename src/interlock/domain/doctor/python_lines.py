"""Lines about the Python of a model's program on this machine, and its packages."""

from __future__ import annotations

from collections.abc import Collection

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong

_MOST = 5


def line(
    model: str, *, is_python: bool, version: str, packages: Collection[str], wanted: Collection[str]
) -> SettingCheck:
    """Return the line of the program of a model.

    `version` is that of its Python, "" if it did not answer; `packages` are the installed ones, and
    `wanted` those of its requirements file, by their normal names.
    """
    name = f"python of {model}"
    if not is_python:
        return unknown(name, "the program of the target is not known to be Python")
    if not version:
        sentence = "the Python of the program does not start on this machine"
        return wrong(name, sentence, "create and activate the environment of your programs")
    missing = sorted(set(wanted) - set(packages))
    if missing:
        more = f" and {len(missing) - _MOST} more" if len(missing) > _MOST else ""
        sentence = f"Python {version} has no {', '.join(missing[:_MOST])}{more}"
        return wrong(name, sentence, "install the packages of the environment files")
    return ok(name, f"Python {version} with {figures.count(len(packages), 'package')}")

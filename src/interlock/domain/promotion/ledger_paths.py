"""Checks the parts of a path in the ledger: no path leads out of it."""

from __future__ import annotations

import re

from interlock import errors

# Area, model, then names that start with a letter or a digit: no "..", no hidden file, no option.
_PATH = re.compile(r"[a-z][a-z-]*/[a-z][a-z0-9-]*(/[0-9A-Za-z][0-9A-Za-z._-]*)+\.(json|png)")
_MODEL = re.compile(r"[a-z][a-z0-9-]*")
_HEX = re.compile(r"[0-9a-f]{4,64}")


def is_path(path: str) -> bool:
    """Return whether a record or a picture may have this path."""
    return _PATH.fullmatch(path) is not None


def check_path(path: str) -> str:
    """Return the path; raises CannotResolve for one that cannot be a record or a picture."""
    if not is_path(path):
        raise errors.CannotResolve(
            f"{path!r} cannot be a path in the ledger",
            hint="<area>/<model>/<name>.json; `interlock ledger log` lists those that exist",
        )
    return path


def check_model(name: str) -> str:
    """Return the name; raises CannotResolve for one that no manifest may carry."""
    if not _MODEL.fullmatch(name):
        raise errors.CannotResolve(
            f"{name!r} cannot be a model's name",
            hint="lower-case letters, digits and hyphens, a letter first",
        )
    return name


def check_hex(text: str) -> str:
    """Return a fingerprint, key or commit id; raises CannotResolve for anything but hex digits."""
    if not _HEX.fullmatch(text):
        raise errors.CannotResolve(f"{text!r} is not a digest", hint="4 to 64 hex digits")
    return text

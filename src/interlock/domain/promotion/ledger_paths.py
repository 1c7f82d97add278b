"""Checks the parts of a path in the ledger: no path leads out of it."""

from __future__ import annotations

import re

from interlock import errors
from interlock.domain.provenance import areas

# Area, model, then names that start with a letter or a digit: no "..", no hidden file, no option.
_PATH = re.compile(r"[a-z][a-z-]*/[a-z][a-z0-9-]*(/[0-9A-Za-z][0-9A-Za-z._-]*)+\.(json|png)")
_MODEL = re.compile(r"[a-z][a-z0-9-]*")
_HEX = re.compile(r"[0-9a-f]{4,64}")


def is_path(path: str) -> bool:
    """Return whether a record or a picture may have this path."""
    return _PATH.fullmatch(path) is not None


def is_record(path: str) -> bool:
    """Return whether a file is a record, and not a picture or an attestation."""
    return path.endswith(".json") and not areas.is_attestation(path)


def check_path(path: str) -> str:
    """Return the path; raises CannotResolve for one that cannot be a record or a picture."""
    hint = "<area>/<model>/<name>.json; `interlock ledger log` lists those that exist"
    return check(path, _PATH, "cannot be a path in the ledger", hint=hint)


def check_model(name: str) -> str:
    """Return the name; raises CannotResolve for one that no manifest may carry."""
    hint = "lower-case letters, digits and hyphens, a letter first"
    return check(name, _MODEL, "cannot be a model's name", hint=hint)


def check_hex(text: str) -> str:
    """Return a fingerprint, key or commit id; raises CannotResolve for anything but hex digits."""
    return check(text, _HEX, "is not a digest", hint="4 to 64 hex digits")


def check(text: str, pattern: re.Pattern[str], fault: str, *, hint: str) -> str:
    """Return a text that matches the whole pattern; raises CannotResolve with the fault of
    another."""
    if pattern.fullmatch(text) is None:
        raise errors.CannotResolve(f"{text!r} {fault}", hint=hint)
    return text

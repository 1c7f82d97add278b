"""Splits names of files, stages, columns and metrics into words."""

from __future__ import annotations

import re

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def split(text: str) -> frozenset[str]:
    """Return the words of a name in lower case: `clf-model_v2` has clf, model and v2."""
    return frozenset(re.findall(r"[a-z0-9]+", _CAMEL.sub(" ", text).lower()))

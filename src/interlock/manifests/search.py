"""Which paths of a repository are manifests; a pattern is matched, no folder is listed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def find(paths: Iterable[str], pattern: str) -> tuple[str, ...]:
    """Return, sorted, the paths that match: `*` and `?` within a name, `**` across folders."""
    matches = _compile(pattern).fullmatch
    return tuple(sorted(path for path in paths if matches(path)))


@lru_cache
def _compile(pattern: str) -> re.Pattern[str]:
    parts = _PARTS.findall(pattern)
    return re.compile("".join(_MEANINGS.get(part) or re.escape(part) for part in parts), re.DOTALL)

"""Recognises the ways to name a commit by its id; Git resolves the name."""

from __future__ import annotations

import re

WHOLE = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""A whole id, by SHA-1 or by SHA-256: https://git-scm.com/docs/hash-function-transition

Fewer digits name no commit for sure: two commits that share their first 12 digits are made in half
a minute on one machine."""
_ABBREVIATED = re.compile(r"[0-9a-f]{4,63}")


def abbreviation(revision: str) -> str:
    """Return the digits by which a revision may name a commit, "" if it names one in another way.

    Git reads digits alone, and `v1-2-gabc1234`; after each of them it also reads `~1`, `^{commit}`
    and `:path`: https://git-scm.com/docs/gitrevisions. A branch may have such a name, too.
    """
    digits = re.split(r"[~^@:]", revision, maxsplit=1)[0].rpartition("-g")[2].lower()
    is_short = _ABBREVIATED.fullmatch(digits) and not WHOLE.fullmatch(digits)
    return digits if is_short else ""

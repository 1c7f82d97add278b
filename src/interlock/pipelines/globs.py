"""One pattern of a .dvcignore to a regular expression that does not search without end.

The grammar is pathspec's, which DVC uses. Its expressions try every way to share a name out among
the stars of a pattern: a dozen stars never end on a name of 255 characters.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

from interlock.domain.basics import parse_limits

# A star and the characters and sets up to the next star of the same name.
_SPAN = re.compile(
    r"\[\^/\]\*((?:\\.|\[\^/\](?!\*)|\[\^?+\]?+[^\]/]*+\]|[^\\/\[\]()|$^])*+)(?=\[\^/\]\*)",
    re.DOTALL,
)
_FOLDERS = "(?:/.+)?"


@dataclass(frozen=True, slots=True)
class Pattern:
    """`include` is None for an empty line or a comment, False behind a "!". `jumps` counts
    "**" between two names: each multiplies the ways to match a path by its length."""

    regex: re.Pattern[str]
    include: bool | None
    jumps: int

    def steps(self, path: str) -> int:
        """How many comparisons a match of this path may take, in hundreds."""
        folders: int = (1 + path.count("/")) ** self.jumps
        return 1 + len(path) * folders // 100


def read(line: str) -> Pattern | None:
    """Return a pattern, None for an empty one; raises ValueError for an invalid pattern."""
    # Most repositories ignore nothing.
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415

    parse_limits.PATTERN.require(len(line))
    raw, include = GitIgnoreSpecPattern.pattern_to_regex(line)
    if raw is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sets that Python may read otherwise one day
            return Pattern(re.compile(straight(raw)), include, raw.count(_FOLDERS))
    except re.error as error:
        raise ValueError(str(error)) from error


def straight(regex: str) -> str:
    """The same expression, in which each star but the last of a name takes the first place where
    what follows it fits, and no other: the stars after it make up for that."""
    return _SPAN.sub(lambda match: f"(?>[^/]*?{match[1]})", regex)


def spec(patterns: list[Pattern]) -> Any:
    """Return the pathspec of several patterns: the last match of a path counts."""
    import pathspec  # noqa: PLC0415 - see read
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # noqa: PLC0415 - see read

    return pathspec.GitIgnoreSpec([GitIgnoreSpecPattern(p.regex, p.include) for p in patterns])

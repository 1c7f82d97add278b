"""The commits of full names, without a process for each."""

from __future__ import annotations

import re

from interlock.adapters.git.cat_file import CatFile

# In a name these begin an expression, which Git must parse each time.
_EXPRESSION = re.compile(r"[\s:^~?*\[\\\0]|\.\.|@\{")
# Where Git searches, too, for a name without a ref (gitrevisions).
_ELSEWHERE = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")


class Naming:
    def __init__(self, cat_file: CatFile) -> None:
        self._cat_file = cat_file

    @staticmethod
    def is_plain(name: str) -> bool:
        return _EXPRESSION.search(name) is None

    def commit(self, name: str) -> str | None:
        """Return the commit of a full id, a full ref or HEAD."""
        return self._cat_file.name([f"{name}^{{commit}}"])[0]

    def is_searched(self, ref: str) -> bool:
        """Return True if Git would find something else, too, under the name of this ref."""
        return any(self._cat_file.name(place.format(ref) for place in _ELSEWHERE))

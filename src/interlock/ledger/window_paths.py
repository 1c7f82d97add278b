"""Finds the records of a model's windows from their paths, the newest first, year by year.

A record is at `<area>/<model>/<year>/<end>.json`; those of earlier versions are at
`<area>/<model>/<end>.json`. Years that are not needed are not listed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.basics import timestamps
from interlock.ledger import reading
from interlock.ports.ledger import Ledger

_YEAR = re.compile(r"[0-9]{4}")
_WINDOW = re.compile(r"([0-9]{8}T[0-9]{6}Z)(?:-(.*))?\.json")


@dataclass(slots=True)
class WindowPaths:
    """The windows in one folder, such as `drift/digits`, at one head of the ledger.

    Of several records of a window the one with the greatest number in its name is the last.
    """

    ledger: Ledger
    folder: str
    _names: dict[str, list[str]] | None = None
    _years: dict[str, dict[str, str]] = field(default_factory=dict)

    def newest_first(self, until: int | None = None) -> Iterator[int]:
        """Yield the ends of the windows in seconds; with `until` those that ended by then."""
        last = "9" if until is None else timestamps.name(until)
        for year in sorted(self._by_year(), reverse=True):
            if year <= last:
                ends = (end for end in reversed(self._year(year)) if end <= last)
                yield from filter(None, map(timestamps.read_name, ends))

    def after(self, moment: int) -> tuple[int, ...]:
        """Return the ends of the windows that ended after a time, oldest first."""
        newer = itertools.takewhile(lambda end: end > moment, self.newest_first())
        return tuple(reversed(tuple(newer)))

    def find(self, end: int) -> str | None:
        """Return the path of the last record of a window."""
        name = timestamps.name(end)
        return self._year(name[:4]).get(name)

    def newest(self, most: int) -> tuple[str, ...]:
        """Return the last records of the newest windows, the newest first."""
        paths = map(self.find, itertools.islice(self.newest_first(), most))
        return tuple(filter(None, paths))

    def _year(self, year: str) -> dict[str, str]:
        """The windows of a year by the name of their end, in order."""
        if year not in self._years:
            earlier = (f"{self.folder}/{name}" for name in self._by_year().get(year, ()))
            self._years[year] = _last((*earlier, *self.ledger.list(f"{self.folder}/{year}")))
        return self._years[year]

    def _by_year(self) -> dict[str, list[str]]:
        """The years with windows, each with its records of earlier versions."""
        if self._names is None:
            self._names = {}
            for name in self.ledger.children(self.folder):
                names = self._names.setdefault(name[:4], [])
                if not _YEAR.fullmatch(name):
                    names.append(name)
        return self._names


def _last(paths: Iterable[str]) -> dict[str, str]:
    """Return the path with the greatest number for each window, oldest window first."""
    matches = ((_WINDOW.fullmatch(path.rpartition("/")[2]), path) for path in paths)
    numbered = sorted((m[1], _number(m[2] or "0", path), path) for m, path in matches if m)
    return {end: path for end, _, path in numbered}


def _number(text: str, path: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise errors.LedgerBroken(
            f"{path} is not a valid path of a record", hint=reading.HINT
        ) from error

"""Finds lines in sorted bytes by bisection: nothing is decoded but the lines that are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

_TAB = b"\t"


def write(numbers: Mapping[str, Iterable[int]]) -> bytes:
    """Return a line for each key, sorted: the key and its numbers. Raises ValueError for a key with
    a tab or a line break."""
    if any("\t" in key or "\n" in key for key in numbers):
        raise ValueError("a path with a tab or a line break")
    lines = [
        encode(key) + _TAB + b" ".join(b"%d" % number for number in sorted(set(values)))
        for key, values in numbers.items()
    ]
    return b"".join(line + b"\n" for line in sorted(lines))


def encode(key: str) -> bytes:
    return key.encode("utf-8", "surrogateescape")


class SortedLines:
    """The lines of `data` from one position to another."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data, self._start, self._end = data, start, end

    def find(self, key: str) -> tuple[int, ...]:
        """Return the numbers of a key, none for an unknown one."""
        return next(self._from(encode(key) + _TAB), ())

    def below(self, start: str) -> Iterator[int]:
        """Yield the numbers of every key that starts with `start`."""
        for numbers in self._from(encode(start)):
            yield from numbers

    def _from(self, start: bytes) -> Iterator[tuple[int, ...]]:
        position = self._position(start)
        while self._data.startswith(start, position, self._end):
            line = self._data[position : self._data.index(b"\n", position)]
            yield tuple(map(int, line.rpartition(_TAB)[2].split()))
            position += len(line) + 1

    def _position(self, start: bytes) -> int:
        """Return where the first line begins that is not before `start`."""
        low, high = self._start, self._end
        while low < high:
            middle = max(self._data.rfind(b"\n", low, (low + high) // 2) + 1, low)
            end = self._data.index(b"\n", middle)
            if self._data[middle:end] < start:
                low = end + 1
            else:
                high = middle
        return low

"""Shapes of parsed values, and the errors of values of another shape.

Every shape answers twice: `accepts`, fast, since nearly every file is sound, and `faults`, in
words, of a value that it does not accept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from interlock.manifests import field_text
from interlock.yaml_reader import dvc, suggestions

Place = tuple[str | int, ...]
"""Keys and indices from the document's root to a value."""


@dataclass(frozen=True, slots=True)
class ShapeError:
    """`of_key` when the key at that place is wrong, and not its value."""

    place: Place
    message: str
    hint: str = ""
    of_key: bool = False


class ValueShape(Protocol):
    @property
    def words(self) -> str: ...
    def accepts(self, value: Any) -> bool: ...
    def resembles(self, value: Any) -> bool:
        """Whether a value is of this kind, with any content."""
        ...

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        """Say everything that is wrong with a value of this kind, inside of it too."""
        ...


@dataclass(frozen=True, slots=True)
class One:
    """A single value that passes a test."""

    words: str
    accepts: Callable[[Any], bool]

    def resembles(self, value: Any) -> bool:
        return self.accepts(value)

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        if not self.accepts(value):
            yield _other(value, place, self.words)


@dataclass(frozen=True, slots=True)
class ListOf:
    each: ValueShape

    @property
    def words(self) -> str:
        return f"a list, each entry {self.each.words}"

    def accepts(self, value: Any) -> bool:
        return type(value) is list and all(map(self.each.accepts, value))

    def resembles(self, value: Any) -> bool:
        return type(value) is list

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        if not self.resembles(value):
            yield _other(value, place, self.words)
            return
        for index, item in enumerate(value):
            yield from self.each.faults(item, (*place, index))


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of any texts to values of one shape, `least` to `most` of them."""

    each: ValueShape
    least: int = 0
    most: float = float("inf")
    words: str = "a mapping"

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict or not self.least <= len(value) <= self.most:
            return False
        return all(map(is_text, value)) and all(map(self.each.accepts, value.values()))

    def resembles(self, value: Any) -> bool:
        return type(value) is dict

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        if not self.resembles(value):
            yield _other(value, place, self.words)
            return
        if not self.least <= len(value) <= self.most:
            bound = f"at least {self.least}" if len(value) < self.least else f"at most {self.most}"
            message = f"{field_text.name(place)} has {len(value)} entries, and {bound} is allowed"
            yield ShapeError(place, message)
        for key, item in value.items():
            if is_text(key):
                yield from self.each.faults(item, (*place, key))
            else:
                yield _no_text(key, place)


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with these keys and no others."""

    known: Mapping[str, ValueShape]
    needed: frozenset[str] = field(default_factory=frozenset)
    words: str = "a mapping"

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict or not self.needed <= value.keys():
            return False
        for key, item in value.items():
            shape = self.known.get(key) if type(key) is str or is_text(key) else None
            if shape is None or not shape.accepts(item):
                return False
        return True

    def resembles(self, value: Any) -> bool:
        return type(value) is dict

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        if not self.resembles(value):
            yield _other(value, place, self.words)
            return
        for key, item in value.items():
            if not is_text(key):
                yield _no_text(key, place)
            elif key in self.known:
                yield from self.known[key].faults(item, (*place, key))
            else:
                yield self._unknown(key, place)
        for key in sorted(self.needed - value.keys()):
            message = f"{field_text.name(place)} has no field {key!r}"
            yield ShapeError(place, message, f"add {key}: …", of_key=True)

    def _unknown(self, key: str, place: Place) -> ShapeError:
        known = f"the fields are {', '.join(self.known)}"
        hint = suggestions.suggest(key, self.known, otherwise=known)
        message = f"DVC knows no field {suggestions.quote(key)} in {field_text.name(place)}"
        return ShapeError((*place, key), message, hint, of_key=True)


@dataclass(frozen=True, slots=True)
class Either:
    """A value of any of these shapes; the most similar shape reports the errors."""

    shapes: tuple[ValueShape, ...]

    @property
    def words(self) -> str:
        *most, last = dict.fromkeys(shape.words for shape in self.shapes)
        return f"{', '.join(most)} or {last}" if most else last

    def accepts(self, value: Any) -> bool:
        for shape in self.shapes:  # noqa: SIM110 - a generator takes twice as long
            if shape.accepts(value):
                return True
        return False

    def resembles(self, value: Any) -> bool:
        return any(shape.resembles(value) for shape in self.shapes)

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        if self.accepts(value):
            return
        near = next((shape for shape in self.shapes if shape.resembles(value)), None)
        if near is None:
            yield _other(value, place, self.words)
        else:
            yield from near.faults(value, place)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value whose shape depends on what it holds."""

    choose: Callable[[Any], ValueShape]
    words: str = "a mapping"

    def accepts(self, value: Any) -> bool:
        return self.choose(value).accepts(value)

    def resembles(self, value: Any) -> bool:
        return self.choose(value).resembles(value)

    def faults(self, value: Any, place: Place) -> Iterator[ShapeError]:
        yield from self.choose(value).faults(value, place)


def is_text(value: Any) -> bool:
    """Whether DVC reads a text: a plain date is none."""
    return type(value) is str or (isinstance(value, str) and not isinstance(value, dvc.Date))


def _other(value: Any, place: Place, words: str) -> ShapeError:
    return ShapeError(place, f"{field_text.name(place)} is {_kind(value)}, and must be {words}")


def _kind(value: Any) -> str:
    return f"a date ({value})" if isinstance(value, dvc.Date) else field_text.kind(value)


def _no_text(key: Any, place: Place) -> ShapeError:
    message = f"a key of {field_text.name(place)} is {_kind(key)}, and must be a text"
    return ShapeError((*place, key), message, f'quote it: "{key}"', of_key=True)

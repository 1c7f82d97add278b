"""Fit sections into a limit: the least important one is shortened first, then dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from interlock.rendering.limits import measure

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a text. `variants` are complete Markdown texts, from the longest to the shortest;
    an empty last one means that the section may be dropped. Higher importance is kept longer."""

    kind: str
    importance: int
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Sections between `opening` and `closing`; without sections the group is empty."""

    sections: tuple[Section, ...]
    opening: str = ""
    closing: str = ""


def shortened(kinds: Sequence[str]) -> str:
    """The notice that sections of these kinds were shortened or dropped."""
    return f"_Shortened to stay within GitHub's limit: {', '.join(kinds)}._"


def fit(
    groups: Sequence[Group], *, limit: int, notice: Callable[[Sequence[str]], str] = shortened
) -> tuple[str, tuple[str, ...]]:
    """Return the text, at most `limit` by measure(), and the kinds that were cut.

    `notice` writes the sentence about the kinds that were cut; it counts for the limit.
    """
    choices = [_Choice(group) for group in groups]
    cut = {kind for choice in choices for kind in choice.drop_too_large(limit)}
    size = sum(choice.size for choice in choices)
    for choice, place in _order(choices):
        section = choice.group.sections[place]
        while size + _reserve(cut, notice) > limit and choice.can_shorten(place):
            size -= choice.size
            choice.shorten(place)
            size += choice.size
            cut.add(section.kind)
    kinds = tuple(sorted(cut))
    texts = [choice.text() for choice in choices]
    texts.append(notice(kinds) if kinds else "")
    return _GAP.join(text for text in texts if text), kinds


class _Choice:
    """The variant of each section of a group, and its size."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._levels = [0] * len(group.sections)
        self._sizes = [[_size(text) for text in s.variants] for s in group.sections]
        self._frame = _size(group.opening) + _size(group.closing)

    @property
    def size(self) -> int:
        body = sum(sizes[level] for sizes, level in zip(self._sizes, self._levels, strict=True))
        return body + self._frame if body else 0

    def drop_too_large(self, limit: int) -> Iterator[str]:
        """Shorten sections that alone exceed the limit, so that no other section is cut for them;
        yield their kinds."""
        for place, section in enumerate(self.group.sections):
            while self._sizes[place][self._levels[place]] > limit and self.can_shorten(place):
                self.shorten(place)
                yield section.kind

    def can_shorten(self, place: int) -> bool:
        return self._levels[place] < len(self._sizes[place]) - 1

    def shorten(self, place: int) -> None:
        self._levels[place] += 1

    def text(self) -> str:
        sections = zip(self.group.sections, self._levels, strict=True)
        body = [section.variants[level] for section, level in sections if section.variants[level]]
        if not body:
            return ""
        return _GAP.join(text for text in (self.group.opening, *body, self.group.closing) if text)


def _size(text: str) -> int:
    return measure(text) + measure(_GAP) if text else 0


def _order(choices: Sequence[_Choice]) -> list[tuple[_Choice, int]]:
    """The order of cuts: the least important first; of equals the last."""
    places = [(g, s) for g, choice in enumerate(choices) for s in range(len(choice.group.sections))]
    places.sort(key=lambda at: (choices[at[0]].group.sections[at[1]].importance, -at[0], -at[1]))
    return [(choices[g], s) for g, s in places]


def _reserve(cut: Iterable[str], notice: Callable[[Sequence[str]], str]) -> int:
    kinds = sorted(cut)
    return _size(notice(kinds)) if kinds else 0

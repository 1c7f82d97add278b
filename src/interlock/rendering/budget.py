"""Fits sections into a limit: the least important is shortened, then dropped, first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from interlock.rendering.limits import measure

_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that is said. `variants` go from the fullest to the shortest, each Markdown that
    stands by itself; an empty last one means that it may be dropped. Higher importance stays."""

    kind: str
    importance: int
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Sections that stand together between `opening` and `closing`; without them, nothing."""

    sections: tuple[Section, ...]
    opening: str = ""
    closing: str = ""


def fit(
    groups: Sequence[Group], *, limit: int, notice: Callable[[Sequence[str]], str]
) -> tuple[str, tuple[str, ...]]:
    """Return the text, at most `limit` by measure(), and the kinds that were cut.

    `notice` makes the sentence that says so, out of the kinds; it takes part in the limit.
    """
    chosen = {(g, s): 0 for g, group in enumerate(groups) for s in range(len(group.sections))}
    text = _compose(groups, chosen, "")
    size, cut = measure(text), set[str]()
    for g, s in _order(groups):
        section = groups[g].sections[s]
        while size + _reserve(cut, notice) > limit and chosen[g, s] < len(section.variants) - 1:
            before = section.variants[chosen[g, s]]
            chosen[g, s] += 1
            size -= measure(before) - measure(section.variants[chosen[g, s]])
            cut.add(section.kind)
    kinds = tuple(sorted(cut))
    return _compose(groups, chosen, notice(kinds) if kinds else ""), kinds


def _order(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """Where to cut first: the least important, and of equals the last."""
    places = [(g, s) for g, group in enumerate(groups) for s in range(len(group.sections))]
    return sorted(places, key=lambda at: (groups[at[0]].sections[at[1]].importance, -at[0], -at[1]))


def _reserve(cut: Iterable[str], notice: Callable[[Sequence[str]], str]) -> int:
    kinds = sorted(cut)
    return measure(_GAP + notice(kinds)) if kinds else 0


def _compose(groups: Sequence[Group], chosen: dict[tuple[int, int], int], notice: str) -> str:
    parts: list[str] = []
    for g, group in enumerate(groups):
        texts = [section.variants[chosen[g, s]] for s, section in enumerate(group.sections)]
        body = [text for text in texts if text]
        if body:
            parts += [text for text in (group.opening, *body, group.closing) if text]
    return _GAP.join([*parts, *([notice] if notice else [])])

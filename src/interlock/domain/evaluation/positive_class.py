"""Determines which of two classes is the positive one, which recall and precision depend on; pure.

Without a setting it is known only for 0/1, -1/1 and booleans, as in scikit-learn
(`sklearn.metrics._base._check_pos_label_consistency`). For any other two classes the last one in
the alphabet would be positive only by chance.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from interlock.domain.basics import canonical_text

_CONVENTIONS = (frozenset({"0", "1"}), frozenset({"-1", "1"}))


@dataclass(frozen=True, slots=True)
class Positive:
    """`label` is None if no row shows it yet; `problem` is the reason why none can be chosen."""

    label: str | None
    problem: str = ""
    hint: str = ""


def find(classes: Sequence[str], *, requested: str | None, scored: Collection[str]) -> Positive:
    """Return the positive class of a binary task. `classes` are at most two, in order; `scored`
    are those that have a column of scores."""
    if requested is not None:
        return _named(classes, canonical_text.canonical(requested))
    if not _is_convention(classes):
        return _unnamed(classes) if len(classes) == 2 else Positive(None)
    if len(scored) == 1:
        return Positive(next(iter(scored)))
    return Positive(classes[1] if len(classes) == 2 else None)


def _is_convention(classes: Sequence[str]) -> bool:
    return any(
        {canonical_text.truth(label) for label in classes} <= known for known in _CONVENTIONS
    )


def _named(classes: Sequence[str], requested: str) -> Positive:
    same = [
        each for each in classes if canonical_text.truth(each) == canonical_text.truth(requested)
    ]
    if requested in classes or len(classes) < 2:
        return Positive(requested if requested in classes or not same else same[0])
    if len(same) == 1:
        return Positive(same[0])
    twin = canonical_text.explain(requested, classes)
    known = " and ".join(map(repr, classes))
    return Positive(
        None,
        f"the positive class {requested!r} is none of its classes {known}" + (twin and f": {twin}"),
        f"name one of them: {_ways(classes)}",
    )


def _unnamed(classes: Sequence[str]) -> Positive:
    known = " and ".join(map(repr, classes))
    return Positive(
        None,
        f"its classes are {known}, and nothing says which of them is the positive class",
        f"name it: {_ways(classes)}",
    )


def _ways(classes: Sequence[str]) -> str:
    ways = " or ".join(f"evaluate: {{positive: {label}}}" for label in classes)
    return f"{ways} in the manifest, --positive with --candidate"

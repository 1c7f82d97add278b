"""Finds the positive class of a binary task, or refuses the file; the domain has the rule."""

from __future__ import annotations

from collections.abc import Collection

from interlock import errors
from interlock.domain.evaluation import positive_class


def require(
    classes: tuple[str, ...], *, requested: str | None, scored: Collection[str], file: str
) -> str | None:
    """Return its label, None if the rows do not show it.

    Raises CannotScore for three classes, and for two of which the positive one is unknown.
    """
    if len(classes) > 2:
        raise errors.CannotScore(
            f"{file}: a binary task has two classes, and there are {len(classes)}: "
            + ", ".join(classes[:10]),
            hint="is the task multiclass?",
        )
    positive = positive_class.find(classes, requested=requested, scored=scored)
    if positive.problem:
        raise errors.CannotScore(f"{file}: {positive.problem}", hint=positive.hint)
    return positive.label

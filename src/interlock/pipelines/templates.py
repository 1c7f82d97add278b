"""The interface of DVC's template resolver; an adapter implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from interlock import errors

SECTIONS = ("metrics", "params", "plots", "datasets")
"""What a dvc.yaml lists at its top, beside the stages."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A dvc.yaml without templates: its stages by name, each a definition or why it has none, and
    the lists of SECTIONS."""

    stages: Mapping[str, Mapping[str, Any] | errors.InterlockError]
    sections: Mapping[str, list[Any]] = field(default_factory=dict)


class ResolveTemplates(Protocol):
    """Fill in the templates of a dvc.yaml.

    `read` gives the content of another file of the same revision, None when there is none.
    Raises CannotFingerprint when the file as a whole cannot be resolved.
    """

    def __call__(
        self, document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
    ) -> Resolved: ...


def refuse(
    document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
) -> Resolved:
    """Refuse templates where DVC is not installed."""
    del document, read
    raise errors.CannotFingerprint(
        f"{path} has templates (${{…}}, foreach or matrix), which only DVC resolves exactly",
        hint="in a checkout of interlock: pip install '.[train]'",
    )

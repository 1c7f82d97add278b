"""What is asked of DVC's own resolver; the resolver itself is an adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from interlock import errors


class ResolveTemplates(Protocol):
    """The stages of a dvc.yaml by name, each a definition or why it has none.

    `read` gives the content of another file of the same revision, None when there is none.
    Raises CannotFingerprint when the file as a whole cannot be resolved.
    """

    def __call__(
        self, document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
    ) -> Mapping[str, Mapping[str, Any] | errors.InterlockError]: ...


def refuse(
    document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
) -> Mapping[str, Mapping[str, Any] | errors.InterlockError]:
    """Stand in where DVC is not at hand: what has templates cannot be read."""
    del document, read
    raise errors.CannotFingerprint(
        f"{path} has templates (${{…}}, foreach or matrix), which only DVC resolves exactly",
        hint="in a checkout of interlock: pip install '.[train]'",
    )

"""What .dvcignore hides, as DVC matches it; the patterns' grammar is pathspec's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.pipelines import paths

FILE = ".dvcignore"


class Ignore:
    """Every .dvcignore of a tree. Without patterns nothing is imported and nothing is matched."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        """`texts` maps the path of each .dvcignore to its content."""
        self._texts = dict(texts)
        lines = {paths.folder(path): _patterns(data) for path, data in texts.items()}
        self._specs = {folder: _compile(found) for folder, found in lines.items() if found}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ignore) and self._texts == other._texts

    __hash__ = None  # type: ignore[assignment]

    def hides(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether DVC does not see this path: it, or a folder that holds it, matches."""
        if not self._specs:
            return False
        parts = path.split("/")
        return any(
            self._verdict("/".join(parts[:end]), is_folder or end < len(parts))
            for end in range(1, len(parts) + 1)
        )

    def _verdict(self, path: str, is_folder: bool) -> bool:
        """The nearest .dvcignore that says something decides; its last matching line counts."""
        for folder in paths.ancestors(path):
            spec = self._specs.get(folder)
            if spec is None:
                continue
            local = path[len(folder) + 1 :] if folder else path
            said = spec.check_file(local + "/" if is_folder else local).include
            if said is not None:
                return bool(said)
        return False


def _patterns(data: bytes) -> list[str]:
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _compile(patterns: list[str]) -> Any:
    import pathspec  # noqa: PLC0415 - most repositories ignore nothing

    return pathspec.GitIgnoreSpec.from_lines(patterns)

"""Match paths with .dvcignore as DVC does; pathspec defines the grammar of patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from interlock.domain.basics import parse_limits
from interlock.pipelines import paths
from interlock.yaml_reader import file_errors
from interlock.yaml_reader.positions import START, Position
from interlock.yaml_reader.suggestions import quote

if TYPE_CHECKING:
    from interlock.pipelines.globs import Pattern

FILE = ".dvcignore"


class Ignore:
    """Every .dvcignore of a tree. Without patterns nothing is imported and nothing is matched."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        """`texts` maps the path of each .dvcignore to its content."""
        self._texts = dict(texts)
        read = {paths.folder(path): _read(data, path) for path, data in texts.items()}
        self._files = {folder: file for folder, file in read.items() if file.patterns}
        self.broken = {folder: file.error for folder, file in read.items() if file.error}
        """The error of each .dvcignore that is invalid or over a limit, by folder."""
        self._known: dict[tuple[str, bool], bool] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ignore) and self._texts == other._texts

    __hash__ = None  # type: ignore[assignment]

    def require(self, path: str) -> None:
        """Raise InvalidFile if a .dvcignore above this path cannot be read."""
        for folder in paths.ancestors(path) if self.broken else ():
            if folder in self.broken:
                raise self.broken[folder]

    def hides(self, path: str, *, is_folder: bool = False) -> bool:
        """Return True if DVC ignores this path: the path or a folder above it matches.

        Raises InvalidFile if a .dvcignore needs more comparisons than the limit.
        """
        if not self._files:
            return False
        above = paths.folder(path)
        if above and self._hides_folder(above):
            return True
        return self._verdict(path, is_folder)

    def _hides_folder(self, path: str) -> bool:
        parts = path.split("/")
        return any(self._of_folder("/".join(parts[:end])) for end in range(1, len(parts) + 1))

    def _of_folder(self, path: str) -> bool:
        key = (path, True)
        if key not in self._known:
            self._known[key] = self._verdict(path, is_folder=True)
        return self._known[key]

    def _verdict(self, path: str, is_folder: bool) -> bool:
        """The nearest .dvcignore with a matching line decides; its last matching line counts."""
        for folder in paths.ancestors(path):
            file = self._files.get(folder)
            if file is None:
                continue
            local = path[len(folder) + 1 :] if folder else path
            include = file.included(local + "/" if is_folder else local)
            if include is not None:
                return include
        return False


@dataclass(slots=True)
class _File:
    path: str
    patterns: list[Pattern] = field(default_factory=list)
    error: file_errors.InvalidFile | None = None
    spec: Any = None
    steps: int = 0

    def included(self, path: str) -> bool | None:
        self.steps += sum(pattern.steps(path) for pattern in self.patterns)
        if self.steps > parse_limits.STEPS.most:
            raise file_errors.refuse(
                self.path, START, parse_limits.STEPS.sentence, parse_limits.STEPS.hint
            )
        include = self.spec.check_file(path).include
        return None if include is None else bool(include)


def _read(data: bytes, path: str) -> _File:
    file = _File(path)
    lines = list(_lines(data))
    if not lines:  # as `dvc init` writes it: with comments only
        return file
    from interlock.pipelines import globs  # noqa: PLC0415 - few projects ignore files

    for number, line in lines:
        try:
            parse_limits.PATTERNS.require(len(file.patterns) + 1)
            pattern = globs.read(line)
        except ValueError as error:
            message = f"{quote(line)} is not a valid pattern for DVC: {error}"
            hint = "correct it, or remove the line"
            if isinstance(error, parse_limits.TooMuch):
                message, hint = error.message, error.hint
            return _File(path, error=file_errors.refuse(path, Position(number, 1), message, hint))
        if pattern is not None:
            file.patterns.append(pattern)
    file.spec = globs.spec(file.patterns)
    return file


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, text

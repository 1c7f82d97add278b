"""Pictures in memory, with a branch that several of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlock import errors
from interlock.domain.reporting import pictures


@dataclass
class FakePictures:
    """`pushes` counts the writes; `fault` is raised by the next ones."""

    files: dict[str, bytes] = field(default_factory=dict)
    now: str = "2030-01-15T00:00:00Z"
    days: int = 90
    pushes: int = 0
    fault: errors.InterlockError | None = None

    def place(self, model: str, fingerprint: str, name: str) -> str:
        return pictures.path(model, fingerprint, name, at=self.now)

    def has(self, path: str) -> bool:
        return pictures.check_path(path) in self.files

    def store(self, files: Mapping[str, bytes], *, message: str) -> None:
        new = {path: data for path, data in files.items() if not self.has(path)}
        if not new:
            return
        if self.fault is not None:
            raise self.fault
        months = {path.partition("/")[0] for path in self.files}
        gone = pictures.expired(months, now=self.now, days=self.days)
        for path in [path for path in self.files if path.partition("/")[0] in gone]:
            del self.files[path]
        self.files |= new
        self.pushes += 1

"""The nouns of a pipeline: stages, pointers and what they read and make; no parsing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock.domain.model.declared_plots import Plot
from interlock.domain.training.storage import Storage
from interlock.yaml_reader import file_errors

_DEFAULT = Storage()


@dataclass(frozen=True, slots=True)
class Dependency:
    """`path` is relative to the repository, None when it lies outside (a URL, an absolute path);
    `written` is how the file spells it."""

    path: str | None
    written: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Keys of one parameter file; no keys mean the whole file."""

    path: str | None
    written: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Out:
    """`path` is None when it lies outside the repository. An uncached out is kept in Git.
    `section` is where it is listed: outs, metrics or plots."""

    path: str | None
    written: str
    cached: bool = True
    section: str = "outs"
    storage: Storage = _DEFAULT


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """One stage of a dvc.yaml, its templates resolved. `wdir` is relative to the repository."""

    file: str
    name: str
    wdir: str
    commands: tuple[str, ...]
    listed: bool
    """Whether `cmd` was written as a list: DVC tells a list of one from the command itself."""
    dependencies: tuple[Dependency, ...] = ()
    parameters: tuple[Parameters, ...] = ()
    outs: tuple[Out, ...] = ()
    frozen: bool = False
    always_changed: bool = False
    plots: tuple[Plot, ...] = ()

    @property
    def address(self) -> str:
        return f"{self.file}:{self.name}"


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file of DVC's that cannot be read, and why; DVC reads all of a file or nothing."""

    file: str
    error: file_errors.InvalidFile

    @property
    def reason(self) -> str:
        hint = f" ({self.error.hint})" if self.error.hint else ""
        return self.error.message + hint


@dataclass(frozen=True, slots=True)
class Tracked:
    """Data behind a pointer or a lock. `digest` is "" when nothing identifies the content.

    `files` maps paths inside a folder to digests, when the pointer lists them.
    """

    file: str
    path: str
    digest: str
    size_bytes: int | None = None
    rows: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Top:
    """What a dvc.yaml lists beside its stages. `metrics` and `params` are files or folders,
    relative to the repository; `datasets` maps a name to its specification."""

    metrics: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    plots: tuple[Plot, ...] = ()

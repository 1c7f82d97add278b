"""The tree in which a training runs; it depends only on the fingerprint. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlock.domain.training.interpreters import Launch
from interlock.domain.training.storage import Storage


@dataclass(frozen=True, slots=True)
class Blob:
    """One file from Git, at the place where its stage reads it: the content of a link's target, at
    the place of the link."""

    path: str
    object_id: str
    is_executable: bool = False


@dataclass(frozen=True, slots=True)
class TrainingTree:
    """Every path is relative to the tree, which mirrors the repository.

    `root` is the folder of the DVC repository. `submodules` maps a path to a commit, `texts` a
    generated file to its text. `folders` must exist before a stage runs. `pointers` name the source
    of the `data` (paths). They are removed before the first program runs, because they contain more
    than the content's digest. Pointers that a stage reads itself are blobs, and stay. `storage` is
    of the stages' outputs, `metrics` are files or folders of figures, `shown` are files of
    parameters that are not inputs: they are read after the stages. `launch` is how the last stage,
    the target, starts its program. `is_target_rerun`: some metrics are an output of no stage, so
    that a stored run of the target, which may write them, would lack them. `spelling` maps a path
    as the generated dvc.yaml of a stage writes it to the spelling of the team, if they differ.
    """

    root: str = ""
    blobs: tuple[Blob, ...] = ()
    submodules: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    pointers: Mapping[str, str] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    storage: Mapping[str, Storage] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    launch: Launch | None = None
    is_target_rerun: bool = False
    spelling: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

"""Port: the pipeline, which runs the stages of a target and stores their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.stage_runs import Accepted, StageRun
from interlock.domain.training.training_tree import Storage


@dataclass(frozen=True, slots=True)
class DvcSettings:
    """DVC's settings for a training: the text of its config and config.local, relative to `home`,
    a `.dvc` folder that may be gone by then, and where the cache lies unless they say. `path` is
    the config's in the repository, whose checkout is `top`. One that `is_brought` by a change, and
    not the default branch's, may give no more than domain.dvc_settings lets it."""

    config: str
    local: str
    home: Path
    cache: Path
    path: str = ".dvc/config"
    top: Path = Path("/")
    is_brought: bool = True


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """One training in a tree of its own, `checkout`, to which all paths are relative.

    `root` is the folder of the DVC repository, `file` the dvc.yaml of the target. `files` are in
    place, with their MD5; `data` are brought by the `pointers`, which are then removed. `storage`
    says which remote keeps an output. `spelling` is how the team's own dvc.yaml writes the paths of
    a stage, for its dvc.lock. `metrics` are files or folders of figures, `shown` of
    parameters that are not inputs; both are read after the stages.

    A stage is not run where `accepted` names the outputs of its key, in which `salt` is mixed. With
    `own_cache` it is not run either where an earlier training with that `salt` stored a run in the
    cache beside the settings' `home`: its writers decide the model. No other
    stored run is used.

    `env` is the whole environment of the programs; `prepare` are shell commands that run first;
    `launch` holds arguments for the Python that runs the target's program, in front of it.
    """

    checkout: Path
    file: str
    target: str
    timeout_seconds: float
    settings: DvcSettings
    root: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    storage: Mapping[str, Storage] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    spelling: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    salt: str = ""
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    own_cache: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: str = ""
    launch: str = ""


class RunEnd(StrEnum):
    """How the stages ended. Only DONE leaves a model; UNUSABLE is that they ended well and left
    what cannot be judged."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """What happened. Paths are relative to the checkout.

    `outputs` are the target stage's; `lock` maps each dvc.lock to its entries of the pipeline's
    stages; `metrics` maps each metrics file to what it holds; `params` each parameter file to
    the values read. `reason` says why it is not DONE. `warnings` are for a person. `env` is what
    the stages saw, with what the set-up commands added.
    """

    ended: RunEnd
    seconds: float
    log_tail: str
    peak_memory_bytes: int | None = None
    reason: str = ""
    stages: tuple[StageRun, ...] = ()
    outputs: tuple[str, ...] = ()
    lock: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


class PipelineRunner(Protocol):
    def run(
        self,
        job: PipelineJob,
        *,
        say: Callable[[str], None],
        check: Callable[[tuple[str, ...]], Refusal | None],
    ) -> PipelineRun:
        """Bring and verify the data, run the stages, push what they left and the run cache.

        Every line of output goes to `say` as it comes. `check` gets the target's outputs right
        after its program ended, and before anything is stored: a refusal makes the run UNUSABLE.
        A run that is DONE has been pushed. A failed program is a value. Raises OutsideFailure for a
        file that is not what the fingerprint names, before or after the stages, and for a full
        disk; CannotReachRemote, MissingSetting without a remote, CannotTrain for a pipeline that
        cannot run.
        """
        ...

    def settings(
        self, home: Path, config: str, *, path: str, is_brought: bool, scratch: Path | None
    ) -> DvcSettings:
        """Return the settings of a DVC repository whose checkout is `home`, `config` being the
        committed file at `path`. With the folder `scratch` the checkout is not used later.

        Raises Refused where the checkout's config.local is committed.
        """
        ...

    def missing_bytes(self, settings: DvcSettings, sizes: Mapping[str, int]) -> int:
        """Return how much of these data the cache of a training with these settings lacks: MD5, as
        a pointer names it, to size."""
        ...

"""Port: the pipeline, which runs the stages of a target and stores their outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from interlock.domain.basics.refusal import Refusal
from interlock.domain.model.stage_runs import Accepted, StageRun
from interlock.domain.training.storage import Storage


@dataclass(frozen=True, slots=True)
class DvcSettings:
    """DVC's settings for a training: the text of its config and config.local.

    Paths are relative to `home`, a `.dvc` folder that may not exist any more at that time; the
    cache is there, too, unless the settings name another place. `path` is the place of the config
    in the repository with the checkout `top`. If it `is_brought` by a change, and does not come
    from the default branch, domain.training.dvc_settings limits the settings that it may have.
    """

    config: str
    local: str
    home: Path
    cache: Path
    path: str = ".dvc/config"
    top: Path = Path("/")
    is_brought: bool = True


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """One training in a separate tree, `checkout`; all paths are relative to it.

    `root` is the folder of the DVC repository, `file` the dvc.yaml of the target. `files` are in
    place, with their MD5; `data` are fetched by the `pointers`, which are then removed. `storage`
    names the remote of an output. `spelling` maps the paths of a stage to the spelling of the
    team's dvc.yaml, for its dvc.lock. `metrics` are files or folders of figures, `shown` of
    parameters that are not inputs; both are read after the stages.

    `recorded` maps outputs of stages that always run to the digest that they must have: another
    digest makes the run UNUSABLE.

    A stage does not run if `accepted` has the outputs for its key (`salt` is part of the key). With
    `own_cache` it does not run either if an earlier training with that `salt` stored a run in the
    cache of the settings' `home`. Users who can write this cache then decide the model. No other
    stored run is used. With `is_target_rerun` the target always runs.

    `env` is the whole environment of the programs; `prepare` are shell commands that run first;
    `launch` has the arguments between the target's Python and its program.
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
    recorded: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    own_cache: bool = False
    is_target_rerun: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: str = ""
    launch: str = ""


class RunEnd(StrEnum):
    """How the stages ended. Only DONE has a model. UNUSABLE: they succeeded, but their outputs
    cannot be evaluated."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """The result of a pipeline. Paths are relative to the checkout.

    `outputs` are the target stage's; `lock` maps each dvc.lock to its entries of the pipeline's
    stages; `data` maps each file of the fetched data to the SHA-256 that it had before the first
    program started; `metrics` maps each metrics file to its content; `params` each parameter file
    to the values that were read. `reason` explains why it is not DONE. `warnings` are for users.
    `env` is the environment of the stages, with the additions of the set-up commands.
    """

    ended: RunEnd
    seconds: float
    log_tail: str
    peak_memory_bytes: int | None = None
    reason: str = ""
    stages: tuple[StageRun, ...] = ()
    outputs: tuple[str, ...] = ()
    lock: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
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
        """Fetch and verify the data, run the stages, push their outputs and the run cache.

        Every line of output goes to `say` at once. `check` gets the target's outputs right after
        its program ended, and before anything is stored: a refusal makes the run UNUSABLE. A run
        that is DONE has been pushed. A failed program is a value.

        Raises OutsideFailure for a file that differs from the fingerprint, before or after the
        stages, and for a full disk; CannotReachRemote; MissingSetting without a remote; CannotTrain
        for a pipeline that cannot run.
        """
        ...

    def settings(
        self, home: Path, config: str, *, path: str, is_brought: bool, scratch: Path | None
    ) -> DvcSettings:
        """Return the settings of the DVC repository with the checkout `home`. `config` is the text
        of the committed file at `path`. With the folder `scratch` the checkout is not used later.

        Raises Refused if the checkout's config.local is committed.
        """
        ...

    def missing_bytes(self, settings: DvcSettings, sizes: Mapping[str, int]) -> int:
        """Return the size of the data that the cache of a training with these settings lacks.
        `sizes` maps the MD5 in a pointer to a size."""
        ...

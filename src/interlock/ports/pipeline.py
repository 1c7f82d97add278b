"""What is asked of the pipeline: run a target's stages and store what they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """One training.

    `file` is the dvc.yaml, relative to the checkout; `home` the user's own checkout or bare
    repository when `checkout` is a worktree of it, None when they are the same: settings that
    are not in Git and the cache are taken from there. A run stored under one `salt` is never
    taken for a run under another. With `force` nothing stored is taken at all. `env` is added to
    the environment of the programs; `launch` holds arguments for the Python that runs the target's
    program, in front of it.
    """

    checkout: Path
    file: str
    target: str
    timeout_seconds: float
    home: Path | None = None
    salt: str = ""
    force: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    launch: str = ""


class Ended(StrEnum):
    """How the stages ended. Only DONE leaves a model; UNUSABLE is that they ended well and left
    what cannot be judged."""

    DONE = "done"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    INTERRUPTED = "interrupted"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the target's pipeline; `ran` is False when a stored run was taken instead."""

    name: str
    ran: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """What happened. Paths are relative to the checkout.

    `outputs` are the target stage's; `lock` maps each dvc.lock to its entries of the pipeline's
    stages; `metrics` maps each metrics file to what it holds; `params` each parameter file to
    the values read. `reason` says why it is not DONE. `warnings` are for a person.
    """

    ended: Ended
    seconds: float
    log_tail: str
    peak_memory_bytes: int | None = None
    reason: str = ""
    stages: tuple[Stage, ...] = ()
    outputs: tuple[str, ...] = ()
    lock: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Pipeline(Protocol):
    def run(
        self,
        job: Job,
        *,
        say: Callable[[str], None],
        check: Callable[[tuple[str, ...]], str],
    ) -> Run:
        """Pull what the target needs, run its stages, push what they left and the run cache.

        Every line of output goes to `say` as it comes. `check` is given the target's outputs right
        after its program ended, and before anything is stored: what it says is wrong with them
        makes the run UNUSABLE, '' lets it go on. A run that is DONE has been pushed. A
        failed program is a value. Raises CannotReachRemote, MissingSetting without a remote,
        CannotTrain for a pipeline that cannot run, OutsideFailure for a full disk.
        """
        ...

    def missing_bytes(self, home: Path, sizes: Mapping[str, int]) -> int:
        """Return how much of these data the cache of a checkout lacks: MD5, as a pointer names
        it, to size."""
        ...

"""The result of each stage of a training; later training may reuse its outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

OWN_CACHE = "cache"
"""The source of outputs that an earlier training left in the cache of the same clone."""


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a stage at `path` of the repository: its MD5 from DVC, which ends in `.dir` for
    a folder, and the SHA-256 and size in bytes of an Artifact."""

    path: str
    md5: str
    sha256: str
    size_bytes: int
    is_program: bool = False


@dataclass(frozen=True, slots=True)
class StageRun:
    """One stage (`folder/dvc.yaml:name`) of a training. `ran` is true if its program was started.

    Otherwise `source` is the origin of its outputs: a fingerprint with evidence that names them, or
    OWN_CACHE. `key` is a SHA-256 of everything that determines the outputs: the command, the
    dependencies, the parameters and the environment files; "" if DVC cannot compute it.
    """

    name: str
    ran: bool
    seconds: float = 0.0
    key: str = ""
    outputs: tuple[Output, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Outputs of a stage that an evidence record names; `source` is its fingerprint."""

    source: str
    outputs: tuple[Output, ...] = field(default=())


def accepted(runs: Iterable[tuple[str, Iterable[StageRun]]]) -> dict[str, Accepted]:
    """Return the outputs that may replace a run of a stage, by the stage's key.

    `runs` are fingerprints with the stages of their evidence; the first one with a key counts. No
    evidence names outputs from a cache, so that they prove nothing for the next training.
    """
    known: dict[str, Accepted] = {}
    for fingerprint, stages in runs:
        for stage in stages:
            if stage.key and stage.outputs and stage.source != OWN_CACHE:
                known.setdefault(stage.key, Accepted(fingerprint, stage.outputs))
    return known


def differing(named: Iterable[Output], actual: Mapping[str, tuple[str, int]]) -> tuple[str, ...]:
    """Return a sentence for each output that differs from the recorded one.

    `actual` maps a path to the SHA-256 and the size in bytes of the file there.
    """
    return tuple(
        f"{each.path} has SHA-256 {actual[each.path][0]}, and the evidence names {each.sha256}"
        if each.path in actual
        else f"{each.path} is not there"
        for each in named
        if actual.get(each.path) != (each.sha256, each.size_bytes)
    )


def sentence(stage: StageRun) -> str:
    """Explain that a stage did not run, and where its outputs come from; "" if it ran."""
    if stage.ran:
        return ""
    source = (
        "the cache of this clone, where an earlier training left them"
        if stage.source == OWN_CACHE
        else f"the evidence of {stage.source[:12]}"
    )
    return f"stage {stage.name} did not run: its outputs were restored from {source}"

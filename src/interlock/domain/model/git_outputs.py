"""Decides which of the files that DVC leaves to Git after a training may be committed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from interlock.domain.basics.refusal import Refusal

LARGEST_BYTES = 1_000_000
"""The limit of one file. Larger files belong in DVC's cache."""
MOST_FILES = 200
"""Of one model."""
FORMS = (".json", ".yaml", ".yml", ".toml", ".csv")
_OF_DVC = ("dvc.yaml", "dvc.lock", ".dvc")


@dataclass(frozen=True, slots=True)
class GitOutput:
    """A file or folder that the stages of a model leave in Git: an output with `cache: false`, or a
    file that dvc.yaml lists outside of its stages.

    `is_measure`: it is declared as a metric or a plot. `stage` is the address of the stage that
    makes it, and `written` is the path as that stage spells it; both are "" for a file that is only
    listed.
    """

    path: str
    is_measure: bool
    stage: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The texts that one training left for Git, by path in the repository."""

    model: str
    fingerprint: str
    files: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class UncommittedFile:
    """A file that is not committed, with the reason; `run_id` is of the run that stores it, "" for
    none."""

    path: str
    reason: str
    run_id: str = ""


def covers(outputs: Iterable[GitOutput], path: str) -> bool:
    """Return True if a file is one of these outputs, or inside one."""
    return any(_is_at_or_below(path, out.path) for out in outputs)


def check_file(
    path: str, *, size_bytes: int, outputs: Iterable[GitOutput], inputs: Collection[str]
) -> Refusal | None:
    """Refuse a file that must not be committed.

    `outputs` and `inputs` (paths of the inputs of every model) are the revision's own, even if
    the training reports others. Such a commit cannot change a fingerprint or run code.
    """
    measures = (out for out in outputs if out.is_measure)
    hidden = any(part in {"", ".."} or part.startswith(".") for part in path.split("/"))
    read = any(_is_at_or_below(path, each) or _is_at_or_below(each, path) for each in inputs)
    conditions = {
        "it is declared neither as a metric nor as a plot": not covers(measures, path),
        "it lies where a name begins with a dot": hidden,
        "it is a file of DVC's own": path.endswith(_OF_DVC),
        "a model is made from it": read,
        "it is not JSON, YAML, TOML or CSV": not path.lower().endswith(FORMS),
        f"it is larger than {LARGEST_BYTES // 1_000_000} MB": size_bytes > LARGEST_BYTES,
    }
    reasons = (reason for reason, is_met in conditions.items() if is_met)
    return next(map(Refusal, reasons), None)


def _is_at_or_below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")

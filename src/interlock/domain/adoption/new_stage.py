"""Chooses what the only stage of a new pipeline makes, from the names in its programs."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from interlock.domain.adoption import column_choice, model_output, name_words

_METRICS = name_words.split("eval evaluation metric metrics report result results score scores")
_METRICS_FILES = (".json", ".toml", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class NewStage:
    """A stage that runs `command`; `kept` are the outputs that Git has, and DVC's cache not."""

    command: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    metrics: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()


def choose(
    command: str, data: Sequence[str], mentions: Sequence[str], *, files: Collection[str]
) -> NewStage | None:
    """Return the stage, None if no mentioned file looks like a model; `files` are in Git.

    Metrics are always kept in Git: they are small, and a reader of a diff wants them.
    """
    model = next(filter(model_output.is_file, mentions), None)
    if model is None:
        return None
    rows = [path for path in mentions if column_choice.is_file_of_rows(path)]
    metrics = tuple(path for path in mentions if _has_metrics(path) and path != model)
    outs = (model, *rows[:1])
    deps = tuple(posixpath.normpath(path) for path in data)
    kept = frozenset(path for path in outs if path in files) | frozenset(metrics)
    return NewStage(command, deps, outs, metrics, kept)


def _has_metrics(path: str) -> bool:
    name, extension = posixpath.splitext(posixpath.basename(path))
    return extension.lower() in _METRICS_FILES and bool(_METRICS & name_words.split(name))

"""Finds the outputs of a pipeline that are models, by what the pipeline says and by their names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.adoption import name_words
from interlock.domain.adoption.pipeline_facts import (
    DvcArtifact,
    PipelineFacts,
    StageFacts,
    overlaps,
)

_FILES = name_words.split(
    "bin cbm ckpt gguf h5 hdf5 joblib keras onnx pb pickle pkl pt pt2 pth rds safetensors skops "
    "tflite ubj xgb"
)
"""Extensions that files of models have, and data rarely has."""
_DATA = name_words.split("arrow csv feather jsonl npy npz parquet png svg tsv txt")
_TEXTS = name_words.split("json model zip")
"""Extensions that files of models have, if their name says that they are one."""
_NAMES = name_words.split(
    "checkpoint checkpoints classifier clf detector estimator forest model models network "
    "regressor weights"
)
_MAKERS = name_words.split("finetune fit fitting train training trainer tune")


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """An output that is a model, and the stage that makes it. `artifact` is DVC's entry of it;
    one with `is_undeclared` is missing in the `outs` of its stage."""

    path: str
    stage: StageFacts
    artifact: DvcArtifact | None = None
    is_undeclared: bool = False


def find(pipeline: PipelineFacts) -> tuple[ModelOutput, ...]:
    """Return the models of a pipeline, in the order of its stages, at most one of each stage.

    DVC's `artifacts:` of the type `model` decide; without one, the names of the outputs do; without
    such an output, the names of files that the programs mention.
    """
    return tuple(_registered(pipeline)) or _named(pipeline) or tuple(_mentioned(pipeline))


def _registered(pipeline: PipelineFacts) -> Iterator[ModelOutput]:
    models = [each for each in pipeline.artifacts if each.type == "model"]
    for stage in pipeline.stages:
        for artifact in models:
            if any(overlaps(artifact.path, out) for out in stage.outs):
                yield ModelOutput(artifact.path, stage, artifact)
                break


def _named(pipeline: PipelineFacts) -> tuple[ModelOutput, ...]:
    """Return outputs with a name or a maker of models; without one, files of their formats."""
    pairs = [(best, each) for each in pipeline.stages if (best := _best(each)) is not None]
    named = [(path, each) for path, each in pairs if not _is_only_format(path, each)]
    return tuple(ModelOutput(path, each) for path, each in named or pairs)


def _best(stage: StageFacts) -> str | None:
    outs = [o for o in stage.outs if o not in stage.metrics and _points(o, stage) > 1]
    return max(outs, key=lambda out: _points(out, stage), default=None)


def _points(path: str, stage: StageFacts) -> int:
    """Return how much an output looks like a model; 2 and more is one."""
    extension = _extension(path)
    if extension in _DATA:
        return 0
    is_trained = bool(_MAKERS & name_words.split(stage.group))
    name = 2 * _is_named(path) + _is_inside(path) + is_trained * (_is_inside(path) or not extension)
    return name + 2 * (extension in _FILES)


def _is_only_format(path: str, stage: StageFacts) -> bool:
    is_trained = bool(_MAKERS & name_words.split(stage.group))
    return not (_is_named(path) or _is_inside(path) or is_trained)


def _is_named(path: str) -> bool:
    name = posixpath.splitext(posixpath.basename(path))[0]
    return bool(_NAMES & name_words.split(name if _extension(path) else path))


def _is_inside(path: str) -> bool:
    return bool(_NAMES & name_words.split(posixpath.dirname(path)))


def _extension(path: str) -> str:
    return posixpath.splitext(path)[1].lower().lstrip(".")


def _mentioned(pipeline: PipelineFacts) -> Iterator[ModelOutput]:
    """Yield the model that each stage's programs name; the first stage that names it makes it."""
    known: set[str] = set()
    for stage in pipeline.stages:
        models = [path for path in stage.mentions if path not in known and is_file(path)]
        if models:
            known.add(models[0])
            yield ModelOutput(models[0], stage, is_undeclared=True)


def is_file(path: str) -> bool:
    """True if the name of a file says that it is a model."""
    extension = _extension(path)
    return extension in _FILES or (extension in _TEXTS and _is_named(path))

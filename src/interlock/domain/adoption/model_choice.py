"""Chooses the models of a repository: the stages that make and evaluate them, names and gates."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from interlock.domain.adoption import (
    environment_choice,
    metric_choice,
    model_output,
    name_words,
    table_choice,
)
from interlock.domain.adoption.column_choice import ColumnChoice
from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.adoption.model_output import ModelOutput
from interlock.domain.adoption.pipeline_facts import (
    AdoptionFacts,
    PipelineFacts,
    StageFacts,
    overlaps,
)

MANIFEST = "model.yaml"
UNKNOWN_OWNER = "@unknown"
_EVALUATE = name_words.split(
    "assess benchmark eval evaluate evaluation metrics score test validate"
)
_LONGEST_NAME = 63
_PROGRAMS = (".py", ".R", ".r")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model to declare. `rows` has its predictions, or `metric` is a number of its pipeline; with
    neither, no metric is known. All paths are relative to the repository. `undeclared_in` is the
    stage whose `outs` lack the model, None if it is declared; `program` is the target's, if it is
    known. A choice with `items` is of a family: its texts have `${item}`."""

    name: str
    manifest: str
    file: str
    target: str
    model: str
    owner: str
    objective: str
    environment: tuple[str, ...] = ()
    rows: ColumnChoice | None = None
    metric: MetricChoice | None = None
    undeclared_in: StageFacts | None = None
    program: str = ""
    items: tuple[str, ...] = ()

    def at(self, manifest: str) -> ModelChoice:
        """Return the same model with its manifest in another place."""
        return replace(self, manifest=manifest)


def choose(facts: AdoptionFacts, *, owner: str = "") -> tuple[ModelChoice, ...]:
    """Return the models of all pipelines, in the order of the files; names are unique."""
    pairs = [(p, m) for p in facts.pipelines for m in model_output.find(p)]
    counts = {p.file: sum(q is p for q, _ in pairs) for p, _ in pairs}
    chosen: list[ModelChoice] = []
    for pipeline, output in pairs:
        taken = {each.name for each in chosen}
        name = _unique(_name(pipeline, output, facts, is_only=counts[pipeline.file] == 1), taken)
        place = _manifest(pipeline, name, facts, is_only=counts[pipeline.file] == 1)
        chosen.append(_model(pipeline, output, facts, name=name, manifest=place))
    return tuple(replace(each, owner=owner or each.owner) for each in chosen)


def _model(
    pipeline: PipelineFacts, output: ModelOutput, facts: AdoptionFacts, *, name: str, manifest: str
) -> ModelChoice:
    target = evaluating(pipeline, output.stage)
    stages = (*pipeline.upstream(target), target)
    tables = [t for t in facts.tables if any(overlaps(t.path, o) for s in stages for o in s.outs)]
    return ModelChoice(
        name=name,
        manifest=manifest,
        file=pipeline.file,
        target=target.name,
        model=output.path,
        owner=facts.owner or UNKNOWN_OWNER,
        objective=_objective(output, target),
        environment=environment_choice.choose(facts.files, folder=pipeline.folder).files,
        rows=table_choice.choose(tables),
        metric=metric_choice.choose(_numbers(pipeline, stages, facts)),
        program=next((dep for dep in target.deps if dep.endswith(_PROGRAMS)), ""),
        undeclared_in=output.stage if output.is_undeclared else None,
    )


def evaluating(pipeline: PipelineFacts, maker: StageFacts) -> StageFacts:
    """Return the stage that evaluates the model of another one: the last one downstream that has
    metrics or the name of an evaluation; the maker itself without one."""
    after = [s for s in pipeline.stages if maker in pipeline.upstream(s)]
    order = {stage.name: place for place, stage in enumerate(pipeline.stages)}
    judges = [s for s in after if s.metrics or _EVALUATE & name_words.split(s.group)]
    return max(
        judges,
        key=lambda s: (
            bool(_EVALUATE & name_words.split(s.group)),
            bool(s.metrics),
            order[s.name],
        ),
        default=maker,
    )


def _numbers(
    pipeline: PipelineFacts, stages: Sequence[StageFacts], facts: AdoptionFacts
) -> dict[str, float]:
    """Return the numbers of the metrics that these stages write. A file that the dvc.yaml lists at
    its top, and that no stage has, may be of any of them."""
    others = {o for s in pipeline.stages if s not in stages for o in (*s.outs, *s.metrics)}
    files = [path for stage in stages for path in stage.metrics]
    files += [path for path in pipeline.metrics if not any(overlaps(path, o) for o in others)]
    return {key: n for path in files for key, n in facts.numbers.get(path, {}).items()}


def _objective(output: ModelOutput, target: StageFacts) -> str:
    described = (output.artifact and output.artifact.description) or output.stage.description
    return described or target.description or f"The model of stage {output.stage.name}."


def _name(
    pipeline: PipelineFacts, output: ModelOutput, facts: AdoptionFacts, *, is_only: bool
) -> str:
    folder = posixpath.basename(pipeline.folder) or facts.name
    if output.artifact is not None:
        return _slug(output.artifact.name)
    if output.stage.item:
        return _slug(f"{folder}-{output.stage.item}")
    if is_only:
        return _slug(folder)
    return _slug(posixpath.splitext(posixpath.basename(output.path))[0])


def _slug(text: str) -> str:
    """Return a valid name: lower-case letters, digits and hyphens, a letter first."""
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return (slug if slug[:1].isalpha() else f"model-{slug}".strip("-"))[:_LONGEST_NAME].strip("-")


def _unique(name: str, taken: set[str]) -> str:
    return next(each for each in _variants(name) if each not in taken)


def _variants(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        end = f"-{number}"
        yield name[: _LONGEST_NAME - len(end)] + end
        number += 1


def _manifest(pipeline: PipelineFacts, name: str, facts: AdoptionFacts, *, is_only: bool) -> str:
    """Return the path of the manifest: beside its dvc.yaml, if that has only one model."""
    beside = posixpath.join(pipeline.folder, MANIFEST)
    is_free = not any(posixpath.basename(path) == MANIFEST for path in facts.files)
    return beside if is_only and is_free else f"model-manifests/{name}/{MANIFEST}"

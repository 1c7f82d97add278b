"""The topic models: the pipelines, code and environments of all models at HEAD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from interlock import errors
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.basics import dotted_keys
from interlock.domain.doctor import model_lines
from interlock.domain.doctor.line import SettingCheck, wrong
from interlock.domain.doctor.model_lines import CheckedModel
from interlock.domain.model.snapshot import ModelAt
from interlock.pipelines import environments, metrics_files, parameters
from interlock.pipelines.upstream import Tracer
from interlock.services import snapshots


def check(context: DoctorContext, _: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the lines of all models at HEAD."""
    reader = snapshots.Reader(resolve_templates=context.resolve_templates)
    try:
        snapshot = reader.read(context.repository.tree("HEAD"))
    except errors.BadInput as error:
        yield wrong("manifests", error.line, "commit the files of a model, or: interlock init")
        return
    problems = [str(problem).replace("\n", "; ") for problem in snapshot.problems]
    if problems or not snapshot.models:
        yield from model_lines.no_model(problems)
    tracer = reader.tracer_of(snapshot)
    for model in snapshot.models.values():
        yield from model_lines.lines(_facts(tracer, model, context.repository.root))


def _facts(tracer: Tracer, model: ModelAt, root: Path) -> CheckedModel:
    if model.lineage is None:
        return CheckedModel(model)
    project, stages = tracer.project, tracer.stages_of(model.lineage)
    cached = [out.path for stage in stages for out in stage.outs if out.cached and out.path]
    files = [o.path for s in stages for o in s.outs if o.section == "metrics" and o.path]
    files += metrics_files.of(project, stages).metrics
    numbers, absent = _numbers(root, files)
    return CheckedModel(
        model,
        open_versions=environments.doubts(project, model.manifest.environment),
        tracked=tuple(path for path in cached if path in project.tree.entries),
        numbers=numbers,
        absent=absent,
    )


def _numbers(root: Path, files: list[str]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the numbers of metrics files in the checkout, and the files that are not readable."""
    contents, absent = {}, []
    for path in dict.fromkeys(files):
        try:
            contents[path] = parameters.read((root / path).read_bytes(), path=path)
        except (OSError, errors.InterlockError):
            absent.append(path)
    return dotted_keys.numbers(contents)[0], tuple(absent)

"""Reads a manifest from YAML, and checks everything that this one file can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from interlock.domain.basics import repository_paths
from interlock.domain.basics.diagnostics import Diagnostic, has_errors
from interlock.domain.model import manifest as nouns
from interlock.domain.model.manifest import Launcher, Manifest, RowsRule, Task
from interlock.manifests import gate_checks, gates, paths, schema
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote

if TYPE_CHECKING:
    from interlock.domain.model.metrics import Metric
    from interlock.domain.model.monitor_rules import Monitor

SCHEMA = "manifest.v1.json"
_OF_OTHER_COLUMNS = (Task.SCORED, Task.MULTILABEL)
PIPELINE_FILE = "dvc.yaml"


class Checked(CheckedDocument):
    """A manifest with its errors. Checks of other files add errors."""

    @property
    def manifest(self) -> Manifest | None:
        """The manifest; None when the file has an error."""
        return None if has_errors(self.diagnostics) else self._built

    @cached_property
    def _built(self) -> Manifest:
        return _build(self)


def read(data: bytes, *, path: str) -> tuple[Manifest | None, tuple[Diagnostic, ...]]:
    """Return the manifest and every problem; the manifest is None if one is an error.

    `path` and the paths in the manifest are relative to the repository.
    """
    checked = check(data, path=path)
    manifest = checked.manifest
    checked.positions.forget()
    return manifest, checked.diagnostics


def check(data: bytes, *, path: str, fill: Callable[[Any], Any] = lambda value: value) -> Checked:
    """Read like `read`, and keep the positions for later checks. `fill` changes its texts."""
    checked = Checked(data, path=path, schema=schema.load(SCHEMA), fill=fill)
    task = _task(checked)
    has_rows = _check_predictions(checked)
    own = _own_metrics(checked, task)
    _check_primary(checked, task, has_rows=has_rows, own=own)
    _check_positive(checked, task)
    slices = _slices(checked)
    gates.check_all(checked, ("gates",), task=task, slices=slices, has_rows=has_rows, own=own)
    gates.warn_of_no_limit(checked, ("gates",))
    _check_slices(checked)
    fields = _path_fields(checked)
    if checked.has("monitor"):
        from interlock.manifests import monitor  # noqa: PLC0415 - many manifests have none

        monitor.check(checked, task=task, has_rows=has_rows, own=own)
        fields += monitor.path_fields(checked)
    _check_paths(checked, fields)
    _check_processes(checked)
    return checked


def _task(reading: CheckedDocument) -> Task | None:
    task = reading.get("task")
    return None if task is None else Task(task)


def _check_predictions(reading: CheckedDocument) -> bool:
    """Return whether the model has rows, as far as it is known."""
    is_plain = _task(reading) not in _OF_OTHER_COLUMNS and not _has_own(reading)
    if is_plain and isinstance(reading.get("outputs", "predictions"), str) and reading.has("task"):
        return True
    from interlock.manifests import predictions  # noqa: PLC0415 - most manifests need no more

    predictions.check(reading)
    return predictions.are_expected(reading)


def _has_own(reading: CheckedDocument) -> bool:
    """True if the manifest names columns for metrics of its own or for groups."""
    return any(reading.get("evaluate", name) is not None for name in ("metrics", "group"))


def _own_metrics(reading: CheckedDocument, task: Task | None) -> Mapping[str, Metric]:
    if task is not Task.SCORED and not _has_own(reading):
        return {}
    from interlock.manifests import row_metrics  # noqa: PLC0415 - most manifests have none

    return row_metrics.check(reading, task=task)


def _slices(reading: CheckedDocument) -> Sequence[str] | None:
    evaluate = reading.get("evaluate")
    if evaluate is None:
        return None
    served = (nouns.RECENT,) if evaluate.get("rows") == RowsRule.GROWING else ()
    labels = (nouns.LABEL,) if _task(reading) is Task.MULTILABEL else ()
    return (*evaluate.get("slices", ()), *served, *labels)


def _check_primary(
    reading: CheckedDocument, task: Task | None, *, has_rows: bool, own: Mapping[str, Metric]
) -> None:
    primary = reading.get("evaluate", "primary")
    if primary is not None and not gates.is_faulty(reading, primary, own):
        for fault in gate_checks.check_primary(primary, task=task, has_rows=has_rows, own=own):
            reading.complain(("evaluate", "primary"), fault.message, fault.hint)


def _check_positive(reading: CheckedDocument, task: Task | None) -> None:
    if (reading.get("evaluate") or {}).get("positive") is not None and task not in (
        None,
        Task.BINARY,
    ):
        message = f"{task} tasks have no positive class"
        reading.complain(("evaluate", "positive"), message, "remove it, or write task: binary")


def _check_slices(reading: CheckedDocument) -> None:
    """A gate's `recent` would be ambiguous: production rows, or a column's values."""
    slices = (reading.get("evaluate") or {}).get("slices", ())
    reserved = {nouns.RECENT: "the slice of production rows"}
    if _task(reading) is Task.MULTILABEL:
        reserved[nouns.LABEL] = "the slice with a value for each label"
    for name in filter(slices.__contains__, reserved):
        message = f"{name} is the reserved name of {reserved[name]}"
        reading.complain(("evaluate", "slices", slices.index(name)), message, "rename the column")


def _path_fields(reading: CheckedDocument) -> list[Path]:
    fixed: list[Path] = [("pipeline", "file"), ("outputs", "model"), paths.of_predictions(reading)]
    listed: list[Path] = [("environment", i) for i in range(len(reading.get("environment") or ()))]
    return fixed + listed


def _check_paths(reading: CheckedDocument, fields: Sequence[Path]) -> None:
    for field in fields:
        written = reading.get(*field)
        if written is None:
            continue
        path = paths.resolve(written, of=reading.path)
        if path is None:
            message = f"the path {written!r} leaves the repository"
            reading.complain(field, message, "name a file inside it; each ../ is one folder up")
        elif path == ".":
            reading.complain(field, f"the path {written!r} is the whole repository", "name a part")
        elif fault := repository_paths.fault(path):
            reading.complain(field, f"the path {quote(written)} {fault}", "rename it")
        elif name := repository_paths.reserved(path):
            message = f"the path {quote(written)} is in {name}, which cannot contain models"
            reading.complain(field, message, "name a file of the repository")


def _check_processes(reading: CheckedDocument) -> None:
    """A runner without GPUs may start any number of processes on its CPUs."""
    processes = (reading.get("training") or {}).get("gpus", 0)
    gpus = (reading.get("runner") or {}).get("gpus", 0)
    if 0 < gpus < processes:
        message = f"{processes} processes need one GPU each, and runner.gpus is {gpus}"
        reading.complain(("training", "gpus"), message, f"write runner: {{gpus: {processes}}}")


def _build(reading: CheckedDocument) -> Manifest:
    value = reading.value
    predictions = _predictions(reading)
    runner = value.get("runner", {})
    return Manifest(
        path=reading.path,
        model=value["model"],
        owner=value["owner"],
        objective=value["objective"],
        task=Task(value["task"]) if "task" in value else None,
        pipeline=nouns.Pipeline(
            file=_resolve(reading, value["pipeline"].get("file", PIPELINE_FILE)),
            target=value["pipeline"]["target"],
        ),
        outputs=nouns.Outputs(
            model=_resolve(reading, value["outputs"]["model"]),
            predictions=predictions,
        ),
        environment=tuple(_resolve(reading, path) for path in value.get("environment", ())),
        runner=nouns.Runner(**{**runner, **_tuple(runner, "labels")}),
        evaluation=_evaluation(value["evaluate"]),
        gates=gates.parse_all(reading, ("gates",)),
        promote=nouns.Promote(
            environments=tuple(value["promote"]["environments"]),
            registry_name=value["promote"].get("registry_name", value["model"]),
        ),
        context=tuple(value.get("context", ())),
        training=_training(value.get("training")),
        monitor=_monitor(value.get("monitor"), of=reading.path, rows=predictions),
        lines=reading.positions.lines(),
    )


def _predictions(reading: CheckedDocument) -> nouns.PredictionsOutput | None:
    written = reading.value["outputs"].get("predictions")
    evaluation = _evaluation(reading.value["evaluate"])
    task = _task(reading)
    is_plain = not (task in _OF_OTHER_COLUMNS or evaluation.metrics or evaluation.group)
    if is_plain and isinstance(written, str):
        return nouns.PredictionsOutput(_resolve(reading, written))
    from interlock.manifests import predictions  # noqa: PLC0415 - see _check_predictions

    return predictions.build(written, of=reading.path, evaluation=evaluation, task=task)


def _evaluation(section: dict[str, Any]) -> nouns.Evaluation:
    rows = RowsRule(section.get("rows", RowsRule.SAME))
    return nouns.Evaluation(
        **{
            **section,
            **_tuple(section, "slices"),
            **_positive(section),
            **_metrics(section),
            "rows": rows,
        }
    )


def _metrics(section: dict[str, Any]) -> dict[str, tuple[nouns.RowMetric, ...]]:
    if "metrics" not in section:
        return {}
    from interlock.manifests import row_metrics  # noqa: PLC0415 - see _own_metrics

    return {"metrics": row_metrics.build(section["metrics"])}


def _positive(section: dict[str, Any]) -> dict[str, str]:
    """Return a label as written in a file: `true` for a boolean."""
    if "positive" not in section:
        return {}
    positive = section["positive"]
    return {"positive": str(positive).lower() if isinstance(positive, bool) else str(positive)}


def _training(section: dict[str, Any] | None) -> nouns.Training | None:
    if section is None:
        return None
    return nouns.Training(launcher=Launcher(section["launcher"]), gpus=section["gpus"])


def _monitor(
    section: dict[str, Any] | None, *, of: str, rows: nouns.PredictionsOutput | None
) -> Monitor | None:
    if section is None:
        return None
    from interlock.manifests import monitor  # noqa: PLC0415 - see check

    return monitor.build(section, of=of, rows=rows.columns if rows else None)


def _tuple(section: dict[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(section[name])} if name in section else {}


def _resolve(reading: CheckedDocument, written: str) -> str:
    path = paths.resolve(written, of=reading.path)
    assert path is not None  # noqa: S101 - a path with an error builds no manifest
    return path

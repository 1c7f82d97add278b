"""A manifest's YAML to its noun, as far as the file alone can tell; no other file is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interlock.domain.basics import repository_paths
from interlock.domain.basics.diagnostics import Diagnostic, has_errors
from interlock.domain.evaluation import scores
from interlock.domain.model import manifest as nouns
from interlock.domain.model.manifest import Launcher, Manifest, RowsRule, Task
from interlock.manifests import gate_checks, gates, monitor, paths, schema
from interlock.manifests.checked_document import CheckedDocument
from interlock.yaml_reader.positions import Path
from interlock.yaml_reader.suggestions import quote

SCHEMA = "manifest.v1.json"
PIPELINE_FILE = "dvc.yaml"


class Checked(CheckedDocument):
    """A manifest's reading. Checks that know other files add to its complaints."""

    @property
    def manifest(self) -> Manifest | None:
        """The noun; None when anything said of the file is an error."""
        return None if has_errors(self.diagnostics) else _build(self)


def read(data: bytes, *, path: str) -> tuple[Manifest | None, tuple[Diagnostic, ...]]:
    """Return the noun and every problem at once; the noun is None exactly when one is an error.

    `path` is the manifest's own, relative to the repository; the noun's paths are too.
    """
    checked = check(data, path=path)
    return checked.manifest, checked.diagnostics


def check(data: bytes, *, path: str) -> Checked:
    """As `read`, and remembers where everything stands for checks that know other files."""
    checked = Checked(data, path=path, schema=schema.load(SCHEMA))
    _check_primary(checked)
    _check_positive(checked)
    gates.check_all(checked, ("gates",), task=_task(checked), slices=_slices(checked))
    gates.warn_of_no_limit(checked, ("gates",))
    _check_slices(checked)
    monitor.check(checked, task=_task(checked))
    _check_paths(checked)
    _check_processes(checked)
    return checked


def _task(reading: CheckedDocument) -> Task | None:
    task = reading.get("task")
    return None if task is None else Task(task)


def _slices(reading: CheckedDocument) -> Sequence[str] | None:
    evaluate = reading.get("evaluate")
    if evaluate is None:
        return None
    served = (scores.RECENT,) if evaluate.get("rows") == RowsRule.GROWING else ()
    return (*evaluate.get("slices", ()), *served)


def _check_primary(reading: CheckedDocument) -> None:
    primary = reading.get("evaluate", "primary")
    if primary is not None:
        for fault in gate_checks.check_primary(primary, task=_task(reading)):
            reading.complain(("evaluate", "primary"), fault.message, fault.hint)


def _check_positive(reading: CheckedDocument) -> None:
    task = _task(reading)
    if (reading.get("evaluate") or {}).get("positive") is not None and task not in (
        None,
        Task.BINARY,
    ):
        said = f"a {task} task has no positive class"
        reading.complain(("evaluate", "positive"), said, "remove it, or say task: binary")


def _check_slices(reading: CheckedDocument) -> None:
    """A gate's `recent` would be two things, the rows that were served and a column's values."""
    slices = (reading.get("evaluate") or {}).get("slices", ())
    if scores.RECENT in slices:
        place = ("evaluate", "slices", slices.index(scores.RECENT))
        said = f"{scores.RECENT} is the slice of the rows that were served, and no column"
        reading.complain(place, said, "call the column by another name")


def _path_fields(reading: CheckedDocument) -> list[Path]:
    fixed: list[Path] = [("pipeline", "file"), ("outputs", "model"), ("outputs", "predictions")]
    listed: list[Path] = [("environment", i) for i in range(len(reading.get("environment") or ()))]
    return fixed + listed + monitor.path_fields(reading)


def _check_paths(reading: CheckedDocument) -> None:
    for field in _path_fields(reading):
        written = reading.get(*field)
        if written is None:
            continue
        path = paths.resolve(written, of=reading.path)
        if path is None:
            said = f"the path {written!r} leaves the repository"
            reading.complain(field, said, "name a file inside it; each ../ is one folder up")
        elif path == ".":
            reading.complain(field, f"the path {written!r} is the whole repository", "name a part")
        elif fault := repository_paths.fault(path):
            reading.complain(field, f"the path {quote(written)} {fault}", "call it otherwise")
        elif name := repository_paths.reserved(path):
            said = f"the path {quote(written)} lies in {name}, which holds no model of anybody's"
            reading.complain(field, said, "name a file of the repository")


def _check_processes(reading: CheckedDocument) -> None:
    """A runner without GPUs may start any number: they compute on its processors then."""
    processes = (reading.get("training") or {}).get("gpus", 0)
    gpus = (reading.get("runner") or {}).get("gpus", 0)
    if 0 < gpus < processes:
        said = f"{processes} processes do not have a GPU each: runner.gpus is {gpus}"
        reading.complain(("training", "gpus"), said, f"ask for runner: {{gpus: {processes}}}")


def _build(reading: CheckedDocument) -> Manifest:
    value = reading.value
    runner = value.get("runner", {})
    return Manifest(
        path=reading.path,
        model=value["model"],
        owner=value["owner"],
        objective=value["objective"],
        task=Task(value["task"]),
        pipeline=nouns.Pipeline(
            file=_resolve(reading, value["pipeline"].get("file", PIPELINE_FILE)),
            target=value["pipeline"]["target"],
        ),
        outputs=nouns.Outputs(
            model=_resolve(reading, value["outputs"]["model"]),
            predictions=_resolve(reading, value["outputs"]["predictions"]),
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
        monitor=monitor.build(value.get("monitor"), of=reading.path),
        lines=reading.positions.lines(),
    )


def _evaluation(section: dict[str, Any]) -> nouns.Evaluation:
    rows = RowsRule(section.get("rows", RowsRule.SAME))
    return nouns.Evaluation(
        **{**section, **_tuple(section, "slices"), **_positive(section), "rows": rows}
    )


def _positive(section: dict[str, Any]) -> dict[str, str]:
    """As the label is spelt in a file: `true` for a boolean."""
    if "positive" not in section:
        return {}
    given = section["positive"]
    return {"positive": str(given).lower() if isinstance(given, bool) else str(given)}


def _training(section: dict[str, Any] | None) -> nouns.Training | None:
    if section is None:
        return None
    return nouns.Training(launcher=Launcher(section["launcher"]), gpus=section["gpus"])


def _tuple(section: dict[str, Any], name: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(section[name])} if name in section else {}


def _resolve(reading: CheckedDocument, written: str) -> str:
    path = paths.resolve(written, of=reading.path)
    assert path is not None  # noqa: S101 - an error was said of it, and then nothing is built
    return path

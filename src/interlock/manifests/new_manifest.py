"""Writes the text of a manifest for a model that was chosen from a pipeline."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

import yaml

from interlock.domain.adoption.metric_choice import MetricChoice
from interlock.domain.adoption.model_choice import ModelChoice
from interlock.domain.model import metrics
from interlock.manifests import paths
from interlock.manifests.manifest import PIPELINE_FILE

_WIDTH = 100
_ORDER = [
    "model",
    "models",
    "owner",
    "objective",
    "task",
    "pipeline",
    "outputs",
    "environment",
    "runner",
    "evaluate",
    "gates",
    "promote",
]


def write(choice: ModelChoice, *, labels: tuple[str, ...], environments: tuple[str, ...]) -> str:
    """Return YAML with every field that the manifest needs."""
    return "".join(blocks(choice, labels=labels, environments=environments).values())


def complete(
    text: str, known: Mapping[str, Any], choice: ModelChoice, **settings: tuple[str, ...]
) -> str:
    """Return the text of a manifest with the required fields that it lacks; `known` is its content.
    The present fields stay as they are."""
    more = [block for key, block in blocks(choice, **settings).items() if key not in known]
    end = "" if text.endswith("\n") or not text else "\n"
    return text + end + "".join(more)


def blocks(
    choice: ModelChoice, *, labels: tuple[str, ...], environments: tuple[str, ...]
) -> dict[str, str]:
    """Return the text of each top-level field."""
    content = _content(choice)
    content["runner"] = {"labels": list(labels)}
    content["promote"] = {"environments": list(environments)}
    ordered = sorted(content.items(), key=lambda item: _ORDER.index(item[0]))
    return {key: _dump({key: value}) for key, value in ordered}


def _dump(value: Mapping[str, Any]) -> str:
    is_flat = not any(isinstance(each, dict | list) for each in value.values())
    text: str = yaml.safe_dump(
        value,
        sort_keys=False,
        default_flow_style=False if is_flat else None,
        width=_WIDTH,
        allow_unicode=True,
    )
    return text


def _content(choice: ModelChoice) -> dict[str, Any]:
    pipeline = {"target": choice.target}
    if choice.file != posixpath.join(posixpath.dirname(choice.manifest), PIPELINE_FILE):
        pipeline["file"] = _written(choice.file, choice)
    content: dict[str, Any] = {
        "model": choice.name,
        "owner": choice.owner,
        "objective": choice.objective,
    }
    if choice.items:
        content["models"] = {"each": list(choice.items)}
    if choice.rows is not None:
        content["task"] = choice.rows.task.value
    content |= {"pipeline": pipeline, "outputs": _outputs(choice)}
    if choice.environment:
        content["environment"] = [_written(path, choice) for path in choice.environment]
    return content | {"evaluate": _evaluate(choice), "gates": _gates(choice)}


def _written(path: str, choice: ModelChoice) -> str:
    return paths.write(path, of=choice.manifest)


def _outputs(choice: ModelChoice) -> dict[str, Any]:
    outputs: dict[str, Any] = {"model": _written(choice.model, choice)}
    if choice.rows is not None:
        outputs["predictions"] = _predictions(choice)
    return outputs


def _predictions(choice: ModelChoice) -> object:
    """Return the path of the rows, with a map of columns if they have names of their own."""
    rows = choice.rows
    assert rows is not None  # noqa: S101 - the caller has rows
    path = _written(rows.path, choice)
    return {"path": path, **rows.written} if rows.written else path


def _evaluate(choice: ModelChoice) -> dict[str, Any]:
    evaluate: dict[str, Any] = {"primary": _primary(choice)}
    if choice.rows is not None and choice.rows.own:
        evaluate["metrics"] = {
            each.name: {each.aggregate.value: each.columns[0], "better": each.better.value}
            for each in choice.rows.own
        }
    return evaluate


def _primary(choice: ModelChoice) -> str:
    if choice.rows is not None:
        return choice.rows.primary[0]
    return (
        metrics.MODEL_SIZE if choice.metric is None else f"{metrics.DVC_PREFIX}{choice.metric.name}"
    )


def _gates(choice: ModelChoice) -> list[dict[str, Any]]:
    """Return the limits of the rows' metric; without rows, of the pipeline's own one."""
    if choice.rows is not None and choice.rows.today is not None:
        today = choice.rows.today
        return [_own(today, today.name), _compared(today, today.name)]
    if choice.metric is None:
        return [{"metric": metrics.MODEL_SIZE, "max": 1000}]
    name = f"{metrics.DVC_PREFIX}{choice.metric.name}"
    better = {"better": "greater" if choice.metric.greater_is_better else "smaller"}
    return [_own(choice.metric, name), _compared(choice.metric, name, **better)]


def _own(metric: MetricChoice, name: str) -> dict[str, Any]:
    """Return the limit for the candidate alone: today's value less a margin."""
    return {"metric": name, "min" if metric.greater_is_better else "max": metric.limit}


def _compared(metric: MetricChoice, name: str, **better: str) -> dict[str, Any]:
    bound = "max_drop" if metric.greater_is_better else "max_rise"
    return {"metric": name, bound: metric.margin, **better, "against": "champion"}

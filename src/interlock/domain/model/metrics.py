"""The metrics that a gate may name, with direction and range; computes nothing.

Names are scikit-learn's. A number that the pipeline writes into its own DVC metrics file is named
`dvc:<dotted key>`: its better direction is that of the gate, and its difference has no interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.domain.model.manifest import Aggregate, Better, RowMetric, Task

DVC_PREFIX = "dvc:"
MODEL_SIZE = "model_size_mb"


class MetricSource(StrEnum):
    """Source of a metric: the prediction column, the score columns, columns that the manifest
    names, the model."""

    LABELS = "labels"
    SCORES = "scores"
    COLUMNS = "columns"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Metric:
    """`low` and `high` are the smallest and the greatest possible value, None without a bound.

    `of_positive`: its value depends on which class is the positive one. An area under the ROC
    curve, a Brier score and a log loss are the same number for both classes.
    """

    name: str
    tasks: frozenset[Task]
    greater_is_better: bool
    needs: MetricSource
    sentence: str
    low: float | None = None
    high: float | None = None
    of_positive: bool = False


_BINARY = frozenset({Task.BINARY})
_MULTICLASS = frozenset({Task.MULTICLASS})
_CLASSES = _BINARY | _MULTICLASS
_REGRESSION = frozenset({Task.REGRESSION})
_MULTILABEL = frozenset({Task.MULTILABEL})
_ANY = frozenset(Task)
_LABELS, _SCORES = MetricSource.LABELS, MetricSource.SCORES

_ALL = (
    Metric("accuracy", _CLASSES, True, _LABELS, "share of rows that are right", 0, 1),
    Metric("balanced_accuracy", _CLASSES, True, _LABELS, "mean of the classes' recalls", 0, 1),
    Metric("f1", _BINARY, True, _LABELS, "F1 of the positive class", 0, 1, True),
    Metric("f1_macro", _CLASSES | _MULTILABEL, True, _LABELS, "mean of the classes' F1", 0, 1),
    Metric("f1_weighted", _CLASSES, True, _LABELS, "F1 weighted by the classes' rows", 0, 1),
    Metric("f1_micro", _CLASSES | _MULTILABEL, True, _LABELS, "F1 over all decisions", 0, 1),
    Metric("subset_accuracy", _MULTILABEL, True, _LABELS, "share of rows without an error", 0, 1),
    Metric("hamming_loss", _MULTILABEL, False, _LABELS, "share of decisions that are wrong", 0, 1),
    Metric("precision", _BINARY, True, _LABELS, "precision of the positive class", 0, 1, True),
    Metric("recall", _BINARY, True, _LABELS, "recall of the positive class", 0, 1, True),
    Metric("precision_macro", _CLASSES, True, _LABELS, "mean of the classes' precisions", 0, 1),
    Metric("recall_macro", _CLASSES, True, _LABELS, "mean of the classes' recalls", 0, 1),
    Metric("roc_auc", _BINARY, True, _SCORES, "area under the ROC curve", 0, 1),
    Metric("roc_auc_ovr", _MULTICLASS, True, _SCORES, "mean ROC area, each class vs rest", 0, 1),
    Metric(
        "average_precision", _BINARY, True, _SCORES, "area under precision and recall", 0, 1, True
    ),
    Metric("log_loss", _CLASSES, False, _SCORES, "cross-entropy of the scores", 0, None),
    Metric("brier", _BINARY, False, _SCORES, "mean squared error of the scores", 0, 1),
    Metric("matthews_corrcoef", _CLASSES, True, _LABELS, "correlation of the classes", -1, 1),
    Metric("cohen_kappa", _CLASSES, True, _LABELS, "agreement beyond chance", -1, 1),
    Metric("mae", _REGRESSION, False, _LABELS, "mean absolute error", 0, None),
    Metric("mse", _REGRESSION, False, _LABELS, "mean squared error", 0, None),
    Metric("rmse", _REGRESSION, False, _LABELS, "root of the mean squared error", 0, None),
    Metric("r2", _REGRESSION, True, _LABELS, "share of the variance explained", None, 1),
    Metric("median_absolute_error", _REGRESSION, False, _LABELS, "median absolute error", 0, None),
    Metric("mape", _REGRESSION, False, _LABELS, "mean absolute error relative to the target", 0),
    Metric("max_error", _REGRESSION, False, _LABELS, "the greatest absolute error", 0, None),
    Metric("explained_variance", _REGRESSION, True, _LABELS, "as r2, blind to bias", None, 1),
    Metric(
        MODEL_SIZE,
        _ANY,
        False,
        MetricSource.MODEL,
        "size of the model in megabytes (1e6 B)",
        0,
        None,
    ),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}


def is_own(name: str) -> bool:
    """True for a number of the pipeline's own metrics files."""
    return name.startswith(DVC_PREFIX)


def needs_no_rows(name: str) -> bool:
    """True for a metric that a model without predictions has."""
    return is_own(name) or name == MODEL_SIZE


def is_of_positive(name: str) -> bool:
    """True if a metric depends on which class is the positive one."""
    return name in METRICS and METRICS[name].of_positive


def of_rows(metric: RowMetric) -> Metric:
    """Return a metric of the manifest with its direction and range."""
    is_rate, is_size = (metric.aggregate is a for a in (Aggregate.RATE, Aggregate.RMSE))
    return Metric(
        metric.name,
        _ANY,
        metric.better is Better.GREATER,
        MetricSource.COLUMNS,
        metric.text,
        low=0 if is_rate or is_size else None,
        high=1 if is_rate else None,
    )


def named(task: Task) -> tuple[str, ...]:
    """Return the names that fit a task, in the order of METRICS."""
    return tuple(name for name, metric in METRICS.items() if task in metric.tasks)

"""Fits a kernel classifier to handwritten digits and writes its predictions on unseen ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import outputs


def main() -> None:
    params = yaml.safe_load(Path("params.yaml").read_text("utf-8"))
    train = pl.read_parquet("prepared/train.parquet")
    test = pl.read_parquet("prepared/test.parquet")
    features = [name for name in train.columns if name.startswith("pixel_")]
    print(f"train: {train.height} rows, {len(features)} features", flush=True)
    model = build(params)
    model.fit(train.select(features).to_numpy(), train["digit"].to_numpy())
    print(f"train: fitted in {model[-1].n_iter_.max()} iterations", flush=True)
    leave(model, train=train, test=test, features=features)


def build(params: dict[str, Any]) -> Pipeline:
    """Make the untrained model: an approximated Gaussian kernel under a logistic regression."""
    kernel, classifier = params["kernel"], params["classifier"]
    return make_pipeline(
        Nystroem(
            n_components=kernel["components"], gamma=kernel["gamma"], random_state=kernel["seed"]
        ),
        LogisticRegression(C=classifier["c"], max_iter=classifier["max_iterations"]),
    )


def leave(model: Pipeline, *, train: pl.DataFrame, test: pl.DataFrame, features: list[str]) -> None:
    """Write the model, its predictions on the test rows, and the numbers."""
    classes = [str(name) for name in model.classes_]
    scores = model.predict_proba(test.select(features).to_numpy())
    predicted = model.classes_[scores.argmax(axis=1)]
    outputs.write_predictions(
        Path("predictions.parquet"),
        test,
        target="digit",
        prediction=predicted,
        scores=dict(zip(classes, scores.T, strict=True)),
        slices=["stroke"],
    )
    card = {"model": "digits", "task": "multiclass", "features": features, "classes": classes}
    size_bytes = outputs.write_model(Path("model"), model, card=card)
    truth = test["digit"].to_numpy()
    f1_macro = float(f1_score(truth, predicted, average="macro"))
    outputs.write_json(
        Path("metrics.json"),
        {
            "test": {
                "accuracy": float(accuracy_score(truth, predicted)),
                "f1_macro": f1_macro,
                "log_loss": float(log_loss(truth, scores)),
                "rows": test.height,
            },
            "train": {"iterations": int(model[-1].n_iter_.max()), "rows": train.height},
        },
    )
    print(f"train: macro F1 {f1_macro:.4f} on {test.height} rows, model {size_bytes} bytes")


if __name__ == "__main__":
    # One thread: sums in another order would be other bytes.
    with threadpool_limits(limits=1):
        main()

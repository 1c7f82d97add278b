"""Fits a ridge regression to the progression of diabetes and predicts it for unseen patients."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import yaml
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

# The folder above holds what the models share; programs run with their own folder on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shared import outputs

NOT_FEATURES = ("id", "progression", "age_band")


def main() -> None:
    alpha = yaml.safe_load(Path("params.yaml").read_text("utf-8"))["ridge"]["alpha"]
    train = pl.read_parquet("prepared/train.parquet")
    test = pl.read_parquet("prepared/test.parquet")
    features = [name for name in train.columns if name not in NOT_FEATURES]
    print(f"train: {train.height} rows, {len(features)} features, alpha {alpha:g}", flush=True)
    # Measurements differ in unit: on one scale the penalty treats them alike.
    model = make_pipeline(StandardScaler(), Ridge(alpha=alpha))
    model.fit(train.select(features).to_numpy(), train["progression"].to_numpy())
    leave(model, train=train, test=test, features=features)


def leave(model: Pipeline, *, train: pl.DataFrame, test: pl.DataFrame, features: list[str]) -> None:
    """Write the model, its predictions on the test rows, and the numbers."""
    predicted = model.predict(test.select(features).to_numpy())
    outputs.write_predictions(
        Path("predictions.parquet"),
        test,
        target="progression",
        prediction=predicted,
        slices=["age_band"],
    )
    card = {"model": "diabetes", "task": "regression", "features": features}
    size_bytes = outputs.write_model(Path("model"), model, card=card)
    truth = test["progression"].to_numpy()
    rmse = float(root_mean_squared_error(truth, predicted))
    outputs.write_json(
        Path("metrics.json"),
        {
            "test": {
                "mae": float(mean_absolute_error(truth, predicted)),
                "r2": float(r2_score(truth, predicted)),
                "rmse": rmse,
                "rows": test.height,
            },
            "train": {"rows": train.height},
        },
    )
    print(f"train: RMSE {rmse:.2f} on {test.height} rows, model {size_bytes} bytes", flush=True)


if __name__ == "__main__":
    # One thread: sums in another order would be other bytes.
    with threadpool_limits(limits=1):
        main()

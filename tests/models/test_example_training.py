"""Training an example with DVC leaves what its manifest promises, the same bytes every time."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import skops.io
import yaml

from .workshop import SOURCE, Workshop, open_workshop

MODELS = ["digits", "diabetes"]
Committed = Callable[[str], Workshop]


@pytest.fixture(scope="module", params=MODELS)
def trained(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    committed: Committed,
    programs: Path,
) -> tuple[Workshop, str]:
    """A model that DVC trained in a repository of its own."""
    model = str(request.param)
    workshop = open_workshop(tmp_path_factory.mktemp(model) / "workshop", programs)
    workshop.take_data(model, from_=committed(model))
    workshop.start_repository(model)
    workshop.run(model, "git", "-C", str(workshop.root), "add", ".")
    workshop.run(model, "dvc", "repro", "--quiet", "train")
    return workshop, model


def digests(folder: Path) -> dict[str, str]:
    """Digest every output of both stages by its path."""
    outputs = ["predictions.parquet", "metrics.json", "model/model.skops", "model/card.json"]
    outputs += ["prepared/train.parquet", "prepared/test.parquet"]
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in outputs}


def test_training__twice_gives_the_same_bytes(
    trained: tuple[Workshop, str], committed: Committed
) -> None:
    workshop, model = trained
    assert digests(workshop.folder(model)) == digests(committed(model).folder(model))


def test_training__leaves_only_the_lock_file_to_git(trained: tuple[Workshop, str]) -> None:
    workshop, model = trained
    text = workshop.run(model, "git", "status", "--porcelain", "--untracked-files=all")
    changed = [line for line in text.splitlines() if not line.startswith("A  ")]
    assert changed == [f"?? model-manifests/{model}/dvc.lock"]
    assert "up to date" in workshop.run(model, "dvc", "status", "train")


def test_training__is_restored_from_a_pushed_run_cache(
    trained: tuple[Workshop, str], tmp_path: Path
) -> None:
    first, model = trained
    # A copy, because this test takes things away.
    workshop = dataclasses.replace(first, root=tmp_path / "workshop")
    shutil.copytree(first.root, workshop.root)
    folder = workshop.folder(model)
    before = (folder / "dvc.lock").read_bytes()
    workshop.run(model, "dvc", "remote", "add", "-q", "-d", "store", str(workshop.root / "remote"))
    # Without --with-deps neither the data nor what the first stage prepared would be pushed.
    workshop.run(model, "dvc", "push", "--quiet", "--run-cache", "--with-deps", "train")
    # As in a fresh clone: no cache, no lock, no outputs, no data.
    for path in (workshop.root / ".dvc/cache", folder / "prepared", folder / "model"):
        shutil.rmtree(path)
    for name in ("dvc.lock", "predictions.parquet", "metrics.json", f"data/{model}.csv"):
        (folder / name).unlink()
    text = workshop.run(model, "dvc", "repro", "--pull", "train")
    assert "Running stage" not in text
    assert (folder / "dvc.lock").read_bytes() == before


def test_predictions__have_the_promised_columns(trained: tuple[Workshop, str]) -> None:
    workshop, model = trained
    rows = workshop.predictions(model)
    manifest = yaml.safe_load((SOURCE / model / "model.yaml").read_text("utf-8"))
    columns = ["id", "target", "prediction", *manifest["evaluate"]["slices"]]
    scores = [f"score_{digit}" for digit in range(10)] if model == "digits" else []
    assert rows.columns == columns + scores
    assert rows["id"].n_unique() == rows.height == workshop.metrics(model)["test"]["rows"]
    assert rows.null_count().sum_horizontal().item() == 0
    for name in manifest["evaluate"]["slices"]:
        counts = rows[name].value_counts()
        assert counts.height == 2
        assert min(counts["count"]) >= 50


def test_predictions__scores_are_probabilities_of_the_prediction(
    committed: Committed,
) -> None:
    rows = committed("digits").predictions("digits")
    scores = rows.select(pl.col("^score_.*$"))
    assert min(scores.min().row(0)) >= 0
    assert max(scores.max().row(0)) <= 1
    assert (scores.sum_horizontal() - 1).abs().max() == pytest.approx(0, abs=1e-9)
    best = scores.select(pl.concat_list(pl.all()).list.arg_max()).to_series()
    assert best.cast(pl.Int64).equals(rows["prediction"], check_names=False)


def test_model__loads_without_trusting_anything_and_predicts_the_same(
    trained: tuple[Workshop, str],
) -> None:
    workshop, model = trained
    folder = workshop.folder(model)
    card = json.loads((folder / "model/card.json").read_text("utf-8"))
    estimator = skops.io.load(folder / "model/model.skops", trusted=[])
    test = pl.read_parquet(folder / "prepared/test.parquet").select(card["features"])
    predicted = pl.Series(estimator.predict(test.to_numpy()))
    recorded = workshop.predictions(model)["prediction"].cast(pl.Float64)
    assert (predicted.cast(pl.Float64) - recorded).abs().max() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("shared", "stage"), [("splitting", "prepare"), ("outputs", "train")])
def test_shared_code__a_change_reaches_both_models(
    trained: tuple[Workshop, str], shared: str, stage: str
) -> None:
    workshop, model = trained
    path = workshop.root / f"model-manifests/shared/{shared}.py"
    committed = path.read_text("utf-8")
    path.write_text(committed + "# changed\n", "utf-8")
    try:
        text = workshop.run(model, "dvc", "status", stage)
    finally:
        path.write_text(committed, "utf-8")
    assert f"../shared/{shared}.py" in text
    assert "changed deps" in text

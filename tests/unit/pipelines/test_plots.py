"""Plots as dvc.yaml files declare them: at stages, beside stages, and in every form DVC takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.model.declared_plots import Axis, Plot
from interlock.pipelines import plot_text
from tests.fakes.scene import Scene

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["x", "y", "title", "header", "a.csv"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("entry", "plot"),
    [
        ("loss.csv", Plot("m/loss.csv", (Axis("m/loss.csv"),))),
        ({"loss.csv": None}, Plot("m/loss.csv", (Axis("m/loss.csv"),))),
        (
            {"loss.csv": {"x": "step", "y": "loss", "title": "Loss", "x_label": "s",
                          "y_label": "l", "template": "smooth", "header": False}},
            Plot("m/loss.csv", (Axis("m/loss.csv", ("loss",)),), x=Axis("", ("step",)),
                 template="smooth", title="Loss", labels=("s", "l"), header=False),
        ),
        (
            {"loss.csv": {"y": ["train", "test"]}},
            Plot("m/loss.csv", (Axis("m/loss.csv", ("train", "test")),)),
        ),
        (
            {"ROC": {"x": {"roc.json": "fpr"}, "y": {"roc.json": ["tpr"], "../b.json": "tpr"}}},
            Plot("ROC", (Axis("m/roc.json", ("tpr",)), Axis("b.json", ("tpr",))),
                 x=Axis("m/roc.json", ("fpr",))),
        ),
    ],
)  # fmt: skip
def test_read__takes_every_form(entry: object, plot: Plot) -> None:
    assert plot_text.read([entry], folder="m") == (plot,)


def test_read__a_mapping_is_a_list_of_its_entries() -> None:
    plots = plot_text.read({"a.csv": {}, "b.csv": {"x": "t"}}, folder="")
    assert [plot.name for plot in plots] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("entries", [None, 3, [3], ["../../out.csv"], [{"n": {"y": {}}}]])
def test_read__passes_over_what_is_no_plot_of_the_repository(entries: object) -> None:
    assert plot_text.read(entries, folder="m") == ()


@given(ANYTHING)
def test_read__of_anything_raises_nothing(entries: object) -> None:
    for plot in plot_text.read(entries, folder="m"):
        assert plot.paths


PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [prepared.csv]
    plots: [rows.csv: {title: Rows, cache: false}]
  train:
    cmd: python train.py
    deps: [train.py, prepared.csv]
    outs: [model, predictions.csv, plots]
  other:
    cmd: python other.py
    deps: [other.py]
    plots: [other.csv]
plots:
  - plots/loss.tsv: {y: loss}
  - rows.csv: {title: How many}
  - other.csv
  - not-made.csv
  - plots/images
"""


def test_model__has_the_plots_that_its_own_stages_make(tmp_path: Path) -> None:
    scene = Scene(tmp_path).create("digits")
    home = "model-manifests/digits"
    scene.write(f"{home}/dvc.yaml", PIPELINE)
    scene.write(f"{home}/prepare.py", "print()\n")
    scene.write(f"{home}/other.py", "print()\n")
    plots = scene.model(scene.commit(1.0)).plots
    assert [(plot.name, plot.title) for plot in plots] == [
        (f"{home}/plots/images", ""),
        (f"{home}/plots/loss.tsv", ""),
        (f"{home}/rows.csv", "How many"),
    ]
    scene.write(f"{home}/dvc.yaml", PIPELINE.partition("plots:\n  -")[0])
    (one,) = scene.model(scene.commit(2.0)).plots
    assert (one.name, one.title) == (f"{home}/rows.csv", "Rows")


def test_model__keeps_its_fingerprint_when_only_its_plots_change(tmp_path: Path) -> None:
    scene = Scene(tmp_path).create("digits")
    before = scene.commit(1.0)
    path = scene.checkout / "model-manifests/digits/dvc.yaml"
    path.write_text(path.read_text("utf-8") + "plots: [predictions.csv]\n", "utf-8")
    after = scene.commit(1.0)
    assert scene.fingerprint(before) == scene.fingerprint(after)
    assert [plot.name for plot in scene.model(after).plots] == [
        "model-manifests/digits/predictions.csv"
    ]

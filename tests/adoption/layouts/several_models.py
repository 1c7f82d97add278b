"""Layouts with several models, or with several pipelines."""

from __future__ import annotations

from tests.adoption.layouts import programs
from tests.adoption.layouts.programs import FAMILY_EVALUATE, FAMILY_TRAIN, MATRIX_TRAIN, MONOREPO
from tests.adoption.repository import DATA, FINER, Edit, Layout

_PAIR = """\
vars: [params.yaml]
stages:
  train:
    cmd: python train.py --data ${paths.data}/customers.csv --out ${paths.models}/clf-model
    deps: [train.py, ../common/rules.py, "${paths.data}/customers.csv"]
    params: [train.step]
    outs: ["${paths.models}/clf-model"]
  eval:
    cmd: python eval.py --model ${paths.models}/clf-model --data ${paths.data}/customers.csv
    deps:
      - eval.py
      - ../common/rules.py
      - ${paths.models}/clf-model
      - ${paths.data}/customers.csv
    metrics: [{reports/metrics.json: {cache: false}}]
    plots: [{reports/confusion.csv: {cache: false, x: actual, y: predicted}}]
"""
_PARAMS = "paths: {models: models, data: data}\ntrain: {step: 25}\n"

MONOREPOSITORY = Layout(
    name="templated monorepo, two pipelines",
    files={
        "common/__init__.py": "",
        "common/rules.py": MONOREPO["rules"],
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
        "uv.lock": "version = 1\n",
        **{
            f"{name}/{file}": text
            for name in ("churn", "fraud")
            for file, text in {
                "dvc.yaml": _PAIR,
                "params.yaml": _PARAMS,
                "train.py": MONOREPO["train"],
                "eval.py": MONOREPO["eval"],
                "data/customers.csv": DATA,
            }.items()
        },
    },
    tracked=("churn/data/customers.csv", "fraud/data/customers.csv"),
    programs={"uv": programs.INSTALLER},
    change=Edit("common/rules.py", "MARGIN = 25", "MARGIN = 0"),
    models=("churn", "fraud"),
)

FAMILY = Layout(
    name="foreach family",
    files={
        "dvc.yaml": """\
stages:
  train:
    foreach: [north, south]
    do:
      cmd: python train.py ${item}
      deps: [train.py, "data/${item}.csv"]
      params: [step]
      outs: ["models/${item}.json"]
  eval:
    foreach: [north, south]
    do:
      cmd: python eval.py ${item}
      deps: [eval.py, "models/${item}.json", "data/${item}.csv"]
      metrics: [{"metrics/${item}.json": {cache: false}}]
""",
        "params.yaml": "step: 25\n",
        "train.py": FAMILY_TRAIN,
        "eval.py": FAMILY_EVALUATE,
        "data/north.csv": DATA,
        "data/south.csv": DATA.replace(",1\n", ",0\n", 9),
        "uv.lock": "version = 1\n",
    },
    tracked=("data/north.csv", "data/south.csv"),
    programs={"uv": programs.INSTALLER},
    change=FINER,
    models=("models-north", "models-south"),
)

MATRIX = Layout(
    name="matrix of two axes, dvclive's metrics",
    files={
        "dvc.yaml": """\
stages:
  train:
    matrix:
      region: [north, south]
      cut: [low, high]
    cmd: python train.py ${item.region} ${item.cut}
    deps: [train.py, data/customers.csv]
    params: [step]
    outs:
      - models/${item.region}-${item.cut}.json
      - dvclive/${item.region}-${item.cut}/plots: {cache: false}
metrics:
  - dvclive/north-low/metrics.json
  - dvclive/north-high/metrics.json
  - dvclive/south-low/metrics.json
  - dvclive/south-high/metrics.json
""",
        "params.yaml": "step: 25\n",
        "train.py": MATRIX_TRAIN,
        "data/customers.csv": DATA,
        "requirements.txt": "# dvclive==3.48.2\n",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("models-north-low", "models-north-high", "models-south-low", "models-south-high"),
)

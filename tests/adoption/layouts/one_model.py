"""Layouts with one model."""

from __future__ import annotations

from tests.adoption.layouts import programs
from tests.adoption.repository import DATA, FINER, Layout

TRAIN_EVALUATE = Layout(
    name="train, then evaluate",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "requirements.txt": "# pyyaml==6.0.2\n",
        "src/split.py": programs.SPLIT,
        "src/train.py": programs.TRAIN,
        "src/evaluate.py": programs.EVALUATE,
        "dvc.yaml": """\
stages:
  split:
    cmd: python src/split.py
    deps: [src/split.py, data/customers.csv]
    outs: [data/prepared]
  train:
    cmd: python src/train.py
    deps: [src/train.py, data/prepared]
    params: [step]
    outs: [model.json]
  evaluate:
    cmd: python src/evaluate.py
    deps: [src/evaluate.py, data/prepared, model.json]
metrics: [eval/metrics.json]
artifacts:
  churn: {path: model.json, type: model, desc: Predicts whether a customer leaves.}
""",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("churn",),
)

METRICS_ONLY = Layout(
    name="metrics only",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "train.py": programs.ALONE,
        "dvc.yaml": """\
stages:
  mystage:
    cmd: python train.py
    deps: [train.py, data/customers.csv]
    params: [step]
    metrics: [{metrics.json: {cache: false}}]
""",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("models",),
)

ONE_STAGE = Layout(
    name="one stage, no predictions",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "poetry.lock": "# 1.8\n",
        "pyproject.toml": '[tool.poetry]\nname = "churn"\n',
        "train.py": programs.ALONE,
        "dvc.yaml": """\
stages:
  train:
    cmd: python train.py
    deps:
      - train.py
      - data/customers.csv
    params:
      - step
    outs:
      - model.json
    metrics:
      - metrics.json
""",
    },
    tracked=("data/customers.csv",),
    programs={"poetry": programs.INSTALLER},
    change=FINER,
    models=("models",),
)

NO_METRIC = Layout(
    name="no metric at all",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "train.py": programs.ALONE,
        "dvc.yaml": """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, data/customers.csv]
    params: [step]
    outs: [model.json]
""",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("models",),
    to_do=1,
)

OTHER_COLUMNS = Layout(
    name="predictions under other names",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "pdm.lock": "# 2.20\n",
        "CODEOWNERS": "* @acme/growth\n",
        "train.py": programs.WITH_ROWS,
        "dvc.yaml": """\
stages:
  fit:
    cmd: python train.py
    deps: [train.py, data/customers.csv]
    params: [step]
    outs:
      - out/model.json
      - out/test_predictions.csv
""",
    },
    tracked=("data/customers.csv",),
    programs={"pdm": programs.INSTALLER},
    change=FINER,
    models=("models",),
)

SCORED = Layout(
    name="scores of examples",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "segment.py": programs.WITH_SCORES,
        "dvc.yaml": """\
stages:
  segment:
    cmd: python segment.py
    deps: [segment.py, data/customers.csv]
    params: [step]
    outs: [model.json, scores.csv]
""",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("models",),
)

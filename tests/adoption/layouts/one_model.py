"""Layouts with one model."""

from __future__ import annotations

from tests.adoption.repository import DATA, Edit, Layout

_SPLIT = """\
import pathlib

header, *rows = pathlib.Path("data/customers.csv").read_text().splitlines()
folder = pathlib.Path("data/prepared")
folder.mkdir(exist_ok=True)
for name, part in (("train", rows[:200]), ("test", rows[200:])):
    (folder / f"{name}.csv").write_text("\\n".join([header, *part]) + "\\n")
"""
_TRAIN = """\
import csv, json

step = int(open("params.yaml").read().split("step:")[1].split()[0])
rows = list(csv.DictReader(open("data/prepared/train.csv")))
def right(cut):
    return sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows)
json.dump({"cut": max(range(0, 101, step), key=right)}, open("model.json", "w"))
"""
_EVALUATE = """\
import csv, json, pathlib

cut = json.load(open("model.json"))["cut"]
rows = list(csv.DictReader(open("data/prepared/test.csv")))
right = sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows)
pathlib.Path("eval").mkdir(exist_ok=True)
json.dump({"accuracy": right / len(rows), "rows": len(rows)}, open("eval/metrics.json", "w"))
"""
FINER = Edit("params.yaml", "step: 25", "step: 5")

TRAIN_EVALUATE = Layout(
    name="train, then evaluate",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "requirements.txt": "pyyaml==6.0.2\n",
        "src/split.py": _SPLIT,
        "src/train.py": _TRAIN,
        "src/evaluate.py": _EVALUATE,
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

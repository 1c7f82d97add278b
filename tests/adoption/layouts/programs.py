"""The programs of the layouts: each fits the amount below which a customer leaves."""

from __future__ import annotations

SPLIT = """\
import pathlib

header, *rows = pathlib.Path("data/customers.csv").read_text().splitlines()
folder = pathlib.Path("data/prepared")
folder.mkdir(exist_ok=True)
for name, part in (("train", rows[:200]), ("test", rows[200:])):
    (folder / f"{name}.csv").write_text("\\n".join([header, *part]) + "\\n")
"""
TRAIN = """\
import csv, json

step = int(open("params.yaml").read().split("step:")[1].split()[0])
rows = list(csv.DictReader(open("data/prepared/train.csv")))
def right(cut):
    return sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows)
json.dump({"cut": max(range(0, 101, step), key=right)}, open("model.json", "w"))
"""
EVALUATE = """\
import csv, json, pathlib

cut = json.load(open("model.json"))["cut"]
rows = list(csv.DictReader(open("data/prepared/test.csv")))
right = sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows)
pathlib.Path("eval").mkdir(exist_ok=True)
json.dump({"accuracy": right / len(rows), "rows": len(rows)}, open("eval/metrics.json", "w"))
"""
_FIT = """\
step = int(open("params.yaml").read().split("step:")[1].split()[0])
def right(cut):
    return sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows[:200])
cut = max(range(0, 101, step), key=right)
"""
FAMILY_TRAIN = (
    """\
import csv, json, pathlib, sys

rows = list(csv.DictReader(open(f"data/{sys.argv[1]}.csv")))
"""
    + _FIT
    + """\
pathlib.Path("models").mkdir(exist_ok=True)
json.dump({"cut": cut}, open(f"models/{sys.argv[1]}.json", "w"))
"""
)
FAMILY_EVALUATE = """\
import csv, json, pathlib, sys

cut = json.load(open(f"models/{sys.argv[1]}.json"))["cut"]
rows = list(csv.DictReader(open(f"data/{sys.argv[1]}.csv")))[200:]
right = sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows)
pathlib.Path("metrics").mkdir(exist_ok=True)
json.dump({"f1": right / len(rows)}, open(f"metrics/{sys.argv[1]}.json", "w"))
"""
MATRIX_TRAIN = (
    """\
import csv, json, pathlib, sys

rows = list(csv.DictReader(open("data/customers.csv")))
"""
    + _FIT
    + """\
name = "-".join(sys.argv[1:])
live = pathlib.Path("dvclive", name)
(live / "plots").mkdir(parents=True, exist_ok=True)
(live / "plots/accuracy.tsv").write_text("step\\taccuracy\\n0\\t0.9\\n")
pathlib.Path("models").mkdir(exist_ok=True)
json.dump({"cut": cut, "of": name}, open(f"models/{name}.json", "w"))
share = sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in rows[200:]) / 200
(live / "metrics.json").write_text(json.dumps({"accuracy": share, "step": 1}))
"""
)
MONOREPO = {
    "rules": """\
MARGIN = 25

def leaves(row, cut):
    return int(row["spend"]) < cut
""",
    "train": """\
import argparse, csv, json, pathlib, sys

sys.path.insert(0, "..")
from common.rules import MARGIN, leaves

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--out")
options = parser.parse_args()
rows = list(csv.DictReader(open(options.data)))[:200]
def right(cut):
    return sum(leaves(row, cut) == (row["left"] == "1") for row in rows)
pathlib.Path(options.out).mkdir(parents=True, exist_ok=True)
weights = pathlib.Path(options.out, "weights.json")
weights.write_text(json.dumps({"cut": max(range(0, 101, MARGIN or 5), key=right)}))
""",
    "eval": """\
import argparse, csv, json, pathlib, sys

sys.path.insert(0, "..")
from common.rules import leaves

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--model")
options = parser.parse_args()
cut = json.loads(pathlib.Path(options.model, "weights.json").read_text())["cut"]
rows = list(csv.DictReader(open(options.data)))[200:]
pairs = [(row["left"] == "1", leaves(row, cut)) for row in rows]
pathlib.Path("reports").mkdir(exist_ok=True)
share = sum(actual == guess for actual, guess in pairs) / len(pairs)
json.dump({"test": {"acc": share}, "rows": len(pairs)}, open("reports/metrics.json", "w"))
with open("reports/confusion.csv", "w") as file:
    file.write("actual,predicted\\n" + "".join(f"{a:d},{p:d}\\n" for a, p in pairs))
""",
}
ALONE = (
    """\
import csv, json

rows = list(csv.DictReader(open("data/customers.csv")))
"""
    + _FIT
    + """\
json.dump({"cut": cut}, open("model.json", "w"))
tested = rows[200:]
share = sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in tested) / len(tested)
json.dump({"accuracy": share}, open("metrics.json", "w"))
"""
)
WITH_SCORES = (
    """\
import csv, json

rows = list(csv.DictReader(open("data/customers.csv")))
"""
    + _FIT
    + """\
json.dump({"cut": cut}, open("model.json", "w"))
with open("scores.csv", "w") as file:
    file.write("frame,video,area,iou,latency_ms\\n")
    for row in rows[200:]:
        right = (int(row["spend"]) < cut) == (row["left"] == "1")
        name, iou = int(row["customer"]), 0.9 if right else 0.2
        file.write(f"{name},{name // 10},7,{iou},12.5\\n")
"""
)
WITH_ROWS = (
    """\
import csv, json, pathlib

rows = list(csv.DictReader(open("data/customers.csv")))
"""
    + _FIT
    + """\
pathlib.Path("out").mkdir(exist_ok=True)
json.dump({"cut": cut}, open("out/model.json", "w"))
with open("out/test_predictions.csv", "w") as file:
    file.write("customer,actual_left,predicted_left\\n")
    for row in rows[200:]:
        guess = int(int(row["spend"]) < cut)
        file.write(f"{row['customer']},{row['left']},{guess}\\n")
"""
)
R_SCRIPT = """\
#!/usr/bin/env python3
# Stands in for R, which not every machine has: it does what the two scripts say.
import csv, pathlib, sys

if sys.argv[1] == "-e":
    sys.exit(0)  # renv::restore()
if sys.argv[1].endswith("ingest.R"):
    sys.exit("ingest reads a database that is gone")
size = int(open("params.yaml").read().split("trees:")[1].strip(" }\\n"))
rows = list(csv.DictReader(open("input/training.csv")))
pathlib.Path("output").mkdir(exist_ok=True)
pathlib.Path("output/model.rds").write_bytes(b"trees" * size)
with open("output/test_card.csv", "w") as file:
    file.write("pin,sale_price,pred_price\\n")
    for row in rows:
        price = float(row["price"])
        file.write(f"{row['pin']},{price},{price + 100 / size}\\n")
"""
R_TRAIN = """\
library(lightgbm)
rows <- read.csv("input/training.csv")
fit <- lgb.train(data = rows, nrounds = yaml::read_yaml("params.yaml")$model$trees)
saveRDS(fit, "output/model.rds")
write.csv(data.frame(pin, sale_price, pred_price), "output/test_card.csv")
"""
CONSOLE = """\
#!/usr/bin/env python3
# What `pip install --editable` installs.
import os, sys

sys.path.insert(0, os.path.join(os.getcwd(), "src"))
from shapes.cli import main

main()
"""
SHAPES = """\
import csv, json, pathlib
rows = list(csv.DictReader(open("data/customers.csv")))
def right(cut, part):
    return sum((int(row["spend"]) < cut) == (row["left"] == "1") for row in part)
cut = max(range(0, 101, STEP), key=lambda each: right(each, rows[:200]))
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.json").write_text(json.dumps({"cut": cut}))
pathlib.Path("metrics.json").write_text(json.dumps({"accuracy": right(cut, rows[200:]) / 200}))
"""
INSTALLER = "#!/bin/sh\nmkdir -p .venv/bin  # stands in for a program that installs packages\n"

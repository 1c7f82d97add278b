"""Layouts with other tools: R, an installed command, `pip freeze`, no DVC."""

from __future__ import annotations

from tests.adoption.layouts import programs
from tests.adoption.repository import DATA, FINER, Edit, Layout

_PRICES = "pin,price\n" + "".join(f"a{row},{row * 31 % 97 * 1000}\n" for row in range(120))

R_PROJECT = Layout(
    name="R, with a frozen stage",
    files={
        "input/training.csv": _PRICES,
        "input/assessment.csv": _PRICES,
        "params.yaml": "model: {trees: 2}\n",
        "renv.lock": '{"R": {"Version": "4.4.1"}, "Packages": {}}\n',
        "pipeline/00-ingest.R": "stop()\n",
        "pipeline/01-train.R": programs.R_TRAIN,
        "dvc.yaml": """\
stages:
  ingest:
    cmd: Rscript pipeline/00-ingest.R
    deps: [pipeline/00-ingest.R]
    outs: [{input/training.csv: {cache: false}}, {input/assessment.csv: {cache: false}}]
    frozen: true
  train:
    cmd: Rscript pipeline/01-train.R
    deps: [pipeline/01-train.R, input/training.csv]
    params: [{params.yaml: [model]}]
    outs: [{output/model.rds: {cache: false}}, {output/test_card.csv: {cache: false}}]
""",
    },
    programs={"Rscript": programs.R_SCRIPT},
    change=Edit("params.yaml", "trees: 2", "trees: 4"),
    models=("models",),
)

CONSOLE_SCRIPT = Layout(
    name="subdirectory, console script",
    files={
        "README.md": "# Shapes\n",
        "project/data/customers.csv": DATA,
        "project/pyproject.toml": """\
[project]
name = "shapes"
version = "0.1.0"
[project.scripts]
shapes = "shapes.cli:main"
[tool.setuptools.packages.find]
where = ["src"]
""",
        "project/uv.lock": "version = 1\n",
        "project/src/shapes/__init__.py": "",
        "project/src/shapes/cli.py": "from shapes import fit\n\ndef main():\n    fit.run()\n",
        "project/src/shapes/fit.py": "STEP = 25\n\ndef run():\n"
        + "".join(f"    {line}\n" for line in programs.SHAPES.splitlines()),
        "project/dvc.yaml": """\
stages:
  train:
    cmd: shapes -v train --out model
    deps: [data/customers.csv]
    outs: [model]
    metrics: [{metrics.json: {cache: false}}]
""",
    },
    home="project",
    tracked=("project/data/customers.csv",),
    programs={"shapes": programs.CONSOLE, "uv": programs.INSTALLER},
    change=Edit("project/src/shapes/fit.py", "STEP = 25", "STEP = 5"),
    models=("project",),
)

ALWAYS_CHANGED = Layout(
    name="always_changed upstream",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "train.py": programs.ALONE,
        "dvc.yaml": """\
stages:
  environment:
    cmd: echo "numpy==2.0.0" > requirements.lock
    always_changed: true
    outs: [{requirements.lock: {cache: false}}]
  train:
    cmd: python train.py
    deps: [train.py, data/customers.csv, requirements.lock]
    params: [step]
    outs: [model.json]
    metrics: [{metrics.json: {cache: false}}]
""",
    },
    tracked=("data/customers.csv",),
    change=FINER,
    models=("models",),
)

WITHOUT_DVC = Layout(
    name="a program without DVC",
    files={
        "data/customers.csv": DATA,
        "params.yaml": "step: 25\n",
        "requirements.txt": "# numpy==2.0.0\n",
        "train.py": programs.ALONE,
        "model.json": '{"cut": 50}',
        "metrics.json": '{"accuracy": 0.85}',
    },
    home=None,
    to_do=1,
    by_hand=("dvc init --quiet && dvc remote add --quiet --default store {remote}",),
    options=("--from", "python train.py", "--data", "data"),
    change=FINER,
    models=("models",),
)

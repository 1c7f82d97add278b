"""What a stage's commands run, through every program between the command and the code."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from interlock.domain.training.plan import Decision, ModelPlan
from tests.unit.pipelines.history import HERE, PIPELINE, Content, History, Link, model

ENTRY = '[project]\nname = "shapes"\n[project.scripts]\nshapes = "shapes.cli:main"\n'
PACKAGE: dict[str, Content] = {
    "pyproject.toml": ENTRY,
    "src/shapes/cli.py": "from shapes import fit\n",
    "src/shapes/fit.py": "x = 1\n",
}


def notebook(*cells: str) -> str:
    texts = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "import no"}, *texts]})


FILES: dict[str, Content] = {
    f"{HERE}/fit.py": "import helper\n",
    f"{HERE}/helper.py": "x = 1\n",
    f"{HERE}/tools/fit.py": "x = 1\n",
    f"{HERE}/tools/only.py": "x = 1\n",
    f"{HERE}/run.sh": '#!/bin/sh\nset -e\ncd "$(dirname "$0")"\nPART=tools\npython $PART/fit.py\n',
    f"{HERE}/bin/go": "#!/usr/bin/env bash\npython fit.py\n",
    f"{HERE}/Makefile": "PY = python\nall: fit\nfit: prep data.txt\n\t@$(PY) \\\n\t  fit.py\n"
    "prep:\n\t-cd tools && $(PY) fit.py\n",
    f"{HERE}/data.txt": "1\n",
    f"{HERE}/fit.ipynb": notebook("%matplotlib inline\nimport helper", "!python tools/fit.py"),
    f"{HERE}/fit.R": 'source("R/more.R")\nread.csv("data.txt")\n',
    f"{HERE}/R/more.R": "x <- 1\n",
    f"{HERE}/fit.jl": 'include("more.jl")\n',
    f"{HERE}/more.jl": "x = 1\n",
    f"{HERE}/conf/fit.yaml": "x: 1\n",
    f"{HERE}/app/__main__.py": "x = 1\n",
    f"{HERE}/tests/conftest.py": "x = 1\n",
    f"{HERE}/tests/test_fit.py": "def test(): ...\n",
    f"{HERE}/calls.py": "import os, subprocess, sys\nos.system('python tools/fit.py')\n"
    "subprocess.run([sys.executable, 'helper.py', *sys.argv])\n",
    f"{HERE}/reads.py": "import pathlib\npathlib.Path(__file__).with_name('data.txt')\n"
    "open('conf/fit.yaml')\nopen('params.yaml')\nopen('none.txt')\n",
    f"{HERE}/late.py": "import importlib\nimportlib.import_module('helper')\n",
    f"{HERE}/link.py": Link("fit.py"),
}


def after(history: History, command: str, files: Mapping[str, Content]) -> ModelPlan:
    """The plan of a model whose stage `train` declares nothing but a file of data."""
    pipeline = PIPELINE.replace("[train.py, prepared.csv]", "[prepared.csv]")
    quoted = "'" + command.replace("'", "''").replace("\n", "\n\n      ") + "'"
    history.commit({**model(pipeline.replace("python train.py", quoted)), **files})
    (model_plan,) = history.plan(None).models
    return model_plan


def lines(result: ModelPlan) -> list[str]:
    """The entries that the warnings say are lacking."""
    return [w.rpartition("`- ")[2].removesuffix("`") for w in result.warnings if "`- " in w]


FIT, TOOL, ONLY = ["fit.py", "helper.py"], ["tools/fit.py"], ["tools/only.py"]
RUNS: dict[str, list[str]] = {
    "python fit.py": FIT,
    "python3.11 -u -W ignore fit.py --x 1": FIT,
    "python -X dev -- fit.py": FIT,
    "/usr/bin/python3 fit.py": FIT,
    "python -c 'import helper'": ["helper.py"],
    "python < fit.py": FIT,
    "python - <<EOF\nimport helper\nEOF": ["helper.py"],
    "python app": ["app/__main__.py"],
    "python -m app": ["app/__main__.py"],
    "uv run fit.py": FIT,
    "uv run --with numpy --no-sync python fit.py": FIT,
    "uv run --directory tools python fit.py": TOOL,
    "uv run -m tools.fit": TOOL,
    "poetry run python fit.py": FIT,
    "pipenv run python fit.py": FIT,
    "hatch run dev:python fit.py": FIT,
    "conda run -n ml --cwd tools python fit.py": TOOL,
    "env -u X A=1 PYTHONPATH=tools nice -n 5 python -m only": ONLY,
    "PYTHONPATH=tools python -m only": ONLY,
    "export PYTHONPATH=tools:$X; python -m only": ONLY,
    "timeout -k 5 10m python fit.py": FIT,
    "exec python fit.py": FIT,
    "mpirun -np 4 python fit.py": FIT,
    "xargs -n 1 python fit.py < data.txt": FIT,
    "time python fit.py": FIT,
    "bash -c 'cd tools && python fit.py'": TOOL,
    "bash -euo pipefail -c 'python fit.py'": FIT,
    "sh -c \"bash -c 'python fit.py'\"": FIT,
    "(cd tools; python fit.py) && python fit.py": [*TOOL, *FIT],
    "if [ -f x ]; then python fit.py; fi": FIT,
    "F=fit.py; python $F": FIT,
    "for i in 1 2; do python fit.py $i; done": FIT,
    'echo "$(python fit.py)"': FIT,
    "mkdir -p out && python fit.py | tee out/log.txt": FIT,
    "bash run.sh": ["run.sh", "tools/fit.py"],
    "./run.sh 1 2": ["run.sh", "tools/fit.py"],
    ". ./run.sh": ["run.sh", "tools/fit.py"],
    "bin/go": ["bin/go", *FIT],
    "make": ["Makefile", "data.txt", "tools/fit.py", *FIT],
    "make -j 4 fit V=1": ["Makefile", "data.txt", "tools/fit.py", *FIT],
    "make -C ../digits prep": ["Makefile", "tools/fit.py"],
    "cd .. && make -f digits/Makefile": ["Makefile"],
    "jupyter nbconvert --execute --to html fit.ipynb": ["fit.ipynb", "helper.py", "tools/fit.py"],
    "papermill fit.ipynb out.ipynb": ["fit.ipynb", "helper.py", "tools/fit.py"],
    "Rscript --vanilla fit.R 3": ["fit.R", "R/more.R", "data.txt"],
    "Rscript -e 'source(\"R/more.R\")'": ["R/more.R"],
    "julia --project=. fit.jl": ["fit.jl", "more.jl"],
    "torchrun --nproc-per-node 2 fit.py": FIT,
    "torchrun -m tools.fit": TOOL,
    "accelerate launch --config conf/fit.yaml fit.py": [*FIT, "conf/fit.yaml"],
    "python -m torch.distributed.run fit.py": FIT,
    "pytest tests": ["tests/conftest.py", "tests/test_fit.py"],
    "python -m pytest tests/test_fit.py::test": ["tests/test_fit.py", "tests/conftest.py"],
    "python calls.py": ["calls.py", "tools/fit.py", "helper.py"],
    "python reads.py": ["reads.py", "data.txt", "conf/fit.yaml"],
    "python late.py": ["late.py", "helper.py"],
    "python fit.py --config=conf/fit.yaml": ["fit.py", "conf/fit.yaml", "helper.py"],
    "python fit.py --config conf/": ["fit.py", "conf", "helper.py"],
}


@pytest.mark.parametrize("command", RUNS)
def test_uses__are_found_behind_every_program_that_runs_another(
    history: History, command: str
) -> None:
    model_plan = after(history, command, FILES)
    assert sorted(lines(model_plan)) == sorted(RUNS[command])
    assert not [w for w in model_plan.warnings if "cannot see" in w and "Makefile" not in command]


UNSEEN = {
    "shapes train --out model": "shapes train --out model",
    "uv run shapes train": "shapes train",
    "python -m shapes.cli": "python -m shapes.cli",
    "python $SCRIPT": "python $SCRIPT",
    "python gone.py": "python gone.py",
    "cd $ROOT && python fit.py": "python fit.py",
    "make nothing": "make nothing",
    "bash -c 'shapes train'": "shapes train",
    "docker run acme/train": "docker run acme/train",
    "kedro run": "kedro run",
    "./train --fast": "./train --fast",
    "python 'unclosed": "python 'unclosed",
    "python -c 'import helper' && shapes train": "shapes train",
    "mkdir -p x && java -jar app.jar": "java -jar app.jar",
    "shapes " + "x" * 80: "shapes " + "x" * 52 + "…",
}


@pytest.mark.parametrize("command", UNSEEN)
def test_unknown_code__is_a_warning(history: History, command: str) -> None:
    model_plan = after(history, command, {f"{HERE}/fit.py": "x = 1\n"})
    assert [w for w in model_plan.warnings if "cannot see" in w] == [
        f"stage train of {HERE}/dvc.yaml cannot see what code `{UNSEEN[command]}` runs; "
        "add it to deps"
    ]


KNOWN_CODE = [
    "true",
    "mkdir -p a && cp b c",
    "echo 'shapes train'",
    "cat <<E > f\nshapes\nE",
    "ls | wc -l",
]


@pytest.mark.parametrize("command", KNOWN_CODE)
def test_unseen__programs_of_the_machine_are_not(history: History, command: str) -> None:
    assert after(history, command, {}).warnings == ()


def test_unseen__in_a_script_names_the_script(history: History) -> None:
    model_plan = after(history, "bash run.sh", {f"{HERE}/run.sh": "f() { ls; }\nf\nshapes train\n"})
    assert model_plan.warnings[1] == (
        f"stage train of {HERE}/dvc.yaml, in {HERE}/run.sh, cannot see what code `shapes train` "
        "runs; add it to deps"
    )


SCRIPTS: dict[str, dict[str, Content]] = {
    "pyproject": {"pyproject.toml": ENTRY},
    "poetry": {"pyproject.toml": "[tool.poetry.scripts]\nshapes = 'shapes.cli:main'\n"},
    "poetry by reference": {
        "pyproject.toml": "[tool.poetry.scripts]\nshapes = {reference='shapes.cli', type='console'}"
    },
    "entry points": {
        "pyproject.toml": "[project.entry-points.console_scripts]\nshapes = 'shapes.cli'\n"
    },
    "setup.cfg": {
        "setup.cfg": "[options.entry_points]\nconsole_scripts =\n    other = a.b:c\n"
        "    shapes = shapes.cli:main\n"
    },
    "setup.py": {
        "setup.py": "from setuptools import setup\n"
        "setup(entry_points={'console_scripts': ['shapes=shapes.cli:main']})\n"
    },
    "setup.py by a name": {
        "setup.py": "import setuptools as s\nE = {'console_scripts': 'shapes = shapes.cli:main'}\n"
        "s.setup(entry_points=E, version=read())\n"
    },
    "a task": {"pyproject.toml": "[tool.poe.tasks]\nshapes = {cmd = 'python -m shapes.cli'}\n"},
    "of a project elsewhere": {
        "libs/x/pyproject.toml": ENTRY,
        "libs/x/src/shapes/cli.py": "from shapes import fit\n",
        "libs/x/src/shapes/fit.py": "x = 1\n",
        "src/shapes/cli.py": None,
        "src/shapes/fit.py": None,
    },
    "in a folder that the project names": {
        "pyproject.toml": ENTRY + "[tool.setuptools.packages.find]\nwhere = ['lib']\n",
        "lib/shapes/cli.py": "from shapes import fit\n",
        "lib/shapes/fit.py": "x = 1\n",
        "src/shapes/cli.py": None,
        "src/shapes/fit.py": None,
    },
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_installed__script_leads_to_its_package(history: History, name: str) -> None:
    history.commit({path: x for path, x in PACKAGE.items() if path != "pyproject.toml"})
    model_plan = after(history, "uv run shapes -v train", SCRIPTS[name])
    ends = [line.rpartition("/")[2] for line in lines(model_plan)]
    assert {"cli.py", "fit.py"} <= set(ends)
    assert not [w for w in model_plan.warnings if "cannot see" in w]


def test_installed__script_that_is_a_file(history: History) -> None:
    files: dict[str, Content] = {
        "setup.py": "from setuptools import setup\nsetup(scripts=['bin/go'])\n",
        "bin/go": "#!/bin/sh\npython x.py\n",
    }
    assert "../../bin/go" in lines(after(history, "go --fast", files))


@pytest.mark.parametrize("text", ["[project", "[project]\nscripts = 3", "\xff"])
def test_installed__project_that_cannot_be_read_installs_nothing(
    history: History, text: str
) -> None:
    model_plan = after(history, "shapes", {"pyproject.toml": text.encode("latin-1")})
    assert "cannot see" in model_plan.warnings[0]


def test_installed__rewritten_package_is_never_unaffected_without_a_word(history: History) -> None:
    after(history, "shapes -v train", PACKAGE)
    quiet = history.after({"README.md": "x"})
    assert (quiet.decision, quiet.warnings) == (Decision.UNAFFECTED, ())
    model_plan = history.after({"src/shapes/fit.py": "x = 2\n"})
    assert model_plan.decision is Decision.UNAFFECTED
    assert "../../src/shapes/fit.py" in lines(model_plan)


def test_unseen__package_that_is_rewritten_is_never_unaffected_without_a_word(
    history: History,
) -> None:
    after(history, "shapes -v train", {"elsewhere/fit.py": "x = 1\n"})
    model_plan = history.after({"elsewhere/fit.py": "x = 2\n"})
    assert model_plan.decision is Decision.UNAFFECTED
    assert "cannot see what code `shapes -v train` runs" in model_plan.warnings[0]


def test_installed__package_that_is_declared_is_an_input(history: History) -> None:
    pipeline = PIPELINE.replace("[train.py, prepared.csv]", "[../../src/shapes, prepared.csv]")
    pipeline = pipeline.replace("python train.py", "shapes train")
    manifest = model()[f"{HERE}/model.yaml"]
    assert isinstance(manifest, str)
    named = manifest.replace("[../../uv.lock]", "[../../uv.lock, ../../pyproject.toml]")
    history.commit(model(pipeline) | PACKAGE | {f"{HERE}/model.yaml": named})
    assert history.plan(None).models[0].warnings == ()
    model_plan = history.after({"src/shapes/fit.py": "x = 2\n"})
    assert (model_plan.decision, model_plan.warnings) == (Decision.TRAIN, ())


def test_unseen__code_that_is_declared_is_taken_for_that_of_the_command(history: History) -> None:
    pipeline = PIPELINE.replace("[train.py, prepared.csv]", "[prepared.csv, lib]")
    pipeline = pipeline.replace("python train.py", "shapes train")
    history.commit(model(pipeline, **{"lib/x.py": "x = 1\n"}))
    assert history.plan(None).models[0].warnings == ()


def test_unseen__code_of_another_command_is_not_taken_for_it(history: History) -> None:
    history.commit(model(PIPELINE.replace("python train.py", "python train.py && shapes train")))
    (warning,) = history.plan(None).models[0].warnings
    assert "`shapes train`" in warning


def test_startup__modules_of_pythonpath_are_loaded_before_the_program(history: History) -> None:
    files: dict[str, Content] = {
        f"{HERE}/fit.py": "x = 1\n",
        f"{HERE}/lib/sitecustomize.py": "x = 1\n",
        f"{HERE}/sitecustomize.py": "not on the path when Python starts",
    }
    assert lines(after(history, "PYTHONPATH=lib python fit.py", files)) == [
        "fit.py",
        "lib/sitecustomize.py",
    ]


def test_uses__end_where_files_run_one_another(history: History) -> None:
    files: dict[str, Content] = {
        f"{HERE}/a.sh": "bash b.sh\n",
        f"{HERE}/b.sh": "bash a.sh\nmake\n",
        f"{HERE}/Makefile": "all:\n\tmake all\n\tbash a.sh\n",
    }
    assert set(lines(after(history, "bash a.sh", files))) == {"a.sh", "b.sh", "Makefile"}


def test_uses__outputs_and_parameters_of_the_stage_are_none(history: History) -> None:
    files: dict[str, Content] = {
        f"{HERE}/fit.py": "open('params.yaml')\nopen('metrics.json', 'w')\n",
        f"{HERE}/metrics.json": "{}",
    }
    command = "python fit.py --params=params.yaml --out=metrics.json"
    assert lines(after(history, command, files)) == ["fit.py"]


def test_uses__data_behind_a_pointer_are_named_too(history: History) -> None:
    files: dict[str, Content] = {f"{HERE}/fit.py": "open('data/rows.csv')\n"}
    assert lines(after(history, "python fit.py", files)) == ["fit.py", "data/rows.csv"]


R: dict[str, Content] = {
    f"{HERE}/fit.R": 'source("R/more.R")\nwrite("model")\n',
    f"{HERE}/R/more.R": 'source(here::here("R", "deep.R"))\n',
    f"{HERE}/R/deep.R": "x <- 1\n",
}


def test_uses__of_a_project_without_any_python(history: History) -> None:
    """A stage that is frozen is not run: its program is nobody's dependency."""
    pipeline = (
        "stages:\n  ingest: {cmd: Rscript take.R, outs: [{in.csv: {cache: false}}], frozen: true}\n"
        "  train: {cmd: Rscript fit.R, deps: [fit.R, in.csv], outs: [model, predictions.csv]}\n"
    )
    history.commit(model(pipeline) | R | {f"{HERE}/in.csv": "1\n", f"{HERE}/take.R": "x\n"})
    assert lines(history.plan(None).models[0]) == ["R/more.R", "R/deep.R"]
    model_plan = history.after({f"{HERE}/R/deep.R": "x <- 2\n"})
    assert model_plan.decision is Decision.UNAFFECTED
    assert "R/deep.R" in lines(model_plan)


@pytest.mark.parametrize(
    ("program", "is_input"),
    [
        ("open('data.txt', 'w')", False),
        ("open('data.txt', mode='wb')", False),
        ("pathlib.Path('data.txt').write_text('x')", False),
        ("joblib.dump(model, 'data.txt')", False),
        ("plt.savefig('data.txt')", False),
        ("open('data.txt')", True),
        ("open('data.txt', 'a')", True),
        ("open('data.txt', 'r+')", True),
        ("open('data.txt', mode)", True),
        ("pathlib.Path('data.txt').read_text()", True),
        ("where.write_text('data.txt')", True),
        ("print(open('data.txt').read(), file=open('data.txt', 'w'))", True),
    ],
)
def test_file__that_a_program_only_writes_is_not_an_input(
    history: History, program: str, *, is_input: bool
) -> None:
    files = {**FILES, f"{HERE}/only.py": f"{program}\n"}
    assert ("data.txt" in lines(after(history, "python only.py", files))) is is_input

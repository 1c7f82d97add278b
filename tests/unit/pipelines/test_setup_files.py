"""What a team's set-up command needs, and the block that puts it among a model's inputs."""

from __future__ import annotations

import pytest
import yaml

from interlock import wiring
from interlock.commands import plan as planning
from interlock.domain.training.plan import Decision, ModelPlan
from tests.unit.pipelines.history import HERE, MANIFEST, Content, History, model

PROJECT = """\
[build-system]
requires = ["hatchling"]
[project]
name = "acme-models"
readme = "docs/README.md"
license = {file = "COPYING"}
dynamic = ["version"]
[tool.hatch.version]
path = "src/acme_models/about.py"
"""
FILES: dict[str, Content] = {
    "pyproject.toml": PROJECT,
    ".python-version": "3.11\n",
    "docs/README.md": "x\n",
    "COPYING": "x\n",
    "LICENSE.txt": "x\n",
    "src/acme_models/__init__.py": "",
    "src/acme_models/about.py": "__version__ = '1'\n",
    "requirements.txt": "-r more/base.txt\n-e ./lib\nx==1\n",
    "more/base.txt": "-c pins.txt\ny==1\n",
    "more/pins.txt": "y==1\n",
    "lib/setup.py": "from setuptools import setup\nsetup(description=open('ABOUT.md'))\n",
    "lib/ABOUT.md": "x\n",
    "old/setup.cfg": "[metadata]\nname = old\nversion = attr: old.v.V\n"
    "long_description = file: A.md, B.md\nlicense_files =\n    C.txt\n",
    "old/setup.py": "from setuptools import setup\nsetup()\n",
    "old/A.md": "x\n",
    "old/B.md": "x\n",
    "old/C.txt": "x\n",
    "old/old/v.py": "V = 1\n",
    "flat/pyproject.toml": "[build-system]\n[project]\nname = 'flat'\n[tool.setuptools.dynamic]\n"
    "version = {file = 'VERSION'}\n",
    "flat/VERSION": "1\n",
    "flat/flat/x.py": "x = 1\n",
    "app/pyproject.toml": "[project]\nname = 'app'\n[tool.uv.workspace]\nmembers = ['parts/*']\n",
    "app/uv.lock": "version = 1\n",
    "app/parts/one/pyproject.toml": "[build-system]\n[project]\nname = 'one'\n",
    "app/parts/one/src/one/x.py": "x = 1\n",
    "p/pyproject.toml": "[tool.poetry]\nname = 'p'\nreadme = ['A.md']\n[tool.poetry.dependencies]\n"
    "q = {path = '../flat'}\n[build-system]\n",
    "p/poetry.lock": "",
    "p/A.md": "x\n",
    "renv.lock": "{}\n",
    ".Rprofile": "x\n",
    "renv/activate.R": "x\n",
    "environment.yml": "dependencies: [x=1, {pip: ['-r more/base.txt']}]\n",
    "setup.sh": "cd more\npip install -r base.txt\n",
    "Pipfile": "",
    "Pipfile.lock": "{}",
    "broken/pyproject.toml": "[project",
}
ROOT = {"pyproject.toml", ".python-version"}
BUILT = {"docs/README.md", "COPYING", "LICENSE.txt", "src/acme_models/about.py", "src/acme_models"}
LISTED = {"requirements.txt", "more/base.txt", "more/pins.txt", "lib/setup.py", "lib/ABOUT.md"}
NEEDS: dict[str, set[str]] = {
    "uv sync --frozen": ROOT | BUILT,
    "uv sync --frozen --no-install-project": ROOT,
    "cd src && uv sync": ROOT | BUILT,
    "uv run --frozen python -V": ROOT | BUILT,
    "uv sync --project app": {
        *("app/pyproject.toml", "app/uv.lock", "app/parts/one/pyproject.toml"),
        "app/parts/one/src/one",
    },
    "pip install -e .": {"pyproject.toml"} | BUILT,
    "pip install '.[gpu]' --no-deps": {"pyproject.toml"} | BUILT,
    "python -m pip install ./flat": {"flat/pyproject.toml", "flat/VERSION", "flat/flat"},
    "pip install -e flat": {"flat/pyproject.toml", "flat/VERSION", "flat/flat"},
    "pip install -e 'flat[gpu]' numpy": {"flat/pyproject.toml", "flat/VERSION", "flat/flat"},
    "uv pip install --editable=flat": {"flat/pyproject.toml", "flat/VERSION", "flat/flat"},
    "pip install -e./flat": {"flat/pyproject.toml", "flat/VERSION", "flat/flat"},
    "cd src && pip install ..": {"pyproject.toml"} | BUILT,
    "pip install -e git+https://example.com/acme/flat.git#egg=flat": set(),
    "pip install flat": set(),
    "pip install -r requirements.txt": LISTED,
    "uv pip install --requirement=more/base.txt": {"more/base.txt", "more/pins.txt"},
    "uv pip sync more/base.txt": {"more/base.txt", "more/pins.txt"},
    "pip3.11 install -rmore/pins.txt numpy": {"more/pins.txt"},
    "pip install ./old": {
        *("old/setup.cfg", "old/setup.py", "old/A.md", "old/B.md", "old/C.txt", "old/old/v.py"),
        "old/old",
    },
    "cd p && poetry install --only main": {
        *("p/pyproject.toml", "p/poetry.lock", "p/A.md"),
        *("flat/pyproject.toml", "flat/VERSION", "flat/flat"),
    },
    "cd p && poetry install --no-root": {"p/pyproject.toml", "p/poetry.lock"},
    "pipenv sync": {"Pipfile", "Pipfile.lock"},
    "Rscript -e 'renv::restore()'": {"renv.lock", ".Rprofile", "renv/activate.R"},
    "conda env create -f environment.yml": {"environment.yml", "more/base.txt", "more/pins.txt"},
    "mamba env update --file=none.yml": set(),
    "bash setup.sh": {"setup.sh", "more/base.txt", "more/pins.txt"},
    "./setup.sh && echo done": {"setup.sh", "more/base.txt", "more/pins.txt"},
    "bash -c 'pip install -r more/pins.txt'": {"more/pins.txt"},
    "pip install numpy==2.0": set(),
    "pip install 'unclosed": set(),
    "pip install ./broken": {"broken/pyproject.toml"},
    "cd $X && uv sync": set(),
    "nvidia-smi": set(),
    "": set(),
}


def plan(history: History, prepare: str) -> ModelPlan:
    result = planning.run(
        planning.PlanContext(repository=wiring.repository(history.folder), ledger=None),
        planning.PlanOptions(base=None, head="main", prepare=prepare),
    )
    return result.models[0]


def block(sentence: str) -> dict[str, list[str]]:
    """The fields of the manifest that a sentence says to write."""
    return {
        key: value
        for text in sentence.split("`")[3::2]
        for key, value in yaml.safe_load(text).items()
    }


def paths(fields: dict[str, list[str]]) -> set[str]:
    named = {p.removeprefix("../../") for p in fields.get("environment", ())} - {"uv.lock"}
    return named | {p.removesuffix("/**") for p in fields.get("context", ())}


@pytest.mark.parametrize("command", NEEDS)
def test_needs__of_a_set_up_command_block_a_model_that_does_not_declare_them(
    history: History, command: str
) -> None:
    history.commit(model() | FILES)
    result = plan(history, command)
    assert (result.decision is Decision.BLOCKED) is bool(NEEDS[command])
    assert paths(block(result.sentence)) == NEEDS[command]


@pytest.mark.parametrize("command", [c for c in NEEDS if NEEDS[c]])
def test_needs__block_that_is_pasted_lets_the_model_train(history: History, command: str) -> None:
    history.commit(model() | FILES)
    fields = yaml.safe_load(MANIFEST) | block(plan(history, command).sentence)
    history.commit({f"{HERE}/model.yaml": yaml.safe_dump(fields)})
    assert plan(history, command).decision is Decision.TRAIN


def test_needs__are_a_sentence_with_the_command_and_the_manifest(history: History) -> None:
    history.commit(model() | FILES)
    assert plan(history, "echo; pip install -r more/base.txt").sentence == (
        "`pip install -r more/base.txt` needs more/base.txt, more/pins.txt, which digits does not "
        f"count among its inputs; write in {HERE}/model.yaml: "
        "`environment: [../../uv.lock, ../../more/base.txt, ../../more/pins.txt]`"
    )

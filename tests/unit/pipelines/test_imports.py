"""Modules that a program imports and its stage does not declare."""

from __future__ import annotations

import pytest

from interlock.domain.training.plan import Decision
from tests.unit.pipelines.history import HERE, PIPELINE, Content, History, model

FOUND: dict[str, tuple[str, dict[str, Content], list[str]]] = {
    "beside the program": (
        "import os\nimport extra\n",
        {f"{HERE}/extra.py": "x = 1\n"},
        [f"{HERE}/train.py:2 imports extra ({HERE}/extra.py), which stage train does not declare; "
         "add to its deps: `- extra.py`"],
    ),
    "in turn": (
        "from lib import one\n",
        {f"{HERE}/lib/one.py": "from . import two\n", f"{HERE}/lib/two.py": "x = 1\n"},
        [f"{HERE}/train.py:1 imports lib ({HERE}/lib/one.py), which stage train does not declare; "
         "add to its deps: `- lib/one.py`",
         f"{HERE}/lib/one.py:1 imports . ({HERE}/lib/two.py), which stage train does not declare; "
         "add to its deps: `- lib/two.py`"],
    ),
    "a package that runs code": (
        "import lib.one\n",
        {f"{HERE}/lib/__init__.py": "x = 1\n", f"{HERE}/lib/one.py": ""},
        [f"{HERE}/train.py:1 imports lib.one ({HERE}/lib/__init__.py), which stage train does not "
         "declare; add to its deps: `- lib/__init__.py`"],
    ),
    "above, by sys.path": (
        "import sys\nsys.path.insert(0, '..')\ndef f():\n    from shared import splitting\n",
        {},
        [f"{HERE}/train.py:4 imports shared (model-manifests/shared/splitting.py), which stage "
         "train does not declare; add to its deps: `- ../shared/splitting.py`"],
    ),
    "of the repository's own package": (
        "from acme.models import net\n",
        {"pyproject.toml": "", "src/acme/models/net.py": "x = 1\n"},
        [f"{HERE}/train.py:1 imports acme.models (src/acme/models/net.py), which stage train does "
         "not declare; add to its deps: `- ../../src/acme/models/net.py`"],
    ),
    "above, without sys.path": ("from shared import splitting\n", {}, []),
    "standard library": ("import json, os.path\nfrom email import message\n", {}, []),
    "installed package": ("import numpy as np\nfrom sklearn import svm\n", {}, []),
    "text that looks like an import": ('"""\nimport extra\n"""\n', {f"{HERE}/extra.py": "x"}, []),
    "what Python cannot parse": ("import extra\nthis is no python\n", {f"{HERE}/extra.py": ""}, []),
    "too many dots": ("from ........ import x\n", {}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_imports__not_declared(history: History, name: str) -> None:
    source, files, warnings = FOUND[name]
    history.commit(model(**{"train.py": source}) | files)
    (model_plan,) = history.plan(None).models
    assert list(model_plan.warnings) == warnings


COMMANDS: dict[str, list[str]] = {
    "python -u fit.py --x 1": ["fit.py"],
    "python3.11 -m tools.fit": ["tools/fit.py"],
    "cd tools && python fit.py; true": ["tools/fit.py"],
    "CUDA_VISIBLE_DEVICES=0 uv run python 'fit.py' | tee log.txt": ["fit.py"],
    "torchrun --nproc 2 fit.py": ["fit.py"],
    "bash run.sh && python train.py": ["run.sh"],
    "python 'unclosed": [],
    "cd ../../.. && python fit.py": [],
    "cd $HOME && python fit.py": [],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_programs__that_a_command_runs_and_the_stage_does_not_declare(
    history: History, command: str
) -> None:
    files = {"fit.py": "1", "tools/fit.py": "1", "run.sh": "python train.py\n"}
    quoted = "'" + command.replace("'", "''") + "'"
    history.commit(model(PIPELINE.replace("python train.py", quoted), **files))
    (model_plan,) = history.plan(None).models
    assert list(model_plan.warnings) == [
        f"stage train of {HERE}/dvc.yaml runs {HERE}/{path}, which stage train does not declare; "
        f"add to its deps: `- {path}`"
        for path in COMMANDS[command]
    ]


def test_imports__declared_by_folder_or_by_file_are_no_warning(history: History) -> None:
    pipeline = PIPELINE.replace("[train.py, prepared.csv]", "[train.py, prepared.csv, lib, x.py]")
    files = {"train.py": "import x\nfrom lib import y\n", "x.py": "1", "lib/y.py": "1"}
    history.commit(model(pipeline, **files))
    assert history.plan(None).models[0].warnings == ()


def test_imports__declared_by_another_stage_do_not_count(history: History) -> None:
    """DVC would not run this stage again, although the model's fingerprint moves."""
    source = "import sys\nsys.path\nfrom shared import splitting\n"
    history.commit(model(**{"train.py": source}))
    (warning,) = history.plan(None).models[0].warnings
    assert "which stage train does not declare" in warning


def test_imports__of_an_unaffected_model_warn_when_the_module_changed(history: History) -> None:
    files = {"train.py": "import one\n", "one.py": "import two\n", "two.py": "x = 1\n"}
    history.commit(model(**files))
    quiet = history.after({"README.md": "x"})
    assert (quiet.decision, quiet.warnings) == (Decision.UNAFFECTED, ())
    model_plan = history.after({f"{HERE}/two.py": "x = 2\n"})
    assert model_plan.decision is Decision.UNAFFECTED
    assert any("imports two" in warning for warning in model_plan.warnings)
    elsewhere = history.after({"tools/other.py": "x = 2\n"})
    assert elsewhere.warnings == ()

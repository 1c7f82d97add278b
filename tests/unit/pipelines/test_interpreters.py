"""The Python of a stage's program is the one that its command starts, through whatever wraps it."""

from __future__ import annotations

import pytest

from interlock.domain.training.interpreters import Launch
from interlock.pipelines import interpreters
from interlock.pipelines.stage import PipelineStage


def find(*commands: str) -> Launch | None:
    stage = PipelineStage("m/dvc.yaml", "train", "m", commands, listed=len(commands) > 1)
    return interpreters.find(stage)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("python train.py", "python"),
        ("python3.12 -m train", "python3.12"),
        (".venv/bin/python train.py", ".venv/bin/python"),
        ("mkdir -p out && python train.py", "python"),
        ("A=1 python train.py | tee log", "python"),
        ("env A=1 python train.py", "python"),
        ("nohup nice -n 5 python train.py", "python"),
        ("mpirun -n 4 python train.py", "python"),
        ("timeout 60 uv run python train.py", "uv run python"),
        ("uv run train.py", "uv run python"),
        ("uv run -m train", "uv run python"),
        (
            "uv run --extra gpu --with torch python train.py",
            "uv run --extra gpu --with torch python",
        ),
        ("uv run -- python train.py", "uv run python"),
        ("uv run fit --epochs 3", "uv run python"),
        ("uv run torchrun --nproc-per-node 2 train.py", "uv run python"),
        ("poetry run python train.py", "poetry run python"),
        ("poetry run fit", "poetry run python"),
        ("pdm run python train.py", "pdm run python"),
        ("conda run -n env python train.py", "conda run -n env python"),
        ("bash -c 'python train.py'", "python"),
        ("bash -c 'uv run python train.py'", "uv run python"),
        ("uv run bash -c 'python train.py'", "uv run python"),
    ],
)
def test_find__words_that_run_the_very_python(command: str, words: str) -> None:
    launch = find(command)
    assert launch is not None
    assert launch.words == tuple(words.split())
    assert launch.is_python


@pytest.mark.parametrize(
    ("command", "script"), [("fit --epochs 3", "fit"), ("bin/fit", "bin/fit"), ("pytest", "pytest")]
)
def test_find__an_installed_script(command: str, script: str) -> None:
    launch = find(command)
    assert launch == Launch(script.rpartition("/")[2], "m", script=script)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("Rscript train.R", "Rscript"),
        ("make train", "make"),
        ("bash train.sh", "bash"),
        ("./train.sh", "train.sh"),
        ("$PYTHON train.py", "$PYTHON"),
        ("uv run bash train.sh", "uv run bash"),
    ],
)
def test_find__what_is_not_known_to_be_python(command: str, name: str) -> None:
    launch = find(command)
    assert launch is not None
    assert (launch.name, launch.is_python) == (name, False)


def test_find__the_first_python_of_several_commands() -> None:
    launch = find("bash prepare.sh", "cd sub && python3 train.py", "uv run python late.py")
    assert launch == Launch("python3", "m/sub", words=("python3",))


@pytest.mark.parametrize("command", ["mkdir out", "python 'train.py", "true"])
def test_find__nothing(command: str) -> None:
    assert find(command) is None


def test_find__of_wrappers_in_wrappers_without_end() -> None:
    launch = find("env " * 5_000 + "python train.py")
    assert launch is not None
    assert launch.words == ("python",)


def test_find__of_shells_in_shells_without_end() -> None:
    assert find("eval " * 5_000 + "python train.py") is None

"""The files that pin an environment, and the command that installs it."""

from __future__ import annotations

from interlock.domain.adoption import environment_choice
from interlock.domain.adoption.environment_choice import EnvironmentChoice


def test_choose__of_the_folder_of_the_pipeline_else_of_the_nearest_above() -> None:
    files = ("uv.lock", "pyproject.toml", "a/poetry.lock", "a/pyproject.toml")
    near = environment_choice.choose(files, folder="a/b")
    assert near.files == ("a/poetry.lock", "a/pyproject.toml")
    assert near.prepare.startswith("cd 'a' && POETRY")
    top = environment_choice.choose(files, folder="c")
    assert top.files == ("uv.lock", "pyproject.toml")
    assert top.prepare.startswith("uv sync --frozen && ")


def test_choose__a_lock_file_before_requirements_and_nothing_without_either() -> None:
    both = environment_choice.choose(("requirements.txt", "renv.lock"), folder="")
    assert both.files == ("renv.lock",)
    assert environment_choice.choose(("a/Dockerfile",), folder="a") == EnvironmentChoice(
        ("a/Dockerfile",)
    )
    assert environment_choice.choose((), folder="a") == EnvironmentChoice()

"""Finds the files that pin the environment of a pipeline, and the commands that install it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

_ON_PATH = 'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'


@dataclass(frozen=True, slots=True)
class EnvironmentChoice:
    """`files` pin the environment, `prepare` installs it; both are empty if nothing is known."""

    files: tuple[str, ...] = ()
    prepare: str = ""


_KNOWN = {
    "uv.lock": ("pyproject.toml", f"uv sync --frozen && {_ON_PATH}"),
    "poetry.lock": (
        "pyproject.toml",
        f"POETRY_VIRTUALENVS_IN_PROJECT=true poetry sync --no-root && {_ON_PATH}",
    ),
    "pdm.lock": ("pyproject.toml", f"pdm sync && {_ON_PATH}"),
    "Pipfile.lock": ("Pipfile", f"PIPENV_VENV_IN_PROJECT=1 pipenv sync && {_ON_PATH}"),
    "pixi.lock": (
        "pixi.toml",
        'pixi install --frozen && echo "$PWD/.pixi/envs/default/bin" >> "$GITHUB_PATH"',
    ),
    "conda-lock.yml": (
        "",
        'conda-lock install --prefix "$PWD/.conda" && echo "$PWD/.conda/bin" >> "$GITHUB_PATH"',
    ),
    "renv.lock": ("", "Rscript -e 'renv::restore(prompt = FALSE)'"),
    "Manifest.toml": ("Project.toml", "julia --project=. -e 'using Pkg; Pkg.instantiate()'"),
    "requirements.txt": (
        "",
        f"python -m venv .venv && .venv/bin/pip install -r requirements.txt && {_ON_PATH}",
    ),
    "environment.yml": (
        "",
        'conda env create --file environment.yml --prefix "$PWD/.conda" && '
        'echo "$PWD/.conda/bin" >> "$GITHUB_PATH"',
    ),
    "Dockerfile": ("", ""),
}
"""The file that pins packages, the one beside it that it belongs to, and the command; best first.

The commands are those of each tool's documentation for a lock file that must not change.
"""


def choose(files: Collection[str], *, folder: str) -> EnvironmentChoice:
    """Return the environment of a pipeline in `folder`: of this folder, else of the nearest one
    above it that has a known file."""
    place = folder
    while True:
        for name, (beside, prepare) in _KNOWN.items():
            if _in(place, name) in files:
                both = (_in(place, each) for each in (name, beside) if each)
                pins = tuple(path for path in both if path in files)
                return EnvironmentChoice(pins, _inside(place, prepare))
        if not place:
            return EnvironmentChoice()
        place = place.rpartition("/")[0]


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _inside(folder: str, command: str) -> str:
    return f"cd '{folder}' && {command}" if folder and command else command

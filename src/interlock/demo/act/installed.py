"""Puts this checkout where act finds `acme/interlock@v1`; runs no workflow."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from interlock import errors
from interlock.demo.act import tokens

# What an adopter's `uses:` may need of the repository.
_PARTS = ("src", "actions", ".github", "model-manifests", "pyproject.toml", "uv.lock")
_FILES = ("README.md", "LICENSE")
_STAND_INS = Path(__file__).parent / "stand_ins"
_THIRD_PARTY = re.compile(r"uses: (actions/([\w-]+))@([0-9a-f]{40})")
# The workflow files that the README tells an adopter to add.
_ADOPTED = re.compile(r"```yaml\n# \.github/workflows/([\w-]+\.yml)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ActInstallation:
    """Where things are. `places` are act's `owner/name@ref=folder`; `adopted` the adopter's files;
    `environment` act's own variables, `variables` those of every step."""

    act: str
    folder: Path
    places: tuple[str, ...]
    adopted: Mapping[str, str]
    environment: Mapping[str, str]
    variables: Mapping[str, str]


def install(folder: Path) -> ActInstallation:
    """Copy the checkout into `folder` and make its environment there, as a job's first step would.

    Raises MissingSetting when there is no act on the PATH, or this is no checkout.
    """
    act = shutil.which("act")
    if act is None:
        raise errors.MissingSetting(
            "act is not installed",
            hint="go install github.com/nektos/act@v0.2.87, and have it on the PATH",
        )
    source = Path(__file__).parents[4]
    if not (source / "actions").is_dir():
        raise errors.MissingSetting(
            "the workflow files are not beside the package", hint="run it in a checkout"
        )
    ours = folder / "interlock"
    _copy(source, ours)
    home = folder / "home"
    home.mkdir(parents=True)
    variables = _variables(folder)
    for words in (("--version",), ("--version", "train")):
        _run([str(ours / "actions" / "run"), *words], os.environ | variables)
    return ActInstallation(
        act=act,
        folder=ours,
        places=(f"acme/interlock@v1={ours}", *_stand_ins(ours)),
        adopted=_adopted(source),
        environment=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        variables=variables,
    )


def _copy(source: Path, to: Path) -> None:
    """What the ref holds; in its workflows each job speaks of its own token, and of `v1`."""
    to.mkdir(parents=True)
    for part in _PARTS:
        if (source / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.csv", "data")
            shutil.copytree(source / part, to / part, ignore=ignored)
        else:
            shutil.copy(source / part, to)
    for name in _FILES:
        shutil.copy(source / name, to)
    for file in (to / ".github" / "workflows").glob("*.yml"):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        text = yaml.safe_dump(tokens.rewrite(document, workflow=file.name), sort_keys=False)
        # act knows no `$/`; and PyYAML takes `on:` for a truth.
        text = re.sub(r"(uses: )\$/(\S+)", r"\1acme/interlock/\2@v1", text)
        file.write_text(re.sub(r"^true:", "on:", text, flags=re.MULTILINE), encoding="utf-8")


def _stand_ins(ours: Path) -> tuple[str, ...]:
    """Actions by GitHub, which are not fetched: here they do what these workflows ask of them."""
    found: dict[str, str] = {}
    for file in (ours / ".github" / "workflows").glob("*.yml"):
        for name, short, sha in _THIRD_PARTY.findall(file.read_text(encoding="utf-8")):
            found[f"{name}@{sha}"] = short
    return tuple(f"{place}={_STAND_INS / short}" for place, short in sorted(found.items()))


def _adopted(source: Path) -> dict[str, str]:
    text = (source / "README.md").read_text(encoding="utf-8")
    return dict(_ADOPTED.findall(text))


def _variables(folder: Path) -> dict[str, str]:
    """Of every step: this process's own world, and where Interlock's environment lies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("DVC_", "GIT_", "XDG_", "UV_", "PIP_", "SSL_"))
        or name in {"HOME", "PATH", "LANG", "TMPDIR", "MPLCONFIGDIR", "PYTHONDONTWRITEBYTECODE"}
    }
    return kept | {
        "INTERLOCK_ENVIRONMENT": str(folder / "environment"),
        "UV_PYTHON": sys.executable,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise errors.OutsideFailure(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")

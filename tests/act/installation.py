"""Install this checkout where act finds `acme/interlock@v1`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import filelock

from interlock import errors
from tests.act import tokens

# The variable with the folder that all installations of a test session share.
SHARED = "ACT_INSTALLATION"
# The parts of the repository that a workflow's `uses:` needs.
_PARTS = ("src", "actions", ".github", "model-manifests", "pyproject.toml", "uv.lock")
_FILES = ("README.md", "LICENSE")
_LOCAL_ACTIONS = Path(__file__).parent / "local_actions"
_THIRD_PARTY = re.compile(r"uses: (actions/([\w-]+))@([0-9a-f]{40})")
# The workflow files of the README.
_ADOPTED = re.compile(r"```yaml\n# \.github/workflows/([\w-]+\.yml)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ActInstallation:
    """`places` are act's `owner/name@ref=folder`; `adopted` the workflow files of the README;
    `environment` the variables of act, `variables` the variables of every step; `commit` the one
    that `v1` names."""

    act: str
    folder: Path
    commit: str
    places: tuple[str, ...]
    adopted: Mapping[str, str]
    environment: Mapping[str, str]
    variables: Mapping[str, str]


def install(folder: Path) -> ActInstallation:
    """Copy the checkout and install its packages, as a job's first step does: into `folder`, or
    once for all into the folder that the environment names.

    Raises MissingSetting when act is not on the PATH.
    """
    act = shutil.which("act")
    if act is None:
        raise errors.MissingSetting(
            "act is not installed",
            hint="run `go install github.com/nektos/act@v0.2.87` and add it to the PATH",
        )
    source = Path(__file__).parents[2]
    shared = Path(os.environ.get(SHARED, folder))
    variables = _variables(shared)
    ours, ready = shared / "interlock", shared / "ready"
    with filelock.FileLock(f"{shared}.lock"):
        if not ready.exists():
            _copy(source, ours)
            for words in (("--version",), ("--version", "train")):
                _run([str(ours / "actions" / "run"), *words], os.environ | variables)
            ready.touch()
    home = folder / "home"
    home.mkdir(parents=True)
    return ActInstallation(
        act=act,
        folder=ours,
        commit=_run(["git", "-C", str(source), "rev-parse", "HEAD"], os.environ).strip(),
        places=(f"acme/interlock@v1={ours}", *_local_actions(ours)),
        adopted=_adopted(source),
        environment=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        variables=variables,
    )


def _copy(source: Path, to: Path) -> None:
    """Copy the files of `v1`; each job of the workflows gets its own token."""
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
        tokens.rewrite_file(file, called=f".github/workflows/{file.name}")


def _local_actions(ours: Path) -> tuple[str, ...]:
    """Return the local replacements of actions by GitHub, which are not downloaded."""
    actions: dict[str, str] = {}
    for file in (ours / ".github" / "workflows").glob("*.yml"):
        for name, short, sha in _THIRD_PARTY.findall(file.read_text(encoding="utf-8")):
            actions[f"{name}@{sha}"] = short
    return tuple(f"{place}={_LOCAL_ACTIONS / short}" for place, short in sorted(actions.items()))


def _adopted(source: Path) -> dict[str, str]:
    text = (source / "README.md").read_text(encoding="utf-8")
    return dict(_ADOPTED.findall(text))


def _variables(folder: Path) -> dict[str, str]:
    """Return the variables of every step: parts of this process's and Interlock's own."""
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


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise errors.OutsideFailure(f"{' '.join(command)} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout

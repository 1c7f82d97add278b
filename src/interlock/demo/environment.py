"""The environment variables of the demo: all its processes write to the demo's folder only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_GIT_CONFIG = """[user]
\tname = octocat
\temail = octocat@users.noreply.github.com
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
[credential]
\thelper =
[core]
\tautocrlf = false
\tfsmonitor = false
"""
# The user's own variables could make Git, DVC or MLflow write outside the folder.
_FOREIGN = ("GIT_", "DVC_", "MLFLOW_", "GITHUB_", "INTERLOCK_", "XDG_", "VIRTUAL_ENV_PROMPT")


def variables(home: Path) -> dict[str, str]:
    """Return the variables of every process: a home, Git and DVC configuration in `home`."""
    home.mkdir(parents=True, exist_ok=True)
    git_config = home / ".gitconfig"
    git_config.write_text(_GIT_CONFIG)
    dvc_config = home / "dvc"
    dvc_config.mkdir(exist_ok=True)
    (dvc_config / "config").write_text(_dvc_config(home))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
    return kept | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "share"),
        "GIT_CONFIG_GLOBAL": str(git_config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_GLOBAL_CONFIG_DIR": str(dvc_config),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "dvc-system"),
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
        "DVC_NO_ANALYTICS": "1",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        # `python train.py` must use this Python, which has the packages of the examples.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
        "PYTHONSAFEPATH": "",
    }


def _dvc_config(home: Path) -> str:
    """Return DVC's configuration, with one cache for all jobs."""
    return (
        "[core]\n    analytics = false\n    check_update = false\n"
        f"[cache]\n    dir = {home / 'dvc-cache'}\n"
    )


@contextmanager
def entered(environment: Mapping[str, str]) -> Iterator[None]:
    """Make `environment` this process's own while the block runs."""
    before = dict(os.environ)
    _replace(environment)
    try:
        yield
    finally:
        _replace(before)


def _replace(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)

"""The environment of a training's programs, which must not reveal the revision."""

from __future__ import annotations

from collections.abc import Mapping

# Variables that describe the job (user, commit, token), not the training.
_OF_THE_JOB = ("GITHUB_", "GH_", "ACTIONS_", "INTERLOCK_", "INPUT_")
_KEPT = frozenset({"GITHUB_ACTIONS"})
_OF_GIT = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"})


def without_job(ambient: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a program may have: none of the job, and none of its tokens."""
    return {
        name: value
        for name, value in ambient.items()
        if name in _KEPT or not (name.startswith(_OF_THE_JOB) or name in _OF_GIT)
    }


def environment(
    ambient: Mapping[str, str], *, tree: str, above: str, fingerprint: str, revision: str
) -> dict[str, str]:
    """Return the variables of the set-up commands and the stages.

    `tree` is the folder that they run in, `above` its parent folder. Tools that take a version from
    Git (setuptools-scm, hatch-vcs, pbr, uv-dynamic-versioning) get one that follows from the
    fingerprint (64 hex digits).
    """
    programs = without_job(ambient)
    version = f"0+{fingerprint[:12]}"
    kept = {
        name: value
        for name, value in ambient.items()
        if name in _KEPT or (name in programs and revision not in value)
    }
    workspace = {"GITHUB_WORKSPACE": tree} if "GITHUB_WORKSPACE" in ambient else {}
    return {
        **kept,
        **workspace,
        "PWD": tree,
        "GIT_CEILING_DIRECTORIES": above,
        "INTERLOCK_FINGERPRINT": fingerprint,
        "SETUPTOOLS_SCM_PRETEND_VERSION": version,
        "PBR_VERSION": version,
        "UV_DYNAMIC_VERSIONING_BYPASS": version,
        "POETRY_DYNAMIC_VERSIONING_BYPASS": version,
    }

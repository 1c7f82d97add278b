"""Find unpinned versions in a model's environment files, and the programs that they install."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interlock.pipelines import paths, requirements
from interlock.pipelines.project import Project
from interlock.pipelines.requirements import Environment

_MOST = 3
# Programs whose package has another name. What runs a project's own code by a convention is none
# of them: kedro, dbt, snakemake, mlflow run.
_PROGRAMS = {"yolo": "ultralytics", "jupyter": "nbconvert", "spark-submit": "pyspark"}
_RUNNERS = frozenset(
    (
        *("kedro", "dbt", "mlflow", "snakemake", "nextflow", "tox", "nox", "invoke", "doit"),
        *("luigi", "airflow", "dagster", "zenml", "metaflow", "ray"),
    )
)


def doubts(project: Project, files: Collection[str]) -> tuple[str, ...]:
    """Return a warning for every environment file that does not fix the versions of what it asks
    for, or that includes a file which is not among `files`."""
    contents = [(path, _read(project, path)) for path in files]
    fixed = frozenset(name for _, one in contents for name in one.fixed)
    texts = [text for path, one in contents for text in _of_file(project, path, one, files, fixed)]
    return tuple(dict.fromkeys(texts))


def programs(project: Project, files: Collection[str]) -> frozenset[str]:
    """Return the names of programs that packages with a fixed version bring."""
    fixed = frozenset(name for path in files for name in _read(project, path).fixed)
    named = {program for program, package in _PROGRAMS.items() if package in fixed}
    return (fixed | named) - _RUNNERS


def _of_file(
    project: Project,
    path: str,
    result: Environment,
    files: Collection[str],
    fixed: frozenset[str],
) -> Iterator[str]:
    folder = paths.folder(path)
    for written in result.includes:
        inside = paths.join(folder, written)
        if inside is None or inside not in files:
            yield f"{path} includes {written}, which `environment` does not list; add it there"
    locks = [_in(folder, lock) for lock in result.locked_by]
    if any(lock in files for lock in locks):
        return
    is_constrained = bool(result.includes)
    left = [
        (text, line)
        for text, line in result.open
        if not (is_constrained and requirements.normal(_name(text)) in fixed)
    ]
    if not left:
        return
    shown = ", ".join(f"`{text}`{f' (line {line})' if line else ''}" for text, line in left[:_MOST])
    more = f" and {len(left) - _MOST} more" if len(left) > _MOST else ""
    beside = next((lock for lock in locks if lock in project.tree.entries), None)
    advice = "pin them with =="
    if beside is not None:
        advice = f"add {beside} to `environment`"
    elif result.locked_by:
        advice = "lock them, and add the lock file to `environment`"
    yield (
        f"{path} leaves versions open: {shown}{more}; another day another version trains under "
        f"the same fingerprint: {advice}"
    )


def _name(requirement: str) -> str:
    end = next((n for n, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), None)
    return requirement[:end]


def _read(project: Project, path: str) -> Environment:
    target = project.follow(path)
    if target is None or not target[1].mode.startswith("100"):
        return Environment()
    return project.shelf.read(project.tree, target[0], requirements.read_environment)


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name

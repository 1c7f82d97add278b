"""Warn if a parameter file differs from its Hydra configuration: only `exp run` updates it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from interlock import errors
from interlock.pipelines import canonical_values, dvcyaml, paths
from interlock.pipelines.project import Project
from interlock.pipelines.stage import Parameters, PipelineStage
from interlock.yaml_reader import dvc

_TRUE = frozenset(("true", "yes", "on", "1"))


@dataclass(frozen=True, slots=True)
class HydraSettings:
    """The section `hydra` of .dvc/config; `folder` is relative to the DVC repository."""

    enabled: bool = False
    folder: str = "conf"
    name: str = "config"
    is_module: bool = False


@dataclass(frozen=True, slots=True)
class _Composed:
    """A parameter file and the folder that it is composed from."""

    wanted: Parameters
    path: str
    folder: str
    name: str

    @property
    def source(self) -> str:
        return f"{self.folder}/{self.name}.yaml"


def read_settings(data: bytes, *, path: str = "") -> HydraSettings:
    """Return the Hydra settings of a DVC configuration."""
    del path
    section, settings = "", {}
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[] ")
        elif section == "hydra" and "=" in text:
            key, _, value = text.partition("=")
            settings[key.strip()] = value.strip().strip("'\"")
    default = HydraSettings()
    return HydraSettings(
        enabled=settings.get("enabled", "").lower() in _TRUE,
        folder=settings.get("config_dir", default.folder),
        name=settings.get("config_name", default.name).removesuffix(".yaml"),
        is_module="config_module" in settings,
    )


def composes(project: Project, stage: PipelineStage, path: str) -> bool:
    """Return True if Hydra composes this parameter file of a stage."""
    is_default = path.rpartition("/")[2] == dvcyaml.DEFAULT_PARAMETERS
    return is_default and _settings(project, project.index.root_of(stage.file)).enabled


def touches(project: Project, stages: Collection[PipelineStage], changed: Collection[str]) -> bool:
    """Return True if a parameter file of these stages is composed from one of `changed`."""
    return any(
        path.startswith(f"{one.folder}/")
        for stage in stages
        for one in _composed(project, stage)
        for path in changed
    )


def doubts(
    project: Project, stages: Collection[PipelineStage], changed: Collection[str] = ()
) -> tuple[str, ...]:
    """Return a warning for every composed parameter file that differs from its configuration in a
    value that a stage reads.

    Where Hydra itself would be needed to know it, nothing is claimed: then a warning says that it
    may be stale when the configuration is among `changed` and the parameter file is not.
    """
    composed = [(one, stage) for stage in stages for one in _composed(project, stage)]
    sentences = (_staleness(project, one, changed) for one, _ in composed)
    return tuple(dict.fromkeys(filter(None, sentences)))


def is_enabled(project: Project) -> bool:
    """Return True if Hydra composes parameters in any DVC repository of the project."""
    return any(_settings(project, root).enabled for root in {"", *project.index.roots})


def _settings(project: Project, root: str) -> HydraSettings:
    path = _in(root, ".dvc/config")
    if path not in project.tree.entries:
        return HydraSettings()
    return project.shelf.read(project.tree, path, read_settings)


def _composed(project: Project, stage: PipelineStage) -> Iterator[_Composed]:
    settings = _settings(project, project.index.root_of(stage.file))
    if not settings.enabled or settings.is_module:
        return
    for wanted in stage.parameters:
        path = wanted.path
        if path is None or path.rpartition("/")[2] != dvcyaml.DEFAULT_PARAMETERS:
            continue
        # DVC starts at its root; a pipeline in a subfolder has the configuration beside it.
        for base in dict.fromkeys((project.index.root_of(stage.file), paths.folder(path))):
            folder = paths.join(base, settings.folder)
            if folder and f"{folder}/{settings.name}.yaml" in project.tree.entries:
                yield _Composed(wanted, path, folder, settings.name)
                break


def _staleness(project: Project, one: _Composed, changed: Collection[str]) -> str | None:
    """Return a warning for a parameter file that is not what Hydra composes."""
    entry = project.tree.entries.get(one.path)
    if entry is None or not entry.mode.startswith("100"):
        return None
    from interlock.pipelines import composition  # noqa: PLC0415 - few projects use Hydra

    written = project.shelf.read(project.tree, one.path, read_composed)
    try:
        composed = composition.compose(project, one.folder, one.name)
    except composition.NeedsHydra as error:
        return _possible_staleness(one, changed, str(error))
    for key in one.wanted.keys or ("",):
        before, after = _value(written, key), _value(composed, key)
        if before != after:
            name, was, now = _first(before, after, key)
            return (
                f"{one.path} is stale: {name or 'its content'} is {was} in it, and Hydra composes "
                f"{now} from {one.source}; a training reads the file as it is: compose it (DVC "
                "does so in `dvc exp run`) and commit it"
            )
    return None


def _possible_staleness(one: _Composed, changed: Collection[str], reason: str) -> str | None:
    moved = sorted(path for path in changed if path.startswith(f"{one.folder}/"))
    if not moved or one.path in changed:
        return None
    return (
        f"{one.path} may be stale: {moved[0]} changed, and it did not; "
        f"its values cannot be checked without Hydra ({reason}): compose it and commit it"
    )


_NOTHING = object()


def read_composed(data: bytes, *, path: str) -> Any:
    """Return a composed parameter file, as Hydra writes it; raises CannotFingerprint."""
    return dvc.read(data, path=path)


def _value(content: Any, key: str) -> Any:
    for part in key.split(".") if key else ():
        if isinstance(content, dict) and part in content:
            content = content[part]
        elif isinstance(content, list) and part.isdigit() and int(part) < len(content):
            content = content[int(part)]
        else:
            return _NOTHING
    return content


def _first(before: Any, after: Any, name: str) -> tuple[str, str, str]:
    """Return the dotted name of the first different value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *after):
            pair = before.get(key, _NOTHING), after.get(key, _NOTHING)
            if pair[0] != pair[1]:
                return _first(*pair, f"{name}.{key}" if name else str(key))
    return name, _words(before), _words(after)


def _words(value: Any) -> str:
    return "nothing" if value is _NOTHING else canonical_values.render(value)


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def refuse_missing(written: str) -> errors.CannotFingerprint:
    """Return the error for a parameter file that only Hydra can compose."""
    return errors.CannotFingerprint(
        f"its parameter file {written} is not in Git: Hydra composes it (hydra.enabled in "
        ".dvc/config), but for `dvc exp run` only",
        hint="compose it, take it out of .gitignore, and commit it",
    )

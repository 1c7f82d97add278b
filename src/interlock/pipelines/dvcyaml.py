"""One dvc.yaml: its text to stages; what the paths lead to is not looked up here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interlock import errors
from interlock.domain.basics import parse_limits, repository_paths
from interlock.domain.training.storage import Storage
from interlock.pipelines import dvcschema, paths, plot_text, stage_positions
from interlock.pipelines.shapes import Place
from interlock.pipelines.stage import Dependency, Out, Parameters, PipelineStage, Top
from interlock.yaml_reader import file_errors
from interlock.yaml_reader.error_collector import MAX_SHOWN

DEFAULT_PARAMETERS = "params.yaml"
_TEMPLATES = ("vars", "foreach", "matrix")
_NONE: Mapping[str, Any] = {}
_DEFAULT = Storage()


def is_dvc_file(path: str) -> bool:
    """Return True if the name makes it a DVC file."""
    name = path.rpartition("/")[2]
    return name == "dvc.yaml" or (name.endswith(".dvc") and name != ".dvc")


def lock_path(file: str) -> str:
    """Return the path of the lock file beside a dvc.yaml."""
    return file.removesuffix(".yaml") + ".lock"


def is_template(data: bytes, document: Mapping[str, Any]) -> bool:
    """Return True if the file needs DVC's resolver: `${…}`, vars, foreach, matrix."""
    if b"${" in data or "vars" in document:
        return True
    stages = document.get("stages", {}).values()
    return any(key in stage for stage in stages for key in _TEMPLATES)


def read_top(document: Mapping[str, Any], *, file: str) -> Top:
    """Return the lists beside the stages of a dvc.yaml; raises CannotFingerprint for `datasets`
    that are not a list, which DVC's schema accepts."""
    if not isinstance(document.get("datasets", []), list):
        raise errors.CannotFingerprint(f"{file}: datasets is not a list")
    datasets = (each for each in _items(document, "datasets") if isinstance(each, Mapping))
    return Top(
        metrics=_places(document, "metrics", file=file),
        params=_places(document, "params", file=file),
        datasets={str(each["name"]): each for each in datasets if each.get("name")},
        plots=plot_text.read(document.get("plots"), folder=paths.folder(file)),
    )


def _items(document: Mapping[str, Any], section: str) -> list[Any]:
    items = document.get(section)
    return items if isinstance(items, list) else []


def _places(document: Mapping[str, Any], section: str, *, file: str) -> tuple[str, ...]:
    written = (each for each in _items(document, section) if isinstance(each, str))
    places = (paths.join(paths.folder(file), each) for each in written)
    sound = (place for place in places if place and not repository_paths.fault(place))
    return tuple(dict.fromkeys(sound))


def addressable(definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the definitions of a file without templates; an error replaces each stage with a name
    that DVC does not accept."""
    return {
        name: definition
        if name and "@" not in name
        else errors.CannotFingerprint(
            "DVC does not accept a stage name that is empty or contains @"
        )
        for name, definition in definitions.items()
    }


def read_stages(
    definitions: Mapping[str, Any], *, file: str, data: bytes, has_shape: bool = False
) -> tuple[PipelineStage, ...]:
    """Return the stages of a file, `data`; a definition may be the error that refuses it.

    DVC reads a file as a whole: raises InvalidFile with the error of every unreadable stage. A
    stage can become invalid when its templates are filled in. `has_shape` says that the definitions
    fit DVC's schema.
    """
    stages: list[PipelineStage] = []
    refused: list[file_errors.InvalidFile] = []
    for name, definition in definitions.items():
        reader = _StageReader(file, name, has_shape=has_shape)
        try:
            stages.append(reader.read(definition))
        except errors.InterlockError as error:
            refused.append(
                stage_positions.blame(error, data, file=file, stage=name, within=reader.within)
            )
            if len(refused) > MAX_SHOWN:
                break
    if refused:
        raise file_errors.together(refused)
    return tuple(stages)


def _storage(options: Mapping[str, Any]) -> Storage:
    if not options:
        return _DEFAULT
    return Storage(options.get("remote") or "", options.get("push", True))


class _StageReader:
    """Reads one stage; `within` is the part of it that was read last."""

    def __init__(self, file: str, name: str, *, has_shape: bool) -> None:
        self._file = file
        self._name = name
        self._has_shape = has_shape
        self.within: Place = ()

    def read(self, definition: Any) -> PipelineStage:
        if isinstance(definition, errors.InterlockError):
            raise definition
        self._require_shape(definition)
        wdir = self._wdir(definition.get("wdir") or ".")
        command = definition["cmd"]
        return PipelineStage(
            file=self._file,
            name=self._name,
            wdir=wdir,
            commands=tuple(self._commands(command)),
            listed=isinstance(command, list),
            dependencies=tuple(
                Dependency(paths.join(wdir, dep), dep) for dep in definition.get("deps", ())
            ),
            parameters=self._parameters(definition.get("params", ()), wdir=wdir),
            outs=tuple(self._outs(definition, wdir=wdir)),
            frozen=definition.get("frozen", False),
            always_changed=definition.get("always_changed", False),
            plots=plot_text.read(definition.get("plots"), folder=wdir),
        )

    def _require_shape(self, definition: Any) -> None:
        if self._has_shape or dvcschema.STAGE.accepts(definition):
            return
        for fault in dvcschema.STAGE.faults(definition, ()):
            self.within = fault.place
            raise errors.CannotFingerprint(fault.message, hint=fault.hint)

    def _wdir(self, written: str) -> str:
        self.within = ("wdir",)
        wdir = paths.join(paths.folder(self._file), written)
        if wdir is None:
            raise errors.CannotFingerprint(f"its wdir {written} is outside the repository")
        return wdir

    def _commands(self, command: Any) -> Iterator[str]:
        for index, each in enumerate(command if isinstance(command, list) else [command]):
            self.within = ("cmd", index)
            if not isinstance(each, str):
                raise errors.CannotFingerprint("`cmd` is not a list of strings")
            if len(each) > parse_limits.COMMAND.most:
                raise errors.CannotFingerprint(
                    parse_limits.COMMAND.sentence, hint=parse_limits.COMMAND.hint
                )
            yield each

    def _parameters(self, value: Any, *, wdir: str) -> tuple[Parameters, ...]:
        """Merge the parameters of each file, as DVC does: a whole file includes its keys."""
        keys: dict[str, dict[str, None]] = {}
        whole: set[str] = set()
        for file, wanted in self._requests(value):
            names = keys.setdefault(file, {})
            names.update(dict.fromkeys(wanted))
            if not wanted:
                whole.add(file)
        return tuple(
            Parameters(paths.join(wdir, file), file, () if file in whole else tuple(names))
            for file, names in keys.items()
        )

    def _requests(self, value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
        for index, item in enumerate(value):
            self.within = ("params", index)
            if isinstance(item, str):
                yield DEFAULT_PARAMETERS, (item,)
                continue
            for file, wanted in item.items():
                keys = wanted or []
                is_texts = isinstance(keys, list) and all(isinstance(key, str) for key in keys)
                if not isinstance(file, str) or not is_texts:
                    raise errors.CannotFingerprint(f"the keys of {file} are not a list of strings")
                yield file, tuple(keys)

    def _outs(self, definition: Mapping[str, Any], *, wdir: str) -> Iterator[Out]:
        sections: dict[str, str] = {}
        for section in ("outs", "metrics", "plots"):
            for index, item in enumerate(definition.get(section, ())):
                self.within = (section, index)
                entries = ((item, _NONE),) if isinstance(item, str) else item.items()
                for written, options in entries:
                    self._refuse_out(written, options, sections.setdefault(written, section))
                    yield Out(
                        paths.join(wdir, written),
                        written,
                        cached=options.get("cache", True),
                        section=section,
                        storage=_storage(options),
                    )

    def _refuse_out(self, written: str, options: Any, first: str) -> None:
        if first != self.within[0]:
            raise errors.CannotFingerprint(f"{written} is among its {first} already")
        if not isinstance(options, Mapping):
            raise errors.CannotFingerprint(
                f"the options of {written} are a list",
                hint="several plots of one file are listed at the top of the file: plots",
            )

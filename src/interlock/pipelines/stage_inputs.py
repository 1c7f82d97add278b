"""Find the inputs of one stage: the stages upstream of it, and the files that it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from interlock import errors
from interlock.domain.basics import repository_paths
from interlock.domain.model.lineage import Input, InputKind
from interlock.pipelines import (
    datasets,
    dvcyaml,
    hydra,
    ignore,
    leaf_inputs,
    parameters,
    paths,
    stage_positions,
)
from interlock.pipelines.index import Product
from interlock.pipelines.project import Project
from interlock.pipelines.shapes import Place
from interlock.pipelines.stage import Dependency, Out, Parameters, PipelineStage, Tracked
from interlock.ports.git import FOLDER, SUBMODULE
from interlock.yaml_reader import suggestions

_LOCK = "dvc.lock"


@dataclass(slots=True)
class StageInputs:
    """`recorded` are the records of the outputs of a stage that is frozen or always changed, by
    path. With `plain` every input is at its own path: no link, lock or outside path was read. The
    result stays valid until one of these paths changes."""

    stage: PipelineStage
    upstream: dict[str, PipelineStage] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    recorded: dict[str, list[Input] | errors.CannotFingerprint] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    plain: bool = True


def find(project: Project, stage: PipelineStage) -> StageInputs:
    """Return the inputs of a stage; raises InvalidFile with the file and the stage."""
    search = _InputSearch(project, stage)
    try:
        return search.run()
    except errors.CannotFingerprint as error:
        data = project.shelf.content(project.tree, stage.file)
        raise stage_positions.blame(
            error, data, file=stage.file, stage=stage.name, within=search.within
        ) from error


class _InputSearch:
    def __init__(self, project: Project, stage: PipelineStage) -> None:
        self._project = project
        self._stage = stage
        self._by = (stage.address,)
        self._inputs = StageInputs(stage)
        self.within: Place = ()
        """The part of the stage that is read now."""

    def run(self) -> StageInputs:
        stage, inputs = self._stage, self._inputs
        if stage.frozen or stage.always_changed:
            self._take_records()
        if stage.frozen:
            return inputs
        self._refuse_unsteady()
        inputs.inputs.append(leaf_inputs.definition(stage))
        for index, dependency in enumerate(stage.dependencies):
            self.within = ("deps", index)
            self._depend(dependency)
        for wanted in stage.parameters:
            self.within = ("params",)
            self._read(wanted)
        return inputs

    def _take_records(self) -> None:
        from interlock.pipelines import recorded_outputs  # noqa: PLC0415 - few stages need records

        stage, inputs = self._stage, self._inputs
        inputs.plain = False
        for out in stage.outs:
            known = self._frozen(out) if stage.frozen else self._remade(out)
            inputs.recorded[out.path or out.written] = known or recorded_outputs.unrecorded(
                stage, out, project=self._project
            )
            if stage.frozen and not out.cached and known and known[0].kind is InputKind.DATA:
                inputs.warnings.append(recorded_outputs.unpushed(stage, out))
        inputs.warnings += recorded_outputs.warnings(inputs)

    def _refuse_unsteady(self) -> None:
        stage = self._stage
        is_known = stage.dependencies or stage.parameters or stage.always_changed
        if not is_known:
            raise errors.CannotFingerprint(
                "it declares no dependency, so a changed output cannot be detected",
                hint="declare its program and the files that the program reads",
            )
        self.within = ("wdir",)
        self._require_name(stage.wdir, "its wdir", stage.wdir)
        for out in stage.outs:
            self.within = (out.section, out.written)
            self._refuse_out(out)

    def _require_name(self, path: str, what: str, written: str, *, reserved: bool = True) -> None:
        """Refuse a path that no file may have, or that is Git's or DVC's own."""
        if fault := repository_paths.fault(path):
            raise errors.CannotFingerprint(
                f"{what} {suggestions.quote(written)} {fault}", hint="call it by another name"
            )
        if reserved and (name := repository_paths.reserved(path)):
            raise errors.CannotFingerprint(
                f"{what} {suggestions.quote(written)} is inside {name}", hint="name another folder"
            )

    def _refuse_out(self, out: Out) -> None:
        path, what = out.path, "its output"
        self._refuse_conflict(path)
        self._require_name(out.written, what, out.written, reserved=False)
        if path is None:
            raise self._refuse(
                out, "is outside the repository", "write it to a file of the repository"
            )
        self._require_name(path, what, out.written)
        if not path:
            raise self._refuse(out, "is the whole repository", "name a part")
        if self._project.destination(path) != path:
            raise self._refuse(out, "is behind a link", "write the real path")
        if (twin := self._project.twin(path)) is not None:
            raise self._refuse(
                out,
                f"differs from {twin} in upper and lower case only",
                "some file systems treat them as one file: rename one of them",
            )
        if dvcyaml.is_dvc_file(path):
            raise errors.CannotFingerprint(
                f"its output {path} is a DVC file, which DVC does not accept as an output"
            )
        if self._project.index.ignore.hides(path):
            raise errors.CannotFingerprint(f"DVC ignores its output {path}")

    @staticmethod
    def _refuse(out: Out, why: str, hint: str) -> errors.CannotFingerprint:
        return errors.CannotFingerprint(
            f"its output {suggestions.quote(out.written)} {why}", hint=hint
        )

    def _refuse_conflict(self, path: str | None) -> None:
        conflict = self._project.index.conflicts.get(path or "")
        if conflict:
            raise errors.CannotFingerprint(conflict)

    def _depend(self, dependency: Dependency) -> None:
        path = dependency.path
        written = dependency.written
        self._require_name(written, "its dependency", written, reserved=False)
        if path is None:
            self._inputs.inputs.append(self._outside(dependency.written))
            return
        if dvcyaml.is_dvc_file(path):
            raise errors.CannotFingerprint(
                f"its dependency {path} is a DVC file, which DVC does not accept"
            )
        above, inside = self._project.index.made_at(path, from_file=self._stage.file)
        for product in (*above, *inside):
            self._take(product, path)
        if above:
            return
        inside_git = list(self._in_git(path, made={p.path for p in inside}))
        if not inside_git and not inside:
            raise errors.CannotFingerprint(self._missing(dependency.written))
        self._inputs.inputs.extend(inside_git)

    def _take(self, product: Product, path: str) -> None:
        self._refuse_conflict(product.path)
        if isinstance(product.by, Tracked):
            self._inputs.inputs.append(leaf_inputs.data(product.by, path, by=self._by))
        else:
            self._inputs.upstream[product.by.address] = product.by

    def _in_git(self, path: str, *, made: Collection[str] = ()) -> Iterator[Input]:
        """Yield each file in Git at a path; `made` are outputs, which are not inputs."""
        target = self._project.follow(path)
        if target is None:
            yield from self._behind_link(path)
            return
        place, entry = target
        self._inputs.plain &= place == path
        if entry.mode != FOLDER:
            yield leaf_inputs.code(place if entry.mode == SUBMODULE else path, entry, by=self._by)
            return
        if self._project.index.hides_whole(place, from_file=self._stage.file):
            raise errors.CannotFingerprint(
                f"{path} belongs to another DVC repository, which DVC does not read"
            )
        if place != path:
            for product in self._project.index.made_at(place, from_file=place)[1]:
                yield self._linked(product, product.path, path + product.path[len(place) :])
        for below, leaf in self._project.files_below(place):
            name = below.rpartition("/")[2]
            if name == ignore.FILE:
                raise errors.CannotFingerprint(f"DVC refuses {below} inside the dependency {path}")
            self._inputs.plain &= leaf.path == below
            if name != _LOCK and not _is_made(below, made):
                inside = path + below[len(place) :] if path else below
                yield leaf_inputs.code(inside, leaf, by=self._by)

    def _behind_link(self, path: str) -> Iterator[Input]:
        """A link in Git may lead to data behind a pointer; DVC follows no link to a stage."""
        self._inputs.plain = False
        place = self._project.destination(path)
        if place == path:
            return
        for product in self._project.index.made_at(place, from_file=place)[0]:
            yield self._linked(product, place, path)

    def _linked(self, product: Product, place: str, path: str) -> Input:
        """Return the data at `place`, which a program reads at `path`."""
        if isinstance(product.by, PipelineStage):
            raise errors.CannotFingerprint(
                f"{path} leads by a link to an output of {product.by.address}, "
                "which DVC does not support",
                hint=f"depend on {place} itself",
            )
        if product.path != place:
            raise errors.CannotFingerprint(
                f"{path} leads by a link into {product.path}, which {product.by.file} tracks whole",
                hint=f"depend on {place} itself",
            )
        return dataclasses.replace(leaf_inputs.data(product.by, place), path=path)

    def _outside(self, where: str) -> Input:
        """Return a dataset by its lock; for a URL or an absolute path the last record in dvc.lock,
        with a warning."""
        self._inputs.plain = False
        dataset = datasets.name_of(where)
        if dataset is not None:
            return datasets.find(self._project, dataset, from_file=self._stage.file)
        recorded = leaf_inputs.recorded(self._locked("deps").get(where, {}), where)
        if recorded is None:
            raise errors.CannotFingerprint(
                f"its dependency {where} is outside the repository and no lock records it",
                hint="import it with `dvc import-url`, so that a pointer identifies it",
            )
        self._inputs.warnings.append(
            f"{self._stage.address} reads {where}, which is outside the repository: the "
            f"fingerprint uses the digest in {paths.folder(self._stage.file) or '.'}/{_LOCK}"
        )
        return recorded

    def _read(self, wanted: Parameters) -> None:
        path = wanted.path
        written = wanted.written
        self._require_name(written, "its parameter file", written, reserved=False)
        if path is None:
            raise errors.CannotFingerprint(
                f"its parameter file {wanted.written} is outside the repository"
            )
        above, _ = self._project.index.made_at(path, from_file=self._stage.file)
        for product in above:
            self._take(product, path)
        if not above:
            self._inputs.inputs.extend(self._values(path, wanted))

    def _values(self, path: str, wanted: Parameters) -> Iterator[Input]:
        target = self._project.follow(path)
        if target is None or not target[1].mode.startswith("100"):
            if hydra.composes(self._project, self._stage, path):
                raise hydra.refuse_missing(wanted.written)
            raise errors.CannotFingerprint(f"its parameter file {wanted.written} is missing")
        self._inputs.plain &= target[0] == path
        content = self._project.parameters(target[0])
        yield from leaf_inputs.parameters_of(content, wanted.keys, path=path, by=self._by)
        if parameters.is_code(path):
            yield leaf_inputs.code(path, target[1], by=self._by)

    def _frozen(self, out: Out) -> list[Input]:
        """Return an output of a frozen stage, which never runs: as in Git without DVC's cache, else
        as in dvc.lock."""
        in_git = [] if out.cached or out.path is None else list(self._in_git(out.path))
        known = leaf_inputs.recorded(self._entry(out), out.path or out.written)
        if in_git or known is not None or out.path is None:
            return in_git or ([known] if known else [])
        return list(self._in_git(out.path))

    def _remade(self, out: Out) -> list[Input]:
        """Return an output of a stage that always runs, as in dvc.lock."""
        digest = leaf_inputs.md5(self._entry(out))
        if not digest or out.path is None:
            return []
        name, by = self._stage.name, self._by
        return [Input(InputKind.PIPELINE, out.path, digest, name=name, readers=by)]

    def _entry(self, out: Out) -> Mapping[str, Any]:
        return self._locked("outs").get(out.written, {})

    def _locked(self, section: str) -> dict[str, Mapping[str, Any]]:
        """Return the stage's `deps` or `outs` in dvc.lock, by path as written."""
        entries = self._project.locked(self._stage).get(section)
        return {
            str(entry.get("path")): entry
            for entry in (entries if isinstance(entries, list) else ())
            if isinstance(entry, Mapping)
        }

    def _missing(self, written: str) -> str:
        text = (
            f"its dependency {written} is not in Git, not behind a pointer, "
            "and not a stage's output"
        )
        broken = self._project.index.unreadable
        return f"{text} ({broken[0].reason})" if broken else text


def _is_made(path: str, made: Collection[str]) -> bool:
    return bool(made) and any(place in made for place in (path, *paths.ancestors(path)))

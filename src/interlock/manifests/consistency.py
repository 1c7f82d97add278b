"""Checks manifests against the rest of the repository: pipelines, files, policy, other manifests.

All facts about the repository are parameters. A field that already has an error, or that a
template hides, is not checked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.policy import Policy
from interlock.manifests import discovery, outputs, paths, stage_targets, upstreams
from interlock.manifests.manifest import PIPELINE_FILE, Checked
from interlock.yaml_reader import suggestions
from interlock.yaml_reader.suggestions import Suggest, Suggester, quote


@dataclass(frozen=True, slots=True)
class KnownPipeline:
    """A dvc.yaml that can be read. `stages` are its stages by name (`group@key` for one of many);
    `made` returns the outputs of a target and of its upstream stages, None if they cannot be
    traced."""

    stages: Collection[str]
    made: Callable[[str], outputs.PipelineOutputs | None]


@dataclass(frozen=True, slots=True)
class RepositoryContents:
    """`policy` is None if it cannot be read; `paths` are all files and folders of the repository,
    `named` and `children` find some of them; `pipelines` are the dvc.yaml files that manifests
    name, None for one that cannot be read."""

    policy: Policy | None
    paths: Collection[str]
    named: discovery.PathsByName
    children: Callable[[str], Iterable[str]]
    pipelines: Mapping[str, KnownPipeline | None]
    suggest: Suggest = field(default_factory=Suggester)


def pipeline_path(checked: Checked) -> str | None:
    """Return the dvc.yaml of a manifest; None when the manifest names none."""
    section = checked.get("pipeline")
    if section is None:
        return None
    return paths.resolve(section.get("file", PIPELINE_FILE), of=checked.path)


def check(checked: Checked, *, among: RepositoryContents) -> None:
    """Report every field of a manifest that contradicts the rest of the repository."""
    _check_pipeline(checked, among)
    _check_environment(checked, among)
    _check_context(checked, among)
    upstreams.check_pointers(checked, among.paths, among.children, among.suggest)
    if among.policy is not None:
        _check_labels(checked, among.policy)
        _check_promotion(checked, among.policy)


def check_together(manifests: Sequence[Checked]) -> None:
    """Report models that share a name or a registry name, and unknown
    upstreams."""
    for unique in (("model",), ("promote", "registry_name")):
        _check_unique(manifests, unique)
    upstreams.check_models(manifests)


def _check_unique(manifests: Sequence[Checked], field: tuple[str, ...]) -> None:
    named: dict[str, list[Checked]] = {}
    for checked in manifests:
        name = checked.get(*field) or (checked.get("model") if len(field) > 1 else None)
        if name is not None:
            named.setdefault(name, []).append(checked)
    for name, rivals in named.items():
        for checked in rivals if len(rivals) > 1 else ():
            other = next(rival for rival in rivals if rival is not checked)
            if field == ("model",):
                checked.complain(field, f"another model is named {quote(name)}: {other.path}")
            elif not _share_model(checked, other):
                message = f"{other.path} is registered as {quote(name)} too"
                place = field if checked.get(*field) else ("model",)
                checked.complain(place, message, "give each model a registry_name of its own")


def _share_model(one: Checked, other: Checked) -> bool:
    """Models with the same name have one error, for the name."""
    return bool(one.get("model") == other.get("model"))


def _check_pipeline(checked: Checked, among: RepositoryContents) -> None:
    path = pipeline_path(checked)
    if path is None:
        return
    if path not in among.pipelines:
        _complain_of_no_pipeline(checked, path, among)
        return
    pipeline, target = among.pipelines[path], checked.get("pipeline", "target")
    if pipeline is None or target is None:
        return
    if target in pipeline.stages:
        _check_outputs(checked, target, pipeline.made(target))
    else:
        message, hint = stage_targets.unknown(target, path, pipeline.stages, suggest=among.suggest)
        checked.complain(("pipeline", "target"), message, hint)


def _complain_of_no_pipeline(checked: Checked, path: str, among: RepositoryContents) -> None:
    written = checked.get("pipeline", "file")
    place = ("pipeline", "file") if written else ("pipeline",)
    near = among.suggest(written, _pipelines(checked, among)) if written else ""
    hint = near or "add it, or name another: pipeline: {file: …}"
    checked.complain(place, f"there is no {path}", hint)


def _pipelines(checked: Checked, among: RepositoryContents) -> Iterator[str]:
    for path in among.named((PIPELINE_FILE,), below=""):
        if posixpath.basename(path) == PIPELINE_FILE:
            yield paths.write(path, of=checked.path)


def _check_outputs(checked: Checked, target: str, made: outputs.PipelineOutputs | None) -> None:
    written = {
        "model": checked.get("outputs", "model"),
        "predictions": checked.get(*paths.of_predictions(checked)),
    }
    resolved = {f: paths.resolve(w, of=checked.path) for f, w in written.items() if w is not None}
    wanted = {field: path for field, path in resolved.items() if path is not None}
    if made is None:
        return
    for one in outputs.missing(wanted, of=checked.path, target=target, made=made):
        checked.complain(("outputs", one.field), one.message, one.hint)


def _check_environment(checked: Checked, among: RepositoryContents) -> None:
    for index, written in enumerate(checked.get("environment") or ()):
        path = paths.resolve(written, of=checked.path)
        if path is not None and path not in among.paths:
            near = among.suggest(written.rstrip("/"), _beside(path, checked, among))
            hint = near or "it must be in Git, and not ignored"
            checked.complain(("environment", index), f"there is no {path}", hint)


def _beside(path: str, checked: Checked, among: RepositoryContents) -> Iterator[str]:
    """Yield the paths in the folder of a path as the manifest would write them. Paths are compared
    in that form, because their common folder does not make them similar."""
    for other in among.children(posixpath.dirname(path)):
        yield paths.write(other, of=checked.path)


def _check_context(checked: Checked, among: RepositoryContents) -> None:
    for index, pattern in enumerate(checked.get("context") or ()):
        if not discovery.search(among.named, pattern):
            hint = "patterns begin at the repository's root; data behind pointers is not in Git"
            checked.complain(("context", index), f"{quote(pattern)} matches no file in Git", hint)


def _check_labels(checked: Checked, policy: Policy) -> None:
    allowed = policy.runner_labels
    labels = (checked.get("runner") or {}).get("labels", ()) if allowed else ()
    for index, label in enumerate(labels):
        if label not in allowed:
            hint = suggestions.suggest(label, allowed, otherwise=f"it allows {', '.join(allowed)}")
            message = f"the policy does not allow the runner label {quote(label)}"
            checked.complain(("runner", "labels", index), message, hint)


def _check_promotion(checked: Checked, policy: Policy) -> None:
    order = policy.environments
    latest = -1
    for index, name in enumerate(checked.get("promote", "environments") or ()):
        place = ("promote", "environments", index)
        if name not in order:
            hint = suggestions.suggest(name, order, otherwise=f"it knows {', '.join(order)}")
            checked.complain(place, f"the policy knows no environment {quote(name)}", hint)
            continue
        if order.index(name) < latest:
            message = f"{name} comes before {order[latest]} in the policy"
            checked.complain(place, message, f"its order is {', '.join(order)}")
        latest = max(latest, order.index(name))


def warn_of_pattern(checked: Checked, policy: Policy) -> None:
    """Warn about a manifest that no other command finds."""
    patterns = ", ".join(policy.manifests)
    message = f"the policy's pattern {patterns} does not match this path: no command finds it"
    checked.complain((), message, "move the file, or change the pattern", Severity.WARNING)

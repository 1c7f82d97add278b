"""Checks the upstreams of a manifest: pointers and other models."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from interlock.manifests import monitor, paths
from interlock.manifests.manifest import Checked
from interlock.yaml_reader.suggestions import quote, suggest


def check_pointers(
    checked: Checked, known: Collection[str], children: Callable[[str], Iterable[str]]
) -> None:
    """Report pointers that are not in the repository; `children` are the paths in a folder."""
    for field in monitor.pointer_fields(checked):
        written = checked.get(*field)
        path = None if written is None else paths.resolve(written, of=checked.path)
        if path is not None and path not in known:
            beside = children(posixpath.dirname(path))
            near = suggest(written, [paths.write(p, of=checked.path) for p in beside])
            checked.complain(field, f"there is no {path}", near or "`dvc add` makes one")


def check_models(manifests: Sequence[Checked]) -> None:
    """Report unknown upstream models, and models that are their own upstream: each
    retraining would request the next one, without end."""
    named = {str(name): one for one in manifests if (name := one.get("model")) is not None}
    waits = {name: _upstreams(one) for name, one in named.items()}
    for name, checked in named.items():
        for field in monitor.model_fields(checked):
            upstream = checked.get(*field)
            if upstream not in named:
                hint = suggest(upstream, named, otherwise="name a model of this repository")
                checked.complain(field, f"there is no model {quote(upstream)}", hint)
            elif _waits_for(upstream, name, waits):
                message = f"{upstream} waits for {name}" if upstream != name else "it is itself"
                hint = "each retraining would request the next one, without end"
                checked.complain(field, f"{name} cannot come after {upstream}: {message}", hint)


def _upstreams(checked: Checked) -> set[str]:
    return {checked.get(*field) for field in monitor.model_fields(checked)}


def _waits_for(one: str, other: str, waits: Mapping[str, set[str]]) -> bool:
    """True if `one` is `other`, or has it as a direct or indirect upstream."""
    visited: set[str] = set()
    ahead = {one}
    while ahead:
        visited |= ahead
        ahead = {name for each in ahead for name in waits.get(each, ())} - visited
    return other in visited

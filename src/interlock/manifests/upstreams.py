"""Checks the upstreams of a manifest: pointers and other models."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from interlock.manifests import monitor, paths
from interlock.manifests.manifest import Checked
from interlock.yaml_reader.suggestions import Suggest, Suggester, quote


def check_pointers(
    checked: Checked,
    known: Collection[str],
    children: Callable[[str], Iterable[str]],
    suggest: Suggest,
) -> None:
    """Report pointers that are not in the repository; `children` are the paths in a folder."""
    for field in monitor.pointer_fields(checked):
        written = checked.get(*field)
        path = None if written is None else paths.resolve(written, of=checked.path)
        if path is not None and path not in known:
            beside = children(posixpath.dirname(path))
            near = suggest(written, (paths.write(p, of=checked.path) for p in beside))
            checked.complain(field, f"there is no {path}", near or "`dvc add` makes one")


def check_models(manifests: Sequence[Checked]) -> None:
    """Report unknown upstream models, and models that are their own upstream: each
    retraining would request the next one, without end."""
    named = {str(name): one for one in manifests if (name := one.get("model")) is not None}
    circles = _circles({name: _upstreams(one) for name, one in named.items()})
    suggest = Suggester()
    for name, checked in named.items():
        for field in monitor.model_fields(checked):
            upstream = checked.get(*field)
            if upstream not in named:
                hint = suggest(upstream, named, otherwise="name a model of this repository")
                checked.complain(field, f"there is no model {quote(upstream)}", hint)
            elif circles[upstream] == circles[name]:
                message = f"{upstream} waits for {name}" if upstream != name else "it is itself"
                hint = "each retraining would request the next one, without end"
                checked.complain(field, f"{name} cannot come after {upstream}: {message}", hint)


def _upstreams(checked: Checked) -> set[str]:
    return {checked.get(*field) for field in monitor.model_fields(checked)}


def _circles(waits: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Map each model to one of those that it waits for and that wait for it; alone, to itself.

    These are the strongly connected components, found by Kosaraju's algorithm: the models in the
    order in which a first search leaves them, backwards, begin the searches against the arrows.
    """
    known = {name: [each for each in ahead if each in waits] for name, ahead in waits.items()}
    behind: dict[str, list[str]] = {name: [] for name in known}
    for name, ahead in known.items():
        for each in ahead:
            behind[each].append(name)
    order = [name for _, name in _search(known, known)]
    return {name: start for start, name in _search(behind, reversed(order))}


def _search(
    ahead: Mapping[str, Collection[str]], starts: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield, depth first, a start and each name that is first reached from it, after those that
    are reached from that name."""
    visited: set[str] = set()
    for start in starts:
        path = [(start, iter(ahead[start]))] if start not in visited else []
        visited.add(start)
        while path:  # a loop: a chain may be longer than Python's stack
            name, left = path[-1]
            each = next((other for other in left if other not in visited), None)
            if each is None:
                yield start, name
                path.pop()
            else:
                visited.add(each)
                path.append((each, iter(ahead[each])))

"""Reports files that look like manifests or a policy and are not read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from interlock import manifests
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.model.policy import Policy
from interlock.ports.git import Tree

LINK = "120000"
_NO_FILE = frozenset({"040000", "160000"})


def links(tree: Tree, selected: Collection[str]) -> Iterator[Diagnostic]:
    for path in selected:
        if tree.entries[path].mode == LINK:
            message = "a manifest cannot be a symbolic link: its paths would be ambiguous"
            hint = "copy the file, or widen the policy's pattern to the real one"
            yield Diagnostic(path, 1, 1, Severity.ERROR, message, hint)


def policies(tree: Tree) -> Iterator[Diagnostic]:
    """Report a policy with another file ending, which would have no effect."""
    path = f"{manifests.POLICY_PATH.removesuffix('.yml')}.yaml"
    if _is_file(tree, path):
        message = f"this file is not read: the policy is {manifests.POLICY_PATH}"
        yield Diagnostic(path, 1, 1, Severity.ERROR, message, "name it .yml")


def without_pattern(tree: Tree, declared: Collection[str], policy: Policy) -> Iterator[Diagnostic]:
    """Report manifests that the pattern does not match, or that there is no manifest."""
    patterns = [pattern for pattern in policy.manifests if pattern.endswith(".yaml")]
    listed = ", ".join(policy.manifests)
    for path in tree.named((".yml",)) if patterns else ():
        if manifests.find_all([f"{path[:-4]}.yaml"], patterns) and _is_file(tree, path):
            message = f"this file is not read: the policy's pattern is {listed}"
            yield Diagnostic(path, 1, 1, Severity.WARNING, message, "name it .yaml")
    if not declared:
        message = f"no file matches the pattern {listed}, so there is no manifest"
        hint = f"add one, or set manifests: in {manifests.POLICY_PATH} to where yours are"
        yield Diagnostic(manifests.POLICY_PATH, 0, 0, Severity.ERROR, message, hint)


def _is_file(tree: Tree, path: str) -> bool:
    entry = tree.entries.get(path)
    return entry is not None and entry.mode not in _NO_FILE

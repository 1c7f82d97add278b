"""Reads the lineage of every model of a Git revision, from Git objects alone."""

from __future__ import annotations

from interlock.domain.model.snapshot import ModelAt, Snapshot
from interlock.pipelines import ResolveTemplates
from interlock.ports.git import Tree
from interlock.services.snapshots.reader import Reader

__all__ = ["Reader", "read", "read_model"]


def read(tree: Tree, *, resolve_templates: ResolveTemplates | None = None) -> Snapshot:
    """Return every model of a revision, under that revision's own policy.

    A model that cannot be fingerprinted has no lineage, and its `blocked` has the reason; a
    manifest that cannot be read is among the snapshot's `problems`.
    """
    return Reader(resolve_templates=resolve_templates).read(tree)


def read_model(
    tree: Tree, model: str, *, resolve_templates: ResolveTemplates | None = None
) -> ModelAt:
    """Return one model of a revision.

    Raises CannotResolve if there is no model of that name, and CannotReadManifest if its manifest,
    or the policy, cannot be read.
    """
    return Reader(resolve_templates=resolve_templates).read_model(tree, model)

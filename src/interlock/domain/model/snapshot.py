"""All models of one Git revision, with their lineages; another module reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlock.domain.basics import diagnostics
from interlock.domain.model import (
    declared_plots,
    git_outputs,
    lineage,
    manifest,
    policy,
    undeclared_files,
)


@dataclass(frozen=True, slots=True)
class ModelAt:
    """One model at one revision. `lineage` is None exactly when `blocked` has a reason;
    `blocked_at` is its place.

    `git_outputs` are the files that its stages leave in Git, by its dvc.yaml; `undeclared` are the
    files that its programs use beyond its inputs, which `warnings` mention, too.
    """

    manifest: manifest.Manifest
    lineage: lineage.Lineage | None
    blocked: str = ""
    blocked_at: tuple[diagnostics.Diagnostic, ...] = ()
    warnings: tuple[str, ...] = ()
    bytes_to_pull: int | None = None
    plots: tuple[declared_plots.Plot, ...] = ()
    undeclared: tuple[undeclared_files.Undeclared, ...] = ()
    git_outputs: tuple[git_outputs.GitOutput, ...] = ()
    fingerprint: str | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # This is used often and expensive to compute, so that it is cached for every model.
        known = None if self.lineage is None else lineage.fingerprint(self.lineage)
        object.__setattr__(self, "fingerprint", known)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every model of one revision, by name. `problems` are manifests that could not be read."""

    revision: str
    policy: policy.Policy
    models: Mapping[str, ModelAt]
    problems: tuple[diagnostics.Diagnostic, ...] = field(default=())

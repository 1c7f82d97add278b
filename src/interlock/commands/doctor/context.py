"""What the topics of `doctor` look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from interlock.domain.provenance.verified_ledger import VerifiedLedger
from interlock.pipelines import ResolveTemplates
from interlock.ports.dvc_state import DvcState
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.ports.github_setup import GitHubSetup
from interlock.ports.ledger import Ledger
from interlock.ports.machine import Machine
from interlock.ports.registry import Registry
from interlock.ports.runs import Runs
from interlock.ports.scoring import Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorContext:
    """Without `github` its settings are unknown. `ledger` has the records, and `assume` returns
    what counts at its head in a job of GitHub if all its attestations are valid. `open_dvc` returns
    DVC, and raises MissingSetting if it is not installed. `environment` is that of a program."""

    repository: Repository
    github: GitHub | None
    ledger: Ledger
    assume: Callable[[str], VerifiedLedger | None]
    open_dvc: Callable[[], DvcState]
    open_scoring: Callable[[], Scoring]
    open_registry: Callable[[], Registry]
    open_runs: Callable[[], Runs]
    open_setup: Callable[[], GitHubSetup]
    machine: Machine
    environment: Mapping[str, str]
    resolve_templates: ResolveTemplates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOptions:
    """Without `branch` it is the default branch of origin. If it `is_trying`, it writes a
    small file to the remote and deletes it, makes an experiment, and fetches production models."""

    branch: str | None = None
    is_trying: bool = False

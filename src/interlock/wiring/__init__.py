"""The composition root: connects each port with its adapter. Nothing else imports adapters.

Each adapter is imported inside the function that creates it, so that a verb loads only its own.
The ports are imported for annotations only, for the same reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from interlock import errors

if TYPE_CHECKING:
    from interlock.adapters.github import PyGithubAdapter
    from interlock.domain.provenance.acceptance import IgnoredRecord
    from interlock.domain.provenance.verified_ledger import VerifiedLedger
    from interlock.pipelines.templates import Resolved
    from interlock.ports.comments import Comments
    from interlock.ports.git import Repository, Tree
    from interlock.ports.github import GitHub
    from interlock.ports.github_setup import GitHubSetup
    from interlock.ports.ledger import Ledger
    from interlock.ports.pictures import Pictures
    from interlock.ports.plan_memos import PlanMemos
    from interlock.ports.provenance import LedgerProvenance
    from interlock.ports.registry import Registry
    from interlock.ports.runs import Runs
    from interlock.ports.table_facts import TableDescriptions
    from interlock.settings import Settings


_shared: WeakValueDictionary[Path, Repository] = WeakValueDictionary()


def repository(path: Path, *, warn: Callable[[str], None] = lambda _: None) -> Repository:
    from interlock.adapters import git

    return _shared.get(path) or git.open_repository(path, warn=warn)


def shared_repository(path: Path) -> Repository:
    """Open a repository, which all verbs in this process use as long as the caller keeps it."""
    opened = _shared[path] = repository(path)
    return opened


def working_tree(repo: Repository) -> Tree:
    """The files of the checkout, with uncommitted changes."""
    from interlock.adapters.git.worktree import WorkingTree

    return WorkingTree(repo.root)


def plan_memos(repo: Repository, settings: Settings) -> PlanMemos | None:
    """None in CI, where the program of another job may write a memo, and where it is disabled."""
    if settings.in_ci or not settings.remembers_plans:
        return None
    from interlock.adapters.plan_memos import FolderPlanMemos

    return FolderPlanMemos(repo.git_folder)


def ledger(
    repo: Repository,
    settings: Settings,
    *,
    with_shown: bool = False,
    offline: bool = False,
    warn: Callable[[Sequence[IgnoredRecord]], None] = lambda _: None,
) -> Ledger:
    """`with_shown` is for reports: they show records that nothing else may use. `warn` gets the
    changes that do not count, when they are found."""
    from interlock.adapters.ledger import GitLedger

    return GitLedger(
        repo,
        branch=settings.ledger_branch,
        provenance=lambda: ledger_provenance(repo, settings, offline=offline),
        with_shown=with_shown,
        warn=warn,
    )


def confirm_ledger(repo: Repository, settings: Settings, *, head: str) -> VerifiedLedger | None:
    """Return what counts at a head in a job of GitHub, also if the last verified commit is missing
    in its history; None if the policy requires no attestation there."""
    from interlock.adapters.ledger.verifier import Verifier

    provenance = ledger_provenance(repo, dataclasses.replace(settings, in_actions=True))
    return None if provenance is None else Verifier(repo, provenance).confirm(head)


def assume_ledger(repo: Repository, settings: Settings, *, head: str) -> VerifiedLedger | None:
    """Return what counts at a head if all its attestations are valid, without a request; None if
    the policy requires no attestation."""
    from interlock.adapters.ledger.verifier import Verifier
    from interlock.services import default_branch_policy
    from interlock.wiring import tokens

    branch = _default_branch_of_event(settings)
    policy = default_branch_policy.find_policy(repo, branch=branch)
    if not policy.provenance.is_required(in_actions=settings.in_actions):
        return None
    return Verifier(repo, tokens.assumed_provenance(policy, settings)).verify(head, None)


def ledger_provenance(
    repo: Repository, settings: Settings, *, offline: bool = False
) -> LedgerProvenance | None:
    """Read the last fetched policy of the default branch; None if it requires no attestation.

    `offline` confirms nothing, and makes no request.
    """
    from interlock.services import default_branch_policy

    branch = _default_branch_of_event(settings)
    policy = default_branch_policy.find_policy(repo, branch=branch)
    if not policy.provenance.is_required(in_actions=settings.in_actions):
        return None
    from interlock.ports.github import RepositoryFacts
    from interlock.wiring import tokens

    if offline:
        return tokens.offline_provenance(policy, settings)
    facts = RepositoryFacts(settings.github_repository_id, branch)
    if not facts.id or not facts.default_branch:
        facts = _verifying_github(settings).repository()
    return tokens.provenance(policy, settings, facts)


def _verifying_github(settings: Settings) -> GitHub:
    try:
        return github(settings)
    except errors.MissingSetting as error:
        hint = (
            "set GITHUB_REPOSITORY (for example acme/models) and GITHUB_TOKEN: the policy requires "
            "provenance, so this verb verifies the ledger for that repository"
        )
        raise errors.MissingSetting(error.message, hint=hint) from error


def _default_branch_of_event(settings: Settings) -> str:
    """Return the default branch that the runner names; "" outside of Actions."""
    if not settings.in_actions or settings.github_event_path is None:
        return ""
    from interlock import event_payload

    # A schedule names no branch, and it always runs on the default one.
    is_schedule = settings.github_event_name == "schedule"
    own = settings.github_ref.removeprefix("refs/heads/") if is_schedule else ""
    return event_payload.read_default_branch(settings.github_event_path) or own


def pictures(repo: Repository, settings: Settings, *, now: str) -> Pictures:
    """`now` is ISO 8601."""
    from interlock.adapters.pictures import GitPictures

    return GitPictures(repo, branch=settings.pictures_branch, now=now, days=settings.pictures_days)


def table_descriptions() -> TableDescriptions:
    from interlock.adapters.table_facts import FileDescriptions

    return FileDescriptions()


def resolve_templates(
    document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
) -> Resolved:
    """Resolve the templates of a dvc.yaml with DVC; see pipelines.templates.ResolveTemplates."""
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.templates import resolve_templates as resolve
    return resolve(document, path=path, read=read)


def runs(settings: Settings) -> Runs:
    if settings.store:
        from interlock.adapters.store.runs import StoredRuns

        return StoredRuns(settings.store)
    uri = settings.require("mlflow_tracking_uri")
    with errors.needing_extra("train"):
        from interlock.adapters.mlflow.runs import MlflowRuns
    return MlflowRuns(uri, deadline_seconds=settings.mlflow_deadline_seconds)


def registry(settings: Settings) -> Registry:
    if settings.store:
        from interlock.adapters.store.registry import StoredRegistry

        return StoredRegistry(settings.store)
    uri = settings.require("mlflow_tracking_uri")
    with errors.needing_extra("train"):
        from interlock.adapters.mlflow.registry import MlflowRegistry
    return MlflowRegistry(uri, deadline_seconds=settings.mlflow_deadline_seconds)


def github(settings: Settings, *, is_impatient: bool = False) -> GitHub:
    """With `is_impatient` a user waits: a request is repeated once, and for seconds."""
    return _github(settings, is_impatient=is_impatient)


def _github(settings: Settings, *, is_impatient: bool) -> PyGithubAdapter:
    from interlock.adapters.github import PyGithubAdapter, RetryPolicy

    return PyGithubAdapter(
        api_url=settings.github_api_url,
        repository=settings.require("github_repository"),
        token=settings.require("github_token"),
        login=settings.github_login,
        patience=RetryPolicy(attempts=2, ceiling_seconds=5) if is_impatient else None,
        timeout_seconds=10 if is_impatient else 30,
    )


def github_setup(settings: Settings) -> GitHubSetup:
    return _github(settings, is_impatient=True).setup


def cml(settings: Settings, folder: Path) -> Comments:
    """`folder` is the checkout. Raises MissingSetting where CML is not installed."""
    from interlock.adapters.cml import CmlComments

    url = f"{settings.github_server_url}/{settings.require('github_repository')}"
    token = settings.require("github_token")
    return CmlComments(repository_url=url, token=token, folder=folder)

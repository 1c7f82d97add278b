"""The composition root: connects each port with its adapter. Nothing else imports adapters.

Each adapter is imported inside the function that creates it, so that a verb loads only its own.
The ports are imported for annotations only, for the same reason.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from interlock import errors

if TYPE_CHECKING:
    from interlock.adapters.oidc import Issuer
    from interlock.domain.model.policy import Policy
    from interlock.domain.provenance.acceptance import IgnoredRecord
    from interlock.domain.provenance.token_rules import TokenRules
    from interlock.domain.provenance.verified_ledger import VerifiedLedger
    from interlock.pipelines.templates import Resolved
    from interlock.ports.checkpoints import Checkpoints
    from interlock.ports.comments import Comments
    from interlock.ports.drift_pages import DriftPages
    from interlock.ports.git import Repository, Tree
    from interlock.ports.github import GitHub
    from interlock.ports.labelling import Labelling
    from interlock.ports.ledger import Ledger
    from interlock.ports.live import Live
    from interlock.ports.machine import Machine
    from interlock.ports.pictures import Pictures
    from interlock.ports.pipeline import PipelineRunner
    from interlock.ports.plan_memos import PlanMemos
    from interlock.ports.plots import Plots
    from interlock.ports.profiling import Profiling
    from interlock.ports.provenance import Attestor, LedgerProvenance, SigningKeys, TokenReader
    from interlock.ports.refreshing import Refreshing
    from interlock.ports.registry import Registry
    from interlock.ports.runs import Runs
    from interlock.ports.scoring import Scoring
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
    """Return what counts at a head, also if the last verified commit is missing in its history;
    None if the policy requires no attestation."""
    from interlock.adapters.ledger.verifier import Verifier

    provenance = ledger_provenance(repo, settings)
    return None if provenance is None else Verifier(repo, provenance).confirm(head)


def ledger_provenance(
    repo: Repository, settings: Settings, *, offline: bool = False
) -> LedgerProvenance | None:
    """Read the last fetched policy of the default branch; None if it requires no attestation.

    `offline` confirms nothing, and makes no request.
    """
    from interlock.services import default_branch_policy

    branch = _default_branch_of_event(settings)
    policy = default_branch_policy.find_policy(repo, branch=branch)
    if not is_provenance_required(policy, settings):
        return None
    from interlock.ports.github import RepositoryFacts
    from interlock.ports.provenance import LedgerProvenance

    facts = RepositoryFacts(settings.github_repository_id, branch)
    if offline:
        from interlock.adapters import offline_tokens

        unused = dataclasses.replace(settings, github_repository_id="0")
        rules = _rules(policy, unused, branch=branch)
        return LedgerProvenance(rules=rules, reader=offline_tokens, since=policy.provenance.since)
    if not facts.id or not facts.default_branch:
        facts = github(settings).repository()
    own = dataclasses.replace(settings, github_repository_id=facts.id)
    rules = _rules(policy, own, branch=facts.default_branch)
    can_attest = bool(settings.id_token_url) or settings.key is not None
    return LedgerProvenance(
        rules=rules,
        reader=token_reader(rules),
        attestor=attestor(settings, rules) if can_attest else None,
        since=policy.provenance.since,
    )


def _default_branch_of_event(settings: Settings) -> str:
    """Return the default branch that the runner names; "" outside of Actions."""
    if not settings.in_actions or settings.github_event_path is None:
        return ""
    from interlock import event_payload

    # A schedule names no branch, and it always runs on the default one.
    is_schedule = settings.github_event_name == "schedule"
    own = settings.github_ref.removeprefix("refs/heads/") if is_schedule else ""
    return event_payload.read_default_branch(settings.github_event_path) or own


def is_provenance_required(policy: Policy, settings: Settings) -> bool:
    return policy.provenance.is_required(in_actions=settings.in_actions)


def token_rules(policy: Policy, settings: Settings, *, branch: str) -> TokenRules | None:
    """Return the rules by which tokens count; None if the policy requires no attestation. `branch`
    is the default branch."""
    is_required = is_provenance_required(policy, settings)
    return _rules(policy, settings, branch=branch) if is_required else None


def _rules(policy: Policy, settings: Settings, *, branch: str) -> TokenRules:
    from interlock.domain.provenance.token_rules import TokenRules

    provenance = policy.provenance
    return TokenRules(
        issuer=provenance.issuer_of(settings.github_server_url),
        repository_id=settings.require("github_repository_id"),
        default_branch=branch,
        interlock=provenance.repository,
        refs=provenance.refs,
        evaluate_on=provenance.evaluate_on,
        keys=provenance.keys,
    )


@functools.cache
def _issuer(url: str) -> Issuer:
    """Return the one reader of an issuer's keys, so that a verb fetches them once."""
    from interlock.adapters.oidc import Issuer

    return Issuer(url=url)


def token_reader(rules: TokenRules) -> TokenReader:
    if not rules.keys:
        return _issuer(rules.issuer)
    from interlock.adapters.signing_key import KeyReader

    return KeyReader(keys=rules.keys, issuer=_issuer(rules.issuer))


def attestor(settings: Settings, rules: TokenRules) -> Attestor:
    """Raises MissingSetting in a job without the permission `id-token: write`; a dedicated
    evaluator outside of GitHub has a key instead."""
    if settings.key is not None:
        from interlock.adapters.signing_key import KeyTokens

        return KeyTokens(file=settings.key)
    from interlock.adapters.oidc import JobTokens

    return JobTokens(
        url=settings.require("id_token_url"),
        request_token=settings.require("id_token_request"),
        issuer=_issuer(rules.issuer),
    )


def pictures(repo: Repository, settings: Settings, *, now: str) -> Pictures:
    """`now` is ISO 8601."""
    from interlock.adapters.pictures import GitPictures

    return GitPictures(repo, branch=settings.pictures_branch, now=now, days=settings.pictures_days)


def resolve_templates(
    document: Mapping[str, Any], *, path: str, read: Callable[[str], bytes | None]
) -> Resolved:
    """Resolve the templates of a dvc.yaml with DVC; see pipelines.templates.ResolveTemplates."""
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.templates import resolve_templates as resolve
    return resolve(document, path=path, read=read)


def runs(settings: Settings) -> Runs:
    uri = settings.require("mlflow_tracking_uri")
    with errors.needing_extra("train"):
        from interlock.adapters.mlflow.runs import MlflowRuns
    return MlflowRuns(uri, deadline_seconds=settings.mlflow_deadline_seconds)


def registry(settings: Settings) -> Registry:
    uri = settings.require("mlflow_tracking_uri")
    with errors.needing_extra("train"):
        from interlock.adapters.mlflow.registry import MlflowRegistry
    return MlflowRegistry(uri, deadline_seconds=settings.mlflow_deadline_seconds)


def pipeline() -> PipelineRunner:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.pipeline import DvcPipeline
    return DvcPipeline()


def refreshing() -> Refreshing:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc.refreshing import DvcRefreshing
    return DvcRefreshing()


def machine(settings: Settings) -> Machine:
    """Compares its clock with the servers of a training: MLflow's and GitHub's. Pages of GitHub are
    used, since they cost nothing of the API's rate limit."""
    from interlock.adapters.machine import LocalMachine

    servers = [settings.mlflow_tracking_uri]
    servers += [settings.github_server_url] if settings.in_actions else []
    return LocalMachine(
        visible=settings.visible_gpus, servers=servers, runner_version=settings.runner_version
    )


def checkpoints(settings: Settings) -> Checkpoints | None:
    """None where the machine keeps no files after a job."""
    if settings.checkpoints is None:
        return None
    from interlock.adapters.checkpoints import FolderCheckpoints

    return FolderCheckpoints(settings.checkpoints)


def live(root: Path) -> Live:
    """Live data of the checkout at `root`. Files that DVC tracks need the extra `train`."""
    from interlock.adapters.live import FileLive

    return FileLive(root, open_dvc=_open_dvc)


def _open_dvc(folder: Path) -> Any:
    with errors.needing_extra("train"):
        from interlock.adapters.dvc import files
    return files.open_files(folder)


def signing_keys() -> SigningKeys:
    from interlock.adapters import signing_key

    return signing_key


def scoring() -> Scoring:
    from interlock.adapters.scoring import FileScoring

    return FileScoring()


def profiling() -> Profiling:
    from interlock.adapters.profiling import FileProfiling

    return FileProfiling()


def labelling() -> Labelling:
    from interlock.adapters.label_join import FileLabelling

    return FileLabelling()


def drift_pages() -> DriftPages:
    with errors.needing_extra("monitor"):
        from interlock.adapters.evidently import EvidentlyPages
    return EvidentlyPages()


def plots() -> Plots:
    from interlock.adapters.plots import MatplotlibPlots

    return MatplotlibPlots()


def github(settings: Settings) -> GitHub:
    from interlock.adapters.github import PyGithubAdapter

    return PyGithubAdapter(
        api_url=settings.github_api_url,
        repository=settings.require("github_repository"),
        token=settings.require("github_token"),
        login=settings.github_login,
    )


def cml(settings: Settings, folder: Path) -> Comments:
    """`folder` is the checkout. Raises MissingSetting where CML is not installed."""
    from interlock.adapters.cml import CmlComments

    url = f"{settings.github_server_url}/{settings.require('github_repository')}"
    token = settings.require("github_token")
    return CmlComments(repository_url=url, token=token, folder=folder)

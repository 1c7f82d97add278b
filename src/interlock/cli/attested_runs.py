"""The rules by which candidates count, from the default branch's policy and the job's event."""

from __future__ import annotations

from interlock import wiring
from interlock.domain.model.policy import Policy
from interlock.domain.provenance import attesting_files
from interlock.domain.provenance.token_rules import TokenRules
from interlock.ports.git import Repository
from interlock.services import snapshots
from interlock.services.attested_runs import AttestedRuns
from interlock.services.change_commits import ChangeCommits
from interlock.settings import Settings
from interlock.wiring import tokens


def find(
    policy: Policy, own: Settings, repository: Repository, *, branch: str, revision: str
) -> AttestedRuns | None:
    """Return the rules for the candidates of a revision; None if the policy requires none."""
    rules = tokens.find_rules(policy, own, branch=branch)
    if rules is None:
        return None
    is_shown = attesting_files.is_only_shown(
        own.github_event_name, own.github_ref, base_ref=own.github_base_ref, default_branch=branch
    )
    requested = repository.resolve(revision) if is_shown else ""
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    return make(rules, repository, reader, requested)


def make(
    rules: TokenRules, repository: Repository, reader: snapshots.Reader, requested: str
) -> AttestedRuns:
    commits = ChangeCommits(
        repository=repository, read_model=reader.read_model, branch=rules.default_branch
    )
    return AttestedRuns(
        commits=commits, tokens=tokens.reader(rules), rules=rules, requested=requested
    )

"""What makes and reads the tokens of provenance, by the policy of the default branch."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlock.adapters.oidc import Issuer
    from interlock.domain.model.policy import Policy
    from interlock.domain.provenance.token_rules import TokenRules
    from interlock.ports.github import RepositoryFacts
    from interlock.ports.provenance import Attestor, LedgerProvenance, SigningKeys, TokenReader
    from interlock.settings import Settings


def find_rules(policy: Policy, settings: Settings, *, branch: str) -> TokenRules | None:
    """Return the rules by which tokens count; None if the policy requires no attestation. `branch`
    is the default branch."""
    if not policy.provenance.is_required(in_actions=settings.in_actions):
        return None
    from interlock.ports.github import RepositoryFacts

    facts = RepositoryFacts(settings.require("github_repository_id"), branch)
    return _rules(policy, settings, facts)


def provenance(policy: Policy, settings: Settings, facts: RepositoryFacts) -> LedgerProvenance:
    """Return the provenance of the ledger; without an attestor where this job may request no token
    and has no key."""
    from interlock.ports.provenance import LedgerProvenance

    rules = _rules(policy, settings, facts)
    can_attest = bool(settings.id_token_url) or settings.key is not None
    return LedgerProvenance(
        rules=rules,
        reader=reader(rules),
        attestor=attestor(settings, rules) if can_attest else None,
        since=policy.provenance.since,
    )


def offline_provenance(policy: Policy, settings: Settings) -> LedgerProvenance:
    """Return a provenance that makes no request: it confirms only what the policy's keys sign."""
    from interlock.adapters.offline_tokens import OfflineTokens
    from interlock.ports.github import RepositoryFacts
    from interlock.ports.provenance import LedgerProvenance

    rules = _rules(policy, settings, RepositoryFacts(id="", default_branch=""))
    tokens = reader(rules, issuer=OfflineTokens(is_assuming=False))
    return LedgerProvenance(rules=rules, reader=tokens, since=policy.provenance.since)


def assumed_provenance(policy: Policy, settings: Settings) -> LedgerProvenance:
    """Return a provenance that makes no request: all tokens are assumed to be valid."""
    from interlock.adapters.offline_tokens import ASSUMED, OfflineTokens

    offline = offline_provenance(policy, settings)
    rules = dataclasses.replace(offline.rules, keys=(ASSUMED,))
    return dataclasses.replace(offline, rules=rules, reader=OfflineTokens(is_assuming=True))


def _rules(policy: Policy, settings: Settings, facts: RepositoryFacts) -> TokenRules:
    from interlock.domain.provenance.token_rules import TokenRules

    wanted = policy.provenance
    return TokenRules(
        issuer=wanted.issuer_of(settings.github_server_url),
        repository_id=facts.id,
        default_branch=facts.default_branch,
        interlock=wanted.repository,
        refs=wanted.refs,
        evaluate_on=wanted.evaluate_on,
        keys=wanted.keys,
    )


@functools.cache
def _issuer(url: str) -> Issuer:
    """Return the one reader of an issuer's keys, so that a verb fetches them once."""
    from interlock.adapters.oidc import Issuer

    return Issuer(url=url)


def reader(rules: TokenRules, *, issuer: TokenReader | None = None) -> TokenReader:
    """`issuer` reads the tokens of GitHub; by default with the keys that it fetches."""
    of_github = issuer or _issuer(rules.issuer)
    if not rules.keys:
        return of_github
    from interlock.adapters.signing_key import KeyReader

    return KeyReader(keys=rules.keys, issuer=of_github)


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


def signing_keys() -> SigningKeys:
    from interlock.adapters import signing_key

    return signing_key

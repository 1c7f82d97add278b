"""Decides if the job of a token may vouch for a kind of record, by the rules of the policy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from interlock.domain.basics.refusal import Refusal
from interlock.domain.provenance import attesting_files
from interlock.domain.provenance.claims import KEY, Claims

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """`repository_id` and `default_branch` are those of this repository. `interlock` is the name
    of Interlock's repository, and `refs` its trusted versions: full `refs/tags/…` or commit ids.
    With `evaluate_on` the jobs that vouch may run on self-hosted runners. `keys` are the public
    keys of dedicated evaluators, which may write every kind of record."""

    issuer: str
    repository_id: str
    default_branch: str
    interlock: str
    refs: tuple[str, ...]
    evaluate_on: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def check(self, claims: Claims, *, kind: str, with_shown: bool = False) -> Refusal | None:
        """Refuse a token whose job may not write a record of this kind."""
        if claims.iss.startswith(KEY):
            is_listed = claims.iss.removeprefix(KEY) in self.keys
            return None if is_listed else Refusal("the policy does not list the key of its token")
        return self._check_place(claims) or self._check_file(claims, kind, with_shown)

    def _check_place(self, claims: Claims) -> Refusal | None:
        if claims.iss != self.issuer:
            return Refusal(f"its token is of the issuer {claims.iss}")
        if claims.repository_id != self.repository_id:
            return Refusal(f"its token is of the repository with the id {claims.repository_id}")
        if claims.runner_environment != "github-hosted" and not self.evaluate_on:
            return Refusal(f"its job ran on a {claims.runner_environment} runner")
        return None

    def _check_file(self, claims: Claims, kind: str, with_shown: bool) -> Refusal | None:
        repository, file, ref = claims.workflow
        if repository.lower() != self.interlock.lower() or not self._is_listed(claims, ref):
            where = f"{claims.job_workflow_ref} ({claims.job_workflow_sha[:12]})"
            return Refusal(f"its workflow file {where} is not a listed version of Interlock")
        at = attesting_files.moment(claims, default_branch=self.default_branch)
        if at is None:
            return Refusal(f"a {claims.event_name} of {claims.ref} never counts")
        if attesting_files.find(kind, file, at=at, with_shown=with_shown) is None:
            return Refusal(f"{file} may not write {kind} for a {claims.event_name}")
        return None

    def _is_listed(self, claims: Claims, ref: str) -> bool:
        # A commit of a fork has the name of the parent repository too, so the name proves nothing.
        if ref.startswith("refs/"):
            return ref.startswith("refs/tags/") and ref in self.refs
        sha = claims.job_workflow_sha
        return _COMMIT.fullmatch(sha) is not None and sha in self.refs

"""Reads the commits of a change from Git: the trained one, its base, and fingerprints at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock import errors
from interlock.domain.basics import commit_ids
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.provenance import candidate as rules
from interlock.domain.provenance.candidate import CommitFacts
from interlock.domain.provenance.claims import Claims
from interlock.ports.git import Repository, Tree
from interlock.services import default_branch_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCommits:
    """`branch` is the default branch."""

    repository: Repository
    read_model: Callable[[Tree, str], ModelAt]
    branch: str

    @property
    def tip(self) -> str | None:
        """The last fetched commit of the default branch."""
        return default_branch_policy.find_fetched_tip(self.repository, branch=self.branch)

    def read(self, claims: Claims, model: str, *, trained: str | None) -> CommitFacts:
        """Return the commit that a token is of: `trained`, if the token does not name it.

        Raises CannotReachGit for a commit that origin lacks, Refused for another kind of merge.
        """
        if trained is not None:
            fetch(self.repository, trained)
            return CommitFacts(commit=trained, fingerprint=self.fingerprint(trained, model))
        if rules.is_merge(claims):
            base, head = self.fetch_parents(claims.sha, into=claims.base_ref)
            merge, before = claims.sha, self.repository.merge_base(base, head)
        else:
            fetch(self.repository, claims.sha)
            merge, head, before = None, claims.sha, self._before(claims.sha)
        return CommitFacts(
            commit=head,
            merge=merge,
            fingerprint=self.fingerprint(head, model),
            before=None if before is None else self.fingerprint(before, model),
        )

    def fetch_parents(self, merge: str, *, into: str) -> tuple[str, str]:
        """Return the base and the head of a pull request into a branch from its merge commit. Its
        id is the digest of its content, so that its parents cannot be false."""
        fetch(self.repository, merge)
        parents = self.repository.parents(merge)
        if len(parents) != 2:
            raise errors.Refused(f"{merge[:12]} is not a merge of two commits")
        base, head = parents
        if into == self.branch and not self._is_of_default_branch(base):
            raise errors.Refused(f"{merge[:12]} merges into {base[:12]}, not into {self.branch}")
        return base, head

    def _is_of_default_branch(self, commit: str) -> bool:
        return self.tip is not None and self.repository.is_ancestor(commit, self.tip)

    def fingerprint(self, commit: str, model: str) -> str | None:
        """Return the fingerprint of a model; None if it cannot be computed at this commit."""
        try:
            return self.read_model(self.repository.tree(commit), model).fingerprint
        except errors.BadInput:
            return None

    def _before(self, commit: str) -> str | None:
        """Return the base of a merge group: the commit of the default branch below it."""
        tip = self.tip
        base = None if tip is None else self.repository.merge_base(commit, tip)
        return next(iter(self.repository.parents(commit)), None) if base == commit else base


def fetch(repository: Repository, commit: str) -> None:
    """Fetch a commit by its id if this clone lacks it; raises CannotReachGit."""
    if not commit_ids.WHOLE.fullmatch(commit):
        raise errors.Refused(f"{commit!r} is not a full commit id")
    try:
        repository.resolve(commit)
    except errors.CannotResolve:
        if not repository.fetch(commit):
            raise errors.CannotReachGit(f"origin has no commit {commit}") from None

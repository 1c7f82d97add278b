"""The first-parent line of main: the only order between promotions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlock import errors, manifests
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.snapshot import Snapshot
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.services import default_branch_policy, snapshots
from interlock.services.best_effort import Attempts


def fetch(repository: Repository, *, branch: str) -> tuple[str, ...]:
    """Fetch the first-parent line of main from origin, if there is one; the oldest commit first."""
    tip = default_branch_policy.find_tip(repository, branch=branch)
    if tip is None:
        raise errors.CannotResolve(
            f"there is no branch {branch} in {repository.root}", hint="name it with --branch"
        )
    return tuple(commit for commit, _ in reversed(repository.log(tip)))


def readable(snapshot: Snapshot) -> Snapshot:
    """Raise CannotReadManifest if the policy cannot be read: then no model may be promoted."""
    problems = [str(p) for p in snapshot.problems if p.path == manifests.POLICY_PATH]
    if problems:
        raise errors.CannotReadManifest("\n".join(problems))
    return snapshot


def find_pull(github: GitHub | None, commit: str, *, attempts: Attempts) -> int | None:
    """Find the merged pull request of a commit; a promotion may be recorded without it."""
    if github is None:
        return None
    return attempts.attempt(
        f"the pull request of {commit[:12]} is not recorded",
        lambda: _merged(github, commit),
        otherwise=None,
        of="pull requests",
    )


def _merged(github: GitHub, commit: str) -> int | None:
    merged = [pull for pull in github.pulls_of_commit(commit) if pull.merged]
    merged.sort(key=lambda pull: pull.merge_commit_sha == commit)
    return merged[-1].number if merged else None


@dataclass(frozen=True, slots=True)
class Main:
    """The promoted revision and its position on main."""

    repository: Repository
    reader: snapshots.Reader
    branch: str
    commit: str
    position: int
    now: str
    pull: int | None

    def find_manifest(self, model: str, revision: str) -> Manifest | None:
        """Find the manifest of a model at a revision; None if it is missing or cannot be read."""
        try:
            tree = self.repository.tree(revision)
            return self.reader.read_model(tree, model).manifest
        except errors.BadInput:
            return None

    def later_fingerprints(self, model: str) -> Iterator[str | None]:
        """Return the fingerprints of a model at later revisions of main; None if a revision has
        none.

        Main is fetched again, to include new commits.
        """
        for commit in fetch(self.repository, branch=self.branch)[self.position :]:
            try:
                tree = self.repository.tree(commit)
                yield self.reader.read_model(tree, model).fingerprint
            except errors.BadInput:
                yield None

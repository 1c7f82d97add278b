"""Main's first-parent line, the only order between promotions; nothing is promoted here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlock import errors, manifests
from interlock.domain.model.manifest import Manifest
from interlock.domain.model.snapshot import Snapshot
from interlock.ports.git import Repository
from interlock.ports.github import GitHub
from interlock.services import snapshots
from interlock.services.best_effort import Attempts


def fetch(repository: Repository, *, branch: str) -> tuple[str, ...]:
    """Read main's first-parent line from origin (here, when there is none), oldest first."""
    local, tracking = f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"
    fetched = repository.fetch(f"+{local}:{tracking}")
    tip = repository.find_ref(tracking if fetched else local)
    if tip is None:
        raise errors.CannotResolve(
            f"there is no branch {branch} in {repository.root}", hint="name it with --branch"
        )
    return tuple(commit for commit, _ in reversed(repository.log(tip)))


def readable(snapshot: Snapshot) -> Snapshot:
    """Under a policy that cannot be read nothing can be judged: raises CannotReadManifest."""
    found = [str(p) for p in snapshot.problems if p.path == manifests.POLICY_PATH]
    if found:
        raise errors.CannotReadManifest("\n".join(found))
    return snapshot


def find_pull(github: GitHub | None, commit: str, *, attempts: Attempts) -> int | None:
    """The pull request that brought a commit to main: the one whose merge it is, else a merged. A
    record is as good without its number."""
    if github is None:
        return None
    return attempts.attempt(
        f"which pull request {commit[:12]} came from is not recorded",
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
    """The revision that is promoted, and its place on main."""

    repository: Repository
    reader: snapshots.Reader
    branch: str
    commit: str
    position: int
    now: str
    pull: int | None

    def find_manifest(self, model: str, revision: str) -> Manifest | None:
        """A model's manifest at a revision; None where there is none that can be read."""
        try:
            tree = self.repository.tree(revision)
            return self.reader.read_model(tree, model).manifest
        except errors.BadInput:
            return None

    def later_fingerprints(self, model: str) -> Iterator[str | None]:
        """A model's fingerprints at the revisions of main after this one; None where it has none.

        Main is fetched again: what was pushed meanwhile counts.
        """
        for commit in fetch(self.repository, branch=self.branch)[self.position :]:
            try:
                tree = self.repository.tree(commit)
                yield self.reader.read_model(tree, model).fingerprint
            except errors.BadInput:
                yield None

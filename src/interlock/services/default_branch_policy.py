"""The policy that counts: what the default branch says today, whatever is judged by it and for
whichever branch that is."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors, manifests
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.policy import Policy
from interlock.ports.git import Repository


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """`commit` is the one of the branch that the policy came with, "" where it never had a file of
    its own; `problems` say why it cannot be read: then `policy` is the default one, and nothing may
    be judged by it."""

    branch: str
    commit: str
    policy: Policy
    problems: tuple[str, ...] = ()

    def require(self) -> Policy:
        """Raises CannotReadManifest where the policy cannot be read."""
        if self.problems:
            said = "\n".join(self.problems)
            raise errors.CannotReadManifest(f"{self.branch} at {self.commit[:12]}:\n{said}")
        return self.policy


def read(repository: Repository, *, branch: str) -> BranchPolicy:
    """Fetch the branch and read its policy; raises CannotResolve where there is no such branch."""
    tip = find_tip(repository, branch=branch)
    if tip is None:
        raise errors.CannotResolve(
            f"there is no branch {branch}, whose policy counts",
            hint="name the default branch with --branch",
        )
    path = manifests.POLICY_PATH
    policy, found = manifests.read_policy(repository.tree(tip).read(path), path=path)
    problems = tuple(str(problem) for problem in found if problem.severity is Severity.ERROR)
    commit = repository.last_change(tip, path) or ""
    return BranchPolicy(branch, commit, policy or Policy(), problems)


def find_tip(repository: Repository, *, branch: str) -> str | None:
    """Where a branch is at origin, or here where there is none."""
    local, tracking = f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"
    fetched = repository.fetch(f"+{local}:{tracking}")
    return repository.find_ref(tracking if fetched else local)

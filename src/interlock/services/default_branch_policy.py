"""The policy of the default branch, which counts for every branch and pull request."""

from __future__ import annotations

from dataclasses import dataclass

from interlock import errors, manifests
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.model.policy import Policy
from interlock.ports.git import Repository, Tree
from interlock.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """`commit` is the last change of the policy file on the branch, "" without a file. With
    `problems` the file cannot be read: `policy` is the default one then and must not be used."""

    branch: str
    commit: str
    policy: Policy
    problems: tuple[str, ...] = ()

    def require(self) -> Policy:
        """Return the policy; raises CannotReadManifest if it cannot be read."""
        if self.problems:
            problems = "\n".join(self.problems)
            raise errors.CannotReadManifest(f"{self.branch} at {self.commit[:12]}:\n{problems}")
        return self.policy


def refresh(repository: Repository, ledger: Ledger, *, branch: str) -> None:
    """Fetch the ledger and the branch in one request; `read` uses it."""
    repository.fetch_along(_refspec(branch))
    ledger.refresh()


def read(repository: Repository, *, branch: str) -> BranchPolicy:
    """Fetch the branch and read its policy; raises CannotResolve for an unknown branch."""
    return read_at(repository, find_tip(repository, branch=branch), branch=branch)


def read_at(repository: Repository, tip: str | None, *, branch: str) -> BranchPolicy:
    """Read the policy of a branch at its tip, None for an unknown branch."""
    if tip is None:
        raise errors.CannotResolve(
            f"there is no branch {branch}, which has the policy",
            hint="name the default branch with --branch",
        )
    commit = repository.last_change(tip, manifests.POLICY_PATH) or ""
    return _read(repository.tree(tip), branch=branch, commit=commit)


def _read(tree: Tree, *, branch: str, commit: str) -> BranchPolicy:
    path = manifests.POLICY_PATH
    policy, diagnostics = manifests.read_policy(tree.read(path), path=path)
    problems = tuple(str(problem) for problem in diagnostics if problem.severity is Severity.ERROR)
    return BranchPolicy(branch, commit, policy or Policy(), problems)


def read_fetched(repository: Repository, *, branch: str) -> BranchPolicy | None:
    """Read the policy of the branch as it was last fetched, without a request; None without the
    branch. `commit` is the tip then: the last change takes a walk through the history."""
    tip = find_fetched_tip(repository, branch=branch)
    return None if tip is None else _read(repository.tree(tip), branch=branch, commit=tip)


def find_policy(repository: Repository, *, branch: str) -> Policy:
    """Return the policy of the default branch as it was last fetched; the default policy without
    one. With an unknown name ("") the branch is origin's HEAD at the time of the clone, or main.

    Raises CannotReadManifest for a policy with an error.
    """
    for name in [branch] if branch else ["HEAD", "main"]:
        rules = read_fetched(repository, branch=name)
        if rules is not None:
            return rules.require()
    return read(repository, branch=branch).require() if branch else Policy()


def find_fetched_tip(repository: Repository, *, branch: str) -> str | None:
    """Return the last fetched commit of a branch at origin, or of the local branch without one
    there. A training job has no token to fetch."""
    refs = (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}")
    return next(filter(None, map(repository.find_ref, refs)), None)


def find_tip(repository: Repository, *, branch: str) -> str | None:
    """Return the commit of a branch at origin, or of the local branch without one there."""
    is_fetched = repository.fetch(_refspec(branch))
    return repository.find_ref(f"refs/{'remotes/origin' if is_fetched else 'heads'}/{branch}")


def _refspec(branch: str) -> str:
    return f"+refs/heads/{branch}:refs/remotes/origin/{branch}"

"""Check out commits in the workspace of a runner, whose clone remains from job to job."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from interlock import wiring
from interlock.ports.git import Repository

MAIN = "refs/heads/main"
_JOB_REF = "refs/remotes/job"
_BRANCHES = "+refs/heads/*:refs/remotes/origin/*"


@dataclass(slots=True)
class Workspace:
    """A clone for jobs that run one after another. The verbs of all of them use `_repository`."""

    clone: Path
    clone_url: str
    _repository: Repository | None = None

    def check_out(self, ref: str) -> Path:
        """Fetch all branches and `ref`, and replace the files of the job before by those of `ref`,
        as actions/checkout does on a self-hosted runner."""
        if self._repository is None:
            self._repository = self._create()
        fetched = ("origin", _BRANCHES, f"+{ref}:{_JOB_REF}")
        self._git("fetch", "--quiet", "--no-tags", "--prune", *fetched)
        self._remove_files()
        self._git("switch", "--quiet", "--detach", "--discard-changes", _JOB_REF)
        return self.clone

    def _create(self) -> Repository:
        self.clone.mkdir(parents=True)
        self._git("init", "--quiet")
        self._git("remote", "add", "origin", self.clone_url)
        return wiring.shared_repository(self.clone)

    def _remove_files(self) -> None:
        for path in self.clone.iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name != ".git":
                    shutil.rmtree(path)
            else:
                path.unlink()

    def _git(self, *arguments: str) -> None:
        command = ["git", "-C", str(self.clone), "-c", "maintenance.auto=false", *arguments]
        subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Two runners: the programs of a pull request never run where the jobs of main do."""

    main: Workspace
    pull_requests: Workspace

    @classmethod
    def of(cls, folder: Path, clone_url: str) -> Workspaces:
        names = ("main", "pull-requests")
        return cls(*(Workspace(folder / name / "models", clone_url) for name in names))

    def check_out(self, ref: str) -> Path:
        return (self.main if ref == MAIN else self.pull_requests).check_out(ref)

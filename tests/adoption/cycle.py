"""From `interlock init` to two promotions, with real Git, DVC and MLflow and a local GitHub."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from interlock import cli
from interlock.demo import environment, project, run_steps
from interlock.demo.console import Console
from interlock.demo.job_queue import JobResults
from interlock.demo.session import DemoSession
from interlock.domain.training.plan import Decision
from tests.adoption import repository
from tests.adoption.repository import Layout

BRANCH = "interlock-init"


@dataclass(slots=True)
class Adopter:
    """A person with a repository. `printed` is the output of `init`, `seconds` the time
    from its start to the first report, `lines` is the standard error of all jobs."""

    layout: Layout
    session: DemoSession
    lines: list[str] = field(default_factory=list)
    printed: str = ""
    seconds: float = 0.0

    @property
    def to_do(self) -> int:
        return sum(line.startswith("to do: ") for line in self.printed.splitlines())

    def init(self, *options: str) -> str:
        """Run `interlock init` in the clone; return what it prints."""
        user = self.session.user
        variables = dict(os.environ) | {"GITHUB_TOKEN": user.token}
        done = subprocess.run(
            ["interlock", "init", *options],
            cwd=user.folder,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def adopt(self) -> JobResults:
        """Open the pull request of `init`, and run its jobs."""
        started = time.monotonic()
        address = ("--mlflow", self.session.project.mlflow_uri)
        self.printed = self.init("--yes", *address, *self.layout.options)
        self._follow_to_do()
        self.init("--yes", "--pull-request", *address, *self.layout.options)
        (pull,) = self.session.state.pulls_from(BRANCH)
        self.session.pulls[BRANCH] = int(pull["number"])
        results = self.session.queue.run_pending()
        self.seconds = time.monotonic() - started
        return results

    def _follow_to_do(self) -> None:
        """Follow the sentences that begin with `to do:` on the default branch."""
        for command in self.layout.by_hand:
            remote = str(self.session.project.folder / "dvc-remote")
            self.session.user.run("bash", "-c", command.format(remote=remote))
        if self.layout.by_hand:
            self.session.user.commit_and_push("main", "Add what only we know")

    def second_init(self) -> str:
        """Run `init` on the merged main; return the last line."""
        self.session.user.git("fetch", "--quiet", "origin", "main")
        self.session.user.git("switch", "--quiet", "--detach", "origin/main")
        return self.init("--yes").splitlines()[-1]

    def change(self) -> JobResults:
        """Open the pull request of the layout's change, and run its jobs."""
        self.session.user.start_branch("change")
        self.layout.change.apply(self.session.user)
        return self.session.propose("change", "Change the model", "To be better.")[1]

    def merge(self, branch: str) -> JobResults:
        return self.session.merge(branch, method="squash")

    def story(self, branch: str) -> str:
        """What the jobs printed, and the comment on a pull request."""
        return "\n".join([*self.lines, self.session.state.comment(self.session.pulls[branch])])

    def is_green(self, branch: str) -> bool:
        return self.session.green(self.session.pulls[branch])

    def is_deployed(self, version: int) -> bool:
        return all(self.session.state.is_deployed(m, version) for m in self.layout.models)

    def all_models(self, decision: Decision) -> dict[str, Decision]:
        return dict.fromkeys(self.layout.models, decision)


@contextmanager
def opened(folder: Path, layout: Layout, programs: Path) -> Iterator[Adopter]:
    """Make the repository of a layout; `programs` has `interlock` and `dvc`."""
    variables = environment.variables(folder / "home")
    repository.write(folder / "bin", layout.programs)
    for program in layout.programs:
        (folder / "bin" / program).chmod(0o755)
    variables["PATH"] = os.pathsep.join([str(folder / "bin"), str(programs), variables["PATH"]])
    lines: list[str] = []
    console = Console(_interlock, say=lambda _: None, line=lines.append)
    with environment.entered(variables), project.create(folder) as created:
        layout.build(created.user, remote=folder / "dvc-remote")
        with environment.entered(variables | run_steps.job_variables(created)), console.opened():
            yield Adopter(layout, run_steps.open_session(created, console), lines)


def _interlock(arguments: list[str]) -> object:
    return cli.group.main(arguments, standalone_mode=False)

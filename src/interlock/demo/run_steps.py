"""Run all steps of the demo, report progress, and list the places to look at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import github_sandbox
from interlock import errors, settings, wiring
from interlock.demo import environment, project
from interlock.demo.console import Console
from interlock.demo.job_queue import JobQueue, JobRunner
from interlock.demo.jobs import JobContext, LocalJobs
from interlock.demo.progress import ProgressPrinter
from interlock.demo.pull_request_steps import STEPS
from interlock.demo.results import Assertion, DemoResult, DemoStep
from interlock.demo.session import DemoSession, Step
from interlock.demo.state import DemoState
from interlock.demo.workspaces import Workspaces
from interlock.ports.registry import Registry

NewRunner = Callable[[project.DemoProject, JobContext, DemoState], JobRunner]


def local_jobs(_: project.DemoProject, context: JobContext, __: DemoState) -> JobRunner:
    return LocalJobs(context)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """`list_places`: whether the folder remains, so that there is something to look at."""

    list_places: bool = False
    show_program_output: bool = False
    new_runner: NewRunner = local_jobs
    provenance: str = "none"
    has_mlflow: bool = True


def run(folder: Path, interlock: Callable[[list[str]], object], options: DemoOptions) -> DemoResult:
    """Run all steps in `folder`; `interlock` runs one command line of the product."""
    started = time.monotonic()
    printer = ProgressPrinter(show_program_output=options.show_program_output)
    variables = environment.variables(folder / "home")
    console = Console(interlock, say=printer.job, line=printer.line)
    with (
        environment.entered(variables),
        project.create(
            folder, provenance=options.provenance, has_mlflow=options.has_mlflow
        ) as created,
    ):
        with environment.entered(variables | job_variables(created)), console.opened():
            steps = _run_steps(open_session(created, console, options.new_runner), printer)
        places = _places(created) if options.list_places else {}
    result = DemoResult(tuple(steps), time.monotonic() - started, places)
    printer.end(result)
    return result


def job_variables(created: project.DemoProject) -> dict[str, str]:
    """Return the variables that a workflow gives its jobs."""
    store = {"INTERLOCK_STORE": str(created.store)}
    return ({"MLFLOW_TRACKING_URI": created.mlflow_uri} if created.has_mlflow else store) | {
        "GITHUB_API_URL": created.api_url,
        "GITHUB_SERVER_URL": created.url,
        "GITHUB_REPOSITORY": project.REPOSITORY,
        "GITHUB_TOKEN": created.token,
        "INTERLOCK_GITHUB_LOGIN": "interlock[bot]",
    }


def open_session(
    created: project.DemoProject, console: Console, new_runner: NewRunner = local_jobs
) -> DemoSession:
    registry = wiring.registry(settings.read())
    # A new MLflow file takes seconds of migrations: they run while octocat fills the repository.
    threading.Thread(target=_open, args=[registry], daemon=True).start()
    state = DemoState(created, registry, wiring.repository(created.bare))
    workspaces = Workspaces.of(created.folder / "runners", created.clone_url)
    context = JobContext(workspaces, console, created.user)
    return DemoSession(created, JobQueue(created.hub, new_runner(created, context, state)), state)


def _open(registry: Registry) -> None:
    with suppress(errors.InterlockError):  # the next reader reports the same error
        registry.versions(project.MODELS[0])


def _run_steps(session: DemoSession, printer: ProgressPrinter) -> list[DemoStep]:
    """Run the steps in order; stop after the first one that fails."""
    steps: list[DemoStep] = []
    for number, (title, step) in enumerate(STEPS.items(), start=1):
        with printer.step(number, title):
            steps.append(_run_step(session, number, title, step))
        printer.done(steps[-1])
        if not steps[-1].passed:
            break
    return steps


def _run_step(session: DemoSession, number: int, title: str, step: Step) -> DemoStep:
    started, before = time.monotonic(), set(session.pulls.values())
    trained = len(session.queue.trained)
    assertions: list[Assertion] = list(step(session))
    new = sorted(set(session.pulls.values()) - before)
    return DemoStep(
        number,
        title,
        tuple(assertions),
        session.queue.trained[trained:],
        time.monotonic() - started,
        pull=new[0] if new else None,
    )


def _places(created: project.DemoProject) -> dict[str, str]:
    return {
        "GitHub": f"interlock sandbox --keep {created.folder / 'github'}",
        "ledger": f"interlock ledger log --repo {created.bare}",
        "Git": f"git -C {created.bare} log --stat interlock-ledger",
        "registry": f"mlflow ui --backend-store-uri {created.mlflow_uri}"
        if created.has_mlflow
        else f"ls {created.store}/models",
    }


def serve(folder: Path) -> None:
    """Serve the GitHub pages of a finished demo until Ctrl-C."""
    hub = github_sandbox.Sandbox(folder / "github")
    with hub.serve() as url:
        printer = ProgressPrinter(show_program_output=False)
        printer.place("GitHub", f"{url}/{project.REPOSITORY}/pulls")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return

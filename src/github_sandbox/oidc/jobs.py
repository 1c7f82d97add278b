"""Jobs of workflow runs, and the access of each to a token about itself."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from github_sandbox import errors
from github_sandbox.events import Event
from github_sandbox.instance import Instance
from github_sandbox.oidc import claims, signing_keys
from github_sandbox.state import Json

_KIND = "job"
REQUESTS = "/_services/pipelines/idtoken"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowJob:
    """A job of a run of the file `workflow_path`, which may call the file of `job_workflow_ref`.

    An empty text means: the name of the workflow is its path; the job is in the calling file.
    """

    workflow_path: str
    run_id: int = 1
    run_number: int = 1
    run_attempt: int = 1
    workflow_name: str = ""
    job_workflow_ref: str = ""
    job_workflow_sha: str = ""
    runner_environment: str = "github-hosted"
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAccess:
    """The address and the secret with which one job requests tokens about itself."""

    url: str
    token: str

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the job's steps."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.token,
        }


class UnknownJob(Exception):
    """No job has this secret."""


class EndedJob(Exception):
    """The job with this secret has ended."""


def start(instance: Instance, event: Event, job: WorkflowJob) -> JobAccess:
    """Return the access of a new job; raises InvalidCall for events that give their jobs none."""
    if event.is_restricted:
        raise errors.InvalidCall(
            f"a {event.name} of a fork or of Dependabot gives its jobs no ID token",
            hint="use a branch of the repository",
        )
    token = f"sandbox_job_{secrets.token_hex(20)}"
    with instance.transaction():
        body = {"claims": _claims(instance, event, job), "has_ended": False}
        instance.store.put(_KIND, body, key=_digest(token))
    return JobAccess(url=f"{instance.base_url}{REQUESTS}?api-version=2.0", token=token)


def end(instance: Instance, access: JobAccess) -> None:
    with instance.transaction():
        body = _find(instance, access.token)
        instance.store.put(_KIND, body | {"has_ended": True}, key=_digest(access.token))


def id_token(instance: Instance, secret: str, audience: str) -> str:
    """Return a signed token about the job with this secret; raises UnknownJob or EndedJob."""
    body = _find(instance, secret)
    if body["has_ended"]:
        raise EndedJob
    return signing_keys.sign(instance.store, claims.complete(instance, body["claims"], audience))


def _find(instance: Instance, secret: str) -> Json:
    body = instance.store.get(_KIND, key=_digest(secret))
    if body is None:
        raise UnknownJob
    return body


def _claims(instance: Instance, event: Event, job: WorkflowJob) -> dict[str, str]:
    about = claims.of_event(instance, event)
    own = f"{about['repository']}/{job.workflow_path}@{about['ref']}"
    made = about | {
        "sub": _subject(about, job.environment),
        "workflow": job.workflow_name or job.workflow_path,
        "workflow_ref": own,
        "job_workflow_ref": job.job_workflow_ref or own,
        "job_workflow_sha": job.job_workflow_sha or about["sha"],
        "run_id": str(job.run_id),
        "run_number": str(job.run_number),
        "run_attempt": str(job.run_attempt),
        "runner_environment": job.runner_environment,
        "check_run_id": str(instance.store.next("id")),
    }
    return made | ({"environment": job.environment} if job.environment else {})


def _subject(about: dict[str, str], environment: str) -> str:
    where = f"ref:{about['ref']}"
    if environment:
        where = f"environment:{environment.replace(':', '%3A')}"
    elif about["event_name"] == "pull_request":
        where = "pull_request"
    return f"repo:{about['repository']}:{where}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

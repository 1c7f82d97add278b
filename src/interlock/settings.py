"""The only reader of the environment; what it reads is frozen and a token never shows in a repr."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlock import errors


@dataclass(frozen=True, slots=True)
class Settings:
    """Empty strings and None are unset. `require` raises an error for a missing one."""

    github_api_url: str = "https://api.github.com"
    github_server_url: str = "https://github.com"
    github_repository: str = ""
    github_repository_id: str = ""
    github_ref: str = ""
    github_base_ref: str = ""
    github_sha: str = ""
    """The commit of the event; for a pull request its merge commit."""
    id_token_url: str = ""
    id_token_request: str = field(default="", repr=False)
    """With the URL: how a job with `id-token: write` requests a token."""
    github_token: str = field(default="", repr=False)
    github_step_summary: Path | None = None
    github_output: Path | None = None
    github_event_name: str = ""
    github_event_path: Path | None = None
    github_run_url: str = ""
    in_actions: bool = False
    in_ci: bool = False
    """A CI system runs this command: other jobs may have written files on this machine."""
    mlflow_tracking_uri: str = ""
    mlflow_deadline_seconds: int = 60
    store: str = ""
    """The address of runs and versions without MLflow; it is used instead of MLflow."""
    ledger_branch: str = "interlock-ledger"
    pictures_branch: str = "interlock-pictures"
    pictures_days: int = 90
    github_login: str = ""
    checkpoints: Path | None = None
    key: Path | None = None
    """The key of a dedicated evaluator outside of GitHub."""
    scratch: Path | None = None
    """The folder for temporary files of a job."""
    visible_gpus: str | None = None
    """None is unset; an empty text hides every GPU."""
    runner_version: str = ""
    cml_label: str = ""
    """The title of CML's watermark."""
    remembers_plans: bool = True
    actor: str = ""
    """The login of the user or app that started the command."""

    def require(self, name: str) -> str:
        """Return the setting; raises MissingSetting that names its environment variable."""
        value = getattr(self, name)
        if not value:
            variable = _VARIABLES[name]
            meaning = f" to {_MEANINGS[name]}" if name in _MEANINGS else ""
            raise errors.MissingSetting(f"{variable} is not set", hint=f"set {variable}{meaning}")
        return str(value)


_VARIABLES = {
    "github_api_url": "GITHUB_API_URL",
    "github_server_url": "GITHUB_SERVER_URL",
    "github_repository": "GITHUB_REPOSITORY",
    "github_repository_id": "GITHUB_REPOSITORY_ID",
    "github_ref": "GITHUB_REF",
    "github_base_ref": "GITHUB_BASE_REF",
    "github_sha": "GITHUB_SHA",
    "id_token_url": "ACTIONS_ID_TOKEN_REQUEST_URL",
    "id_token_request": "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "github_token": "GITHUB_TOKEN",
    "github_event_name": "GITHUB_EVENT_NAME",
    "mlflow_tracking_uri": "MLFLOW_TRACKING_URI",
    "store": "INTERLOCK_STORE",
    "ledger_branch": "INTERLOCK_LEDGER_BRANCH",
    "pictures_branch": "INTERLOCK_PICTURES_BRANCH",
    "github_login": "INTERLOCK_GITHUB_LOGIN",
    "runner_version": "RUNNER_VERSION",
    "actor": "INTERLOCK_ACTOR",
}
_token_request: dict[str, str] = {}
# As tools read CI, which every CI sets: https://docs.github.com/en/actions/reference/variables-reference
_NO = frozenset({"", "0", "false"})
_MEANINGS = {
    "github_repository": "the repository, for example acme/models",
    "github_repository_id": "the number of the repository: gh api repos/acme/models --jq .id",
    "id_token_url": "what GitHub gives to a job with `permissions: {id-token: write}`",
    "id_token_request": "what GitHub gives to a job with `permissions: {id-token: write}`",
    "github_token": "a token for that repository (inside Actions: ${{ github.token }})",
    "mlflow_tracking_uri": "the address of MLflow, for example sqlite:////srv/mlflow.db or "
    "https://…, or write `mlflow` in the policy (without a server: `registry: none` and `store`)",
    "actor": "your login, for example octocat",
}


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this process; raises MissingSetting for a number that is not valid."""
    env = {**take_token_request(), **os.environ} if environ is None else environ
    texts = {name: env[variable] for name, variable in _VARIABLES.items() if env.get(variable)}
    texts.setdefault("actor", env.get("GITHUB_ACTOR", ""))
    return Settings(
        **texts,
        github_step_summary=_path(env, "GITHUB_STEP_SUMMARY"),
        github_output=_path(env, "GITHUB_OUTPUT"),
        github_event_path=_path(env, "GITHUB_EVENT_PATH"),
        checkpoints=_path(env, "INTERLOCK_CHECKPOINTS"),
        key=_path(env, "INTERLOCK_KEY"),
        scratch=_path(env, "RUNNER_TEMP"),
        visible_gpus=env.get("CUDA_VISIBLE_DEVICES"),
        cml_label=_cml_label(env),
        in_actions=env.get("GITHUB_ACTIONS") == "true",
        remembers_plans=env.get("INTERLOCK_PLAN_MEMO", "1").lower() not in _NO,
        in_ci=any(env.get(name, "").lower() not in _NO for name in ("CI", "GITHUB_ACTIONS")),
        github_run_url=_run_url(env),
        mlflow_deadline_seconds=_number(
            env, "INTERLOCK_MLFLOW_DEADLINE_SECONDS", default=60, of="seconds"
        ),
        pictures_days=_number(env, "INTERLOCK_PICTURES_DAYS", default=90, of="days"),
    )


def take_token_request() -> Mapping[str, str]:
    """Return the variables with which a job requests tokens, and remove them from the environment:
    no program that this process starts can request one."""
    for name in (_VARIABLES["id_token_url"], _VARIABLES["id_token_request"]):
        if name in os.environ:
            _token_request[name] = os.environ.pop(name)
    return _token_request


def ambient(values: Settings) -> dict[str, str]:
    """Return the whole environment of this process, for the programs of others."""
    uri = values.mlflow_tracking_uri
    return dict(os.environ) | ({"MLFLOW_TRACKING_URI": uri} if uri else {})


def _cml_label(env: Mapping[str, str]) -> str:
    """As CML fills it in: each of the two names once."""
    label = env.get("CML_COMMENT_WATERMARK_TITLE", "")
    label = label.replace("{workflow}", env.get("GITHUB_WORKFLOW", ""), 1)
    return label.replace("{run}", env.get("GITHUB_RUN_ID", ""), 1)


def _path(env: Mapping[str, str], variable: str) -> Path | None:
    return Path(env[variable]) if env.get(variable) else None


def _run_url(env: Mapping[str, str]) -> str:
    parts = [env.get(n, "") for n in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def _number(env: Mapping[str, str], variable: str, *, default: int, of: str) -> int:
    text = env.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise errors.MissingSetting(
            f"{variable} is {text!r}", hint=f"give a whole number of {of}, at least 1"
        )
    return int(text)

"""Create the demo project: a local GitHub, a repository, a DVC remote, and MLflow or a store."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import github_sandbox
from interlock.demo.user import User

REPOSITORY = "acme/models"
MODELS = ("digits", "diabetes")
# The schedules of the workflow files in the README.
SCHEDULES = {"monitor": "47 5 * * *", "reconcile": "17 * * * *"}
_SCOPES = ("contents", "pull_requests", "checks", "statuses", "deployments", "issues", "actions")
_PACKAGES = ("numpy", "polars", "scikit-learn", "skops")
_POLICY = """# The policy for all models of this repository; read from the default branch.
version: 1
manifests: model-manifests/*/model.yaml
environments: [staging, production]
inconclusive: ask
dvc_lock: commit
runner_labels: [self-hosted]
{registry}
provenance: {provenance}
"""
_REMOTE = """[core]
    remote = store
['remote "store"']
    url = {folder}
"""


@dataclass(frozen=True, slots=True)
class DemoProject:
    """The systems of the demo; `token` is the token of interlock's jobs. `provenance` is the
    policy's: its own jobs cannot request tokens of GitHub, those under act can. Without MLflow a
    folder has the runs and versions."""

    folder: Path
    hub: github_sandbox.Sandbox
    bare: Path
    url: str
    user: User
    token: str
    provenance: str = "none"
    has_mlflow: bool = True

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def clone_url(self) -> str:
        return str(self.hub.git_url(REPOSITORY, self.token))

    @property
    def database(self) -> Path:
        return self.folder / "mlflow" / "mlflow.db"

    @property
    def production(self) -> Path:
        """The folder of live data and labels."""
        return self.folder / "production"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def store(self) -> Path:
        """The folder of runs and versions without MLflow."""
        return self.folder / "store"


@contextmanager
def create(
    folder: Path, *, port: int = 0, provenance: str = "none", has_mlflow: bool = True
) -> Iterator[DemoProject]:
    """Create a project in `folder`; its GitHub runs until the block ends. Nothing is pushed."""
    hub = github_sandbox.Sandbox(folder / "github")
    bare = hub.create_repository(REPOSITORY, default_branch="main")
    hub.protect_branch(REPOSITORY, "interlock-ledger")
    hub.create_user("octocat", repository=REPOSITORY, permission="admin")
    everything = dict.fromkeys(_SCOPES, "write")
    token = hub.create_token(login="interlock[bot]", scopes=everything, bot=True)
    user_token = hub.create_token(login="octocat", scopes=everything, bot=False)
    (folder / "mlflow").mkdir(parents=True)
    (folder / "dvc-remote").mkdir()
    with hub.serve(port=port) as url:
        clone = folder / "octocat"
        user = User(clone, f"{url}/api", REPOSITORY, user_token)
        subprocess.run(
            ["git", "clone", "--quiet", hub.git_url(REPOSITORY, user_token), str(clone)],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        yield DemoProject(folder, hub, bare, url, user, token, provenance, has_mlflow)


def add_models(project: DemoProject) -> None:
    """Add the example models to octocat's clone and their data to the DVC remote; no push."""
    user, clone = project.user, project.user.folder
    user.git("switch", "--quiet", "--create", "main")
    shutil.copytree(_examples(), clone / "model-manifests", ignore=_ignored)
    (clone / ".github").mkdir(exist_ok=True)
    (clone / ".github" / "interlock.yml").write_text(_policy(project))
    (clone / "uv.lock").write_text(_lock())
    (clone / "pyproject.toml").write_text(_PROJECT)
    (clone / "README.md").write_text("# Models\n\nWhat acme has learnt, and how.\n")
    (clone / ".gitignore").write_text("__pycache__/\n")
    (clone / ".dvc").mkdir()
    (clone / ".dvc" / "config").write_text(_REMOTE.format(folder=project.folder / "dvc-remote"))
    (clone / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    makers = [_make_data(clone, model) for model in MODELS]
    for maker in makers:
        maker.wait()
    pointers = [f"model-manifests/{model}/data/{model}.csv.dvc" for model in MODELS]
    user.run("dvc", "commit", "--quiet", *pointers)
    user.run("dvc", "push", "--quiet")


def _policy(project: DemoProject) -> str:
    mlflow, store = f'mlflow: "{project.mlflow_uri}"', f'registry: none\nstore: "{project.store}"'
    registry = mlflow if project.has_mlflow else store
    return _POLICY.format(registry=registry, provenance=project.provenance)


def _make_data(clone: Path, model: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "make_data.py"],
        cwd=clone / "model-manifests" / model,
        stdout=subprocess.DEVNULL,
    )


def _examples() -> Path:
    """Return the example models: part of an installed package, or of this repository."""
    installed = Path(str(files("interlock.demo"))) / "models"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "model-manifests"


def _ignored(_folder: str, names: list[str]) -> set[str]:
    """The models that the demo does not change, and the outputs of manual runs."""
    ignored = {"digits-cnn", "help-search", "__pycache__", "prepared", "model", "dvc.lock"}
    ignored |= {"predictions.parquet", "metrics.json"}
    return {name for name in names if name in ignored or name.endswith(".csv")}


_PROJECT = """\
[project]
name = "models"
version = "1"
requires-python = ">=3.11"
"""


def _lock() -> str:
    """Return the environment file of the manifests: the packages that the programs import."""
    packages = "\n".join(f'name = "{p}"\nversion = "{metadata.version(p)}"\n' for p in _PACKAGES)
    return f"# The versions that the models were trained with.\n{packages}"

"""Sets the stage: a GitHub on loopback, a bare repository, a DVC remote, an MLflow on SQLite."""

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
# When the scheduled workflows run, as the files that the README tells an adopter to add say it.
SCHEDULES = {"monitor": "47 5 * * *", "reconcile": "17 * * * *"}
_SCOPES = ("contents", "pull_requests", "checks", "statuses", "deployments", "issues", "actions")
_PACKAGES = ("numpy", "polars", "scikit-learn", "skops")
_POLICY = """# What holds for every model of this repository; read from the default branch.
version: 1
manifests: model-manifests/*/model.yaml
environments: [staging, production]
inconclusive: ask
dvc_lock: commit
runner_labels: [self-hosted]
"""
_REMOTE = """[core]
    remote = store
['remote "store"']
    url = {folder}
"""


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everything that the story plays on; `token` is the one that interlock's own jobs get."""

    folder: Path
    hub: github_sandbox.Sandbox
    bare: Path
    url: str
    person: User
    token: str

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
        """Where what is served leaves live data and labels."""
        return self.folder / "production"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.database}"


@contextmanager
def built(folder: Path, *, port: int = 0) -> Iterator[DemoWorld]:
    """A world in `folder`, with GitHub answering while the block runs; nothing is pushed yet."""
    hub = github_sandbox.Sandbox(folder / "github")
    bare = hub.create_repository(REPOSITORY, default_branch="main")
    hub.create_user("octocat", repository=REPOSITORY, permission="admin")
    everything = dict.fromkeys(_SCOPES, "write")
    token = hub.create_token(login="interlock[bot]", scopes=everything, bot=True)
    theirs = hub.create_token(login="octocat", scopes=everything, bot=False)
    (folder / "mlflow").mkdir(parents=True)
    (folder / "dvc-remote").mkdir()
    with hub.serve(port=port) as url:
        clone = folder / "octocat"
        person = User(clone, f"{url}/api", REPOSITORY, theirs)
        subprocess.run(
            ["git", "clone", "--quiet", hub.git_url(REPOSITORY, theirs), str(clone)],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        yield DemoWorld(folder, hub, bare, url, person, token)


def fill(world: DemoWorld) -> None:
    """Put the example models into octocat's clone, their data into DVC's remote; no push yet."""
    person, clone = world.person, world.person.folder
    person.git("switch", "--quiet", "--create", "main")
    shutil.copytree(_examples(), clone / "model-manifests", ignore=_not_ours)
    (clone / ".github").mkdir(exist_ok=True)
    (clone / ".github" / "interlock.yml").write_text(_POLICY)
    (clone / "uv.lock").write_text(_lock())
    (clone / "pyproject.toml").write_text(_PROJECT)
    (clone / "README.md").write_text("# Models\n\nWhat acme has learnt, and how.\n")
    (clone / ".gitignore").write_text("__pycache__/\n")
    (clone / ".dvc").mkdir()
    (clone / ".dvc" / "config").write_text(_REMOTE.format(folder=world.folder / "dvc-remote"))
    (clone / ".dvc" / ".gitignore").write_text("/config.local\n/tmp\n/cache\n")
    makers = [_make_data(clone, model) for model in MODELS]
    for maker in makers:
        maker.wait()
    pointers = [f"model-manifests/{model}/data/{model}.csv.dvc" for model in MODELS]
    person.run("dvc", "commit", "--quiet", *pointers)
    person.run("dvc", "push", "--quiet")


def _make_data(clone: Path, model: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "make_data.py"],
        cwd=clone / "model-manifests" / model,
        stdout=subprocess.DEVNULL,
    )


def _examples() -> Path:
    """The example models: beside the package when installed, else this repository's own."""
    installed = Path(str(files("interlock.demo"))) / "models"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "model-manifests"


def _not_ours(_folder: str, names: list[str]) -> set[str]:
    """What the story has no part for (a model that wants torch), and what a run by hand may have
    left beside the examples."""
    not_ours = {"digits-cnn", "__pycache__", "prepared", "model", "dvc.lock"}
    not_ours |= {"predictions.parquet", "metrics.json"}
    return {name for name in names if name in not_ours or name.endswith(".csv")}


_PROJECT = """\
[project]
name = "models"
version = "1"
requires-python = ">=3.11"
"""


def _lock() -> str:
    """The environment file that the manifests name: the packages that the programs import."""
    packages = "\n".join(f'name = "{p}"\nversion = "{metadata.version(p)}"\n' for p in _PACKAGES)
    return f"# The versions that the models were trained with.\n{packages}"

"""`interlock init` on small repositories: real Git, pipelines of every shape, the local GitHub."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click.testing
import pytest
import yaml
from click.testing import CliRunner

import github_sandbox
from interlock import cli
from tests.docs import documents
from tests.fakes.scene import IDENTITY

EVALUATED = {
    "dvc.yaml": """\
stages:
  train:
    cmd: python train.py
    deps: [train.py, rows.csv]
    outs: [model.pkl]
  evaluate:
    cmd: python evaluate.py
    deps: [evaluate.py, model.pkl]
    metrics: [{metrics.json: {cache: false}}]
""",
    "train.py": "import features\n",
    "features.py": "X = 1\n",
    "evaluate.py": "",
    "rows.csv": "x,y\n1,2\n",
    "metrics.json": '{"test": {"accuracy": 0.9}}',
    "CODEOWNERS": "# owners\n* @acme/vision\n",
    "uv.lock": "version = 1\n",
    ".dvc/config": "['remote \"store\"']\n    url = s3://acme/dvc\n",
}


class Repository:
    def __init__(self, folder: Path, files: Mapping[str, str], branch: str = "main") -> None:
        self.folder = folder / "churn"
        self.folder.mkdir()
        self.git("init", "--quiet", f"--initial-branch={branch}")
        self.commit(files)

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=IDENTITY)
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def init(self, *arguments: str, typed: str = "", **env: str) -> click.testing.Result:
        command = ["init", "--repo", str(self.folder), *arguments]
        return CliRunner().invoke(cli.group, command, input=typed, env=env, standalone_mode=False)

    def propose(self, *arguments: str) -> dict[str, Any]:
        done = self.init("--dry-run", "--json", *arguments)
        assert done.exception is None, done.exception
        document: dict[str, Any] = json.loads(done.stdout)
        documents.check(document)
        return document

    def text(self, path: str) -> str:
        return self.git("show", f"interlock-init:{path}")

    def manifest(self, path: str = "model.yaml") -> Any:
        return yaml.safe_load(self.text(path))


def files(document: Mapping[str, Any]) -> dict[str, str]:
    return {each["path"]: each["text"] for each in document["files"]}


def test_init__writes_a_branch_that_validates_and_leaves_the_checkout(tmp_path: Path) -> None:
    repository = Repository(tmp_path, EVALUATED)
    done = repository.init("--yes")
    assert (done.exception, done.return_value) == (None, 0), done.output
    assert repository.git("status", "--porcelain") == ""
    assert repository.git("branch", "--show-current") == "main"
    assert repository.manifest() == {
        "model": "churn",
        "owner": "@acme/vision",
        "objective": "The model of stage train.",
        "pipeline": {"target": "evaluate"},
        "outputs": {"model": "model.pkl"},
        "environment": ["uv.lock"],
        "runner": {"labels": ["self-hosted"]},
        "evaluate": {"primary": "dvc:test.accuracy"},
        "gates": [
            {"metric": "dvc:test.accuracy", "min": 0.88},
            {
                "metric": "dvc:test.accuracy",
                "max_drop": 0.02,
                "better": "greater",
                "against": "champion",
            },
        ],
        "promote": {"environments": ["staging", "production"]},
    }
    assert "deps: [train.py, rows.csv, features.py]" in repository.text("dvc.yaml")
    assert "uv sync" in yaml.safe_load(repository.text(".github/interlock.yml"))["prepare"]


def test_init__a_second_run_changes_nothing(tmp_path: Path) -> None:
    repository = Repository(tmp_path, EVALUATED)
    repository.init("--yes")
    first = repository.git("rev-parse", "interlock-init")
    repository.init("--yes")
    assert repository.git("rev-parse", "interlock-init") == first
    repository.git("merge", "--quiet", "interlock-init")
    assert repository.propose()["files"] == []
    assert "nothing to add" in repository.init().output


def test_init__a_branch_with_commits_of_a_person_stays(tmp_path: Path) -> None:
    repository = Repository(tmp_path, EVALUATED)
    repository.init("--yes")
    repository.git("switch", "--quiet", "interlock-init")
    repository.commit({"note.md": "mine\n"})
    mine = repository.git("rev-parse", "HEAD")
    repository.git("switch", "--quiet", "main")
    repository.commit({"other.md": "x\n"})
    done = repository.init("--yes")
    assert "with commits of its own" in str(done.exception)
    assert repository.git("rev-parse", "interlock-init") == mine


def test_init__a_manifest_policy_and_workflow_that_are_there_stay(tmp_path: Path) -> None:
    mine = "model: mine  # ours\npipeline: {target: evaluate}\ngates: []\n"
    kept = {
        "model.yaml": mine,
        ".github/interlock.yml": "# ours\nmlflow: https://mlflow.acme.example\n",
        ".github/workflows/models-promote.yml": "name: ours\n",
        ".pre-commit-config.yaml": "repos: []\n",
    }
    proposed = files(Repository(tmp_path, EVALUATED | kept).propose())
    assert proposed["model.yaml"].startswith(mine)
    added = yaml.safe_load(proposed["model.yaml"].removeprefix(mine))
    assert {"model", "pipeline", "gates"}.isdisjoint(added)
    assert proposed[".github/interlock.yml"].startswith(kept[".github/interlock.yml"])
    assert ".github/workflows/models-promote.yml" not in proposed


def test_init__completes_no_manifest_of_a_family(tmp_path: Path) -> None:
    pipeline = """\
stages:
  fit:
    foreach: [north, south]
    do:
      cmd: python fit.py ${item}
      deps: [fit.py]
      outs: ["models/${item}.pkl"]
"""
    repository = Repository(tmp_path, {"dvc.yaml": pipeline, "fit.py": ""})
    one_for_each = [each["manifest"] for each in repository.propose()["models"]]
    assert one_for_each == [f"model-manifests/churn-{x}/model.yaml" for x in ("north", "south")]
    repository.commit(
        {
            "model.yaml": "models: {each: [north, south]}\nmodel: churn-${item}\n"
            'owner: "@acme/x"\nobjective: Sales.\npipeline: {target: "fit@${item}"}\n'
            'outputs: {model: "models/${item}.pkl"}\nevaluate: {primary: model_size_mb}\n'
            "runner: {labels: [self-hosted]}\n"
            "gates: [{metric: model_size_mb, max: 9}]\npromote: {environments: [production]}\n"
        }
    )
    assert [path for path in files(repository.propose()) if path.endswith("model.yaml")] == []


def test_init__of_a_pipeline_without_metrics_is_valid_and_says_so(tmp_path: Path) -> None:
    pipeline = EVALUATED["dvc.yaml"].replace("    metrics: [{metrics.json: {cache: false}}]\n", "")
    repository = Repository(tmp_path, EVALUATED | {"dvc.yaml": pipeline})
    done = repository.init("--yes")
    assert done.return_value == 0, done.output
    assert "to do: No metric of churn is known." in done.output
    assert repository.manifest()["evaluate"] == {"primary": "model_size_mb"}


def test_init__names_a_missing_remote(tmp_path: Path) -> None:
    assert Repository(tmp_path, EVALUATED).propose()["notes"] == []
    (tmp_path / "bare").mkdir()
    bare = Repository(tmp_path / "bare", {**EVALUATED, ".dvc/config": "[core]\n"})
    (note,) = bare.propose()["notes"]
    assert note.startswith("No DVC remote is known")


def test_init__declares_the_model_that_a_program_writes(tmp_path: Path) -> None:
    """A stage with metrics only, as in a repository whose default branch is `master`."""
    project = {
        "dvc.yaml": "stages:\n  fit:\n    cmd: python fit.py\n    deps: [fit.py]\n"
        "    metrics: [{scores.json: {cache: false}}]\n",
        "fit.py": 'import pickle\npickle.dump(1, open("out/net.pkl", "wb"))\n',
        "scores.json": '{"rmse": 0.5}',
    }
    proposed = files(Repository(tmp_path, project, branch="master").propose())
    assert yaml.safe_load(proposed["dvc.yaml"])["stages"]["fit"]["outs"] == ["out/net.pkl"]
    assert "branches: [master]" in proposed[".github/workflows/models-promote.yml"]
    primary = yaml.safe_load(proposed["model.yaml"])["evaluate"]["primary"]
    assert primary == "dvc:rmse"


def test_init__adds_no_dependency_on_metrics_that_the_file_lists(tmp_path: Path) -> None:
    pipeline = EVALUATED["dvc.yaml"].replace("    metrics: [{metrics.json: {cache: false}}]\n", "")
    project = EVALUATED | {
        "dvc.yaml": pipeline + "metrics: [metrics.json]\n",
        "evaluate.py": 'import json\njson.dump({}, open("metrics.json", "w"))\n',
    }
    proposed = files(Repository(tmp_path, project).propose())
    deps = yaml.safe_load(proposed["dvc.yaml"])["stages"]["evaluate"]["deps"]
    assert deps == ["evaluate.py", "model.pkl"]


def test_init__keeps_a_model_in_git_that_a_program_writes_there(tmp_path: Path) -> None:
    project = {
        "dvc.yaml": "stages:\n  fit:\n    cmd: python fit.py\n    deps:\n      - fit.py\n"
        "    metrics: [{scores.json: {cache: false}}]\n",
        "fit.py": 'open("net.pkl", "wb")\nopen("notes.txt", "w")\n',
        "net.pkl": "weights",
        "notes.txt": "x",
        "scores.json": '{"rmse": 0.5}',
    }
    stage = yaml.safe_load(files(Repository(tmp_path, project).propose())["dvc.yaml"])["stages"]
    assert stage["fit"]["outs"] == [{"net.pkl": {"cache": False}}]
    assert stage["fit"]["deps"] == ["fit.py"]


def test_init__maps_the_columns_of_the_rows(tmp_path: Path) -> None:
    rows = "pin,sale_price,pred_price\n" + "".join(f"a{n},{n}.5,{n}.25\n" for n in range(30))
    project = {
        "dvc.yaml": "stages:\n  fit:\n    cmd: Rscript fit.R\n    deps: [fit.R]\n"
        "    outs: [model.zip, {card.csv: {cache: false}}]\n",
        "fit.R": "",
        "card.csv": rows,
        "renv.lock": "{}",
    }
    repository = Repository(tmp_path, project)
    done = repository.init("--yes", "--owner", "@acme/prices")
    assert done.return_value == 0, done.output
    manifest = repository.manifest()
    assert manifest["task"] == "regression"
    assert manifest["outputs"]["predictions"] == {
        "path": "card.csv",
        "id": "pin",
        "target": "sale_price",
        "prediction": "pred_price",
    }
    assert manifest["environment"] == ["renv.lock"]
    assert manifest["gates"] == [
        {"metric": "rmse", "max": 0.3},
        {"metric": "rmse", "max_rise": 0.05, "against": "champion"},
    ]


def test_init__of_rows_that_cannot_be_scored_uses_the_pipelines_metric(tmp_path: Path) -> None:
    rows = "id,target,prediction\n" + "1,0.5,0.5\n2,0.25,0.75\n3,,0.5\n"
    pipeline = EVALUATED["dvc.yaml"].replace("    metrics", "    outs: [rows.csv]\n    metrics")
    pipeline = pipeline.replace("rows.csv]\n    outs: [model", "features.py]\n    outs: [model")
    document = Repository(tmp_path, EVALUATED | {"dvc.yaml": pipeline, "rows.csv": rows}).propose()
    assert document["notes"][0].startswith("The rows cannot be scored: rows.csv")
    manifest = yaml.safe_load(files(document)["model.yaml"])
    assert manifest["evaluate"] == {"primary": "dvc:test.accuracy"}
    assert "predictions" not in manifest["outputs"]


def test_init__from_a_program_writes_the_pipeline(tmp_path: Path) -> None:
    project = {
        "train.py": 'open("data/rows.csv")\nopen("clf.joblib", "w")\nopen("metrics.json", "w")\n',
        "data/rows.csv": "x\n1\n",
        "metrics.json": '{"f1": 0.8}',
    }
    repository = Repository(tmp_path, project)
    refused = repository.init("--yes")
    assert "there is no dvc.yaml" in str(refused.exception)
    done = repository.init(
        "--yes", "--owner", "@acme/x", "--from", "python train.py", "--data", "data"
    )
    assert done.return_value == 0, done.output
    assert yaml.safe_load(repository.text("dvc.yaml"))["stages"]["train"] == {
        "cmd": "python train.py",
        "deps": ["data", "train.py"],
        "outs": ["clf.joblib"],
        "metrics": [{"metrics.json": {"cache": False}}],
    }
    assert repository.text(".dvc/config") == ""
    assert repository.manifest()["evaluate"] == {"primary": "dvc:f1"}


@pytest.mark.parametrize(
    ("arguments", "project", "message"),
    [
        (["--from", "python train.py"], EVALUATED, "there is a dvc.yaml"),
        (["--from", "python x.py", "--data", "no"], {"x.py": ""}, "Git has no no"),
        (["--from", "python x.py"], {"x.py": ""}, "looks like a model"),
        ([], {"dvc.yaml": "stages: {a: {cmd: x, outs: [y.csv]}}\n"}, "no stage has an output"),
    ],
)
def test_init__refuses_what_has_no_model(
    tmp_path: Path, arguments: list[str], project: dict[str, str], message: str
) -> None:
    done = Repository(tmp_path, project).init("--yes", *arguments)
    assert message in str(done.exception)


def test_init__asks_what_is_unknown_and_writes_after_a_yes(tmp_path: Path) -> None:
    unowned = {path: text for path, text in EVALUATED.items() if path != "CODEOWNERS"}
    repository = Repository(tmp_path, unowned)
    done = repository.init(typed="https://mlflow.acme.example\n@acme/growth\nn\n")
    assert done.output.count("?") == 1
    assert "owner: '@acme/growth'" in done.output
    assert "mlflow: https://mlflow.acme.example" in done.output
    assert repository.git("branch", "--list", "interlock-init") == ""
    repository.init(typed="\n@acme/growth\ny\n")
    assert repository.manifest()["owner"] == "@acme/growth"


def test_init__opens_one_pull_request(tmp_path: Path) -> None:
    name = "acme/churn"
    hub = github_sandbox.Sandbox(tmp_path / "hub")
    hub.create_repository(name)
    hub.create_user("octocat", repository=name, permission="write")
    repository = Repository(tmp_path, EVALUATED)
    with hub.serve() as url:
        token = hub.create_token(login="octocat")
        repository.git("remote", "add", "origin", hub.git_url(name, token))
        repository.git("push", "--quiet", "origin", "main")
        env = {
            "GITHUB_REPOSITORY": name,
            "GITHUB_TOKEN": token,
            "GITHUB_API_URL": f"{url}/api",
        }
        first = repository.init("--yes", "--pull-request", **env)
        again = repository.init("--yes", "--pull-request", **env)
        assert (first.return_value, again.return_value) == (0, 0), first.output + again.output
        pulls = hub.instance.store.list("pull", repository=name)
    hub.close()
    (pull,) = pulls
    golden = Path(__file__).parent / "init.pull-request.md"
    if os.environ.get("INTERLOCK_UPDATE_GOLDEN"):
        golden.write_text(pull["body"], encoding="utf-8")
    assert pull["title"] == "Use Interlock"
    assert pull["body"] == golden.read_text(encoding="utf-8")

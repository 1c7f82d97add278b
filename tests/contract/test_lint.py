"""What no linter knows of our workflows and actions; `.ci/run` runs those that know the rest."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from interlock import cli
from tests.contract import workflows
from tests.contract.workflows import ROOT, File
from tests.fakes.scene import Scene

# Third parties, read from the tags of their repositories: the commit and its version.
THIRD_PARTIES = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/create-github-app-token": ("1b10c78c7865c340bc4f6099eb2f838309f1e8c3", "v3.1.1"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "astral-sh/setup-uv": ("20cfd1bf945f4377ade1205e4dbc17946fc9a30d", "v10.0.1"),
    "iterative/setup-cml": ("f12ea7685438c1fc438d50f77519b3860cf5fa98", "v2.0.1"),
}
# What each job's token may write; each may read what it may write, and contents.
MAY_WRITE = {
    ("ci.yml", "everything"): set(),
    ("ci.yml", "fuzz"): set(),
    ("ci.yml", "advisories"): set(),
    ("models-evaluate.yml", "evaluate"): {"contents", "id-token"},
    ("models-train.yml", "train"): set(),
    ("models-train.yml", "attest"): {"id-token"},
    ("models-monitor.yml", "monitor"): {"contents", "id-token"},
    ("models-monitor.yml", "refresh"): set(),
    ("models-monitor.yml", "retrain"): {
        "contents",
        "pull-requests",
        "issues",
        "actions",
        "id-token",
    },
    ("models-reconcile.yml", "dashboard"): {"issues"},
    ("models-pull-request.yml", "validate"): set(),
    ("models-pull-request.yml", "plan"): set(),
    ("models-pull-request.yml", "announce"): {"pull-requests", "checks"},
    ("models-pull-request.yml", "report"): {"contents", "pull-requests", "checks"},
    ("models-pull-request.yml", "gate"): set(),
    ("models-reconcile.yml", "reconcile"): {"contents", "deployments", "id-token"},
    ("models-promote.yml", "plan"): set(),
    ("models-promote.yml", "promote"): {"contents", "deployments", "id-token"},
    ("models-promote.yml", "report"): {"pull-requests", "checks"},
    ("models-promote.yml", "gate"): set(),
    ("models-command.yml", "command"): {"contents", "issues", "pull-requests", "id-token"},
    ("models-command.yml", "report"): {"contents", "pull-requests", "checks"},
}
FILES = [*workflows.workflows(), *workflows.actions()]
JOBS = [(file, name) for file in workflows.workflows() for name in file.jobs]
RUNNING = [(file, name) for file, name in JOBS if "steps" in file.jobs[name]]
OUTPUT = re.compile(r"\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}")
VERB = re.compile(r'exec "\$GITHUB_ACTION_PATH/\.\./run" (\w+)( train)?')

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
every_workflow = pytest.mark.parametrize("file", workflows.workflows(), ids=lambda file: file.name)


def test_files__are_all_here() -> None:
    print(f"{len(workflows.workflows())} workflows, {len(workflows.actions())} actions")
    assert len(workflows.reusable()) >= 3
    assert len(workflows.actions()) >= 7


@every_file
def test_expressions__end_where_they_should(file: File) -> None:
    """An unquoted ` #` begins a comment in YAML, and no linter misses the rest of an expression."""
    values: list[Any] = [file.document]
    while values:
        value = values.pop()
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
        elif isinstance(value, str):
            assert value.count("${{") == value.count("}}"), value


@every_file
def test_uses__is_ours_or_a_known_commit_with_its_version(file: File) -> None:
    for use in file.uses():
        if use.startswith("$/"):
            where = ROOT / use.removeprefix("$/")
            assert where.is_file() or (where / "action.yml").is_file(), use
            continue
        name, _, commit = use.partition("@")
        known = THIRD_PARTIES[name]
        assert commit == known[0]
        assert f"uses: {use} # {known[1]}\n" in file.text


@every_file
def test_run__holds_no_expression(file: File) -> None:
    for _, step in file.steps():
        assert "${{" not in step.get("run", "")


@every_workflow
def test_workflow__grants_nothing_at_its_top(file: File) -> None:
    assert file.document["permissions"] == {}
    assert all("permissions" in job for job in file.jobs.values())


@every_workflow
def test_workflow__is_not_started_with_the_targets_rights(file: File) -> None:
    assert "pull_request_target" not in file.text
    assert "secrets: inherit" not in file.text


def test_jobs__end_by_themselves() -> None:
    assert len(RUNNING) > 10
    for file, name in RUNNING:
        assert file.jobs[name].get("timeout-minutes"), (file.name, name)


def test_jobs__may_write_what_the_table_says() -> None:
    names: dict[tuple[str, str], set[str]] = {}
    for file, name in RUNNING:
        value = file.jobs[name]["permissions"].items()
        names[file.name, name] = {scope for scope, right in value if right == "write"}
        assert {right for _, right in value} <= {"read", "write"}
    assert names == MAY_WRITE


def test_checkout__leaves_no_token() -> None:
    checkouts = [step for file, name in RUNNING for step in _uses(file, name, "actions/checkout@")]
    assert checkouts
    assert {step["with"].get("persist-credentials") for step in checkouts} == {"false"}


def test_job_with_an_id_token__has_no_file_of_the_change_and_runs_no_program() -> None:
    """What such a job runs could request a token for any digest."""
    attesting = [job for job, rights in MAY_WRITE.items() if "id-token" in rights]
    assert len(attesting) >= 6
    for file, name in RUNNING:
        if (file.name, name) not in attesting:
            continue
        *apps, clone, verb = file.jobs[name]["steps"]
        assert apps in ([], _uses(file, name, "actions/create-github-app-token@")), name
        assert clone["uses"] == "$/actions/clone", name
        assert verb["uses"].removeprefix("$/actions/") in cli.VERBS, name
        assert {"container", "services", "defaults"} & set(file.jobs[name]) == set()


def _uses(file: File, job: str, prefix: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = file.jobs[job]["steps"]
    return [step for step in steps if step.get("uses", "").startswith(prefix)]


def test_app_token__may_what_the_jobs_own_token_may() -> None:
    """A token of an App has all that the App has, unless the job says less."""
    number = 0
    for file, name in RUNNING:
        for step in _uses(file, name, "actions/create-github-app-token@"):
            document = {k: v for k, v in step["with"].items() if k.startswith("permission-")}
            expected = file.jobs[name]["permissions"] | {"id-token": ""}
            del expected["id-token"]  # only a job can have it
            assert document == {f"permission-{s}": right for s, right in expected.items()}, name
            number += 1
    assert number >= 5


# Whatever a verb is given, it leaves all of its outputs: here an event that asks for nothing.
ENVIRONMENT = {
    "GITHUB_EVENT_NAME": "star",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_API_URL": "http://127.0.0.1:9",
    "GITHUB_TOKEN": "none",
}


# Without those of `train`, which needs a model: tests/integration/test_train_command.py reads them.
WITH_OUTPUTS = [f for f in workflows.actions() if "outputs" in f.document and f.name != "train"]


@pytest.mark.parametrize("file", WITH_OUTPUTS, ids=lambda file: file.name)
def test_output_of_an_action__is_written_by_the_step_it_names(file: File, tmp_path: Path) -> None:
    steps = {step["id"]: step for _, step in file.steps() if "id" in step}
    wanted: dict[str, set[str]] = {}
    for name, output in file.document["outputs"].items():
        match = OUTPUT.fullmatch(output["value"])
        assert match, output["value"]
        assert match[1] in steps, f"{name} is taken from a step that is not there"
        assert match[2] == name
        wanted.setdefault(match[1], set()).add(name)
    for step, names in wanted.items():
        verb = VERB.fullmatch(steps[step]["run"].strip())
        assert verb is not None
        if verb[1] == "train":  # by tests/integration/test_train_command.py, which trains
            assert names == {"run", "digest"}
            continue
        assert names <= _written(verb[1], tmp_path)


def _written(verb: str, folder: Path) -> set[str]:
    """The outputs that a verb leaves, as its step would."""
    scene = Scene(folder).create("digits")
    scene.commit(1.0)
    file, event = folder / "outputs", folder / "event.json"
    event.write_text('{"action": "created", "repository": {"full_name": "acme/models"}}')
    variables = {"GITHUB_OUTPUT": str(file), "GITHUB_EVENT_PATH": str(event), **ENVIRONMENT}
    done = CliRunner().invoke(cli.group, [verb, "--repo", str(scene.checkout)], env=variables)
    assert done.exit_code == 0, done.output
    return set(re.findall(r"^([\w-]+)<<end-", file.read_text(), flags=re.MULTILINE))


def test_outputs_of_steps_and_jobs__are_taken_from_what_is_there() -> None:
    """No linter follows `steps.x.outputs.y` into an action of the repository."""
    known = {file.name: set(file.document.get("outputs", {})) for file in workflows.actions()}
    number = 0
    for file, name in RUNNING:
        ids = {step["id"]: step for step in file.jobs[name]["steps"] if "id" in step}
        for step, output in re.findall(
            r"steps\.([\w-]+)\.outputs\.([\w-]+)", json.dumps(file.jobs[name])
        ):
            action = ids[step]["uses"]
            if action.startswith("$/actions/"):
                assert output in known[action.removeprefix("$/actions/")], (file.name, output)
                number += 1
        for needed, output in re.findall(
            r"needs\.([\w-]+)\.outputs\.([\w-]+)", json.dumps(file.jobs[name])
        ):
            assert needed in _needs(file.jobs[name]), (file.name, name, needed)
            assert output in file.jobs[needed]["outputs"], (file.name, name, output)
            number += 1
    assert number > 20


def _needs(job: dict[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def test_zizmor__finds_what_its_configuration_answers_and_no_more() -> None:
    """Without its configuration: what has an answer is still found, and nothing else is."""
    command = ["zizmor", "--offline", "--no-progress", "--persona", "pedantic", "--no-config"]
    done = subprocess.run(
        [*command, "--format", "json", ".github/workflows", "actions"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    counts = Counter(
        _place(finding) for finding in json.loads(done.stdout) if not finding["ignored"]
    )
    rules = yaml.safe_load((ROOT / ".github" / "zizmor.yml").read_text())["rules"]
    answered = {(rule, name) for rule, answer in rules.items() for name in answer["ignore"]}
    print(f"{counts.total()} findings in {len(counts)} places, all answered")
    assert set(counts) == answered


def _place(finding: dict[str, Any]) -> tuple[str, str]:
    primary = next(p for p in finding["locations"] if p["symbolic"]["kind"] == "Primary")
    return finding["ident"], Path(primary["symbolic"]["key"]["Local"]["verbatim_path"]).name

"""`interlock validate` as a user meets it: real Git, the files as they lie, words and exit code."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import interlock
from interlock import cli, documents, errors, wiring
from interlock.commands import validate
from interlock.domain.basics.diagnostics import Severity
from interlock.domain.basics.interval import Interval
from interlock.domain.evaluation.verdict import Comparison, Verdict
from interlock.domain.training.plan import Decision
from interlock.ledger import lookup
from tests import report_cases
from tests.fakes.ledger import FakeLedger
from tests.unit.manifests.examples import SOUND, with_gate, with_line
from tests.unit.pipelines import test_dvcfiles, test_inputs
from tests.unit.pipelines.history import HERE, Content, History, model

DVC_YAML = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [prepared]
  train:
    cmd: python train.py
    deps: [train.py, prepared]
    outs:
      - model
      - predictions.parquet: {cache: true}
    metrics:
      - metrics.json
  export: {cmd: python export.py, deps: [model], outs: [export]}
"""
POLICY = """\
version: 1
environments: [staging, shadow, production]
runner_labels: [self-hosted, gpu]
"""
SCHEMA = Path(interlock.__file__).parent / "schemas" / "validation.v1.json"
DIGITS = "model-manifests/digits"


class Place:
    """A Git repository with one sound model, and the command run in it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys
        self.git("init", "--quiet")
        self.write("uv.lock", "version = 1\n")
        self.write(".github/interlock.yml", POLICY)
        self.add("digits", SOUND)

    def git(self, *arguments: str) -> None:
        who = ["-c", "user.name=octocat", "-c", "user.email=octocat@example.com"]
        subprocess.run(["git", "-C", str(self.root), *who, *arguments], check=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def add(self, folder: str, manifest: str, pipeline: str = DVC_YAML) -> None:
        self.write(f"model-manifests/{folder}/model.yaml", manifest)
        self.write(f"model-manifests/{folder}/dvc.yaml", pipeline)
        for program in ("prepare.py", "train.py"):
            self.write(f"model-manifests/{folder}/{program}", "print()\n")

    def validate(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        with pytest.raises(SystemExit) as ended:
            cli.main(["validate", "--repo", str(self.root), *arguments])
        output = self._capsys.readouterr()
        return int(str(ended.value.code)), output.out, output.err

    def complaints(self, *arguments: str) -> list[str]:
        """Each complaint's first line."""
        _, _, errors_text = self.validate(*arguments)
        return [
            line for line in errors_text.splitlines() if re.search(r": (error|warning): ", line)
        ]


@pytest.fixture
def place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Place:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "acme").mkdir()
    return Place(tmp_path / "acme", capsys)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.git")


def test_validate__all_is_well(place: Place) -> None:
    assert place.validate() == (0, "", "1 manifest checked: no errors\n")


def test_validate__says_all_and_ends_with_2(place: Place) -> None:
    place.add("digits", with_line("task", "task: multiclas"))
    place.add(
        "diabetes", with_gate("{metric: accuracy, min: 90}", SOUND.replace("digits", "sugar"))
    )
    code, out, errors_text = place.validate()
    assert code == errors.EXIT_INPUT
    assert out == ""
    assert errors_text == (
        "model-manifests/diabetes/model.yaml:11:29: error: accuracy is never more than 1\n"
        "  hint: as a share: 0.9\n"
        "model-manifests/digits/model.yaml:4:7: error: task is 'multiclas', and must be binary,"
        " multiclass, regression, multilabel or scored\n"
        "  hint: did you mean 'multiclass'?\n"
        "2 manifests checked: 2 errors\n"
    )


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "pipeline: {target: trian}",
            "5:20: error: model-manifests/digits/dvc.yaml has no stage 'trian'",
            "did you mean 'train'?",
        ),
        (
            "pipeline: {target: deploy}",
            "5:20: error: model-manifests/digits/dvc.yaml has no stage 'deploy'",
            "its stages are prepare, train, export",
        ),
        (
            "pipeline: {target: train@a}",
            "5:20: error: stage 'train' of model-manifests/digits/dvc.yaml is one stage,"
            " with nothing after an @",
            "write train",
        ),
        (
            "pipeline: {file: ../../dvc.yaml, target: train}",
            "5:18: error: there is no dvc.yaml",
            "did you mean 'dvc.yaml'?",
        ),
        (
            "outputs: {model: models/, predictions: predictions.parquet}",
            "6:18: error: model-manifests/digits/models is not an output of stage 'train' or of"
            " an upstream stage",
            "did you mean 'model'?",
        ),
        (
            "outputs: {model: export, predictions: predictions.parquet}",
            "6:18: error: model-manifests/digits/export is not an output of stage 'train' or of"
            " an upstream stage",
            "it is an output of stage 'export': make that the target, or name another output",
        ),
        (
            "outputs: {model: model, predictions: other/rows.csv}",
            "6:38: error: model-manifests/digits/other/rows.csv is not an output of stage 'train' "
            "or of an upstream stage",
            "their outputs are metrics.json, model, predictions.parquet, prepared",
        ),
        (
            "environment: [../../uv.lck]",
            "7:15: error: there is no uv.lck",
            "did you mean '../../uv.lock'?",
        ),
        (
            "runner: {labels: [self-hosted, gpus]}",
            "8:32: error: the policy does not allow the runner label 'gpus'",
            "did you mean 'gpu'?",
        ),
        (
            "promote: {environments: [stagign]}",
            "15:26: error: the policy knows no environment 'stagign'",
            "did you mean 'staging'?",
        ),
        (
            "promote: {environments: [production, staging]}",
            "15:38: error: staging comes before production in the policy",
            "its order is staging, shadow, production",
        ),
    ],
)
def test_validate__against_the_repository(place: Place, line: str, message: str, hint: str) -> None:
    place.add("digits", with_line(line.partition(":")[0], line))
    code, _, errors_text = place.validate()
    assert code == errors.EXIT_INPUT
    assert (
        errors_text
        == f"{DIGITS}/model.yaml:{message}\n  hint: {hint}\n1 manifest checked: 1 error\n"
    )


def test_validate__predictions_among_the_plots(place: Place) -> None:
    pipeline = DVC_YAML.replace("metrics:\n", "plots:\n      - out.csv\n    metrics:\n")
    line = "outputs: {model: model/weights.bin, predictions: out.csv}"
    place.add("digits", with_line("outputs", line), pipeline)
    assert place.complaints() == []


def test_validate__outputs_below_a_wdir(place: Place) -> None:
    pipeline = DVC_YAML.replace("cmd: python train.py", "cmd: python train.py\n    wdir: ../run")
    pipeline = pipeline.replace("[train.py, prepared]", "[../digits/train.py]")
    line = "outputs: {model: ../run/model, predictions: ../run/predictions.parquet}"
    place.add("digits", with_line("outputs", line), pipeline)
    assert place.complaints() == []


def test_validate__outputs_of_a_stage_upstream(place: Place) -> None:
    line = "outputs: {model: prepared/net.bin, predictions: predictions.parquet}"
    place.add("digits", with_line("outputs", line))
    assert place.complaints() == []


@pytest.mark.parametrize("name", ["model", "models", "net"])
def test_validate__outputs_behind_a_template_are_resolved(place: Place, name: str) -> None:
    before, _, train = DVC_YAML.partition("  train:")
    place.add("digits", SOUND, f"{before}  train:{train.replace('- model', '- ${out}')}")
    place.write(f"{DIGITS}/params.yaml", f"out: {name}\n")
    message = f"{DIGITS}/model.yaml:6:18: error: {DIGITS}/model is not an output of stage 'train'"
    result = place.complaints()
    assert (
        result == [] if name == "model" else [each.startswith(message) for each in result] == [True]
    )


def test_validate__template_that_cannot_be_resolved(place: Place) -> None:
    place.add("digits", SOUND, DVC_YAML.replace("- model\n", "- ${out}\n"))
    (complaint,) = place.complaints()
    assert complaint.startswith(f"{DIGITS}/dvc.yaml:6:3: error: stage train: ")
    assert "Could not find 'out'" in complaint


GROUPS = """\
stages:
  words:
    foreach: [a, true, 1.5]
    do: {cmd: x, deps: [train.py], outs: ["w/${item}"]}
  keys: {foreach: {a: {x: 1}}, do: {cmd: x, deps: [train.py], outs: ["k/${key}"]}}
  dicts: {foreach: [{x: 1}, {x: 2}], do: {cmd: x, deps: [train.py], outs: ["d/${item.x}"]}}
  hidden: {foreach: "${items}", do: {cmd: x, deps: [train.py], outs: ["h/${item}"]}}
  grid:
    matrix: {m: [cnn, {n: 1}], k: [1, 2]}
    cmd: x
    deps: [train.py]
    outs: ["g/${key}"]
"""


def of_many(target: str, made: str) -> str:
    outputs = f"outputs: {{model: {made}, predictions: {made}/rows.csv}}"
    return with_line("outputs", outputs, with_line("pipeline", f"pipeline: {{target: {target}}}"))


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("words@a", "w/a"),
        ("words@true", "w/true"),
        ("words@1.5", "w/1.5"),
        ("keys@a", "k/a"),
        ("dicts@1", "d/2"),
        ("hidden@x", "h/x"),
        ("grid@cnn-1", "g/cnn-1"),
        ("grid@m1-2", "g/m1-2"),
    ],
)
def test_validate__one_of_many_stages(place: Place, target: str, made: str) -> None:
    place.write(f"{DIGITS}/params.yaml", "items: [x, y]\n")
    place.add("digits", of_many(target, made), GROUPS)
    assert place.complaints() == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("words@b", "has no stage 'words@b'"),
        ("dicts@2", "has no stage 'dicts@2'"),
        ("grid@cnn-3", "has no stage 'grid@cnn-3'"),
        ("words", "'words' is many stages"),
    ],
)
def test_validate__none_of_many_stages(place: Place, target: str, message: str) -> None:
    place.write(f"{DIGITS}/params.yaml", "items: [x, y]\n")
    place.add("digits", of_many(target, "w/a"), GROUPS)
    (complaint,) = place.complaints()
    assert complaint.endswith(message)


@pytest.mark.parametrize(
    ("pipeline", "message"),
    [
        ("stages:\n  train: [\n", "2:11: error: not valid YAML"),
        ("stages: {train: x}\n", "1:17: error: stages.train is text ('x'), and must be a mapping"),
        ("stages: {train: {cmd: x, outs: x}}\n", "1:32: error: stages.train.outs is text ('x')"),
        ("stages: {train: {cmd: x, outs: [1]}}\n", "1:33: error: stages.train.outs[0] is a num"),
        ("stages: {train: {foreach: [a]}}\n", "1:10: error: stages.train has no field 'do'"),
        ("meta: {a: 1}\nstages: {}\n", "1:1: error: DVC knows no field 'meta' in the file"),
    ],
)
def test_validate__pipeline_that_cannot_be_read(place: Place, pipeline: str, message: str) -> None:
    place.add("digits", SOUND, pipeline)
    (complaint,) = place.complaints()
    assert complaint.startswith(f"{DIGITS}/dvc.yaml:{message}")


def test_validate__pipeline_without_stages(place: Place) -> None:
    place.add("digits", SOUND, "vars: []\n")
    code, _, errors_text = place.validate()
    assert code == errors.EXIT_INPUT
    assert errors_text.startswith(
        f"{DIGITS}/model.yaml:5:20: error: {DIGITS}/dvc.yaml has no stage 'tra"
    )
    assert "\n  hint: it has no stages\n" in errors_text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "dvc.lock",
            "schema: '2.0'\nstages:\n<<<<<<< HEAD\n",
            "dvc.lock:3:1: warning: conflict markers of a merge",
        ),
        (
            "dvc.lock",
            "train:\n  cmd: x\n",
            "dvc.lock:1:1: warning: this is a lock file of DVC 1",
        ),
        ("dvc.lock", "", "dvc.lock:1:1: warning: the file has no field 'schema'"),
        ("dvc.lock", "schema: 2.0\n", "dvc.lock:1:9: warning: schema is a number (2.0), and must"),
        ("other/dvc.yaml", "stages: []\n", "other/dvc.yaml:1:9: warning: stages is a list"),
        ("rows.csv.dvc", "outs: x\n", "rows.csv.dvc:1:7: warning: outs is text ('x')"),
    ],
)
def test_validate__file_of_dvc_that_no_model_needs(
    place: Place, name: str, text: str, message: str
) -> None:
    place.write(f"{DIGITS}/{name}", text)
    code, _, errors_text = place.validate()
    assert code == 0
    assert errors_text.startswith(f"{DIGITS}/{message}")
    assert "1 manifest checked: 1 warning" in errors_text
    assert ("hint: restore it" in errors_text) is (name == "dvc.lock")


def test_validate__broken_lock_of_the_model_that_was_named(place: Place) -> None:
    place.add("other", SOUND.replace("digits", "other"))
    place.write("model-manifests/other/dvc.lock", "<<<<<<< HEAD\n")
    assert place.complaints(str(place.root / DIGITS)) == []
    (complaint,) = place.complaints(str(place.root / "model-manifests" / "other"))
    assert complaint.startswith("model-manifests/other/dvc.lock:1:1: warning: conflict markers")


def test_validate__dependency_that_is_nowhere_is_at_its_place(place: Place) -> None:
    place.add("digits", SOUND, DVC_YAML.replace("[train.py, prepared]", "[train.py, prepard]"))
    (complaint,) = place.complaints()
    assert complaint.startswith(
        f"{DIGITS}/dvc.yaml:8:22: error: stage train: its dependency prepard is not in Git"
    )


BLOCKED: dict[str, tuple[dict[str, Content], str]] = {
    **test_inputs.BROKEN,
    **{n: ({f"{HERE}/dvc.yaml": t}, "") for n, (t, _) in test_dvcfiles.REFUSED.items()},
}


@pytest.mark.parametrize("name", BLOCKED)
def test_validate__says_whatever_plan_is_blocked_by(history: History, name: str) -> None:
    history.commit(model() | BLOCKED[name][0])
    (planned,) = history.plan(None).models
    assert planned.decision is Decision.BLOCKED
    tree = wiring.repository(history.folder).tree("main")
    context = validate.ValidateContext(tree=tree, resolve_templates=wiring.resolve_templates)
    result = validate.run(context, validate.ValidateOptions())
    assert result.exit_code == errors.EXIT_INPUT
    first = next(each for each in result.diagnostics if each.severity is Severity.ERROR)
    assert first.line > 0
    assert tree.read(first.path) is not None


def test_validate__code_that_no_stage_declares_is_a_warning(place: Place) -> None:
    pipeline = DVC_YAML.replace("python train.py", "acme-train --fast")
    place.add("digits", SOUND, pipeline.replace("[train.py, prepared]", "[prepared]"))
    stage = f"{DIGITS}/dvc.yaml: warning: stage train of {DIGITS}/dvc.yaml"
    assert place.complaints() == [
        f"{stage} cannot see what code `acme-train --fast` runs; add it to deps"
    ]
    assert place.validate()[0] == errors.EXIT_DONE
    place.write("pyproject.toml", "[project.scripts]\nacme-train = 'acme.training:main'\n")
    place.write("src/acme/training.py", "x = 1\n")
    result = "\n".join(place.complaints())
    assert "add to its deps: `- ../../src/acme/training.py`" in result
    assert "cannot see" not in result


def test_validate__environment_that_leaves_versions_open_is_a_warning(place: Place) -> None:
    place.write("uv.lock", "")
    place.write("requirements.txt", "numpy>=2\n")
    place.add("digits", SOUND.replace("../../uv.lock", "../../requirements.txt"))
    (warning,) = place.complaints()
    message = f"{DIGITS}/model.yaml: warning: requirements.txt leaves versions open: `numpy>=2`"
    assert warning.startswith(message)


def test_validate__folder_without_a_pipeline(place: Place) -> None:
    (place.root / DIGITS / "dvc.yaml").unlink()
    assert place.complaints() == [f"{DIGITS}/model.yaml:5:11: error: there is no {DIGITS}/dvc.yaml"]


def test_validate__two_models_of_one_name(place: Place) -> None:
    place.add("again", SOUND)
    assert place.complaints() == [
        f"model-manifests/again/model.yaml:1:8: error: another model is named 'digits':"
        f" {DIGITS}/model.yaml",
        f"{DIGITS}/model.yaml:1:8: error: another model is named 'digits':"
        " model-manifests/again/model.yaml",
    ]


def test_validate__two_models_of_one_registered_name(place: Place) -> None:
    place.add(
        "again", with_line("model", "model: digits-v2").replace(", registry_name: digits-v2", "")
    )
    assert [line.partition(": error: ")[0] for line in place.complaints()] == [
        "model-manifests/again/model.yaml:1:8",
        f"{DIGITS}/model.yaml:15:63",
    ]


def test_validate__name_shared_with_a_manifest_that_was_not_selected(place: Place) -> None:
    place.add("again", SOUND)
    (complaint,) = place.complaints(str(place.root / DIGITS))
    assert complaint.startswith(f"{DIGITS}/model.yaml:1:8: error: another model is named 'digits'")


def test_validate__broken_policy(place: Place) -> None:
    place.write(".github/interlock.yml", "environments: [latest]\n")
    code, _, _ = place.validate()
    assert code == errors.EXIT_INPUT
    (complaint,) = place.complaints()
    assert complaint.startswith(".github/interlock.yml:1:16: error: environments[0] is 'latest'")


def test_validate__no_policy(place: Place) -> None:
    (place.root / ".github/interlock.yml").unlink()
    assert place.complaints() == []


def test_validate__policy_by_another_ending(place: Place) -> None:
    (place.root / ".github/interlock.yml").rename(place.root / ".github/interlock.yaml")
    (complaint,) = place.complaints()
    assert complaint.startswith(".github/interlock.yaml:1:1: error: this file is not read")


def test_validate__no_manifest(place: Place) -> None:
    place.write(".github/interlock.yml", "manifests: models/*.yaml\n")
    assert place.validate() == (
        errors.EXIT_INPUT,
        "",
        ".github/interlock.yml: error: no file matches the pattern models/*.yaml, so there is no"
        " manifest\n  hint: add one, or set manifests: in .github/interlock.yml to where yours"
        " are\n0 manifests checked: 1 error\n",
    )


def test_validate__manifest_by_another_ending(place: Place) -> None:
    place.write("model-manifests/other/model.yml", SOUND)
    code, _, errors_text = place.validate()
    assert code == 0
    assert errors_text.startswith(
        "model-manifests/other/model.yml:1:1: warning: this file is not read"
    )


def test_validate__manifest_at_the_root(place: Place) -> None:
    """Beside a dvc.yaml at the root, as DVC's own tutorials have it."""
    folder = place.root / DIGITS
    for path in folder.iterdir():
        path.rename(place.root / path.name)
    place.write("model.yaml", SOUND.replace("../../", ""))
    assert place.validate()[0] == 0
    place.write("model-manifests/group/nested/model.yaml", SOUND)
    code, _, errors_text = place.validate()
    assert code != 0
    assert errors_text.startswith("model-manifests/group/nested/model.yaml:")
    assert "another model is named 'digits': model.yaml" in errors_text


def test_validate__item_of_a_stage_that_has_no_model(place: Place) -> None:
    stage = "{cmd: python train.py, deps: [train.py], outs: ['m/${item}', 'p/${item}.csv']}"
    group = f"stages:\n  train:\n    foreach: [a, b]\n    do: {stage}\n"
    place.write(f"{DIGITS}/dvc.yaml", group)
    manifest = SOUND.replace("model: digits", 'model: "digits-${item}"\nmodels: {each: [a]}')
    manifest = manifest.replace("target: train", 'target: "train@${item}"')
    manifest = re.sub(
        "outputs: .*", 'outputs: {model: "m/${item}", predictions: "p/${item}.csv"}', manifest
    )
    manifest = re.sub(", registry_name: [^}]*", "", manifest)
    place.write(f"{DIGITS}/model.yaml", manifest)
    (warning,) = place.complaints()
    assert warning.endswith("warning: no model has the target train@b")
    place.write(f"{DIGITS}/model.yaml", manifest.replace("each: [a]", "each: [a, b]"))
    assert place.complaints() == []


def test_validate__several_patterns(place: Place) -> None:
    place.write(".github/interlock.yml", 'manifests: ["models/*.yaml", "*/digits/model.yaml"]\n')
    assert place.validate()[0] == 0
    place.write(".github/interlock.yml", 'manifests: ["/a"]\n')
    assert "1:13: error: manifests[0] is '/a', which is not a valid pattern" in place.validate()[2]


def test_validate__file_that_no_pattern_matches(place: Place) -> None:
    place.write(f"{DIGITS}/draft.yaml", SOUND.replace("digits", "draft"))
    code, _, errors_text = place.validate(str(place.root / DIGITS / "draft.yaml"))
    assert code == 0
    assert (
        "draft.yaml:1:1: warning: the policy's pattern model.yaml, model-manifests/**/model.yaml "
        "does not match" in errors_text
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("model-manifests/digts", "error: there is no model-manifests/digts in this repository\n"),
        (".github", "error: there is no manifest in .github\n"),
        ("../elsewhere", "error: ../elsewhere is outside the repository"),
    ],
)
def test_validate__path_with_no_manifest(place: Place, path: str, message: str) -> None:
    code, _, errors_text = place.validate(path)
    assert code == errors.EXIT_INPUT
    assert errors_text.startswith(message)
    assert "\nhint: " in errors_text


def test_validate__from_a_folder_inside(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.add("other", with_line("task", "task: x", SOUND.replace("digits", "other")))
    monkeypatch.chdir(place.root / DIGITS)
    assert place.validate("model.yaml")[0] == 0
    assert place.validate(".")[0] == 0
    assert place.validate("..")[0] == errors.EXIT_INPUT


def test_validate__ignored_file_is_no_file(place: Place) -> None:
    place.write(".gitignore", "uv.lock\n")
    (complaint,) = place.complaints()
    assert complaint.endswith("error: there is no uv.lock")


def test_validate__symbolic_link(place: Place) -> None:
    (place.root / "model-manifests/link").mkdir()
    (place.root / "model-manifests/link/model.yaml").symlink_to("../digits/model.yaml")
    (complaint,) = place.complaints()
    assert complaint.endswith("a manifest cannot be a symbolic link: its paths would be ambiguous")


def test_validate__revision_and_files_as_they_lie(place: Place) -> None:
    place.commit()
    place.add("digits", with_line("task", "task: x"))
    assert place.validate()[0] == errors.EXIT_INPUT
    assert place.validate("--rev", "HEAD")[0] == 0
    place.commit()
    assert place.validate("--rev", "HEAD")[0] == errors.EXIT_INPUT
    assert place.validate("--rev", "HEAD~1")[0] == 0


def test_validate__bare_repository(place: Place, tmp_path: Path) -> None:
    place.commit()
    place.git("clone", "--quiet", "--bare", str(place.root), str(tmp_path / "bare.git"))
    place.root = tmp_path / "bare.git"
    assert place.validate("--rev", "HEAD", DIGITS)[0] == 0
    code, _, errors_text = place.validate()
    assert code == errors.EXIT_INPUT
    assert "hint: name a revision: --rev HEAD" in errors_text


def test_validate__json(place: Place) -> None:
    place.add("other", with_line("task", "task: x", SOUND.replace("digits", "other")))
    code, out, _ = place.validate("--json")
    document = json.loads(out)
    jsonschema.validate(document, json.loads(SCHEMA.read_bytes()))
    assert code == errors.EXIT_INPUT
    assert document == {
        "schema": "interlock/validation/v1",
        "files": 2,
        "models": ["digits", "other"],
        "diagnostics": [
            {
                "path": "model-manifests/other/model.yaml",
                "line": 4,
                "column": 7,
                "severity": "error",
                "message": "task is 'x', and must be binary, multiclass, regression, "
                "multilabel or scored",
                "hint": "for example task: multiclass",
            }
        ],
    }


def test_validate__annotations_in_actions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    place.add("a,b:c%", with_line("task", "task: 'x%0A\n\n  ::error::y'"))
    (place.root / DIGITS / "model.yaml").unlink()
    code, out, errors_text = place.validate("--json")
    commands = [line for line in errors_text.splitlines() if line.lstrip().startswith("::")]
    assert code == errors.EXIT_INPUT
    assert json.loads(out)["files"] == 1
    assert commands == [
        "::error file=model-manifests/a%2Cb%3Ac%25/model.yaml,line=4,col=7::task is"
        " 'x%250A\\n::error::y', and must be binary, multiclass, regression, multilabel or scored"
        "%0Ahint: for example task: multiclass"
    ]


@pytest.mark.parametrize("folder", ["x\n::error::y", "##[add-mask]x", "\x1b[31mred"])
def test_validate__folder_named_to_deceive(
    place: Place, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    place.add(folder, with_line("task", "task: x"))
    _, _, errors_text = place.validate()
    commands = [line for line in errors_text.splitlines() if line.lstrip().startswith("::")]
    assert all(line.startswith("::error file=model-manifests/") for line in commands)
    words = [line for line in errors_text.splitlines() if line not in commands]
    assert all("##[" not in line and "\x1b[31mred" not in line for line in words)


def test_validate__path_that_begins_as_a_command(place: Place) -> None:
    place.write(".github/interlock.yml", "manifests: '**/model.yaml'\n")
    place.write("::error::y/model.yaml", SOUND)
    complaint, *_ = place.complaints()
    assert complaint.startswith(": :error::y/model.yaml:1:8: error: another model is named")


def test_validate__this_repository(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["validate", "--repo", str(Path(__file__).parents[3])])
    assert (ended.value.code, capsys.readouterr().out) == (0, "")


def margin_warnings(history: History, *records: object) -> list[str]:
    """What is said of a model whose gate allows 0.01, with what the ledger holds."""
    margin = "  - {metric: f1_macro, max_drop: 0.01, against: champion}\n"
    files = model()
    written = str(files[f"{HERE}/model.yaml"])
    files[f"{HERE}/model.yaml"] = written.replace("gates:\n", f"gates:\n{margin}")
    assert files[f"{HERE}/model.yaml"] != written
    history.commit(files)
    ledger = FakeLedger()
    if records:
        ledger.append({lookup.path_of(r): documents.dump(r) for r in records}, message="Know")
    tree = wiring.repository(history.folder).tree("main")
    context = validate.ValidateContext(tree=tree, ledger=ledger)
    result = validate.run(context, validate.ValidateOptions())
    return [str(each) for each in result.diagnostics if "margin" in each.message]


def compared(*, low: float, high: float, version: int = 1) -> Verdict:
    place = Comparison("f1_macro", 0.9, 0.9, 0.0, Interval(low, high, 0.95), rows=750)
    judged = replace(report_cases.verdict(), fingerprint=report_cases.OLD, model="digits")
    key = f"{version:064d}"
    return replace(judged, comparisons=(place,), champion_version=version, key=key)


CHAMPION = report_cases.promotion("digits")


def test_validate__warns_of_a_margin_that_the_champions_rows_did_not_resolve(
    history: History,
) -> None:
    wide, narrow = compared(low=-0.0146, high=0.0146), compared(low=-0.3, high=0.3, version=0)
    (message,) = margin_warnings(history, CHAMPION, wide, narrow)
    assert ": warning: f1_macro: with 750 rows, differences below about 0.015 cannot be" in message
    assert "a non-inferiority margin of 0.01 needs about 1,600 rows" in message


def test_validate__says_nothing_of_margins_that_it_cannot_know_or_that_are_wide_enough(
    history: History,
) -> None:
    assert margin_warnings(history) == []
    assert margin_warnings(history, CHAMPION) == []
    assert margin_warnings(history, compared(low=-0.1, high=0.1)) == []
    assert margin_warnings(history, CHAMPION, compared(low=-0.005, high=0.005)) == []

"""`interlock plan`, as a user sees it: real Git, a ledger in memory, the command line."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from interlock import documents, errors, wiring
from interlock.adapters.ledger import GitLedger
from interlock.cli import plan as plan_command
from interlock.cli.plan import command
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.snapshot import ModelAt
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.training.plan import Decision, ModelPlan, Plan, PlannedCost
from interlock.ledger import lookup
from interlock.services import snapshots
from tests.fakes.ledger import FakeLedger
from tests.unit.pipelines.history import HERE, MANIFEST, PIPELINE, History, Link, model, pointer

SCHEMA = Path(lookup.__file__).parents[1] / "schemas/plan.v1.json"
PARAMS = f"{HERE}/params.yaml"
RIVAL = f"stages:\n  x: {{cmd: x, deps: [y], outs: [../{HERE}/train.py]}}\n"
BETTER = "split: {share: 0.5}\ntrain:\n  c: 1.0\n"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "repository.git")


def run(history: History, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--repo", str(history.folder), *arguments])


def evidence(at: ModelAt, *, seconds: float) -> Evidence:
    """As a training of this model would have left it."""
    assert isinstance(at.lineage, Lineage)
    artifact = Artifact("model", "0" * 64, 1)
    candidate = Candidate(
        name=at.manifest.model,
        fingerprint=str(at.fingerprint),
        revision="1" * 40,
        run_id="r",
        lineage=at.lineage,
        model=artifact,
        predictions=artifact,
        files=(),
        facts=RunFacts(seconds=seconds),
    )
    return Evidence(candidate, Rows(1, "0" * 64), {"f1_macro": 0.9})


def promotion(at: ModelAt, *, position: int) -> Promotion:
    return Promotion(
        model=at.manifest.model,
        kind=PromotionKind.PROMOTION,
        phase=Phase.DONE,
        fingerprint=str(at.fingerprint),
        revision="1" * 40,
        position=position,
        run_id="r",
        sha256="0" * 64,
        registry_name="digits",
        environments=("staging", "production"),
        at="2030-01-01T00:00:00Z",
        version=1,
    )


def read(history: History, revision: str = "main") -> ModelAt:
    return snapshots.read_model(wiring.repository(history.folder).tree(revision), "digits")


def record(ledger: FakeLedger | GitLedger, *nouns: Evidence | Promotion) -> None:
    for noun in nouns:
        path = (
            lookup.path_of(noun)
            if isinstance(noun, Promotion)
            else lookup.evidence_path(noun.candidate.name, noun.candidate.fingerprint)
        )
        ledger.append({path: documents.dump(noun)}, message="record")


def only(plan: Plan) -> ModelPlan:
    (planned,) = plan.models
    return planned


def test_plan__evidence_of_the_ledger_is_reused(history: History) -> None:
    base, ledger = history.commit(model()), FakeLedger()
    history.commit({PARAMS: BETTER})
    assert only(history.plan(base, ledger=ledger)).decision is Decision.TRAIN
    record(ledger, evidence(read(history), seconds=60))
    planned = only(history.plan(base, ledger=ledger))
    assert planned.decision is Decision.REUSE
    assert planned.sentence.startswith(
        "params.yaml: train.c changed from 0.01 to 1.0; evidence of "
    )


def test_plan__revert_comes_back_to_the_evidence_of_before(history: History) -> None:
    first, ledger = history.commit(model()), FakeLedger()
    record(ledger, evidence(read(history), seconds=60))
    second = history.commit({PARAMS: BETTER})
    history.commit({PARAMS: model()[PARAMS]})
    assert only(history.plan(second, ledger=ledger)).decision is Decision.REUSE
    assert only(history.plan(first, ledger=ledger)).decision is Decision.UNAFFECTED


def test_plan__minutes_are_the_median_of_what_trainings_took(history: History) -> None:
    base, ledger = history.commit(model()), FakeLedger()
    for number, seconds in enumerate((60, 6000, 120)):
        history.commit({PARAMS: BETTER.replace("1.0", str(2 + number))})
        record(ledger, evidence(read(history), seconds=seconds))
    history.commit({PARAMS: BETTER})
    cost = only(history.plan(base, ledger=ledger)).cost
    assert cost.expected_minutes == 2.0
    assert cost.bytes_to_pull == 21_300
    assert cost.runner_labels == ("self-hosted", "gpu")
    assert cost.stages == (f"{HERE}/dvc.yaml:prepare", f"{HERE}/dvc.yaml:train")


def test_plan__bytes_are_unknown_when_a_pointer_tells_no_size(history: History) -> None:
    history.commit(model(**{"data/rows.csv.dvc": "outs:\n- {md5: aaaa, path: rows.csv}\n"}))
    assert only(history.plan(None)).cost.bytes_to_pull is None


def test_plan__without_a_base_holds_against_what_is_served(history: History) -> None:
    history.commit(model())
    ledger, first = FakeLedger(), read(history)
    assert only(history.plan(None, ledger=ledger)).sentence == "no champion yet"
    record(ledger, evidence(first, seconds=60), promotion(first, position=1))
    assert only(history.plan(None, ledger=ledger)).decision is Decision.UNAFFECTED
    history.commit({PARAMS: BETTER})
    planned = only(history.plan(None, ledger=ledger))
    assert planned.decision is Decision.TRAIN
    assert planned.sentence == "params.yaml: train.c changed from 0.01 to 1.0"
    assert planned.base_fingerprint == first.fingerprint
    second = read(history)
    record(ledger, evidence(second, seconds=60))
    assert only(history.plan(None, ledger=ledger)).decision is Decision.REUSE
    record(ledger, promotion(second, position=2))
    assert only(history.plan(None, ledger=ledger)).decision is Decision.UNAFFECTED


def test_plan__only_a_gate_changed_is_judged_again(history: History) -> None:
    base = history.commit(model())
    history.commit({f"{HERE}/model.yaml": MANIFEST.replace("min: 0.95", "min: 0.96"), "README": ""})
    planned = only(history.plan(base))
    assert planned.decision is Decision.JUDGE
    assert (
        planned.sentence == "gate f1_macro min 0.95 became f1_macro min 0.96; the model is the same"
    )
    assert planned.cost.bytes_to_pull == 0


def test_plan__policy_is_that_of_each_revision(history: History) -> None:
    base = history.commit(model())
    history.commit({".github/interlock.yml": "version: 1\ninconclusive: fail\n"})
    planned = only(history.plan(base))
    assert (planned.decision, planned.sentence) == (
        Decision.JUDGE,
        "policy: inconclusive changed from ask to fail; the model is the same",
    )
    base = history.git("rev-parse", "main")
    history.commit({".github/interlock.yml": "version: 1\ninconclusive: fail\ndvc_lock: leave\n"})
    assert only(history.plan(base)).decision is Decision.UNAFFECTED


def test_plan__policy_that_cannot_be_read(history: History) -> None:
    base = history.commit(model())
    head = history.commit({".github/interlock.yml": "version: 1\nenvironment: [x]\n"})
    with pytest.raises(errors.CannotReadManifest, match=r"interlock\.yml:2"):
        history.plan(base)
    history.commit({".github/interlock.yml": "version: 1\n"})
    assert only(history.plan(head)).decision is Decision.UNAFFECTED


def test_plan__manifest_that_cannot_be_read_blocks_its_model(history: History) -> None:
    base = history.commit(model())
    history.commit({f"{HERE}/model.yaml": MANIFEST.replace("min: 0.95", "mim: 0.95")})
    plan = history.plan(base)
    assert only(plan).decision is Decision.BLOCKED
    assert only(plan).model == "digits"
    assert only(plan).sentence.startswith(f"{HERE}/model.yaml:11: ")


def test_plan__two_manifests_of_one_name_are_blocked(history: History) -> None:
    base = history.commit(model())
    history.commit({"model-manifests/other/model.yaml": MANIFEST})
    planned = only(history.plan(base))
    assert planned.decision is Decision.BLOCKED
    assert planned.sentence == (
        "the model digits is declared twice, in model-manifests/digits/model.yaml and "
        "model-manifests/other/model.yaml"
    )


def test_plan__models_come_and_go(history: History) -> None:
    letters = {p.replace("digits", "letters"): c for p, c in model().items()}
    letters["model-manifests/letters/model.yaml"] = MANIFEST.replace("digits", "letters")
    base = history.commit(model())
    history.commit({**letters, f"{HERE}/model.yaml": None})
    plan = history.plan(base)
    assert [(m.model, m.sentence) for m in plan.models] == [("letters", "the model is new")]
    assert plan.removed == ("digits",)


def test_merge_base__leaves_out_what_only_the_base_did(history: History) -> None:
    start = history.commit(model())
    history.commit({f"{HERE}/train.py": "other"}, branch="main")
    history.commit({PARAMS: BETTER}, branch="topic", start=start)
    assert "train.py" in run(history, "--base", "main", "--head", "topic").output
    result = run(history, "--base", "main", "--head", "topic", "--merge-base", "--json")
    (reason,) = json.loads(result.stdout)["models"][0]["reasons"]
    assert reason["name"] == "train.c"


def test_merge_base__of_strangers(history: History) -> None:
    history.commit(model())
    history.commit({**model(), "README.md": "x"}, branch="stranger")
    with pytest.raises(errors.CannotResolve, match="no commit in common"):
        CliRunner().invoke(
            command,
            ["--repo", str(history.folder), "--base", "main", "--head", "stranger", "--merge-base"],
            catch_exceptions=False,
        )
    assert run(history, "--merge-base").exit_code == 2


def test_snapshot__read_model_names_the_nearest(history: History) -> None:
    history.commit(model())
    tree = wiring.repository(history.folder).tree("main")
    assert snapshots.read_model(tree, "digits").fingerprint
    with pytest.raises(errors.CannotResolve, match="did you mean digits"):
        snapshots.read_model(tree, "digit")
    with pytest.raises(errors.CannotResolve, match="models: digits"):
        snapshots.read_model(tree, "xyz")
    history.commit({f"{HERE}/model.yaml": "model: [\n"})
    with pytest.raises(errors.CannotReadManifest, match=f"{HERE}/model.yaml"):
        snapshots.read_model(wiring.repository(history.folder).tree("main"), "digits")


def test_snapshot__says_the_same_as_read_model(history: History) -> None:
    history.commit(model(**{"train.py": "import extra\n", "extra.py": "x = 1\n"}))
    tree = wiring.repository(history.folder).tree("main")
    one = snapshots.read(tree).models["digits"]
    assert one == snapshots.read_model(tree, "digits")
    assert len(one.warnings) == 1


def test_snapshot__read_after_another_is_as_if_read_alone(history: History) -> None:
    """What is taken over from the revision before must never differ from what is there."""
    edits: list[dict[str, Any]] = [
        model(),
        {"README.md": "x"},
        {f"{HERE}/train.py": "other"},
        {PARAMS: BETTER},
        {f"{HERE}/data/rows.csv.dvc": pointer("b" * 32)},
        {
            f"{HERE}/dvc.yaml": PIPELINE.replace("[train.py, ", "[., ").replace(
                "prepared.csv]\n    p", "]\n    p"
            )
        },
        {f"{HERE}/dvc.yaml": PIPELINE},
        {".dvcignore": "*.log\n"},
        {"uv.lock": None},
        {"README.md": "y"},
        {"uv.lock": Link("locks/uv.lock"), "locks/uv.lock": "version = 1\n"},
        {"locks/uv.lock": "version = 2\n"},
        {"uv.lock": None, "uv.lock.dvc": "outs:\n- {md5: cccc, path: uv.lock}\n"},
        {"pipelines/dvc.yaml": RIVAL},
        {"pipelines/y": "1"},
        {"pipelines/dvc.yaml": None},
        {f"{HERE}/prepared.csv.dvc": "outs:\n- {md5: dddd, path: prepared.csv}\n"},
        {f"{HERE}/prepared.csv.dvc": None},
    ]
    repository, reader = wiring.repository(history.folder), snapshots.Reader()
    for files in edits:
        tree = repository.tree(history.commit(files))
        assert reader.read(tree) == snapshots.read(tree), files


def test_cli__for_people(history: History) -> None:
    base = history.commit(model(**{"train.py": "import extra\n", "extra.py": "x = 1\n"}))
    history.commit({PARAMS: BETTER})
    done = run(history, "--base", base)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "digits  train      params.yaml: train.c changed from 0.01 to 1.0",
        "                   cost: 2 stages, 21 kB to pull, on self-hosted, gpu",
        f"                   warning: {HERE}/train.py:1 imports extra ({HERE}/extra.py), which "
        "stage train does not declare; add to its deps: `- extra.py`",
    ]
    assert run(history, "--base", "main").output.splitlines() == [
        "digits  unaffected 12 inputs, none of them changed"
    ]
    history.commit({f"{HERE}/model.yaml": None})
    assert run(history, "--base", base).output.splitlines() == ["digits: no longer declared"]
    assert run(history, "--base", "main").output.splitlines() == ["no manifest declares a model"]


def test_cli__names_that_would_steer_a_terminal(history: History) -> None:
    pipeline = PIPELINE.replace("[train.py, prepared.csv]", "[lib, prepared.csv]")
    base = history.commit({**model(pipeline), f"{HERE}/lib/a": ""})
    history.commit({f"{HERE}/lib/\x1b[2J": "x"})
    history.commit({f"{HERE}/lib/\udcff": "x"})
    done = run(history, "--base", base)
    assert "lib/\\x1b[2J is new" in done.output
    assert "lib/\\udcff is new" in done.output
    assert json.loads(run(history, "--base", base, "--json").stdout)["models"]


def test_cli__json_is_what_its_schema_says(history: History) -> None:
    base = history.commit(model())
    history.commit({PARAMS: BETTER, f"{HERE}/train.py": "other"})
    schema = json.loads(SCHEMA.read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    result = []
    for arguments in (["--base", base], ["--base", "main"], []):
        done = run(history, *arguments, "--json")
        document = json.loads(done.stdout)
        validator.validate(document)
        result.append(document["models"][0]["decision"])
        assert documents.load(document, Plan, where="stdout").head == document["head"]
    assert result == ["train", "unaffected", "train"]
    history.commit({f"{HERE}/dvc.yaml": "stages: [\n"})
    validator.validate(json.loads(run(history, "--base", base, "--json").stdout))
    document = json.loads(run(history, "--base", base, "--json").stdout)
    assert list(document) == ["schema", "base", "head", "models", "removed", "waiting"]
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**document, "models": [{"model": "x"}]})


def test_cli__revision_that_does_not_exist(history: History) -> None:
    history.commit(model())
    done = subprocess.run(
        [sys.executable, "-m", "interlock", "plan", "--base", "nowhere", "--repo", "."],
        cwd=history.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no revision 'nowhere'" in done.stderr
    assert "hint: " in done.stderr
    assert done.stdout == ""


HEAVY = [
    *("mlflow", "torch", "sklearn", "evidently", "pandas", "polars", "numpy", "scipy"),
    *("dvc", "matplotlib", "github", "cattrs", "jsonschema"),
]
LOADED = """\
import sys
for name in {heavy!r}:
    sys.modules[name] = None
from interlock.cli import group
group.main({arguments!r}, standalone_mode=False)
print(sorted(n for n in sys.modules if n.partition(".")[0] in {heavy!r} and sys.modules[n]))
"""


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_cli__needs_and_loads_nothing_heavy(history: History, json_flag: list[str]) -> None:
    """None in sys.modules makes an import fail: as if none of them were installed."""
    base = history.commit(model())
    history.commit({PARAMS: BETTER})
    arguments = ["plan", "--repo", str(history.folder), "--base", base, *json_flag]
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(heavy=HEAVY, arguments=arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "train.c changed from 0.01 to 1.0" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


OF_OTHER_VERBS = (
    *("interlock.domain.access", "interlock.domain.monitoring", "interlock.domain.retraining"),
    *("interlock.domain.promotion.promotion", "interlock.domain.promotion.ledger_audit"),
    *("interlock.domain.model.evidence", "interlock.domain.evaluation.scores"),
    *("interlock.domain.evaluation.verdict", "interlock.domain.drift.findings"),
    *("interlock.ledger.lookup", "interlock.ledger.records", "interlock.documents"),
    *("interlock.ports.github", "interlock.ports.runs", "interlock.ports.plots"),
    *("interlock.adapters.git.export", "interlock.pipelines.setup_files"),
    *("interlock.pipelines.training_tree", "interlock.rendering", "interlock.cli.suggested_deps"),
    *(
        "interlock.domain.drift",
        "interlock.domain.model.monitor_rules",
        "interlock.manifests.monitor",
    ),
    *("interlock.manifests.consistency", "interlock.manifests.upstreams"),
    *("interlock.domain.model.missing_files", "interlock.domain.training.training_tree"),
    *("interlock.domain.training.setup_files", "interlock.pipelines.makefile"),
    *("configparser", "difflib", "secrets"),
)
IMPORTED = """\
import gc, sys
from interlock.cli import group
group.main({arguments!r}, standalone_mode=False)
print(gc.isenabled(), gc.get_freeze_count() > 10_000)
print(*sys.modules)
"""


def test_cli__imports_no_module_of_another_verb(history: History) -> None:
    """Each of them costs a cold plan a few milliseconds, most of all its frozen dataclasses."""
    base = history.commit(model())
    history.commit({PARAMS: BETTER})
    arguments = ["plan", "--repo", str(history.folder), "--base", base]
    program = IMPORTED.format(arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    collection, modules = done.stdout.splitlines()[-2:]
    assert collection == "True True", "no collection searches the modules again"
    imported = modules.split()
    assert "interlock.commands.plan" in imported
    assert [name for name in imported if name.startswith(OF_OTHER_VERBS)] == []
    assert sum(name.startswith("interlock") for name in imported) <= 155


@pytest.mark.parametrize(
    ("minutes", "stages", "words"),
    [
        (0.023, 2, "2 stages, about 1 second, on gpu"),
        (0.001, 1, "1 stage, about 1 second, on gpu"),
        (0.5, 1, "1 stage, about 30 seconds, on gpu"),
        (0.99999, 1, "1 stage, about 1 minute, on gpu"),
        (1.5, 1, "1 stage, about 1.5 minutes, on gpu"),
        (9.97, 1, "1 stage, about 10 minutes, on gpu"),
        (150.4, 1, "1 stage, about 150 minutes, on gpu"),
    ],
)
def test_cli__says_cost_as_a_person_would(minutes: float, stages: int, words: str) -> None:
    cost = PlannedCost(None, ("stage",) * stages, ("gpu",), minutes)
    model = ModelPlan("digits", "m/model.yaml", Decision.TRAIN, "new", "ab", None, cost=cost)
    _, line = plan_command.lines(Plan(None, "HEAD", (model,)))
    assert line.strip() == f"cost: {words}"


def test_cli__reads_the_ledger_of_the_repository(history: History) -> None:
    base = history.commit(model())
    history.commit({PARAMS: BETTER})
    repository = wiring.repository(history.folder)
    record(GitLedger(repository), evidence(read(history), seconds=90))
    assert "reuse" in run(history, "--base", base).output
    other = dataclasses.replace(evidence(read(history, base), seconds=90))
    record(GitLedger(repository), other)
    history.commit({PARAMS: BETTER.replace("1.0", "3")})
    assert "about 1.5 minutes" in run(history, "--base", base).output


@pytest.mark.parametrize("flag", ["--repo"])
def test_cli__no_repository(tmp_path: Path, flag: str) -> None:
    done = CliRunner().invoke(command, [flag, str(tmp_path)])
    assert isinstance(done.exception, errors.CannotResolve)


def test_plan__above_the_jobs_of_one_run_says_which_models_wait_for_the_next() -> None:
    models = [ModelPlan(f"m{n:03}", "m", Decision.TRAIN, "new", "f" * 64, None) for n in range(258)]
    plan = Plan(None, "a" * 40, tuple(models))
    message = plan_command.lines(plan)[-1]
    assert message.startswith(
        "2 models wait for the next run, because one run has at most 256 training"
    )
    assert message.endswith(": m256 and m257")
    document = json.loads(json.dumps(plan_command.document(plan)))
    jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))
    assert document["waiting"] == ["m256", "m257"]
    fewer = dataclasses.replace(plan, models=plan.models[:256])
    assert plan_command.document(fewer)["waiting"] == ()
    assert "wait" not in "".join(plan_command.lines(fewer))

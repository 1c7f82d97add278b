"""Templates are what DVC's own resolver makes of them."""

from __future__ import annotations

import sys

import pytest

from interlock import errors, wiring
from interlock.domain.training.plan import Decision
from interlock.services import snapshots
from tests.unit.pipelines.history import HERE, History, model

VARS = """\
vars:
  - settings.yaml
  - names: {program: train.py}
stages:
  train:
    cmd: python ${names.program} --c ${train.c} ${flags}
    deps: ["${names.program}"]
    outs: [model, predictions.csv]
"""
MATRIX = """\
stages:
  fit:
    matrix: {size: [small, large], seed: [1, 2]}
    cmd: python train.py ${item.size} ${item.seed}
    deps: [train.py]
    outs: ["models/${key}"]
  each:
    foreach: [a, b]
    do: {cmd: "python each.py ${item}", deps: [each.py], outs: ["each/${item}"]}
  train:
    cmd: python pick.py
    deps: [pick.py, models/large-2, each/a]
    outs: [model, predictions.csv]
"""


def test_vars__of_the_file_of_parameters_and_of_others(history: History) -> None:
    settings = "flags: {verbose: true, depth: 3}\n"
    history.commit(model(VARS, **{"settings.yaml": settings}))
    model_plan = history.after({f"{HERE}/settings.yaml": settings.replace("3", "4")})
    assert model_plan.sentence == (
        "stage train: its command changed from `python train.py --c 0.01 --verbose --depth 3` "
        "to `python train.py --c 0.01 --verbose --depth 4`"
    )
    quiet = history.after({f"{HERE}/settings.yaml": "unused: 1\n" + settings.replace("3", "4")})
    assert quiet.decision is Decision.UNAFFECTED
    params = "split: {share: 0.5}\ntrain: {c: 2}\n"
    assert "--c 2 --verbose" in history.after({f"{HERE}/params.yaml": params}).sentence


def test_matrix_and_foreach__only_the_member_that_is_needed_counts(history: History) -> None:
    history.commit(model(MATRIX, **{"pick.py": "1", "each.py": "1"}))
    model_plan = history.after({f"{HERE}/each.py": "2"})
    assert model_plan.sentence == "each.py changed"
    assert [stage.partition(":")[2] for stage in model_plan.cost.stages] == [
        "fit@large-2",
        "each@a",
        "train",
    ]
    other = MATRIX.replace("[small, large]", "[tiny, large]").replace("[a, b]", "[a, c]")
    assert history.after({f"{HERE}/dvc.yaml": other}).decision is Decision.UNAFFECTED


def test_target__is_a_member_of_a_matrix(history: History) -> None:
    manifest = str(model()[f"{HERE}/model.yaml"]).replace("target: train", "target: fit@large-2")
    made = "{model: models/large-2/net.bin, predictions: models/large-2/rows.csv}"
    manifest = manifest.replace("{model: model, predictions: predictions.csv}", made)
    history.commit(
        model(MATRIX, **{"pick.py": "1", "each.py": "1"}) | {f"{HERE}/model.yaml": manifest}
    )
    assert history.after({f"{HERE}/train.py": "2"}).sentence == "train.py changed"


def test_target__that_is_many_stages_is_blocked(history: History) -> None:
    manifest = str(model()[f"{HERE}/model.yaml"]).replace("target: train", "target: fit")
    history.commit(model(MATRIX, **{"pick.py": "1", "each.py": "1"}))
    model_plan = history.after({f"{HERE}/model.yaml": manifest})
    assert model_plan.decision is Decision.BLOCKED
    assert model_plan.sentence == "'fit' is many stages (name one of them: fit@small-1)"


@pytest.mark.parametrize(("model_path", "decision"), [("net", "train"), ("nets", "blocked")])
def test_output__named_by_a_template_is_resolved_before_anything_trains(
    history: History, model_path: str, decision: str
) -> None:
    pipeline = VARS.replace("[model, predictions.csv]", '["${out}", predictions.csv]')
    manifest = str(model()[f"{HERE}/model.yaml"]).replace("model: model,", f"model: {model_path},")
    history.commit(model())
    model_plan = history.after(
        {
            f"{HERE}/dvc.yaml": pipeline,
            f"{HERE}/settings.yaml": "flags: {depth: 3}\nout: net\n",
            f"{HERE}/model.yaml": manifest,
        }
    )
    assert model_plan.decision.value == decision, model_plan.sentence
    assert ("did you mean 'net'?" in model_plan.sentence) is (decision == "blocked")


def test_dvc_config__says_how_a_list_is_spelled(history: History) -> None:
    history.commit(model(VARS, **{"settings.yaml": "flags: {layer: [1, 2]}\n"}))
    model_plan = history.after({".dvc/config": "[parsing]\n    list = append\n"})
    assert "to `python train.py --c 0.01 --layer 1 --layer 2`" in model_plan.sentence


@pytest.mark.parametrize(
    ("pipeline", "reason"),
    [
        (VARS, "settings.yaml' does not exist"),
        (VARS.replace("  - settings.yaml\n", ""), "Could not find 'flags'"),
        (VARS.replace("${flags}", "${flags").replace("  - settings.yaml\n", ""), "train"),
        (MATRIX.replace("[a, b]", "3"), ":8:14: stages.each.foreach is a number (3), and must be"),
        (MATRIX.replace("[a, b]", "3").replace("3", "x"), "expected list/dictionary, got str"),
    ],
)
def test_template__that_dvc_cannot_resolve(history: History, pipeline: str, reason: str) -> None:
    history.commit(model())
    model_plan = history.after({f"{HERE}/dvc.yaml": pipeline})
    assert model_plan.decision in (Decision.BLOCKED, Decision.TRAIN)
    if model_plan.decision is Decision.BLOCKED:
        assert reason in model_plan.sentence
        assert f"{HERE}/dvc.yaml" in model_plan.sentence


def test_template__without_dvc_is_blocked_and_says_what_to_install(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit(model())
    for name in list(sys.modules):
        if name.partition(".")[0] == "dvc" or name == "interlock.adapters.dvc.templates":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dvc", None)
    model_plan = history.after({f"{HERE}/dvc.yaml": MATRIX})
    assert model_plan.decision is Decision.BLOCKED
    assert "dvc" in model_plan.sentence
    assert "pip install '.[train]'" in model_plan.sentence


def test_template__with_no_resolver_at_hand(history: History) -> None:
    history.commit(model(MATRIX))
    tree = wiring.repository(history.folder).tree("main")
    model_at = snapshots.read_model(tree, "digits")
    assert model_at.lineage is None
    assert "only DVC resolves" in model_at.blocked


def test_resolver__never_raises_anything_but_our_errors(history: History) -> None:
    for text in (
        "vars: 3\nstages: {}",
        "vars: [[1]]\nstages: {a: {cmd: '${x}'}}",
        "stages: {a: 1}",
    ):
        history.commit(model(f"# ${{x}}\n{text}\n"))
        tree = wiring.repository(history.folder).tree("main")
        try:
            model_at = snapshots.read_model(
                tree, "digits", resolve_templates=wiring.resolve_templates
            )
        except errors.InterlockError:  # pragma: no cover - would be fine too
            continue
        assert model_at.blocked

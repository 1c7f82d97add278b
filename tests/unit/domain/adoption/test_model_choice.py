"""The models of a pipeline: outputs, targets, names and places of the manifests."""

from __future__ import annotations

import dataclasses

from interlock.domain.adoption import model_choice, model_output
from interlock.domain.adoption.pipeline_facts import (
    AdoptionFacts,
    DvcArtifact,
    PipelineFacts,
    StageFacts,
)

TRAIN = StageFacts("train", ("train.py", "data"), ("model.pkl",))
EVALUATE = StageFacts("evaluate", ("model.pkl",), ("metrics.json",), ("metrics.json",))
PIPELINE = PipelineFacts("dvc.yaml", (TRAIN, EVALUATE))
FACTS = AdoptionFacts("churn", "@acme/x", "main", (PIPELINE,), files=("dvc.yaml",))


def outputs(*stages: StageFacts, artifacts: tuple[DvcArtifact, ...] = ()) -> list[str]:
    return [
        each.path for each in model_output.find(PipelineFacts("dvc.yaml", stages, (), artifacts))
    ]


def facts(*pipelines: PipelineFacts, **changes: object) -> AdoptionFacts:
    return dataclasses.replace(FACTS, pipelines=pipelines, **changes)  # type: ignore[arg-type]


def test_outputs__artifacts_of_the_type_model_decide() -> None:
    stage = StageFacts("train", (), ("out/net.pkl", "out/report"))
    model = DvcArtifact("net", "out/report", "model", "Reads digits.")
    data = DvcArtifact("data", "out/net.pkl", "dataset")
    elsewhere = DvcArtifact("other", "else", "model")
    assert outputs(stage, artifacts=(data, elsewhere, model)) == ["out/report"]
    assert outputs(stage, artifacts=(data,)) == ["out/net.pkl"]


def test_outputs__by_name_folder_format_and_stage() -> None:
    assert outputs(StageFacts("fit", (), ("plots", "models/clf", "rows.csv"))) == ["models/clf"]
    assert outputs(StageFacts("train", (), ("models/a.json",))) == ["models/a.json"]
    assert outputs(StageFacts("train", (), ("clf-model",))) == ["clf-model"]
    assert outputs(StageFacts("a", (), ("features.pkl",))) == ["features.pkl"]
    assert outputs(StageFacts("a", (), ("model.csv", "notes.md"))) == []
    assert outputs(StageFacts("a", (), ("model.json",), ("model.json",))) == []


def test_outputs__a_format_alone_is_no_model_beside_one_with_a_name() -> None:
    features = StageFacts("featurize", (), ("features.pkl",))
    assert outputs(features, TRAIN) == ["model.pkl"]


def test_outputs__without_one_the_names_in_programs() -> None:
    first = StageFacts("a", mentions=("rows.csv", "log.json", "clf.json", "b.pkl"))
    second = StageFacts("b", mentions=("clf.json",))
    models = model_output.find(PipelineFacts("dvc.yaml", (first, second)))
    assert [(each.path, each.stage, each.is_undeclared) for each in models] == [
        ("clf.json", first, True)
    ]


def test_choose__the_target_evaluates_and_the_manifest_lies_beside_the_pipeline() -> None:
    (choice,) = model_choice.choose(FACTS)
    assert (choice.target, choice.model, choice.manifest) == ("evaluate", "model.pkl", "model.yaml")
    assert (choice.name, choice.owner) == ("churn", "@acme/x")
    assert choice.at("a/model.yaml").manifest == "a/model.yaml"
    assert choice.undeclared_in is None


def test_choose__the_last_stage_with_the_name_of_an_evaluation_before_metrics() -> None:
    metrics = StageFacts("plots", ("model.pkl",), ("m.json",), ("m.json",))
    deploy = StageFacts("deploy", ("model.pkl",), ("image",))
    stages = (EVALUATE, metrics, deploy, TRAIN)
    (choice,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", stages)))
    assert choice.target == "evaluate"
    (choice,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (metrics, deploy, TRAIN))))
    assert choice.target == "plots"
    (choice,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (deploy, TRAIN))))
    assert choice.target == "train"


def test_choose__metrics_at_the_top_of_the_file_unless_of_another_stage() -> None:
    other = StageFacts("other", (), ("other.json",), ("other.json",))
    pipeline = PipelineFacts("dvc.yaml", (TRAIN, other), ("top.json", "other.json"))
    numbers = {"top.json": {"auc": 0.9}, "other.json": {"f1": 0.1}}
    (choice,) = model_choice.choose(facts(pipeline, numbers=numbers))
    assert choice.metric is not None
    assert choice.metric.name == "auc"


def test_choose__descriptions_and_names() -> None:
    artifact = DvcArtifact("Churn Rate", "model.pkl", "model", "Who leaves.")
    described = dataclasses.replace(TRAIN, description="A stage.")
    target = dataclasses.replace(EVALUATE, description="A test.")
    (one,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (TRAIN,), (), (artifact,))))
    assert (one.name, one.objective) == ("churn-rate", "Who leaves.")
    (one,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (described, EVALUATE))))
    assert one.objective == "A stage."
    (one,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (TRAIN, target))))
    assert one.objective == "A test."
    (one,) = model_choice.choose(facts(PIPELINE, name="2024-Ä"), owner="@acme/y")
    assert (one.name, one.owner, one.objective) == (
        "model-2024",
        "@acme/y",
        "The model of stage train.",
    )
    (one,) = model_choice.choose(facts(PIPELINE, owner=""))
    assert one.owner == model_choice.UNKNOWN_OWNER


def test_choose__several_models_have_a_folder_each_and_names_of_their_own() -> None:
    items = tuple(StageFacts(f"fit@{x}", (), (f"models/{x}.pkl",)) for x in ("a", "b"))
    chosen = model_choice.choose(facts(PipelineFacts("ner/dvc.yaml", items)))
    assert [each.name for each in chosen] == ["ner-a", "ner-b"]
    assert chosen[0].manifest == "model-manifests/ner-a/model.yaml"
    twice = (StageFacts("one", (), ("x/clf.pkl",)), StageFacts("two", (), ("y/clf.pkl",)))
    chosen = model_choice.choose(facts(PipelineFacts("dvc.yaml", twice)))
    assert [each.name for each in chosen] == ["clf", "clf-2"]
    thrice = (*twice, StageFacts("three", (), ("z/clf.pkl",)))
    chosen = model_choice.choose(facts(PipelineFacts("dvc.yaml", thrice)))
    assert [each.name for each in chosen] == ["clf", "clf-2", "clf-3"]


def test_choose__a_repository_with_manifests_keeps_its_folder() -> None:
    (choice,) = model_choice.choose(facts(PIPELINE, files=("model-manifests/a/model.yaml",)))
    assert choice.manifest == "model-manifests/churn/model.yaml"


def test_upstream__follows_outputs_once() -> None:
    prepare = StageFacts("prepare", ("raw",), ("data",))
    train = StageFacts("train", ("data/rows.csv", "data/test.csv"), ("model.pkl",))
    both = StageFacts("evaluate", ("model.pkl", "data"), ())
    pipeline = PipelineFacts("a/dvc.yaml", (prepare, train, both))
    assert pipeline.upstream(both) == (prepare, train)
    assert pipeline.folder == "a"


def test_choose__a_model_that_is_not_declared() -> None:
    stage = StageFacts("fit", mentions=("net.onnx",))
    (choice,) = model_choice.choose(facts(PipelineFacts("dvc.yaml", (stage,))))
    assert (choice.model, choice.undeclared_in) == ("net.onnx", stage)

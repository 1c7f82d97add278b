"""One manifest for the items of a foreach stage: plans, one problem, and the memo."""

from __future__ import annotations

from interlock.domain.training.plan import Decision
from tests.unit.manifests.test_family import TEXT
from tests.unit.pipelines.history import Content, History

PIPELINE = """\
stages:
  train:
    foreach: [persons, places, dates]
    do:
      cmd: python train.py ${item}
      deps: [train.py, "data/${item}.csv"]
      outs: ["models/${item}.json"]
  eval:
    foreach: [persons, places, dates]
    do:
      cmd: python eval.py ${item}
      deps: [eval.py, "models/${item}.json", "data/${item}.csv"]
      outs: ["rows/${item}.csv"]
"""
FILES: dict[str, Content] = {
    ".dvc/config": "",
    "model.yaml": TEXT,
    "dvc.yaml": PIPELINE,
    "train.py": "print()\n",
    "eval.py": "print()\n",
    **{f"data/{name}.csv": "a\n" for name in ("persons", "places", "dates")},
}


def decisions(history: History, base: str) -> dict[str, Decision]:
    return {m.model: m.decision for m in history.plan(base).models}


def test_family__each_model_has_its_own_decision(history: History) -> None:
    base = history.commit(FILES)
    assert {m.manifest for m in history.plan(None).models} == {"model.yaml"}
    history.commit({"data/places.csv": "b\n"})
    assert decisions(history, base) == {
        "ner-persons": Decision.UNAFFECTED,
        "ner-places": Decision.TRAIN,
    }
    both = history.git("rev-parse", "main")
    history.commit({"eval.py": "other\n"})
    assert set(decisions(history, both).values()) == {Decision.TRAIN}


def test_family__broken_item_blocks_its_model_alone(history: History) -> None:
    base = history.commit(FILES)
    history.commit({"model.yaml": TEXT.replace("places]", "'Two Places']")})
    planned = {m.model: m for m in history.plan(base).models}
    assert planned["ner-persons"].decision is Decision.UNAFFECTED
    assert planned["ner-places"].decision is Decision.BLOCKED
    assert "model is 'ner-Two Places'" in planned["ner-places"].sentence
    history.commit({"model.yaml": TEXT.replace("multiclass", "clustering")})
    assert decisions(history, base) == dict.fromkeys(
        ("ner-persons", "ner-places"), Decision.BLOCKED
    )


def test_family__item_that_no_stage_has(history: History) -> None:
    base = history.commit(FILES)
    history.commit({"model.yaml": TEXT.replace("[persons, places]", "[persons, places, streets]")})
    planned = {m.model: m for m in history.plan(base).models}
    assert planned["ner-streets"].sentence.startswith("dvc.yaml has no stage 'eval@streets'")
    assert planned["ner-persons"].decision is Decision.UNAFFECTED


def test_family__added_item_is_a_new_model(history: History) -> None:
    base = history.commit(FILES)
    history.commit({"model.yaml": TEXT.replace("[persons, places]", "[persons, dates]")})
    plan = history.plan(base)
    assert [(m.model, m.decision) for m in plan.models] == [
        ("ner-dates", Decision.TRAIN),
        ("ner-persons", Decision.UNAFFECTED),
    ]
    assert plan.removed == ("ner-places",)

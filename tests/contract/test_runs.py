"""What every run store promises: the fake in memory and MLflow on SQLite alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from interlock import artifacts, errors
from interlock.domain.evidence import Artifact, Attempt, Candidate, RunFacts
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.ports.runs import Runs
from tests import migrated
from tests.fakes.runs import FakeRuns

FINGERPRINT = "f" * 64
OTHER = "e" * 64


@dataclass
class Store:
    """A run store, and ways to take the mark of completeness off a run, as a crash would; to take
    a model's place away, as a person would; and to look at a run's numbers, every one logged."""

    runs: Runs
    unmark: Callable[[str], None]
    delete: Callable[[str], None]
    shown: Callable[[str], dict[str, list[float]]]


@pytest.fixture(params=["fake", "mlflow"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Store:
    if request.param == "fake":
        fake = FakeRuns(tmp_path / "runs")
        look = lambda run_id: {k: [v] for k, v in fake.shown.get(run_id, {}).items()}  # noqa: E731
        return Store(fake, fake.marked.remove, fake.deleted.add, look)
    from interlock.adapters.mlflow import client, runs  # noqa: PLC0415 - slow to import

    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")

    def unmark(run_id: str) -> None:
        with client.connect(uri).reaching("unmark") as mlflow:
            mlflow.delete_tag(run_id, client.COMPLETE)

    def delete(model: str) -> None:
        with client.connect(uri).reaching("delete") as mlflow:
            found = mlflow.get_experiment_by_name(f"interlock/{model}")
            mlflow.delete_experiment(found.experiment_id)

    def shown(run_id: str) -> dict[str, list[float]]:
        with client.connect(uri).reaching("look") as mlflow:
            names = mlflow.get_run(run_id).data.metrics
            return {
                name: [each.value for each in mlflow.get_metric_history(run_id, name)]
                for name in names
                if name.startswith("evaluated.")
            }

    return Store(runs.MlflowRuns(uri), unmark, delete, shown)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    model, predictions = tmp_path / "out" / "anything", tmp_path / "out" / "pred.csv"
    (model / "deep").mkdir(parents=True)
    (model / "weights.bin").write_bytes(bytes(range(256)))
    (model / "deep" / "card.json").write_text("{}")
    predictions.write_text("id,target,prediction\n1,a,b\n")
    return {"model": model, "predictions.csv": predictions}


def candidate(fingerprint: str = FINGERPRINT, name: str = "digits") -> Candidate:
    data = Input(InputKind.DATA, "d.csv", "md5:00", size_bytes=3, rows=1, readers=("dvc.yaml:a",))
    return Candidate(
        name=name,
        fingerprint=fingerprint,
        revision="a" * 40,
        run_id="",
        lineage=Lineage(
            name,
            (data,),
            ("dvc.yaml:a", "dvc.yaml:train"),
            edges=(("dvc.yaml:a", "dvc.yaml:train"),),
        ),
        model=Artifact("model", "1" * 64, 258),
        predictions=Artifact("predictions.csv", "2" * 64, 28),
        files=(Artifact("m/model", "1" * 64, 258),),
        facts=RunFacts(seconds=1.5, peak_memory_bytes=10, packages={"numpy": "2.0"}),
        metrics={"test.f1": 0.5},
        params={"c": "1.0"},
        lock={"m/dvc.lock": {"train": {"cmd": "python train.py", "outs": [{"md5": "x"}]}}},
        log_tail="naïve\nlast line",
    )


def attempt(reason: str = "it ended with status 3") -> Attempt:
    return Attempt("digits", FINGERPRINT, "a" * 40, "", reason, "Traceback\nboom", 2.0)


def find(store: Store, fingerprint: str = FINGERPRINT, model: str = "digits") -> Candidate | None:
    return store.runs.find_candidate(model=model, fingerprint=fingerprint)


def test_find__an_empty_store_has_nothing(store: Store) -> None:
    assert find(store) is None
    assert store.runs.find_attempts(model="digits", fingerprint=FINGERPRINT) == ()


def test_find__gives_back_what_was_recorded(store: Store, files: dict[str, Path]) -> None:
    recorded = store.runs.record_candidate(candidate(), files=files)
    assert recorded.run_id
    assert recorded == replace(candidate(), run_id=recorded.run_id)
    assert find(store) == recorded


def test_find__another_model_or_fingerprint_is_not_it(store: Store, files: dict[str, Path]) -> None:
    store.runs.record_candidate(candidate(), files=files)
    assert find(store, OTHER) is None
    assert find(store, model="other") is None


def test_find__the_oldest_of_several(store: Store, files: dict[str, Path]) -> None:
    first = store.runs.record_candidate(candidate(), files=files)
    store.runs.record_candidate(candidate(), files=files)
    assert find(store) == first


def test_find__a_run_without_its_mark_is_not_there(store: Store, files: dict[str, Path]) -> None:
    half = store.runs.record_candidate(candidate(), files=files)
    store.unmark(half.run_id)
    assert find(store) is None
    whole = store.runs.record_candidate(candidate(), files=files)
    assert find(store) == whole


def test_fetch__gives_the_same_bytes(store: Store, files: dict[str, Path], tmp_path: Path) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    for artifact, source in files.items():
        fetched = store.runs.fetch(run_id, artifact, to=tmp_path / "fetched")
        assert artifacts.measure(fetched, name="x") == artifacts.measure(source, name="x")


@pytest.mark.parametrize("artifact", ["absent", "model/absent"])
def test_fetch__what_is_not_there_is_an_error(
    store: Store, files: dict[str, Path], tmp_path: Path, artifact: str
) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.fetch(run_id, artifact, to=tmp_path / "fetched")


def test_keep__puts_a_file_beside_the_others_as_often_as_one_likes(
    store: Store, files: dict[str, Path], tmp_path: Path
) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    (tmp_path / "rows.csv").write_text("id,target,prediction\n1,2,3\n")
    for _ in range(2):
        store.runs.keep(run_id, "served/20260314T000000Z.csv", file=tmp_path / "rows.csv")
    fetched = store.runs.fetch(run_id, "served/20260314T000000Z.csv", to=tmp_path / "fetched")
    assert fetched.read_text() == (tmp_path / "rows.csv").read_text()
    assert find(store) is not None


def test_keep__in_a_run_that_is_not_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id")
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.keep("0" * 32, "served/rows.csv", file=tmp_path / "rows.csv")


def test_prepare__before_the_first_run_and_after(store: Store, files: dict[str, Path]) -> None:
    store.runs.prepare(model="digits")
    store.runs.prepare(model="digits")
    recorded = store.runs.record_candidate(candidate(), files=files)
    store.runs.prepare(model="digits")
    assert find(store) == recorded


def test_prepare__refuses_a_place_that_was_taken_away(store: Store) -> None:
    store.runs.prepare(model="digits")
    store.runs.prepare(model="other")
    store.delete("digits")
    with pytest.raises(errors.CannotReachRegistry, match="interlock/digits was deleted"):
        store.runs.prepare(model="digits")
    store.runs.prepare(model="other")


def test_show__puts_scores_beside_the_numbers_of_the_run_once(
    store: Store, files: dict[str, Path]
) -> None:
    recorded = store.runs.record_candidate(candidate(), files=files)
    for _ in range(2):
        store.runs.show(recorded.run_id, {"evaluated.f1": 0.25, "evaluated.auc": 0.5})
    assert store.shown(recorded.run_id) == {"evaluated.f1": [0.25], "evaluated.auc": [0.5]}
    store.runs.show(recorded.run_id, {"evaluated.rows": 7.0})
    assert set(store.shown(recorded.run_id)) == {"evaluated.f1", "evaluated.auc", "evaluated.rows"}
    # What is shown is no part of the record.
    assert find(store) == recorded


def test_show__in_a_run_that_is_not_there(store: Store) -> None:
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.show("0" * 32, {"evaluated.f1": 0.25})


def test_attempts__are_found_in_order_and_are_no_candidates(store: Store) -> None:
    first = store.runs.record_attempt(attempt())
    second = store.runs.record_attempt(replace(attempt("interrupted"), interrupted=True))
    assert first.run_id != second.run_id
    found = store.runs.find_attempts(model="digits", fingerprint=FINGERPRINT)
    assert found == (first, second)
    assert store.runs.find_attempts(model="digits", fingerprint=OTHER) == ()
    assert find(store) is None


def test_record__more_and_odder_names_than_a_store_may_like(
    store: Store, files: dict[str, Path]
) -> None:
    params = {f"layers[{n}].größe/%": "1" for n in range(250)} | {"long": "x" * 20_000, "": "0"}
    metrics = {f"m.{n}": float(n) for n in range(1200)} | {"a b%c": 1.0, "a b_c": 2.0}
    odd = replace(candidate(), params=params, metrics=metrics)
    recorded = store.runs.record_candidate(odd, files=files)
    assert find(store) == recorded
    assert recorded.params == params
    assert recorded.metrics == metrics

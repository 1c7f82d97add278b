"""What every run store promises: the fake in memory, MLflow on SQLite, and files alike."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest
from fsspec.core import url_to_fs

from interlock import documents, errors
from interlock.adapters.store import marks
from interlock.adapters.store.marks import CompleteMark
from interlock.adapters.store.runs import StoredRuns
from interlock.domain.basics.refusal import Refusal
from interlock.domain.model import candidates, run_claims
from interlock.domain.model.candidates import CompleteRuns
from interlock.domain.model.evidence import Artifact, Attempt, Candidate, RunFacts
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.domain.provenance.attestation import Attestation
from interlock.ports.runs import Runs
from interlock.services import artifacts, run_documents
from tests import migrated
from tests.contract import stores
from tests.fakes.runs import FakeRuns

FINGERPRINT = "f" * 64
OTHER = "e" * 64


class Plant(Protocol):
    def __call__(
        self, document: bytes, *, model: str = "digits", kind: str = "candidate", start: int = 1
    ) -> str:
        """Have a complete run of any document, begun at any time, as whoever may write there can;
        RUN in the document is its own id, which is returned."""
        ...


@dataclass
class Store:
    """A run store, and ways to take the mark of completeness off a run, as a crash would; to take
    a model's place away, as a person would; to look at a run's numbers, every one logged; and to
    write what we never would."""

    runs: Runs
    unmark: Callable[[str], None]
    delete: Callable[[str], None]
    shown: Callable[[str], dict[str, list[float]]]
    plant: Plant
    taken: str = "interlock/digits was deleted"


@pytest.fixture(params=["fake", "mlflow", "files", "objects"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Store:
    if request.param == "fake":
        fake = FakeRuns(tmp_path / "runs")
        look = lambda run_id: {k: [v] for k, v in fake.shown.get(run_id, {}).items()}  # noqa: E731
        return Store(fake, fake.marked.remove, fake.deleted.add, look, partial(_plant_fake, fake))
    if request.param in {"files", "objects"}:
        return _stored(stores.url(request.param, tmp_path))
    from interlock.adapters.mlflow import client, runs  # noqa: PLC0415 - slow to import

    uri = migrated.copy(tmp_path_factory, tmp_path / "mlflow")

    def unmark(run_id: str) -> None:
        with client.connect(uri).reaching("unmark") as mlflow:
            mlflow.delete_tag(run_id, client.COMPLETE)

    def delete(model: str) -> None:
        with client.connect(uri).reaching("delete") as mlflow:
            value = mlflow.get_experiment_by_name(f"interlock/{model}")
            mlflow.delete_experiment(value.experiment_id)

    def shown(run_id: str) -> dict[str, list[float]]:
        with client.connect(uri).reaching("look") as mlflow:
            names = mlflow.get_run(run_id).data.metrics
            return {
                name: [each.value for each in mlflow.get_metric_history(run_id, name)]
                for name in names
                if name.startswith("evaluated.")
            }

    store = runs.MlflowRuns(uri)
    return Store(store, unmark, delete, shown, partial(_plant_mlflow, store))


def _stored(url: str) -> Store:
    stored = StoredRuns(url)
    fs, root = url_to_fs(url)

    def unmark(run_id: str) -> None:
        (mark,) = fs.glob(f"{root}/complete/*/*/*/{run_id}.json")
        fs.rm(mark)

    def delete(model: str) -> None:
        fs.rm(f"{root}/complete/{model}", recursive=True)
        fs.pipe_file(f"{root}/complete/{model}", b"")

    def shown(run_id: str) -> dict[str, list[float]]:
        return {name: [value] for name, value in stored.scores(run_id).items()}

    return Store(stored, unmark, delete, shown, partial(_plant_stored, stored), taken="keep runs")


def _plant_stored(
    store: StoredRuns,
    document: bytes,
    *,
    model: str = "digits",
    kind: str = "candidate",
    start: int = 1,
) -> str:
    run_id = uuid.uuid4().hex
    own = document.replace(b"RUN", run_id.encode())
    mark = CompleteMark(hashlib.sha256(own).hexdigest(), start)
    store.place.write(f"runs/{run_id}/artifacts/{kind}.json", own)
    store.place.write(f"complete/{model}/{FINGERPRINT}/{kind}/{run_id}.json", marks.write(mark))
    return run_id


def _plant_fake(
    store: FakeRuns,
    document: bytes,
    *,
    model: str = "digits",
    kind: str = "candidate",
    start: int = 1,
) -> str:
    kinds = {"candidate": Candidate, "attempt": Attempt}
    return store.plant(
        document, model=model, fingerprint=FINGERPRINT, kind=kinds[kind], start=start - 1000
    )


def _plant_mlflow(
    store: Any,
    document: bytes,
    *,
    model: str = "digits",
    kind: str = "candidate",
    start: int = 1,
) -> str:
    from interlock.adapters.mlflow import client  # noqa: PLC0415 - slow to import

    store.prepare(model=model)
    tags = {client.MODEL: model, client.FINGERPRINT: FINGERPRINT, client.KIND: kind}
    with store.connection.reaching("plant") as mlflow:
        experiment = mlflow.get_experiment_by_name(f"interlock/{model}").experiment_id
        run_id = str(mlflow.create_run(experiment, start_time=start, tags=tags).info.run_id)
        own = document.replace(b"RUN", run_id.encode())
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / f"{kind}.json").write_bytes(own)
            mlflow.log_artifacts(run_id, folder)
        mlflow.set_tag(run_id, client.COMPLETE, hashlib.sha256(own).hexdigest())
    return run_id


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
    complete_runs = store.runs.find_candidates(model=model, fingerprint=fingerprint)
    return candidates.choose(complete_runs, None).candidate


def claim(record: Candidate | Attempt | None = None, **changes: Any) -> bytes:
    """The document that a run of ours would have, but for what is changed of it."""
    document = documents.dump(replace(record or candidate(), run_id="RUN"))
    return documents.text(document | changes).encode()


def test_find__an_empty_store_has_nothing(store: Store) -> None:
    assert store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT) == CompleteRuns()
    assert store.runs.find_attempts(model="digits", fingerprint=FINGERPRINT) == CompleteRuns()


def test_find__gives_back_what_was_recorded(store: Store, files: dict[str, Path]) -> None:
    recorded = store.runs.record_candidate(candidate(), files=files)
    assert recorded.run_id
    assert recorded == replace(candidate(), run_id=recorded.run_id)
    assert find(store) == recorded


def test_find__another_model_or_fingerprint_is_not_it(store: Store, files: dict[str, Path]) -> None:
    store.runs.record_candidate(candidate(), files=files)
    assert find(store, OTHER) is None
    assert find(store, model="other") is None


def test_record__of_two_that_train_the_same_one_is_the_candidate_and_one_a_repeat(
    store: Store, files: dict[str, Path]
) -> None:
    first = store.runs.record_candidate(candidate(), files=files)
    second = store.runs.record_candidate(candidate(), files=files)
    complete_runs = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.records == (first, second)
    assert complete_runs.repeats == {second.run_id}
    assert find(store) == first


def test_record__as_a_repeat_of_a_run_that_the_store_has_lost(
    store: Store, files: dict[str, Path]
) -> None:
    again = store.runs.record_candidate(candidate(), files=files, repeats="0" * 32)
    complete_runs = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT)
    assert (complete_runs.records, complete_runs.repeats) == ((again,), frozenset({again.run_id}))


def test_record__of_what_no_reader_would_take_is_refused_before_it_is_stored(
    store: Store, files: dict[str, Path]
) -> None:
    endless = replace(candidate(), params={"c": "x" * run_claims.MOST_BYTES})
    with pytest.raises(errors.Refused, match="the record of digits cannot be written"):
        store.runs.record_candidate(endless, files=files)
    assert store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT) == CompleteRuns()


FOREIGN = {
    "another model": claim(name="vital"),
    "another fingerprint": claim(fingerprint=OTHER),
    "another run": claim(run_id="0" * 32),
    "an attempt": claim(attempt()),
    "a later version": claim(schema="interlock/candidate/v2"),
    "no revision": claim(revision="main; rm -rf"),
    "a path out of the run": claim(model={"path": "../x", "sha256": "1" * 64, "size_bytes": 1}),
    "another run's path": claim(
        predictions={"path": "a/../../b/artifacts/p", "sha256": "1" * 64, "size_bytes": 1}
    ),
    "an absolute path": claim(model={"path": "/etc/passwd", "sha256": "1" * 64, "size_bytes": 1}),
    "no path": claim(model={"path": ".", "sha256": "1" * 64, "size_bytes": 1}),
    "a path with a NUL": claim(files=[{"path": "a\0b", "sha256": "1" * 64, "size_bytes": 1}]),
    "a kept path": claim(kept=[{"path": "../../x", "sha256": "1" * 64, "size_bytes": 1}]),
    "a plot's path": claim(
        plots=[{"path": "p", "artifact": {"path": "/p", "sha256": "1" * 64, "size_bytes": 1}}]
    ),
    "no digest": claim(model={"path": "model", "sha256": "z" * 64, "size_bytes": 1}),
    "a short digest": claim(predictions={"path": "p", "sha256": "1" * 63, "size_bytes": 1}),
    "a negative size": claim(model={"path": "model", "sha256": "1" * 64, "size_bytes": -1}),
    "a size beyond all disks": claim(
        model={"path": "model", "sha256": "1" * 64, "size_bytes": 10**16}
    ),
    "a size of more than 64 bits": claim(
        model={"path": "model", "sha256": "1" * 64, "size_bytes": 10**300}
    ),
    "NaN": claim(metrics={"f1": 9.25}).replace(b"9.25", b"NaN"),
    "infinity": claim(metrics={"f1": 9.25}).replace(b"9.25", b"-Infinity"),
    "beyond all floats": claim(metrics={"f1": 10**400}),
    "an integer of 5,000 digits": claim(metrics={"f1": 9.25}).replace(b"9.25", b"9" * 5000),
    "text for a number": claim(metrics={"f1": "0.9"}),
    "a number for text": claim(log_tail=7),
    "a list for a table": claim(metrics=[]),
    "a log without end": claim(log_tail="x" * (run_claims.MOST_LOG_CHARACTERS + 1)),
    "no UTF-8": claim().replace("naïve".encode(), b"na\xefve"),
    "nested without end": b"[" * 100_000,
    "no JSON": b"{",
    "no object": b"[]",
    "nothing": b"",
    "too much": b" " * (run_claims.MOST_BYTES + 1),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_find__a_run_whose_document_is_not_its_own_is_reported_and_hides_no_other(
    store: Store, files: dict[str, Path], case: str
) -> None:
    bad = store.plant(FOREIGN[case])
    complete_runs = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.records == ()
    assert [each.run_id for each in complete_runs.bad] == [bad]
    assert complete_runs.bad[0].reason
    assert len(complete_runs.bad[0].reason) < 500
    assert not complete_runs.bad[0].is_out_of_reach
    honest = store.runs.record_candidate(candidate(), files=files)
    assert find(store) == honest
    # Nor does a name that a document alone gives find it.
    assert store.runs.find_candidates(model="vital", fingerprint=FINGERPRINT) == CompleteRuns()


def test_find__a_document_of_another_model_is_reported_with_both_names(store: Store) -> None:
    run_id = store.plant(claim(name="vital"))
    (bad,) = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT).bad
    for word in (run_id, "'vital'", "'digits'"):
        assert word in bad.sentence


@pytest.mark.parametrize(
    "changes", [{"name": "vital"}, {"fingerprint": OTHER}, {"run_id": "0" * 32}, {"seconds": "1"}]
)
def test_find__an_attempt_whose_document_is_not_its_own_is_reported_and_hides_no_other(
    store: Store, changes: dict[str, Any]
) -> None:
    bad = store.plant(claim(attempt(), **changes), kind="attempt")
    own = store.runs.record_attempt(attempt())
    complete_runs = store.runs.find_attempts(model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.records == (own,)
    assert [each.run_id for each in complete_runs.bad] == [bad]


def test_find__a_run_that_says_that_it_began_long_ago_comes_first_and_is_no_repeat(
    store: Store, files: dict[str, Path]
) -> None:
    """Its writer chooses the time: that is why order alone decides nothing."""
    honest = store.runs.record_candidate(candidate(), files=files)
    other = {"path": "model", "sha256": "9" * 64, "size_bytes": 1}
    early = store.plant(claim(model=other), start=1)
    complete_runs = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT)
    assert [each.run_id for each in complete_runs.records] == [early, honest.run_id]
    choice = candidates.choose(complete_runs, None)
    assert choice.candidate is None
    assert early in choice.objection
    assert honest.run_id in choice.objection


@pytest.mark.parametrize("artifact", ["../model", "/etc/passwd", "a/../../b", "", "."])
def test_fetch_and_keep__never_leave_the_run(
    store: Store, files: dict[str, Path], tmp_path: Path, artifact: str
) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    with pytest.raises(errors.Refused, match="not a path inside run"):
        store.runs.fetch(run_id, artifact, to=tmp_path / "fetched")
    with pytest.raises(errors.Refused, match="not a path inside run"):
        store.runs.keep(run_id, artifact, file=files["predictions.csv"])


def test_find__has_the_digest_of_each_document(store: Store, files: dict[str, Path]) -> None:
    recorded = store.runs.record_candidate(candidate(), files=files)
    store.plant(claim(name="other"))
    complete_runs = store.runs.find_candidates(model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.digests == {recorded.run_id: run_documents.digest(recorded)}


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


ATTESTATION = Attestation("a.b.c", {"format": "interlock/candidate/v1", "files": []}, {"kid": "k"})


def test_attest__leaves_an_attestation_that_the_candidate_is_not_part_of(
    store: Store, files: dict[str, Path], tmp_path: Path
) -> None:
    recorded = store.runs.record_candidate(candidate(), files=files)
    assert store.runs.find_attestation(recorded.run_id) == Refusal("it has no attestation.json")
    for token in ("a.b.c", "d.e.f"):
        store.runs.attest(recorded.run_id, replace(ATTESTATION, token=token))
    assert store.runs.find_attestation(recorded.run_id) == replace(ATTESTATION, token="d.e.f")
    assert find(store) == recorded


def test_find_attestation__refuses_another_file_of_that_name(
    store: Store, files: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "other").write_text('{"token": 1}')
    theirs = {**files, "attestation.json": tmp_path / "other"}
    recorded = store.runs.record_candidate(candidate(), files=theirs)
    refusal = store.runs.find_attestation(recorded.run_id)
    assert isinstance(refusal, Refusal)
    assert "not a document interlock/attestation/v1" in refusal.reason


def test_read_candidate__reads_the_named_run_alone(store: Store, files: dict[str, Path]) -> None:
    store.plant(claim())
    recorded = store.runs.record_candidate(candidate(), files=files)
    complete_runs = store.runs.read_candidate(
        recorded.run_id, model="digits", fingerprint=FINGERPRINT
    )
    assert complete_runs.records == (recorded,)
    assert complete_runs.digests == {recorded.run_id: run_documents.digest(recorded)}


@pytest.mark.parametrize("wanted", [{"model": "other"}, {"fingerprint": OTHER}])
def test_read_candidate__refuses_a_run_of_something_else(
    store: Store, files: dict[str, Path], wanted: dict[str, str]
) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    names = {"model": "digits", "fingerprint": FINGERPRINT, **wanted}
    complete_runs = store.runs.read_candidate(run_id, **names)
    assert complete_runs.records == ()
    assert [each.run_id for each in complete_runs.bad] == [run_id]
    store.unmark(run_id)
    complete_runs = store.runs.read_candidate(run_id, model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.bad == (candidates.Bad(run_id, "it is not complete"),)


def test_read_attempt__reads_the_named_run_alone(store: Store, files: dict[str, Path]) -> None:
    names = {"model": "digits", "fingerprint": FINGERPRINT}
    failed = store.runs.record_attempt(attempt())
    trained = store.runs.record_candidate(candidate(), files=files)
    complete_runs = store.runs.read_attempt(failed.run_id, **names)
    assert complete_runs.records == (failed,)
    assert complete_runs.digests == {failed.run_id: run_documents.digest(failed)}
    assert store.runs.read_attempt(trained.run_id, **names).records == ()
    assert store.runs.read_candidate(failed.run_id, **names).records == ()


def test_attest__a_run_that_is_not_there(store: Store) -> None:
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.read_candidate("0" * 32, model="digits", fingerprint=FINGERPRINT)
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.attest("0" * 32, ATTESTATION)
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.find_attestation("0" * 32)


def test_keep__puts_a_file_beside_the_others_as_often_as_one_likes(
    store: Store, files: dict[str, Path], tmp_path: Path
) -> None:
    run_id = store.runs.record_candidate(candidate(), files=files).run_id
    (tmp_path / "rows.csv").write_text("id,target,prediction\n1,2,3\n")
    for _ in range(2):
        store.runs.keep(run_id, "labelled/20260314T000000Z.csv", file=tmp_path / "rows.csv")
    fetched = store.runs.fetch(run_id, "labelled/20260314T000000Z.csv", to=tmp_path / "fetched")
    assert fetched.read_text() == (tmp_path / "rows.csv").read_text()
    assert find(store) is not None


def test_keep__in_a_run_that_is_not_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id")
    with pytest.raises(errors.CannotReachRegistry):
        store.runs.keep("0" * 32, "labelled/rows.csv", file=tmp_path / "rows.csv")


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
    with pytest.raises(errors.CannotReachRegistry, match=store.taken):
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
    complete_runs = store.runs.find_attempts(model="digits", fingerprint=FINGERPRINT)
    assert complete_runs.records == (first, second)
    assert store.runs.find_attempts(model="digits", fingerprint=OTHER) == CompleteRuns()
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


def test_mlflow__a_logged_model_of_a_run_does_not_stand_for_what_the_run_keeps(
    files: dict[str, Path], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """MLflow lays its files over those of the run that are fetched by the run's id; a version of
    the run's artifact serves the run's own."""
    from interlock.adapters.mlflow import runs  # noqa: PLC0415 - slow to import

    store = runs.MlflowRuns(migrated.copy(tmp_path_factory, tmp_path / "mlflow"))
    recorded = store.record_candidate(candidate(), files=files)
    (tmp_path / "weights.bin").write_bytes(b"other")
    with store.connection.reaching("log a model") as mlflow:
        experiment = mlflow.get_run(recorded.run_id).info.experiment_id
        made = mlflow.create_logged_model(experiment, name="model", source_run_id=recorded.run_id)
        mlflow.log_model_artifacts(made.model_id, str(files["model"]))
        mlflow.finalize_logged_model(made.model_id, "READY")
        mlflow.log_artifact(recorded.run_id, str(tmp_path / "weights.bin"), "model")
    fetched = store.fetch(recorded.run_id, "model", to=tmp_path / "fetched")
    assert (fetched / "weights.bin").read_bytes() == b"other"

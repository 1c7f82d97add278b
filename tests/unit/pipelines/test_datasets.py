"""A dataset of `dvc ds add` counts by its lock, and blocks when nothing locks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from dvc.repo.datasets import Datasets
from hypothesis import event, given, settings
from hypothesis import strategies as st

from interlock.domain.training.plan import Decision, ModelPlan
from tests.unit.pipelines.history import HERE, PIPELINE, History, model

Entry = Mapping[str, Any]

URL: Entry = {"name": "dogs", "type": "url", "url": "s3://acme/dogs"}
DVC: Entry = {"name": "dogs", "type": "dvc", "url": "https://github.com/acme/data", "path": "d"}
CHAIN: Entry = {"name": "dogs", "type": "dc", "url": "dc://dogs"}
FILES = [
    {"relpath": "a.jpg", "meta": {"version_id": "v1"}},
    {"relpath": "b", "meta": {"etag": "e"}},
]
LOCKS: dict[str, tuple[Entry, Entry, Entry]] = {
    "url": (URL, {"meta": {"isdir": True}, "files": FILES}, {"files": FILES[:1]}),
    "url of one file": (URL, {"meta": {"version_id": "v1"}}, {"meta": {"version_id": "v2"}}),
    "dvc": (DVC, {"rev_lock": "a" * 40}, {"rev_lock": "b" * 40}),
    "dvc of a branch": ({**DVC, "rev": "main"}, {"rev_lock": "a" * 40}, {"rev_lock": "b" * 40}),
    "datachain": (CHAIN, {"version": 3}, {"version": 4}),
}


def files(spec: Entry | None, *locks: Entry, at: str = HERE) -> dict[str, Any]:
    """A model whose stage `train` depends on ds://dogs, specified and locked in the folder `at`."""
    pipeline = yaml.safe_load(PIPELINE)
    pipeline["stages"]["train"]["deps"].append("ds://dogs")
    top = {} if spec is None else {"datasets": [dict(spec)]}
    lock = {"schema": "2.0", "datasets": list(map(dict, locks))}
    own = {f"{at}/dvc.yaml": yaml.safe_dump(top), f"{at}/dvc.lock": yaml.safe_dump(lock)}
    return (
        model() | own | {f"{HERE}/dvc.yaml": yaml.safe_dump(pipeline | (top if at == HERE else {}))}
    )


def planned(history: History, committed: dict[str, Any]) -> ModelPlan:
    history.commit(committed)
    (model_plan,) = history.plan(None).models
    return model_plan


@pytest.mark.parametrize("at", [HERE, "model-manifests/shared"])
@pytest.mark.parametrize("kind", LOCKS)
def test_dataset__counts_by_its_lock(history: History, kind: str, at: str) -> None:
    spec, lock, later = LOCKS[kind]
    assert planned(history, files(spec, {**spec, **lock}, at=at)).decision is Decision.TRAIN
    changed = history.after(files(spec, {**spec, **lock, **later}, at=at))
    assert changed.decision is Decision.TRAIN
    assert "ds://dogs changed" in changed.sentence
    other = {"name": "cats", "type": "url", "url": "s3://acme/cats"}
    same = history.after(files(spec, other, {**spec, **lock, **later}, at=at))
    assert same.decision is Decision.UNAFFECTED


@pytest.mark.parametrize(
    ("spec", "locks", "message"),
    [
        (None, (), "no dvc.yaml has the dataset dogs in its section datasets"),
        (URL, (), f"no lock records the dataset dogs: {HERE}/dvc.lock has none"),
        (URL, ({**URL, "name": "cats"},), f"no lock records the dataset dogs: {HERE}/dvc.lock"),
        (URL, ({**URL, "url": "s3://acme/cats", "files": FILES},), "is of another specification"),
        ({**DVC, "rev": "v2"}, ({**DVC, "rev": "v1", "rev_lock": "a"},), "another specification"),
        (URL, ({**URL, "meta": {"isdir": True}},), "identifies no content"),
        (URL, ({**URL, "meta": {"size": 3}},), "identifies no content"),
        (URL, ({**URL, "files": [*FILES, {"relpath": "c", "meta": {}}]},), "identifies no content"),
        (DVC, (DVC,), "identifies no content"),
        (CHAIN, (CHAIN,), "identifies no content"),
        ({**URL, "type": "ftp"}, ({**URL, "type": "ftp"},), "type ftp, and DVC knows dvc, dc, url"),
    ],
)
def test_dataset__without_what_identifies_it_is_blocked(
    history: History, spec: Entry | None, locks: tuple[Entry, ...], message: str
) -> None:
    model_plan = planned(history, files(spec, *locks))
    assert model_plan.decision is Decision.BLOCKED
    assert message in model_plan.sentence
    assert "stage train" in model_plan.sentence
    assert "dvc ds " in model_plan.sentence or "identifies" in message or "type" in message


def test_dataset__of_two_files_is_blocked(history: History) -> None:
    lock = {**DVC, "rev_lock": "a" * 40}
    twice = files(DVC, lock) | {"other/dvc.yaml": yaml.safe_dump({"datasets": [dict(DVC)]})}
    model_plan = planned(history, twice)
    assert model_plan.decision is Decision.BLOCKED
    assert f"the dataset dogs is in both {HERE}/dvc.yaml and other/dvc.yaml" in model_plan.sentence


def test_dataset__specified_by_a_template(history: History) -> None:
    written = files({**URL, "url": "s3://acme/${bucket}"}, {**URL, "files": FILES})
    params = str(written[f"{HERE}/params.yaml"]) + "bucket: dogs\n"
    model_plan = planned(history, written | {f"{HERE}/params.yaml": params})
    assert model_plan.decision is Decision.TRAIN, model_plan.sentence


_SPECS = st.sampled_from([URL, DVC, {**DVC, "rev": "main"}, {**DVC, "path": ""}, CHAIN])
_MORE = st.fixed_dictionaries(
    {"rev_lock": st.sampled_from("ab"), "version": st.sampled_from([1, 2])},
    optional={
        "created_at": st.just("2026-11-29T12:00:00+00:00"),
        "files": st.sampled_from([FILES, FILES[:1], FILES[::-1]]),
    },
)


@settings(deadline=None, max_examples=60)
@given(spec=_SPECS, one=st.tuples(_SPECS, _MORE), other=st.tuples(_SPECS, _MORE))
def test_dataset__changes_exactly_when_dvc_says_so(
    tmp_path_factory: pytest.TempPathFactory,
    spec: Entry,
    one: tuple[Entry, Entry],
    other: tuple[Entry, Entry],
) -> None:
    history = History(tmp_path_factory.mktemp("datasets"))
    always = {"created_at": "2026-11-30T12:00:00+00:00", "meta": {"version_id": "v"}}
    locks = [{**always, **written, **more} for written, more in (one, other)]
    theirs = [Datasets._build_dataset("dvc.yaml", dict(spec), dict(lock)).lock for lock in locks]
    ours = [planned(history, files(spec, lock)).fingerprint for lock in locks]
    assert [each is None for each in ours] == [each is None for each in theirs]
    event(f"locked: {[each is not None for each in ours]}, same: {ours[0] == ours[1]}")
    assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])

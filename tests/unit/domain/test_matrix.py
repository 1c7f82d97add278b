"""A plan becomes jobs within GitHub's limit, and no model is lost on the way."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock import errors
from interlock.domain import matrix
from interlock.domain.plan import Cost, Decision, ModelPlan, Needs, Plan


def _model(name: str, decision: Decision = Decision.TRAIN, *labels: str) -> ModelPlan:
    cost = Cost(runner_labels=labels or ("self-hosted",), timeout_minutes=10)
    return ModelPlan(name, f"{name}/model.yaml", decision, "because", "f" * 64, None, cost=cost)


def _plan(*models: ModelPlan) -> Plan:
    return Plan("b" * 40, "a" * 40, models)


def test_jobs__are_of_what_trains_alone() -> None:
    plan = _plan(*(_model(str(d), d) for d in Decision))
    assert [job.models for job in matrix.jobs(plan)] == [("train",)]
    assert matrix.judged(plan) == ("train", "reuse", "judge")


def test_jobs__carry_labels_and_the_time_that_manifests_allow() -> None:
    (job,) = matrix.jobs(_plan(_model("digits", Decision.TRAIN, "self-hosted", "gpu")))
    assert (job.labels, job.timeout_minutes) == (("self-hosted", "gpu"), 40)


def test_jobs__without_a_timeout_have_the_usual_one() -> None:
    model = ModelPlan("old", "m", Decision.TRAIN, "because", "f" * 64, None)
    assert matrix.jobs(_plan(model))[0].timeout_minutes == 60 + matrix.OVERHEAD_MINUTES


@pytest.mark.parametrize(
    ("paths", "include"),
    [
        ((), ""),
        (("data/a.bin",), "data/a.bin"),
        (("a b.bin", "data/é.bin"), "a b.bin,data/é.bin"),
        (("a,b.bin",), "*"),
        (("a.bin", "[x].bin"), "*"),
        (("#a",), "*"),
        (("back\\slash",), "*"),
        (tuple(f"data/{n:05}.bin" for n in range(3000)), "*"),
    ],
)
def test_job__says_what_git_lfs_is_to_fetch_or_all_of_it(
    paths: tuple[str, ...], include: str
) -> None:
    model = dataclasses.replace(_model("digits"), needs=Needs(lfs=paths))
    (job,) = matrix.jobs(_plan(model))
    assert job.include == include


def test_jobs__that_share_need_what_any_of_their_models_needs() -> None:
    models = [
        dataclasses.replace(_model(f"m{n}"), needs=Needs((f"{n % 2}.bin",), (f"vendor/{n}",)))
        for n in range(4)
    ]
    (job,) = matrix.jobs(_plan(*models), limit=1)
    assert job.needs == Needs(("0.bin", "1.bin"), tuple(f"vendor/{n}" for n in range(4)))


def test_jobs__above_the_limit_share() -> None:
    plan = _plan(*(_model(f"m{n:04}") for n in range(1000)))
    jobs = matrix.jobs(plan)
    assert len(jobs) == 250
    assert {len(job.models) for job in jobs} == {4}
    assert {job.timeout_minutes for job in jobs} == {70}


@given(
    kinds=st.lists(st.sampled_from(["cpu", "gpu", "tpu"]), max_size=60), limit=st.integers(3, 20)
)
def test_jobs__always_hold_every_model_once_within_the_limit(kinds: list[str], limit: int) -> None:
    models = [_model(f"m{n}", Decision.TRAIN, kind) for n, kind in enumerate(kinds)]
    jobs = matrix.jobs(_plan(*models), limit=limit)
    assert len(jobs) <= limit
    assert sorted(m for job in jobs for m in job.models) == sorted(m.model for m in models)
    asked = {m.model: m.cost.runner_labels for m in models}
    assert all(asked[m] == job.labels for job in jobs for m in job.models)


def test_jobs__that_cannot_fit_are_refused() -> None:
    plan = _plan(_model("one", Decision.TRAIN, "a"), _model("two", Decision.TRAIN, "b"))
    with pytest.raises(errors.BadInput, match="2 sets of runner labels"):
        matrix.jobs(plan, limit=1)

"""A plan becomes jobs within GitHub's limits, one a model, and no model is lost on the way."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.training import job_matrix
from interlock.domain.training.plan import Decision, FetchedInputs, ModelPlan, Plan, PlannedCost


def _model(name: str, decision: Decision = Decision.TRAIN, *labels: str) -> ModelPlan:
    cost = PlannedCost(runner_labels=labels or ("self-hosted",), timeout_minutes=10)
    return ModelPlan(name, f"{name}/model.yaml", decision, "because", "f" * 64, None, cost=cost)


def _plan(*models: ModelPlan) -> Plan:
    return Plan("b" * 40, "a" * 40, models)


def test_jobs__are_of_what_trains_alone() -> None:
    plan = _plan(*(_model(str(d), d) for d in Decision))
    matrix = job_matrix.lay_out(plan)
    assert [job.model for job in matrix.jobs] == ["train"]
    assert matrix.waiting == ()
    assert job_matrix.judged(plan, matrix) == ("train", "reuse", "judge")


def test_jobs__carry_labels_and_the_time_that_manifests_allow() -> None:
    (job,) = job_matrix.lay_out(_plan(_model("digits", Decision.TRAIN, "self-hosted", "gpu"))).jobs
    assert (job.labels, job.timeout_minutes) == (("self-hosted", "gpu"), 40)


def test_jobs__without_a_timeout_have_the_usual_one() -> None:
    model = ModelPlan("old", "m", Decision.TRAIN, "because", "f" * 64, None)
    assert (
        job_matrix.lay_out(_plan(model)).jobs[0].timeout_minutes == 60 + job_matrix.OVERHEAD_MINUTES
    )


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
    model = dataclasses.replace(_model("digits"), needs=FetchedInputs(lfs=paths))
    (job,) = job_matrix.lay_out(_plan(model)).jobs
    assert job.include == include


def test_job__is_an_entry_of_a_matrix_that_holds_texts_numbers_and_lists_alone() -> None:
    model = dataclasses.replace(
        _model("digits", Decision.TRAIN, "gpu"),
        needs=FetchedInputs(("a.bin",), ("vendor/a", "vendor/b")),
    )
    assert job_matrix.lay_out(_plan(model)).jobs[0].entry == {
        "models": "digits",
        "labels": ["gpu"],
        "timeout_minutes": 40,
        "lfs": "a.bin",
        "submodules": "vendor/a\nvendor/b",
    }


def test_models__above_the_limit_wait_for_the_next_run_and_are_not_judged_by_this_one() -> None:
    plan = _plan(*(_model(f"m{n:04}") for n in range(300)), _model("old", Decision.JUDGE))
    matrix = job_matrix.lay_out(plan)
    assert [job.model for job in matrix.jobs] == [f"m{n:04}" for n in range(256)]
    assert matrix.waiting == tuple(f"m{n:04}" for n in range(256, 300))
    judged = job_matrix.judged(plan, matrix)
    assert judged == (*(f"m{n:04}" for n in range(256)), "old")


def _next(plan: Plan, matrix: job_matrix.Matrix) -> Plan:
    """The plan of the next run, which finds evidence of what this one trained."""
    trained = {job.model for job in matrix.jobs}
    decisions = {True: Decision.REUSE, False: Decision.TRAIN}
    models = [
        dataclasses.replace(m, decision=decisions[m.model in trained])
        if m.decision is Decision.TRAIN
        else m
        for m in plan.models
    ]
    return dataclasses.replace(plan, models=tuple(models))


@given(
    sizes=st.lists(st.integers(0, 400), max_size=40),
    limit=st.integers(1, 10),
    characters=st.integers(1, 2000),
)
def test_runs__one_after_another_train_every_model_once_and_each_stays_within_the_limits(
    sizes: list[int], limit: int, characters: int
) -> None:
    models = [
        dataclasses.replace(_model(f"m{n:02}"), needs=FetchedInputs(lfs=("x" * size,)))
        for n, size in enumerate(sizes)
    ]
    plan, trained = _plan(*models), list[str]()
    while (layout := job_matrix.lay_out(plan, limit=limit, characters=characters)).jobs:
        names = [job.model for job in layout.jobs]
        assert len(names) <= limit
        text = json.dumps([job.entry for job in layout.jobs])
        assert len(text) <= characters or len(names) == 1
        assert set(names) | set(layout.waiting) == {
            m.model for m in plan.models if m.decision is Decision.TRAIN
        }
        assert not set(names) & set(layout.waiting)
        assert set(layout.waiting).isdisjoint(job_matrix.judged(plan, layout))
        trained += names
        plan = _next(plan, layout)
    assert trained == [m.model for m in models]


def test_jobs__of_one_run_fit_into_the_outputs_of_a_job() -> None:
    """What needs LFS content by thousands of long paths is not worth the 1 MB of all others."""
    paths = tuple(f"data/{'x' * 40}/{n:05}.bin" for n in range(300))
    models = [
        dataclasses.replace(_model(f"m{n:04}"), needs=FetchedInputs(lfs=paths)) for n in range(256)
    ]
    matrix = job_matrix.lay_out(_plan(*models))
    text = json.dumps([job.entry for job in matrix.jobs])
    assert 1 < len(matrix.jobs) < 256
    assert len(text) <= job_matrix.CHARACTERS
    assert len(matrix.jobs) + len(matrix.waiting) == 256

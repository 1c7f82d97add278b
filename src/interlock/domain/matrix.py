"""A plan as jobs: which models one training job takes, within GitHub's limit; no YAML may enter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interlock import errors
from interlock.domain.plan import Decision, ModelPlan, Needs, Plan

# https://docs.github.com/actions/reference/limits: jobs of one matrix in one run
JOBS = 256
DEFAULT_TIMEOUT_MINUTES = 60
# A job installs, fetches and stores beside what its manifests allow for the trainings themselves.
OVERHEAD_MINUTES = 30
_JUDGED = {Decision.TRAIN, Decision.REUSE, Decision.JUDGE}


@dataclass(frozen=True, slots=True)
class Job:
    """One training job: its models, one after another, on a runner with all of `labels`.

    `timeout_minutes` is for the whole job, `needs` of any of its models.
    """

    models: tuple[str, ...]
    labels: tuple[str, ...]
    timeout_minutes: int
    needs: Needs

    @property
    def include(self) -> str:
        """What `git lfs fetch --include` takes: paths, separated by commas; "" where there is
        nothing to fetch, "*" where it cannot be said and all of it has to come."""
        text = ",".join(self.needs.lfs)
        is_plain = all(_PLAIN.fullmatch(path) for path in self.needs.lfs)
        return text if is_plain and len(text) <= _LONGEST_CHARACTERS else "*"


# A comma separates patterns, and some signs make one of a path.
_PLAIN = re.compile(r"[^,*?\[\]\\!#\n]+")
# One argument of a program has at most 131,072 bytes, the outputs of all jobs a million.
_LONGEST_CHARACTERS = 20_000


def jobs(plan: Plan, *, limit: int = JOBS) -> tuple[Job, ...]:
    """Return the training jobs of a plan, at most `limit`, in order of their models.

    One model a job, as long as there are no more than `limit`; above it models that ask for the
    same labels share jobs. Raises BadInput when there are more sets of labels than jobs.
    """
    wanted = [m for m in plan.models if m.decision is Decision.TRAIN]
    by_labels: dict[tuple[str, ...], list[ModelPlan]] = {}
    for model in wanted:
        by_labels.setdefault(model.cost.runner_labels, []).append(model)
    if len(by_labels) > limit:
        raise errors.BadInput(
            f"{len(by_labels)} sets of runner labels do not fit into {limit} jobs",
            hint="let more manifests ask for the same labels, or change fewer models at once",
        )
    size = 1
    while sum(-(-len(models) // size) for models in by_labels.values()) > limit:
        size += 1
    found = [
        _job(cut, labels) for labels, models in by_labels.items() for cut in _cut(models, size)
    ]
    return tuple(sorted(found, key=lambda job: job.models))


def judged(plan: Plan) -> tuple[str, ...]:
    """Return the models that are to be judged once their training, if any, is done."""
    return tuple(m.model for m in plan.models if m.decision in _JUDGED)


def _job(models: Iterable[ModelPlan], labels: tuple[str, ...]) -> Job:
    every = list(models)
    minutes = sum(m.cost.timeout_minutes or DEFAULT_TIMEOUT_MINUTES for m in every)
    needs = Needs(
        lfs=tuple(sorted({path for m in every for path in m.needs.lfs})),
        submodules=tuple(sorted({path for m in every for path in m.needs.submodules})),
    )
    return Job(tuple(m.model for m in every), labels, OVERHEAD_MINUTES + minutes, needs)


def _cut(models: Sequence[ModelPlan], size: int) -> list[Sequence[ModelPlan]]:
    return [models[start : start + size] for start in range(0, len(models), size)]

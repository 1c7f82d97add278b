"""A plan as jobs: one model a training job, within GitHub's limits; no YAML may enter."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from interlock.domain.training.plan import Decision, FetchedInputs, ModelPlan, Plan

# https://docs.github.com/actions/reference/limits: jobs of one matrix in one run
JOBS = 256
# The outputs of one job have 1 MB, counted as UTF-16; the names of all models need some of it.
CHARACTERS = 300_000
DEFAULT_TIMEOUT_MINUTES = 60
# A job installs, fetches and stores beside what its manifest allows for the training itself.
OVERHEAD_MINUTES = 30
_JUDGED = {Decision.TRAIN, Decision.REUSE, Decision.JUDGE}


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training job: its model, on a runner with all of `labels`; `timeout_minutes` is for the
    whole job. No other model's files are within reach of the programs that it runs."""

    model: str
    labels: tuple[str, ...]
    timeout_minutes: int
    needs: FetchedInputs

    @property
    def include(self) -> str:
        """What `git lfs fetch --include` takes: paths, separated by commas; "" where there is
        nothing to fetch, "*" for all of them when the need is unknown."""
        text = ",".join(self.needs.lfs)
        is_plain = all(_PLAIN.fullmatch(path) for path in self.needs.lfs)
        return text if is_plain and len(text) <= _LONGEST_CHARACTERS else "*"

    @property
    def entry(self) -> dict[str, object]:
        """The job as an entry of a matrix: every key is text, a number or a list of texts."""
        return {
            "models": self.model,
            "labels": list(self.labels),
            "timeout_minutes": self.timeout_minutes,
            "lfs": self.include,
            "submodules": "\n".join(self.needs.submodules),
        }


# A comma separates patterns, and some signs make one of a path.
_PLAIN = re.compile(r"[^,*?\[\]\\!#\n]+")
# One argument of a program has at most 131,072 bytes, the outputs of all jobs a million.
_LONGEST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Matrix:
    """The training jobs of one run, and the models for which it has none: the next run, which finds
    evidence of the others, trains them."""

    jobs: tuple[TrainingJob, ...]
    waiting: tuple[str, ...] = ()


def lay_out(plan: Plan, *, limit: int = JOBS, characters: int = CHARACTERS) -> Matrix:
    """Return one job for each model that trains, in order of their names, as many as fit.

    At most `limit` jobs, whose entries have at most `characters` characters as JSON. The first
    one is always there, so that every run gets further.
    """
    wanted = sorted((_job(m) for m in plan.models if m.decision is Decision.TRAIN), key=_name)
    used = fitting = 0
    for job in wanted[:limit]:
        used += len(json.dumps(job.entry)) + 2
        if fitting and used > characters:
            break
        fitting += 1
    return Matrix(tuple(wanted[:fitting]), tuple(job.model for job in wanted[fitting:]))


def judged(plan: Plan, matrix: Matrix) -> tuple[str, ...]:
    """Return the models that are to be judged once their training in this run, if any, is done."""
    waiting = set(matrix.waiting)
    return tuple(m.model for m in plan.models if m.decision in _JUDGED and m.model not in waiting)


def _name(job: TrainingJob) -> str:
    return job.model


def _job(model: ModelPlan) -> TrainingJob:
    minutes = model.cost.timeout_minutes or DEFAULT_TIMEOUT_MINUTES
    return TrainingJob(
        model.model, model.cost.runner_labels, OVERHEAD_MINUTES + minutes, model.needs
    )

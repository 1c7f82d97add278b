"""Turns a plan into jobs: one model for each training job, within GitHub's limits; without YAML."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from interlock.domain.training.plan import Decision, FetchedInputs, ModelPlan, Plan

# https://docs.github.com/actions/reference/limits: jobs of one matrix in one run
JOBS = 256
# The outputs of one job may have 1 MB, counted as UTF-16; the names of all models need some of it.
CHARACTERS = 300_000
DEFAULT_TIMEOUT_MINUTES = 60
# A job also installs, fetches and stores: it needs more time than its training may take.
OVERHEAD_MINUTES = 30
_JUDGED = {Decision.TRAIN, Decision.REUSE, Decision.JUDGE}


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training job: its model, on a runner with all of `labels`; `timeout_minutes` is for the
    whole job. The programs of the job cannot reach files of other models."""

    model: str
    labels: tuple[str, ...]
    timeout_minutes: int
    needs: FetchedInputs

    @property
    def include(self) -> str:
        """The paths for `git lfs fetch --include`, separated by commas; "" if there is nothing to
        fetch, "*" for all files if the need is unknown."""
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


# A comma separates patterns, and some characters make a pattern of a path.
_PLAIN = re.compile(r"[^,*?\[\]\\!#\n]+")
# One argument of a program has at most 131,072 bytes, the outputs of all jobs a million.
_LONGEST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Matrix:
    """The training jobs of one run, and the models without a job: the next run trains them, because
    it finds evidence of the others."""

    jobs: tuple[TrainingJob, ...]
    waiting: tuple[str, ...] = ()


def lay_out(plan: Plan, *, limit: int = JOBS, characters: int = CHARACTERS) -> Matrix:
    """Return one job for each model that trains, in order of their names, as many as fit.

    There are at most `limit` jobs, and their entries have at most `characters` characters as JSON.
    The first job is always included, so that every run makes progress.
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
    """Return the models to evaluate after their training in this run, if there is one."""
    waiting = set(matrix.waiting)
    return tuple(m.model for m in plan.models if m.decision in _JUDGED and m.model not in waiting)


def _name(job: TrainingJob) -> str:
    return job.model


def _job(model: ModelPlan) -> TrainingJob:
    minutes = model.cost.timeout_minutes or DEFAULT_TIMEOUT_MINUTES
    return TrainingJob(
        model.model, model.cost.runner_labels, OVERHEAD_MINUTES + minutes, model.needs
    )

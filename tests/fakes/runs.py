"""A run store in memory: complete or not there, as the real one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from interlock import errors
from interlock.domain.evidence import Attempt, Candidate


class FakeRuns:
    """`marked` holds the ids of complete runs, in the order that they were made; `deleted` the
    models whose place was taken away; `shown` the scores of each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marked: list[str] = []
        self.deleted: set[str] = set()
        self.shown: dict[str, dict[str, float]] = {}
        self._candidates: dict[str, Candidate] = {}
        self._attempts: dict[str, Attempt] = {}

    def prepare(self, *, model: str) -> None:
        if model in self.deleted:
            raise errors.CannotReachRegistry(f"the experiment interlock/{model} was deleted")

    def find_candidate(self, *, model: str, fingerprint: str) -> Candidate | None:
        found = (self._candidates[r] for r in self.marked if r in self._candidates)
        wanted = (model, fingerprint)
        return next((c for c in found if (c.name, c.fingerprint) == wanted), None)

    def find_attempts(self, *, model: str, fingerprint: str) -> tuple[Attempt, ...]:
        found = (self._attempts[r] for r in self.marked if r in self._attempts)
        return tuple(a for a in found if (a.name, a.fingerprint) == (model, fingerprint))

    def record_candidate(self, candidate: Candidate, *, files: Mapping[str, Path]) -> Candidate:
        whole = replace(candidate, run_id=self._new_id())
        for artifact, source in files.items():
            goal = self.folder / whole.run_id / artifact
            goal.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, goal)
        self._candidates[whole.run_id] = whole
        self.marked.append(whole.run_id)
        return whole

    def record_attempt(self, attempt: Attempt) -> Attempt:
        whole = replace(attempt, run_id=self._new_id())
        self._attempts[whole.run_id] = whole
        self.marked.append(whole.run_id)
        return whole

    def keep(self, run_id: str, artifact: str, *, file: Path) -> None:
        if run_id not in self._candidates:
            raise errors.CannotReachRegistry(f"there is no run {run_id}")
        goal = self.folder / run_id / artifact
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, goal)

    def show(self, run_id: str, scores: Mapping[str, float]) -> None:
        if run_id not in self._candidates:
            raise errors.CannotReachRegistry(f"there is no run {run_id}")
        self.shown.setdefault(run_id, {}).update(scores)

    def fetch(self, run_id: str, artifact: str, *, to: Path) -> Path:
        source, goal = self.folder / run_id / artifact, to / artifact
        if not source.exists():
            raise errors.CannotReachRegistry(f"run {run_id} has no artifact {artifact}")
        goal.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, goal)
        return goal

    def _new_id(self) -> str:
        return f"run{len(self._candidates) + len(self._attempts):04d}"

"""Fetches newer data for pointers: `python -m ….refresher FOLDER N`, like program.py; loaded in
DVC's process only."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from dvc import exceptions
from dvc.repo import Repo

from interlock.adapters.dvc import config, config_guard, objects, program, shapes
from interlock.adapters.dvc.failures import NotPushed, StageFailed, TrainingStopped


class Refresher:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = json.loads((folder / "job.json").read_text("utf-8"))
        self.checkout = Path(self.job["checkout"])

    def run(self) -> dict[str, Any]:
        pointers = [_Pointer(self, path) for path in self.job["pointers"]]
        for pointer in pointers:
            pointer.bring(for_command=bool(self.job["command"]))
        if self.job["command"]:
            self._run_command()
        for pointer in pointers:
            pointer.take_up()
        changed = [pointer for pointer in pointers if pointer.text != pointer.before]
        for pointer in changed:
            pointer.push()
        return {"changed": {pointer.path: pointer.shapes for pointer in changed}}

    def _run_command(self) -> None:
        command = shlex.split(self.job["command"])
        where = self.checkout / self.job["folder"]
        environment = {**os.environ, **self.job["env"]}
        try:
            done = subprocess.run(
                command, cwd=where, env=environment, stdin=subprocess.DEVNULL, check=False
            )
        except OSError as error:
            raise StageFailed(
                "refresh", f"{self.job['command']} ({error.strerror})", 127
            ) from error
        if (self.folder / "stop").exists():
            raise TrainingStopped
        if done.returncode:
            raise StageFailed("refresh", self.job["command"], done.returncode)


class _Pointer:
    """One .dvc file, in the DVC repository that it belongs to."""

    def __init__(self, errand: Refresher, path: str) -> None:
        self.path = path
        self.file = errand.checkout / path
        self.root = Path(Repo.find_root(str(self.file.parent)))
        self.errand = errand
        self.before = self.text
        self.in_place = False
        self.shape_before: dict[str, Any] | None = None

    @property
    def text(self) -> bytes:
        return self.file.read_bytes()

    @cached_property
    def repo(self) -> Repo:
        inside = self.root.relative_to(self.errand.checkout)
        home = self.errand.job["home"]
        place = Path(home) / inside if home else None
        config_guard.install(self.root / ".dvc/config", (place or self.root) / ".dvc/config.local")
        over = config.settings(self.root, home=place)
        repo = Repo(str(self.root), config=over)
        repo.scm_context.quiet = True
        repo.cloud.get_remote(command="push")
        objects.watch(repo)
        return repo

    def bring(self, *, for_command: bool) -> None:
        [stage] = self.repo.stage.collect(str(self.file))
        if stage.is_import:
            self.repo.update([str(self.file)])
        elif for_command:
            self.repo.pull(targets=[str(self.file)])
            self.in_place = True
            self.shape_before = self._shape()

    def take_up(self) -> None:
        """Make the pointer name the data that is in place now."""
        if self.in_place:
            self.repo.commit(target=str(self.file), force=True)
            self._count()

    def _count(self) -> None:
        """Update `meta.rows` if it was the number of rows: DVC does not change such notes."""
        [stage] = self.repo.stage.collect(str(self.file))
        before, after = self.shape_before, self._shape()
        if before and after and stage.meta and stage.meta.get("rows") == before["rows"]:
            stage.meta["rows"] = after["rows"]
            stage.dump()

    @property
    def shapes(self) -> dict[str, Any]:
        return {"before": self.shape_before, "after": self._shape()}

    def _shape(self) -> dict[str, Any] | None:
        [stage] = self.repo.stage.collect(str(self.file))
        paths = [Path(out.fs_path) for out in stage.outs]
        time = self.errand.job["time"]
        return shapes.measure(paths[0], time=time) if len(paths) == 1 else None

    def push(self) -> None:
        try:
            self.repo.push(targets=[str(self.file)])
        except (exceptions.DvcException, OSError) as error:
            raise NotPushed(str(error)) from error


if __name__ == "__main__":
    sys.exit(program.carry_out(Path(sys.argv[1]), int(sys.argv[2]), lambda at: Refresher(at).run()))

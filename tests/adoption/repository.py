"""A layout: the files of a repository before Interlock, and what its people do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlock.demo.user import User

DATA = "customer,spend,left\n" + "".join(
    f"{row},{spend},{int((spend < 43) != (row % 11 == 0))}\n"
    for row in range(400)
    for spend in [row * 37 % 100]
)
"""400 customers: who spends less than 43 leaves, with one exception in eleven."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text of a file, and what replaces it."""

    path: str
    before: str
    after: str

    def apply(self, user: User) -> None:
        user.replace(self.path, self.before, self.after)


FINER = Edit("params.yaml", "step: 25", "step: 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`files` are the texts by path; `tracked` are those that `dvc add` tracks. `home` is the
    folder of `dvc init`, None without DVC; `programs` are installed. `change` is the edit of a
    later pull request. `to_do` counts the sentences of `init`, and `by_hand` are the commands that
    follow them."""

    name: str
    files: dict[str, str]
    change: Edit
    models: tuple[str, ...]
    tracked: tuple[str, ...] = ()
    home: str | None = ""
    programs: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    to_do: int = 0

    def build(self, user: User, *, remote: Path) -> None:
        """Write, run and push the repository as its people had it."""
        write(user.folder, self.files)
        user.git("switch", "--quiet", "--create", "main")
        if self.home is not None:
            self._run_pipeline(user, self.home, remote)
        user.commit_and_push("main", "Train a model")

    def _run_pipeline(self, user: User, home: str, remote: Path) -> None:
        at = home or "."
        user.run("dvc", "init", "--quiet", *(["--subdir"] if home else []), at=at)
        user.run("dvc", "remote", "add", "--quiet", "--default", "store", str(remote), at=at)
        if self.tracked:
            user.run(
                "dvc", "add", "--quiet", *(os.path.relpath(p, home) for p in self.tracked), at=at
            )
        user.run("dvc", "repro", "--quiet", "--all-pipelines", at=at)
        user.run("dvc", "push", "--quiet", at=at)


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

"""A layout: the files of a repository before Interlock, and what its people do."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`files` are the texts by path; `tracked` are those that `dvc add` tracks. `home` is the
    folder of `dvc init`, None without DVC. `change` is the edit of a later pull request; `by_hand`
    are the edits that the proposal of `init` still needs, `to_do` counts its sentences."""

    name: str
    files: dict[str, str]
    change: Edit
    models: tuple[str, ...]
    tracked: tuple[str, ...] = ()
    home: str | None = ""
    options: tuple[str, ...] = ()
    by_hand: tuple[Edit, ...] = ()
    to_do: int = 0

    def build(self, user: User, *, remote: Path) -> None:
        """Write, run and push the repository as its people had it."""
        for path, text in self.files.items():
            file = user.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        user.git("switch", "--quiet", "--create", "main")
        if self.home is not None:
            self._run_pipeline(user, self.home, remote)
        user.commit_and_push("main", "Train a model")

    def _run_pipeline(self, user: User, home: str, remote: Path) -> None:
        at = home or "."
        user.run("dvc", "init", "--quiet", *(["--subdir"] if home else []), at=at)
        user.run("dvc", "remote", "add", "--quiet", "--default", "store", str(remote), at=at)
        if self.tracked:
            user.run("dvc", "add", "--quiet", *self.tracked)
        user.run("dvc", "repro", "--quiet", "--all-pipelines", at=at)
        user.run("dvc", "push", "--quiet", at=at)

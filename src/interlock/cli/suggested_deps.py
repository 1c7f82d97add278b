"""`plan --suggest-deps`: prints missing stage dependencies, or adds them to the checkout."""

from __future__ import annotations

from interlock import errors, wiring
from interlock.cli import terminal
from interlock.domain.basics import figures
from interlock.domain.model import undeclared_files
from interlock.domain.model.undeclared_files import Lacking
from interlock.ports.git import Repository
from interlock.services import suggest_deps
from interlock.services.suggest_deps import Suggestions


def make(repository: Repository, head: str, *, write: bool) -> Suggestions:
    """Return the missing dependencies of a revision; `write` adds them to the checkout."""
    resolve = wiring.resolve_templates
    if not write:
        return suggest_deps.run(repository.tree(head), resolve_templates=resolve)

    def save(path: str, data: bytes) -> None:
        (repository.root / path).write_bytes(data)

    return suggest_deps.write(
        lambda: wiring.working_tree(repository), save, resolve_templates=resolve
    )


def fix(repository: Repository) -> list[str]:
    """Add the missing dependencies to the checkout, and return a sentence for each stage. Raises
    BadInput for a bare repository, and for a dvc.yaml with changes that are not committed."""
    if repository.git_folder == repository.root:
        raise errors.BadInput("--fix needs a checkout", hint="run it in a clone that is not bare")
    made = make(repository, "HEAD", write=False)
    dirty = {one.file for one in made.lacking} & {*repository.changed_files()}
    if dirty:
        raise errors.BadInput(
            f"{figures.listing(sorted(dirty))} has changes that are not committed",
            hint="commit or stash them, and run it again",
        )
    written = make(repository, "HEAD", write=True).written
    return [
        f"{one.file}: stage {one.stage} now declares {figures.listing(one.deps)}; commit the file"
        for one in written
    ]


def lines(suggestions: Suggestions) -> list[str]:
    """Return the suggestions as text: the entries to paste, for each stage."""
    text = [line for one in suggestions.lacking for line in _block(one, "lacks")]
    text += [line for one in suggestions.written for line in _block(one, "now declares")]
    text += [terminal.plain(line) for line in (*suggestions.unknown, *suggestions.refused)]
    return text or ["no missing dependency detected"]


def _block(one: Lacking, verb: str) -> list[str]:
    entries = [f"      - {terminal.plain(undeclared_files.scalar(path))}" for path in one.deps]
    return [terminal.plain(f"stage {one.stage} of {one.file} {verb}:"), "    deps:", *entries]

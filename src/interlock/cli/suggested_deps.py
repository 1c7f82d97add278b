"""`plan --suggest-deps`: prints missing stage dependencies, or adds them to the checkout."""

from __future__ import annotations

from interlock import wiring
from interlock.cli import terminal
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


def lines(suggestions: Suggestions) -> list[str]:
    """Return the suggestions as text: the entries to paste, for each stage."""
    text = [line for one in suggestions.lacking for line in _block(one, "lacks")]
    text += [line for one in suggestions.written for line in _block(one, "now declares")]
    text += [terminal.plain(line) for line in (*suggestions.unknown, *suggestions.refused)]
    return text or ["no missing dependency detected"]


def _block(one: Lacking, verb: str) -> list[str]:
    entries = [f"      - {terminal.plain(undeclared_files.scalar(path))}" for path in one.deps]
    return [terminal.plain(f"stage {one.stage} of {one.file} {verb}:"), "    deps:", *entries]

"""`plan --suggest-deps`: what the stages lack, as lines to paste, or written into the checkout."""

from __future__ import annotations

from interlock import wiring
from interlock.cli import terminal
from interlock.commands.plan import suggest_deps
from interlock.commands.plan.suggest_deps import Suggestions
from interlock.domain.model import undeclared_files
from interlock.domain.model.undeclared_files import Lacking
from interlock.ports.git import Repository


def make(repository: Repository, head: str, *, write: bool) -> Suggestions:
    """Return what the stages of a revision lack; with `write` those of the checkout, changed."""
    resolve = wiring.resolve_templates
    if not write:
        return suggest_deps.run(repository.tree(head), resolve_templates=resolve)

    def save(path: str, data: bytes) -> None:
        (repository.root / path).write_bytes(data)

    return suggest_deps.write(
        lambda: wiring.working_tree(repository), save, resolve_templates=resolve
    )


def lines(found: Suggestions) -> list[str]:
    """The suggestions for people: for each stage the entries, as they are pasted."""
    said = [line for one in found.lacking for line in _block(one, "lacks")]
    said += [line for one in found.written for line in _block(one, "now declares")]
    said += [terminal.plain(text) for text in (*found.unknown, *found.refused)]
    return said or ["no stage lacks a dependency that can be seen"]


def _block(one: Lacking, verb: str) -> list[str]:
    entries = [f"      - {terminal.plain(undeclared_files.scalar(path))}" for path in one.deps]
    return [terminal.plain(f"stage {one.stage} of {one.file} {verb}:"), "    deps:", *entries]

"""Finds dependencies that stages use and do not declare, and adds them to a dvc.yaml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock import errors
from interlock.domain.model import undeclared_files
from interlock.domain.model.undeclared_files import Lacking, Undeclared
from interlock.pipelines import ResolveTemplates, stage_text
from interlock.ports.git import Tree
from interlock.services import snapshots

_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`lacking` are missing dependencies, `written` those that were added, `unknown` has sentences
    about commands with unreadable code, `refused` about files that could not be changed."""

    lacking: tuple[Lacking, ...]
    unknown: tuple[str, ...] = ()
    written: tuple[Lacking, ...] = ()
    refused: tuple[str, ...] = ()


def run(tree: Tree, *, resolve_templates: ResolveTemplates | None = None) -> Suggestions:
    """Return the missing dependencies of all stages of all models."""
    undeclared = _find(tree, resolve_templates)
    unknown = dict.fromkeys(one.sentence for one in undeclared if not one.path)
    return Suggestions(undeclared_files.by_stage(undeclared), tuple(unknown))


def write(
    read: Callable[[], Tree],
    save: Callable[[str, bytes], None],
    *,
    resolve_templates: ResolveTemplates | None = None,
) -> Suggestions:
    """Add missing dependencies to the files of a checkout until none can be added.

    `read` returns the current checkout, `save` replaces one of its files.
    """
    written: list[Lacking] = []
    refused: dict[str, None] = {}
    suggestions = run(read(), resolve_templates=resolve_templates)
    for _ in range(_MOST_ROUNDS):
        added = [one for one in suggestions.lacking if _add(one, read, save, refused)]
        written += added
        if not added:
            break
        suggestions = run(read(), resolve_templates=resolve_templates)
    return Suggestions(suggestions.lacking, suggestions.unknown, tuple(written), tuple(refused))


def _find(tree: Tree, resolve_templates: ResolveTemplates | None) -> list[Undeclared]:
    models = snapshots.read(tree, resolve_templates=resolve_templates).models.values()
    return [one for model in models for one in model.undeclared]


def _add(
    one: Lacking,
    read: Callable[[], Tree],
    save: Callable[[str, bytes], None],
    refused: dict[str, None],
) -> bool:
    try:
        text = (read().read(one.file) or b"").decode("utf-8")
        save(one.file, stage_text.add(text, one.stage, one.deps, path=one.file).encode())
    except errors.CannotFingerprint as error:
        refused[f"{error.message}; {error.hint}"] = None
        return False
    return True

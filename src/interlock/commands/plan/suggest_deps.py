"""What stages use and do not declare, for every model, and the text of a dvc.yaml that does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock import errors
from interlock.domain.model import undeclared_files
from interlock.domain.model.undeclared_files import Lacking, Undeclared
from interlock.pipelines import ResolveTemplates, deps_text
from interlock.ports.git import Tree
from interlock.services import snapshots

_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`lacking` are what stages lack, `written` those of them that are in the files now, `unknown`
    sentences on commands of which the code cannot be seen, `refused` on files that could not be
    changed."""

    lacking: tuple[Lacking, ...]
    unknown: tuple[str, ...] = ()
    written: tuple[Lacking, ...] = ()
    refused: tuple[str, ...] = ()


def run(tree: Tree, *, resolve_templates: ResolveTemplates | None = None) -> Suggestions:
    """Return what the stages of all models of a tree lack."""
    found = _find(tree, resolve_templates)
    unknown = dict.fromkeys(one.sentence for one in found if not one.path)
    return Suggestions(undeclared_files.by_stage(found), tuple(unknown))


def write(
    read: Callable[[], Tree],
    save: Callable[[str, bytes], None],
    *,
    resolve_templates: ResolveTemplates | None = None,
) -> Suggestions:
    """Add what is lacking to the files of a checkout, until nothing is that can be added.

    `read` gives the checkout as it is now, `save` replaces one of its files.
    """
    written: list[Lacking] = []
    refused: dict[str, None] = {}
    found = run(read(), resolve_templates=resolve_templates)
    for _ in range(_MOST_ROUNDS):
        added = [one for one in found.lacking if _add(one, read, save, refused)]
        written += added
        if not added:
            break
        found = run(read(), resolve_templates=resolve_templates)
    return Suggestions(found.lacking, found.unknown, tuple(written), tuple(refused))


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
        save(one.file, deps_text.add(text, one.stage, one.deps, path=one.file).encode())
    except errors.CannotFingerprint as error:
        refused[f"{error.message}; {error.hint}"] = None
        return False
    return True

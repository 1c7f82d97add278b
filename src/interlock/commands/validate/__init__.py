"""`validate`: checks manifests, policy and pipelines of a revision; writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from interlock import errors, manifests
from interlock.commands.validate import ignored_files, manifest_set, margins
from interlock.domain.basics.diagnostics import Diagnostic, has_errors
from interlock.domain.model.policy import Policy
from interlock.manifests import consistency
from interlock.pipelines import ResolveTemplates
from interlock.ports.git import Tree
from interlock.ports.ledger import Ledger
from interlock.services import garbage_collection
from interlock.yaml_reader import suggestions

_NO_FILE = frozenset({"040000", "160000"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateContext:
    """With a `ledger`, margins that earlier rows could not resolve are warnings."""

    tree: Tree
    resolve_templates: ResolveTemplates | None = None
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateOptions:
    """`paths` are manifests, or folders that contain some; none selects all manifests."""

    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validation:
    """`files` is the number of checked manifests; `models` are the names in them."""

    files: int
    models: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def exit_code(self) -> int:
        return errors.EXIT_INPUT if has_errors(self.diagnostics) else errors.EXIT_DONE


def document(validation: Validation) -> dict[str, Any]:
    """Return the result as `interlock/validation/v1`."""
    return {
        "schema": "interlock/validation/v1",
        "files": validation.files,
        "models": list(validation.models),
        "diagnostics": [asdict(diagnostic) for diagnostic in validation.diagnostics],
    }


def run(context: ValidateContext, options: ValidateOptions) -> Validation:
    """Check the selected manifests, and report everything that would block a model in a plan.

    Duplicate model names are searched in all manifests. Raises CannotResolve for a path that does
    not exist or contains no manifest.
    """
    with garbage_collection.paused():
        return _run(context, options)


def _run(context: ValidateContext, options: ValidateOptions) -> Validation:
    tree, paths = context.tree, options.paths
    policy, problems = manifests.read_policy(tree.read(manifests.POLICY_PATH))
    rules = policy or Policy()
    matches = manifests.search_all(tree.named, rules.manifests)
    declared = dict.fromkeys(p for p in matches if tree.entries[p].mode not in _NO_FILE)
    selected = dict.fromkeys(_select(paths, declared, tree) if paths else declared)
    every = sorted({*declared, *selected})
    checked = manifest_set.check(tree, every, policy, context.resolve_templates)
    chosen = [one for one in checked.manifests if one.path in selected]
    for one in chosen:
        if one.path not in declared:
            consistency.warn_of_pattern(one, rules)
        if context.ledger is not None:
            margins.warn(one, context.ledger)
    diagnostics = {*problems, *ignored_files.links(tree, selected), *checked.problems(chosen)}
    diagnostics |= {*ignored_files.policies(tree)}
    if not paths and policy is not None:
        diagnostics |= {*ignored_files.without_pattern(tree, declared, policy)}
    if not paths:
        reported = {(d.path, d.line, d.column, d.message) for d in diagnostics}
        unused = checked.unused_files()
        diagnostics |= {d for d in unused if (d.path, d.line, d.column, d.message) not in reported}
    names = {str(name) for one in chosen if (name := one.get("model")) is not None}
    return Validation(len(selected), tuple(sorted(names)), tuple(sorted(diagnostics)))


def _select(paths: Collection[str], declared: Collection[str], tree: Tree) -> tuple[str, ...]:
    """Return the manifests that the user named; a named file is always a manifest."""
    selected: list[str] = []
    for path in paths:
        entry = tree.entries.get(path)
        inside = [p for p in declared if path in ("", ".") or p.startswith(f"{path}/")]
        if entry is None and path not in ("", "."):
            hint = suggestions.suggest(path, tree.entries, otherwise="is it ignored by Git?")
            raise errors.CannotResolve(f"there is no {path} in this repository", hint=hint)
        if entry is not None and entry.mode not in _NO_FILE:
            inside = [path]
        if not inside:
            hint = "a manifest is a file that the policy's pattern matches"
            raise errors.CannotResolve(f"there is no manifest in {path}", hint=hint)
        selected += inside
    return tuple(dict.fromkeys(selected))

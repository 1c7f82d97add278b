"""`validate`: every manifest of a tree, the policy, and the pipelines they name; writes nothing."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from interlock import errors, manifests
from interlock.domain.basics.diagnostics import Diagnostic, Severity, has_errors
from interlock.domain.evaluation import detectable_difference
from interlock.domain.evaluation.verdict import Comparison
from interlock.domain.model.policy import Policy
from interlock.domain.model.snapshot import ModelAt
from interlock.ledger import lookup
from interlock.manifests import Checked, consistency
from interlock.manifests.outputs import PipelineOutputs
from interlock.pipelines import ResolveTemplates, Tracer, locks
from interlock.pipelines.stage import PipelineStage
from interlock.ports.git import Tree
from interlock.ports.ledger import Ledger
from interlock.services import snapshots
from interlock.services.snapshots import fingerprint_gaps, manifest_inputs
from interlock.yaml_reader import suggestions

_LINK = "120000"
_NO_FILE = frozenset({"040000", "160000"})


@dataclass(frozen=True, slots=True)
class Validation:
    """`files` is how many manifests were looked at; `models` those of them that have a name."""

    files: int
    models: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def exit_code(self) -> int:
        return errors.EXIT_INPUT if has_errors(self.diagnostics) else errors.EXIT_DONE


def document(validation: Validation) -> dict[str, Any]:
    """The result as `interlock/validation/v1`."""
    return {
        "schema": "interlock/validation/v1",
        "files": validation.files,
        "models": list(validation.models),
        "diagnostics": [asdict(diagnostic) for diagnostic in validation.diagnostics],
    }


def run(
    tree: Tree,
    *,
    paths: Sequence[str] = (),
    resolve_templates: ResolveTemplates | None = None,
    ledger: Ledger | None = None,
) -> Validation:
    """Check the manifests at `paths` (files, or folders that hold some), or all without any.

    Whatever would block a model in a plan of this tree is an error here, with its place. Names that
    two models share are looked for among all manifests, whatever `paths` are. Raises CannotResolve
    for a path that does not exist, or holds no manifest. With a `ledger` a margin that earlier rows
    did not resolve is warned of.
    """
    policy, problems = manifests.read_policy(tree.read(manifests.POLICY_PATH))
    ruling = policy or Policy()
    files = _files(tree)
    declared = manifests.find(files, ruling.manifests)
    selected = _select(paths, declared, tree) if paths else declared
    checked = _check(tree, sorted({*declared, *selected}), policy, resolve_templates)
    chosen = [one for one in checked.manifests if one.path in set(selected)]
    for one in chosen:
        if one.path not in declared:
            consistency.warn_of_pattern(one, ruling)
        if ledger is not None:
            _warn_of_margins(one, ledger)
    found = [*problems, *_links(tree, selected), *checked.problems_of(chosen)]
    found += _policies_not_read(files)
    if not paths and policy is not None:
        found += _misses(files, declared, policy)
    if not paths:
        told = {(each.path, each.line, each.column, each.message) for each in found}
        found += [
            d for d in checked.unneeded() if (d.path, d.line, d.column, d.message) not in told
        ]
    names = {str(name) for one in chosen if (name := one.get("model")) is not None}
    return Validation(len(selected), tuple(sorted(names)), tuple(sorted(set(found))))


def _warn_of_margins(one: Checked, ledger: Ledger) -> None:
    """Say where a gate asks for more than the rows of the champion's own comparison resolve."""
    manifest = one.manifest
    if manifest is None:
        return
    known = _last_comparisons(ledger, manifest.model)
    for index, rule in enumerate(manifest.gates):
        bound = "max_rise" if rule.max_drop is None else "max_drop"
        for name, found in detectable_difference.foresee(rule, known):
            hint = "evaluate on more rows, or allow a larger margin"
            one.complain(
                ("gates", index, bound), f"{name}: {found.sentence}", hint, Severity.WARNING
            )


def _last_comparisons(ledger: Ledger, model: str) -> tuple[Comparison, ...]:
    """What the champion was promoted by; nothing where that is unknown, or was the first model."""
    try:
        champion = lookup.champion(ledger, model=model)
        if champion is None:
            return ()
        known = lookup.verdicts(ledger, model=model, fingerprint=champion.fingerprint)
    except errors.InterlockError:
        return ()  # a ledger that cannot be read is for `ledger verify` to tell
    compared = [each for each in known if any(c.interval for c in each.comparisons)]
    last = max(compared, key=lambda each: (each.champion_version or 0, each.key), default=None)
    return last.comparisons if last else ()


def _files(tree: Tree) -> frozenset[str]:
    return frozenset(p for p, entry in tree.entries.items() if entry.mode not in _NO_FILE)


def _select(paths: Sequence[str], declared: Collection[str], tree: Tree) -> tuple[str, ...]:
    """The manifests that the user named: a file is taken at their word."""
    found: list[str] = []
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
        found += inside
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Together:
    """Manifests that were checked against one another, and the revision that they are of."""

    manifests: tuple[Checked, ...]
    reader: snapshots.Reader
    tracer: Tracer

    def problems_of(self, chosen: Sequence[Checked]) -> Iterator[Diagnostic]:
        """Everything of these manifests that is wrong: in them, and in what `plan` reads."""
        index = self.tracer.project.index
        paths = (consistency.pipeline_path(one) for one in chosen)
        named = {path for path in paths if path is not None}
        for broken in index.unreadable:
            if broken.file in named:
                yield from broken.error.diagnostics
        for one in chosen:
            yield from one.diagnostics
            yield from self._blocked(one)
        yield from locks.broken(self.tracer.project, sorted(named & index.tops.keys()))

    def _blocked(self, one: Checked) -> Iterator[Diagnostic]:
        """What keeps a sound manifest's model from being planned, and the locks upstream of it."""
        if one.manifest is None:
            return
        model = self.reader.model(self.tracer, one.manifest)
        yield from model.blocked_at
        stages = self.tracer.stages_of(model.lineage)
        yield from _doubts(self.tracer, stages, model)
        yield from locks.broken(self.tracer.project, [stage.file for stage in stages])

    def unneeded(self) -> Iterator[Diagnostic]:
        """Files that DVC refuses and that may be of no model: DVC's own commands fail on them."""
        index = self.tracer.project.index
        for broken in index.unreadable:
            for found in broken.error.diagnostics:
                yield replace(found, severity=Severity.WARNING)
        yield from locks.broken(self.tracer.project, index.tops)


def _doubts(
    tracer: Tracer, stages: Sequence[PipelineStage], model: ModelAt
) -> Iterator[Diagnostic]:
    """What the plan of a model that trains would warn of: code that no stage declares, first."""
    found, sentences = fingerprint_gaps.doubts(tracer.project, stages, model)
    places = {one.sentence: one.file for one in found}
    for sentence in sentences:
        path = places.get(sentence, model.manifest.path)
        yield Diagnostic(path, 0, 0, Severity.WARNING, sentence)


def _check(
    tree: Tree, paths: Sequence[str], policy: Policy | None, resolve: ResolveTemplates | None
) -> _Together:
    plain = [path for path in paths if tree.entries[path].mode != _LINK]
    data = tree.read_many(plain)
    found = tuple(_check_alone(data[path], path) for path in plain)
    reader = snapshots.Reader(resolve_templates=resolve)
    tracer = reader.tracer(tree)
    among = consistency.RepositoryContents(policy, tree.entries.keys(), _pipelines(tracer, found))
    for one in found:
        consistency.check(one, among=among)
    consistency.check_together(found)
    return _Together(found, reader, tracer)


def _check_alone(data: bytes, path: str) -> Checked:
    checked = manifests.check(data, path=path)
    checked.positions.forget()
    return checked


def _pipelines(
    tracer: Tracer, found: Sequence[Checked]
) -> dict[str, consistency.KnownPipeline | None]:
    project = tracer.project
    named = {path for one in found if (path := consistency.pipeline_path(one)) is not None}
    tracer.prefetch((path, "") for path in named)
    stages: dict[str, list[str]] = {}
    for stage in project.index.stages.values():
        stages.setdefault(stage.file, []).append(stage.name)
    return {
        path: consistency.KnownPipeline(
            stages.get(path, ()), functools.partial(_made, tracer, path)
        )
        if path in project.index.tops
        else None
        for path in named & project.tree.entries.keys()
    }


def _made(tracer: Tracer, file: str, target: str) -> PipelineOutputs | None:
    """What a target and the stages upstream make; None when `plan` would be blocked anyway."""
    try:
        traced = tracer.trace(file, target)
    except errors.CannotFingerprint:
        return None
    return manifest_inputs.makers(tracer.project, file, target, traced.stages)


def _links(tree: Tree, selected: Sequence[str]) -> Iterator[Diagnostic]:
    for path in selected:
        if tree.entries[path].mode == _LINK:
            said = "a manifest cannot be a symbolic link: its paths would mean two things"
            hint = "copy the file, or widen the policy's pattern to the real one"
            yield Diagnostic(path, 1, 1, Severity.ERROR, said, hint)


def _policies_not_read(files: Collection[str]) -> Iterator[Diagnostic]:
    """A policy by another ending would be silently without effect."""
    path = f"{manifests.POLICY_PATH.removesuffix('.yml')}.yaml"
    if path in files:
        said = f"this file is not read: the policy is {manifests.POLICY_PATH}"
        yield Diagnostic(path, 1, 1, Severity.ERROR, said, "name it .yml")


def _misses(
    files: Collection[str], declared: Collection[str], policy: Policy
) -> Iterator[Diagnostic]:
    """Files that were meant to be manifests, and the lack of any."""
    twins = [path for path in files if path.endswith(".yml")]
    for path in twins if policy.manifests.endswith(".yaml") else ():
        if manifests.find([f"{path[:-4]}.yaml"], policy.manifests):
            said = f"this file is not read: the policy's pattern is {policy.manifests}"
            yield Diagnostic(path, 1, 1, Severity.WARNING, said, "name it .yaml")
    if not declared:
        said = f"no file matches the pattern {policy.manifests}, so there is no manifest"
        hint = f"add one, or set manifests: in {manifests.POLICY_PATH} to where yours are"
        yield Diagnostic(manifests.POLICY_PATH, 0, 0, Severity.ERROR, said, hint)

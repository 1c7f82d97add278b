"""Turns chosen models into files: manifests, policy, workflows, the hook; nothing is written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from interlock import calling_files, manifests
from interlock.domain.adoption import environment_choice, family, store_choice
from interlock.domain.adoption.model_choice import MANIFEST, ModelChoice
from interlock.domain.adoption.pipeline_facts import AdoptionFacts
from interlock.domain.basics import figures
from interlock.domain.model.policy import Policy
from interlock.manifests import discovery, new_manifest, paths
from interlock.ports.git import Tree
from interlock.yaml_reader import strict

_ITEM = re.compile(r"\$\{[^}]*\}")
_WORKFLOWS = ".github/workflows"
_HOOKS = ".pre-commit-config.yaml"
_EVERY_MANIFEST = f"**/{MANIFEST}"
_PURPOSES = {
    "models-pull-request.yml": "plans, trains, evaluates and reports on pull requests",
    "models-promote.yml": "promotes the models of the default branch",
    "models-command.yml": "runs comments such as `/interlock accept`",
    "models-monitor.yml": "monitors live data, and opens retraining pull requests",
    "models-reconcile.yml": "repairs the registry, and updates the dashboard",
}
_HOOK = """\
  - repo: local
    hooks:
      - id: interlock-validate
        name: interlock validate
        entry: interlock validate
        language: system
        pass_filenames: false
        files: (^|/)(dvc\\.yaml|params\\.yaml|model\\.yaml)$|^\\.github/interlock\\.yml$
"""


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """A file to add or to change (`before` is its text now, None for a new one). The text of a
    constant file is that of every repository."""

    path: str
    text: str
    before: str | None
    purpose: str
    is_constant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSettings:
    """`mlflow` is the address of the tracking server, "" for none in the policy."""

    labels: tuple[str, ...] = ("self-hosted",)
    environments: tuple[str, ...] = ("staging", "production")
    mlflow: str = ""


def make(
    tree: Tree, facts: AdoptionFacts, choices: tuple[ModelChoice, ...], settings: ProposalSettings
) -> tuple[ProposedFile, ...]:
    """Return the files that differ from the tree: a second run returns none."""
    policy, _ = manifests.read_policy(tree.read(manifests.POLICY_PATH))
    rules = policy or Policy()
    declared = _declared(tree, rules)
    folded = family.fold(choices, files=facts.files)
    places = {c.name: _place(c, declared) for c in folded}
    files: list[ProposedFile | None] = [
        *(_manifest(tree, c, places[c.name], settings) for c in folded),
        _policy(tree, facts, rules, tuple(places.values()), settings),
        _hook(tree),
        *_workflows(tree, facts.branch),
    ]
    return tuple(each for each in files if each is not None and each.text != each.before)


@dataclass(frozen=True, slots=True)
class _Declared:
    """A manifest of the tree, by what it declares."""

    path: str
    content: Mapping[str, Any]

    def is_of(self, choice: ModelChoice) -> bool:
        pipeline, outputs = (_section(self.content, key) for key in ("pipeline", "outputs"))
        file = paths.resolve(str(pipeline.get("file", "dvc.yaml")), of=self.path)
        model = paths.resolve(str(outputs.get("model", "")), of=self.path)
        target = str(pipeline.get("target", ""))
        is_target = file == choice.file and _is_text(target, choice.target)
        return is_target or _is_text(model or "", choice.model)


def _is_text(written: str, actual: str) -> bool:
    """True if a text of a manifest is `actual`; `${item}` of a family is any text."""
    return re.fullmatch(".+".join(map(re.escape, _ITEM.split(written))), actual) is not None


def _section(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, Mapping) else {}


def _declared(tree: Tree, rules: Policy) -> list[_Declared]:
    known = discovery.search_all(tree.named, rules.manifests)
    read = {path: strict.read_yaml(tree.read(path) or b"", path=path)[0] for path in known}
    return [_Declared(path, value) for path, value in read.items() if isinstance(value, Mapping)]


def _place(choice: ModelChoice, declared: list[_Declared]) -> _Declared:
    known = next((each for each in declared if each.is_of(choice)), None)
    return known or _Declared(choice.manifest, {})


def _manifest(
    tree: Tree, choice: ModelChoice, place: _Declared, settings: ProposalSettings
) -> ProposedFile:
    before = _text(tree, place.path)
    text = new_manifest.complete(
        before or "",
        place.content,
        choice.at(place.path),
        labels=settings.labels,
        environments=settings.environments,
    )
    return ProposedFile(place.path, text, before, _declares(choice))


def _declares(choice: ModelChoice) -> str:
    if not choice.items:
        return f"declares the model {choice.name}"
    return f"declares the models {choice.name} for {figures.listing(choice.items)}"


def _policy(
    tree: Tree,
    facts: AdoptionFacts,
    rules: Policy,
    places: tuple[_Declared, ...],
    settings: ProposalSettings,
) -> ProposedFile | None:
    """Add the settings that are missing. An existing policy keeps its own pattern of manifests,
    unless it does not find one of ours."""
    path = manifests.POLICY_PATH
    before = _text(tree, path)
    known, _, _ = strict.read_yaml((before or "").encode(), path=path)
    wanted = dict(_settings(facts, rules, places, settings))
    present = known if isinstance(known, Mapping) else {}
    more = {key: value for key, value in wanted.items() if key not in present}
    if not more:
        return None
    start = before or ""
    end = "" if start.endswith("\n") or not start else "\n"
    text = start + end + yaml.safe_dump(more, sort_keys=False, width=1000, allow_unicode=True)
    return ProposedFile(path, text, before, "rules for all models")


def _settings(
    facts: AdoptionFacts, rules: Policy, places: tuple[_Declared, ...], settings: ProposalSettings
) -> Iterator[tuple[str, str]]:
    if any(not _matches(rules.manifests, place.path) for place in places):
        yield "manifests", _EVERY_MANIFEST
    if settings.mlflow:
        yield "mlflow", settings.mlflow
    elif not (rules.mlflow or rules.store) and (store := store_choice.choose(facts.remote)):
        yield "registry", "none"
        yield "store", store
    folders = {posixpath.dirname(p.file) for p in facts.pipelines}
    prepares = {environment_choice.choose(facts.files, folder=f).prepare for f in folders}
    commands = sorted(each for each in prepares if each)
    if len(commands) == 1:
        yield "prepare", commands[0]


def _matches(patterns: tuple[str, ...], path: str) -> bool:
    return path in discovery.find_all((path,), patterns)


def _hook(tree: Tree) -> ProposedFile | None:
    """Add the hook to a configuration of pre-commit that ends with its repositories."""
    before = _text(tree, _HOOKS)
    content = strict.read_yaml((before or "").encode(), path=_HOOKS)[0]
    if before is None or not isinstance(content, Mapping) or "interlock" in before:
        return None
    if list(content)[-1] != "repos" or not isinstance(content["repos"], list):
        return None
    text = before.rstrip("\n") + "\n" + _HOOK
    return ProposedFile(_HOOKS, text, before, "validates manifests before a commit")


def _workflows(tree: Tree, branch: str) -> Iterator[ProposedFile]:
    for name, text in calling_files.texts().items():
        path = f"{_WORKFLOWS}/{name}"
        if path not in tree.entries:
            actual = text.replace("[main]", f"[{branch}]")
            yield ProposedFile(path, actual, None, _PURPOSES[name], True)


def _text(tree: Tree, path: str) -> str | None:
    data = tree.read(path)
    return None if data is None else data.decode("utf-8", "surrogateescape")

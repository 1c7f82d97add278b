"""What `reconcile` finds and puts right, one damage after the other, seen from outside."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from interlock import book
from interlock.domain import registered
from interlock.domain.promotion import Kind, Phase, Promotion
from interlock.domain.reconciliation import State, Status
from tests import reconcile_stage
from tests.reconcile_stage import Stage, refusals, statuses, told

Damage = Callable[[Stage], object]
_SHA = registered.SHA256


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return reconcile_stage.create(tmp_path_factory.mktemp("template"))


@pytest.fixture
def stage(template: Stage, tmp_path: Path) -> Stage:
    return template.copy(tmp_path)


def _alias(name: str, version: int | None) -> Damage:
    def damage(stage: Stage) -> None:
        if version is None:
            stage.registry.remove_alias("digits", name)
        else:
            stage.registry.set_alias("digits", name, version=version)

    return damage


def _tag(key: str, value: str | None, *, version: int = 2) -> Damage:
    return lambda stage: stage.registry.set_tag("digits", key, value, version=version)


def _all(*damages: Damage) -> Damage:
    return lambda stage: [damage(stage) for damage in damages]


def _version_gone(number: int) -> Damage:
    return lambda stage: stage.registry.delete_version("digits", number)


def _registry_gone(stage: Stage) -> None:
    for name in list(stage.registry.stored):
        stage.registry.delete_model(name)


def _stranger(stage: Stage) -> None:
    """Somebody registers another version, and serves it."""
    made = stage.registry.create(stage.act(number=0), tags={})
    stage.registry.set_alias("digits", "production", version=made.number)


def _twin(stage: Stage) -> None:
    """A second version that claims the champion's digests."""
    made = stage.registry.create(stage.act(), tags=registered.tags(stage.act()))
    stage.registry.set_alias("digits", "production", version=made.number)


def _deployments_gone(environment: str) -> Damage:
    def damage(stage: Stage) -> None:
        hub = stage.github.hub
        hub.deployments = [
            d for d in hub.deployments if (d.sha, d.environment) != (stage.commits[-1], environment)
        ]

    return damage


def _deployment_state(state: str) -> Damage:
    def damage(stage: Stage) -> None:
        hub = stage.github.hub
        hub.deployments = [
            dataclasses.replace(d, state=state) if d.sha == stage.commits[-1] else d
            for d in hub.deployments
        ]

    return damage


def _intent(stage: Stage, *, c: float) -> Promotion:
    """A promotion that wrote its intent and died."""
    commit = stage.scene.commit(c)
    stage.scene.judge(commit, stage.ledger)
    candidate = stage.scene.train(commit)
    intent = dataclasses.replace(
        stage.act(),
        phase=Phase.INTENT,
        kind=Kind.PROMOTION,
        fingerprint=candidate.fingerprint,
        revision=commit,
        position=stage.scene.repository.position(commit),
        run_id=candidate.run_id,
        sha256=candidate.model.sha256,
        version=None,
    )
    stage.write(intent)
    return intent


def _died_after(*done: str) -> Damage:
    def damage(stage: Stage) -> None:
        intent = _intent(stage, c=3.0)
        if "version" in done:
            stage.registry.register(intent)
        if "alias" in done:
            stage.registry.set_alias("digits", "staging", version=3)

    return damage


def _merged(stage: Stage) -> None:
    """Merged and judged, and its job never ran."""
    commit = stage.scene.commit(3.0)
    stage.scene.judge(commit, stage.ledger)


def _reverted(stage: Stage) -> None:
    commit = stage.scene.commit(1.0)
    stage.scene.judge(commit, stage.ledger)


def _late(stage: Stage) -> None:
    """An older promoter wrote its intent late, pointed an alias, and died."""
    older = stage.act(number=0)
    commit = stage.scene.repository.log("HEAD")[-1][0]
    stage.write(
        dataclasses.replace(older, phase=Phase.INTENT, position=1, revision=commit, version=None)
    )
    stage.registry.set_alias("digits", "production", version=1)


def _gave_way(stage: Stage) -> None:
    """A promoter gave way and died before it took its deployment back."""
    intent = _intent(stage, c=3.0)
    stage.write(dataclasses.replace(intent, phase=Phase.SUPERSEDED))
    environment = "staging"
    deployment = dataclasses.replace(
        stage.github.hub.deployments[-1],
        key=f"digits:{intent.position}:{intent.fingerprint[:12]}:{environment}",
        sha=intent.revision,
        environment=environment,
    )
    stage.github.upsert_deployment(deployment)
    stage.ship(4.0)


def _held_and_dead(stage: Stage) -> None:
    """Somebody rolled back by comment, and no promotion followed."""
    stage.say("rollback digits")


def _left_main(stage: Stage) -> None:
    shutil.rmtree(stage.scene.checkout / "model-manifests" / "digits")
    stage.scene.commit(6.0, model="wine")
    stage.scene.judge(stage.scene.repository.resolve("HEAD"), stage.ledger, model="wine")
    stage.promote("HEAD")


def _archived(stage: Stage) -> None:
    stage.registry.set_tag("digits", registered.ARCHIVED, "0" * 40, version=None)


def _environment_dropped(stage: Stage) -> None:
    """The manifest leaves out staging; it is promoted, and the old alias is where it was."""
    path = stage.scene.checkout / "model-manifests/digits/model.yaml"
    path.write_text(path.read_text().replace("[staging, production]", "[production]"))
    stage.ship(2.0)


def _renamed(stage: Stage) -> None:
    path = stage.scene.checkout / "model-manifests/digits/model.yaml"
    path.write_text(path.read_text().replace("registry_name: digits", "registry_name: numbers"))
    stage.ship(2.0)


# Every kind of damage, and what is found of it: kind and the beginning of what differs.
DAMAGES: dict[str, tuple[Damage, list[tuple[str, str]]]] = {
    "production moved": (_alias("production", 1), [("alias", "alias production")]),
    "staging moved": (_alias("staging", 1), [("alias", "alias staging")]),
    "both moved": (
        _all(_alias("staging", 1), _alias("production", 1)),
        [("alias", "alias staging"), ("alias", "alias production")],
    ),
    "production removed": (_alias("production", None), [("alias", "alias production")]),
    "all aliases removed": (
        _all(_alias("staging", None), _alias("production", None)),
        [("alias", "alias staging"), ("alias", "alias production")],
    ),
    "champion's version deleted": (
        _version_gone(2),
        [("version", "version"), ("alias", "alias staging"), ("alias", "alias production")],
    ),
    "registry lost": (
        _registry_gone,
        [("version", "version"), ("alias", "alias staging"), ("alias", "alias production")] * 2,
    ),
    "stranger served": (
        _stranger,
        [("tag", "interlock.stray of version 3"), ("alias", "alias production")],
    ),
    "twin served": (
        _twin,
        [("tag", "interlock.stray of version 3"), ("alias", "alias production")],
    ),
    "wrong digest": (_tag(_SHA, "f" * 64), [("tag", f"{_SHA} of version 2")]),
    "no digest": (_tag(_SHA, None), [("tag", f"{_SHA} of version 2")]),
    "digest of another": (_tag(_SHA, "f" * 64, version=1), [("tag", f"{_SHA} of version 1")]),
    "wrong fingerprint": (
        _tag(registered.FINGERPRINT, "f" * 64),
        [("tag", "interlock.fingerprint of version 2")],
    ),
    "no model": (_tag(registered.MODEL, None), [("tag", "interlock.model of version 2")]),
    "wrong revision": (
        _tag(registered.REVISION, "f" * 40),
        [("tag", "interlock.revision of version 2")],
    ),
    "no tags at all": (
        _all(
            *(
                _tag(f"interlock.{key}", None)
                for key in ("sha256", "fingerprint", "revision", "model")
            )
        ),
        [
            ("tag", "interlock.sha256"),
            ("tag", "interlock.fingerprint"),
            ("tag", "interlock.revision"),
            ("tag", "interlock.model"),
        ],
    ),
    "called a stray": (_tag(registered.STRAY, "true"), [("tag", "interlock.stray of version 2")]),
    "called archived": (_archived, [("archive", "interlock.archived of digits")]),
    "deployment to staging gone": (_deployments_gone("staging"), [("deployment", "deployment of")]),
    "deployments contradict": (
        _deployment_state("failure"),
        [("deployment", "deployment of"), ("deployment", "deployment of")],
    ),
    "a dead one's deployment": (_gave_way, [("deployment", "deployment of")]),
    "died after its intent": (_died_after(), [("act", "promotion of")]),
    "died after its version": (_died_after("version"), [("act", "promotion of")]),
    "died after an alias": (_died_after("version", "alias"), [("act", "promotion of")]),
    "an older one died": (_late, [("act", "promotion of"), ("alias", "alias production")]),
    "merged and never promoted": (_merged, [("promotion", "fingerprint")]),
    "reverted and never promoted": (_reverted, [("promotion", "fingerprint")]),
    "rolled back and not carried out": (_held_and_dead, [("act", "rollback of")]),
    "manifest left main": (_left_main, [("archive", "interlock.archived of digits")]),
    "environment dropped": (_environment_dropped, [("alias", "alias staging of digits")]),
    "registered elsewhere": (_renamed, [("archive", "interlock.archived of digits")]),
}


def agree(stage: Stage) -> None:
    """Every alias of what is declared points at the one version with the champion's bytes."""
    champion = book.champion(stage.ledger, model="digits")
    assert champion is not None
    version = stage.registry.find_version(
        champion.registry_name, sha256=champion.sha256, fingerprint=champion.fingerprint
    )
    assert version is not None
    found = {
        alias: number
        for (name, alias), number in stage.registry.aliases.items()
        if name == champion.registry_name
    }
    assert found == dict.fromkeys(champion.environments, version.number)


def test_damages__are_at_least_twenty() -> None:
    print(f"{len(DAMAGES)} kinds of damage")
    assert len(DAMAGES) >= 20


@pytest.mark.parametrize("name", DAMAGES)
def test_reconcile__finds_and_repairs_in_one_pass(stage: Stage, name: str) -> None:
    damage, expected = DAMAGES[name]
    damage(stage)
    before = stage.writes
    found = told(stage.reconcile(dry_run=True))
    assert stage.writes == before
    assert len(found) == len(expected), found
    for (kind, what), (found_kind, found_what, *_) in zip(expected, found, strict=True):
        assert (found_kind, found_what[: len(what)]) == (kind, what)
    answer = stage.reconcile()
    assert told(answer) == found
    assert statuses(answer) == {Status.DONE}, list(refusals(answer))
    after = stage.writes
    again = stage.rival().reconcile()
    assert told(again) == []
    agree(stage)
    assert {model.state for model in again.models} == {State.IN_ORDER}
    assert stage.writes == after


def test_reconcile__in_order(stage: Stage) -> None:
    before = stage.writes
    answer = stage.reconcile()
    assert [(m.model, m.state, m.corrections) for m in answer.models] == [
        ("digits", State.IN_ORDER, ()),
        ("wine", State.IN_ORDER, ()),
    ]
    assert stage.writes == before
    assert answer.head == stage.scene.repository.resolve("origin/main")

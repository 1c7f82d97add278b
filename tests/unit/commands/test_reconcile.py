"""What `reconcile` finds and puts right, one damage after the other, seen from outside."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from interlock import cli, documents, errors, wiring
from interlock.commands.reconcile import ReconcileResult, apply_repairs
from interlock.domain.promotion import registry_state
from interlock.domain.promotion.hold import Hold, HoldStep
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceResult,
    Repair,
    RepairStatus,
    SyncStatus,
)
from interlock.domain.promotion.reconciliation import DifferenceKind as About
from interlock.domain.promotion.registry_state import ModelVersion
from interlock.ledger import lookup
from interlock.rendering import reconciliation
from tests import reconcile_stage
from tests.docs import documents as printed
from tests.fakes.github import FakeGitHub
from tests.fakes.scene import run
from tests.reconcile_stage import NOW, Stage, refusals, rows, statuses

Damage = Callable[[Stage], object]
_SHA = registry_state.SHA256


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
    made = stage.registry.create(stage.act(), tags=registry_state.tags(stage.act()))
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
        kind=PromotionKind.PROMOTION,
        fingerprint=candidate.fingerprint,
        revision=commit,
        position=stage.scene.repository.position(commit),
        run_id=candidate.run_id,
        sha256=candidate.model.sha256,
        version=None,
        replaces=stage.act().fingerprint,
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
    stage.registry.set_tag("digits", registry_state.ARCHIVED, "0" * 40, version=None)


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
        [("tag", "interlock.orphaned of version 3"), ("alias", "alias production")],
    ),
    "twin served": (
        _twin,
        [("tag", "interlock.orphaned of version 3"), ("alias", "alias production")],
    ),
    "wrong digest": (_tag(_SHA, "f" * 64), [("tag", f"{_SHA} of version 2")]),
    "no digest": (_tag(_SHA, None), [("tag", f"{_SHA} of version 2")]),
    "digest of another": (_tag(_SHA, "f" * 64, version=1), [("tag", f"{_SHA} of version 1")]),
    "wrong fingerprint": (
        _tag(registry_state.FINGERPRINT, "f" * 64),
        [("tag", "interlock.fingerprint of version 2")],
    ),
    "no model": (_tag(registry_state.MODEL, None), [("tag", "interlock.model of version 2")]),
    "wrong revision": (
        _tag(registry_state.REVISION, "f" * 40),
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
    "called a stray": (
        _tag(registry_state.ORPHANED, "true"),
        [("tag", "interlock.orphaned of version 2")],
    ),
    "called archived": (_archived, [("archive", "interlock.archived of digits")]),
    "deployment to staging gone": (_deployments_gone("staging"), [("deployment", "deployment of")]),
    "deployments contradict": (
        _deployment_state("failure"),
        [("deployment", "deployment of"), ("deployment", "deployment of")],
    ),
    "a dead one's deployment": (_gave_way, [("deployment", "deployment of")]),
    "died after its intent": (_died_after(), [("unfinished", "promotion of")]),
    "died after its version": (_died_after("version"), [("unfinished", "promotion of")]),
    "died after an alias": (_died_after("version", "alias"), [("unfinished", "promotion of")]),
    "an older one died": (_late, [("unfinished", "promotion of"), ("alias", "alias production")]),
    "merged and never promoted": (_merged, [("promotion", "fingerprint")]),
    "reverted and never promoted": (_reverted, [("promotion", "fingerprint")]),
    "rolled back and not carried out": (_held_and_dead, [("unfinished", "rollback of")]),
    "manifest left main": (_left_main, [("archive", "interlock.archived of digits")]),
    "environment dropped": (_environment_dropped, [("alias", "alias staging of digits")]),
    "registered elsewhere": (_renamed, [("archive", "interlock.archived of digits")]),
}


def agree(stage: Stage) -> None:
    """Every alias of what is declared points at the one version with the champion's bytes."""
    champion = lookup.champion(stage.ledger, model="digits")
    assert champion is not None
    version = stage.registry.find_version(champion)
    assert version is not None
    numbers = {
        alias: number
        for (name, alias), number in stage.registry.aliases.items()
        if name == champion.registry_name
    }
    assert numbers == dict.fromkeys(champion.environments, version.number)


def test_damages__are_at_least_twenty() -> None:
    print(f"{len(DAMAGES)} kinds of damage")
    assert len(DAMAGES) >= 20


@pytest.mark.parametrize("name", DAMAGES)
def test_reconcile__finds_and_repairs_in_one_pass(stage: Stage, name: str) -> None:
    damage, expected = DAMAGES[name]
    damage(stage)
    before = stage.writes
    actual = rows(stage.reconcile(dry_run=True))
    assert stage.writes == before
    assert len(actual) == len(expected), actual
    for (kind, what), (found_kind, found_what, *_) in zip(expected, actual, strict=True):
        assert (found_kind, found_what[: len(what)]) == (kind, what)
    answer = stage.reconcile()
    assert rows(answer) == actual
    assert statuses(answer) == {RepairStatus.REPAIRED}, list(refusals(answer))
    after = stage.writes
    again = stage.rival().reconcile()
    assert rows(again) == []
    agree(stage)
    assert {model.status for model in again.models} == {SyncStatus.IN_SYNC}
    assert stage.writes == after


def test_reconcile__in_order(stage: Stage) -> None:
    before = stage.writes
    answer = stage.reconcile()
    assert [(m.model, m.status, m.differences) for m in answer.models] == [
        ("digits", SyncStatus.IN_SYNC, ()),
        ("wine", SyncStatus.IN_SYNC, ()),
    ]
    assert stage.writes == before
    assert answer.head == stage.scene.repository.resolve("origin/main")


def records(stage: Stage, model: str = "digits") -> list[tuple[int, str, str, str]]:
    """The corrections in the ledger: number, step, kind, what."""
    paths = stage.ledger.list(f"repairs/{model}")
    repairs = [documents.load(stage.ledger.read(path), Repair, where=path) for path in paths]
    for path in paths:
        printed.check(json.loads(stage.ledger.read_bytes(path) or b""))
    return [(r.number, r.step.value, r.kind.value, r.resource) for r in repairs]


def test_reconcile__each_correction_is_recorded_before_and_after(stage: Stage) -> None:
    _alias("production", 1)(stage)
    stage.reconcile()
    what = "alias production of digits"
    assert records(stage) == [(1, "done", "alias", what), (1, "intent", "alias", what)]
    _alias("production", 1)(stage)
    stage.reconcile()
    assert [number for number, *_ in records(stage)] == [1, 1, 2, 2]
    assert stage.ledger.origin.messages[-2].startswith("Intent: repair of digits at ")
    assert stage.ledger.origin.messages[-1].startswith("Done: repair of digits at ")


def test_reconcile__a_promotion_has_no_second_record(stage: Stage) -> None:
    _merged(stage)
    stage.reconcile()
    assert records(stage) == []
    assert stage.act().version == 3


class Dead(BaseException):
    """The process is gone."""


def _dies_before(stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*arguments: object, **named: object) -> None:
        raise Dead

    with monkeypatch.context() as patch:
        patch.setattr(stage.registry, name, die)
        with pytest.raises(Dead):
            stage.reconcile()


def test_reconcile__died_before_its_effect(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _alias("production", 1)(stage)
    _dies_before(stage, "set_alias", monkeypatch)
    _dies_before(stage, "set_alias", monkeypatch)
    assert [step for _, step, *_ in records(stage)] == ["intent"]
    assert statuses(stage.reconcile()) == {RepairStatus.REPAIRED}
    assert [(number, step) for number, step, *_ in records(stage)] == [(1, "done"), (1, "intent")]


def test_reconcile__died_after_its_effect(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The effect is there, its end is not in the ledger: the next pass writes it, and no more."""
    _alias("production", 1)(stage)
    _dies_before(stage, "set_alias", monkeypatch)
    _alias("production", 2)(stage)
    answer = stage.reconcile()
    assert rows(answer) == []
    assert [(number, step) for number, step, *_ in records(stage)] == [(1, "done"), (1, "intent")]


def test_reconcile__two_at_once_begin_one_correction(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one runs, whole, between our intent and our effect."""
    _alias("production", 1)(stage)
    rival = stage.rival()
    make = apply_repairs.Repairer.repair
    answers: list[ReconcileResult | None] = []

    def late(hand: apply_repairs.Repairer, correction: Difference) -> DifferenceResult:
        if not answers:
            answers.append(None)
            answers[0] = rival.reconcile()
        return make(hand, correction)

    monkeypatch.setattr(apply_repairs.Repairer, "repair", late)
    assert statuses(stage.reconcile()) == {RepairStatus.REPAIRED}
    (theirs,) = answers
    assert theirs is not None
    assert statuses(theirs) == {RepairStatus.REPAIRED}
    stage.ledger.refresh()
    assert [(number, step) for number, step, *_ in records(stage)] == [(1, "done"), (1, "intent")]
    agree(stage)


def test_reconcile__a_promotion_overtakes_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alias was moved; while we set out to mend it, a newer revision is promoted."""
    _alias("production", 1)(stage)
    rival = stage.rival()
    make = apply_repairs.Repairer.repair

    def late(hand: apply_repairs.Repairer, correction: Difference) -> DifferenceResult:
        rival.ship(3.0)
        return make(hand, correction)

    monkeypatch.setattr(apply_repairs.Repairer, "repair", late)
    stage.reconcile()
    monkeypatch.undo()
    assert stage.served == {"production": 3, "staging": 3}
    assert rows(stage.reconcile()) == []
    agree(stage)


@pytest.mark.parametrize("words", ["hold digits broken camera", "rollback digits"])
def test_reconcile__never_undoes_a_decision_of_a_user(stage: Stage, words: str) -> None:
    stage.say(words)
    stage.reconcile()
    pinned = dict(stage.served)
    assert set(pinned.values()) == {1 if words.startswith("rollback") else 2}
    _merged(stage)
    assert rows(stage.reconcile()) == []
    _alias("production", 3 - pinned["production"])(stage)
    assert [what for _, what, *_ in rows(stage.reconcile())] == ["alias production of digits"]
    assert stage.served == pinned


def test_reconcile__merged_without_evidence_names_the_jobs_to_run(stage: Stage) -> None:
    commit = stage.scene.commit(3.0)
    _alias("production", 1)(stage)
    answer = stage.reconcile("digits")
    (digits,) = answer.models
    assert digits.status is SyncStatus.REFUSED
    (text,) = refusals(answer)
    assert f"interlock train digits --rev {commit[:12]}" in text
    assert stage.served == {"production": 2, "staging": 2}


@pytest.mark.parametrize("damage", [_merged, _died_after("version")])
def test_reconcile__promotions_are_left_to_promote(stage: Stage, damage: Damage) -> None:
    """What is served is mended all the same, if nobody has begun another act."""
    damage(stage)
    _alias("production", 1)(stage)
    resources = [what for _, what, *_ in rows(stage.reconcile(with_promotions=False))]
    assert resources == (["alias production of digits"] if damage is _merged else [])
    assert statuses(stage.reconcile()) == {RepairStatus.REPAIRED}
    assert stage.served == {"production": 3, "staging": 3}


def test_reconcile__an_artifact_that_changed_in_the_store(stage: Stage) -> None:
    weights = stage.scene.runs.root / stage.act().run_id / "model" / "weights.bin"
    weights.write_bytes(b"tampered")
    _alias("production", 1)(stage)
    answer = stage.reconcile("digits")
    assert [(kind, what) for kind, what, *_ in rows(answer)] == [
        ("artifact", "SHA-256 of version 2 of digits"),
        ("alias", "alias production of digits"),
    ]
    assert statuses(answer) == {RepairStatus.REFUSED}
    assert stage.served["production"] == 1
    assert records(stage) == []


def test_reconcile__downloads_nothing_without_with_artifacts(stage: Stage) -> None:
    shutil.rmtree(stage.scene.runs.root / stage.act().run_id)
    assert rows(stage.reconcile(with_artifacts=False)) == []
    assert [kind for kind, *_ in rows(stage.reconcile())] == ["artifact"]


def test_reconcile__version_and_run_are_both_gone(stage: Stage) -> None:
    _version_gone(2)(stage)
    shutil.rmtree(stage.scene.runs.root / stage.act().run_id)
    answer = stage.reconcile()
    assert statuses(answer) == {RepairStatus.REFUSED}
    assert stage.served == {}


def test_reconcile__the_policy_repair_report(stage: Stage) -> None:
    stage.scene.write(".github/interlock.yml", "repair: report\n")
    stage.scene.commit(2.0)
    _alias("production", 1)(stage)
    before = stage.writes
    answer = stage.reconcile()
    assert statuses(answer) == {RepairStatus.PLANNED}
    assert {model.status for model in answer.models} == {
        SyncStatus.OUT_OF_SYNC,
        SyncStatus.IN_SYNC,
    }
    assert stage.writes == before


def test_reconcile__policy_cannot_be_read(stage: Stage) -> None:
    stage.scene.write(".github/interlock.yml", "repair: perhaps\n")
    stage.scene.commit(2.0)
    with pytest.raises(errors.CannotReadManifest, match="repair is 'perhaps'"):
        stage.reconcile()


def test_reconcile__manifest_cannot_be_read(stage: Stage) -> None:
    """Nothing is archived then: it may declare the very model that is missed."""
    path = "model-manifests/digits/model.yaml"
    stage.scene.write(path, "model: [\n")
    stage.scene.commit(7.0, model="wine")
    answer = stage.reconcile()
    assert [m.model for m in answer.models] == [path, "digits", "wine"]
    bad, digits, _ = answer.models
    assert (bad.status, digits.status) == (SyncStatus.REFUSED, SyncStatus.REFUSED)
    assert registry_state.ARCHIVED not in stage.registry.tags.get("digits", {})
    assert digits.differences[0].sentence == f"{path} cannot be read, and may declare this model"
    assert stage.served == {"production": 2, "staging": 2}


def test_reconcile__manifest_came_back(stage: Stage) -> None:
    _left_main(stage)
    stage.reconcile()
    head = stage.scene.repository.resolve("origin/main")
    assert stage.registry.tags["digits"] == {registry_state.ARCHIVED: head}
    assert stage.served == {"production": 2, "staging": 2}
    run(stage.scene.checkout, "checkout", "--quiet", stage.commits[-1], "--", "model-manifests")
    stage.scene.commit(2.0)
    stage.reconcile("digits")
    assert stage.registry.tags["digits"] == {}


def test_reconcile__main_was_rewritten(stage: Stage) -> None:
    run(stage.scene.checkout, "reset", "--quiet", "--hard", "HEAD~1")
    stage.scene.write("model-manifests/digits/params.yaml", "train: {c: 9.0}\n")
    run(stage.scene.checkout, "commit", "--quiet", "-am", "other")
    run(stage.scene.checkout, "push", "--quiet", "--force", "origin", "main")
    _alias("production", 1)(stage)
    answer = stage.reconcile("digits")
    (text,) = refusals(answer)
    assert "main was rewritten" in text
    assert stage.served == {"production": 2, "staging": 2}


def test_reconcile__a_failed_repair_does_not_stop_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(deployment: object) -> None:
        raise errors.CannotReachGitHub("GitHub is down")

    _deployments_gone("staging")(stage)
    stage.registry.set_alias("wine", "production", version=1)
    stage.registry.remove_alias("wine", "production")
    with monkeypatch.context() as patch:
        patch.setattr(stage.github, "upsert_deployment", refuse)
        digits, wine = stage.reconcile().models
    assert (digits.status, digits.differences[0].sentence) == (
        SyncStatus.FAILED,
        "GitHub is down",
    )
    assert wine.status is SyncStatus.REPAIRED
    assert [(number, step) for number, step, *_ in records(stage)] == [(1, "intent")]
    assert statuses(stage.reconcile()) == {RepairStatus.REPAIRED}
    assert [(number, step) for number, step, *_ in records(stage)] == [(1, "done"), (1, "intent")]


def test_reconcile__of_those_named(stage: Stage) -> None:
    _alias("production", 1)(stage)
    assert rows(stage.reconcile("wine")) == []
    assert stage.served["production"] == 1
    with pytest.raises(errors.CannotResolve, match="has a model 'roses'"):
        stage.reconcile("roses")


def test_reconcile__reads_all_models_in_one_request(stage: Stage) -> None:
    before = (stage.registry.reads, stage.github.hub.reads)
    stage.reconcile()
    assert (stage.registry.reads - before[0], stage.github.hub.reads - before[1]) == (2, 1)


def call(stage: Stage, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/models")
    wires = {"ledger": stage.ledger, "runs": stage.scene.runs, "registry": stage.registry}
    for name, thing in (wires | {"github": stage.github}).items():
        monkeypatch.setattr(wiring, name, lambda *_, thing=thing, **__: thing)
    with pytest.raises(SystemExit) as ended:
        cli.main(["reconcile", "--repo", str(stage.scene.checkout), *arguments])
    return int(ended.value.code or 0)


def test_cli__json(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _alias("production", 1)(stage)
    assert call(stage, monkeypatch, "--dry-run", "--json") == errors.EXIT_NO
    document = json.loads(capsys.readouterr().out)
    printed.check(document)
    (digits,) = (m for m in document["models"] if m["model"] == "digits")
    assert digits == {
        "model": "digits",
        "status": "out_of_sync",
        "differences": [
            {
                "kind": "alias",
                "resource": "alias production of digits",
                "expected": "version 2",
                "actual": "version 1",
                "sentence": "alias production of digits: version 1 instead of version 2",
                "status": "planned",
            }
        ],
    }
    assert call(stage, monkeypatch, "--json") == errors.EXIT_DONE
    assert json.loads(capsys.readouterr().out)["models"][0]["status"] == "repaired"


def test_cli__diff_and_summary(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """What people wrote into the registry steers no terminal and no page."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    _tag(registry_state.MODEL, "::error::@octocat `x`\x1b[31m")(stage)
    assert call(stage, monkeypatch, "--dry-run") == errors.EXIT_NO
    out = capsys.readouterr().out
    assert "@@ interlock.model of version 2 of digits: planned" in out
    assert "\n+  digits\n" in out
    assert "\x1b[31m" not in out
    text = summary.read_text()
    assert "1 of 2 models out of sync: 1 planned." in text
    assert "| `` ::error::@octocat `x` `` |" in text
    assert "\x1b" not in text
    assert call(stage, monkeypatch) == errors.EXIT_DONE
    assert call(stage, monkeypatch) == errors.EXIT_DONE
    assert summary.read_text().endswith("All 2 models in sync.\n")


def test_cli__prints_the_result_if_the_page_cannot_be_written(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "gone" / "summary.md"))
    assert call(stage, monkeypatch) == errors.EXIT_OUTSIDE
    out, err = capsys.readouterr()
    assert "in sync" in out
    assert "summary.md cannot be written" in err


def test_cli__refused_and_failed_repairs(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.scene.commit(3.0)
    assert call(stage, monkeypatch) == errors.EXIT_NO
    assert "!  there is no evidence of fingerprint" in capsys.readouterr().out

    def refuse(deployment: object) -> None:
        raise errors.CannotReachGitHub("GitHub is down")

    _deployments_gone("staging")(stage)
    monkeypatch.setattr(stage.github, "upsert_deployment", refuse)
    assert call(stage, monkeypatch) == errors.EXIT_OUTSIDE
    assert "!  GitHub is down" in capsys.readouterr().out


def test_cli__without_a_token_for_github(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(settings: object, **_: object) -> None:
        raise errors.MissingSetting("GITHUB_TOKEN is not set")

    _deployments_gone("staging")(stage)
    stage.github = cast(FakeGitHub, None)
    assert call(stage, monkeypatch) == errors.EXIT_DONE
    monkeypatch.setattr(wiring, "github", missing)
    with pytest.raises(SystemExit):
        cli.main(["reconcile", "--repo", str(stage.scene.checkout)])
    assert "deployments on GitHub are not compared: GITHUB_TOKEN" in capsys.readouterr().err


def test_summary__has_room_for_so_many() -> None:
    correction = Difference("digits", About.ALIAS, "alias", "version 1", None)
    corrected = [DifferenceResult(correction, RepairStatus.REFUSED, "no")] * 600
    text = reconciliation.summary({"digits": corrected}, head="a" * 40)
    assert text.count("| digits |") == 500
    assert text.endswith("And 100 more.\n")
    assert "refused: no |" in text


def _unreadable_act(stage: Stage) -> None:
    path = f"promotions/digits/00000000-{'0' * 12}-intent.json"
    stage.ledger.plant({path: b"{"})


def _misplaced_hold(stage: Stage) -> None:
    hold = Hold("wine", 1, HoldStep.HOLD, "octocat", "", NOW, "a" * 64, 1)
    path = f"holds/digits/{1:08}.json"
    stage.ledger.append({path: documents.dump(hold)}, message="By hand")


def _unreadable_correction(stage: Stage) -> None:
    path = f"repairs/digits/{1:08}-intent.json"
    stage.ledger.append({path: {"schema": "interlock/repair/v1"}}, message="By hand")


@pytest.mark.parametrize("harm", [_unreadable_act, _misplaced_hold, _unreadable_correction])
def test_reconcile__unreadable_records_of_one_model_do_not_stop_the_others(
    stage: Stage, harm: Callable[[Stage], None]
) -> None:
    harm(stage)
    stage.registry.set_alias("digits", "production", version=1)
    stage.registry.remove_alias("wine", "production")
    digits, wine = stage.reconcile().models
    assert (digits.status, wine.status) == (SyncStatus.REFUSED, SyncStatus.REPAIRED)
    (corrected,) = digits.differences
    assert (corrected.difference.kind, corrected.status) == (About.RECORD, RepairStatus.REFUSED)
    assert "digits/" in corrected.sentence
    assert stage.registry.find_alias("digits", "production") == 1
    assert stage.registry.find_alias("wine", "production") == 1
    assert digits.exit_code == errors.EXIT_NO


def test_reconcile__a_registry_that_goes_down_is_not_called_for_each_correction(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.registry.aliases.clear()
    calls = []

    def refuse(*options: object, **named: object) -> None:
        calls.append(options)
        raise errors.CannotReachRegistry("MLflow does not answer")

    with monkeypatch.context() as patch:
        for name in ("find_alias", "set_alias"):
            patch.setattr(stage.registry, name, refuse)
        answer = stage.reconcile()
    assert {model.exit_code for model in answer.models} == {errors.EXIT_OUTSIDE}
    first, *rest = [c.sentence for model in answer.models for c in model.differences]
    assert first == "MLflow does not answer"
    assert set(rest) == {"not attempted: MLflow does not answer"}
    assert len(calls) == 2
    assert {model.status for model in stage.reconcile().models} == {SyncStatus.REPAIRED}


def _planted(stage: Stage, *, tagged: bool = True) -> int:
    """A version with the tags of what is served and bytes of its own, and production on it."""
    act = stage.act()
    tags = registry_state.tags(act) if tagged else {}
    planted = stage.registry.create(act, tags=tags, source="elsewhere/model")
    stage.registry.set_alias("digits", "production", version=planted.number)
    return planted.number


@pytest.mark.parametrize("tagged", [True, False])
def test_reconcile__a_version_outside_its_run_is_tagged_and_loses_its_alias(
    stage: Stage, tagged: bool
) -> None:
    number = _planted(stage, tagged=tagged)
    digits, _ = stage.reconcile().models
    assert digits.status is SyncStatus.REPAIRED
    assert stage.served == {"production": 2, "staging": 2}
    (planted,) = [v for v in stage.registry.versions("digits") if v.number == number]
    assert planted.tags[registry_state.ORPHANED] == "true"
    assert rows(stage.reconcile()) == []


def test_reconcile__registers_again_where_only_a_version_from_elsewhere_has_the_tags(
    stage: Stage,
) -> None:
    stage.registry.delete_version("digits", 2)
    number = _planted(stage)
    digits, _ = stage.reconcile().models
    assert digits.status is SyncStatus.REPAIRED
    assert {c.difference.kind for c in digits.differences} >= {About.VERSION, About.ALIAS}
    assert set(stage.served.values()) == {number + 1}
    assert ("done", "version") in {(step, kind) for _, step, kind, _ in records(stage)}
    assert rows(stage.reconcile()) == []


def test_reconcile__makes_no_request_to_the_address_of_a_foreign_version(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _planted(stage, tagged=False)
    fetched = []
    fetch = stage.registry.fetch

    def note(version: ModelVersion, artifact: str, *, to: Path) -> Path:
        fetched.append(version.source)
        return fetch(version, artifact, to=to)

    monkeypatch.setattr(stage.registry, "fetch", note)
    stage.reconcile()
    assert "elsewhere/model" not in fetched
    assert fetched


@pytest.mark.parametrize("is_done", [False, True])
def test_reconcile__an_act_that_nothing_proves_is_reported_and_moves_nothing(
    stage: Stage, is_done: bool
) -> None:
    commit = stage.scene.commit(3.0)
    forged = dataclasses.replace(_intent(stage, c=3.0), revision=commit, position=99)
    verdicts = [p for p in stage.ledger.list("verdicts/digits") if forged.fingerprint in p]
    for path in verdicts:
        _relabel(stage, path)
    stage.write(forged)
    if is_done:
        stage.write(dataclasses.replace(forged, phase=Phase.DONE, version=3))
    served = stage.served
    digits, wine = stage.reconcile("digits", "wine").models
    assert (digits.status, wine.status) == (SyncStatus.REFUSED, SyncStatus.IN_SYNC)
    assert any("has no proof in the ledger" in each for each in refusals_of(digits.differences))
    assert stage.served == served


def _relabel(stage: Stage, path: str) -> None:
    """A record is changed under everybody: the branch was pushed to by hand."""
    document = json.loads(stage.ledger.read_bytes(path) or b"")
    document["findings"][0]["outcome"] = "fail"
    head = stage.ledger.origin.heads[-1]
    stage.ledger.origin.trees[head][path] = json.dumps(document).encode()


def refusals_of(results: tuple[DifferenceResult, ...]) -> list[str]:
    return [each.sentence for each in results if each.status is RepairStatus.REFUSED]

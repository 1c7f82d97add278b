"""The differences of a state, one at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import promotion, reconciliation, registry_state
from interlock.domain.promotion.promotion import DesiredState, Phase, Promotion
from interlock.domain.promotion.promotion import PromotionKind as ActKind
from interlock.domain.promotion.reconciliation import (
    Difference,
    DifferenceKind,
    DifferenceResult,
    ObservedState,
    Repair,
    RepairStatus,
    RepairStep,
    SyncStatus,
)
from interlock.domain.promotion.registry_state import ModelVersion, RegisteredModel

ENVIRONMENTS = ("staging", "production")
HEAD = "9" * 40


def act(
    position: int, content: str, *, phase: Phase = Phase.DONE, epoch: int = 0, **more: Any
) -> Promotion:
    return dataclasses.replace(
        Promotion(
            model="digits",
            kind=ActKind.PROMOTION,
            phase=phase,
            fingerprint=content * 64,
            revision=f"{position:040d}",
            position=position,
            epoch=epoch,
            run_id=f"run-{content}",
            sha256=content.upper() * 64,
            registry_name="digits",
            environments=ENVIRONMENTS,
            at=f"2030-01-{position:02d}",
            version=1 if phase is Phase.DONE else None,
        ),
        **more,
    )


def ended(position: int, content: str, phase: Phase = Phase.DONE) -> tuple[Promotion, Promotion]:
    return act(position, content, phase=Phase.INTENT), act(position, content, phase=phase)


def desired(position: int, content: str, **more: Any) -> DesiredState:
    done = act(position, content)
    return dataclasses.replace(
        DesiredState(
            done.model, done.fingerprint, done.revision, position, "digits", done.environments
        ),
        **more,
    )


def version(number: int, of: Promotion, *, tags: dict[str, str] | None = None) -> ModelVersion:
    values = registry_state.tags(of) if tags is None else tags
    return ModelVersion(
        name=of.registry_name,
        number=number,
        sha256=values.get(registry_state.SHA256, ""),
        fingerprint=values.get(registry_state.FINGERPRINT, ""),
        run_id=of.run_id,
        tags=values,
        artifact=registry_state.source(of.artifact),
    )


def observed(records: Iterable[Promotion], **more: Any) -> ObservedState:
    """An orderly world: what was done last is served, and main says so."""
    every = tuple(records)
    done = [p for p in every if p.phase is Phase.DONE]
    first = {p.fingerprint: p for p in reversed(done)}
    versions = {f: version(n, p) for n, (f, p) in enumerate(sorted(first.items()), start=1)}
    top = promotion.champion(every)
    models = {}
    deployments = {}
    state = None
    if top is not None:
        number = versions[top.fingerprint].number
        models = {
            "digits": RegisteredModel(
                "digits", tuple(versions.values()), dict.fromkeys(ENVIRONMENTS, number)
            )
        }
        deployments = {promotion.deployment_key(top, e): "success" for e in ENVIRONMENTS}
        state = desired(top.position, top.fingerprint[0])
    values: dict[str, Any] = {
        "model": "digits",
        "commit": HEAD,
        "desired": state,
        "records": every,
        "registered": models,
        "promotions": every,
        "declared": frozenset({"digits"}),
        "environments": frozenset(ENVIRONMENTS),
        "deployments": deployments,
    }
    return ObservedState(**(values | more))


def model(world: ObservedState, **changes: Any) -> dict[str, RegisteredModel]:
    return {"digits": dataclasses.replace(world.registered["digits"], **changes)}


def plan(world: ObservedState) -> list[tuple[DifferenceKind, str | None, str | None, bool]]:
    """Kind, found, expected, and whether it may be put right."""
    differences = reconciliation.plan(world)
    assert all(c.sentence for c in differences)
    return [(c.kind, c.actual, c.expected, c.refusal is None) for c in differences]


ONE = ended(1, "a")
TWO = (*ONE, *ended(2, "b"))


@pytest.mark.parametrize("records", [(), ONE, TWO, (*TWO, *ended(3, "a"))])
def test_plan__in_order(records: tuple[Promotion, ...]) -> None:
    assert plan(observed(records)) == []


def test_plan__nothing_of_a_model_yet() -> None:
    world = observed((), desired=desired(1, "a"), not_allowed=Refusal("it was not judged"))
    assert plan(world) == [(DifferenceKind.PROMOTION, None, "a" * 12, False)]


def test_plan__the_model_of_main_was_never_promoted() -> None:
    world = observed(ONE, desired=desired(2, "b"))
    assert plan(world) == [(DifferenceKind.PROMOTION, "a" * 12, "b" * 12, True)]
    refused = dataclasses.replace(world, not_allowed=Refusal("train it"))
    assert plan(refused) == [(DifferenceKind.PROMOTION, "a" * 12, "b" * 12, False)]
    assert reconciliation.plan(refused)[0].sentence == "train it"


def test_plan__unknown_state_of_main() -> None:
    """What was promoted last is served on, and its aliases are mended all the same."""
    world = observed(ONE, desired=Refusal("it has no fingerprint"))
    moved = dataclasses.replace(world, registered=model(world, aliases={"staging": 1}))
    assert plan(moved) == [
        (DifferenceKind.PROMOTION, "a" * 12, None, False),
        (DifferenceKind.ALIAS, None, "version 1", True),
    ]


def test_plan__main_was_rewritten() -> None:
    world = observed(ONE, desired=desired(1, "c"))
    assert plan(world) == [(DifferenceKind.PROMOTION, "a" * 12, "c" * 12, False)]
    assert "main was rewritten" in reconciliation.plan(world)[0].sentence


def test_plan__stopped_half_way() -> None:
    begun = act(2, "b", phase=Phase.INTENT)
    world = observed((*ONE, begun), desired=desired(2, "b"))
    assert plan(world) == [(DifferenceKind.UNFINISHED, "intent", "done", True)]
    assert reconciliation.plan(world)[0].promotion == begun


def test_plan__stopped_half_way_and_main_has_moved_on() -> None:
    begun = act(2, "b", phase=Phase.INTENT)
    world = observed((*ONE, begun), desired=desired(3, "c"))
    assert plan(world) == [
        (DifferenceKind.PROMOTION, "a" * 12, "c" * 12, True),
        (DifferenceKind.UNFINISHED, "intent", "superseded", True),
    ]
    unproven = dataclasses.replace(world, not_allowed=Refusal("it was not judged"))
    assert plan(unproven) == [
        (DifferenceKind.PROMOTION, "a" * 12, "c" * 12, False),
        (DifferenceKind.UNFINISHED, "intent", "done", True),
    ]


def test_plan__a_process_with_a_newer_main_is_promoting() -> None:
    world = observed((*ONE, act(2, "b", phase=Phase.INTENT)), desired=desired(1, "a"))
    assert plan(world) == []


def test_plan__an_older_act_was_left_open() -> None:
    late = act(2, "b", phase=Phase.INTENT)
    world = observed((*ONE, late, *ended(3, "c")))
    assert plan(world) == [(DifferenceKind.UNFINISHED, "intent", "superseded", True)]


def test_plan__a_held_one_is_above_main() -> None:
    """What a hold pins is wanted, whatever main says; its act has an epoch."""
    pin = act(2, "a", phase=Phase.INTENT, epoch=1, kind=ActKind.ROLLBACK)
    world = observed((*TWO, pin), desired=desired(2, "a", epoch=1))
    (difference,) = reconciliation.plan(world)
    assert (difference.kind, difference.expected, difference.promotion) == (
        DifferenceKind.UNFINISHED,
        "done",
        pin,
    )
    assert difference.resource.endswith("position 2, epoch 1")


@pytest.mark.parametrize(
    ("aliases", "expected"),
    [
        ({"staging": 1, "production": 2}, [("version 1", "version 2")]),
        ({"staging": 2}, [(None, "version 2")]),
        ({}, [(None, "version 2"), (None, "version 2")]),
        ({"staging": 2, "production": 2, "canary": 1}, []),
        ({"staging": 2, "production": 2, "shadow": 1}, [("version 1", None)]),
    ],
)
def test_plan__aliases(aliases: dict[str, int], expected: list[tuple[str | None, str]]) -> None:
    """A name that is no environment's is nobody's but its owner's."""
    world = observed(TWO, environments=frozenset({*ENVIRONMENTS, "shadow"}))
    world = dataclasses.replace(world, registered=model(world, aliases=aliases))
    assert plan(world) == [(DifferenceKind.ALIAS, actual, want, True) for actual, want in expected]


def test_plan__alias_of_an_environment_that_was_removed() -> None:
    narrow = dataclasses.replace(act(2, "b"), environments=("production",))
    begun = dataclasses.replace(narrow, phase=Phase.INTENT, version=None)
    world = observed((*ONE, begun, narrow))
    world = dataclasses.replace(
        world, desired=desired(2, "b", environments=("production",)), environments=frozenset()
    )
    assert plan(world) == [(DifferenceKind.ALIAS, "version 2", None, True)]


def test_plan__aliases_of_a_model_that_interlock_never_promoted() -> None:
    """A registry that was there before us is left alone until something is promoted to it."""
    before = {"digits": RegisteredModel("digits", (), {"production": 7})}
    world = observed((), desired=desired(1, "a"), registered=before)
    assert plan(world) == [(DifferenceKind.PROMOTION, None, "a" * 12, True)]


def test_plan__version_is_gone() -> None:
    world = observed(TWO)
    left = model(world, versions=world.registered["digits"].versions[:1], aliases={"staging": 2})
    lost = dataclasses.replace(world, registered=left)
    assert reconciliation.find_unregistered(lost) == TWO[-1]
    whole = dataclasses.replace(lost, run_digest=TWO[-1].sha256)
    for gone in (whole, dataclasses.replace(whole, registered={})):
        kinds = [(kind, may) for kind, _, _, may in plan(gone)]
        assert kinds == [
            (DifferenceKind.VERSION, True),
            (DifferenceKind.ALIAS, True),
            (DifferenceKind.ALIAS, True),
        ]
    for other in ("", "F" * 64):
        gone = dataclasses.replace(lost, run_digest=other)
        assert {may for _, _, _, may in plan(gone)} == {False}
        assert "/interlock rollback digits" in reconciliation.plan(gone)[0].sentence


@pytest.mark.parametrize("there", ["", "F" * 64])
def test_plan__the_artifact_is_not_the_evaluated_one(there: str) -> None:
    """No name is put back on them."""
    world = observed(TWO, digests={("digits", 2): there})
    served = reconciliation.expected_version(world)
    assert served is not None
    assert (served.version.number, served.artifact) == (2, TWO[-1].artifact)
    assert plan(world) == [(DifferenceKind.ARTIFACT, there[:12] or None, "B" * 12, False)]
    moved = dataclasses.replace(world, registered=model(world, aliases={"production": 2}))
    assert [(kind, may) for kind, _, _, may in plan(moved)] == [
        (DifferenceKind.ARTIFACT, False),
        (DifferenceKind.ALIAS, False),
    ]


def test_plan__the_artifact_is_the_evaluated_one() -> None:
    assert plan(observed(TWO, digests={("digits", 2): "B" * 64})) == []


def _tagged(world: ObservedState, number: int, **changes: str | None) -> ObservedState:
    versions = []
    for each in world.registered["digits"].versions:
        tags: dict[str, str] = dict(each.tags)
        for key, value in changes.items() if each.number == number else ():
            tags.pop(f"interlock.{key}", None)
            if value is not None:
                tags[f"interlock.{key}"] = value
        versions.append(
            dataclasses.replace(
                each,
                tags=tags,
                sha256=tags.get(registry_state.SHA256, ""),
                fingerprint=tags.get(registry_state.FINGERPRINT, ""),
            )
        )
    return dataclasses.replace(world, registered=model(world, versions=tuple(versions)))


@pytest.mark.parametrize("key", ["model", "revision"])
@pytest.mark.parametrize("value", ["f" * 40, None])
def test_plan__tags_that_say_whose_it_is(key: str, value: str | None) -> None:
    world = _tagged(observed(TWO), 2, **{key: value})
    right = registry_state.tags(TWO[-1])[f"interlock.{key}"]
    assert plan(world) == [(DifferenceKind.TAG, value, right, True)]
    assert reconciliation.unverified(world) == ()


@pytest.mark.parametrize("key", ["sha256", "fingerprint"])
@pytest.mark.parametrize("value", ["f" * 64, None])
def test_plan__digest_tags_are_repaired_if_the_artifact_matches(
    key: str, value: str | None
) -> None:
    world = _tagged(observed(TWO), 2, **{key: value})
    (doubted,) = reconciliation.unverified(world)
    assert (doubted.version.number, doubted.artifact) == (2, TWO[-1].artifact)
    right = registry_state.tags(TWO[-1])[f"interlock.{key}"]
    assert plan(world) == [(DifferenceKind.TAG, value, right, False)]
    proven = dataclasses.replace(world, digests={("digits", 2): "B" * 64})
    assert plan(proven) == [(DifferenceKind.TAG, value, right, True)]


def test_plan__revision_of_any_act_that_needs_the_artifact() -> None:
    world = observed((*TWO, *ended(3, "a")))
    assert plan(_tagged(world, 1, revision=f"{3:040d}")) == []


def test_plan__only_orphaned_versions_are_tagged() -> None:
    world = observed(TWO)
    strays = (version(3, TWO[-1]), version(4, act(9, "e"), tags={}))
    both = model(world, versions=(*world.registered["digits"].versions, *strays))
    observed_state = dataclasses.replace(world, registered=both)
    assert plan(observed_state) == [(DifferenceKind.TAG, None, "true", True)] * 2
    assert plan(_tagged(observed_state, 3, orphaned="true")) == [
        (DifferenceKind.TAG, None, "true", True)
    ]
    assert plan(_tagged(world, 2, orphaned="true")) == [(DifferenceKind.TAG, "true", None, True)]


def test_plan__a_stray_of_an_acts_own_run_is_its_version_once_that_is_lost() -> None:
    world = observed(ONE)
    by_hand = model(world, versions=(version(7, ONE[-1], tags={}),), aliases={})
    observed_state = dataclasses.replace(
        world, registered=by_hand, digests={("digits", 7): "A" * 64}
    )
    assert [kind for kind, *_ in plan(observed_state)] == [DifferenceKind.TAG] * 4 + [
        DifferenceKind.ALIAS
    ] * 2


def test_plan__deployments() -> None:
    world = observed(TWO)
    key = promotion.deployment_key(TWO[-1], "staging")
    states = dict(world.deployments or {})
    assert plan(dataclasses.replace(world, deployments=states | {key: "failure"})) == [
        (DifferenceKind.DEPLOYMENT, "failure", "success", True)
    ]
    del states[key]
    assert plan(dataclasses.replace(world, deployments=states)) == [
        (DifferenceKind.DEPLOYMENT, None, "success", True)
    ]
    assert plan(dataclasses.replace(world, deployments=None)) == []
    assert reconciliation.deployed_commits(world) == (TWO[-1].revision,)
    assert reconciliation.deployed_commits(observed(())) == ()


def test_plan__deployment_of_an_act_that_gave_way() -> None:
    gone = ended(2, "b", Phase.SUPERSEDED)
    world = observed((*ONE, *gone, *ended(3, "c")))
    assert reconciliation.deployed_commits(world) == (gone[0].revision, f"{3:040d}")
    states = {**(world.deployments or {}), promotion.deployment_key(gone[0], "staging"): "success"}
    assert plan(dataclasses.replace(world, deployments=states)) == [
        (DifferenceKind.DEPLOYMENT, "success", "inactive", True)
    ]
    later = observed((*ONE, *gone, *ended(3, "c"), *ended(4, "d")))
    assert reconciliation.deployed_commits(later) == (f"{4:040d}",)


def test_plan__manifest_left_main() -> None:
    world = observed(TWO, desired=None, declared=frozenset())
    assert plan(world) == [(DifferenceKind.ARCHIVE, None, HEAD, True)]
    unsure = dataclasses.replace(world, desired=Refusal("x/model.yaml cannot be read"))
    assert plan(unsure) == [(DifferenceKind.PROMOTION, "b" * 12, None, False)]
    marked = dataclasses.replace(
        world, registered=model(world, tags={registry_state.ARCHIVED: "x"})
    )
    assert plan(marked) == []
    again = dataclasses.replace(marked, declared=frozenset({"digits"}), desired=desired(2, "b"))
    assert plan(again) == [(DifferenceKind.ARCHIVE, "x", None, True)]


def test_plan__manifest_left_main_in_the_middle_of_a_promotion() -> None:
    world = observed((*ONE, act(2, "b", phase=Phase.INTENT)), desired=None, declared=frozenset())
    assert [(kind, expected) for kind, _, expected, _ in plan(world)] == [
        (DifferenceKind.ARCHIVE, HEAD),
        (DifferenceKind.UNFINISHED, "superseded"),
    ]


def test_plan__registered_elsewhere_by_now() -> None:
    moved = dataclasses.replace(act(3, "b"), registry_name="numbers")
    begun = dataclasses.replace(moved, phase=Phase.INTENT, version=None)
    world = observed(TWO)
    there = RegisteredModel("numbers", (version(1, moved),), dict.fromkeys(ENVIRONMENTS, 1))
    records = (*TWO, begun, moved)
    observed_state = dataclasses.replace(
        world,
        records=records,
        promotions=records,
        desired=desired(3, "b", registry_name="numbers"),
        registered={**world.registered, "numbers": there},
        declared=frozenset({"numbers"}),
        deployments={promotion.deployment_key(moved, e): "success" for e in ENVIRONMENTS},
    )
    assert plan(observed_state) == [(DifferenceKind.ARCHIVE, None, HEAD, True)]


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], SyncStatus.IN_SYNC),
        ([RepairStatus.REPAIRED], SyncStatus.REPAIRED),
        ([RepairStatus.PLANNED], SyncStatus.OUT_OF_SYNC),
        ([RepairStatus.REPAIRED, RepairStatus.REFUSED], SyncStatus.REFUSED),
        ([RepairStatus.REFUSED, RepairStatus.FAILED], SyncStatus.FAILED),
    ],
)
def test_state__is_the_worst(statuses: list[RepairStatus], state: SyncStatus) -> None:
    difference = Difference("digits", DifferenceKind.ALIAS, "alias", "version 1", None)
    assert (
        reconciliation.sync_status(DifferenceResult(difference, s, "") for s in statuses) is state
    )


_ALIASES = st.dictionaries(st.sampled_from([*ENVIRONMENTS, "shadow"]), st.integers(1, 3))
_STATES = st.sampled_from(["success", "failure", "inactive", None])


@given(aliases=_ALIASES, states=st.tuples(_STATES, _STATES), drop=st.sets(st.integers(1, 2)))
def test_plan__is_empty_once_every_correction_is_made(
    aliases: dict[str, int], states: tuple[str | None, str | None], drop: set[int]
) -> None:
    world = observed(TWO, environments=frozenset({*ENVIRONMENTS, "shadow"}), run_digest="B" * 64)
    kept = tuple(v for v in world.registered["digits"].versions if v.number not in drop)
    keys = [promotion.deployment_key(TWO[-1], e) for e in ENVIRONMENTS]
    observed_state = dataclasses.replace(
        world,
        registered=model(world, versions=kept, aliases=aliases),
        deployments={k: s for k, s in zip(keys, states, strict=True) if s is not None},
    )
    assert reconciliation.plan(_made(observed_state)) == ()


def _made(world: ObservedState) -> ObservedState:
    """The state after each repair, in order."""
    top = TWO[-1]
    versions = list(world.registered["digits"].versions)
    aliases = dict(world.registered["digits"].aliases)
    states = dict(world.deployments or {})
    for each in reconciliation.plan(world):
        assert not each.refusal
        if each.kind is DifferenceKind.VERSION:
            versions.append(version(max((v.number for v in versions), default=0) + 5, top))
        elif each.kind is DifferenceKind.ALIAS and each.expected is None:
            del aliases[each.name]
        elif each.kind is DifferenceKind.ALIAS:
            served = registry_state.find_version(versions, top)
            assert served is not None
            aliases[each.name] = served.number
        else:
            assert each.kind is DifferenceKind.DEPLOYMENT
            states[promotion.deployment_key(top, each.name)] = str(each.expected)
    return dataclasses.replace(
        world,
        registered=model(world, versions=tuple(versions), aliases=aliases),
        deployments=states,
    )


def test_identity__of_a_correction_and_of_its_record() -> None:
    difference = Difference(
        "digits", DifferenceKind.ALIAS, "alias production of digits", "version 2", None
    )
    record = Repair(
        model=difference.model,
        number=1,
        step=RepairStep.INTENT,
        kind=difference.kind,
        resource=difference.resource,
        expected=difference.expected,
        actual=difference.actual,
        sentence=difference.sentence,
        at="2030-01-01T00:00:00+00:00",
    )
    assert record.identity == difference.identity
    assert dataclasses.replace(difference, actual="version 1").identity != record.identity

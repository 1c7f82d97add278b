"""The version that a hold pins, the version of a rollback, and the order of promotions after it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from interlock.domain.basics.refusal import Refusal
from interlock.domain.promotion import hold, promotion
from interlock.domain.promotion.hold import Hold, HoldChange, HoldRequest, HoldStep
from interlock.domain.promotion.promotion import (
    Begin,
    Decision,
    DesiredState,
    Keep,
    Phase,
    Promotion,
    PromotionKind,
    Resume,
    Yield,
)

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32
BY, WHY, AT = "octocat", "broken camera.", "2030-01-01T12:00:00+00:00"
REQUEST = HoldRequest("digits", by=BY, reason=WHY, at=AT)


def record(
    position: int, fingerprint: str, phase: Phase = Phase.DONE, *, epoch: int = 0
) -> Promotion:
    return Promotion(
        model="digits",
        kind=PromotionKind.PROMOTION,
        phase=phase,
        fingerprint=fingerprint,
        revision=f"{position:040x}",
        position=position,
        run_id=f"run-{fingerprint[:2]}",
        sha256=fingerprint,
        registry_name="digits",
        environments=("staging", "production"),
        at="",
        version=position if phase is Phase.DONE else None,
        epoch=epoch,
    )


def intent(position: int, fingerprint: str, *, epoch: int = 0) -> Promotion:
    return record(position, fingerprint, Phase.INTENT, epoch=epoch)


def entry(epoch: int, step: HoldStep = HoldStep.HOLD, fingerprint: str | None = None) -> Hold:
    return Hold("digits", epoch, step, BY, WHY, AT, fingerprint=fingerprint)


def wanted(position: int, fingerprint: str, *, epoch: int) -> DesiredState:
    return DesiredState(
        model="digits",
        fingerprint=fingerprint,
        revision=f"{position:040x}",
        position=position,
        registry_name="digits",
        environments=("staging", "production"),
        epoch=epoch,
    )


def changed(result: HoldChange | Refusal) -> HoldChange:
    assert isinstance(result, HoldChange)
    return result


def pin(holds: Sequence[Hold], records: Sequence[Promotion]) -> HoldChange | Refusal:
    return hold.pin(holds, records, request=REQUEST)


def back(holds: Sequence[Hold], records: Sequence[Promotion]) -> HoldChange | Refusal:
    return hold.roll_back(holds, records, request=REQUEST)


def release(holds: Sequence[Hold], records: Sequence[Promotion] = ()) -> HoldChange | Refusal:
    return hold.release(holds, records, request=REQUEST)


@pytest.mark.parametrize(
    ("holds", "epoch", "expected"),
    [
        ([], 0, None),
        ([entry(1)], 1, 1),
        ([entry(1), entry(2, HoldStep.RELEASE)], 2, None),
        ([entry(2), entry(1)], 2, 2),
        ([entry(1), entry(2, HoldStep.RELEASE), entry(3)], 3, 3),
    ],
)
def test_active__the_last_unless_it_is_a_release(
    holds: list[Hold], epoch: int, expected: int | None
) -> None:
    active = hold.active(holds)
    assert hold.epoch(holds) == epoch
    assert (active.epoch if active else None) == expected


def test_sentence__has_user_time_reason_and_release() -> None:
    assert hold.sentence(entry(1)) == (
        "held by octocat since 2030-01-01 12:00: broken camera; `/interlock release digits`"
    )
    without = dataclasses.replace(entry(1), reason="")
    assert hold.sentence(without) == (
        "held by octocat since 2030-01-01 12:00; `/interlock release digits`"
    )


def test_pin__the_production_model_is_done_at_once() -> None:
    served = record(2, B)
    change = changed(pin([], [record(1, A), intent(2, B), served]))
    assert change.record == Hold("digits", 1, HoldStep.HOLD, BY, WHY, AT, B, 2)
    began, ended = change.acts
    assert (began.phase, ended.phase) == (Phase.INTENT, Phase.DONE)
    assert began.act == ended.act == (1, 2, B)
    assert (ended.version, ended.revision, ended.pull) == (2, served.revision, None)


def test_pin__a_running_promotion_is_left_to_promote() -> None:
    change = changed(pin([], [record(1, A), intent(4, C)]))
    superseded, began = change.acts
    assert (superseded.phase, superseded.act) == (Phase.SUPERSEDED, (0, 4, C))
    assert (began.phase, began.act) == (Phase.INTENT, (1, 4, A))
    assert promotion.latest([record(1, A), intent(4, C), *change.acts]) == began


def test_pin__not_deployed() -> None:
    assert pin([], [intent(1, A)]) == Refusal(
        "digits is not deployed yet, so there is no version to hold"
    )


def test_pin__held_already() -> None:
    refusal = pin([entry(1)], [record(1, A), record(1, A, epoch=1)])
    assert isinstance(refusal, Refusal)
    assert "held by octocat" in refusal.reason


def test_roll_back__to_the_earlier_version() -> None:
    records = [record(1, A), record(2, B)]
    change = changed(back([], records))
    (began,) = change.acts
    assert (began.kind, began.phase, began.act) == (PromotionKind.ROLLBACK, Phase.INTENT, (1, 2, A))
    assert (began.run_id, began.sha256, began.replaces) == ("run-aa", A, B)
    assert (change.record.fingerprint, change.record.version) == (A, 1)
    assert promotion.latest([*records, began]) == began


def test_roll_back__into_the_environments_of_the_champion() -> None:
    served = dataclasses.replace(record(2, B), environments=("production",), registry_name="d2")
    (began,) = changed(back([], [record(1, A), served])).acts
    assert (began.environments, began.registry_name) == (("production",), "d2")


@pytest.mark.parametrize(
    ("holds", "records", "expected"),
    [
        ([], [], None),
        ([], [record(1, A)], None),
        ([], [intent(1, A), record(2, B)], None),
        ([], [record(1, A), record(2, A)], None),
        ([], [record(1, A), record(2, B)], record(1, A)),
        ([], [record(1, A), record(2, B), intent(3, C)], record(1, A)),
        # main took B back by itself: before the A of now was B.
        ([], [record(1, A), record(2, B), record(3, A)], record(2, B)),
        # A second way back leads further back, and not forward again.
        (
            [entry(1)],
            [record(1, C), record(2, A), record(3, B), record(3, A, epoch=1)],
            record(1, C),
        ),
        ([entry(1)], [record(1, A), record(2, B), record(2, A, epoch=1)], None),
        # Released: main's own acts go on in a new epoch.
        (
            [entry(1), entry(2, HoldStep.RELEASE)],
            [record(1, A), record(2, B), record(2, A, epoch=1), record(2, B, epoch=2)],
            record(1, A),
        ),
        # Only promotions of main count as earlier versions.
        ([entry(1)], [record(2, A, epoch=1)], None),
    ],
)
def test_previous_version__before_the_champion(
    holds: list[Hold], records: list[Promotion], expected: Promotion | None
) -> None:
    assert hold.previous_version(holds, records) == expected


def test_roll_back__without_an_earlier_version() -> None:
    refusal = Refusal("digits has no earlier version in production to roll back to")
    assert back([], [record(1, A)]) == refusal


def test_roll_back__a_hold_does_not_forbid_it() -> None:
    records = [record(1, A), record(2, B), record(2, B, epoch=1)]
    change = changed(back([entry(1)], records))
    assert change.record.epoch == 2
    assert change.acts[0].act == (2, 2, A)


def test_release__ends_the_hold() -> None:
    assert changed(release([entry(1)])).record == Hold("digits", 2, HoldStep.RELEASE, BY, WHY, AT)
    assert changed(release([entry(1)])).acts == ()


def test_release__ends_a_rollback_that_is_not_done() -> None:
    records = [record(1, A), record(2, B), intent(2, A, epoch=1)]
    (superseded,) = changed(release([entry(1)], records)).acts
    assert (superseded.phase, superseded.act) == (Phase.SUPERSEDED, (1, 2, A))
    assert promotion.latest([*records, superseded]) == record(2, B)


@pytest.mark.parametrize("holds", [[], [entry(1), entry(2, HoldStep.RELEASE)]])
def test_release__without_a_hold(holds: list[Hold]) -> None:
    assert release(holds) == Refusal("digits is not held")


def test_pinned__the_promotion_of_the_hold() -> None:
    records = [record(2, B), intent(2, A, epoch=1), record(2, A, epoch=1)]
    assert hold.pinned(entry(1), records) == record(2, A, epoch=1)
    assert hold.pinned(entry(1), records[:2]) == intent(2, A, epoch=1)
    assert hold.pinned(entry(2), records) is None


@pytest.mark.parametrize(
    ("want", "records", "expected"),
    [
        # The pin, wanted by whoever promotes while it stands.
        (
            wanted(2, A, epoch=1),
            [record(1, A), record(2, B), intent(2, A, epoch=1)],
            Resume(intent(2, A, epoch=1)),
        ),
        (
            wanted(2, A, epoch=1),
            [record(1, A), record(2, B), record(2, A, epoch=1)],
            Keep(record(2, A, epoch=1)),
        ),
        # A promoter that read the ledger before the hold: however new its revision, it yields.
        (
            wanted(9, C, epoch=0),
            [record(2, B), intent(2, A, epoch=1), intent(9, C)],
            Yield(intent(2, A, epoch=1), intent(9, C)),
        ),
        # Released: main again, at the very place that the hold stood above, or later.
        (
            wanted(2, B, epoch=2),
            [record(1, A), record(2, B), record(2, A, epoch=1)],
            Begin(PromotionKind.ROLLBACK, A),
        ),
        (
            wanted(3, C, epoch=2),
            [record(2, B), record(2, A, epoch=1)],
            Begin(PromotionKind.PROMOTION, A),
        ),
        (wanted(3, A, epoch=2), [record(2, B), record(2, A, epoch=1)], Keep(record(2, A, epoch=1))),
        # Released, and a job of long ago comes: behind where main was before the hold is nowhere.
        (
            wanted(1, A, epoch=2),
            [record(1, A), record(2, B), record(2, B, epoch=1)],
            Yield(record(2, B, epoch=1), None),
        ),
        (
            wanted(1, A, epoch=2),
            [record(2, B, epoch=1), intent(1, A, epoch=2), record(3, C, epoch=2)],
            Yield(record(3, C, epoch=2), intent(1, A, epoch=2)),
        ),
    ],
)
def test_decide__epochs_override_positions(
    want: DesiredState, records: list[Promotion], expected: Decision
) -> None:
    assert promotion.decide(want, records) == expected


def test_overtaken__by_what_a_hold_left_served() -> None:
    """Main is back at what the hold pinned; that revision found itself served."""
    own = intent(3, C, epoch=2)
    records = [record(2, B), record(2, A, epoch=1), own]
    assert promotion.is_overtaken(own, records, later=[A])
    assert not promotion.is_overtaken(own, records, later=[B])

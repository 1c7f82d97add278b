"""What a hold pins, what there is to go back to, and in which order acts stand afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from interlock.domain.promotion import hold, promotion
from interlock.domain.promotion.hold import Hold, HoldChange, HoldRefusal, HoldRequest, HoldStep
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
WORD = HoldRequest("digits", by=BY, reason=WHY, at=AT)


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


def turned(found: HoldChange | HoldRefusal) -> HoldChange:
    assert isinstance(found, HoldChange)
    return found


def pin(holds: Sequence[Hold], records: Sequence[Promotion]) -> HoldChange | HoldRefusal:
    return hold.pin(holds, records, word=WORD)


def back(holds: Sequence[Hold], records: Sequence[Promotion]) -> HoldChange | HoldRefusal:
    return hold.roll_back(holds, records, word=WORD)


def release(holds: Sequence[Hold], records: Sequence[Promotion] = ()) -> HoldChange | HoldRefusal:
    return hold.release(holds, records, word=WORD)


@pytest.mark.parametrize(
    ("holds", "epoch", "stands"),
    [
        ([], 0, None),
        ([entry(1)], 1, 1),
        ([entry(1), entry(2, HoldStep.RELEASE)], 2, None),
        ([entry(2), entry(1)], 2, 2),
        ([entry(1), entry(2, HoldStep.RELEASE), entry(3)], 3, 3),
    ],
)
def test_standing__the_last_unless_it_is_a_release(
    holds: list[Hold], epoch: int, stands: int | None
) -> None:
    found = hold.active(holds)
    assert hold.epoch(holds) == epoch
    assert (found.epoch if found else None) == stands


def test_sentence__who_since_when_why_and_how_to_end_it() -> None:
    assert hold.sentence(entry(1)) == (
        "held by octocat since 2030-01-01 12:00: broken camera; `/interlock release digits`"
    )
    without = dataclasses.replace(entry(1), reason="")
    assert hold.sentence(without) == (
        "held by octocat since 2030-01-01 12:00; `/interlock release digits`"
    )


def test_pin__what_is_served_is_done_at_once() -> None:
    served = record(2, B)
    turn = turned(pin([], [record(1, A), intent(2, B), served]))
    assert turn.record == Hold("digits", 1, HoldStep.HOLD, BY, WHY, AT, B, 2)
    began, ended = turn.acts
    assert (began.phase, ended.phase) == (Phase.INTENT, Phase.DONE)
    assert began.act == ended.act == (1, 2, B)
    assert (ended.version, ended.revision, ended.pull) == (2, served.revision, None)


def test_pin__while_something_newer_is_being_promoted_is_left_to_a_promoter() -> None:
    turn = turned(pin([], [record(1, A), intent(4, C)]))
    given_up, began = turn.acts
    assert (given_up.phase, given_up.act) == (Phase.SUPERSEDED, (0, 4, C))
    assert (began.phase, began.act) == (Phase.INTENT, (1, 4, A))
    assert promotion.latest([record(1, A), intent(4, C), *turn.acts]) == began


def test_pin__nothing_is_served() -> None:
    assert pin([], [intent(1, A)]) == HoldRefusal(
        "nothing of digits is served yet, so there is nothing to hold"
    )


def test_pin__held_already() -> None:
    found = pin([entry(1)], [record(1, A), record(1, A, epoch=1)])
    assert isinstance(found, HoldRefusal)
    assert "held by octocat" in found.sentence


def test_roll_back__to_what_was_served_before() -> None:
    records = [record(1, A), record(2, B)]
    turn = turned(back([], records))
    (began,) = turn.acts
    assert (began.kind, began.phase, began.act) == (PromotionKind.ROLLBACK, Phase.INTENT, (1, 2, A))
    assert (began.run_id, began.sha256, began.replaces) == ("run-aa", A, B)
    assert (turn.record.fingerprint, turn.record.version) == (A, 1)
    assert promotion.latest([*records, began]) == began


def test_roll_back__goes_where_the_champion_is_served_now() -> None:
    served = dataclasses.replace(record(2, B), environments=("production",), registry_name="d2")
    (began,) = turned(back([], [record(1, A), served])).acts
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
        # Only what main said counts as served before.
        ([entry(1)], [record(2, A, epoch=1)], None),
    ],
)
def test_before__the_bytes_before_the_champions(
    holds: list[Hold], records: list[Promotion], expected: Promotion | None
) -> None:
    assert hold.previous_version(holds, records) == expected


def test_roll_back__no_way_back() -> None:
    found = back([], [record(1, A)])
    assert isinstance(found, HoldRefusal)
    assert "no other version of digits" in found.sentence


def test_roll_back__a_hold_does_not_forbid_it() -> None:
    records = [record(1, A), record(2, B), record(2, B, epoch=1)]
    turn = turned(back([entry(1)], records))
    assert turn.record.epoch == 2
    assert turn.acts[0].act == (2, 2, A)


def test_release__what_is_held() -> None:
    assert turned(release([entry(1)])).record == Hold("digits", 2, HoldStep.RELEASE, BY, WHY, AT)
    assert turned(release([entry(1)])).acts == ()


def test_release__a_rollback_that_nobody_carried_out() -> None:
    records = [record(1, A), record(2, B), intent(2, A, epoch=1)]
    (given_up,) = turned(release([entry(1)], records)).acts
    assert (given_up.phase, given_up.act) == (Phase.SUPERSEDED, (1, 2, A))
    assert promotion.latest([*records, given_up]) == record(2, B)


@pytest.mark.parametrize("holds", [[], [entry(1), entry(2, HoldStep.RELEASE)]])
def test_release__what_is_not_held(holds: list[Hold]) -> None:
    assert release(holds) == HoldRefusal("digits is not held")


def test_pinned__the_act_of_the_hold_finished_or_not() -> None:
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
def test_decide__epochs_stand_above_positions(
    want: DesiredState, records: list[Promotion], expected: Decision
) -> None:
    assert promotion.decide(want, records) == expected


def test_overtaken__by_what_a_hold_left_served() -> None:
    """Main is back at what the hold pinned; that revision found itself served."""
    own = intent(3, C, epoch=2)
    records = [record(2, B), record(2, A, epoch=1), own]
    assert promotion.is_overtaken(own, records, later=[A])
    assert not promotion.is_overtaken(own, records, later=[B])

"""Which act stands, and what a revision asks for: the pure decisions."""

from __future__ import annotations

import dataclasses

import pytest

from interlock.domain.promotion import promotion
from interlock.domain.promotion.promotion import (
    Begin,
    Decision,
    DesiredState,
    Keep,
    Phase,
    Promotion,
    PromotionKind,
    Resume,
    RewrittenHistory,
    Yield,
)
from tests.promotions import record

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32


def intent(position: int, fingerprint: str) -> Promotion:
    return record(position, fingerprint, Phase.INTENT)


def superseded(position: int, fingerprint: str) -> Promotion:
    return record(position, fingerprint, Phase.SUPERSEDED)


def whole(position: int, fingerprint: str) -> tuple[Promotion, Promotion]:
    return intent(position, fingerprint), record(position, fingerprint)


def given_up(position: int, fingerprint: str) -> tuple[Promotion, Promotion]:
    return intent(position, fingerprint), superseded(position, fingerprint)


def wanted(position: int, fingerprint: str) -> DesiredState:
    return DesiredState(
        model="digits",
        fingerprint=fingerprint,
        revision=f"{position:040x}",
        position=position,
        registry_name="digits",
        environments=("staging", "production"),
    )


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), None),
        ((intent(1, A),), intent(1, A)),
        (whole(1, A), record(1, A)),
        ((*whole(1, A), intent(2, B)), intent(2, B)),
        ((*whole(1, A), *given_up(2, B)), record(1, A)),
        ((*whole(2, B), *whole(1, A)), record(2, B)),
        (given_up(1, A), None),
    ],
)
def test_standing__the_newest_that_was_not_superseded(
    records: tuple[Promotion, ...], expected: Promotion | None
) -> None:
    assert promotion.latest(records) == expected
    assert promotion.latest(reversed(records)) == expected


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ((), None),
        ((intent(1, A),), None),
        ((*whole(1, A), intent(2, B)), record(1, A)),
        ((*whole(1, A), *whole(2, B)), record(2, B)),
        ((*whole(1, A), *given_up(2, B)), record(1, A)),
    ],
)
def test_champion__the_newest_that_was_finished(
    records: tuple[Promotion, ...], expected: Promotion | None
) -> None:
    assert promotion.champion(records) == expected


@pytest.mark.parametrize(
    ("want", "records", "expected"),
    [
        # Nothing newer stands, and something else is served.
        (wanted(1, A), (), Begin(PromotionKind.PROMOTION, None)),
        (wanted(2, B), whole(1, A), Begin(PromotionKind.PROMOTION, A)),
        (wanted(3, A), (*whole(1, A), *whole(2, B)), Begin(PromotionKind.ROLLBACK, B)),
        (wanted(3, C), (*whole(1, A), intent(2, B)), Begin(PromotionKind.PROMOTION, A)),
        # The same bytes, begun by an older revision: an act of our own keeps our place.
        (wanted(2, A), (intent(1, A),), Begin(PromotionKind.PROMOTION, None)),
        (wanted(3, A), (*whole(1, A), intent(2, B)), Begin(PromotionKind.PROMOTION, A)),
        # Served already, by whatever revision.
        (wanted(1, A), whole(1, A), Keep(record(1, A))),
        (wanted(5, A), whole(1, A), Keep(record(1, A))),
        (wanted(1, A), (*whole(2, B), *whole(3, A)), Keep(record(3, A))),
        (wanted(5, A), (*whole(1, A), *given_up(2, B)), Keep(record(1, A))),
        # Begun and not finished.
        (wanted(2, B), (*whole(1, A), intent(2, B)), Resume(intent(2, B))),
        # Something newer stands.
        (wanted(1, A), whole(2, B), Yield(record(2, B), None)),
        (wanted(1, A), (intent(2, B),), Yield(intent(2, B), None)),
        (wanted(1, A), (*whole(1, A), *whole(2, B)), Yield(record(2, B), None)),
        (wanted(1, A), (intent(1, A), *whole(2, B)), Yield(record(2, B), intent(1, A))),
        (wanted(1, A), (intent(1, A), *whole(2, A)), Yield(record(2, A), intent(1, A))),
        (wanted(1, A), (*given_up(1, A), *whole(2, B)), Yield(record(2, B), None)),
        # Given up before: main had moved on to what was served.
        (wanted(2, B), (*whole(1, A), *given_up(2, B)), Yield(record(1, A), None)),
        (wanted(2, B), given_up(2, B), Yield(None, None)),
        # One position, two meanings.
        (wanted(1, A), whole(1, B), RewrittenHistory(record(1, B))),
        (wanted(1, A), (intent(1, B),), RewrittenHistory(intent(1, B))),
    ],
)
def test_decide(want: DesiredState, records: tuple[Promotion, ...], expected: Decision) -> None:
    assert promotion.decide(want, records) == expected


@pytest.mark.parametrize("change", [{"registry_name": "d2"}, {"environments": ("production",)}])
def test_decide__served_but_elsewhere(change: dict[str, object]) -> None:
    want = dataclasses.replace(wanted(2, A), **change)  # type: ignore[arg-type]
    assert promotion.decide(want, whole(1, A)) == Begin(PromotionKind.PROMOTION, A)


@pytest.mark.parametrize(
    ("records", "later", "expected"),
    [
        ((), [A], False),
        (whole(1, A), [], False),
        (whole(1, A), [A], True),
        (whole(1, A), [C, A, C], True),
        (whole(1, A), [B, C, None], False),
        # An intent below ours does not hide what was served when the later revision looked.
        ((*whole(1, A), intent(2, B)), [A], True),
        # What is newer than ours is another rule's matter.
        (whole(4, A), [A], False),
        # An open intent was never served: whoever wanted the same began an act of its own.
        ((intent(1, A),), [A], False),
    ],
)
def test_overtaken__main_is_back_at_what_was_served(
    records: tuple[Promotion, ...], later: list[str | None], expected: bool
) -> None:
    own = intent(3, C)
    assert promotion.is_overtaken(own, (*records, own), later=later) is expected


def test_kind__the_same_again_is_no_rollback() -> None:
    assert promotion.kind(A, whole(1, A)) is PromotionKind.PROMOTION
    assert promotion.kind(A, (*whole(1, A), *whole(2, B))) is PromotionKind.ROLLBACK
    assert promotion.kind(C, (*whole(1, A), intent(2, C))) is PromotionKind.PROMOTION
    assert promotion.kind(C, (*whole(1, A), *given_up(2, C))) is PromotionKind.PROMOTION


def test_deployment_key__is_one_for_each_promotion_and_environment() -> None:
    first = record(1, "a")
    promotions = [
        first,
        record(2, "a"),
        record(1, "b"),
        dataclasses.replace(first, epoch=1),
        dataclasses.replace(first, epoch=2),
    ]
    keys = [promotion.deployment_key(p, e) for p in promotions for e in ("staging", "production")]
    assert len(set(keys)) == len(keys)
    assert promotion.deployment_key(record(1, "a"), "staging") == keys[0]

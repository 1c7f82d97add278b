"""The table of what becomes of a retraining, and what holds whatever the situation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.monitor_rules import Refresh, Retrain
from interlock.domain.model.policy import RetrainPolicy
from interlock.domain.monitoring.monitoring_records import Cause, Diagnosis, Remedy, RetrainingStep
from interlock.domain.retraining import request_decision, retraining_facts, retraining_reasons
from interlock.domain.retraining.retraining_facts import (
    ClosePull,
    CommentOnPull,
    Decision,
    FinishPull,
    NoAction,
    OpenPull,
    RetrainingFacts,
    RetrainingPull,
    RetrainingPullState,
    UpdatePull,
    UpstreamChange,
)
from tests import retrain_cases as cases
from tests.retrain_cases import (
    BROKEN,
    FELL,
    HELD,
    NOW,
    OPENED,
    QUIET,
    day,
    labelled,
    mark,
    proposal,
    request,
    served,
    situation,
    window,
)

OVER = (window(3), window(4, DriftStatus.STABLE))
UNUSED = Diagnosis(Cause.COVARIATE_SHIFT, Remedy.NOTHING, 0.0, ("age",), "hardly used")
RULE = situation().rule
DAILY = replace(RULE, every_seconds=86_400)
ASKED_NOW = request(RetrainingStep.OPENED, at=day(10))
UPDATED_NOW = request(RetrainingStep.UPDATED, 4, pull=7, at=day(10))
CLOSED = proposal(RetrainingPullState.CLOSED)
MERGED = proposal(RetrainingPullState.MERGED)
LONG_AGO = NOW - 8 * 86_400

CASES: dict[str, tuple[dict[str, Any], type, str]] = {
    "drift opens": ({}, OpenPull, "`age` drifted"),
    "watching does not": ({"drift": (window(3, DriftStatus.WARNING),)}, NoAction, "nothing asks"),
    "drift that the model hardly uses does not": (
        {"drift": (window(3, diagnosis=UNUSED),)},
        NoAction,
        "nothing asks",
    ),
    "no window at all": ({"drift": ()}, NoAction, "nothing asks"),
    "a fallen metric opens": (
        {"drift": (window(3, DriftStatus.STABLE),), "performance": (labelled(2),)},
        OpenPull,
        "f1_macro fell",
    ),
    "a metric that stands does not": (
        {"drift": (), "performance": (labelled(2, QUIET),)},
        NoAction,
        "nothing asks",
    ),
    "windows of another champion count nothing": (
        {"drift": (window(3, reference="d" * 64),), "performance": (labelled(2, reference="d"),)},
        NoAction,
        "nothing asks",
    ),
    "a broken feed opens none": (
        {"drift": (window(2), window(3, DriftStatus.BROKEN))},
        NoAction,
        "the feed is broken",
    ),
    "a broken feed though somebody asks": (
        {"drift": (window(3, DriftStatus.BROKEN),), "asked": "now"},
        NoAction,
        "the feed is broken",
    ),
    "a hold forbids": ({"hold": HELD}, NoAction, "held by octocat"),
    "nothing served": ({"champion": None}, NoAction, "nothing is served"),
    "people's commits on the branch": ({"is_branch_taken": True}, NoAction, "on the branch"),
    "none allowed": ({"rule": replace(RULE, max_open=0)}, NoAction, "max_open"),
    "as many open as may be": ({"open_elsewhere": 10}, NoAction, "10 retrainings are open"),
    "too many in the hour": ({"recent": 5}, NoAction, "last hour"),
    "begun and cut off": ({"requests": (ASKED_NOW,), "recent": 5}, OpenPull, "`age` drifted"),
    "begun for an older window": (
        {"requests": (replace(ASKED_NOW, window_end=day(2)),), "recent": 5},
        NoAction,
        "last hour",
    ),
    "an open one is not opened again": (
        {"proposals": (proposal(),), "requests": OPENED},
        NoAction,
        "#7 asks for it",
    ),
    "a newer window updates": (
        {"proposals": (proposal(),), "requests": OPENED, "drift": (window(3), window(4))},
        UpdatePull,
        "`age` drifted",
    ),
    "another cause updates": (
        {"proposals": (proposal(),), "requests": OPENED, "performance": (labelled(3),)},
        UpdatePull,
        "f1_macro fell",
    ),
    "a conflict updates": (
        {"proposals": (proposal(conflicts=True),), "requests": OPENED},
        UpdatePull,
        "`age` drifted",
    ),
    "an update is limited, too": (
        {"proposals": (proposal(conflicts=True),), "requests": OPENED, "recent": 5},
        NoAction,
        "last hour",
    ),
    "an update that was cut off goes on": (
        {
            "proposals": (proposal(),),
            "requests": (*OPENED, UPDATED_NOW),
            "drift": (window(3), window(4)),
            "recent": 5,
        },
        UpdatePull,
        "`age` drifted",
    ),
    "asked for, the open one is updated": (
        {"proposals": (proposal(),), "requests": OPENED, "asked": "new labels"},
        UpdatePull,
        "asked for: new labels; `age` drifted",
    ),
    "one that is not written down is finished": (
        {"proposals": (proposal(),), "requests": (ASKED_NOW,)},
        FinishPull,
        "`age` drifted",
    ),
    "one that nobody wrote down is finished": ({"proposals": (proposal(),)}, FinishPull, "`age`"),
    "a text that is not ours is left": (
        {"proposals": (proposal(mark=None),)},
        NoAction,
        "its text is not ours",
    ),
    "people's commits are only told": (
        {
            "proposals": (proposal(is_touched=True),),
            "requests": OPENED,
            "drift": (window(3), window(4)),
        },
        CommentOnPull,
        f"`age` drifted (the window until {day(4)})",
    ),
    "once a window": (
        {"proposals": (proposal(is_touched=True),), "requests": OPENED},
        NoAction,
        "people work on #7",
    ),
    "of no window nothing is told": (
        {
            "proposals": (proposal(is_touched=True),),
            "requests": OPENED,
            "drift": (),
            "asked": "now",
        },
        NoAction,
        "people work on #7",
    ),
    "drift gone closes": (
        {"proposals": (proposal(),), "requests": OPENED, "drift": OVER},
        ClosePull,
        "looks as before",
    ),
    "drift gone is told to people": (
        {"proposals": (proposal(is_touched=True),), "requests": OPENED, "drift": OVER},
        CommentOnPull,
        "looks as before",
    ),
    "to people whose text no record knows": (
        {"proposals": (proposal(is_touched=True),), "drift": OVER},
        CommentOnPull,
        "looks as before",
    ),
    "told once": (
        {
            "proposals": (proposal(is_touched=True),),
            "requests": (*OPENED, request(RetrainingStep.COMMENTED, 4, pull=7, cause=Cause.NONE)),
            "drift": (*OVER, window(5, DriftStatus.STABLE)),
        },
        NoAction,
        "was told that drift is over",
    ),
    "too few rows are no all-clear": (
        {
            "proposals": (proposal(),),
            "requests": OPENED,
            "drift": (window(3), window(4, DriftStatus.INSUFFICIENT)),
        },
        NoAction,
        "#7 is open",
    ),
    "one that no window asked for stays": (
        {"proposals": (proposal(mark=mark(0, Cause.NONE, 0.0)),), "drift": OVER},
        NoAction,
        "#7 is open",
    ),
    "closed by a person snoozes": ({"proposals": (CLOSED,)}, NoAction, "#7 was closed"),
    "until it is clearly worse": (
        {"proposals": (replace(CLOSED, mark=mark(severity=0.25)),)},
        OpenPull,
        "`age` drifted",
    ),
    "not merely worse": (
        {"proposals": (replace(CLOSED, mark=mark(severity=0.3)),)},
        NoAction,
        "#7 was closed",
    ),
    "until the cooldown is over": (
        {"proposals": (replace(CLOSED, closed_at=LONG_AGO),)},
        OpenPull,
        "`age` drifted",
    ),
    "another cause is not snoozed": (
        {"proposals": (replace(CLOSED, mark=mark(cause=Cause.LABEL_SHIFT)),)},
        OpenPull,
        "`age` drifted",
    ),
    "a person's word wakes it": (
        {"proposals": (CLOSED,), "asked": "please"},
        OpenPull,
        "asked for",
    ),
    "closed without a text of ours snoozes all": (
        {"proposals": (replace(CLOSED, mark=None),)},
        NoAction,
        "#7 was closed",
    ),
    "closed by ourselves does not snooze": (
        {"proposals": (CLOSED,), "requests": (request(RetrainingStep.CLOSED, pull=7),)},
        OpenPull,
        "`age` drifted",
    ),
    "merged and not served yet": ({"proposals": (MERGED,)}, NoAction, "not served yet"),
    "merged and served begins anew": (
        {"proposals": (replace(MERGED, mark=replace(mark(), reference="e" * 64)),)},
        OpenPull,
        "`age` drifted",
    ),
    "the calendar asks": (
        {"drift": (), "rule": DAILY},
        OpenPull,
        f"1d have passed since {day(-10)}",
    ),
    "not before its time": (
        {"drift": (), "rule": DAILY, "requests": (request(RetrainingStep.UPDATED, 10, pull=7),)},
        NoAction,
        "nothing asks",
    ),
    "a comment is no training": (
        {"drift": (), "rule": DAILY, "requests": (request(RetrainingStep.COMMENTED, 10, pull=7),)},
        OpenPull,
        "1d have passed",
    ),
    "an upstream asks": (
        {"drift": (), "upstreams": (UpstreamChange("base", NOW - 60, "base is at version 2"),)},
        OpenPull,
        "base is at version 2",
    ),
    "an upstream of long ago does not": (
        {"drift": (), "upstreams": (UpstreamChange("base", NOW - 30 * 86_400, "version 1"),)},
        NoAction,
        "nothing asks",
    ),
}


def sentence(decision: Decision) -> str:
    match decision:
        case NoAction(reason=reason):
            return reason
        case CommentOnPull(sentence=said) | ClosePull(sentence=said):
            return said
        case _:
            return decision.need.sentence


@pytest.mark.parametrize(("given_", "kind", "said"), CASES.values(), ids=CASES)
def test_decide__table(given_: dict[str, Any], kind: type, said: str) -> None:
    decision = request_decision.decide(situation(**given_))
    assert type(decision) is kind
    assert said in sentence(decision)


def test_open__goes_on_with_the_request_that_was_begun() -> None:
    found = request_decision.decide(situation(requests=(ASKED_NOW,)))
    assert isinstance(found, OpenPull)
    assert found.begun_at == ASKED_NOW.at
    done = replace(ASKED_NOW, pull=6)
    again = request_decision.decide(situation(requests=(ASKED_NOW, done)))
    assert again == OpenPull(found.need)


def test_finish__keeps_the_time_of_the_request() -> None:
    found = request_decision.decide(situation(proposals=(proposal(),), requests=(ASKED_NOW,)))
    assert isinstance(found, FinishPull)
    assert found.begun_at == ASKED_NOW.at
    unknown = request_decision.decide(situation(proposals=(proposal(),)))
    assert isinstance(unknown, FinishPull)
    assert unknown.begun_at == day(10)


def test_need__of_what_is_not_served_is_none() -> None:
    assert retraining_reasons.find_reason(situation(champion=None, rule=DAILY)) is None


def test_branch__is_the_models_own() -> None:
    assert (
        retraining_facts.branch("digits")
        == request(RetrainingStep.OPENED).branch
        == "interlock/retrain/digits"
    )


def test_mark__is_of_the_need_and_of_what_is_served() -> None:
    at = situation()
    found = request_decision.decide(at)
    assert isinstance(found, OpenPull)
    assert request_decision.mark(at, found.need) == mark()
    assert request_decision.mark(replace(at, champion=None), found.need).reference == ""


reports = st.builds(
    window,
    st.integers(1, 6),
    st.sampled_from(DriftStatus),
    reference=st.sampled_from([cases.SERVED, "d" * 64]),
)
marks = st.builds(mark, st.integers(0, 6), st.sampled_from(Cause), st.floats(0, 2, allow_nan=False))
proposals = st.builds(
    RetrainingPull,
    st.integers(1, 9),
    st.sampled_from(RetrainingPullState),
    st.none() | marks,
    st.booleans(),
    st.booleans(),
    st.integers(NOW - 20 * 86_400, NOW),
)
requests = st.builds(
    request,
    st.sampled_from(RetrainingStep),
    st.integers(1, 9),
    pull=st.none() | st.integers(1, 9),
    cause=st.sampled_from(Cause),
)
situations = st.builds(
    situation,
    drift=st.lists(reports, max_size=5).map(tuple),
    performance=st.lists(
        st.builds(labelled, st.integers(1, 6), st.sampled_from([FELL, QUIET, BROKEN])), max_size=3
    ).map(tuple),
    proposals=st.lists(proposals, max_size=4, unique_by=lambda p: p.number).map(tuple),
    requests=st.lists(requests, max_size=5).map(tuple),
    hold=st.none() | st.just(HELD),
    champion=st.none() | st.just(served()),
    is_branch_taken=st.booleans(),
    open_elsewhere=st.integers(0, 12),
    recent=st.integers(0, 7),
    asked=st.sampled_from(["", "new labels"]),
    rule=st.builds(Retrain, st.just(Refresh()), every_seconds=st.sampled_from([None, 86_400])),
    policy=st.builds(RetrainPolicy),
)


@given(situations)
def test_always__one_open_pull_request_for_a_model(given_: RetrainingFacts) -> None:
    is_open = [p.number for p in given_.proposals if p.state is RetrainingPullState.OPEN]
    decision = request_decision.decide(given_)
    if is_open:
        assert not isinstance(decision, OpenPull)
    if isinstance(decision, UpdatePull | FinishPull | CommentOnPull | ClosePull):
        assert decision.pull in is_open


@given(situations)
def test_never__over_a_persons_commit(given_: RetrainingFacts) -> None:
    decision = request_decision.decide(given_)
    touched = {p.number for p in given_.proposals if p.is_touched or p.mark is None}
    if isinstance(decision, OpenPull):
        assert not given_.is_branch_taken
    if isinstance(decision, UpdatePull | FinishPull | ClosePull):
        assert decision.pull not in touched


@given(situations)
def test_never__from_a_broken_feed_or_under_a_hold(given_: RetrainingFacts) -> None:
    decision = request_decision.decide(given_)
    last = max(given_.drift, key=lambda report: report.end, default=None)
    if given_.hold or (last is not None and last.verdict is DriftStatus.BROKEN):
        assert isinstance(decision, NoAction)


@given(situations)
def test_never__over_the_limits_but_what_was_begun(given_: RetrainingFacts) -> None:
    decision = request_decision.decide(given_)
    if isinstance(decision, OpenPull | UpdatePull) and not decision.begun_at:
        assert given_.recent < given_.policy.per_hour
    if isinstance(decision, OpenPull) and not decision.begun_at:
        assert given_.open_elsewhere < given_.policy.max_open_total

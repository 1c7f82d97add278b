"""The table of retraining decisions, and the rules that every decision keeps."""

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
    HELD,
    NOW,
    OPENED,
    PERFORMANCE_LOSS,
    QUIET,
    day,
    facts,
    labelled,
    mark,
    pull_request,
    request,
    served,
    window,
)

OVER = (window(3), window(4, DriftStatus.STABLE))
UNUSED = Diagnosis(Cause.COVARIATE_SHIFT, Remedy.NOTHING, 0.0, ("age",), "hardly used")
RULE = facts().rule
DAILY = replace(RULE, every_seconds=86_400)
REQUESTED_NOW = request(RetrainingStep.OPENED, at=day(10))
UPDATED_NOW = request(RetrainingStep.UPDATED, 4, pull=7, at=day(10))
CLOSED = pull_request(RetrainingPullState.CLOSED)
MERGED = pull_request(RetrainingPullState.MERGED)
LONG_AGO = NOW - 8 * 86_400

CASES: dict[str, tuple[dict[str, Any], type, str]] = {
    "drift opens": ({}, OpenPull, "`age` drifted"),
    "a warning does not": (
        {"drift": (window(3, DriftStatus.WARNING),)},
        NoAction,
        "no reason to retrain",
    ),
    "drift that the model hardly uses does not": (
        {"drift": (window(3, diagnosis=UNUSED),)},
        NoAction,
        "no reason to retrain",
    ),
    "no window at all": ({"drift": ()}, NoAction, "no reason to retrain"),
    "a performance loss opens": (
        {"drift": (window(3, DriftStatus.STABLE),), "performance": (labelled(2),)},
        OpenPull,
        "f1_macro fell",
    ),
    "a stable metric does not": (
        {"drift": (), "performance": (labelled(2, QUIET),)},
        NoAction,
        "no reason to retrain",
    ),
    "windows of another champion do not count": (
        {"drift": (window(3, reference="d" * 64),), "performance": (labelled(2, reference="d"),)},
        NoAction,
        "no reason to retrain",
    ),
    "a failed data pipeline opens none": (
        {"drift": (window(2), window(3, DriftStatus.BROKEN))},
        NoAction,
        "upstream data pipeline failed",
    ),
    "a failed data pipeline in spite of a user request": (
        {"drift": (window(3, DriftStatus.BROKEN),), "user_reason": "now"},
        NoAction,
        "upstream data pipeline failed",
    ),
    "a hold forbids": ({"hold": HELD}, NoAction, "held by octocat"),
    "not deployed": ({"champion": None}, NoAction, "not deployed yet"),
    "commits of users on the branch": (
        {"branch_has_user_commits": True},
        NoAction,
        "commits of other users",
    ),
    "none allowed": ({"rule": replace(RULE, max_open=0)}, NoAction, "max_open"),
    "as many open as allowed": (
        {"open_for_others": 10},
        NoAction,
        "10 retraining pull requests are open",
    ),
    "too many in the hour": ({"recent_requests": 5}, NoAction, "last hour"),
    "an interrupted request continues": (
        {"requests": (REQUESTED_NOW,), "recent_requests": 5},
        OpenPull,
        "`age` drifted",
    ),
    "an interrupted request for an older window": (
        {"requests": (replace(REQUESTED_NOW, window_end=day(2)),), "recent_requests": 5},
        NoAction,
        "last hour",
    ),
    "an open one is not opened again": (
        {"pulls": (pull_request(),), "requests": OPENED},
        NoAction,
        "#7 is up to date",
    ),
    "a newer window updates": (
        {"pulls": (pull_request(),), "requests": OPENED, "drift": (window(3), window(4))},
        UpdatePull,
        "`age` drifted",
    ),
    "another cause updates": (
        {"pulls": (pull_request(),), "requests": OPENED, "performance": (labelled(3),)},
        UpdatePull,
        "f1_macro fell",
    ),
    "a conflict updates": (
        {"pulls": (pull_request(conflicts=True),), "requests": OPENED},
        UpdatePull,
        "`age` drifted",
    ),
    "an update has limits as well": (
        {"pulls": (pull_request(conflicts=True),), "requests": OPENED, "recent_requests": 5},
        NoAction,
        "last hour",
    ),
    "an interrupted update continues": (
        {
            "pulls": (pull_request(),),
            "requests": (*OPENED, UPDATED_NOW),
            "drift": (window(3), window(4)),
            "recent_requests": 5,
        },
        UpdatePull,
        "`age` drifted",
    ),
    "a user request updates the open one": (
        {"pulls": (pull_request(),), "requests": OPENED, "user_reason": "new labels"},
        UpdatePull,
        "user request: new labels; `age` drifted",
    ),
    "one without a record is finished": (
        {"pulls": (pull_request(),), "requests": (REQUESTED_NOW,)},
        FinishPull,
        "`age` drifted",
    ),
    "one without any record is finished": ({"pulls": (pull_request(),)}, FinishPull, "`age`"),
    "one without a mark stays": (
        {"pulls": (pull_request(mark=None),)},
        NoAction,
        "did not write its description",
    ),
    "commits of users get a comment": (
        {
            "pulls": (pull_request(has_user_commits=True),),
            "requests": OPENED,
            "drift": (window(3), window(4)),
        },
        CommentOnPull,
        f"`age` drifted (the window until {day(4)})",
    ),
    "once a window": (
        {"pulls": (pull_request(has_user_commits=True),), "requests": OPENED},
        NoAction,
        "#7 has commits of other users",
    ),
    "a commented window is not repeated": (
        {
            "pulls": (pull_request(has_user_commits=True),),
            "requests": (*OPENED, request(RetrainingStep.COMMENTED, 4, pull=7)),
            "drift": (window(3), window(4)),
        },
        NoAction,
        "#7 has commits of other users",
    ),
    "no comment without a window": (
        {
            "pulls": (pull_request(has_user_commits=True),),
            "requests": OPENED,
            "drift": (),
            "user_reason": "now",
        },
        NoAction,
        "#7 has commits of other users",
    ),
    "the end of drift closes": (
        {"pulls": (pull_request(),), "requests": OPENED, "drift": OVER},
        ClosePull,
        "the drift is over",
    ),
    "the end of drift is a comment for users": (
        {"pulls": (pull_request(has_user_commits=True),), "requests": OPENED, "drift": OVER},
        CommentOnPull,
        "the drift is over",
    ),
    "a comment without any record": (
        {"pulls": (pull_request(has_user_commits=True),), "drift": OVER},
        CommentOnPull,
        "the drift is over",
    ),
    "one comment": (
        {
            "pulls": (pull_request(has_user_commits=True),),
            "requests": (*OPENED, request(RetrainingStep.COMMENTED, 4, pull=7, cause=Cause.NONE)),
            "drift": (*OVER, window(5, DriftStatus.STABLE)),
        },
        NoAction,
        "a comment that the drift is over",
    ),
    "too few rows do not end a drift": (
        {
            "pulls": (pull_request(),),
            "requests": OPENED,
            "drift": (window(3), window(4, DriftStatus.INSUFFICIENT)),
        },
        NoAction,
        "#7 is open",
    ),
    "one without a window stays": (
        {"pulls": (pull_request(mark=mark(0, Cause.NONE, 0.0)),), "drift": OVER},
        NoAction,
        "#7 is open",
    ),
    "closed by a user snoozes": ({"pulls": (CLOSED,)}, NoAction, "#7 was closed"),
    "until it is clearly worse": (
        {"pulls": (replace(CLOSED, mark=mark(severity=0.25)),)},
        OpenPull,
        "`age` drifted",
    ),
    "not merely worse": (
        {"pulls": (replace(CLOSED, mark=mark(severity=0.3)),)},
        NoAction,
        "#7 was closed",
    ),
    "until the cooldown is over": (
        {"pulls": (replace(CLOSED, closed_at=LONG_AGO),)},
        OpenPull,
        "`age` drifted",
    ),
    "another cause is not snoozed": (
        {"pulls": (replace(CLOSED, mark=mark(cause=Cause.LABEL_SHIFT)),)},
        OpenPull,
        "`age` drifted",
    ),
    "a user request ends the snooze": (
        {"pulls": (CLOSED,), "user_reason": "please"},
        OpenPull,
        "user request",
    ),
    "closed without a mark snoozes all": (
        {"pulls": (replace(CLOSED, mark=None),)},
        NoAction,
        "#7 was closed",
    ),
    "closed by Interlock does not snooze": (
        {"pulls": (CLOSED,), "requests": (request(RetrainingStep.CLOSED, pull=7),)},
        OpenPull,
        "`age` drifted",
    ),
    "merged and not in production": ({"pulls": (MERGED,)}, NoAction, "not in production yet"),
    "merged and in production opens again": (
        {"pulls": (replace(MERGED, mark=replace(mark(), reference="e" * 64)),)},
        OpenPull,
        "`age` drifted",
    ),
    "the schedule opens": (
        {"drift": (), "rule": DAILY},
        OpenPull,
        f"1d have passed since {day(-10)}",
    ),
    "not before its time": (
        {"drift": (), "rule": DAILY, "requests": (request(RetrainingStep.UPDATED, 10, pull=7),)},
        NoAction,
        "no reason to retrain",
    ),
    "a comment does not count as a request": (
        {"drift": (), "rule": DAILY, "requests": (request(RetrainingStep.COMMENTED, 10, pull=7),)},
        OpenPull,
        "1d have passed",
    ),
    "an upstream model opens": (
        {"drift": (), "upstreams": (UpstreamChange("base", NOW - 60, "base is at version 2"),)},
        OpenPull,
        "base is at version 2",
    ),
    "an upstream of long ago does not": (
        {"drift": (), "upstreams": (UpstreamChange("base", NOW - 30 * 86_400, "version 1"),)},
        NoAction,
        "no reason to retrain",
    ),
}


def sentence(decision: Decision) -> str:
    match decision:
        case NoAction(sentence=text):
            return text
        case CommentOnPull(sentence=text) | ClosePull(sentence=text):
            return text
        case _:
            return decision.reason.sentence


@pytest.mark.parametrize(("changes", "kind", "text"), CASES.values(), ids=CASES)
def test_decide__table(changes: dict[str, Any], kind: type, text: str) -> None:
    decision = request_decision.decide(facts(**changes))
    assert type(decision) is kind
    assert text in sentence(decision)


def test_open__continues_an_interrupted_request() -> None:
    decision = request_decision.decide(facts(requests=(REQUESTED_NOW,)))
    assert isinstance(decision, OpenPull)
    assert decision.begun_at == REQUESTED_NOW.at
    done = replace(REQUESTED_NOW, pull=6)
    again = request_decision.decide(facts(requests=(REQUESTED_NOW, done)))
    assert again == OpenPull(decision.reason)


def test_finish__keeps_the_time_of_the_request() -> None:
    decision = request_decision.decide(facts(pulls=(pull_request(),), requests=(REQUESTED_NOW,)))
    assert isinstance(decision, FinishPull)
    assert decision.begun_at == REQUESTED_NOW.at
    unknown = request_decision.decide(facts(pulls=(pull_request(),)))
    assert isinstance(unknown, FinishPull)
    assert unknown.begun_at == day(10)


def test_reason__needs_a_deployed_model() -> None:
    assert retraining_reasons.find_reason(facts(champion=None, rule=DAILY)) is None


def test_branch__is_the_models_own() -> None:
    assert (
        retraining_facts.branch("digits")
        == request(RetrainingStep.OPENED).branch
        == "interlock/retrain/digits"
    )


def test_mark__has_the_reason_and_the_champion() -> None:
    known = facts()
    decision = request_decision.decide(known)
    assert isinstance(decision, OpenPull)
    assert request_decision.mark(known, decision.reason) == mark()
    assert request_decision.mark(replace(known, champion=None), decision.reason).reference == ""


reports = st.builds(
    window,
    st.integers(1, 6),
    st.sampled_from(DriftStatus),
    reference=st.sampled_from([cases.SERVED, "d" * 64]),
)
marks = st.builds(mark, st.integers(0, 6), st.sampled_from(Cause), st.floats(0, 2, allow_nan=False))
pull_requests = st.builds(
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
facts_of_models = st.builds(
    facts,
    drift=st.lists(reports, max_size=5).map(tuple),
    performance=st.lists(
        st.builds(labelled, st.integers(1, 6), st.sampled_from([PERFORMANCE_LOSS, QUIET, BROKEN])),
        max_size=3,
    ).map(tuple),
    pulls=st.lists(pull_requests, max_size=4, unique_by=lambda p: p.number).map(tuple),
    requests=st.lists(requests, max_size=5).map(tuple),
    hold=st.none() | st.just(HELD),
    champion=st.none() | st.just(served()),
    branch_has_user_commits=st.booleans(),
    open_for_others=st.integers(0, 12),
    recent_requests=st.integers(0, 7),
    user_reason=st.sampled_from(["", "new labels"]),
    rule=st.builds(Retrain, st.just(Refresh()), every_seconds=st.sampled_from([None, 86_400])),
    policy=st.builds(RetrainPolicy),
)


@given(facts_of_models)
def test_always__one_open_pull_request_for_a_model(case: RetrainingFacts) -> None:
    is_open = [p.number for p in case.pulls if p.state is RetrainingPullState.OPEN]
    decision = request_decision.decide(case)
    if is_open:
        assert not isinstance(decision, OpenPull)
    if isinstance(decision, UpdatePull | FinishPull | CommentOnPull | ClosePull):
        assert decision.pull in is_open


@given(facts_of_models)
def test_never__over_commits_of_users(case: RetrainingFacts) -> None:
    decision = request_decision.decide(case)
    touched = {p.number for p in case.pulls if p.has_user_commits or p.mark is None}
    if isinstance(decision, OpenPull):
        assert not case.branch_has_user_commits
    if isinstance(decision, UpdatePull | FinishPull | ClosePull):
        assert decision.pull not in touched


@given(facts_of_models)
def test_never__from_a_failed_pipeline_or_under_a_hold(case: RetrainingFacts) -> None:
    decision = request_decision.decide(case)
    last = max(case.drift, key=lambda report: report.end, default=None)
    if case.hold or (last is not None and last.verdict is DriftStatus.BROKEN):
        assert isinstance(decision, NoAction)


@given(facts_of_models)
def test_never__over_the_limits_except_interrupted_requests(case: RetrainingFacts) -> None:
    decision = request_decision.decide(case)
    if isinstance(decision, OpenPull | UpdatePull) and not decision.begun_at:
        assert case.recent_requests < case.policy.per_hour
    if isinstance(decision, OpenPull) and not decision.begun_at:
        assert case.open_for_others < case.policy.max_open_total

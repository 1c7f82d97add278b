"""The retraining pull request and the data issue, within GitHub's limits."""

from __future__ import annotations

from dataclasses import replace

from interlock.domain.drift.status import DriftStatus
from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.monitoring.monitoring_records import Cause
from interlock.domain.retraining import hidden_marks
from interlock.domain.retraining.data_difference import DataShape, RefreshedPointer
from interlock.domain.retraining.retraining_facts import RetrainingReason, Trigger
from interlock.rendering import limits
from interlock.rendering import retraining as page
from tests.retrain_cases import BROKEN, RETRAIN, day, mark, window

REASON = RetrainingReason(Trigger.DATA_DRIFT, Cause.COVARIATE_SHIFT, 0.4, day(3), "`age` drifted")
EVIL = "@octocat <img src=x> [a](b) #1 `x` <!-- interlock:retrain digits {} --> | | " * 4


def one(path: str, digest: str = "md5:" + "a" * 32, rows: int | None = None) -> Input:
    return Input(InputKind.DATA, path, digest, size_bytes=27_000, rows=rows)


def body(reason: RetrainingReason = REASON, count: int = 1, name: str = "data/train.csv") -> str:
    after = [one(f"{name}{n}", "md5:" + "b" * 32, rows=442) for n in range(count)]
    before = [one(f"{name}{n}", rows=353) for n in range(count)]
    columns = {f"{name}{n}": "Int64" for n in range(count)}
    pointers = {
        f"{name}{n}.dvc": RefreshedPointer(b"", DataShape(1), DataShape(2, columns))
        for n in range(count)
    }
    return page.pull_body(
        "digits",
        reason,
        mark(),
        reports=[window(3)],
        data=page.data(before, after),
        pointers=pointers,
        dispatched="models.yml",
    )


def test_pull__has_the_reason_the_data_and_the_drift() -> None:
    text = body()
    first = text.splitlines()[0]
    assert first == (
        "🔁 This pull request retrains **digits**: the inputs have shifted (covariate shift)."
    )
    assert "has drifted" not in text
    assert text.count("`age` drifted") == 1
    by_user = body(replace(REASON, trigger=Trigger.USER_REQUEST))
    assert by_user.startswith("🔁 This pull request retrains **digits**: `age` drifted.")
    without = page.pull_body("digits", REASON, mark(), reports=[], data=(), pointers={})
    assert without.startswith("🔁 This pull request retrains **digits**: `age` drifted.")
    row = "| `data/train.csv0` | 353 rows, 27 kB, `md5:aaaaaaaaaaaa` |"
    assert f"{row} 442 rows, 27 kB, `md5:bbbbbbbbbbbb` |" in text
    assert "- `data/train.csv0.dvc`: 2 rows, 1 more" in text
    assert "so Interlock started `models.yml` for this branch." in text
    assert hidden_marks.read(text, kind="retrain", model="digits") == mark()


def test_pull__is_always_within_githubs_limit() -> None:
    text = body(replace(REASON, sentence="very bad " * 10_000), count=3_000, name=EVIL)
    assert limits.measure(page.closed_body(text, "over " * 10_000)) <= limits.COMMENT
    assert "And 2,980 more." in text
    assert hidden_marks.read(text, kind="retrain", model="digits") == mark()


def test_pull__escapes_the_text_of_users() -> None:
    text = body(replace(REASON, sentence=EVIL))
    assert "<img" not in text
    assert text.count("<!--") == 1
    assert not any(word.startswith("@octocat") for word in text.split())


def test_data__lists_changed_and_new_inputs() -> None:
    old, new = one("a.csv"), one("a.csv", "md5:other")
    assert page.data([old], [old, replace(old, kind=InputKind.CODE, path="a.py")]) == ()
    assert page.data([old], [new, one("b.csv")]) == (
        page.Data(old, new),
        page.Data(None, one("b.csv")),
    )
    assert "| `b.csv` | – |" in page.pull_body(
        "digits", REASON, mark(), reports=[], data=page.data([old], [one("b.csv")]), pointers={}
    )


def test_title__has_the_reason_and_is_short() -> None:
    assert page.title("digits", REASON) == "Retrain digits: data drift"
    scheduled = replace(REASON, trigger=Trigger.SCHEDULE, cause=Cause.NONE)
    assert page.title("digits", scheduled) == "Retrain digits: schedule"
    assert len(page.title("d" * 300, REASON)) <= 256


def test_issue__has_the_problems_within_the_limit() -> None:
    report = window(3, DriftStatus.BROKEN, problems=(EVIL * 10,) * 500)
    text = page.issue_body(report, mark(cause=BROKEN.cause))
    assert "does not match the reference data: `age` is gone." in text
    assert limits.measure(text) <= limits.COMMENT
    assert "<img" not in text
    assert hidden_marks.read(text, kind="data", model="digits") == mark(cause=BROKEN.cause)
    fixed = mark(4, Cause.NONE, 0.0)
    closed = page.closed_issue_body(window(4, diagnosis=RETRAIN), fixed, before=text)
    assert closed.startswith(f"Fixed: the window until {day(4)} is complete. Before that:")
    assert "`age` is gone." in closed
    assert hidden_marks.read(closed, kind="data", model="digits") == fixed
    assert limits.measure(closed) <= limits.COMMENT

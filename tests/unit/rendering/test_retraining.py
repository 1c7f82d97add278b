"""A retraining's pull request and a broken feed's issue, within GitHub's limits."""

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

NEED = RetrainingReason(Trigger.DRIFT, Cause.COVARIATE_SHIFT, 0.4, day(3), "`age` drifted")
EVIL = "@octocat <img src=x> [a](b) #1 `x` <!-- interlock:retrain digits {} --> | | " * 4


def one(path: str, digest: str = "md5:" + "a" * 32, rows: int | None = None) -> Input:
    return Input(InputKind.DATA, path, digest, size_bytes=27_000, rows=rows)


def body(need: RetrainingReason = NEED, count: int = 1, name: str = "data/train.csv") -> str:
    after = [one(f"{name}{n}", "md5:" + "b" * 32, rows=442) for n in range(count)]
    before = [one(f"{name}{n}", rows=353) for n in range(count)]
    columns = {f"{name}{n}": "Int64" for n in range(count)}
    brought = {
        f"{name}{n}.dvc": RefreshedPointer(b"", DataShape(1), DataShape(2, columns))
        for n in range(count)
    }
    return page.pull_body(
        "digits",
        need,
        mark(),
        reports=[window(3)],
        data=page.data(before, after),
        brought=brought,
        dispatched="models.yml",
    )


def test_pull__says_why_what_it_adds_and_what_moved() -> None:
    said = body()
    first = said.splitlines()[0]
    assert first == (
        "🔁 This pull request retrains **digits**: the inputs have shifted (covariate shift)."
    )
    assert "has drifted" not in said
    assert said.count("`age` drifted") == 1
    asked = body(replace(NEED, trigger=Trigger.ASKED))
    assert asked.startswith("🔁 This pull request retrains **digits**: `age` drifted.")
    without = page.pull_body("digits", NEED, mark(), reports=[], data=(), brought={})
    assert without.startswith("🔁 This pull request retrains **digits**: `age` drifted.")
    row = "| `data/train.csv0` | 353 rows, 27 kB, `md5:aaaaaaaaaaaa` |"
    assert f"{row} 442 rows, 27 kB, `md5:bbbbbbbbbbbb` |" in said
    assert "- `data/train.csv0.dvc`: 2 rows, 1 more" in said
    assert "so this one is started by hand for its head: `models.yml`." in said
    assert hidden_marks.read(said, kind="retrain", model="digits") == mark()


def test_pull__is_within_githubs_limit_whatever_there_is_to_say() -> None:
    said = body(replace(NEED, sentence="very bad " * 10_000), count=3_000, name=EVIL)
    assert limits.measure(page.closing(said, "over " * 10_000)) <= limits.COMMENT
    assert "And 2,980 more." in said
    assert hidden_marks.read(said, kind="retrain", model="digits") == mark()


def test_pull__of_anybodys_words_is_inert() -> None:
    said = body(replace(NEED, sentence=EVIL))
    assert "<img" not in said
    assert said.count("<!--") == 1
    assert not any(word.startswith("@octocat") for word in said.split())


def test_data__names_what_differs_and_what_is_new() -> None:
    old, new = one("a.csv"), one("a.csv", "md5:other")
    assert page.data([old], [old, replace(old, kind=InputKind.CODE, path="a.py")]) == ()
    assert page.data([old], [new, one("b.csv")]) == (
        page.Data(old, new),
        page.Data(None, one("b.csv")),
    )
    assert "| `b.csv` | – |" in page.pull_body(
        "digits", NEED, mark(), reports=[], data=page.data([old], [one("b.csv")]), brought={}
    )


def test_title__is_short_and_says_why() -> None:
    assert page.title("digits", NEED) == "Retrain digits: its inputs drifted"
    asked = replace(NEED, trigger=Trigger.SCHEDULE, cause=Cause.NONE)
    assert page.title("digits", asked) == "Retrain digits: it is time"
    assert len(page.title("d" * 300, NEED)) <= 256


def test_issue__says_what_is_broken_within_the_limit() -> None:
    report = window(3, DriftStatus.BROKEN, problems=(EVIL * 10,) * 500)
    said = page.feed_body(report, mark(cause=BROKEN.cause))
    assert "cannot be what it was made for: `age` is gone." in said
    assert limits.measure(said) <= limits.COMMENT
    assert "<img" not in said
    assert hidden_marks.read(said, kind="feed", model="digits") == mark(cause=BROKEN.cause)
    whole = mark(4, Cause.NONE, 0.0)
    mended = page.mended_body(window(4, diagnosis=RETRAIN), whole, before=said)
    assert mended.startswith(f"Mended: the window until {day(4)} is whole again. Until then:")
    assert "`age` is gone." in mended
    assert hidden_marks.read(mended, kind="feed", model="digits") == whole
    assert limits.measure(mended) <= limits.COMMENT

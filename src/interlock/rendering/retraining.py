"""A retraining's pull request and a broken feed's issue as Markdown; what is true was decided
before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.domain.model import lineage_changes
from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.monitoring.monitoring_records import Cause, DriftReport, PerformanceReport
from interlock.domain.retraining import hidden_marks
from interlock.domain.retraining.data_difference import RefreshedPointer, describe
from interlock.domain.retraining.retraining_facts import HiddenMark, RetrainingReason, Trigger
from interlock.rendering import drift, drift_sentences, escape

RETRAIN, FEED = "retrain", "feed"
_TITLE_LONGEST = 200
_SAID_LONGEST = 2_000
# Beside drift.table these keep a text within what GitHub takes, however much there is to say.
_MOST = 20
_PATH_LONGEST = 200
_LINE_LONGEST = 400
_CAUSES = {
    Cause.BROKEN_PIPELINE: "its feed is broken",
    Cause.COVARIATE_SHIFT: "its inputs drifted",
    Cause.LABEL_SHIFT: "the outcomes come in other shares",
    Cause.CONCEPT_DRIFT: "it got worse on the same inputs",
    Cause.SEASONALITY: "a season has come",
    Cause.NONE: "",
}
_TRIGGERS = {
    Trigger.DRIFT: "",
    Trigger.SCHEDULE: "it is time",
    Trigger.UPSTREAM: "what it rests on moved",
    Trigger.ASKED: "a person asked for it",
}


@dataclass(frozen=True, slots=True)
class Data:
    """One data input before and after; None where there was none."""

    before: Input | None
    after: Input


def title(model: str, need: RetrainingReason) -> str:
    """Plain text: a title is no Markdown."""
    why = _CAUSES[need.cause] or _TRIGGERS[need.trigger]
    return f"Retrain {model}: {why}"[:_TITLE_LONGEST]


def pull_body(
    model: str,
    need: RetrainingReason,
    mark: HiddenMark,
    *,
    reports: Sequence[DriftReport],
    data: Sequence[Data],
    brought: Mapping[str, RefreshedPointer],
    dispatched: str = "",
    labelled: Sequence[PerformanceReport] = (),
    picture: str = "",
) -> str:
    """What the pull request says; `dispatched` is the workflow that was started for its head, for
    `labelled` and `picture` see drift.table."""
    shown = (
        drift.table(reports, labelled=labelled, picture=picture, headline=False)
        if need.window_end
        else ""
    )
    # The table says what the live data shows; nothing has to be said twice.
    is_shown = shown and need.trigger is Trigger.DRIFT
    why = (drift_sentences.CAUSES[need.cause] if is_shown else "") or need.sentence
    parts = [
        f"🔁 This pull request retrains **{escape.inline(model)}**: "
        f"{escape.inline(why, longest=_SAID_LONGEST)}.",
        shown,
        _data(data),
        _brought(brought),
        _checks(dispatched),
        _ADVICE,
        hidden_marks.write(RETRAIN, model, mark),
    ]
    return "\n\n".join(part for part in parts if part)


_ADVICE = (
    "A newer window updates this pull request as long as nobody else commits to it. Closing it "
    "snoozes this cause; merging it starts the watch again."
)


def _data(data: Sequence[Data]) -> str:
    if not data:
        return ""
    rows = [
        f"| {_path(each.after.path)} | {_was(each.before)} | {_was(each.after)} |"
        for each in data[:_MOST]
    ]
    table = "\n".join(["| data | before | after |", "|---|---|---|", *rows])
    return f"{table}\n\n{_rest(data)}" if _rest(data) else table


def _path(path: str) -> str:
    return escape.code(path, longest=_PATH_LONGEST)


def _rest(found: Sequence[object]) -> str:
    return f"And {len(found) - _MOST:,} more." if len(found) > _MOST else ""


def _was(one: Input | None) -> str:
    """`442 rows, 27 kB, md5:0123456789ab`, with as much of it as is known."""
    if one is None:
        return "–"
    rows = [] if one.rows is None else [f"{one.rows:,} rows"]
    size = [] if one.size_bytes is None else [lineage_changes.size(one.size_bytes)]
    return ", ".join([*rows, *size, str(escape.code(lineage_changes.short(one.digest)))])


def _brought(brought: Mapping[str, RefreshedPointer]) -> str:
    told = {path: describe(each) for path, each in brought.items()}
    lines = [
        f"- {_path(path)}: {escape.inline(said, longest=_LINE_LONGEST)}"
        for path, said in told.items()
        if said
    ]
    return "\n".join(lines[:_MOST])


def _checks(dispatched: str) -> str:
    if not dispatched:
        return ""
    said = "What a workflow's own token pushes starts no workflow, so this one is started by"
    return f"{said} hand for its head: {escape.code(dispatched)}."


def remark(sentence: str, *, marker: str) -> str:
    said = escape.inline(sentence, longest=_SAID_LONGEST)
    return f"{said}.\n\nThe commits of people here are left as they are.\n\n{marker}"


def closing(body: str, sentence: str) -> str:
    """What a pull request says once it is closed by itself: why, above what it said before."""
    return f"Closed: {escape.inline(sentence, longest=_SAID_LONGEST)}.\n\n{body}"


def feed_title(model: str) -> str:
    return f"{model}: the live data is broken"


def feed_body(report: DriftReport, mark: HiddenMark) -> str:
    said = escape.inline(report.diagnosis.sentence, longest=_SAID_LONGEST)
    problems = [
        f"- {escape.inline(problem, longest=_LINE_LONGEST)}" for problem in report.problems[:_MOST]
    ]
    what = "could not be read in full" if report.unread else "cannot be what it was made for"
    parts = [
        f"The live data of **{escape.inline(report.model)}** until {report.end} {what}: {said}.",
        "\n".join(problems),
        drift.table([report]),
        "No retraining is asked for while this lasts. Mend what writes the data; the next window "
        "that is whole closes this issue.",
        hidden_marks.write(FEED, report.model, mark),
    ]
    return "\n\n".join(part for part in parts if part)


def mended_body(report: DriftReport, mark: HiddenMark, *, before: str) -> str:
    """Why it is closed, above what was broken: `before` is what the issue said until then. Of two
    marks the last one counts."""
    said = f"Mended: the window until {report.end} is whole again. Until then:"
    return "\n\n".join((said, before.strip(), hidden_marks.write(FEED, report.model, mark)))


def data(before: Sequence[Input], after: Sequence[Input]) -> tuple[Data, ...]:
    """Return the data inputs that differ, as they are after."""
    old = {one.key: one for one in before}
    return tuple(
        Data(old.get(one.key), one)
        for one in after
        if one.kind is InputKind.DATA and (one.key not in old or old[one.key].digest != one.digest)
    )

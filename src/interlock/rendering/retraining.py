"""The retraining pull request and the data issue as Markdown."""

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

RETRAIN, DATA = "retrain", "data"
"""The kinds of hidden marks: of a retraining pull request, of a data issue."""
_TITLE_LONGEST = 200
_SENTENCE_LONGEST = 2_000
# With drift.table, these limits keep every text within GitHub's limit.
_MOST = 20
_PATH_LONGEST = 200
_LINE_LONGEST = 400
_CAUSES = {
    Cause.BROKEN_PIPELINE: "upstream data pipeline failed",
    Cause.COVARIATE_SHIFT: "data drift",
    Cause.LABEL_SHIFT: "label shift",
    Cause.CONCEPT_DRIFT: "performance loss",
    Cause.SEASONALITY: "seasonality",
    Cause.NONE: "",
}
_TRIGGERS = {
    Trigger.DATA_DRIFT: "data drift",
    Trigger.PERFORMANCE_LOSS: "performance loss",
    Trigger.SCHEDULE: "schedule",
    Trigger.UPSTREAM_MODEL: "upstream model",
    Trigger.USER_REQUEST: "user request",
}


@dataclass(frozen=True, slots=True)
class Data:
    """One data input before and after the refresh; `before` is None for a new one."""

    before: Input | None
    after: Input


def title(model: str, reason: RetrainingReason) -> str:
    """Return plain text: GitHub renders no Markdown in a title."""
    cause = _CAUSES[reason.cause] or _TRIGGERS[reason.trigger]
    return f"Retrain {model}: {cause}"[:_TITLE_LONGEST]


def pull_body(
    model: str,
    reason: RetrainingReason,
    mark: HiddenMark,
    *,
    reports: Sequence[DriftReport],
    data: Sequence[Data],
    pointers: Mapping[str, RefreshedPointer],
    dispatched: str = "",
    labelled: Sequence[PerformanceReport] = (),
    picture: str = "",
) -> str:
    """Return the description of the pull request; `dispatched` is the workflow that was started for
    its head, for `labelled` and `picture` see drift.table."""
    shown = (
        drift.table(reports, labelled=labelled, picture=picture, headline=False)
        if reason.window_end
        else ""
    )
    # The table has the details of live data; the sentence above it is short then.
    is_shown = shown and reason.trigger is not Trigger.USER_REQUEST
    why = (drift_sentences.CAUSES[reason.cause] if is_shown else "") or reason.sentence
    parts = [
        f"🔁 This pull request retrains **{escape.inline(model)}**: "
        f"{escape.inline(why, longest=_SENTENCE_LONGEST)}.",
        shown,
        _data(data),
        _changes(pointers),
        _checks(dispatched),
        _ADVICE,
        hidden_marks.write(RETRAIN, model, mark),
    ]
    return "\n\n".join(part for part in parts if part)


_ADVICE = (
    "Interlock updates this pull request for a newer window while no other user commits to it. "
    "Close it to snooze this cause. Merge it to promote the new model and to monitor it."
)


def _data(data: Sequence[Data]) -> str:
    if not data:
        return ""
    rows = [
        f"| {_path(each.after.path)} | {_input(each.before)} | {_input(each.after)} |"
        for each in data[:_MOST]
    ]
    table = "\n".join(["| data | before | after |", "|---|---|---|", *rows])
    return f"{table}\n\n{_rest(data)}" if _rest(data) else table


def _path(path: str) -> str:
    return escape.code(path, longest=_PATH_LONGEST)


def _rest(rows: Sequence[object]) -> str:
    return f"And {len(rows) - _MOST:,} more." if len(rows) > _MOST else ""


def _input(one: Input | None) -> str:
    """Return `442 rows, 27 kB, md5:0123456789ab`, without the unknown parts."""
    if one is None:
        return "–"
    rows = [] if one.rows is None else [f"{one.rows:,} rows"]
    size = [] if one.size_bytes is None else [lineage_changes.size(one.size_bytes)]
    return ", ".join([*rows, *size, str(escape.code(lineage_changes.short(one.digest)))])


def _changes(pointers: Mapping[str, RefreshedPointer]) -> str:
    changes = {path: describe(pointer) for path, pointer in pointers.items()}
    lines = [
        f"- {_path(path)}: {escape.inline(change, longest=_LINE_LONGEST)}"
        for path, change in changes.items()
        if change
    ]
    return "\n".join(lines[:_MOST])


def _checks(dispatched: str) -> str:
    if not dispatched:
        return ""
    return (
        "A push with the token of a workflow starts no workflow, so Interlock started "
        f"{escape.code(dispatched)} for this branch."
    )


def comment(sentence: str, *, marker: str) -> str:
    news = escape.inline(sentence, longest=_SENTENCE_LONGEST)
    return f"{news}.\n\nInterlock does not change the commits of other users.\n\n{marker}"


def closed_body(body: str, sentence: str) -> str:
    """Return the description of a pull request that Interlock closes: the reason, then `body`."""
    return f"Closed: {escape.inline(sentence, longest=_SENTENCE_LONGEST)}.\n\n{body}"


def issue_title(model: str) -> str:
    return f"{model}: upstream data pipeline failed"


def issue_body(report: DriftReport, mark: HiddenMark) -> str:
    cause = escape.inline(report.diagnosis.sentence, longest=_SENTENCE_LONGEST)
    problems = [
        f"- {escape.inline(problem, longest=_LINE_LONGEST)}" for problem in report.problems[:_MOST]
    ]
    what = "cannot be read completely" if report.unread else "does not match the reference data"
    parts = [
        f"The live data of **{escape.inline(report.model)}** until {report.end} {what}: {cause}.",
        "\n".join(problems),
        drift.table([report]),
        "Fix the data pipeline: until then, Interlock opens no retraining pull request. The next "
        "complete window closes this issue.",
        hidden_marks.write(DATA, report.model, mark),
    ]
    return "\n\n".join(part for part in parts if part)


def closed_issue_body(report: DriftReport, mark: HiddenMark, *, before: str) -> str:
    """Return the text of the closed issue: the reason, then the text `before`, then the new mark,
    which counts because it is the last."""
    fixed = f"Fixed: the window until {report.end} is complete. Before that:"
    return "\n\n".join((fixed, before.strip(), hidden_marks.write(DATA, report.model, mark)))


def data(before: Sequence[Input], after: Sequence[Input]) -> tuple[Data, ...]:
    """Return the data inputs that differ, as they are after."""
    old = {one.key: one for one in before}
    return tuple(
        Data(old.get(one.key), one)
        for one in after
        if one.kind is InputKind.DATA and (one.key not in old or old[one.key].digest != one.digest)
    )

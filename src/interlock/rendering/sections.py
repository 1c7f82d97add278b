"""The visible sections of a report and of each model, with shorter variants."""

from __future__ import annotations

from interlock.domain.access import comment_command
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.basics import figures
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.lineage import InputKind
from interlock.domain.model.policy import AcceptPolicy, ProvenanceMode
from interlock.domain.reporting.model_status import MergeStatus, ModelStage, ModelStatus, Report
from interlock.domain.training import job_matrix
from interlock.domain.training.dvc_lock import LockFate, LockNote
from interlock.ports.github import VERDICT
from interlock.rendering import escape, gate_values, pipeline_metrics, uncommitted_files
from interlock.rendering.budget import Section
from interlock.rendering.environment import render
from interlock.rendering.escape import Markdown

_MANY, _SOME, _FEW = 100, 25, 5
_LOG_CHARACTERS = 60_000
_GRAVITY = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.SKIPPED)


def verdict(report: Report) -> Section:
    """Line 1. Its shortest variant counts models without names; it is never dropped."""
    count = len(report.models) if len(report.models) > 1 else 0
    variants = capped("verdict.md.j2", (200, 50, 10, 0), count, report=report)
    return Section("models", 100, variants)


def scope(report: Report) -> Section | None:
    """The reason why the report is only informative, or why no verdict counts."""
    request = report.request
    main, lines = escape.code(request.default_branch), []
    if not request.targets_default_branch:
        into, check = escape.code(request.base_ref), escape.code(VERDICT)
        lines.append(
            f"**This report does not count**: the pull request targets {into}. Merging it promotes "
            f"nothing, and a pull request into {main} evaluates its models again. Only those get "
            f"the check {check}."
        )
    if request.policy_problems:
        problem = escape.inline(request.policy_problems[0])
        lines.append(f"**No verdict counts**: the policy of {main} cannot be read. {problem}")
    return Section("scope", 99, ("\n\n".join(lines),)) if lines else None


_PROVENANCE = {
    ProvenanceMode.REQUIRED: " Only attested records and candidates count.",
    ProvenanceMode.NONE: " Nobody attests records and candidates: it has `provenance: none`.",
    ProvenanceMode.UNSET: "",
}


def policy(report: Report) -> Section | None:
    """The policy of the verdicts."""
    request = report.request
    if not request.default_branch or request.policy_problems or not report.models:
        return None
    main, commit = escape.code(request.default_branch), escape.code(request.policy_commit[:7])
    text = f"Evaluated with the policy of {main} at {commit}."
    if not request.policy_commit:
        text = f"Evaluated with the default policy: {main} has no policy file."
    return optional("the policy", 58, (f"{text}{_PROVENANCE[request.provenance]}",))


def relaxed(status: ModelStatus) -> Section | None:
    count = len(status.facts.relaxed)
    if not count:
        return None
    variants = capped("relaxed.md.j2", (_SOME, _FEW, 0), count, status=status)
    return Section("relaxed gates", 95, variants)


def held(status: ModelStatus) -> Section | None:
    """The active hold and the command that releases it."""
    hold = status.facts.hold
    if hold is None:
        return None
    release = CommentCommand(Verb.RELEASE, model=hold.model)
    text = render("held.md.j2", hold=hold, release=comment_command.render(release))
    return optional("the hold", 94, (text,))


def notes(status: ModelStatus) -> Section | None:
    return optional("notes", 90, (render("notes.md.j2", status=status),))


def gates(status: ModelStatus) -> Section | None:
    """One row for each gate, the worst first. The column headings are in gates.md.j2."""
    if status.verdict is None or not status.verdict.findings:
        return None
    findings = sorted(status.verdict.findings, key=lambda f: _GRAVITY.index(f.outcome))
    rows = [(each, gate_values.observed(each, status.verdict.comparisons)) for each in findings]
    values = {"rows": rows, "note": pipeline_metrics.note(status)}
    variants = capped("gates.md.j2", (_MANY, _SOME, _FEW), len(rows), **values)
    return optional("gates", 85, variants)


def log(status: ModelStatus) -> Section | None:
    """The end of the log of a failed training run."""
    if status.stage is not ModelStage.FAILED:
        return None
    text = status.facts.failures[-1].log_tail[-_LOG_CHARACTERS:]
    if not text.strip():
        return None
    tails = (_tail(text, lines=lines) for lines in (120, 30, 8))
    return optional("log", 80, tuple(render("log.md.j2", tail=tail) for tail in tails))


def lock(note: LockNote | None) -> Section | None:
    if note is None:
        return None
    paths = Markdown(", ".join(escape.code(path) for path in note.paths[:_FEW]))
    commands = escape.script(_lock_commands(note))
    texts = (
        render("lock.md.j2", note=note, paths=paths, commands=commands, left=left)
        for left in uncommitted_files.lines(note, caps=(_SOME, _FEW))
    )
    return optional("dvc.lock", 70, tuple(texts))


def _lock_commands(note: LockNote) -> list[str]:
    if note.fate not in {LockFate.FORK, LockFate.LEFT, LockFate.REFUSED}:
        return []
    paths = " ".join(escape.argument(path) for path in note.paths)
    return [
        *(f"dvc repro --pull {escape.argument(target)}" for target in note.targets),
        f"git add {paths}",
        f"git commit --message 'Record the lock' -- {paths}",
    ]


def next_steps(report: Report) -> Section | None:
    """The commands that the pull request waits for, ready to copy."""
    head = report.request.head
    lines = []
    if any(status.stage is ModelStage.ON_REQUEST for status in report.models):
        comment = escape.code(f"/interlock train {head}")
        lines.append(
            "A user with write access who has read this commit starts the training with the "
            f"comment {comment}."
        )
    queued = sum(status.stage is ModelStage.QUEUED for status in report.models)
    if queued:
        wait = "1 model waits" if queued == 1 else f"{queued:,} models wait"
        lines.append(
            f"{wait} for the next run: a run has at most {job_matrix.JOBS} training jobs, "
            "one for each model. Start this run again after its end: trained models are kept, "
            "the others are trained."
        )
    if any(status.merge_status is MergeStatus.INCONCLUSIVE for status in report.models):
        comment = escape.code(f"/interlock accept {head} <reason>")
        if report.early_approver:
            approver = escape.code(report.early_approver)
            lines.append(
                f"The approval of {approver} came before this result and does not accept it. To "
                f"accept it, {approver} approves again, or writes the comment {comment}."
            )
        lines.append(
            f"{_acceptors(report.request.accept)} can accept the inconclusive result with an "
            f"approving review of this commit, or with the comment {comment}."
        )
    return optional("next steps", 92, ("\n\n".join(lines),))


def _acceptors(rule: AcceptPolicy) -> str:
    """Users who may accept, as the subject of a sentence. Each has write access."""
    aside = "" if rule.own else " who is not an author of this change"
    if not rule.users:
        return f"A user with write access{aside}"
    names = figures.listing([escape.code(user) for user in rule.users])
    return f"One of {names}{aside}"


def commands(report: Report) -> Section | None:
    """The commands in comments and their results, the newest first."""
    newest_first = report.commands[::-1]
    if not newest_first:
        return None
    variants = capped(
        "commands.md.j2",
        (_MANY, _SOME, _FEW),
        len(newest_first),
        commands=newest_first,
        ways=[f"{comment_command.PREFIX} {way}" for way in comment_command.forms()],
    )
    return optional("commands", 62, variants)


def unaffected(report: Report) -> Section | None:
    """The unaffected models, in one line."""
    names = report.unaffected
    if not names:
        return None
    lines = [f"Unaffected: {_names(names, most=most)}." for most in (_SOME, _FEW)]
    return optional("unaffected models", 65, tuple(lines))


def _names(names: tuple[str, ...], *, most: int) -> str:
    shown = ", ".join(escape.code(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def unaffected_warnings(report: Report) -> Section | None:
    """The plan's warnings of unaffected models."""
    warned = report.unaffected_warnings
    if not warned:
        return None
    variants = capped("unaffected_warnings.md.j2", (_SOME, _FEW, 0), len(warned), warned=warned)
    return optional("warnings of unaffected models", 66, variants)


def warnings(status: ModelStatus) -> Section | None:
    count = len(status.facts.plan.warnings)
    if not count:
        return None
    variants = capped("warnings.md.j2", (_SOME, _FEW, 0), count, status=status)
    return optional("warnings", 60, variants)


def changed(status: ModelStatus) -> Section | None:
    """The first changes, before the gates."""
    reasons = status.facts.plan.reasons
    if not reasons:
        return None
    variants = capped("changed.md.j2", (_FEW, 2), len(reasons), changes=reasons)
    return optional("changes", 88, variants)


def all_changes(status: ModelStatus) -> Section | None:
    """All changes, if there are more than the visible ones."""
    reasons = status.facts.plan.reasons
    if len(reasons) <= _FEW:
        return None
    variants = capped("all_changes.md.j2", (_MANY, _SOME), len(reasons), changes=reasons)
    return optional("all changes", 55, variants)


def params(status: ModelStatus) -> Section | None:
    rows = [c for c in status.facts.plan.reasons if c.kind is InputKind.PARAMS]
    if not rows:
        return None
    variants = capped("params.md.j2", (_MANY, _SOME, _FEW), len(rows), rows=rows)
    return optional("parameters", 50, variants)


def capped(template: str, caps: tuple[int, ...], count: int, **values: object) -> tuple[str, ...]:
    """The template with fewer and fewer of `count` rows; caps that cut nothing are left out."""
    shorter = [cap for cap in caps[1:] if cap < count]
    return tuple(render(template, most=cap, **values) for cap in (caps[0], *shorter))


def optional(kind: str, importance: int, variants: tuple[str, ...]) -> Section | None:
    """A section that may be dropped; None if its text is empty."""
    texts = tuple(dict.fromkeys(variants))
    return Section(kind, importance, (*texts, "")) if texts[0] else None


def _tail(text: str, *, lines: int) -> Markdown:
    shown = text.rstrip().splitlines()[-lines:]
    return escape.block("\n".join(shown), longest=lines * 300)

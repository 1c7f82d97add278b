"""What is said of a report and of each status at first sight, with the shorter forms of each."""

from __future__ import annotations

from interlock.domain.access import comment_command
from interlock.domain.access.comment_command import CommentCommand, Verb
from interlock.domain.basics import figures
from interlock.domain.evaluation.verdict import Outcome
from interlock.domain.model.lineage import InputKind
from interlock.domain.model.policy import AcceptPolicy
from interlock.domain.reporting.model_status import MergeStatus, ModelStage, ModelStatus, Report
from interlock.domain.training import job_matrix
from interlock.domain.training.dvc_lock import LockFate, LockNote
from interlock.ports.github import VERDICT
from interlock.rendering import escape, uncommitted_files
from interlock.rendering.budget import Section
from interlock.rendering.environment import render
from interlock.rendering.escape import Markdown

_MANY, _SOME, _FEW = 100, 25, 5
_LOG_CHARACTERS = 60_000
_GRAVITY = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS, Outcome.SKIPPED)


def verdict(report: Report) -> Section:
    """Line 1; its shortest form counts models instead of naming them, and is never dropped."""
    count = len(report.models) if len(report.models) > 1 else 0
    variants = capped("verdict.md.j2", (200, 50, 10, 0), count, report=report)
    return Section("models", 100, variants)


def scope(report: Report) -> Section | None:
    """Why nothing rests on the report, or no verdict counts."""
    request = report.request
    main, lines = escape.code(request.default_branch), []
    if not request.targets_default_branch:
        into, check = escape.code(request.base_ref), escape.code(VERDICT)
        lines.append(
            f"**This report does not count**: the pull request goes into {into}, and only what "
            f"goes into {main} gets the check {check}."
        )
    if request.policy_problems:
        said = escape.inline(request.policy_problems[0])
        lines.append(f"**No verdict counts**: the policy of {main} cannot be read. {said}")
    return Section("what counts", 99, ("\n\n".join(lines),)) if lines else None


def policy(report: Report) -> Section | None:
    """Under whose rules, so that another answer tomorrow is no riddle."""
    request = report.request
    if not request.default_branch or request.policy_problems or not report.models:
        return None
    main, commit = escape.code(request.default_branch), escape.code(request.policy_commit[:7])
    text = f"Judged by the policy of {main}, as {commit} left it."
    if not request.policy_commit:
        text = f"Judged by the default policy: {main} has none of its own."
    return optional("the policy", 58, (text,))


def relaxed(status: ModelStatus) -> Section | None:
    count = len(status.facts.relaxed)
    if not count:
        return None
    variants = capped("relaxed.md.j2", (_SOME, _FEW, 0), count, status=status)
    return Section("relaxed gates", 95, variants)


def held(status: ModelStatus) -> Section | None:
    """Whoever holds what is served, and how that ends: merging does not change it."""
    hold = status.facts.hold
    if hold is None:
        return None
    release = CommentCommand(Verb.RELEASE, model=hold.model)
    text = render("held.md.j2", hold=hold, release=comment_command.render(release))
    return optional("the hold", 94, (text,))


def notes(status: ModelStatus) -> Section | None:
    return optional("notes", 90, (render("notes.md.j2", status=status),))


def gates(status: ModelStatus) -> Section | None:
    """One row a gate, the gravest first: those are what is left where there is little room."""
    found = status.verdict.findings if status.verdict else ()
    if not found:
        return None
    rows = sorted(found, key=lambda finding: _GRAVITY.index(finding.outcome))
    return optional("gates", 85, capped("gates.md.j2", (_MANY, _SOME, _FEW), len(rows), rows=rows))


def log(status: ModelStatus) -> Section | None:
    """The end of what the program said; only a failure shows it."""
    if status.stage is not ModelStage.FAILED:
        return None
    said = status.facts.failures[-1].log_tail[-_LOG_CHARACTERS:]
    if not said.strip():
        return None
    tails = (_tail(said, lines=lines) for lines in (120, 30, 8))
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


def awaited(report: Report) -> Section | None:
    """What somebody has to type, word for word, for the pull request to go on."""
    head = report.request.head
    lines = []
    if any(status.stage is ModelStage.ON_REQUEST for status in report.models):
        comment = escape.code(f"/interlock train {head}")
        lines.append(
            "Somebody with write access, who has read this commit, starts the training with the "
            f"comment {comment}."
        )
    queued = sum(status.stage is ModelStage.QUEUED for status in report.models)
    if queued:
        wait = "1 model waits" if queued == 1 else f"{queued:,} models wait"
        lines.append(
            f"{wait} for the next run: a run has at most {job_matrix.JOBS} training jobs, "
            "one a model. "
            "When this run has ended, start it again: what it trained stays, and the rest trains."
        )
    if any(status.merge_status is MergeStatus.INCONCLUSIVE for status in report.models):
        comment = escape.code(f"/interlock accept {head} <reason>")
        lines.append(
            f"{_acceptors(report.request.accept)} accepts what is inconclusive with an approving "
            f"review of this commit, or with the comment {comment}."
        )
    return optional("what is waited for", 92, ("\n\n".join(lines),))


def _acceptors(rule: AcceptPolicy) -> str:
    """Whom the policy lets accept, as the subject of a sentence; each may write, besides."""
    aside = "" if rule.own else ", who did not make this change,"
    if not rule.users:
        return f"Somebody with write access{aside}"
    names = figures.listing([escape.code(user) for user in rule.users])
    return f"One of {names}{aside}"


def asked(report: Report) -> Section | None:
    """What people asked for, the newest first, and what came of it."""
    newest_first = report.commands[::-1]
    if not newest_first:
        return None
    variants = capped(
        "asked.md.j2",
        (_MANY, _SOME, _FEW),
        len(newest_first),
        asked=newest_first,
        ways=[f"{comment_command.PREFIX} {way}" for way in comment_command.forms()],
    )
    return optional("what was asked", 62, variants)


def untouched(report: Report) -> Section | None:
    """Every model that the change does not touch, in one line."""
    names = report.unaffected
    if not names:
        return None
    lines = [f"Unaffected: {_names(names, most=most)}." for most in (_SOME, _FEW)]
    return optional("unaffected models", 65, tuple(lines))


def _names(names: tuple[str, ...], *, most: int) -> str:
    shown = ", ".join(escape.code(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def unaffected_warnings(report: Report) -> Section | None:
    """The plan's warnings of models that it takes for unaffected: there they matter most."""
    found = report.unaffected_warnings
    if not found:
        return None
    variants = capped("unaffected_warnings.md.j2", (_SOME, _FEW, 0), len(found), found=found)
    return optional("warnings of unaffected models", 66, variants)


def warnings(status: ModelStatus) -> Section | None:
    count = len(status.facts.plan.warnings)
    if not count:
        return None
    variants = capped("warnings.md.j2", (_SOME, _FEW, 0), count, status=status)
    return optional("warnings", 60, variants)


def changed(status: ModelStatus) -> Section | None:
    """The first of what changed, as a reviewer asks for it: before how the gates went."""
    found = status.facts.plan.reasons
    if not found:
        return None
    return optional("what changed", 88, capped("changed.md.j2", (_FEW, 2), len(found), found=found))


def reasons(status: ModelStatus) -> Section | None:
    """All of what changed, where that is more than is seen at once."""
    found = status.facts.plan.reasons
    if len(found) <= _FEW:
        return None
    variants = capped("reasons.md.j2", (_MANY, _SOME), len(found), found=found)
    return optional("reasons", 55, variants)


def params(status: ModelStatus) -> Section | None:
    rows = [c for c in status.facts.plan.reasons if c.kind is InputKind.PARAMS]
    if not rows:
        return None
    variants = capped("params.md.j2", (_MANY, _SOME, _FEW), len(rows), rows=rows)
    return optional("parameters", 50, variants)


def capped(template: str, caps: tuple[int, ...], count: int, **values: object) -> tuple[str, ...]:
    """The template with ever fewer of `count` rows; a cap that cuts nothing is no other form."""
    shorter = [cap for cap in caps[1:] if cap < count]
    return tuple(render(template, most=cap, **values) for cap in (caps[0], *shorter))


def optional(kind: str, importance: int, variants: tuple[str, ...]) -> Section | None:
    """A section that may be dropped altogether; None when there is nothing to say."""
    texts = tuple(dict.fromkeys(variants))
    return Section(kind, importance, (*texts, "")) if texts[0] else None


def _tail(text: str, *, lines: int) -> Markdown:
    shown = text.rstrip().splitlines()[-lines:]
    return escape.block("\n".join(shown), longest=lines * 300)

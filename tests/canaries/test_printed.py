"""What strangers write steers neither a terminal nor a runner, wherever a command prints it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from interlock import errors
from interlock.cli import exit_codes, outputs, terminal, workflow_commands
from interlock.cli import plan as plans
from interlock.cli import report as reports
from interlock.cli.evaluate import tables
from interlock.commands.evaluate.context import EvaluateResult, ModelVerdict, NoVerdict
from interlock.commands.report import ReportResult
from interlock.domain.basics.diagnostics import Diagnostic, Severity
from interlock.domain.training.plan import Plan
from interlock.rendering import annotate
from tests.canaries import eyes, fields, payloads
from tests.canaries.payloads import Payload


def _case(text: str) -> fields.Case:
    return fields.case(dict.fromkeys(fields.FIELDS, text))


def _plan(text: str) -> None:
    plan = Plan("a" * 40, "b" * 40, tuple(s.facts.plan for s in _case(text).many.models), (text,))
    click.echo("\n".join(plans.lines(plan)))
    click.echo(terminal.document(json.dumps(plans.document(plan), ensure_ascii=False)))


def _report(text: str) -> None:
    report_result = ReportResult(_case(text).many, text, ())
    reports._print(report_result, dry_run=False)
    click.echo(terminal.document(json.dumps(reports.document(report_result), ensure_ascii=False)))


def _judged(text: str) -> None:
    status = next(s for s in _case(text).many.models if s.verdict is not None)
    assert status.verdict is not None
    results = (
        ModelVerdict(status.model, status.verdict, is_new=True),
        NoVerdict(text, "f" * 64, f"no class {text}", f"first\n{text}\nlast"),
    )
    tables.show_repository(EvaluateResult("c" * 40, results))


def _error(text: str) -> None:
    exit_codes.tell(errors.CannotResolve(f"there is no revision {text}", hint=text))


def _error_alone(text: str) -> None:
    exit_codes.tell(errors.BadInput(text, hint=f"first\n{text}"))


def _usage(text: str) -> None:
    with contextlib.suppress(SystemExit):
        exit_codes.exit_with(lambda: _raise(click.UsageError(text)))


def _bug(text: str) -> None:
    with contextlib.suppress(SystemExit):
        exit_codes.exit_with(lambda: _raise(RuntimeError(text)))


def _raise(error: Exception) -> None:
    raise error


def _diagnostic(text: str) -> None:
    tamed = workflow_commands.tame_diagnostic(Diagnostic(text, 1, 2, Severity.ERROR, text, text))
    click.echo(str(tamed))


def _program(text: str) -> None:
    for line in text.split("\n"):
        click.echo(terminal.program_line(line))


PLACES: dict[str, Callable[[str], None]] = {
    "a plan": _plan,
    "a report": _report,
    "a judgement": _judged,
    "an error within words": _error,
    "an error alone": _error_alone,
    "a wrong use": _usage,
    "a traceback": _bug,
    "a diagnostic": _diagnostic,
    "a line of the training program": _program,
}


def printed(place: Callable[[str], None], text: str) -> str:
    """Both streams, with colours as on a terminal."""
    output = io.StringIO()
    context = click.Context(click.Command("canary"), color=True)
    with context, contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        place(text)
    return output.getvalue()


@pytest.mark.parametrize("name", PLACES)
def test_printed__steers_nothing_and_is_visible(name: str) -> None:
    faults = []
    for payload in payloads.ALL:
        shown = printed(PLACES[name], payload.text)
        faults += [f"{payload.text[:40]!r}: {line[:80]!r}" for line in eyes.steering(shown)]
        if not payload.is_long and not _is_visible(payload, shown):
            faults.append(f"{payload.text!r} is not seen in {shown[:200]!r}")
    assert faults == [], "\n".join(faults[:30])
    print(f"\n{len(payloads.ALL)} payloads in {name}")


def _is_visible(payload: Payload, shown: str) -> bool:
    """What keeps a command from being obeyed stands in it, and a document escapes as it must."""
    undone = shown.replace(": :", "::").replace("# #[", "##[").replace("\\u0023", "#")
    bones = eyes.skeleton(undone).replace("\\", "")
    return eyes.skeleton(payload.text).replace("\\", "")[:40] in bones


def test_annotations__hold_every_payload_as_plain_text() -> None:
    for payload in payloads.ALL:
        for each in annotate(_case(payload.text).many, lines={}):
            for text in (each.title, *each.message.split("\n")):
                assert all(c.isprintable() or c == "\u00a0" for c in text), payload
            assert 0 < len(each.title) <= 250
            assert 0 < len(each.message) <= 60_000
            json.dumps([each.path, each.title, each.message], ensure_ascii=False).encode()


def test_documents__are_the_same_document_however_they_are_spelt() -> None:
    for payload in payloads.ALL:
        text = json.dumps({payload.text: [payload.text]}, ensure_ascii=False, indent=2)
        shown = terminal.document(text)
        assert json.loads(shown) == {payload.text: [payload.text]}
        assert eyes.steering(shown) == []


def test_outputs__hold_what_was_put_into_them_and_no_more(tmp_path: Path) -> None:
    """A value that is no Unicode is none that a step can leave: it is never asked to."""
    texts = [p.text for p in payloads.ALL if not any("\ud800" <= c <= "\udfff" for c in p.text)]
    for number, text in enumerate(texts):
        file = tmp_path / str(number)
        outputs.append(file, {"train": text, "judge": "digits"})
        kept = eyes.outputs(file.read_bytes().decode())
        assert set(kept) == {"train", "judge"}, text
        assert kept["judge"] == "digits"

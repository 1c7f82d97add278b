"""Prints the result of `interlock evaluate` as tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich import markup
from rich.console import Console
from rich.table import Table

from interlock.cli import table_console, terminal
from interlock.commands.evaluate import standalone
from interlock.commands.evaluate.context import EvaluateResult, ModelVerdict, NoVerdict
from interlock.domain.basics import figures
from interlock.domain.evaluation import detectable_difference, metric_comparison, thresholds
from interlock.domain.evaluation.verdict import Comparison, Finding, Outcome

_COLOURS = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.SKIPPED: "dim",
    Outcome.INCONCLUSIVE: "yellow",
}
_LOG_LINES = 20
_plain = table_console.plain


def show_files(evaluation: standalone.FilesEvaluation) -> None:
    console = table_console.create()
    head = [figures.count(evaluation.rows.count, "row"), evaluation.task.value]
    head += [f"positive class {_plain(evaluation.positive)}"] if evaluation.positive else []
    console.print(", ".join(head))
    _show_comparisons(console, evaluation.comparisons, confidence=evaluation.confidence)
    _show_findings(console, evaluation.findings)
    if not any(map(detectable_difference.of_finding, evaluation.findings)):
        primary = [c for c in evaluation.comparisons if c.metric == evaluation.primary]
        _show_resolution(console, primary)
    _sum(console, "verdict", evaluation.outcome, evaluation.sentence)


def show_repository(answer: EvaluateResult) -> None:
    console = table_console.create()
    for result in answer.results:
        if isinstance(result, NoVerdict):
            console.print(f"{_plain(result.model)}: [red]refused[/]: {_plain(result.reason)}")
            for line in result.log_tail.splitlines()[-_LOG_LINES:]:
                text = markup.escape(terminal.program_line(line))
                console.print(f"  {text}", style="dim")
            continue
        _show_verdict(console, result)
    if not answer.results:
        console.print(f"nothing to evaluate at {answer.revision[:12]}: no model has a candidate")


def _show_verdict(console: Console, result: ModelVerdict) -> None:
    verdict = result.verdict
    _show_comparisons(console, verdict.comparisons, confidence=None)
    _show_findings(console, verdict.findings)
    for sentence in verdict.relaxed:
        console.print(f"[yellow]relaxed:[/] {_plain(sentence)}")
    known = "" if result.is_new else " (from the ledger)"
    _sum(console, result.model + known, verdict.outcome, verdict.sentence)


def _sum(console: Console, name: str, outcome: Outcome, sentence: str) -> None:
    console.print(f"{_plain(name)}: [{_COLOURS[outcome]}]{outcome}[/]: {_plain(sentence)}")


def _show_comparisons(
    console: Console, comparisons: Iterable[Comparison], *, confidence: float | None
) -> None:
    shown = "interval" if confidence is None else f"{confidence * 100:.6g} % interval"
    table = Table("metric", "candidate", "champion", "difference", shown, box=None)
    problems: dict[str, list[str]] = {}
    for c in comparisons:
        name = thresholds.name(c)
        table.add_row(
            table_console.cell(thresholds.short(c)),
            metric_comparison.value(c),
            metric_comparison.champion(c),
            metric_comparison.difference(c),
            markup.escape(metric_comparison.interval(c)),
        )
        if c.problem:
            problems.setdefault(c.problem, []).append(name)
    console.print(table)
    for problem, names in problems.items():
        # A problem of all metrics is printed once, without their names.
        about = "" if len(names) == table.row_count > 1 else f"{figures.listing(names)}: "
        console.print(_plain(f"{about}{problem}"), style="yellow")


def _show_findings(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        colour = _COLOURS[finding.outcome]
        console.print(f"[{colour}]{finding.outcome:<12}[/] {_plain(finding.sentence)}")
        resolution = detectable_difference.of_finding(finding)
        if resolution is not None and resolution.sentence not in finding.sentence:
            console.print(f"{'':<12} {_plain(resolution.sentence)}", style="dim")


def _show_resolution(console: Console, comparisons: Iterable[Comparison]) -> None:
    """Print the resolution of the first metric with an interval, if no gate compares."""
    overall = (
        (c, detectable_difference.find(c.interval, rows=c.rows)) for c in comparisons if not c.slice
    )
    for c, resolution in overall:
        if resolution is not None:
            console.print(
                f"{_plain(thresholds.name(c))}: {_plain(resolution.sentence)}",
                style="dim",
            )
            return

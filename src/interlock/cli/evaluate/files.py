"""Evaluates predictions files, without a repository and without a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from interlock import errors, json_documents
from interlock.cli import exit_codes, terminal
from interlock.commands.evaluate import standalone
from interlock.domain.basics.diagnostics import has_errors
from interlock.domain.model.manifest import GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from interlock.services import tables
from interlock.wiring import measuring


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFlags:
    """The values of the options that apply only to files."""

    champion: Path | None
    task: str | None
    gates: Path | None
    primary: str
    slices: str
    positive: str
    seed: int
    confidence: float
    resamples: int
    inconclusive: str

    def options(self, candidate: Path) -> standalone.EvaluateFilesOptions:
        task = _task(self.task, primary=self.primary, positive=self.positive)
        return standalone.EvaluateFilesOptions(
            candidate=candidate,
            champion=self.champion,
            task=task,
            gates=None if self.gates is None else _gates(self.gates, task=task),
            primary=self.primary,
            slices=tuple(name.strip() for name in self.slices.split(",") if name.strip()),
            seed=self.seed,
            confidence=self.confidence,
            resamples=self.resamples,
            on_inconclusive=OnInconclusive(self.inconclusive),
            positive=self.positive or None,
        )


def _task(name: str | None, *, primary: str, positive: str) -> Task:
    """Return the task; raises UsageError for options that do not belong to it."""
    if name is None:
        raise click.UsageError("--candidate needs --task")
    task = Task(name)
    metrics = standalone.names(task)
    if primary and primary not in metrics:
        raise click.UsageError(
            f"--primary {primary} is not a metric of {task} files: {', '.join(metrics)}"
        )
    if positive and task is not Task.BINARY:
        raise click.UsageError(f"--positive {positive}: a {task} task has no positive class")
    return task


def _gates(path: Path, *, task: Task) -> tuple[GateRule, ...]:
    from interlock import manifests  # noqa: PLC0415 - with gates only

    rules, diagnostics = manifests.read_gates(path.read_bytes(), path=str(path), task=task)
    if has_errors(diagnostics):
        raise errors.CannotReadManifest("\n".join(str(each) for each in diagnostics))
    return rules


def run(chosen: standalone.EvaluateFilesOptions, *, as_json: bool) -> int:
    """Print the evaluation, and return the exit code."""
    tables.prepare(chosen.candidate)
    evaluation = standalone.run(measuring.scoring(), chosen)
    if evaluation.is_unusable:
        exit_codes.tell(errors.CannotScore(evaluation.sentence, hint=evaluation.hint))
    if as_json:
        click.echo(
            terminal.document(json_documents.text(standalone.document(evaluation))), nl=False
        )
    elif not evaluation.is_unusable:
        from interlock.cli.evaluate import tables as shown  # noqa: PLC0415 - rich is for the terminal

        shown.show_files(evaluation)
    return standalone.exit_code(evaluation)

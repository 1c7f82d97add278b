"""`interlock evaluate`: reads the options, evaluates files or a revision, prints the result."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, manifests, settings, wiring
from interlock.cli import exit_codes, open_repository, options, terminal
from interlock.commands import evaluate
from interlock.commands.evaluate import standalone
from interlock.domain.basics import timestamps
from interlock.domain.basics.diagnostics import has_errors
from interlock.domain.evaluation import scores
from interlock.domain.model.manifest import GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from interlock.services import snapshots

SCHEMA = "interlock/evaluations/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileFlags:
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


_REPOSITORY_OPTIONS = ("revision", "base", "branch", "pull")
_FILE_OPTIONS = tuple(field.name for field in dataclasses.fields(_FileFlags))


@click.command("evaluate")
@click.argument("models", nargs=-1)
@options.revision("Revision to evaluate, for example `HEAD` or `v1.2`.", default="HEAD")
@click.option("--base", help="Revision to compare the gates with, for example `origin/main`.")
@options.branch("Branch with the policy, for example `main`.")
@click.option(
    "--pull",
    type=click.IntRange(min=1),
    help="Number of the pull request, for example `12`; a closed one is not evaluated.",
)
@options.repo
@click.option(
    "--candidate",
    type=click.Path(path_type=Path),
    help="Predictions file of the candidate, for example `new.parquet`.",
)
@click.option(
    "--champion",
    type=click.Path(path_type=Path),
    help="Predictions file of the champion, for example `old.parquet`.",
)
@click.option(
    "--task",
    type=click.Choice([task.value for task in Task]),
    help="Task of the predictions files.",
)
@click.option(
    "--gates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file with a list of gates, as in a manifest.",
)
@click.option("--primary", default="", help="Metric to show for slices, for example `f1_macro`.")
@click.option(
    "--slices", default="", help="Slice columns, separated by commas, for example `country,device`."
)
@click.option(
    "--positive", default="", help="Positive class of a binary task, for example `fraud`."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the bootstrap; the same seed gives the same intervals.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999, min_open=True),
    default=scores.CONFIDENCE,
    show_default=True,
    help="Confidence level of the intervals in the output; a gate has its own.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=1, max=1_000_000),
    default=scores.RESAMPLES,
    show_default=True,
    help="Smallest number of bootstrap resamples; a high confidence level needs more.",
)
@click.option(
    "--inconclusive",
    type=click.Choice([each.value for each in OnInconclusive]),
    default=OnInconclusive.ASK.value,
    show_default=True,
    help="Effect of an inconclusive gate; `ask` waits for a manual acceptance.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 for every verdict.")
@options.as_json
def command(
    *,
    models: tuple[str, ...],
    revision: str,
    base: str | None,
    branch: str,
    pull: int | None,
    repo: Path,
    candidate: Path | None,
    exit_zero: bool,
    as_json: bool,
    **file_flags: Any,
) -> int:
    """Evaluate candidates against the champion, or one file against another.

    With --candidate only files are read. Otherwise each candidate of the revision is scored and
    compared with its gates, and evidence and verdict are written to the ledger.
    """
    flags = _FileFlags(**file_flags)
    if candidate is None:
        options.refuse(_FILE_OPTIONS, "needs --candidate FILE; a manifest has this setting")
        chosen = evaluate.EvaluateOptions(revision, models, base, pull, branch)
        code = _evaluate_revision(repo, chosen, as_json=as_json)
    else:
        if models:
            raise click.UsageError("--candidate compares files; give no MODELS")
        options.refuse(_REPOSITORY_OPTIONS, "is for a repository; leave it out with --candidate")
        code = _evaluate_files(flags.options(candidate), as_json=as_json)
    return errors.EXIT_DONE if exit_zero and code == errors.EXIT_NO else code


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
    rules, diagnostics = manifests.read_gates(path.read_bytes(), path=str(path), task=task)
    if has_errors(diagnostics):
        raise errors.CannotReadManifest("\n".join(str(each) for each in diagnostics))
    return rules


def _evaluate_files(chosen: standalone.EvaluateFilesOptions, *, as_json: bool) -> int:
    evaluation = standalone.run(wiring.scoring(), chosen)
    if evaluation.is_unusable:
        exit_codes.tell(errors.CannotScore(evaluation.sentence, hint=evaluation.hint))
    if as_json:
        click.echo(terminal.document(documents.text(standalone.document(evaluation))), nl=False)
    elif not evaluation.is_unusable:
        from interlock.cli.evaluate import tables  # noqa: PLC0415 - rich is for the terminal

        tables.show_files(evaluation)
    return standalone.exit_code(evaluation)


def _evaluate_revision(repo: Path, chosen: evaluate.EvaluateOptions, *, as_json: bool) -> int:
    result = evaluate.run(_context(repo), chosen)
    if result.is_late:
        click.echo(f"pull request {chosen.pull} is closed: nothing was evaluated", err=True)
    about_runs = [
        f"{each.model}: {text}" for each in result.results for text in each.choice.warnings
    ]
    for warning in (*about_runs, *result.warnings):
        click.echo(terminal.plain(f"warning: {warning}"), err=True)
    if as_json:
        click.echo(terminal.document(documents.text(document(result))), nl=False)
    else:
        from interlock.cli.evaluate import tables  # noqa: PLC0415 - rich is for the terminal

        tables.show_repository(result)
    return result.exit_code


def _context(repo: Path) -> evaluate.EvaluateContext:
    values = settings.read()
    repository = open_repository.repository(repo)
    return evaluate.EvaluateContext(
        repository=repository,
        read=lambda tree: snapshots.read(tree, resolve_templates=wiring.resolve_templates),
        ledger=wiring.ledger(repository, values),
        runs=functools.cache(lambda: wiring.runs(values)),
        scoring=wiring.scoring,
        plots=wiring.plots,
        pictures=wiring.pictures(repository, values, now=timestamps.write(options.timestamp(None))),
        github=lambda: wiring.github(values),
    )


def document(result: evaluate.EvaluateResult) -> dict[str, Any]:
    """Return the result of every model as `interlock/evaluations/v1`."""
    return {
        "schema": SCHEMA,
        "revision": result.revision,
        "models": [_model(each) for each in result.results],
        "passed_over": list(result.passed_over),
    }


def _model(result: evaluate.ModelVerdict | evaluate.NoVerdict) -> dict[str, Any]:
    return {
        "model": result.model,
        **(_refusal(result) if isinstance(result, evaluate.NoVerdict) else _verdict(result)),
        "exit_code": result.exit_code,
        "repeats": [
            {"run_id": each.run_id, "repeats": each.of, "same_bytes": each.is_same}
            for each in result.choice.repeats
        ],
        "warnings": list(result.choice.warnings),
    }


def _refusal(result: evaluate.NoVerdict) -> dict[str, Any]:
    return {
        "fingerprint": result.fingerprint,
        "outcome": "refused",
        "sentence": result.reason,
        "new": False,
        "verdict": None,
        "log_tail": result.log_tail,
    }


def _verdict(result: evaluate.ModelVerdict) -> dict[str, Any]:
    return {
        "fingerprint": result.verdict.fingerprint,
        "outcome": result.verdict.outcome.value,
        "sentence": result.verdict.sentence,
        "new": result.is_new,
        "verdict": documents.dump(result.verdict),
        "log_tail": "",
    }

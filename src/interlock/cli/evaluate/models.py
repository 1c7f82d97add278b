"""Evaluates the models of a revision, and writes evidence and verdicts to the ledger."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from interlock import documents, settings, wiring
from interlock.cli import (
    attested_runs,
    open_ledger,
    open_repository,
    options,
    policy_values,
    terminal,
)
from interlock.commands.evaluate import evaluate_revision
from interlock.commands.evaluate.context import (
    EvaluateContext,
    EvaluateOptions,
    EvaluateResult,
    ModelVerdict,
    NoVerdict,
)
from interlock.domain.basics import timestamps
from interlock.services import snapshots
from interlock.wiring import measuring

SCHEMA = "interlock/evaluations/v1"


def run(repo: Path, chosen: EvaluateOptions, *, as_json: bool) -> int:
    """Print the results, and return the exit code."""
    result = evaluate_revision.run(_context(repo, chosen), chosen)
    if result.is_late:
        click.echo(f"pull request {chosen.pull} is closed: nothing was evaluated", err=True)
    about_runs = [
        f"{each.model}: {text}"
        for each in result.results
        for text in each.choice.warnings
        if not (isinstance(each, NoVerdict) and text in each.reason)
    ]
    for warning in (*about_runs, *result.warnings):
        click.echo(terminal.plain(f"warning: {warning}"), err=True)
    if as_json:
        click.echo(terminal.document(documents.text(document(result))), nl=False)
    else:
        from interlock.cli.evaluate import tables  # noqa: PLC0415 - rich is for the terminal

        tables.show_repository(result)
    return result.exit_code


def _context(repo: Path, chosen: EvaluateOptions) -> EvaluateContext:
    values, branch = settings.read(), chosen.branch
    repository = open_repository.repository(repo)
    return EvaluateContext(
        repository=repository,
        read=lambda tree: snapshots.read(tree, resolve_templates=wiring.resolve_templates),
        ledger=open_ledger.ledger(repository, values),
        runs=functools.cache(
            lambda: wiring.runs(policy_values.read(values, repository, branch=branch).settings())
        ),
        scoring=measuring.scoring,
        plots=measuring.plots,
        pictures=wiring.pictures(repository, values, now=timestamps.write(options.timestamp(None))),
        github=lambda: wiring.github(values),
        attested=lambda policy: attested_runs.find(
            policy, values, repository, branch=branch, revision=chosen.revision
        ),
    )


def document(result: EvaluateResult) -> dict[str, Any]:
    """Return the result of every model as `interlock/evaluations/v1`."""
    return {
        "schema": SCHEMA,
        "revision": result.revision,
        "models": [_model(each) for each in result.results],
        "passed_over": list(result.passed_over),
    }


def _model(result: ModelVerdict | NoVerdict) -> dict[str, Any]:
    return {
        "model": result.model,
        **(_refusal(result) if isinstance(result, NoVerdict) else _verdict(result)),
        "exit_code": result.exit_code,
        "repeats": [
            {"run_id": each.run_id, "repeats": each.of, "same_bytes": each.is_same}
            for each in result.choice.repeats
        ],
        "warnings": list(result.choice.warnings),
    }


def _refusal(result: NoVerdict) -> dict[str, Any]:
    return {
        "fingerprint": result.fingerprint,
        "outcome": "refused",
        "sentence": result.reason,
        "new": False,
        "verdict": None,
        "log_tail": result.log_tail,
    }


def _verdict(result: ModelVerdict) -> dict[str, Any]:
    return {
        "fingerprint": result.verdict.fingerprint,
        "outcome": result.verdict.outcome.value,
        "sentence": result.verdict.sentence,
        "new": result.is_new,
        "verdict": documents.dump(result.verdict),
        "log_tail": "",
    }

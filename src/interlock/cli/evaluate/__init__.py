"""`interlock evaluate`: two modes of one verb, files or a repository; parse, call, print."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, manifests, settings, wiring
from interlock.cli import exit_codes, open_repository, options, terminal
from interlock.commands import evaluate
from interlock.commands.evaluate import standalone
from interlock.domain.basics.diagnostics import has_errors
from interlock.domain.evaluation import scores
from interlock.domain.model.manifest import GateRule, Task
from interlock.domain.model.policy import OnInconclusive
from interlock.services import snapshots

SCHEMA = "interlock/evaluations/v1"
_ONLY_FILES = ("champion", "task", "gates", "primary", "slices", "positive")


@click.command("evaluate")
@click.argument("models", nargs=-1)
@click.option("--rev", "revision", default="HEAD", show_default=True, help="The Git revision.")
@click.option("--base", help="Say what REV loosens of the gates of this revision.")
@click.option("--branch", default="main", show_default=True, help="Whose policy judges.")
@click.option(
    "--pull", type=click.IntRange(min=1), help="Judge only while this pull request is open."
)
@options.repo
@click.option("--candidate", type=click.Path(path_type=Path), help="Judge this predictions file.")
@click.option("--champion", type=click.Path(path_type=Path), help="Compare with this one.")
@click.option("--task", type=click.Choice([task.value for task in Task]), help="Of the files.")
@click.option(
    "--gates",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML list of gates, as in a manifest.",
)
@click.option("--primary", default="", help="The metric that slices show.")
@click.option("--slices", default="", help="Slice columns, separated by commas.")
@click.option("--positive", default="", help="The positive class of a binary task.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the bootstrap: the same seed draws the same rows.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999, min_open=True),
    default=scores.CONFIDENCE,
    show_default=True,
    help="Of the intervals that are shown; a gate has its own.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=1, max=1_000_000),
    default=scores.RESAMPLES,
    show_default=True,
    help="Bootstrap resamples; more are drawn where a confidence needs them.",
)
@click.option(
    "--inconclusive",
    type=click.Choice([each.value for each in OnInconclusive]),
    default=OnInconclusive.ASK.value,
    show_default=True,
    help="Result of an inconclusive gate; `ask` waits for a manual acceptance.",
)
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever the verdict is.")
@options.as_json
def command(*, as_json: bool, exit_zero: bool, **given: Any) -> int:
    """Judge MODELS of a revision against their champions, or two files against each other.

    With --candidate nothing but files is read. Otherwise each candidate of the revision is
    scored, held against its gates, and evidence and verdict are written to the ledger.
    """
    code = _judge(given, as_json=as_json)
    return errors.EXIT_DONE if exit_zero and code == errors.EXIT_NO else code


def _judge(given: dict[str, Any], *, as_json: bool) -> int:
    if given["candidate"] is not None:
        return _files(given, as_json=as_json)
    stray = [name for name in _ONLY_FILES if given[name]]
    if stray:
        raise click.UsageError(f"--{stray[0]} needs --candidate FILE")
    return _repository(given, as_json=as_json)


def _files(given: dict[str, Any], *, as_json: bool) -> int:
    request = _request(given)
    found = standalone.run(request, wiring.scoring())
    if found.unusable:
        exit_codes.tell(errors.CannotScore(found.sentence, hint=found.hint))
    if as_json:
        click.echo(terminal.document(documents.text(standalone.document(found))), nl=False)
    elif not found.unusable:
        from interlock.cli.evaluate import tables  # noqa: PLC0415 - rich is for people alone

        tables.show_files(found)
    return standalone.exit_code(found)


def _request(given: dict[str, Any]) -> standalone.EvaluateFilesOptions:
    if given["models"] or given["base"]:
        raise click.UsageError("with --candidate there is no repository: give no MODELS, no --base")
    if given["task"] is None:
        raise click.UsageError("--candidate needs --task")
    task = Task(given["task"])
    known = standalone.names(task)
    if given["primary"] and given["primary"] not in known:
        raise click.UsageError(
            f"--primary {given['primary']} is no metric of {task} files: {', '.join(known)}"
        )
    if given["positive"] and task is not Task.BINARY:
        raise click.UsageError(f"--positive {given['positive']}: a {task} task has no such class")
    return standalone.EvaluateFilesOptions(
        candidate=given["candidate"],
        champion=given["champion"],
        task=task,
        gates=None if given["gates"] is None else _gates(given["gates"], task=task),
        primary=given["primary"],
        slices=tuple(name.strip() for name in given["slices"].split(",") if name.strip()),
        seed=given["seed"],
        confidence=given["confidence"],
        resamples=given["resamples"],
        on_inconclusive=OnInconclusive(given["inconclusive"]),
        positive=given["positive"] or None,
    )


def _gates(path: Path, *, task: Task) -> tuple[GateRule, ...]:
    rules, diagnostics = manifests.read_gates(path.read_bytes(), path=str(path), task=task)
    if has_errors(diagnostics):
        raise errors.CannotReadManifest("\n".join(str(each) for each in diagnostics))
    return rules


def _repository(given: dict[str, Any], *, as_json: bool) -> int:
    found = settings.read()
    repository = open_repository.repository(given["repo"])
    world = evaluate.EvaluateContext(
        repository=repository,
        read=lambda tree: snapshots.read(tree, resolve_templates=wiring.resolve_templates),
        ledger=wiring.ledger(repository, found),
        runs=functools.cache(lambda: wiring.runs(found)),
        scoring=wiring.scoring,
        plots=wiring.plots,
        github=lambda: wiring.github(found),
    )
    request = evaluate.EvaluateOptions(
        revision=given["revision"],
        models=given["models"],
        base=given["base"],
        pull=given["pull"],
        branch=given["branch"],
    )
    answer = evaluate.run(request, world)
    if answer.is_late:
        click.echo(f"pull request {given['pull']} is closed: nothing is judged", err=True)
    said = [f"{each.model}: {text}" for each in answer.results for text in each.choice.warnings]
    for warning in (*said, *answer.warnings):
        click.echo(terminal.plain(f"warning: {warning}"), err=True)
    if as_json:
        click.echo(terminal.document(documents.text(document(answer))), nl=False)
    else:
        from interlock.cli.evaluate import tables  # noqa: PLC0415 - rich is for people alone

        tables.show_repository(answer)
    return answer.exit_code


def document(answer: evaluate.EvaluateResult) -> dict[str, Any]:
    """What was found of each model, as `interlock/evaluations/v1`."""
    return {
        "schema": SCHEMA,
        "revision": answer.revision,
        "models": [_model(result) for result in answer.results],
        "passed_over": list(answer.passed_over),
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

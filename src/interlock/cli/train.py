"""`interlock train`: reads the options, trains the models, prints the results."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, manifests, settings, wiring
from interlock.cli import (
    attested_runs,
    exit_codes,
    open_ledger,
    open_repository,
    options,
    outputs,
    policy_values,
    terminal,
)
from interlock.commands import train
from interlock.domain.model.policy import Rate
from interlock.ports.git import Repository, Tree
from interlock.ports.pipeline import RunEnd
from interlock.services import run_documents, snapshots
from interlock.services.attested_runs import AttestedRuns
from interlock.wiring import measuring, training

SCHEMA = "interlock/trainings/v1"
_CODES = {RunEnd.INTERRUPTED: exit_codes.INTERRUPTED, RunEnd.UNUSABLE: errors.EXIT_INPUT}
_Done = train.Trained | train.TrainingFailed | train.ModelError


@click.command()
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@options.revision("Revision to train, for example `HEAD` or `v1.2`.", default="HEAD")
@options.repo
@options.branch("Branch with the DVC remotes, for example `main`.")
@click.option(
    "--prepare",
    default="",
    metavar="COMMANDS",
    help="Shell commands that install the environment, for example `uv sync`.",
)
@click.option(
    "--remove-checkout", is_flag=True, help="Remove the checkout before the first program runs."
)
@click.option("--here", is_flag=True, help="Require an unchanged checkout of REV.")
@click.option("--force", is_flag=True, help="Train again despite evidence, and run every stage.")
@click.option("--quiet-program", is_flag=True, help="Hide the output of the programs.")
@options.as_json
def command(
    *,
    models: Sequence[str],
    revision: str,
    repo: Path,
    branch: str,
    here: bool,
    prepare: str,
    remove_checkout: bool,
    force: bool,
    quiet_program: bool,
    as_json: bool,
) -> int:
    """Train models at one revision, each once.

    The MODELs are trained in this order. A model with evidence is not trained again.
    """
    repository = open_repository.repository(repo)
    rules = policy_values.read(settings.read(), repository, branch=branch)
    prepare = rules.prepare(prepare)
    context = _context(repository, rules, is_quiet=quiet_program)
    all_options = [
        train.TrainOptions(
            model=model,
            revision=revision,
            here=here,
            force=force,
            prepare=prepare,
            remove_checkout=remove_checkout,
        )
        for model in dict.fromkeys(models)
    ]
    if len(all_options) == 1:
        return _one(all_options[0], context, as_json=as_json)
    return _several(all_options, context, as_json=as_json)


def _context(
    repository: Repository, rules: policy_values.PolicyValues, *, is_quiet: bool
) -> train.TrainContext:
    values = rules.settings()
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    return train.TrainContext(
        repository=repository,
        read_model=reader.read_model,
        training_tree=reader.training_tree,
        branch=rules.branch,
        rates=_rates,
        pipeline=training.pipeline(),
        machine=training.machine(values),
        runs=wiring.runs(values),
        scoring=measuring.scoring,
        ledger=open_ledger.ledger(repository, values),
        checkpoints=training.checkpoints(values),
        attested=functools.cache(functools.partial(_attested, repository, rules)),
        is_own_machine=not values.in_ci,
        ambient=settings.ambient(values),
        scratch=values.scratch,
        say=(lambda _: None) if is_quiet else lambda line: _say(terminal.program_line(line)),
        tell=lambda line: _say(terminal.plain(line)),
    )


def _attested(
    repository: Repository, rules: policy_values.PolicyValues, revision: str
) -> AttestedRuns | None:
    """Outside of Actions a training can have no attestation, so that none is required."""
    own = rules.settings()
    if not own.in_actions:
        return None
    return attested_runs.find(
        rules.policy(), own, repository, branch=rules.branch, revision=revision
    )


def _say(line: str) -> None:
    """Print a line at once to standard error; standard output has only the result."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _rates(tree: Tree) -> dict[str, Rate]:
    data = tree.read(manifests.POLICY_PATH)
    policy, _ = manifests.read_policy(data, path=manifests.POLICY_PATH)
    return dict(policy.cost_per_hour) if policy else {}


def _one(chosen: train.TrainOptions, context: train.TrainContext, *, as_json: bool) -> int:
    done = train.run(context, chosen)
    _warn(done)
    outputs.append(settings.read().github_output, _run_of(done))
    if as_json:
        _show(_document(done))
    else:
        click.echo(terminal.plain(_sentence(done)))
    return _exit_code(done)


def _run_of(done: train.Trained | train.TrainingFailed) -> dict[str, str]:
    """The outputs of the job, for `attest`."""
    if isinstance(done, train.Trained):
        return {"run": done.candidate.run_id, "digest": done.document}
    return {"run": done.attempt.run_id, "digest": run_documents.digest(done.attempt)}


def _several(
    all_options: Sequence[train.TrainOptions], context: train.TrainContext, *, as_json: bool
) -> int:
    """Report the error of one model in its turn, and continue with the others."""
    entries = []
    worst = errors.EXIT_DONE
    for chosen, done in zip(all_options, train.run_all(context, all_options), strict=True):
        _warn(done)
        if isinstance(done, train.ModelError):
            exit_codes.tell(done.error)
        elif not as_json:
            click.echo(terminal.plain(_sentence(done)))
        entries.append(_entry(chosen.model, done))
        worst = max(worst, _exit_code(done))
    if as_json:
        _show({"schema": SCHEMA, "models": entries})
    return worst


def _show(document: dict[str, Any]) -> None:
    click.echo(terminal.document(documents.text(document)), nl=False)


def _warn(done: _Done) -> None:
    for warning in () if isinstance(done, train.ModelError) else done.warnings:
        _say(terminal.plain(f"warning: {warning}"))


def _entry(model: str, done: _Done) -> dict[str, Any]:
    return {
        "model": model,
        "outcome": _outcome(done),
        "exit_code": _exit_code(done),
        "sentence": _sentence(done),
        "document": None if isinstance(done, train.ModelError) else _document(done),
    }


def _outcome(done: _Done) -> str:
    if isinstance(done, train.Trained):
        return "reused" if done.reused else "trained"
    return "failed" if isinstance(done, train.TrainingFailed) else "error"


def _document(done: train.Trained | train.TrainingFailed) -> dict[str, Any]:
    if isinstance(done, train.Trained):
        first = done.repeats.run_id if done.repeats else None
        more = {"reused": done.reused, "repeats": first, "digest": done.document}
        return documents.dump(done.candidate) | more
    return documents.dump(done.attempt)


def _sentence(done: _Done) -> str:
    if isinstance(done, train.ModelError):
        return done.error.message
    if isinstance(done, train.TrainingFailed):
        return f"{done.attempt.name}: no candidate: {done.attempt.reason}"
    values = done.candidate
    how = "was trained before" if done.reused else f"trained in {values.facts.seconds:.1f} s"
    repeat = f", a repeat of run {done.repeats.run_id}, which counts" if done.repeats else ""
    return f"{values.name} {values.fingerprint[:12]} {how}: run {values.run_id}{repeat}"


def _exit_code(done: _Done) -> int:
    if isinstance(done, train.ModelError):
        return done.error.exit_code
    if isinstance(done, train.Trained):
        return errors.EXIT_DONE
    return _CODES.get(done.ended, errors.EXIT_NO)

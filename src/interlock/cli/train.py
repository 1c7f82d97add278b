"""`interlock train`: parse, call the command, print what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from interlock import documents, errors, manifests, settings, snapshots, wiring
from interlock.cli import options
from interlock.commands import train
from interlock.domain.policy import Rate
from interlock.ports.git import Tree
from interlock.ports.pipeline import Ended

_INTERRUPTED = 130


@click.command()
@click.argument("model")
@click.option("--rev", "revision", default="HEAD", show_default=True, help="The Git revision.")
@options.repo
@click.option("--here", is_flag=True, help="Train in this checkout, which must be REV and clean.")
@click.option("--force", is_flag=True, help="Train though there is evidence, every stage anew.")
@click.option("--quiet-program", is_flag=True, help="Do not show what the programs print.")
@options.as_json
def command(
    *,
    model: str,
    revision: str,
    repo: Path,
    here: bool,
    force: bool,
    quiet_program: bool,
    as_json: bool,
) -> int:
    """Train MODEL at one revision, unless that has been done."""
    found = settings.read()
    repository = wiring.repository(repo)
    world = train.World(
        repository=repository,
        read_model=snapshots.Reader(resolve_templates=wiring.resolve_templates).read_model,
        rates=_rates,
        pipeline=wiring.pipeline(),
        machine=wiring.machine(),
        runs=wiring.runs(found),
        ledger=wiring.ledger(repository, found),
        say=(lambda _: None) if quiet_program else _say,
        tell=_say,
    )
    request = train.Request(model=model, revision=revision, here=here, force=force)
    done = train.run(request, world)
    for warning in done.warnings:
        _say(f"warning: {warning}")
    click.echo(documents.text(_document(done)) if as_json else _sentence(done), nl=not as_json)
    return _exit_code(done)


def _say(line: str) -> None:
    """For people, live: standard output is kept for the answer."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _rates(tree: Tree) -> dict[str, Rate]:
    data = tree.read(manifests.POLICY_PATH)
    policy, _ = manifests.read_policy(data, path=manifests.POLICY_PATH)
    return dict(policy.cost_per_hour) if policy else {}


def _document(done: train.Trained | train.Failed) -> dict[str, Any]:
    if isinstance(done, train.Trained):
        return documents.dump(done.candidate) | {"reused": done.reused}
    return documents.dump(done.attempt)


def _sentence(done: train.Trained | train.Failed) -> str:
    if isinstance(done, train.Failed):
        return f"{done.attempt.name}: no candidate: {done.attempt.reason}"
    found = done.candidate
    how = "was trained before" if done.reused else f"trained in {found.facts.seconds:.1f} s"
    return f"{found.name} {found.fingerprint[:12]} {how}: run {found.run_id}"


def _exit_code(done: train.Trained | train.Failed) -> int:
    if isinstance(done, train.Trained):
        return errors.EXIT_DONE
    return _INTERRUPTED if done.ended is Ended.INTERRUPTED else errors.EXIT_NO

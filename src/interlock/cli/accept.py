"""`interlock accept`: parse, call the command, print the acceptance."""

from __future__ import annotations

from pathlib import Path

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_repository, options, terminal
from interlock.commands import accept
from interlock.services import snapshots


@click.command("accept")
@click.argument("model")
@click.option("--rev", "revision", required=True, help="The commit that was judged.")
@click.option("--reason", required=True, help="Why it may pass; kept in the ledger.")
@click.option("--by", default="", help="Who says so; INTERLOCK_ACTOR or GITHUB_ACTOR otherwise.")
@click.option("--branch", default="main", show_default=True, help="Whose policy counts.")
@options.repo
@options.as_json
def command(
    *, model: str, revision: str, reason: str, by: str, branch: str, repo: Path, as_json: bool
) -> int:
    """Let the inconclusive verdict of MODEL at one commit pass."""
    found = settings.read()
    repository = open_repository.repository(repo)
    acceptance = accept.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        model=model,
        revision=revision,
        branch=branch,
        by=by or found.require("actor"),
        reason=reason,
        now=options.now(),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
    )
    if as_json:
        click.echo(terminal.document(documents.text(documents.dump(acceptance))), nl=False)
    else:
        said = (
            f"{model} at {acceptance.revision[:12]}: accepted by {acceptance.by}, "
            f"for judgement {acceptance.key[:12]} alone"
        )
        click.echo(terminal.plain(said))
    return errors.EXIT_DONE

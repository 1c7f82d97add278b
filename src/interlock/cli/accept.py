"""`interlock accept`: parse, call the command, print the acceptance."""

from __future__ import annotations

from pathlib import Path

import click

from interlock import documents, errors, settings, wiring
from interlock.cli import open_ledger, open_repository, options, terminal
from interlock.commands import accept
from interlock.services import snapshots


@click.command("accept")
@click.argument("model")
@click.option(
    "--rev", "revision", required=True, help="Evaluated commit: all digits, a branch or a tag."
)
@click.option(
    "--reason", required=True, help="Reason for the audit log, for example `small test set`."
)
@click.option(
    "--by",
    default="",
    help="Login of the user, for example `octocat`; by default INTERLOCK_ACTOR or GITHUB_ACTOR.",
)
@options.branch("Default branch, which has the policy.")
@options.repo
@options.as_json
def command(
    *, model: str, revision: str, reason: str, by: str, branch: str, repo: Path, as_json: bool
) -> int:
    """Accept an inconclusive result manually.

    The result is that of MODEL at one commit. The ledger keeps the reason and the user.
    """
    variables = settings.read()
    repository = open_repository.repository(repo)
    context = accept.AcceptContext(
        repository=repository,
        ledger=open_ledger.ledger(repository, variables),
        reader=snapshots.Reader(resolve_templates=wiring.resolve_templates),
    )
    chosen = accept.AcceptOptions(
        model=model,
        revision=revision,
        branch=branch,
        by=by or variables.require("actor"),
        reason=reason,
        now=options.now(),
    )
    acceptance = accept.run(context, chosen)
    if as_json:
        click.echo(terminal.document(documents.text(documents.dump(acceptance))), nl=False)
    else:
        sentence = (
            f"{model} at {acceptance.revision[:12]}: accepted by {acceptance.by} "
            f"for evaluation {acceptance.key[:12]}"
        )
        click.echo(terminal.plain(sentence))
    return errors.EXIT_DONE

"""`interlock key`: parse, call the command, print the line for the policy."""

from __future__ import annotations

from pathlib import Path

import click

from interlock import documents, errors
from interlock.cli import options, terminal
from interlock.commands import key
from interlock.wiring import tokens


@click.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.as_json
def command(*, file: Path, as_json: bool) -> int:
    """Make the key of a dedicated evaluator outside of GitHub.

    FILE is the private key, which stays on the evaluator. The output is the line that lists its
    public half in the policy of the default branch.
    """
    made = key.run(tokens.signing_keys(), file=file)
    if as_json:
        document = {"schema": "interlock/key/v1", "public": made.public, "is_new": made.is_new}
        click.echo(terminal.document(documents.text(document)), nl=False)
    else:
        word = "new key" if made.is_new else "existing key"
        click.echo(terminal.plain(f"{word} {file}; add it to .github/interlock.yml:"), err=True)
        click.echo(f"keys: [{made.public}]")
    return errors.EXIT_DONE

"""`interlock validate`: flags in, diagnostics out, as a compiler prints them or as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from interlock import errors, settings, wiring
from interlock.cli import open_repository, options, terminal, workflow_commands
from interlock.commands import validate
from interlock.domain.basics.diagnostics import Diagnostic, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


@click.command("validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--rev", help="Check this revision instead of the files as they are.")
@options.repo
@options.as_json
def command(paths: tuple[Path, ...], rev: str | None, repo: Path, as_json: bool) -> int:
    """Check manifests and policy, as a compiler would.

    Every manifest of the repository is checked, or those that PATH names (files, or folders that
    hold some): its YAML, its fields, what it says of other files, and all that `plan` reads.
    Ends with 0 when all is well, with 2 when anything is an error; a warning changes nothing.
    """
    repository = open_repository.repository(repo)
    tree = repository.tree(rev) if rev else wiring.working_tree(repository)
    inside = [_inside(path, root=repository.root, repo=repo) for path in paths]
    found = settings.read()
    result = validate.run(
        tree,
        paths=inside,
        resolve_templates=wiring.resolve_templates,
        ledger=wiring.ledger(repository, found),
    )
    in_actions = found.in_actions
    for diagnostic in result.diagnostics:
        _tell(diagnostic, in_actions=in_actions)
    if as_json:
        text = json.dumps(validate.document(result), indent=2, ensure_ascii=False)
        click.echo(terminal.document(text))
    click.echo(_sum(result), err=True)
    return result.exit_code


def _inside(path: Path, *, root: Path, repo: Path) -> str:
    """A path as the user writes it (from where they are, else from --repo) to the repository's."""
    for start in dict.fromkeys((Path.cwd(), repo.resolve(), root)):
        # Only the folder is resolved: a manifest that is a link is spoken of by its own name.
        full = Path(os.path.normpath(start / path))
        full = full.parent.resolve() / full.name
        if full.is_relative_to(root.resolve()):
            return full.relative_to(root.resolve()).as_posix()
    raise errors.CannotResolve(
        f"{path} is outside the repository {root}", hint="name its repository with --repo DIR"
    )


def _tell(diagnostic: Diagnostic, *, in_actions: bool) -> None:
    """Words for people go to standard error; the runner reads its commands there too."""
    tamed = workflow_commands.tame_diagnostic(diagnostic)
    sign = diagnostic.severity.value
    place, _, rest = str(tamed).partition(f": {sign}: ")
    word = click.style(f"{sign}:", fg=_COLOURS[diagnostic.severity], bold=True)
    click.echo(f"{place}: {word} {rest}", err=True)
    if in_actions:
        click.echo(workflow_commands.annotate(tamed), err=True)


def _sum(result: validate.Validation) -> str:
    counts = {s: sum(d.severity is s for d in result.diagnostics) for s in Severity}
    said = [f"{count} {s.value}{'s' * (count != 1)}" for s, count in counts.items() if count]
    found = f"{result.files} manifest{'s' * (result.files != 1)} checked"
    return f"{found}: {', '.join(said) or 'all is well'}"

"""`interlock validate`: parses options, prints diagnostics as a compiler does or as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from interlock import errors, settings, wiring
from interlock.cli import open_ledger, open_repository, options, terminal, workflow_commands
from interlock.commands import validate
from interlock.domain.basics.diagnostics import Diagnostic, Severity

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


@click.command("validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--rev", help="Revision to check instead of the working tree, for example `HEAD` or `v1.2`."
)
@options.repo
@options.as_json
def command(paths: tuple[Path, ...], rev: str | None, repo: Path, as_json: bool) -> int:
    """Check manifests, policy and pipelines.

    Checks every manifest of the repository, or those that PATH names (files, or folders with
    manifests): its YAML, its fields, the files that it names, and all files that `plan` reads.
    The exit code is 2 when there is an error; a warning does not change it.
    """
    repository = open_repository.repository(repo)
    tree = repository.tree(rev) if rev else wiring.working_tree(repository)
    inside = tuple(_inside(path, root=repository.root, repo=repo) for path in paths)
    environment = settings.read()
    context = validate.ValidateContext(
        tree=tree,
        resolve_templates=wiring.resolve_templates,
        ledger=open_ledger.ledger(repository, environment),
    )
    result = validate.run(context, validate.ValidateOptions(paths=inside))
    for diagnostic in result.diagnostics:
        _print(diagnostic, in_actions=environment.in_actions)
    if as_json:
        text = json.dumps(validate.document(result), indent=2, ensure_ascii=False)
        click.echo(terminal.document(text))
    click.echo(_summary(result), err=True)
    return result.exit_code


def _inside(path: Path, *, root: Path, repo: Path) -> str:
    """Resolve a path of the user from the current folder, else from --repo."""
    for start in dict.fromkeys((Path.cwd(), repo.resolve(), root)):
        # Only the folder is resolved: a manifest that is a link keeps its own name.
        full = Path(os.path.normpath(start / path))
        full = full.parent.resolve() / full.name
        if full.is_relative_to(root.resolve()):
            return full.relative_to(root.resolve()).as_posix()
    raise errors.CannotResolve(
        f"{path} is outside the repository {root}", hint="name its repository with --repo DIR"
    )


def _print(diagnostic: Diagnostic, *, in_actions: bool) -> None:
    """Print to standard error, where the runner reads its commands too."""
    tamed = workflow_commands.tame_diagnostic(diagnostic)
    sign = diagnostic.severity.value
    place, _, rest = str(tamed).partition(f": {sign}: ")
    word = click.style(f"{sign}:", fg=_COLOURS[diagnostic.severity], bold=True)
    click.echo(f"{place}: {word} {rest}", err=True)
    if in_actions:
        click.echo(workflow_commands.annotate(tamed), err=True)


def _summary(result: validate.Validation) -> str:
    counts = {s: sum(d.severity is s for d in result.diagnostics) for s in Severity}
    problems = [f"{count} {s.value}{'s' * (count != 1)}" for s, count in counts.items() if count]
    checked = f"{result.files} manifest{'s' * (result.files != 1)} checked"
    return f"{checked}: {', '.join(problems) or 'no errors'}"

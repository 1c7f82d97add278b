"""`interlock init`: parses options, asks for unknown values, writes the proposal on a branch."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from interlock import settings, wiring
from interlock.cli import open_repository, options, proposal_console, terminal
from interlock.commands import init, validate
from interlock.commands.init import InitContext, InitOptions, publication
from interlock.commands.init.adoption import Adoption
from interlock.commands.init.proposal import ProposalSettings
from interlock.settings import Settings
from interlock.wiring import measuring


@click.command("init")
@click.option("--yes", is_flag=True, help="Ask nothing, and write the files.")
@click.option("--pull-request", is_flag=True, help="Push the branch, and open its pull request.")
@click.option("--dry-run", is_flag=True, help="Print the diff, and write nothing.")
@click.option("--owner", default="", metavar="@NAME", help="Owner of the models.")
@click.option("--mlflow", default="", metavar="URL", help="Address of the MLflow server.")
@click.option("--label", "labels", multiple=True, help="Label of the runners; may be repeated.")
@click.option("--branch", default="", help="Default branch. Default: that of origin.")
@click.option("--from", "program", default="", metavar="COMMAND", help="Command that trains.")
@click.option("--data", multiple=True, metavar="PATH", help="Data of --from; may be repeated.")
@options.repo
@options.as_json
def command(
    *,
    yes: bool,
    pull_request: bool,
    dry_run: bool,
    owner: str,
    mlflow: str,
    labels: tuple[str, ...],
    branch: str,
    program: str,
    data: tuple[str, ...],
    repo: Path,
    as_json: bool,
) -> int:
    """Propose the files with which a DVC repository starts to use Interlock.

    Reads the pipelines of HEAD and the metrics of the checkout, and writes manifests, the policy
    and the workflows on the branch `interlock-init`. The checkout does not change.
    """
    values = settings.read()
    github = wiring.github(values) if pull_request else None
    context = InitContext(
        repository=open_repository.repository(repo),
        descriptions=wiring.table_descriptions(),
        scoring=measuring.scoring,
        resolve_templates=wiring.resolve_templates,
    )
    address = mlflow or _served(values)
    wanted = ProposalSettings(mlflow=address, **({"labels": labels} if labels else {}))
    chosen = InitOptions(branch=branch, owner=owner, program=program, data=data, settings=wanted)
    made = init.run(context, chosen)
    is_interactive = not (yes or dry_run or as_json)
    if is_interactive and made.files:
        with proposal_console.answers():
            answered = _ask(made, chosen)
        made = init.run(context, answered)
    proposal_console.show(made, as_json=as_json)
    if dry_run or not made.files or (is_interactive and not proposal_console.agrees(made)):
        return 0
    commit = publication.commit(context.repository, made)
    if github is None:
        line = f"wrote the branch {publication.BRANCH}; next: git switch {publication.BRANCH}"
    else:
        pull = publication.open_pull(context.repository, made, github, commit=commit)
        line = f"opened pull request {pull.number}"
    click.echo(line, err=True)
    return _check(context, commit)


def _served(values: Settings) -> str:
    """Return the address of MLflow in the environment, unless it is a file of this machine."""
    address = values.mlflow_tracking_uri
    return address if address.startswith(("http://", "https://")) else ""


def _ask(made: Adoption, chosen: InitOptions) -> InitOptions:
    if not made.is_mlflow_known:
        address = click.prompt(
            "Address of the MLflow server (empty: none, files beside those of DVC)",
            default="",
            err=True,
        )
        changed = dataclasses.replace(chosen.settings, mlflow=address)
        chosen = dataclasses.replace(chosen, settings=changed)
    if not made.is_owner_known:
        owner = click.prompt("Owner of the models, as @user or @organisation/team", err=True)
        chosen = dataclasses.replace(chosen, owner=owner)
    return chosen


def _check(context: InitContext, commit: str) -> int:
    """Validate the new commit; return the exit code."""
    tree = context.repository.tree(commit)
    result = validate.run(
        validate.ValidateContext(tree=tree, resolve_templates=context.resolve_templates),
        validate.ValidateOptions(),
    )
    for diagnostic in result.diagnostics:
        click.echo(terminal.lines(str(diagnostic)), err=True)
    return result.exit_code

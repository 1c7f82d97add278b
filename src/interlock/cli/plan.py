"""`interlock plan`: parses options, prints the plan as text or JSON."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path

import click

from interlock import settings, wiring
from interlock.cli import open_ledger, open_repository, options, outputs, policy_values, terminal
from interlock.commands import plan as planning
from interlock.domain.basics import figures
from interlock.domain.model import lineage_changes
from interlock.domain.training import job_matrix
from interlock.domain.training.plan import Decision, FetchedInputs, ModelPlan, Plan, PlannedCost
from interlock.ports.git import Repository

_COLOURS = {
    Decision.TRAIN: "yellow",
    Decision.REUSE: "cyan",
    Decision.JUDGE: "cyan",
    Decision.UNAFFECTED: "green",
    Decision.BLOCKED: "red",
}


@click.command("plan")
@click.option(
    "--base", help="Revision to compare with, for example `main`; default: the production models."
)
@click.option("--head", default="HEAD", show_default=True, help="Revision to plan.")
@click.option("--merge-base", is_flag=True, help="Compare with the merge base of base and head.")
@click.option(
    "--prepare",
    default="",
    metavar="COMMANDS",
    help="Shell commands that set up the training environment, for example `uv sync`.",
)
@options.branch("Branch whose policy has the set-up commands, for example `main`.")
@click.option("--suggest-deps", is_flag=True, help="List of undeclared stage dependencies.")
@click.option("--write", is_flag=True, help="Add the suggested dependencies to the dvc.yaml files.")
@options.repo
@options.as_json
def command(  # noqa: PLR0917 - one parameter an option
    base: str | None,
    head: str,
    merge_base: bool,
    prepare: str,
    branch: str,
    suggest_deps: bool,
    write: bool,
    repo: Path,
    as_json: bool,
) -> None:
    """Plan which models a change retrains.

    Reads Git objects only: no checkout, no data, no network. The exit code is 0 whenever there is
    a plan. With --write, the command reads and changes the checkout and not --head.
    """
    if merge_base and base is None:
        raise click.UsageError("--merge-base needs --base REV")
    if write and not suggest_deps:
        raise click.UsageError("--write needs --suggest-deps")
    environment = settings.read()
    repository = open_repository.repository(repo)
    prepare = policy_values.read(environment, repository, branch=branch).prepare(prepare)
    plan = planning.run(
        planning.PlanContext(
            repository=repository,
            ledger=open_ledger.ledger(repository, environment),
            resolve_templates=wiring.resolve_templates,
            memos=wiring.plan_memos(repository, environment),
        ),
        planning.PlanOptions(base=base, head=head, merge_base=merge_base, prepare=prepare),
    )
    if environment.github_output is not None:
        outputs.append(environment.github_output, _outputs(plan))
    more, text = _suggest(repository, head, write=write) if suggest_deps else ({}, [])
    if as_json:
        click.echo(terminal.document(json.dumps(document(plan) | more, indent=2)))
        return
    for line in [*lines(plan), *text]:
        click.echo(line)


def _suggest(
    repository: Repository, head: str, *, write: bool
) -> tuple[dict[str, object], list[str]]:
    """Return the suggested dependencies as a part of the document, and as text."""
    from interlock.cli import suggested_deps  # noqa: PLC0415 - few plans suggest anything

    suggested = suggested_deps.make(repository, head, write=write)
    return {"suggestions": dataclasses.asdict(suggested)}, suggested_deps.lines(suggested)


def _outputs(plan: Plan) -> dict[str, str]:
    """Return the outputs for later jobs: the training matrix, waiting models, models to evaluate,
    and the two revisions."""
    matrix = job_matrix.lay_out(plan)
    return {
        "train": json.dumps([job.entry for job in matrix.jobs]),
        "wait": " ".join(matrix.waiting),
        "judge": " ".join(job_matrix.judged(plan, matrix)),
        "base": plan.base or "",
        "head": plan.head,
    }


def document(plan: Plan) -> dict[str, object]:
    """Return the plan as `interlock/plan/v1`."""
    waiting = job_matrix.lay_out(plan).waiting
    models = [_model(model) for model in plan.models]
    content = {"base": plan.base, "head": plan.head, "models": models, "removed": plan.removed}
    return {"schema": "interlock/plan/v1", **content, "waiting": waiting}


def _model(model: ModelPlan) -> dict[str, object]:
    fields = {name: getattr(model, name) for name in ModelPlan.__slots__}
    fields["reasons"] = [dataclasses.asdict(reason) for reason in model.reasons]
    return fields | {"cost": _values(model.cost), "needs": _values(model.needs)}


@functools.cache
def _values(part: PlannedCost | FetchedInputs) -> dict[str, object]:
    """Return the fields of a part of a model: most models have the same ones."""
    return dataclasses.asdict(part)


def lines(plan: Plan) -> list[str]:
    """Return the plan as text: one aligned sentence per model, warnings below."""
    width = max((len(m.model) for m in plan.models), default=0)
    text = [line for m in plan.models for line in _lines(m, width)]
    text += [terminal.plain(f"{name}: no longer declared") for name in plan.removed]
    text += _waiting(job_matrix.lay_out(plan).waiting)
    return text or ["no manifest declares a model"]


def _waiting(models: tuple[str, ...]) -> list[str]:
    if not models:
        return []
    names, verb = figures.listing(models), "waits" if len(models) == 1 else "wait"
    count = figures.count(len(models), "model")
    limit = f"one run has at most {job_matrix.JOBS} training jobs, one per model"
    return [terminal.plain(f"{count} {verb} for the next run, because {limit}: {names}")]


def _lines(model: ModelPlan, width: int) -> list[str]:
    decision = click.style(f"{model.decision.value:<10}", fg=_COLOURS[model.decision])
    indent = " " * (width + 13)
    text = [f"{model.model:<{width}}  {decision} {terminal.plain(model.sentence)}"]
    text += [f"{indent}cost: {terminal.plain(part)}" for part in _cost(model)]
    return text + [f"{indent}warning: {terminal.plain(text)}" for text in model.warnings]


def _cost(model: ModelPlan) -> list[str]:
    cost = model.cost
    if model.decision is not Decision.TRAIN:
        return []
    parts = [figures.count(len(cost.stages), "stage")]
    if cost.bytes_to_pull is not None:
        parts.append(f"{lineage_changes.size(cost.bytes_to_pull)} to pull")
    if cost.expected_minutes is not None:
        parts.append(f"about {_time(cost.expected_minutes)}")
    if cost.runner_labels:
        parts.append("on " + ", ".join(cost.runner_labels))
    return [", ".join(parts)]


def _time(minutes: float) -> str:
    """Format a time with at most two digits, because it is an estimate."""
    if minutes * 60 < 59.5:
        return figures.count(max(1, round(minutes * 60)), "second")
    text = f"{minutes:.2g}" if minutes < 9.95 else f"{minutes:,.0f}"
    return f"{text} minute{'' if text == '1' else 's'}"

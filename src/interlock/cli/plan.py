"""`interlock plan`: flags in, a plan out, for people or as JSON."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from interlock import settings, wiring
from interlock.cli import open_repository, options, outputs, suggested_deps, terminal
from interlock.commands import plan as planning
from interlock.domain.basics import figures
from interlock.domain.model import lineage_changes
from interlock.domain.training import job_matrix
from interlock.domain.training.plan import Decision, ModelPlan, Plan

_COLOURS = {
    Decision.TRAIN: "yellow",
    Decision.REUSE: "cyan",
    Decision.JUDGE: "cyan",
    Decision.UNAFFECTED: "green",
    Decision.BLOCKED: "red",
}


@click.command("plan")
@click.option("--base", help="Compare with this revision; without it, with what is served.")
@click.option("--head", default="HEAD", show_default=True, help="The revision to plan.")
@click.option("--merge-base", is_flag=True, help="Compare from where base and head parted.")
@click.option(
    "--prepare", default="", metavar="COMMANDS", help="Shell commands that make the environment."
)
@click.option("--suggest-deps", is_flag=True, help="Say what the stages use and do not declare.")
@click.option("--write", is_flag=True, help="With --suggest-deps: add it to the dvc.yaml files.")
@options.repo
@options.as_json
def command(  # noqa: PLR0917 - one parameter an option
    base: str | None,
    head: str,
    merge_base: bool,
    prepare: str,
    suggest_deps: bool,
    write: bool,
    repo: Path,
    as_json: bool,
) -> None:
    """Say which models a change touches, and why.

    Reads Git objects only: no checkout, no data, no network. Ends with 0 whenever there is a
    plan, whatever it says. With --write the checkout is read and changed, whatever --head is.
    """
    if merge_base and base is None:
        raise click.UsageError("--merge-base needs --base REV")
    if write and not suggest_deps:
        raise click.UsageError("--write needs --suggest-deps")
    found = settings.read()
    repository = open_repository.repository(repo)
    plan = planning.run(
        repository=repository,
        ledger=wiring.ledger(repository, found),
        base=base,
        head=head,
        merge_base=merge_base,
        resolve_templates=wiring.resolve_templates,
        prepare=prepare,
    )
    if found.github_output is not None:
        outputs.append(found.github_output, _outputs(plan))
    suggested = suggested_deps.make(repository, head, write=write) if suggest_deps else None
    if as_json:
        more = {} if suggested is None else {"suggestions": dataclasses.asdict(suggested)}
        click.echo(terminal.document(json.dumps(document(plan) | more, indent=2)))
        return
    for line in [*lines(plan), *(suggested_deps.lines(suggested) if suggested else ())]:
        click.echo(line)


def _outputs(plan: Plan) -> dict[str, str]:
    """What the jobs that follow need: the matrix of trainings and what waits for the next run, who
    is judged, between which."""
    found = job_matrix.lay_out(plan)
    return {
        "train": json.dumps([job.entry for job in found.jobs]),
        "wait": " ".join(found.waiting),
        "judge": " ".join(job_matrix.judged(plan, found)),
        "base": plan.base or "",
        "head": plan.head,
    }


def document(plan: Plan) -> dict[str, object]:
    """The plan as `interlock/plan/v1`."""
    waiting = job_matrix.lay_out(plan).waiting
    return {"schema": "interlock/plan/v1", **dataclasses.asdict(plan), "waiting": waiting}


def lines(plan: Plan) -> list[str]:
    """The plan for people: one sentence a model, aligned, warnings below."""
    width = max((len(m.model) for m in plan.models), default=0)
    found = [line for m in plan.models for line in _lines(m, width)]
    found += [terminal.plain(f"{name}: no longer declared") for name in plan.removed]
    found += _waiting(job_matrix.lay_out(plan).waiting)
    return found or ["no model is declared"]


def _waiting(models: tuple[str, ...]) -> list[str]:
    if not models:
        return []
    names, verb = figures.listing(models), "waits" if len(models) == 1 else "wait"
    count = figures.count(len(models), "model")
    said = (
        f"{count} {verb} for the next run, as one run has at most {job_matrix.JOBS} training jobs"
    )
    return [terminal.plain(f"{said}, one a model: {names}")]


def _lines(model: ModelPlan, width: int) -> list[str]:
    decision = click.style(f"{model.decision.value:<10}", fg=_COLOURS[model.decision])
    indent = " " * (width + 13)
    found = [f"{model.model:<{width}}  {decision} {terminal.plain(model.sentence)}"]
    found += [f"{indent}cost: {terminal.plain(text)}" for text in _cost(model)]
    return found + [f"{indent}warning: {terminal.plain(text)}" for text in model.warnings]


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
    """Two digits at most: it is what trainings took before."""
    if minutes * 60 < 59.5:
        return figures.count(max(1, round(minutes * 60)), "second")
    text = f"{minutes:.2g}" if minutes < 9.95 else f"{minutes:,.0f}"
    return f"{text} minute{'' if text == '1' else 's'}"

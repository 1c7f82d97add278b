"""`interlock attest`: reads the job's event, attests one run, prints the result."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import click

from interlock import documents, errors, event_payload, settings, wiring
from interlock.cli import (
    attested_runs,
    open_ledger,
    open_repository,
    options,
    policy_values,
    terminal,
)
from interlock.commands import attest
from interlock.commands import plan as planning
from interlock.commands.attest import AttestContext, AttestOptions, AttestOutcome, AttestResult
from interlock.domain.access.event import Event, EventKind
from interlock.domain.basics import commit_ids
from interlock.domain.training.plan import Plan
from interlock.ports.git import Repository
from interlock.ports.ledger import Ledger
from interlock.services import default_branch_policy, snapshots
from interlock.settings import Settings
from interlock.wiring import tokens

SCHEMA = "interlock/attest/v1"
_SHA256 = re.compile("[0-9a-f]{64}")
_NOT_REQUIRED = "the policy requires no provenance: nothing is attested"


@click.command("attest")
@click.argument("model")
@click.option("--run", required=True, help="MLflow run of the candidate, an output of `train`.")
@click.option(
    "--digest", required=True, help="SHA-256 of its candidate.json, an output of `train`."
)
@options.revision(
    "Full id of the commit that was trained: with a key, and after a comment. Compared for other "
    "events.",
    default="",
)
@options.branch("Default branch, for example `main`.")
@options.repo
@options.as_json
def command(*, repo: Path, as_json: bool, **chosen: str) -> None:
    """Attest the run of a training with a token of GitHub.

    Outside of GitHub the key of INTERLOCK_KEY signs. Plans again from the event and Git, measures
    the files of the run, and stores the attestation with the run. No program of the repository
    runs.
    """
    attest_options = AttestOptions(**chosen)
    result = _run(repo, attest_options)
    if as_json:
        text = documents.text(_document(result, attest_options))
        click.echo(terminal.document(text), nl=False)
        return
    click.echo(terminal.plain(result.sentence))


def _run(repo: Path, chosen: AttestOptions) -> AttestResult:
    own, repository = settings.read(), open_repository.repository(repo)
    _require_names(chosen, has_key=own.key is not None)
    ledger = open_ledger.ledger(repository, own)
    default_branch_policy.refresh(repository, ledger, branch=chosen.branch)
    policy = default_branch_policy.read(repository, branch=chosen.branch).require()
    rules = tokens.find_rules(policy, own, branch=chosen.branch)
    if rules is None:
        return AttestResult(AttestOutcome.NOT_NEEDED, _NOT_REQUIRED)
    values = policy_values.read(own, repository, branch=chosen.branch)
    reader = snapshots.Reader(resolve_templates=wiring.resolve_templates)
    context = AttestContext(
        event=Event(EventKind.OTHER) if own.key else _event(own),
        sha="" if own.key else own.require("github_sha"),
        has_key=own.key is not None,
        plan=functools.partial(
            _plan, repository, ledger, reader=reader, prepare=values.prepare("")
        ),
        ledger=ledger,
        runs=wiring.runs(values.settings()),
        attested=functools.partial(attested_runs.make, rules, repository, reader),
        attestor=tokens.attestor(own, rules),
    )
    return attest.run(context, chosen)


def _require_names(chosen: AttestOptions, *, has_key: bool) -> None:
    """Raise BadInput for a digest, or a revision beside a key, that can be no whole one."""
    if not _SHA256.fullmatch(chosen.digest):
        raise errors.BadInput(
            f"--digest {chosen.digest!r} is not a SHA-256",
            hint="it has 64 hex digits: `digest` of `interlock train --json`",
        )
    if has_key and not commit_ids.WHOLE.fullmatch(chosen.revision):
        short = f"--rev {chosen.revision!r} is not a full commit id"
        raise errors.BadInput(
            short if chosen.revision else "--rev is missing: a key attests the commit it names",
            hint="give all digits of the trained commit: --rev $(git rev-parse HEAD)",
        )


def _event(own: Settings) -> Event:
    if not own.github_event_name or own.github_event_path is None:
        name = "GITHUB_EVENT_PATH" if own.github_event_name else "GITHUB_EVENT_NAME"
        raise errors.MissingSetting(
            f"{name} is not set",
            hint="attest in a job of a workflow, where GitHub sets it; outside of GitHub set "
            "INTERLOCK_KEY to the file of a key that the policy lists (interlock key FILE)",
        )
    return event_payload.read_file(own.github_event_path, name=own.github_event_name)


def _plan(
    repository: Repository,
    ledger: Ledger,
    base: str | None,
    head: str,
    *,
    reader: snapshots.Reader,
    prepare: str,
) -> Plan:
    return planning.run(
        planning.PlanContext(repository=repository, ledger=ledger, reader=reader),
        planning.PlanOptions(base=base, head=head, merge_base=base is not None, prepare=prepare),
    )


def _document(result: AttestResult, chosen: AttestOptions) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "model": chosen.model,
        "run": chosen.run,
        "outcome": result.outcome.value,
        "commit": result.commit,
        "merge": result.merge,
        "sentence": result.sentence,
    }

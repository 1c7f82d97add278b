"""GitHub's own engine finds in every workflow's `if:` what the table of trust says of the event."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from interlock import event_payload
from interlock.domain.access import permissions
from interlock.domain.access.event import Event, EventKind, PullRequest, RunEvent
from interlock.domain.access.permissions import JobKind, Trust
from tests.contract import github_events
from tests.contract.github_events import Delivery
from tests.contract.node_world import Expressions

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
PAGE = (ROOT / "docs" / "explanation" / "trust.md").read_text(encoding="utf-8")
# https://docs.github.com/en/rest/collaborators/collaborators: roles, and what apps are told
PERMISSIONS = {"admin": True, "maintain": True, "write": True, "triage": False, "read": False}


@dataclass(frozen=True)
class Case:
    """An event, how far it is trusted, and what the expressions of its run see.

    Where nobody commented, outputs of `command` that allow everything lie ready: to be ignored.
    """

    delivery: Delivery
    event: Event
    permission: str = "none"

    @property
    def trust(self) -> Trust:
        return permissions.trust_of(self.event, permission=self.permission)

    @property
    def contexts(self) -> dict[str, Any]:
        is_yes = PERMISSIONS.get(self.permission, self.event.kind is not EventKind.COMMENT)
        outputs = {job.value: str(is_yes).lower() for job in JobKind}
        return {"github": self.delivery.contexts(), "needs": {"command": {"outputs": outputs}}}


@functools.cache
def cases() -> tuple[Case, ...]:
    """Every event; a comment once for each permission that its author may have."""
    made: list[Case] = []
    sources = (github_events.published, github_events.derived, github_events.beyond_schemas)
    for delivery in itertools.chain.from_iterable(source() for source in sources):
        event = event_payload.read(delivery.name, json.dumps(delivery.payload).encode())
        levels = (*PERMISSIONS, "none") if event.kind is EventKind.COMMENT else ("none",)
        made += [Case(delivery, event, permission) for permission in levels]
    return tuple(made)


STARTED_BY = {
    "pull request": (EventKind.PULL_REQUEST, EventKind.MERGE_GROUP),
    "release": (EventKind.PUSH, EventKind.DISPATCH, EventKind.SCHEDULE),
    "command": (EventKind.COMMENT, EventKind.REVIEW),
    "ended run": (EventKind.RUN_ENDED,),
}


def test_condition__equals_the_table_for_every_event(expressions: Expressions) -> None:
    """And one that is made for some events is false for all the others."""
    everywhere = [permissions.condition(job) for job in JobKind]
    guarded = [job for job in JobKind if job is not JobKind.PLAN]
    narrowed = [(job, kinds) for kinds in STARTED_BY.values() for job in guarded]
    conditions = everywhere + [permissions.condition(job, events=kinds) for job, kinds in narrowed]
    counts: Counter[Trust] = Counter()
    for case in cases():
        results = expressions.hold(conditions, contexts=case.contexts)
        may = {job: permissions.may(case.trust, job) for job in JobKind}
        expected = [*may.values(), *(case.event.kind in ks and may[job] for job, ks in narrowed)]
        assert results == expected, (case.delivery.place, case.permission)
        counts[case.trust] += 1
    print(
        f"{len(cases())} events and permissions x {len(conditions)} conditions; trusted as {counts}"
    )
    assert len(cases()) == 277 + 237 + 5 + 8 * 5
    assert set(counts) == set(Trust)
    assert {case.event.kind for case in cases()} == set(EventKind)


def test_left_to_report__runs_that_cannot_report(expressions: Expressions) -> None:
    counts: Counter[bool] = Counter()
    for case in cases():
        run = case.event.run
        if run is None:
            continue
        (is_left,) = expressions.hold([permissions.LEFT_TO_REPORT], contexts=case.contexts)
        itself = _event_of_the_run(run, repository=case.event.repository)
        on_a_pull_request = run.event == "pull_request"
        assert is_left == (
            on_a_pull_request and not permissions.may(permissions.trust_of(itself), JobKind.REPORT)
        )
        counts[is_left] += 1
    assert counts == {True: 8, False: 8}


def _event_of_the_run(run: RunEvent, *, repository: str) -> Event:
    """The pull request that started it, as far as it is known."""
    base = replace(run.head, repository=repository)
    pull = PullRequest(number=1, author=run.actor, head=run.head, base=base)
    return Event(EventKind.PULL_REQUEST, repository=repository, sender=run.actor, pull=pull)


def test_left_to_report__a_run_of_a_deleted_fork(expressions: Expressions) -> None:
    ended = {"event": "pull_request", "head_repository": None, "actor": {"login": "mallory"}}
    github = {"repository": "acme/models", "event": {"workflow_run": ended}}
    assert expressions.hold([permissions.LEFT_TO_REPORT], contexts={"github": github}) == [True]


# The page


def test_page__has_the_table() -> None:
    table = PAGE.partition("<!-- table of trust -->\n")[2].partition("\n\n")[0]
    head, _, *rows = ([c.strip(" `") for c in r.strip("|").split("|")] for r in table.splitlines())
    documented = {
        Trust(row[0]): frozenset(
            JobKind(job) for job, c in zip(head[1:], row[1:], strict=True) if c
        )
        for row in rows
    }
    assert documented == permissions.TABLE


def test_page__has_the_conditions() -> None:
    block = r"<!-- condition: ([a-z ]+) on ([a-z_ ]+) -->\n```yaml\n([^`]*)```"
    conditions = re.findall(block, PAGE)
    assert len(conditions) == PAGE.count("<!-- condition:") == 6
    for jobs, names, text in conditions:
        kinds = [EventKind(name) for name in names.split()]
        for job in jobs.split():
            assert yaml.safe_load(text)["if"] == permissions.condition(JobKind(job), events=kinds)
    (left,) = re.findall(r"<!-- left to report -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert yaml.safe_load(left)["if"] == permissions.LEFT_TO_REPORT

"""A pull request over a scene: planned, judged by decree, merged and promoted, and reported on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from interlock import documents, rendering
from interlock.commands import plan as planning
from interlock.commands import report as reporting
from interlock.commands.report import ReportContext, ReportOptions, ReportResult
from interlock.domain.evaluation.verdict import Outcome, Verdict
from interlock.domain.model.evidence import Attempt, Candidate
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.domain.reporting.model_status import ModelStatus
from interlock.ledger import lookup
from interlock.ports.comments import Comments
from interlock.ports.github import Check, Pull
from tests.fakes.github import FakeGitHub, Hub
from tests.fakes.ledger import FakeLedger
from tests.fakes.scene import Scene, run

REPOSITORY = "acme/models"
LOCK = "model-manifests/digits/dvc.lock"
ENTRY: dict[str, Any] = {
    "cmd": "python train.py",
    "deps": [{"path": "train.py", "hash": "md5", "md5": "0" * 32, "size": 8}],
    "params": {"params.yaml": {"train.c": 2.0}},
    "outs": [{"path": "model", "hash": "md5", "md5": "1" * 32 + ".dir", "size": 32, "nfiles": 1}],
}
LINKS = rendering.RecordLinks(ledger_branch="interlock-ledger", plots="../blob/")


@dataclass
class LockedScene(Scene):
    """Its candidates name lock files."""

    locks: dict[str, Any] = field(default_factory=lambda: {LOCK: {"train": ENTRY}})

    def train(self, revision: str, *, model: str = "digits") -> Candidate:
        return dataclasses.replace(super().train(revision, model=model), lock=self.locks)


@dataclass
class Stage:
    """Version 1 of digits is served from main, and pull request 1 is open from `better`."""

    scene: LockedScene
    ledger: FakeLedger = field(default_factory=FakeLedger)
    hub: Hub = field(default_factory=Hub)

    def __post_init__(self) -> None:
        self.github = FakeGitHub(self.hub)
        self.promotions = 0

    def git(self, *arguments: str) -> str:
        return run(self.scene.checkout, *arguments)

    def origin(self, ref: str) -> str:
        return self.git("ls-remote", "origin", ref).split("\t")[0]

    def serve_first(self) -> str:
        base = self.scene.commit(1.0)
        self.scene.judge(base, self.ledger)
        self.promote(base)
        return base

    def branch(self, c: float = 2.0) -> str:
        self.git("switch", "--quiet", "--create", "better")
        return self.push(c)

    def push(self, c: float) -> str:
        head = self.scene.commit(c, push=False)
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/better")
        return head

    def pull(self, **changes: Any) -> Pull:
        base = self.origin("refs/heads/main")
        pull = Pull(
            number=1,
            title="Better parameters",
            body="",
            author="octocat",
            state="open",
            head_sha=self.origin("refs/heads/better"),
            head_ref="better",
            head_repository=REPOSITORY,
            base_ref="main",
            base_sha=base,
            base_repository=REPOSITORY,
        )
        return dataclasses.replace(pull, **changes)

    def merge(self) -> Pull:
        """Squash, as people mostly do."""
        before = self.pull()
        self.git("fetch", "--quiet", "origin")
        self.git("switch", "--quiet", "main")
        self.git("merge", "--quiet", "--squash", "origin/better")
        self.git("commit", "--quiet", "--message", "Better parameters (#1)")
        self.git("push", "--quiet", "origin", "main")
        merge = self.git("rev-parse", "HEAD")
        return dataclasses.replace(before, state="closed", merged=True, merge_commit_sha=merge)

    def judge(self, revision: str, outcome: Outcome = Outcome.PASS) -> Verdict:
        return self.scene.judge(revision, self.ledger, outcome=outcome)

    def promote(
        self, revision: str, *, kind: PromotionKind = PromotionKind.PROMOTION, version: int = 0
    ) -> Promotion:
        candidate = self.scene.train(revision)
        served = lookup.champion(self.ledger, model="digits")
        self.promotions += 1
        done = Promotion(
            model="digits",
            kind=kind,
            phase=Phase.DONE,
            fingerprint=candidate.fingerprint,
            revision=revision,
            position=self.scene.repository.position(revision),
            run_id=candidate.run_id,
            sha256=candidate.model.sha256,
            registry_name="digits",
            environments=("staging", "production"),
            at="2030-01-01T00:00:00+00:00",
            version=version or self.promotions,
            replaces=served.fingerprint if served else None,
        )
        self.ledger.append({lookup.path_of(done): documents.dump(done)}, message="Done")
        return done

    def fail(self, revision: str) -> None:
        fingerprint = self.scene.fingerprint(revision)
        attempt = Attempt(
            "digits", fingerprint, revision, "run-1", "python train.py ended with 1", "boom", 1.0
        )
        self.ledger.append({lookup.path_of(attempt): documents.dump(attempt)}, message="Attempt")

    def report(
        self,
        pull: Pull | None = None,
        *,
        plan: Any = None,
        dry_run: bool = False,
        no_lock: bool = False,
        is_workflow_token: bool = False,
        cml: Callable[[], Comments] | None = None,
        waiting: frozenset[str] = frozenset(),
    ) -> ReportResult:
        pull = pull or self.pull()
        repository = self.scene.repository
        repository.fetch("+refs/heads/*:refs/remotes/origin/*")
        context = ReportContext(
            repository=repository, ledger=self.ledger, github=self.github, cml=cml
        )
        options = ReportOptions(
            plan=plan or self.plan(pull),
            pull=pull,
            links=LINKS,
            dry_run=dry_run,
            no_lock=no_lock,
            is_workflow_token=is_workflow_token,
            waiting=waiting,
        )
        reporting.refresh(context, branch=options.branch)
        return reporting.run(context, options)

    def plan(self, pull: Pull) -> Any:
        self.ledger.refresh()
        return planning.run(
            planning.PlanContext(repository=self.scene.repository, ledger=self.ledger),
            planning.PlanOptions(
                base=reporting.base_of(self.scene.repository, pull),
                head=pull.head_sha,
                merge_base=True,
            ),
        )

    def status(self, pull: Pull | None = None) -> ModelStatus:
        (status,) = self.report(pull).report.models
        return status

    def comment(self) -> str:
        ((_, body),) = self.hub.comments[1]
        return body

    def check(self, sha: str) -> Check:
        (check,) = [c for c in self.hub.checks if c.head_sha == sha]
        return check

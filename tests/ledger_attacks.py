"""A ledger at origin, jobs that write to it with tokens, and Mallory, who may push to it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.adapters import git
from interlock.adapters.ledger import GitLedger
from interlock.domain.provenance import acceptance, attestation, record_content
from interlock.domain.provenance.attestation import Attestation
from interlock.domain.provenance.token_rules import TokenRules
from interlock.ports.ledger import Ledger
from interlock.ports.provenance import LedgerProvenance, TokenReader
from tests.fakes import issuer

BRANCH = "refs/heads/interlock-ledger"
BEGIN = "1970-01-02T00:00:00+00:00"
AREAS = ("acceptances", "evidence", "holds", "promotions")
EVIDENCE, HOLD, PROMOTION = (f"interlock/{kind}/v1" for kind in ("evidence", "hold", "promotion"))
FIRST, INTENT = "evidence/digits/aaaa.json", "promotions/digits/00000001-aaaa-intent.json"
FREE = "evidence/digits/bbbb.json"

Sign = Callable[[Mapping[str, Any]], str]
"""Signs any claims with the key of the issuer."""


@dataclass(frozen=True)
class Signed:
    """An attestor whose tokens have any claims."""

    sign: Sign
    claims: Mapping[str, Any]

    def attest(self, document: Mapping[str, Any]) -> Attestation:
        claims = {**self.claims, "aud": attestation.audience(document)}
        return Attestation(self.sign(claims), document, {"kid": "planted"})


@dataclass(frozen=True)
class World:
    """`forge` signs with the key of another issuer."""

    folder: Path
    sign: Sign
    forge: Sign
    rules: TokenRules
    reader: Callable[[], TokenReader]

    @property
    def origin(self) -> Path:
        return self.folder / "origin.git"

    def start(self) -> None:
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        run(self.origin, "config", "uploadpack.allowFilter", "true")
        run(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")

    def git(self, *arguments: str) -> str:
        return run(self.folder, *arguments)

    def claims(self, verb: str, **other: Any) -> dict[str, Any]:
        return issuer.payload(verb, **{"iss": self.rules.issuer, **other})

    def provenance(self, verb: str, *, since: str = "", **claims: Any) -> LedgerProvenance:
        own = Signed(self.sign, self.claims(verb, **claims))
        return LedgerProvenance(rules=self.rules, reader=self.reader(), attestor=own, since=since)

    def ledger(
        self, verb: str = "promote", *, clone: str = "", with_shown: bool = False, **more: Any
    ) -> GitLedger:
        """The ledger as a job of models-<verb>.yml has it, of origin itself or in a new clone."""
        place = self.origin
        if clone:
            flags = ("--filter=blob:none",) if clone == "partial" else ()
            place = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
            self.git("clone", "--quiet", *flags, self.origin.as_uri(), str(place))
        provenance = self.provenance(verb, **more)
        ledger = GitLedger(
            git.open_repository(place),
            pause=lambda _: None,
            provenance=lambda: provenance,
            with_shown=with_shown,
        )
        ledger.refresh()
        return ledger

    def plain(self) -> GitLedger:
        """The ledger as all read it before provenance."""
        return GitLedger(git.open_repository(self.origin))

    @property
    def head(self) -> str | None:
        return git.open_repository(self.origin).find_ref(BRANCH)

    def commit(
        self, files: Mapping[str, bytes], *, over: str | None, removed: Iterable[str] = ()
    ) -> str:
        repository = git.open_repository(self.origin)
        return repository.commit(over, files, message="Mallory", removed=removed)

    def push(self, files: Mapping[str, bytes], *, removed: Iterable[str] = ()) -> str:
        """Push a commit by hand, over the head."""
        made = self.commit(files, over=self.head, removed=removed)
        self.move(made)
        return made

    def merge(self, tree: str, *parents: str) -> str:
        """Push a merge commit with the tree of one of its parents."""
        words = [word for parent in parents for word in ("-p", parent)]
        made = run(self.origin, "commit-tree", f"{tree}^{{tree}}", *words, "-m", "Merge")
        self.move(made)
        return made

    def move(self, commit: str) -> None:
        run(self.origin, "update-ref", BRANCH, commit)

    def push_attested(
        self, files: Mapping[str, bytes], sign: Sign, claims: Mapping[str, Any]
    ) -> None:
        """Push files with an attestation that covers them, over the head."""
        described = {path: record_content.describe(data) for path, data in files.items()}
        made = Signed(sign, claims).attest(acceptance.subject(self.head, described))
        self.push({**files, acceptance.path_of(self.head): attestation.text(made).encode()})

    def write_honest(self) -> None:
        """Evidence, and a promotion that depends on it."""
        self.ledger("evaluate").append({FIRST: {"schema": EVIDENCE, "by": "job"}}, message="One")
        self.ledger("promote").append({INTENT: {"schema": PROMOTION, "by": "job"}}, message="Two")

    def junk(self, kind: str = EVIDENCE, **more: Any) -> bytes:
        document = {"schema": kind, "by": "mallory", "previous": self.head, **more}
        return json.dumps(document).encode()

    def other_repository(self) -> dict[str, Any]:
        return self.claims("evaluate", repository_id="43")


def state(ledger: Ledger) -> dict[str, Any]:
    """All that verbs read, without the commits."""
    paths = [path for area in AREAS for path in ledger.list(area)]
    names = {area: ledger.children(area) for area in (*AREAS, "evidence/digits", "holds/digits")}
    earlier = ledger.earlier(dict.fromkeys(paths, paths))
    return {
        "records": dict(ledger.read_many(paths)),
        "single": {path: ledger.read(path) for path in paths},
        "names": names,
        "earlier": {path: sorted(before) for path, before in earlier.items()},
        "added": [p for p in ledger.added(since=BEGIN) if p.startswith(AREAS)],
    }


def run(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=Mallory", "-c", "user.email=mallory@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *named, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def in_memory(folder: Path) -> World:
    """Tokens of the issuer in memory."""

    def signer(secret: str) -> Sign:
        github = issuer.FakeIssuer(secret=secret)
        return github.sign

    reader = issuer.FakeIssuer()
    made = World(folder, signer("issuer"), signer("forger"), issuer.RULES, lambda: reader)
    made.start()
    return made


def rules_of(url: str) -> TokenRules:
    return dataclasses.replace(issuer.RULES, issuer=url)

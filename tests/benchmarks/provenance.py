"""The verbs of one pull request with `provenance: required`, beside the same with `none`:
`python -m tests.benchmarks.provenance [--small]`."""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interlock.adapters.mlflow import client
from tests import pull_jobs
from tests.benchmarks import table
from tests.benchmarks.table import Row
from tests.pull_jobs import Jobs

VERBS = ("evaluate", "report", "plan")
_PROGRAM = Path(sys.executable).with_name("interlock")


@dataclass
class Side:
    """One policy. `requests` are those of the first run of each verb, as method and path, without
    Git's; `seconds` those of each run."""

    jobs: Jobs
    head: str
    requests: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def run(self) -> None:
        """Run the verbs of a pull request whose model is trained. The ledger is empty before, and
        the last verb plans with the evidence of the first."""
        repo = self.jobs.repo
        for place in (".", "origin"):
            for ref in repo.git("ls-remote", place, "*/interlock-ledger").split()[1::2]:
                repo.git("push", "--quiet", place, f":{ref}")
        for verb, arguments in self._arguments().items():
            self.jobs.origin.hub.reset_counts()
            began = time.perf_counter()
            done = self.jobs.call(verb, *arguments, at=repo.root, variables=self._job(verb))
            self.seconds.setdefault(verb, []).append(time.perf_counter() - began)
            if done.returncode:
                raise AssertionError(done.stderr)
            self.requests.setdefault(verb, self._requests())

    def _arguments(self) -> Mapping[str, tuple[str, ...]]:
        number = str(self.jobs.event.payload["pull_request"]["number"])
        return {
            "evaluate": ("--rev", self.head, "--base", "origin/main"),
            "report": ("--pull", number),
            "plan": ("--base", "origin/main", "--head", self.head, "--merge-base"),
        }

    def _job(self, verb: str) -> dict[str, str]:
        variables = dict(self.jobs.request(verb).variables)
        has_token = verb == "evaluate"
        own = {n: v for n, v in variables.items() if has_token or not n.startswith("ACTIONS_ID")}
        origin = self.jobs.origin
        return {"GITHUB_TOKEN": origin.token, "GITHUB_API_URL": f"{origin.url}/api", **own}

    def _requests(self) -> list[str]:
        made = self.jobs.origin.hub.requests
        return [f"{method} {path}" for method, path, _ in made if ".git/" not in path]


def api_calls(side: Side, verb: str) -> int:
    """The requests of a verb to GitHub's REST API; the issuer's addresses are not part of it."""
    return sum(" /api" in each for each in side.requests[verb])


@contextlib.contextmanager
def sides(folder: Path, *, program: Path = _PROGRAM) -> Iterator[tuple[Side, Side]]:
    """Serve the pull request with `required` and with `none`, trained and attested."""
    with contextlib.ExitStack() as stack:
        made = []
        for mode in ("required", "none"):
            place = folder / mode
            place.mkdir()
            uri = f"sqlite:///{place / 'mlflow.db'}"
            client.Connection(uri, deadline_seconds=120).open()
            served = pull_jobs.serve(place, program=program, uri=uri, provenance=mode)
            made.append(_trained(stack.enter_context(served)))
        required, none = made
        yield required, none


def _trained(jobs: Jobs) -> Side:
    head = jobs.open_pull()
    outputs = jobs.train(head)
    named = ("tiny", "--run", outputs["run"], "--digest", outputs["digest"])
    access = jobs.request("train")
    done = jobs.call("attest", *named, at=jobs.bare("attesting"), variables=access.variables)
    if done.returncode:
        raise AssertionError(done.stderr)
    return Side(jobs, head)


def rows(*, small: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, sides(Path(folder)) as (required, none):
        for _ in range(1 if small else 3):
            required.run()
            none.run()
        for verb in VERBS:
            yield from _rows(verb, required, none)


def _rows(verb: str, required: Side, none: Side) -> Iterator[Row]:
    name = f"{verb}, provenance: required"
    ours, peer = api_calls(required, verb), api_calls(none, verb)
    yield Row(
        name=f"{name}, API calls", ours=ours, peer=peer, peer_name="none", limit=peer + 2, unit=""
    )
    issuer = len(required.requests[verb]) - ours
    yield Row(name=f"{name}, requests to the issuer", ours=issuer, limit=3, unit="")
    ours_s, peer_s = (statistics.median(side.seconds[verb]) for side in (required, none))
    yield Row(name=name, ours=ours_s, peer=peer_s, peer_name="none", limit=peer_s + 1)
    pairs = zip(required.seconds[verb], none.seconds[verb], strict=True)
    more = statistics.median(a - b for a, b in pairs)
    yield Row(name=f"{name}, more seconds in pairs", ours=more, limit=1)


if __name__ == "__main__":
    print(table.text(rows(small="--small" in sys.argv)))

"""A ledger with years of records, one commit per act: `python -m tests.benchmarks.generated_ledger
FOLDER`.

The records are valid: `interlock ledger verify` accepts the whole history. One model has one window
a day, and its promotions at equal distances.
"""

from __future__ import annotations

import argparse
import atexit
import functools
import hashlib
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from interlock import documents, json_documents
from interlock.domain.basics import timestamps
from interlock.domain.drift.status import DriftStatus
from interlock.domain.evaluation.verdict import Finding, Outcome, Verdict
from interlock.domain.model.evidence import Artifact, Candidate, Evidence, Rows, RunFacts
from interlock.domain.model.lineage import Lineage
from interlock.domain.model.manifest import GateRule
from interlock.domain.monitoring.monitoring_records import (
    Cause,
    ColumnReport,
    Diagnosis,
    DriftReport,
    Remedy,
    Share,
)
from interlock.domain.promotion.promotion import Phase, Promotion, PromotionKind
from interlock.ledger import records

BRANCH = "interlock-ledger"
UNTIL = 1_922_313_600
"""2030-12-01, the end of the last window."""
_CALM = Diagnosis(Cause.NONE, Remedy.NOTHING, 0.0, (), "no column moved")
_SHARES = ("below 20", "20 to 40", "40 to 60", "60 and above")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`columns` is the number of compared columns in each window."""

    models: int = 100
    days: int = 5 * 365
    promotions: int = 5_000
    columns: int = 8

    def name(self, number: int) -> str:
        return f"model-{number:04d}"


FULL = Size()
SMALL = Size(models=5, days=30, promotions=15)


def make(folder: Path, size: Size, *, until: int = UNTIL) -> Path:
    """Create a bare repository with the branch of the ledger, and return its path.

    The history is written once in a process; each repository is a copy.
    """
    source, place = _original(size, until), folder / "ledger.git"
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--bare", "--quiet", str(source), str(place)], check=True)
    return place


@functools.cache
def _original(size: Size, until: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="interlock-ledger-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place = folder / "ledger.git"
    head = f"--initial-branch={BRANCH}"
    subprocess.run(["git", "init", "--bare", "--quiet", head, str(place)], check=True)
    with _Writer(place) as writer:
        for at, noun in _acts(size, until):
            writer.write(noun, at)
    return place


def _acts(size: Size, until: int) -> Iterator[tuple[int, object]]:
    """Yield every record of all models with its time in seconds, in order."""
    drawn = random.Random(7)
    begun, promoted = [0] * size.models, 0
    for day in range(size.days):
        end = until - (size.days - 1 - day) * timestamps.DAY_SECONDS
        while promoted * size.days < size.promotions * (day + 1) and promoted < size.promotions:
            number = promoted % size.models
            for noun in _promotion(size.name(number), begun[number], promoted + 1, end):
                yield end, noun
            begun[number] += 1
            promoted += 1
        for number in range(size.models):
            yield end + 3600, _window(size, number, begun[number], end, drawn)


def _promotion(model: str, number: int, position: int, at: int) -> Iterator[object]:
    """Yield evidence, verdict, intent and outcome of a model's next version."""
    fingerprint = fingerprint_of(model, number)
    before = fingerprint_of(model, number - 1) if number else None
    intent = Promotion(
        model=model,
        kind=PromotionKind.PROMOTION,
        phase=Phase.INTENT,
        fingerprint=fingerprint,
        revision=f"{position:040x}",
        position=position,
        run_id=fingerprint[:32],
        sha256=fingerprint[::-1],
        registry_name=model,
        environments=("staging", "production"),
        at=timestamps.write(at),
        replaces=before,
    )
    yield _evidence(intent)
    yield _verdict(intent)
    yield intent
    yield replace(intent, phase=Phase.DONE, version=number + 1)


def fingerprint_of(model: str, number: int) -> str:
    """Return the fingerprint of a model's version; the first has number 0."""
    return hashlib.sha256(f"{model} {number}".encode()).hexdigest()


def _evidence(intent: Promotion) -> Evidence:
    model = Artifact(intent.artifact, intent.sha256, 1_240_000)
    predictions = Artifact("predictions.parquet", intent.fingerprint, 41_000)
    candidate = Candidate(
        name=intent.model,
        fingerprint=intent.fingerprint,
        revision=intent.revision,
        run_id=intent.run_id,
        lineage=Lineage(intent.model, (), ()),
        model=model,
        predictions=predictions,
        files=(),
        facts=RunFacts(612.5, peak_memory_bytes=3 * 10**9, gpu="H100", cost=0.42, currency="EUR"),
    )
    return Evidence(candidate, Rows(899, "0" * 64), {"f1_macro": 0.985, "accuracy": 0.987})


def _verdict(intent: Promotion) -> Verdict:
    rule = GateRule("f1_macro", min=0.9)
    sentence = "f1_macro is 0.985, and at least 0.9 is required"
    finding = Finding(rule, Outcome.PASS, 0.985, "at least 0.9", sentence)
    return Verdict(
        key=hashlib.sha256(intent.fingerprint.encode()).hexdigest(),
        model=intent.model,
        fingerprint=intent.fingerprint,
        revision=intent.revision,
        outcome=Outcome.PASS,
        sentence="every gate passed",
        findings=(finding,),
        comparisons=(),
        champion=intent.replaces,
    )


def _window(size: Size, number: int, begun: int, end: int, drawn: random.Random) -> DriftReport:
    model = size.name(number)
    columns = tuple(_column(f"column_{each}", drawn) for each in range(size.columns))
    return DriftReport(
        model=model,
        start=timestamps.write(end - timestamps.DAY_SECONDS),
        end=timestamps.write(end),
        rows=2_400,
        verdict=DriftStatus.STABLE,
        reference=fingerprint_of(model, max(begun - 1, 0)),
        reference_rows=899,
        diagnosis=_CALM,
        at=timestamps.write(end + 3600),
        columns=columns,
        version=max(begun, 1),
        compared=f"{size.columns} of {size.columns} columns",
    )


def _column(name: str, drawn: random.Random) -> ColumnReport:
    effect = round(drawn.random() / 10, 6)
    shares = tuple(Share(label, 0.25, round(drawn.random() / 2, 6)) for label in _SHARES)
    statistics = {"effect": effect, "psi": round(4 * effect * effect, 8)}
    return ColumnReport(
        name, "number", DriftStatus.STABLE, f"{name} is as before", statistics, 0.1, shares
    )


class _Writer:
    """Writes one commit per record with one `git fast-import`; each record names its parent."""

    def __init__(self, place: Path) -> None:
        self._process = subprocess.Popen(
            ["git", "-C", str(place), "fast-import", "--quiet", "--force"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._head: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _, _ = self._process.communicate()
        if error is None and self._process.returncode:
            raise subprocess.CalledProcessError(self._process.returncode, "git fast-import")

    def write(self, noun: object, at: int) -> None:
        path = records.path_of(noun)
        document = json_documents.dump(noun, schema=records.RECORDS[type(noun)].schema)
        self._commit(path, {**document, "previous": self._head}, at)

    def _commit(self, path: str, document: Mapping[str, Any], at: int) -> None:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        data, message = documents.text(document).encode(), f"Add {path}\n".encode()
        lines = (
            f"commit refs/heads/{BRANCH}\nmark :1\n",
            f"committer interlock <interlock@users.noreply.github.com> {at} +0000\n",
            f"data {len(message)}\n",
        )
        stdin.write("".join(lines).encode() + message)
        # Without `from` the parent is the last commit of the branch.
        stdin.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data)
        stdin.write(b"\nget-mark :1\n")
        stdin.flush()
        self._head = stdout.readline().decode().strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=int, default=FULL.models)
    parser.add_argument("--days", type=int, default=FULL.days)
    parser.add_argument("--promotions", type=int, default=FULL.promotions)
    wanted = parser.parse_args()
    size = Size(models=wanted.models, days=wanted.days, promotions=wanted.promotions)
    print(make(wanted.folder, size))


if __name__ == "__main__":
    main()

"""The folded sections of a model: data, plots, lineage, cost, reproduction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from interlock.domain.basics import figures
from interlock.domain.evaluation.chart_data import Charts
from interlock.domain.model.evidence import Evidence
from interlock.domain.model.lineage import Input, InputKind
from interlock.domain.reporting.model_status import ModelStatus
from interlock.rendering import escape, gpu_costs, lineage, sentences
from interlock.rendering.budget import Section
from interlock.rendering.environment import render
from interlock.rendering.sections import capped, optional

_MANY, _SOME, _FEW = 100, 25, 5


@dataclass(frozen=True, slots=True)
class _DataRow:
    path: str
    rows_before: int | None
    rows_after: int | None
    size_before: int | None
    size_after: int | None


def data(status: ModelStatus) -> Section | None:
    """Rows and size of changed data, of the champion and of the candidate."""
    paths = {c.path for c in status.facts.plan.reasons if c.kind is InputKind.DATA}
    before, after = _data(status.champion), _data(status.facts.evidence)
    rows = [_row(path, before.get(path), after.get(path)) for path in sorted(paths)]
    if not any(path in before or path in after for path in paths):
        return None
    variants = capped("data.md.j2", (_MANY, _SOME, _FEW), len(rows), rows=rows)
    return optional("data", 49, variants)


def _data(evidence: Evidence | None) -> dict[str, Input]:
    inputs = evidence.candidate.lineage.inputs if evidence else ()
    return {i.path: i for i in inputs if i.kind is InputKind.DATA}


def _row(path: str, before: Input | None, after: Input | None) -> _DataRow:
    return _DataRow(
        path=path,
        rows_before=before.rows if before else None,
        rows_after=after.rows if after else None,
        size_before=before.size_bytes if before else None,
        size_after=after.size_bytes if after else None,
    )


def plots(status: ModelStatus, url: Callable[[str], str]) -> Section | None:
    """The stored plots: Interlock's own, then those that the pipeline declares, and the reasons why
    declared plots are not shown. A plot without a `url` of its path is not shown."""
    pictures = (status.verdict.pictures if status.verdict else {}) or _pictures(status)
    unshown = status.verdict.unshown if status.verdict else {}
    shown = [
        (name, "" if name in _OURS else name, url(path))
        for name, path in sorted(pictures.items(), key=lambda each: (each[0] not in _OURS, each))
        if url(path)
    ]
    if not shown and not unshown:
        return None
    lost = sorted(unshown.items())
    count = len(shown) + len(lost)
    return optional("plots", 45, capped("plots.md.j2", (24, 8, 3), count, plots=shown, lost=lost))


_OURS = frozenset(field.name for field in fields(Charts))


def _pictures(status: ModelStatus) -> Mapping[str, str]:
    return status.facts.evidence.pictures if status.facts.evidence else {}


def cost(status: ModelStatus) -> Section | None:
    evidence = status.facts.evidence
    if evidence is None:
        return None
    champion = status.champion
    heading = sentences.version(status.champion_version) if champion else ""
    rows = [(name, text(evidence), text(champion) if champion else "") for name, text in _COSTS]
    known = [row for row in rows if row[1] or row[2]]
    return optional("cost", 30, (render("cost.md.j2", rows=known, heading=heading),))


def _known_size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else figures.size(size_bytes)


def _money(evidence: Evidence) -> str:
    facts = evidence.candidate.facts
    return "" if facts.cost is None else f"{facts.cost:,.4f} {facts.currency}".strip()


def _python(evidence: Evidence) -> str:
    facts = evidence.candidate.facts
    return facts.python or (f"unknown for {facts.program}" if facts.program else "")


_COSTS: tuple[tuple[str, Callable[[Evidence], str]], ...] = (
    ("training time", lambda e: figures.duration(e.candidate.facts.seconds)),
    ("peak memory", lambda e: _known_size(e.candidate.facts.peak_memory_bytes)),
    ("attempts", gpu_costs.attempts),
    ("GPU time", gpu_costs.time),
    ("GPU memory", gpu_costs.memory),
    ("energy", gpu_costs.energy),
    ("cost", _money),
    ("model", lambda e: figures.size(e.candidate.model.size_bytes)),
    ("rows evaluated", lambda e: "" if e.rows is None else f"{e.rows.count:,}"),
    ("Python", _python),
    ("platform", lambda e: e.candidate.facts.platform),
    ("processor", lambda e: e.candidate.facts.cpu),
    ("GPU", lambda e: " ".join(filter(None, (e.candidate.facts.gpu, e.candidate.facts.driver)))),
)


def reproduce(status: ModelStatus, *, branch: str) -> Section | None:
    """Commands that train the same model again, and the path of its record."""
    evidence = status.facts.evidence
    if evidence is None:
        return None
    candidate = evidence.candidate
    revision = escape.argument(candidate.revision)
    commands = [
        f"git fetch origin {revision} && git switch --detach {revision}",
        f"interlock train {escape.argument(candidate.name)} --rev {revision} --force",
    ]
    if status.facts.manifest is not None:
        pipeline = status.facts.manifest.pipeline
        target = escape.argument(f"{pipeline.file}:{pipeline.target}")
        commands.append(f"dvc repro --pull {target}  # or with DVC only")
    text = render(
        "reproduce.md.j2",
        commands=escape.script(commands),
        candidate=candidate,
        record=status.facts.record,
        branch=branch,
        origin=evidence.origin,
    )
    return optional("reproduction", 40, (text,))


def graph(status: ModelStatus) -> Section | None:
    evidence = status.facts.evidence
    if evidence is None or not evidence.candidate.lineage.inputs:
        return None
    lineage_of_model = evidence.candidate.lineage
    changed = frozenset((c.kind.value, c.path, c.name) for c in status.facts.plan.reasons)
    folder = status.facts.plan.manifest.rpartition("/")[0]
    ends_in = f"{status.model} {figures.short(evidence.candidate.fingerprint)}"
    variants = tuple(
        render(
            "lineage.md.j2",
            lineage=lineage_of_model,
            diagram=lineage.diagram(
                lineage_of_model, changed=changed, folder=folder, ends_in=ends_in, most=most // 3
            ),
            listing=lineage.listing(lineage_of_model, changed=changed, most=most),
        )
        for most in (90, *(cap for cap in (30, 6) if cap < len(lineage_of_model.inputs)))
    )
    return optional("lineage", 20, variants)

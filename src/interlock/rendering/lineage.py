"""A model's inputs as a Mermaid flowchart and as text; changes are marked in both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.model.lineage import Input, InputKind, Lineage
from interlock.rendering import escape
from interlock.rendering.escape import Markdown

Key = tuple[str, str, str]
_MOST_ARROWS = 400
"""Mermaid draws 500 (`maxEdges`, https://mermaid.js.org/config/schema-docs/config.html)."""


def diagram(
    lineage: Lineage, *, changed: Collection[Key], folder: str, ends_in: str, most: int
) -> Markdown:
    """A flowchart: a box for each file and kind, at the stages that declare it, to the model.

    Inputs that no stage declares (the environment, the manifest) point to all stages. Paths are
    relative to the model's `folder`, so that boxes stay narrow. Empty if Mermaid would not draw so
    many arrows.
    """
    stages = lineage.stages or ("train",)
    names = {stage: f"s{i}" for i, stage in enumerate(stages)}
    whole = "p" if len(stages) > 1 else "s0"
    boxes = _boxes(lineage, changed=changed, folder=folder, most=most)
    lines, arrows = [], []
    for i, box in enumerate(boxes):
        mark = ":::changed" if box.is_changed else ""
        lines.append(f'  i{i}["{escape.label(box.text)}"]{mark}')
        goals = [names[reader] for reader in box.readers if reader in names]
        arrows += [f"  i{i} --> {goal}" for goal in ([whole] if box.is_for_all else goals)]
    arrows += [f"  {names[a]} --> {names[b]}" for a, b in lineage.edges if {a, b} <= names.keys()]
    arrows.append(f'  {names[stages[-1]]} --> m[["{escape.label(ends_in)}"]]')
    if len(arrows) > _MOST_ARROWS:
        return Markdown("")
    body = [*lines, *_pipeline(names, folder=folder), *arrows]
    text = "\n".join(["flowchart LR", *body, "  classDef changed stroke-width:3px"])
    return Markdown(f"```mermaid\n{text}\n```")


def _pipeline(names: Mapping[str, str], *, folder: str) -> list[str]:
    """The stages; more than one are in a frame, so that an arrow can point to all."""
    boxes = [f'{i}(["{escape.label(_near(stage, folder))}"])' for stage, i in names.items()]
    if len(boxes) == 1:
        return [f"  {boxes[0]}"]
    return ['  subgraph p["pipeline"]', *(f"    {box}" for box in boxes), "  end"]


def listing(lineage: Lineage, *, changed: Collection[Key], most: int) -> Markdown:
    """The inputs as text, one per line, with `*` before changed ones."""
    # Changed inputs come first, so that a shortened list still has them.
    inputs = sorted(lineage.inputs, key=lambda i: (i.key not in changed, i.key))
    lines = [_line(i, is_changed=i.key in changed) for i in inputs[:most]]
    if len(inputs) > most:
        lines.append(f"  and {figures.count(len(inputs) - most, 'more input')}")
    before: dict[str, list[str]] = {}
    for maker, reader in lineage.edges:
        before.setdefault(reader, []).append(maker)
    lines += [_stage_line(stage, before.get(stage, [])) for stage in lineage.stages[:most]]
    if len(lineage.stages) > most:
        lines.append(f"  and {figures.count(len(lineage.stages) - most, 'more stage')}")
    return escape.block("\n".join(lines), language="text")


def _stage_line(stage: str, makers: list[str]) -> str:
    after = f" after {', '.join(makers)}" if makers else ""
    return f"stage {escape.flat(stage + after, longest=200)}"


def _line(item: Input, *, is_changed: bool) -> str:
    name = f" {item.name}" if item.name else ""
    facts = [figures.count(item.rows, "row")] if item.rows is not None else []
    facts += [figures.size(item.size_bytes)] if item.size_bytes is not None else []
    extra = f" ({', '.join(facts)})" if facts else ""
    content = f" = {item.text}" if item.text else f" {_digest(item.digest)}"
    text = escape.flat(f"{item.path}{name}{extra}{content}", longest=200)
    return f"{'*' if is_changed else ' '} {item.kind.value:<12}{text}"


def _digest(digest: str) -> str:
    scheme, _, rest = digest.partition(":")
    return f"{scheme} {figures.short(rest)}" if rest else figures.short(digest)


@dataclass(frozen=True, slots=True)
class _Box:
    """`is_for_all`: one of its inputs is declared by no stage."""

    text: str
    is_changed: bool
    readers: tuple[str, ...]
    is_for_all: bool


def _boxes(lineage: Lineage, *, changed: Collection[Key], folder: str, most: int) -> list[_Box]:
    """A box for each file and kind, changed ones first; those over `most` share one box."""
    files: dict[tuple[InputKind, str], list[Input]] = {}
    for item in lineage.inputs:
        files.setdefault((item.kind, item.path), []).append(item)
    groups = sorted(files.values(), key=lambda items: not any(i.key in changed for i in items))
    boxes = [_box(_text(items, folder), items, changed=changed) for items in groups[:most]]
    hidden = groups[most:]
    if hidden:
        more = figures.count(len(hidden), "more input")
        boxes.append(_box(more, [i for items in hidden for i in items], changed=changed))
    return boxes


def _box(text: str, items: list[Input], *, changed: Collection[Key]) -> _Box:
    return _Box(
        text,
        is_changed=any(i.key in changed for i in items),
        readers=tuple(dict.fromkeys(reader for i in items for reader in i.readers)),
        is_for_all=any(not i.readers for i in items),
    )


def _text(items: list[Input], folder: str) -> str:
    kind, path = items[0].kind.value, _near(items[0].path, folder)
    rows = [i.rows for i in items if i.rows is not None]
    if rows:
        return f"{kind}: {path}, {figures.count(sum(rows), 'row')}"
    named = figures.count(len(items), "value") if items[0].name else ""
    return f"{kind}: {path}" + (f", {named}" if named else "")


def _near(path: str, folder: str) -> str:
    """`dvc.yaml:train` of the model's own folder is `train`, its `data/a.csv` is `data/a.csv`."""
    return path.removeprefix(f"{folder}/").removeprefix("dvc.yaml:") if folder else path

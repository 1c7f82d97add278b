"""A model's inputs as a Mermaid flowchart and as plain text; what changed is marked in both."""

from __future__ import annotations

from collections.abc import Collection

from interlock.domain import figures
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.rendering import escape
from interlock.rendering.escape import Markdown

Key = tuple[str, str, str]


def diagram(lineage: Lineage, *, changed: Collection[Key], ends_in: str, most: int) -> Markdown:
    """A flowchart: a box for each file and kind, through the stages in order, to the model."""
    lines = ["flowchart LR"]
    boxes = _boxes(lineage, changed=changed, most=most)
    for i, (text, is_changed) in enumerate(boxes):
        mark = ":::changed" if is_changed else ""
        lines.append(f'  i{i}["{escape.label(text)}"]{mark} --> s0')
    stages = lineage.stages or ("train",)
    lines += [f'  s{i}(["{escape.label(stage)}"])' for i, stage in enumerate(stages)]
    lines += [f"  s{i} --> s{i + 1}" for i in range(len(stages) - 1)]
    lines.append(f'  s{len(stages) - 1} --> m[["{escape.label(ends_in)}"]]')
    lines.append("  classDef changed stroke-width:3px")
    return Markdown("```mermaid\n" + "\n".join(lines) + "\n```")


def listing(lineage: Lineage, *, changed: Collection[Key], most: int) -> Markdown:
    """The same in plain text, one input a line, `*` before what changed."""
    # What changed comes first, so that a shortened list still shows it.
    inputs = sorted(lineage.inputs, key=lambda i: (i.key not in changed, i.key))
    lines = [_line(i, is_changed=i.key in changed) for i in inputs[:most]]
    if len(inputs) > most:
        lines.append(f"  and {figures.count(len(inputs) - most, 'more input')}")
    lines.append("stages: " + " -> ".join(escape.flat(s, longest=120) for s in lineage.stages))
    return escape.block("\n".join(lines), language="text")


def _line(item: Input, *, is_changed: bool) -> str:
    name = f" {item.name}" if item.name else ""
    text = f" = {item.text}" if item.text else ""
    facts = [figures.count(item.rows, "row")] if item.rows is not None else []
    facts += [figures.size(item.size_bytes)] if item.size_bytes is not None else []
    extra = f" ({', '.join(facts)})" if facts else ""
    line = f"{item.kind.value:<12}{item.path}{name}{text}{extra} {item.digest}"
    return ("* " if is_changed else "  ") + escape.flat(line, longest=240)


def _boxes(lineage: Lineage, *, changed: Collection[Key], most: int) -> list[tuple[str, bool]]:
    """(text, whether it changed) of each box: data one by one, the rest a box a file."""
    files: dict[tuple[InputKind, str], list[Input]] = {}
    for item in lineage.inputs:
        files.setdefault((item.kind, item.path), []).append(item)
    boxes = [
        (_box(kind, path, items), any(item.key in changed for item in items))
        for (kind, path), items in files.items()
    ]
    boxes.sort(key=lambda box: not box[1])
    hidden = boxes[most:]
    if hidden:
        more = figures.count(len(hidden), "more input")
        return [*boxes[:most], (more, any(is_changed for _, is_changed in hidden))]
    return boxes


def _box(kind: InputKind, path: str, items: list[Input]) -> str:
    rows = [i.rows for i in items if i.rows is not None]
    if rows:
        return f"{kind.value}: {path}, {figures.count(sum(rows), 'row')}"
    named = figures.count(len(items), "value") if items[0].name else ""
    return f"{kind.value}: {path}" + (f", {named}" if named else "")

"""A model's inputs as a Mermaid flowchart and as plain text; what changed is marked in both."""

from __future__ import annotations

from collections.abc import Collection

from interlock.domain import figures
from interlock.domain.lineage import Input, InputKind, Lineage
from interlock.rendering import escape
from interlock.rendering.escape import Markdown

Key = tuple[str, str, str]


def diagram(
    lineage: Lineage, *, changed: Collection[Key], folder: str, ends_in: str, most: int
) -> Markdown:
    """A flowchart: a box for each file and kind, through the stages in order, to the model.

    Paths are shown as seen from the model's own `folder`, so that boxes stay narrow.
    """
    lines = ["flowchart LR"]
    boxes = _boxes(lineage, changed=changed, folder=folder, most=most)
    for i, (text, is_changed) in enumerate(boxes):
        mark = ":::changed" if is_changed else ""
        lines.append(f'  i{i}["{escape.label(text)}"]{mark} --> s0')
    stages = lineage.stages or ("train",)
    lines += [f'  s{i}(["{escape.label(_near(stage, folder))}"])' for i, stage in enumerate(stages)]
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
    facts = [figures.count(item.rows, "row")] if item.rows is not None else []
    facts += [figures.size(item.size_bytes)] if item.size_bytes is not None else []
    extra = f" ({', '.join(facts)})" if facts else ""
    content = f" = {item.text}" if item.text else f" {_digest(item.digest)}"
    said = escape.flat(f"{item.path}{name}{extra}{content}", longest=200)
    return f"{'*' if is_changed else ' '} {item.kind.value:<12}{said}"


def _digest(digest: str) -> str:
    scheme, _, rest = digest.partition(":")
    return f"{scheme} {figures.short(rest)}" if rest else figures.short(digest)


def _boxes(
    lineage: Lineage, *, changed: Collection[Key], folder: str, most: int
) -> list[tuple[str, bool]]:
    """(text, whether it changed) of each box: data one by one, the rest a box a file."""
    files: dict[tuple[InputKind, str], list[Input]] = {}
    for item in lineage.inputs:
        files.setdefault((item.kind, item.path), []).append(item)
    boxes = [
        (_box(kind, _near(path, folder), items), any(item.key in changed for item in items))
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


def _near(path: str, folder: str) -> str:
    """`dvc.yaml:train` of the model's own folder is `train`, its `data/a.csv` is `data/a.csv`."""
    return path.removeprefix(f"{folder}/").removeprefix("dvc.yaml:") if folder else path

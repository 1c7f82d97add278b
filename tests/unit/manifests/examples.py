"""A sound manifest, and ways to write another from it."""

from __future__ import annotations

PATH = "model-manifests/digits/model.yaml"
SOUND = """\
model: digits
owner: "@acme/vision"
objective: Read handwritten digits on forms.
task: multiclass
pipeline: {target: train}
outputs: {model: model/, predictions: predictions.parquet}
environment: [../../uv.lock]
runner: {labels: [self-hosted, gpu], gpus: 1, timeout_minutes: 60}
evaluate: {primary: f1_macro, slices: [writer_group], seed: 7}
gates:
  - {metric: f1_macro, min: 0.95}
  - {metric: f1_macro, max_drop: 0.005, against: champion, confidence: 0.9}
  - {metric: accuracy, min: 0.9, slice: writer_group}
  - {metric: "dvc:train.seconds", max: 600}
promote: {environments: [staging, production], registry_name: digits-v2}
monitor: {live: "s3://acme/live", time: served_at}
"""


def with_line(field: str, line: str, text: str = SOUND) -> str:
    """The manifest with the line of a field replaced; "" leaves it out."""
    lines = text.splitlines(keepends=True)
    index = next(i for i, old in enumerate(lines) if old.startswith(f"{field}:"))
    lines[index] = f"{line}\n" if line else ""
    return "".join(lines)


def with_gate(gate: str, text: str = SOUND) -> str:
    """The manifest with `gate` in the place of its four; it stands in line 11."""
    before, _, rest = text.partition("gates:\n")
    after = rest[rest.index("promote:") :]
    return f"{before}gates:\n  - {gate}\n{after}"

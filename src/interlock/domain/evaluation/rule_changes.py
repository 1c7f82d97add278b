"""Compares the parts of two manifests, or of two policies, that decide how a model is evaluated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from interlock.domain.model.lineage import InputKind
from interlock.domain.model.lineage_changes import InputChange
from interlock.domain.model.manifest import RECENT, GateRule, Manifest
from interlock.domain.model.policy import Policy

_POLICY_PATH = ".github/interlock.yml"


def differences(before: Manifest, after: Manifest) -> tuple[InputChange, ...]:
    """Return the differences in the evaluation rules: task, evaluation, gates, promotion.

    Comments, owner, objective, runner and the order of the gates do not count.
    """
    return () if before is after else tuple(_differences(before, after))


def policy_differences(before: Policy, after: Policy) -> tuple[InputChange, ...]:
    """Return the differences in the part of the policy that every evaluation depends on."""
    pairs = {
        "inconclusive": (str(before.inconclusive), str(after.inconclusive)),
        "environments": (", ".join(before.environments), ", ".join(after.environments)),
    }
    return tuple(
        _change(_POLICY_PATH, name, old, new, f"policy: {name} changed from {old} to {new}")
        for name, (old, new) in pairs.items()
        if old != new
    )


def _differences(before: Manifest, after: Manifest) -> Iterator[InputChange]:
    for name, old, new in (
        ("task", _task(before), _task(after)),
        ("outputs.predictions", _columns(before), _columns(after)),
        ("evaluate.primary", before.evaluation.primary, after.evaluation.primary),
        ("evaluate.slices", _list(before.evaluation.slices), _list(after.evaluation.slices)),
        ("evaluate.positive", _given(before), _given(after)),
        ("evaluate.metrics", _metrics(before), _metrics(after)),
        ("evaluate.group", before.evaluation.group or "none", after.evaluation.group or "none"),
        ("evaluate.rows", str(before.evaluation.rows), str(after.evaluation.rows)),
        ("evaluate.seed", str(before.evaluation.seed), str(after.evaluation.seed)),
        (
            "promote.environments",
            _list(before.promote.environments),
            _list(after.promote.environments),
        ),
        ("promote.registry_name", before.promote.registry_name, after.promote.registry_name),
    ):
        if old != new:
            yield _change(after.path, name, old, new, f"{name} changed from {old} to {new}")
    yield from _gates(before, after)


def _gates(before: Manifest, after: Manifest) -> Iterator[InputChange]:
    old, new = (Counter(map(describe, m.gates)) for m in (before, after))
    gone, come = sorted((old - new).elements()), sorted((new - old).elements())
    for text in list(gone):
        rival = [t for t in come if t.split(" ")[:2] == text.split(" ")[:2]]
        if len(rival) == 1 and [t.split(" ")[:2] for t in gone].count(text.split(" ")[:2]) == 1:
            gone.remove(text)
            come.remove(rival[0])
            sentence = f"gate {text} became {rival[0]}"
            yield _change(after.path, "gates", text, rival[0], sentence)
    for text in gone:
        yield _change(after.path, "gates", text, None, f"gate {text} is gone")
    for text in come:
        yield _change(after.path, "gates", None, text, f"gate {text} is new")


def describe(rule: GateRule) -> str:
    """Write a gate as text, for example `f1_macro max_drop 0.005 against champion (confidence
    0.95)`."""
    limits = {name: getattr(rule, name) for name in ("min", "max", "max_drop", "max_rise")}
    words = [rule.metric, *(f"{n} {value!r}" for n, value in limits.items() if value is not None)]
    words += [f"against {rule.against} (confidence {rule.confidence!r})"] if rule.against else []
    if rule.better:
        words.append(f"better {rule.better}")
    if rule.slice:
        words.append(f"on {RECENT} rows" if rule.slice == RECENT else f"in every {rule.slice}")
    return " ".join(words)


def _columns(manifest: Manifest) -> str:
    """The columns of the predictions; their path is a part of the fingerprint."""
    predictions = manifest.outputs.predictions
    return "none" if predictions is None else predictions.columns_text


def _metrics(manifest: Manifest) -> str:
    return _list(
        tuple(f"{m.name} = {m.text} (better {m.better})" for m in manifest.evaluation.metrics)
    )


def _given(manifest: Manifest) -> str:
    positive = manifest.evaluation.positive
    return "none" if positive is None else repr(positive)


def _task(manifest: Manifest) -> str:
    return "none" if manifest.task is None else str(manifest.task)


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(values) or "none"


def _change(path: str, name: str, old: str | None, new: str | None, sentence: str) -> InputChange:
    return InputChange(InputKind.MANIFEST, path, name, old, new, sentence)

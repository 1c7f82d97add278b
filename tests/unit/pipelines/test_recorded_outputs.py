"""Recorded outputs: of frozen stages, and of stages that always run."""

from __future__ import annotations

import pytest

from interlock.domain.training.plan import Decision
from tests.unit.pipelines.history import HERE, PIPELINE, Content, History, model

LOCK = """\
schema: '2.0'
stages:
  freeze:
    cmd: pip freeze > requirements.txt
    outs:
    - {{path: requirements.txt, hash: md5, md5: {md5}, size: 3}}
    - {{path: unread.txt, md5: {other}}}
"""
ALWAYS = PIPELINE.replace(
    "stages:\n",
    "stages:\n  freeze:\n    cmd: pip freeze > requirements.txt\n    always_changed: true\n"
    "    outs: [requirements.txt, {unread.txt: {cache: false}}]\n",
).replace("deps: [train.py, ", "deps: [requirements.txt, train.py, ")
POLICY = ".github/interlock.yml"


def lock(md5: str = "a" * 32, other: str = "b" * 32) -> str:
    return LOCK.format(md5=md5, other=other)


def files(pipeline: str = ALWAYS, **more: Content) -> dict[str, Content]:
    return model(pipeline, **{"dvc.lock": lock(), **more})


def test_always_changed__upstream_counts_as_its_lock_says(history: History) -> None:
    history.commit(files())
    (planned,) = history.plan(None).models
    assert planned.decision is Decision.TRAIN
    assert planned.cost.stages[0] == f"{HERE}/dvc.yaml:freeze"  # it runs in the training
    assert planned.warnings[0] == (
        f"{HERE}/dvc.yaml:freeze is always_changed: the fingerprint uses requirements.txt, "
        f"unread.txt as in {HERE}/dvc.lock, and a training that makes another one is not stored; "
        "when it changes, run `dvc repro freeze` in the environment of the training, and commit "
        f"{HERE}/dvc.lock"
    )
    changed = history.after({f"{HERE}/dvc.lock": lock(md5="c" * 32)})
    assert changed.sentence == (
        "requirements.txt, recorded of stage freeze, changed (md5:aaaaaaaaaaaa to md5:cccccccccccc)"
    )
    assert changed.decision is Decision.TRAIN
    unread = history.after({f"{HERE}/dvc.lock": lock(md5="c" * 32, other="d" * 32)})
    assert unread.decision is Decision.UNAFFECTED
    recalled = history.after({f"{HERE}/dvc.yaml": ALWAYS.replace("pip freeze", "uv pip freeze")})
    assert "stage freeze: its command changed" in recalled.sentence


@pytest.mark.parametrize(
    "text",
    [
        None,
        lock().replace("md5: " + "a" * 32 + ", ", ""),
        lock().replace("md5: " + "a" * 32, "etag: abcd"),
    ],
    ids=["no lock", "no digest", "a digest of others"],
)
def test_always_changed__without_a_record_is_blocked(history: History, text: str | None) -> None:
    history.commit(files() | {f"{HERE}/dvc.lock": text})
    (planned,) = history.plan(None).models
    assert planned.decision is Decision.BLOCKED
    assert planned.sentence == (
        f"{HERE}/dvc.yaml: stage freeze: it is always_changed, and dvc.lock records nothing of "
        f"its output requirements.txt (run `dvc repro freeze` and commit {HERE}/dvc.lock, or "
        "remove always_changed)"
    )


@pytest.mark.parametrize("at", ["base", "head"])
def test_always_changed__may_be_refused_by_the_policy(history: History, at: str) -> None:
    strict: dict[str, Content] = {POLICY: "always_changed: blocked\n"}
    base = history.commit(files() | (strict if at == "base" else {}))
    edit: dict[str, Content] = {f"{HERE}/train.py": "other\n"}
    history.commit(edit | (strict if at == "head" else {POLICY: None}))
    (planned,) = history.plan(base).models
    assert planned.decision is Decision.BLOCKED
    assert planned.sentence.startswith("stage freeze is always_changed, and the policy at ")


def test_always_changed__does_not_make_the_model(history: History) -> None:
    """Its record would be the model that is to be trained."""
    upstream = ALWAYS.replace(
        "outs: [prepared.csv]", "outs: [prepared.csv]\n    always_changed: true"
    )
    upstream = upstream.replace(
        "prepared.csv]\n    params: [train.c]\n    outs: [model, ", "prepared.csv]\n    outs: ["
    )
    upstream = upstream.replace("outs: [prepared.csv]", "outs: [prepared.csv, model]")
    history.commit(
        files(
            upstream,
            **{
                "dvc.lock": lock() + "  prepare: {cmd: a, outs: [{path: prepared.csv, md5: abc}]}\n"
            },
        )
    )
    (planned,) = history.plan(None).models
    assert "stage prepare: it is always_changed, and its inputs do not determine the model" in (
        planned.sentence
    )


def frozen(out: str) -> str:
    text = PIPELINE.replace("    cmd: python prepare", "    frozen: true\n    cmd: python prepare")
    return text.replace("outs: [prepared.csv]", f"outs: [{{prepared.csv: {{cache: {out}}}}}]")


FROZEN_LOCK = (
    "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n"
    "    outs:\n    - {path: prepared.csv, md5: abc, size: 3}\n"
)


def test_frozen_stage__without_a_cache_counts_as_in_git(history: History) -> None:
    """DVC never uploads such an output, so that only Git can bring it to the training."""
    history.commit(model(frozen("false"), **{"dvc.lock": FROZEN_LOCK, "prepared.csv": "a\n1\n"}))
    (planned,) = history.plan(None).models
    assert planned.cost.bytes_to_pull == 0
    assert not any("is frozen" in text for text in planned.warnings)
    changed = history.after({f"{HERE}/prepared.csv": "a\n2\n"})
    assert changed.sentence == "prepared.csv changed"
    recorded = history.after({f"{HERE}/dvc.lock": FROZEN_LOCK.replace("abc", "abd")})
    assert recorded.decision is Decision.UNAFFECTED


def test_frozen_stage__whose_output_nobody_stores_has_a_warning(history: History) -> None:
    history.commit(model(frozen("false"), **{"dvc.lock": FROZEN_LOCK}))
    (planned,) = history.plan(None).models
    assert planned.decision is Decision.TRAIN
    assert planned.warnings[0] == (
        f"{HERE}/dvc.yaml:prepare is frozen, and its output prepared.csv has `cache: false` and is "
        "not in Git: `dvc push` does not upload it, so that a training may not find it; commit it "
        "to Git, or remove `cache: false` and run `dvc commit` and `dvc push`"
    )
    history.commit({f"{HERE}/dvc.yaml": frozen("true")})
    assert not any("is frozen" in text for text in history.plan(None).models[0].warnings)

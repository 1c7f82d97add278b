"""What holds of every file whatever: no exception, and every complaint points into it."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interlock import manifests
from interlock.domain.basics.diagnostics import Diagnostic
from interlock.domain.model.manifest import Task
from interlock.pipelines import dvcfiles
from interlock.yaml_reader import file_errors
from tests.unit.manifests.examples import PATH, SOUND

POLICY = "version: 1\nenvironments: [staging]\ncost_per_hour: {gpu: {amount: 2, currency: EUR}}\n"
_SIGNS = [
    *"ab1é \t\n\r:-,?[]{}&*!|>'\"%@`#.~<=\ufeff\x85\u2028\x00\\",
    *("- ", ": ", "\n  ", "&a ", "*a", "<<: ", "!!int ", "---\n", "...\n", "yes", "1e3", "010"),
]
yamlish = st.lists(st.sampled_from(_SIGNS), max_size=60).map("".join)


def assert_inside(result: tuple[Diagnostic, ...], data: bytes) -> None:
    lines = re.split("\r\n|\r|\n", data.decode(errors="replace").removeprefix("\ufeff"))
    for diagnostic in result:
        assert 1 <= diagnostic.line <= len(lines), diagnostic
        assert 1 <= diagnostic.column <= len(lines[diagnostic.line - 1]) + 1, diagnostic
        assert diagnostic.message
        assert str(diagnostic).isprintable() or "\n  hint: " in str(diagnostic)


@st.composite
def mutated(draw: st.DrawFn, text: str = SOUND) -> bytes:
    """A sound file with up to four cuts, copies or insertions."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        new = draw(st.one_of(st.sampled_from(_SIGNS), st.just(""), st.just(text[start:end] * 2)))
        text = text[:start] + new + text[end:]
    return text.encode()


def check(data: bytes) -> None:
    manifest, diagnostics = manifests.read(data, path=PATH)
    assert (manifest is None) == any(d.severity == "error" for d in diagnostics)
    assert_inside(diagnostics, data)
    policy, diagnostics = manifests.read_policy(data)
    assert (policy is None) == bool(diagnostics)
    assert_inside(diagnostics, data)
    gates, diagnostics = manifests.read_gates(data, path="gates.yaml", task=Task.MULTICLASS)
    assert gates == () or not any(d.severity == "error" for d in diagnostics)
    assert_inside(diagnostics, data)
    for read in (dvcfiles.pipeline, dvcfiles.lock, dvcfiles.pointer):
        with contextlib.suppress(file_errors.InvalidFile):
            assert isinstance(read(data, path="x"), dict)
            continue
        with pytest.raises(file_errors.InvalidFile) as raised:
            read(data, path="x")
        assert_inside(raised.value.diagnostics, data)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes(data: bytes) -> None:
    check(data)


@given(yamlish)
@example("a: \x85      @\n\n")
@settings(max_examples=300, deadline=None)
def test_any_signs_of_yaml(text: str) -> None:
    check(text.encode())


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_a_sound_manifest_mutated(data: bytes) -> None:
    check(data)


@given(mutated(POLICY))
@settings(deadline=None)
def test_a_sound_policy_mutated(data: bytes) -> None:
    check(data)

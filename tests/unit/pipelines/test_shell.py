"""Shell text to commands: what a shell would read as one word is one word."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.pipelines import programs, shell

WORDS = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=5)


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in shell.commands(text, folder="")]


@given(WORDS)
def test_commands__quoted_words_are_read_back(fields: list[str]) -> None:
    fields = ["run", *(word for word in fields if shell.UNKNOWN not in word)]
    assert words(shlex.join(fields)) == [tuple(fields)]


@given(st.text(st.sampled_from("ab ./$'\"\\`(){}[]<>&|;#\n=-xin do case EOF"), max_size=60))
def test_programs__any_text_is_read_or_is_one_command_unseen(text: str) -> None:
    for run in programs.of_text(text, "m"):
        assert run.folder is None or not run.folder.startswith("..")


SPLIT = {
    "a b\nc": [("a", "b"), ("c",)],
    "a \\\n b": [("a", "b")],
    "a && b || c; d | e & f": [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)],
    "a > x 2>&1 < y b": [("a", "b")],
    "a 2 > x": [("a", "2")],
    "a # b; c": [("a",)],
    "a#b": [("a#b",)],
    "a <<E b\nc\nE\nd": [("a", "b"), ("d",)],
    "a <<'E'\nc": [("a",)],
    "if a; then b; else c; fi": [("a",), ("b",), ("c",)],
    "while ! a; do b; done": [("a",), ("b",)],
    "for x in a b; do c; done": [("c",)],
    "case $x in a|b) c;; *) d;; esac": [("c",), ("d",)],
    "f() { a; }; f x; b": [("a",), ("b",)],
    "[[ a && b ]] && c": [("[[", "a", "b", "]]"), ("c",)],
    "a $(b `c`) $((1 + 2))": [
        ("c",),
        ("b", "\ue000(c)"),
        ("a", "\ue000(b `c`)", "\ue000((1 + 2))"),
    ],
    "diff <(a) <(b)": [("diff",), ("a",), ("b",)],
    "X=1 Y='2 3' a $X": [("a", "\ue000X")],
    "X=1; a $X ${X} '$X' \\$X": [("a", "1", "1", "$X", "$X")],
    'export X=1\na "$X"': [("a", "1")],
    "": [],
}


@pytest.mark.parametrize("text", SPLIT)
def test_commands__end_where_the_shell_ends_them(text: str) -> None:
    assert words(text) == SPLIT[text]


@pytest.mark.parametrize("text", ["a 'b", 'a "b', "a $(b", "a `b"])
def test_commands__that_no_shell_would_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"closing|open"):
        words(text)


FOLDERS = {
    "cd x && a": "m/x",
    "cd x; cd ../y; a": "m/y",
    "(cd x); a": "m",
    "pushd x; a": "m/x",
    "cd; a": None,
    "cd ~; a": None,
    "cd ~/x; a": None,
    "cd $X; a": None,
    "cd ../..; a": None,
    "cd /; a": None,
    'cd "$(dirname "$0")"; a': "m/bin",
    'cd "$(dirname "${BASH_SOURCE[0]}")/.."; a': "m",
    'D="$(cd "$(dirname "$0")" && pwd)"; cd $D; a': "m/bin",
    'cd "${0%/*}"; a': "m/bin",
    "cd $(git rev-parse --show-toplevel); a": "",
    "cd $PWD/x; a": "m/x",
}


@pytest.mark.parametrize("text", FOLDERS)
def test_commands__are_run_where_cd_leads(text: str) -> None:
    result = shell.commands(text, folder="m", script="m/bin/x.sh")
    assert result[-1].words == ("a",)
    assert result[-1].folder == FOLDERS[text]

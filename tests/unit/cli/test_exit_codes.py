"""How a command ends when the world around it is odd: from outside, in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from interlock import cli, errors
from interlock.cli import exit_codes
from tests.integration import predictions_files as files

GATES = "- {metric: accuracy, min: 1.0}\n"


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Arguments of a judgement that fails, and says so on standard output."""
    folder = tmp_path_factory.mktemp("judging")
    candidate = files.write(folder / "candidate.csv", files.classes(right=0.5))
    (folder / "gates.yaml").write_text(GATES)
    values = ["--candidate", candidate, "--gates", folder / "gates.yaml", "--task", "multiclass"]
    return ["evaluate", *map(str, values)]


def call(
    arguments: Sequence[str], *, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "interlock", *arguments],
        stdout=stdout,
        stderr=stderr,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr or ""


def closed_pipe() -> int:
    """The end to write to of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_pipe__that_is_closed_is_neither_a_pass_nor_a_no(
    judging: list[str], form: list[str]
) -> None:
    writer = closed_pipe()
    assert call([*judging, *form], stdout=writer) == (exit_codes.NOBODY_READS, "")
    os.close(writer)


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"]])
def test_pipe__that_is_closed_before_help_is_printed(arguments: list[str]) -> None:
    writer = closed_pipe()
    assert call(arguments, stdout=writer) == (exit_codes.NOBODY_READS, "")
    os.close(writer)


def test_pipe__of_words_for_people_may_be_closed_too() -> None:
    writer = closed_pipe()
    code, _ = call(["plan", "--repo", "/nowhere"], stderr=writer)
    os.close(writer)
    assert code == exit_codes.NOBODY_READS


def test_disk__that_is_full_is_an_error_of_the_outside(judging: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        code, text = call(judging, stdout=full.fileno())
    assert code == errors.EXIT_OUTSIDE
    assert text.startswith("error: the disk is full")
    assert "\nhint: free some disk space" in text


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (PermissionError(13, "Permission denied", "/srv/x"), 4, "error: /srv/x: Permission denied"),
        (TimeoutError(), 4, "error: TimeoutError"),
        (MemoryError(), 4, "error: there is not enough memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (errors.CannotReadManifest("g.yaml:1:2: error: odd"), 2, "g.yaml:1:2: error: odd"),
        (errors.CannotResolve("no such", hint="name one"), 2, "error: no such\nhint: name one"),
    ],
)
def test_exception__is_printed_without_a_traceback(
    raised: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ending(raised, code, capsys)
    assert text.startswith(words)
    assert "Traceback" not in text


def test_bug__is_shown_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    text = ending(ZeroDivisionError("ours"), errors.EXIT_BUG, capsys)
    assert "Traceback" in text
    assert "This is a bug in interlock" in text


def ending(raised: BaseException, code: int, capsys: pytest.CaptureFixture[str]) -> str:
    def command() -> object:
        raise raised

    with pytest.raises(SystemExit) as ended:
        exit_codes.exit_with(command)
    assert ended.value.code == code
    return capsys.readouterr().err


def test_words__that_a_terminal_cannot_show_are_spelt_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A name of a file that is no Unicode, on a terminal of an older day."""
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1:strict")
    candidate = tmp_path / "火\udcff.csv"
    code, text = call(["evaluate", "--candidate", os.fspath(candidate), "--task", "binary"])
    assert code == errors.EXIT_INPUT
    assert r"\u706b\udcff.csv cannot be read" in text


def test_interrupt__while_a_command_starts_is_printed_as_one_word(judging: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WAITING, *judging],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, text = process.communicate(timeout=60)
    assert (process.returncode, text) == (exit_codes.INTERRUPTED, "\ninterrupted\n")


_WAITING = """\
import os, sys
from interlock import cli
from interlock.wiring import measuring
def wait():
    print("ready", flush=True)
    os.read(os.pipe()[0], 1)
measuring.scoring = wait
cli.main(sys.argv[1:])
"""


def test_main__ends_with_the_commands_own_code(
    judging: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(judging)
    assert ended.value.code == errors.EXIT_NO
    assert "verdict: fail" in capsys.readouterr().out


def test_panic__of_rust_is_a_bug_and_not_our_no(capsys: pytest.CaptureFixture[str]) -> None:
    class PanicError(BaseException):
        """As polars' is none of Exception's."""

    def panic() -> None:
        raise PanicError("called `Option::unwrap()` on a `None` value")

    with pytest.raises(SystemExit) as ended:
        exit_codes.exit_with(panic)
    assert ended.value.code == errors.EXIT_BUG
    assert "This is a bug in interlock" in capsys.readouterr().err

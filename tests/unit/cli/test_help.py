"""What `--help` says, as a person reads it; that pages agree with it is held by tests/docs."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from interlock import cli


def ask(*arguments: str) -> str:
    done = CliRunner().invoke(cli.group, [*arguments, "--help"], terminal_width=100)
    assert done.exit_code == 0, done.output
    return done.output


def commands() -> Iterator[tuple[str, click.Command]]:
    for verb in cli.VERBS:
        command = importlib.import_module(f"interlock.cli.{verb}").command
        yield verb, command
        if isinstance(command, click.Group):
            yield from ((f"{verb} {name}", sub) for name, sub in command.commands.items())


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=str)
def test_help__explains_every_option(name: str, command: click.Command) -> None:
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_help__of_a_group_is_not_cut() -> None:
    assert "..." not in ask("ledger").partition("Commands:")[2]


def test_help__of_a_port_has_one_sentence_about_its_default() -> None:
    text = " ".join(ask("sandbox").split())
    assert "--port PORT Port on 127.0.0.1, for example `8080`. Default: any free port. --" in text
    assert "<=" not in text


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_port__that_is_none(port: str) -> None:
    done = CliRunner().invoke(cli.group, ["sandbox", "--port", port])
    assert done.exit_code == 2
    assert "--port" in done.output


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("vaildate", "there is no command 'vaildate'; did you mean 'validate'?"),
        ("ledger shwo", "there is no command 'shwo'; did you mean 'show'?"),
        ("xyzzy", "there is no command 'xyzzy'; the commands are init, validate, plan,"),
    ],
)
def test_command__that_is_mistyped(typed: str, sentence: str) -> None:
    done = CliRunner().invoke(cli.group, typed.split())
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.split())


WITHOUT_EXTRAS = """
import sys
from click.testing import CliRunner
sys.modules |= dict.fromkeys(("dvc", "evidently", "mlflow", "nh3", "starlette", "uvicorn"))
from interlock import cli
print([v for v in cli.VERBS if CliRunner().invoke(cli.group, [v, "--help"]).exit_code])
print(repr(CliRunner().invoke(cli.group, ["demo"]).exception))
"""


def test_help__needs_no_extra() -> None:
    """None in `sys.modules` makes an import fail, as if the package were not installed."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS], check=True, capture_output=True, text=True
    )
    failed, error = done.stdout.splitlines()
    assert (failed, error) == ("[]", "MissingSetting('uvicorn is not installed')")

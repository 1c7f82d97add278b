"""Target: the words of the command line, every verb's options with odd values, in a small
repository."""

from __future__ import annotations

import importlib
import random
from pathlib import Path

import click

from interlock import cli
from tests import tiny
from tests.fuzz.driver import Target

# Those that serve until they are stopped, or tell a story of minutes.
_VERBS = sorted(set(cli.VERBS) - {"sandbox", "demo"})
_ODD = [
    "", "-", "--", ".", "..", "/", "/dev/null", "HEAD", "HEAD~99999", "@{-1}", ":/", "-x", "main",
    "0" * 40, "f" * 41, "tiny", "Tiny", "tiny ", "a/b", "../tiny", "\n", "\x1b[31m", "\u202e",
    "é" * 300, "0", "-1", "1e999", "nan", "9" * 400, "2026-11-30", "0000-00-00T99:99:99Z", "{}",
    "[]", "null", "sqlite://", "sqlite:////dev/null", "file:///etc", "http://127.0.0.1:1",
    "dvc.yaml", "params.yaml", "tiny/model.yaml", ".git", "x" * 5000, "\udc80",
]  # fmt: skip


def warm() -> None:
    for verb in _VERBS:
        importlib.import_module(f"interlock.cli.{verb}")


def make(random: random.Random, folder: Path) -> list[list[str]]:
    tiny.make(folder)
    return [_line(random) for _ in range(8)]


def _line(random: random.Random) -> list[str]:
    verb = random.choice(_VERBS)
    command = importlib.import_module(f"interlock.cli.{verb}").command
    words = [verb]
    while isinstance(command, click.Group) and random.random() < 0.9:
        context = click.Context(command)
        name = random.choice(sorted(command.list_commands(context)))
        command = command.get_command(context, name)
        words.append(name)
    for parameter in random.sample(
        command.params, k=random.randint(0, min(4, len(command.params)))
    ):
        words += _given(random, parameter)
    return words


def _given(random: random.Random, parameter: click.Parameter) -> list[str]:
    if isinstance(parameter, click.Argument):
        return [random.choice(_ODD)]
    option = random.choice(parameter.opts)
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [option]
    return [option, random.choice(_ODD)]


TARGET = Target("words", warm, make, place="work")

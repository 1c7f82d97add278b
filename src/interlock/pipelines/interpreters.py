"""From a stage's commands to the Python that runs its program; nothing is run or looked up."""

from __future__ import annotations

from collections.abc import Iterator

from interlock.domain.basics import parse_limits
from interlock.domain.training.interpreters import Launch
from interlock.pipelines import programs, shell, wrappers
from interlock.pipelines.shell import ShellCommand
from interlock.pipelines.stage import PipelineStage

MANAGERS = frozenset(
    ("uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pixi", "conda", "mamba", "micromamba")
)
"""Wrappers that choose an environment: other ones (`mpirun`, `srun`) would start many."""
_Words = tuple[str, ...]


def find(stage: PipelineStage) -> Launch | None:
    """Return how the stage starts its program: the first Python of its commands, or else the first
    of their programs. None where no shell would read a command, or it runs nothing."""
    try:
        launches = [
            _launch(prefix, command, stage.wdir)
            for text in stage.commands
            for one in shell.commands(text, folder=stage.wdir)
            for prefix, command in _leaves(one, ())
            if not _is_harmless(command)
        ]
    except ValueError:
        return None
    return next((each for each in launches if each.is_python), next(iter(launches), None))


def _leaves(
    command: ShellCommand, prefix: _Words, depth: int = 0
) -> Iterator[tuple[_Words, ShellCommand]]:
    """What a command comes down to, each with the words that choose its environment."""
    parse_limits.SHELLS.require(depth)
    inside: ShellCommand | None = command
    while inside is not None and inside.words:
        command, name = inside, _name(inside)
        text = wrappers.text(name, command.words)
        if text is not None:
            for inner in shell.commands(text, folder=command.folder, settings=command.settings):
                yield from _leaves(inner, prefix, depth + 1)
            return
        inside = wrappers.inside(name, command)
        if inside is not None and name in MANAGERS:
            prefix = (*prefix, *_own(command.words, inside.words))
    if inside is None:
        yield prefix, command


def _own(outer: _Words, inner: _Words) -> _Words:
    """A wrapper's own words; `uv run train.py` has no word for its Python."""
    for tail in (inner, inner[1:]):
        if tail and outer[-len(tail) :] == tail:
            own = outer[: -len(tail)]
            return own[:-1] if own[-1] == "--" else own
    return outer[:2]


def _launch(prefix: _Words, command: ShellCommand, wdir: str) -> Launch:
    word, name = command.words[0], _name(command)
    folder = wdir if command.folder is None else command.folder
    shown = " ".join((*prefix, name))
    if shell.UNKNOWN in word:
        return Launch(word.replace(shell.UNKNOWN, "$"), folder)
    if programs.is_python(name):
        return Launch(" ".join((*prefix, word)), folder, words=(*prefix, word))
    if programs.is_other_interpreter(name) or word.endswith(programs.SOURCES):
        return Launch(shown, folder)
    if prefix:
        return Launch(shown, folder, words=(*prefix, "python"))
    return Launch(shown, folder, script=word)


def _is_harmless(command: ShellCommand) -> bool:
    name = _name(command)
    return name in programs.HARMLESS and not programs.is_other_interpreter(name)


def _name(command: ShellCommand) -> str:
    return command.words[0].rpartition("/")[2]

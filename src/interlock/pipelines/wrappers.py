"""Programs that run another one: from their words to the words, or the text, that they run."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.basics import parse_limits
from interlock.pipelines import shell
from interlock.pipelines.shell import ShellCommand


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """`valued` are options that take the next word, `skips` how many words stand before the
    command, `verb` the word that makes it a wrapper, `enters` the option that names its folder."""

    valued: frozenset[str] = frozenset()
    skips: int = 0
    verb: str = ""
    enters: tuple[str, ...] = ()


def _wrapper(valued: str = "", *, skips: int = 0, verb: str = "", enters: str = "") -> _Wrapper:
    folders = tuple(enters.split())
    return _Wrapper(frozenset((*valued.split(), *folders)), skips, verb, folders)


_CONDA = _wrapper("-n --name -p --prefix", verb="run", enters="--cwd")
_MPI = _wrapper("-n -np -c -H -host --host -hostfile --hostfile -x -env --map-by --bind-to")
_WRAPPERS = {
    **dict.fromkeys(
        ("nohup", "setsid", "command", "builtin", "unbuffer", "caffeinate"), _wrapper()
    ),
    "env": _wrapper("-u --unset -S", enters="-C --chdir"),
    "exec": _wrapper("-a"),
    "time": _wrapper("-f --format -o --output"),
    "nice": _wrapper("-n --adjustment"),
    "ionice": _wrapper("-c -n"),
    "stdbuf": _wrapper("-i -o -e"),
    "timeout": _wrapper("-s --signal -k --kill-after", skips=1),
    "taskset": _wrapper("-c", skips=1),
    "numactl": _wrapper("-N -m -C"),
    "sudo": _wrapper("-u -g"),
    "xargs": _wrapper("-n -I -P -L -d -a"),
    "xvfb-run": _wrapper("-n -s -e -f"),
    "srun": _wrapper("-n -N -c -p -G -t -J -A -q -w"),
    "mpirun": _MPI,
    "mpiexec": _MPI,
    "horovodrun": _MPI,
    "uv": _wrapper(
        "-p --python --with --with-requirements --with-editable --extra --group --only-group "
        "--no-group --no-extra --package --env-file --index --default-index --index-url "
        "--config-file --cache-dir --isolated-from",
        verb="run",
        enters="--directory",
    ),
    "poetry": _wrapper("-P --project", verb="run", enters="-C --directory"),
    "pdm": _wrapper("-p --project", verb="run"),
    "pipenv": _wrapper("--python", verb="run"),
    "hatch": _wrapper("-e --env", verb="run"),
    "rye": _wrapper("", verb="run"),
    "pixi": _wrapper("-e --environment --manifest-path", verb="run"),
    "conda": _CONDA,
    "mamba": _CONDA,
    "micromamba": _CONDA,
    "dotenv": _wrapper("-f --file", verb="run"),
    "coverage": _wrapper("--source --omit --include --rcfile", verb="run"),
}
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh"))
_SCRIPTED = re.compile(r"-[a-z]*c\Z")
_PYTHON_BY = frozenset(("uv", "coverage"))
_PYTHON_OPTIONS: dict[str, list[str]] = {"-m": ["-m"], "--module": ["-m"], "--script": []}


def unwrap(command: ShellCommand) -> Iterator[ShellCommand]:
    """Yield the commands that a command comes down to: itself, where it wraps no other one.

    Raises ValueError for a text that no shell would read, and TooMuch.
    """
    return _unwrap(command, 0)


def _unwrap(command: ShellCommand, depth: int) -> Iterator[ShellCommand]:
    parse_limits.SHELLS.require(depth)
    peeled: ShellCommand | None = command
    while peeled is not None and peeled.words:
        command = peeled
        name = command.words[0].rpartition("/")[2]
        inner_text = text(name, command.words)
        if inner_text is not None:
            commands = shell.commands(inner_text, folder=command.folder, settings=command.settings)
            for inner in commands:
                yield from _unwrap(inner, depth + 1)
            return
        peeled = inside(name, command)
    if peeled is None:
        yield command


def text(name: str, words: tuple[str, ...]) -> str | None:
    """Shell text among the words: of `bash -c` and of `eval`."""
    if name == "eval":
        return " ".join(words[1:])
    if name not in _SHELLS:
        return None
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith(("-", "+")):
            return None
        if _SCRIPTED.match(word):
            return next(rest, "")
        if word.endswith("o"):
            next(rest, "")
    return None


def inside(name: str, command: ShellCommand) -> ShellCommand | None:
    """Return the command inside a wrapper (empty if it has none); None for any other program."""
    wrapper = _WRAPPERS.get(name)
    return None if wrapper is None else _Peeling(name, wrapper, command).run()


class _Peeling:
    """Takes a wrapper's own words off the front of a command."""

    def __init__(self, name: str, wrapper: _Wrapper, command: ShellCommand) -> None:
        self.name, self.wrapper, self.command = name, wrapper, command
        self.words = deque(command.words[1:])
        self.folder, self.settings = command.folder, dict(command.settings)
        self.skips = wrapper.skips
        self.is_run = not wrapper.verb

    def run(self) -> ShellCommand | None:
        while self.words and self._peel():
            pass
        if not self.is_run:
            return None
        words = self.words
        if words and self.name in _PYTHON_BY and words[0].endswith(".py"):
            words.appendleft("python")
        if words and self.name == "hatch":
            words[0] = words[0].rpartition(":")[2]
        done = self.command
        return ShellCommand(tuple(words), self.folder, self.settings, done.reads, done.document)

    def _peel(self) -> bool:
        """Remove one word; False at the inner command, or at a verb that runs nothing."""
        word = self.words[0]
        if word == "--":
            self.words.popleft()
            return False
        if self.is_run and self.name in _PYTHON_BY and word in _PYTHON_OPTIONS:
            self.words.popleft()
            self.words.extendleft(reversed(["python", *_PYTHON_OPTIONS[word]]))
            return False
        if word.startswith("-") and len(word) > 1:
            self._option(word)
        elif self.name == "env" and "=" in word:
            key, _, self.settings[key] = self.words.popleft().partition("=")
        elif not self.is_run:
            self.is_run = word == self.wrapper.verb
            return self.is_run and bool(self.words.popleft())
        elif self.skips:
            self.skips -= 1
            self.words.popleft()
        else:
            return False
        return True

    def _option(self, word: str) -> None:
        option, equals, value = self.words.popleft().partition("=")
        if option in self.wrapper.valued and not equals and self.words:
            value = self.words.popleft()
        if option in self.wrapper.enters:
            self.folder = shell.enter(self.folder, value)

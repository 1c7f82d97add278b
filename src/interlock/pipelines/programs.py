"""Find the programs that each command of a shell text runs, without reading Git."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.pipelines import paths, shell, wrappers
from interlock.pipelines.shell import ShellCommand

SOURCES = tuple(
    f".{end}"
    for end in (
        *("py", "ipynb", "sh", "bash", "R", "r", "Rmd", "qmd", "jl", "js", "ts", "mjs", "pl"),
        *("rb", "lua", "scala", "java", "jar", "go", "rs", "c", "cc", "cpp", "cu", "sql", "do"),
        *("m", "mk", "nf", "smk"),
    )
)
"""How files end that hold code: the arguments of a command that are programs, not data."""
MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
"""In make's own order."""
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*w?\Z|ipython\d?\Z")
_INTERPRETERS = frozenset(
    (
        *("bash", "sh", "zsh", "dash", "ksh", "source", ".", "Rscript", "R", "julia", "perl"),
        *("node", "ruby", "lua", "octave", "php"),
    )
)
_LAUNCHERS = frozenset(("torchrun", "accelerate", "deepspeed", "torch.distributed.run"))
_MAKES = frozenset(("make", "gmake"))
_VALUED = frozenset(("-W", "-X", "--check-hash-based-pycs", "-C", "-f", "-I", "-o", "-j"))
_ECHOES = frozenset(("sed", "awk", "grep", "egrep", "tr", "echo", "printf", "[", "[[", "test"))
_MACHINE = """
    cd pwd ls mkdir rmdir rm cp mv ln touch cat head tail tee wc sort uniq cut paste join find true
    false : exit return set unset shift trap ulimit umask read local declare typeset readonly alias
    hash type which wait kill sleep date basename dirname realpath readlink mktemp chmod chown stat
    du df diff cmp cksum md5sum sha1sum sha256sum tar gzip gunzip zcat bzip2 xz unxz unzip zip zstd
    split seq yes uname hostname id whoami getopts break continue let command popd dirs jobs disown
    nproc free nvidia-smi env printenv sync truncate shuf rev tac nl fold column expr bc jq yq curl
    wget aws gsutil gcloud az rclone rsync scp s3cmd git dvc pip pip3 uv conda mamba poetry module
    apt apt-get
"""
HARMLESS = _ECHOES | frozenset(_MACHINE.split())
"""Programs of the machine that run none of a repository's code; a file of code among their
arguments is still looked at."""


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """A file that a command runs or, as an argument, may have run; relative to the repository."""

    path: str


@dataclass(frozen=True, slots=True)
class Module:
    """`python -m name`, looked for in the folder that it is run in."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Code:
    """Python source in the command."""

    text: str
    folder: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets of a Makefile; `file` is '' for make's own choice of one in `folder`."""

    names: tuple[str, ...]
    folder: str
    file: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A name that the shell searches on PATH: an installed script or another program."""

    name: str


@dataclass(frozen=True, slots=True)
class Tests:
    """pytest, which loads every `conftest.py` on the way to its arguments."""

    paths: tuple[str, ...]
    folder: str


Program = ProgramFile | Module | Code | Targets | Tool | Tests


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """One command: what it may run, in order; the folders of PYTHONPATH; the other paths that it
    names, inside the repository and (as written) outside.

    `folder` is None where it cannot be known.
    """

    text: str
    folder: str | None
    programs: tuple[Program, ...]
    roots: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    harmless: bool = False


def is_python(name: str) -> bool:
    """Return True if a program of this name is a Python interpreter."""
    return _PYTHON.match(name) is not None


def is_other_interpreter(name: str) -> bool:
    """Return True if a program of this name runs other code than Python, or unknown code."""
    return name in _INTERPRETERS or name in _MAKES


@functools.lru_cache(maxsize=1 << 14)
def find(commands: tuple[str, ...], wdir: str) -> tuple[ProgramRun, ...]:
    """Return the programs of a stage's commands. DVC runs each command in a new shell."""
    return tuple(run for command in commands for run in of_text(command, wdir))


def of_text(text: str, folder: str | None, *, script: str = "") -> tuple[ProgramRun, ...]:
    """Return the programs of a shell text; an invalid text is one unknown command."""
    try:
        commands = shell.commands(text, folder=folder, script=script)
        return tuple(_run(inner) for one in commands for inner in wrappers.unwrap(one))
    except ValueError:
        return (ProgramRun(text.strip(), folder, ()),)


def _run(command: ShellCommand) -> ProgramRun:
    name = command.words[0].rpartition("/")[2]
    names, outside = _named(command, name)
    programs = tuple(dict.fromkeys(_programs(command, name)))
    return ProgramRun(
        text=command.text,
        folder=command.folder,
        programs=programs,
        roots=_roots(command),
        names=names,
        outside=outside,
        harmless=name in HARMLESS and name not in _INTERPRETERS,
    )


def _programs(command: ShellCommand, name: str) -> Iterator[Program]:
    folder, words = command.folder, command.words
    if folder is None:
        return
    if _PYTHON.match(name):
        yield from _python(command, folder)
    elif name in _MAKES:
        yield _make(words[1:], folder)
    elif name in {"pytest", "py.test"}:
        yield _tests(words[1:], folder)
    elif name in _INTERPRETERS:
        yield from _interpreted(words[1:], folder)
    elif "/" in words[0] or words[0].endswith(SOURCES):
        yield from _script(words[0], folder)
    elif name not in HARMLESS:
        yield Tool(name)
    if name in _LAUNCHERS or "torch.distributed.run" in words:
        yield from (Module(after, folder) for after in _after(words, {"-m", "--module"}))
    for word in words[1:]:
        if word.endswith(SOURCES):
            yield from _script(word.rpartition("=")[2], folder)


def _python(command: ShellCommand, folder: str) -> Iterator[Program]:
    words = iter(command.words[1:])
    for word in words:
        if word == "-m":
            name = next(words, "")
            if name in {"pytest", "py.test"}:
                yield _tests(tuple(words), folder)
            elif name and shell.UNKNOWN not in name:
                yield Module(name, folder)
            return
        if word == "-c":
            yield Code(next(words, ""), folder)
            return
        if word in _VALUED:
            next(words, "")
        elif word == "-" or not word.startswith("-"):
            yield from _script(word, folder) if word != "-" else _input(command, folder)
            return
    yield from _input(command, folder)


def _input(command: ShellCommand, folder: str) -> Iterator[Program]:
    if command.document:
        yield Code(command.document, folder)
    if command.reads:
        yield from _script(command.reads, folder)


def _interpreted(words: tuple[str, ...], folder: str) -> Iterator[Program]:
    """The first argument that is not an option; text in `-e` may name code files in quotes."""
    for before, word in zip(("", *words), words, strict=False):
        if before in {"-e", "-E", "--eval", "-p"}:
            for quoted in re.findall(r"['\"]([^'\"]+)['\"]", word):
                yield from _script(quoted, folder)
        elif word.startswith("-") and "=" not in word:
            continue
        elif not word.startswith("--"):
            yield from _script(word, folder)
            return
        elif word.startswith("--file="):
            yield from _script(word.partition("=")[2], folder)


def _make(words: tuple[str, ...], folder: str) -> Targets:
    inside, file, names = folder, "", []
    rest = iter(words)
    for word in rest:
        option = word[:2]
        if option in {"-C", "-f"} or word in {"--directory", "--file", "--makefile"}:
            value = word[2:] if option in {"-C", "-f"} and len(word) > 2 else next(rest, "")
            if word.startswith(("-C", "--d")):
                inside = shell.enter(inside, value) or inside
            else:
                file = value
        elif word in _VALUED:
            next(rest, "")
        elif not word.startswith("-") and "=" not in word:
            names.append(word)
    return Targets(tuple(names), inside, (paths.join(inside, file) or "") if file else "")


def _tests(words: tuple[str, ...], folder: str) -> Tests:
    plain = [word.partition("::")[0] for word in words if not word.startswith("-")]
    return Tests(tuple(p for word in plain if (p := paths.join(folder, word)) is not None), folder)


def _script(word: str, folder: str) -> Iterator[ProgramFile]:
    path = paths.join(folder, word) if shell.UNKNOWN not in word else None
    if path:
        yield ProgramFile(path)


def _after(words: tuple[str, ...], options: set[str]) -> Iterator[str]:
    for before, word in itertools.pairwise(words):
        if before in options:
            yield word


def _roots(command: ShellCommand) -> tuple[str, ...]:
    written = command.settings.get("PYTHONPATH", "") if command.folder is not None else ""
    roots = (shell.enter(command.folder, part) for part in written.split(":") if part)
    return tuple(root for root in roots if root is not None)


def _named(command: ShellCommand, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the paths in the arguments: inside and outside the repository."""
    if name in _ECHOES or command.folder is None:
        return (), ()
    inside: dict[str, None] = {}
    outside: dict[str, None] = {}
    for word in command.words[1:]:
        value = word.partition("=")[2] if word.startswith("-") or "=" in word else word
        if is_outside(value, folder=command.folder):
            outside[value.replace(shell.UNKNOWN, "$")] = None
        elif _PATH.fullmatch(value) and (path := paths.join(command.folder, value)):
            inside[path] = None
    return tuple(inside), tuple(outside)


# A word without a dot or a slash may be a path or not: `train` is more often a subcommand.
_PATH = re.compile(rf"(?=[^\n]*[./])[^\n*?{shell.UNKNOWN}]{{1,1000}}")
_ABSOLUTE = re.compile(r"(?:/|~[\w.-]*/|[A-Za-z]:[\\/])[\w.][^\s:*?\"'<>|,;()]*\Z")
_HOME = re.compile(rf"{shell.UNKNOWN}(?:HOME\b|\{{HOME\}})/\S*\Z")
_UP = re.compile(r"\.\./[^\s:*?\"'<>|,;()]*\Z|\.\.\Z")


def is_outside(value: str, *, folder: str) -> bool:
    """Return True if a text is a path outside the repository: absolute, in a home folder, or with
    more `..` than folders above."""
    if value.startswith("/dev/"):
        return False
    if _ABSOLUTE.match(value) or _HOME.match(value):
        return True
    return _UP.match(value) is not None and paths.join(folder, value) is None

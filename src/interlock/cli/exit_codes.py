"""The end of a command: the one place that turns an exception into a message and an exit code.

It imports no command and no adapter, so that it works when they fail.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from interlock import errors
from interlock.cli import terminal
from interlock.services import machine_shortage

INTERRUPTED = 128 + 2
"""The exit code of a shell for a program that SIGINT ended."""
NOBODY_READS = 128 + 13
"""The exit code of a shell for a program that SIGPIPE ended. It is never 0: the lost output may
have been a failure."""


class NobodyReadsError(Exception):
    """A closed pipe, with a name that click does not know: click would exit with 1, which means
    "no" here."""


@contextmanager
def pipes_named() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise NobodyReadsError from error


def exit_with(command: Callable[[], object]) -> NoReturn:
    """Run a command, print its error, and exit; only a bug shows a traceback."""
    _write_any_character()
    try:
        code = _run(command)
    except (BrokenPipeError, NobodyReadsError):
        code = NOBODY_READS
    _drop_what_cannot_be_written()
    sys.exit(code)


def _run(command: Callable[[], object]) -> int:
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except (BrokenPipeError, NobodyReadsError):
        raise
    except click.ClickException as error:
        output = io.StringIO()
        error.show(output)
        click.echo(terminal.lines(output.getvalue().rstrip()), err=True)
        return errors.EXIT_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except errors.InterlockError as error:
        return tell(machine_shortage.of(error) or error)
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # noqa: BLE001 - the last handler: a panic of Rust is not an Exception
        return _tell_unexpected(error)
    return _number(code)


def _tell_unexpected(error: BaseException) -> int:
    """Print a shortage of this machine as one sentence; everything else is a bug."""
    short = machine_shortage.of(error)
    if short is not None:
        return tell(short)
    if isinstance(error, (OSError, MemoryError)):
        return tell(_of_the_machine(error))
    click.echo(terminal.lines(traceback.format_exc().rstrip()), err=True)
    click.echo("This is a bug in interlock; please report it with the lines above.", err=True)
    return errors.EXIT_BUG


def _number(code: object) -> int:
    return code if isinstance(code, int) else errors.EXIT_DONE


def tell(error: errors.InterlockError) -> int:
    """Print an error with the word error once: a diagnostic has that word after its position."""
    text = terminal.lines(str(error))
    is_placed = ": error: " in text.partition("\n")[0]
    click.echo(text if is_placed else f"error: {text}", err=True)
    return error.exit_code


def _of_the_machine(error: OSError | MemoryError) -> errors.OutsideFailure:
    if isinstance(error, MemoryError):
        return errors.OutsideFailure("there is not enough memory", hint="give it more")
    reason = error.strerror or str(error) or type(error).__name__
    place = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
    return errors.OutsideFailure(
        f"{place}{reason}", hint="check that it exists, its permissions, and the free space"
    )


def _write_any_character() -> None:
    """Escape characters that the terminal or the file cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _drop_what_cannot_be_written() -> None:
    """Drop the rest of the output. Otherwise Python would flush again at its end, print an error
    and exit with another code."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

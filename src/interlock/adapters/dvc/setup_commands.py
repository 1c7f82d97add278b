"""Runs the team's set-up commands in a training's tree, as a step of a workflow would run them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from interlock import errors
from interlock.adapters.dvc import process
from interlock.ports.pipeline import PipelineJob, RunEnd
from interlock.ports.refreshing import RefreshJob

_SHELL = ("bash", "-euo", "pipefail", "-c")
_BLOCK = re.compile(r"(?P<name>\w+)<<(?P<end>.+)")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The environment of the following programs; `ended` if a command failed."""

    env: Mapping[str, str]
    ended: process.Exit | None = None


def run(job: PipelineJob | RefreshJob, folder: Path, *, say: Callable[[str], None]) -> Prepared:
    """Run `job.prepare`; its additions to GITHUB_PATH and GITHUB_ENV apply to the next programs."""
    if not job.prepare:
        return Prepared(job.env)
    paths, variables = folder / "path", folder / "env"
    paths.touch()
    variables.touch()
    ended = process.run(
        [*_SHELL, job.prepare],
        cwd=job.checkout,
        env={**job.env, "GITHUB_PATH": str(paths), "GITHUB_ENV": str(variables)},
        timeout_seconds=job.timeout_seconds,
        say=say,
    )
    if ended.ended is not RunEnd.DONE:
        return Prepared(job.env, ended)
    env = {**job.env, **dict(_variables(_lines(variables)))}
    added = [line for line in _lines(paths) if line]
    env["PATH"] = os.pathsep.join([*reversed(added), env.get("PATH", "")])
    return Prepared(env)


def _lines(file: Path) -> list[str]:
    """The file's lines, in any encoding; a variable cannot contain a NUL."""
    text = file.read_text("utf-8", "surrogateescape")
    if "\0" in text:
        raise errors.CannotTrain(
            "the set-up commands wrote a NUL into GITHUB_ENV or GITHUB_PATH",
            hint="write lines `NAME=value` into the one and folders into the other",
        )
    return text.splitlines()


def _variables(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Parse `NAME=value`, or `NAME<<END`, lines, `END`, as GitHub does."""
    rest = iter(lines)
    for line in rest:
        block = _BLOCK.fullmatch(line)
        if block is None:
            name, is_one, value = line.partition("=")
            if is_one:
                yield name, value
            continue
        inside: list[str] = []
        for each in rest:
            if each == block["end"]:
                break
            inside.append(each)
        yield block["name"], "\n".join(inside)

"""Lines about the data: DVC's own reading of the repository, its remote, and missing files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interlock.domain.basics import figures
from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong

_MOST = 3


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The DVC repository in `folder` ("" is the root) at HEAD. A field `…_error` has the reason why
    that step failed, and no later step was tried; "" without one.

    `url` is the address of the default remote, "" without a remote. Of the `files` with a digest,
    `missing` are neither in the remote nor in the cache, and `unpushed` are only in the cache.
    `writes` is None if no write was tried.
    """

    folder: str
    load_error: str = ""
    url: str = ""
    read_error: str = ""
    files: int = 0
    missing: tuple[str, ...] = ()
    unpushed: tuple[str, ...] = ()
    writes: bool | None = None
    write_error: str = ""


def lines(facts: DataFacts) -> Iterator[SettingCheck]:
    """Yield the lines of one DVC repository."""
    where = f" in {facts.folder}" if facts.folder else ""
    if facts.load_error:
        yield wrong(f"DVC{where}", facts.load_error, "correct it: `dvc status` shows it, too")
        return
    yield ok(f"DVC{where}", "it reads all files of HEAD")
    if not facts.url:
        fix = "dvc remote add --default storage URL, and commit .dvc/config"
        yield wrong(f"remote{where}", "there is no default remote", fix)
        return
    if facts.read_error:
        fix = "check the address and the credentials: dvc status --cloud"
        yield wrong(f"remote{where}", f"{facts.url} cannot be read: {facts.read_error}", fix)
        return
    yield ok(f"remote{where}", f"{facts.url} can be read")
    yield _write(f"write to the remote{where}", facts)
    yield _files(f"data{where}", facts)


def _write(name: str, facts: DataFacts) -> SettingCheck:
    if facts.writes is None:
        return unknown(name, "it would write a small file", "interlock doctor --try")
    if facts.writes:
        return ok(name, "a small file was written and deleted")
    return wrong(name, facts.write_error, "use credentials that can write, as a training does")


def _files(name: str, facts: DataFacts) -> SettingCheck:
    if facts.missing:
        sentence = f"in no place: {_some(facts.missing)}"
        return wrong(name, sentence, "find the files, then dvc add or dvc repro, and dvc push")
    if facts.unpushed:
        return wrong(name, f"not in the remote: {_some(facts.unpushed)}", "dvc push")
    return ok(name, f"the remote has {figures.count(facts.files, 'file')} of HEAD")


def _some(paths: tuple[str, ...]) -> str:
    more = len(paths) - _MOST
    return ", ".join(paths[:_MOST]) + (f" and {more} more" if more > 0 else "")

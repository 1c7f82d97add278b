"""The topic data: what DVC finds in the repository and in its remote."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from interlock import errors
from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import data_lines
from interlock.domain.doctor.line import SettingCheck, unknown, wrong

_CONFIG = ".dvc/config"


def check(context: DoctorContext, options: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield the lines of each DVC repository of the checkout."""
    root = context.repository.root
    if not (root / ".git").exists():
        yield unknown("DVC", "this is a bare repository", "run it in a checkout")
        return
    named = context.repository.tree("HEAD").named(("config",), below="")
    paths = [path for path in named if f"/{path}".endswith(f"/{_CONFIG}")]
    folders = [posixpath.dirname(posixpath.dirname(path)) for path in sorted(paths)]
    if not folders:
        yield wrong("DVC", f"HEAD has no {_CONFIG}", "dvc init, and commit its files")
        return
    try:
        dvc = context.open_dvc()
    except errors.MissingSetting as error:
        yield unknown("DVC", error.message, error.hint)
        return
    for folder in folders:
        facts = dvc.inspect(root, folder=folder, with_write=options.is_trying)
        yield from data_lines.lines(facts)

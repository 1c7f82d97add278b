"""The topic clock: this machine's clock beside those of the servers."""

from __future__ import annotations

from collections.abc import Iterator

from interlock.commands.doctor.context import DoctorContext, DoctorOptions
from interlock.domain.doctor import clock_lines
from interlock.domain.doctor.line import SettingCheck


def check(context: DoctorContext, _: DoctorOptions) -> Iterator[SettingCheck]:
    """Yield a line for each server that answers."""
    facts = context.machine.inspect(folder=context.repository.root, gpus=0)
    yield from clock_lines.lines(facts.skews)

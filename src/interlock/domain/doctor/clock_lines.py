"""Lines about the clock of this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interlock.domain.doctor.line import SettingCheck, ok, unknown, wrong
from interlock.domain.training.preflight import SKEW_WARN_SECONDS

_NAME = "clock"


def lines(skews: Sequence[tuple[str, float]]) -> Iterator[SettingCheck]:
    """Yield a line for each server, with the seconds that this clock is ahead of it."""
    if not skews:
        yield unknown(_NAME, "no server answered with its time", "check the network")
    for server, seconds in skews:
        if abs(seconds) < SKEW_WARN_SECONDS:
            yield ok(_NAME, f"it agrees with {server}")
        else:
            side = "ahead of" if seconds > 0 else "behind"
            sentence = f"it is {abs(seconds):.0f} seconds {side} {server}"
            yield wrong(_NAME, sentence, "synchronize it: timedatectl set-ntp true")
